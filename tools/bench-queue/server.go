package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/child"
	"foliocast/internal/postgres"
)

// startTime bounds the start of a process.
const startTime = time.Minute

// server is a PostgreSQL server with the settings of foliocast up, and perhaps more.
type server struct {
	dir     string
	cluster *postgres.Cluster
	command *exec.Cmd
}

func startServer(ctx context.Context, settings ...string) (_ *server, err error) {
	s := &server{}
	if s.dir, err = os.MkdirTemp("", "foliocast-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if s.cluster, err = postgres.NewCluster(filepath.Join(s.dir, "pg"), port, true); err != nil {
		return nil, err
	}
	if err := s.cluster.Init(); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := s.cluster.Command()
	for _, setting := range settings {
		command.Args = append(command.Args, "-c", setting)
	}
	command.Stderr = log
	if err := child.Start(command, syscall.SIGQUIT); err != nil {
		return nil, err
	}
	s.command = command
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := postgres.Await(ctx, s.cluster.URL()); err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	return s, nil
}

func (s *server) stop() {
	if s.command != nil {
		_ = s.command.Process.Signal(syscall.SIGINT)
		_ = s.command.Wait() // it is stopped by a signal
	}
	os.RemoveAll(s.dir)
}

func (s *server) pid() int { return s.command.Process.Pid }

// url returns the address of a database.
func (s *server) url(database string) string {
	return strings.Replace(s.cluster.URL(), "/postgres?", "/"+database+"?", 1)
}

// exec runs a statement outside of a transaction.
func (s *server) exec(ctx context.Context, database, statement string) error {
	conn, err := pgx.Connect(ctx, s.url(database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// freePort returns a port that is not in use.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
