package authsvc

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/serve/servetest"
)

// pseudoTerminal returns both ends of a terminal: what is written to the second can be
// read from the first.
func pseudoTerminal(t *testing.T) (reader *bufio.Reader, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return bufio.NewReader(master), terminal
}

func TestFirstStartPrintsThePasswordOnATerminal(t *testing.T) {
	t.Parallel()
	c := configFor(database(t))
	reader, terminal := pseudoTerminal(t)
	s := servetest.Start(t, func(ctx context.Context, log *slog.Logger) error { return runService(ctx, c, log, terminal) })
	printed, err := reader.ReadString('\n')
	var made login
	if err != nil || json.Unmarshal([]byte(printed), &made) != nil {
		t.Fatalf("%q: %v", printed, err)
	}
	if _, err := authclient.New(s.URL, nil).Login(t.Context(), made.Username, made.Password); err != nil {
		t.Error(err)
	}
	if strings.Contains(s.Log.String(), made.Password) {
		t.Error("the log has the password")
	}
}

// Standard output that is no terminal ends in a log, which many may read.
func TestFirstStartPrintsNoPasswordIntoALog(t *testing.T) {
	t.Parallel()
	c := configFor(database(t))
	_, stop := service(t, c)
	if printed := stop(); printed != "" {
		t.Errorf("printed %q", printed)
	}
	// The first administrator then comes from a command.
	out, err := run(t, c.DatabaseURL, "user", "add", "ada", "--role", "administrator")
	if err != nil {
		t.Fatal(err)
	}
	var made login
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	base, _ := service(t, c)
	if _, err := authclient.New(base, nil).Login(t.Context(), "ada", made.Password); err != nil {
		t.Error(err)
	}
}

func readLogin(t *testing.T, file string) (l login) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &l); err != nil {
		t.Fatal(err)
	}
	return l
}
