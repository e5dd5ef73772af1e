package e2e

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
)

// top draws on a terminal what it sees, also after the message service was killed and started again, and leaves the terminal as it was.
func TestTopOnATerminal(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2)
	c.login(t)
	cmd := exec.Command("script", "-qec", program(t, "foliocast")+" --state "+c.state+" top", "/dev/null") // makes a terminal
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(filepath.Dir(c.state), "config"), "TERM=xterm")
	var shown screen
	cmd.Stdout = &shown
	keys, err := cmd.StdinPipe()
	if err == nil {
		err = child.Start(cmd, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }() // an error means that it has ended
	await(t, time.Minute, "the world", shown.has("worlds: 1   ranks: 2", "waits"))
	supervisor := c.run.Supervisor
	if err := syscall.Kill(supervisor, syscall.SIGSTOP); err != nil { // it restarts nothing meanwhile
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(supervisor, syscall.SIGCONT) }() // also when the test fails meanwhile
	c.kill(t, "queue")
	await(t, time.Minute, "a note", shown.has("No answer for", "message service", "worlds: 1   ranks: 2"))
	if err := syscall.Kill(supervisor, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	await(t, time.Minute, "the world again", func() (bool, string) {
		ok, seen := shown.has("worlds: 1   ranks: 2")()
		return ok && !strings.Contains(seen, "No answer for"), seen
	})
	if _, err := io.WriteString(keys, "xq"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if _, seen := shown.has()(); !strings.HasSuffix(strings.TrimSpace(seen), "\x1b[?25h\x1b[?1049l") {
		t.Errorf("it leaves the terminal after %q", seen[max(0, len(seen)-200):])
	}
}

// screen is what a program has written to a terminal. Safe for concurrent use.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Contains(b, []byte("\x1b[H")) {
		s.text.Reset() // a new picture
	}
	return s.text.Write(b)
}

// has reports whether texts are to be seen.
func (s *screen) has(texts ...string) func() (bool, string) {
	return func() (bool, string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		seen := s.text.String()
		for _, text := range texts {
			if !strings.Contains(seen, text) {
				return false, seen
			}
		}
		return true, seen
	}
}
