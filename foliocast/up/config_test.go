package up

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"no state":      {Config{NP: 1}, "state directory is missing"},
		"minus ranks":   {Config{State: "x", NP: -1}, "must be 0 to 512, is -1"},
		"many ranks":    {Config{State: "x", NP: 513}, "must be 0 to 512, is 513"},
		"high port":     {Config{State: "x", NP: 1, Ports: PortsFrom(65534)}, "port of frontend must be 1 to 65535, is 65536"},
		"one database":  {Config{State: "x", NP: 1, Databases: Databases{Auth: "a", Frontend: "b"}}, "database of queue is missing"},
		"negative port": {Config{State: "x", NP: 1, Ports: PortsFrom(-1)}, "port of authsvc must be 1 to 65535, is -1"},
	} {
		if _, err := c.config.completed(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	free, err := ports.listen(loopback)
	if err != nil || len(free) != 3 {
		t.Errorf("free ports: %v, %v", free, err)
	}
	for _, socket := range free {
		socket.Close()
	}
	ports.Queue = l.Addr().(*net.TCPAddr).Port
	for range 2 { // the first attempt leaves nothing open
		_, err = ports.listen(loopback)
		if err == nil || !strings.Contains(err.Error(), "of queue is in use") || strings.Contains(err.Error(), "authsvc") || !strings.Contains(err.Error(), "--port-base") {
			t.Errorf("got %v", err)
		}
	}
}

func TestWhoIsServed(t *testing.T) {
	t.Parallel()
	for host, all := range map[string]bool{loopback: false, "": true} {
		ports, err := FreePorts()
		if err != nil {
			t.Fatal(err)
		}
		sockets, err := ports.listen(host)
		if err != nil {
			t.Fatal(err)
		}
		for name, socket := range sockets {
			l, err := net.FileListener(socket)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Addr().(*net.TCPAddr).IP.IsUnspecified(); got != all {
				t.Errorf("%s listens at %s", name, l.Addr())
			}
			l.Close()
			socket.Close()
		}
	}
}

func TestMissingProgramsAreNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"authsvc", "queue"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Start(t.Context(), Config{State: filepath.Join(dir, "state"), NP: 1, Programs: dir})
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{"frontend", "mpicalc", "make build"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in %q", want, err)
		}
	}
	if strings.Contains(err.Error(), "authsvc") {
		t.Errorf("authsvc is there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "state")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a start that cannot be leaves a directory: %v", err)
	}
}

func TestProgramsOfAnotherVersionAreNamed(t *testing.T) {
	t.Parallel()
	dir := standIns(t)
	for name, version := range map[string]string{"authsvc": "1.2.0", "queue": "1.2.0-3-gabc-dirty", "frontend": "unknown", "mpicalc": "1.1.9"} {
		if err := os.WriteFile(filepath.Join(dir, "version of "+name), []byte(version), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	state := filepath.Join(dir, "state")
	_, err := Start(t.Context(), Config{State: state, NP: 1, Programs: dir, Version: "1.2.0"})
	if err == nil {
		t.Fatal("it started")
	}
	if want := filepath.Join(dir, "mpicalc") + " is version 1.1.9, and this foliocast is version 1.2.0\n"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %q, want it to begin with %q", err, want)
	}
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		if strings.Contains(err.Error(), name) {
			t.Errorf("%s is right or a developer's: %v", name, err)
		}
	}
	all, err := findPrograms(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := all.checkVersions(t.Context(), "1.3.0-dirty"); err != nil {
		t.Errorf("a developer's supervisor: %v", err)
	}
	all.queue = "/bin/echo"
	if err := all.checkVersions(t.Context(), "1.1.9"); err == nil || !strings.Contains(err.Error(), "/bin/echo is not the program") {
		t.Errorf("another program: %v", err)
	}
}

func TestReadAdmin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := ReadAdmin(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	for text, ok := range map[string]bool{`{"username":"admin","password":"x"}`: true, `{"username":"admin"}`: false, `[`: false} {
		if err := os.WriteFile(AdminPath(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadAdmin(dir); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
