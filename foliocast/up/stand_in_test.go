package up

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary stands in for the five programs under their names, so that
// the supervisor meets a real PostgreSQL, a real mpirun and real processes,
// and no program of another folder.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGUSR1, os.Interrupt)
	defer stop()
	name := filepath.Base(os.Args[0])
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		version, _ := os.ReadFile(filepath.Join(filepath.Dir(os.Args[0]), "version of "+name))
		fmt.Println(name + " version " + string(version))
		os.Exit(0)
	}
	var err error
	switch name {
	case "authsvc":
		err = standInForAuth(ctx)
	case "queue", "frontend":
		err = standInForService(ctx)
	case "mpicalc":
		err = standInForRank(ctx)
	case "supervisor":
		err = standInForUp(ctx)
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func standInForAuth(ctx context.Context) error {
	if len(os.Args) > 5 && os.Args[1] == "service" && os.Args[2] == "add" && os.Args[4] == "--scope" {
		fmt.Printf(`{"client_id":%q,"client_secret":"secret of %s"}`, os.Args[3], os.Args[3])
		return nil
	}
	if os.Getenv("FOLIOCAST_DATABASE_URL") == "" {
		return errors.New("no database")
	}
	if strings.Join(os.Args[1:], " ") == "user password admin" {
		fmt.Print(`{"username":"admin","password":"new"}`)
		return nil
	}
	if _, err := os.Stat(os.Getenv("FOLIOCAST_ADMIN_FILE")); err != nil { // the first time
		if err := os.WriteFile(os.Getenv("FOLIOCAST_ADMIN_FILE"), []byte(`{"username":"admin","password":"x"}`), 0o600); err != nil {
			return err
		}
	}
	return standInForService(ctx)
}

// standInForRank is a rank of a world, which logs nothing that a world logs.
func standInForRank(ctx context.Context) error {
	fmt.Println("a rank of " + os.Getenv("FOLIOCAST_LINEAGE"))
	if os.Getenv("OMPI_COMM_WORLD_RANK") != "0" {
		<-ctx.Done()
		return nil
	}
	if err := os.WriteFile(os.Getenv("FOLIOCAST_READY_FILE"), nil, 0o600); err != nil {
		return err
	}
	for beat := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			return nil
		case now := <-beat.C:
			_ = os.Chtimes(os.Getenv("FOLIOCAST_READY_FILE"), now, now)
		}
	}
}

func standInForService(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(filepath.Dir(os.Args[0]), "fail")); err == nil {
		return errors.New("this stand-in fails as it was told")
	}
	if got := os.Getenv("FOLIOCAST_LISTEN"); got != "fd:3" {
		return errors.New("this stand-in listens on fd:3 only, not on " + got)
	}
	listener, err := net.FileListener(os.NewFile(3, "listen"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "pid %d", os.Getpid())
	})}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// standInForUp is foliocast up in a process of its own: the arguments are the
// state directory and the first port.
func standInForUp(ctx context.Context) error {
	var base int
	if _, err := fmt.Sscan(os.Args[2], &base); err != nil {
		return err
	}
	c, err := Start(ctx, Config{State: os.Args[1], NP: 1, Ports: PortsFrom(base), Throwaway: true,
		Programs: filepath.Dir(os.Args[0]), Say: func(s string) { fmt.Println(s) }})
	if err != nil {
		return err
	}
	fmt.Println("up")
	<-ctx.Done()
	c.Stop()
	return nil
}

// standIns makes a directory with the five programs and the supervisor.
func standIns(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"authsvc", "queue", "frontend", "mpicalc", "supervisor"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
