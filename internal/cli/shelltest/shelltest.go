// Package shelltest types into real shells, at a terminal of their own. It serves tests only.
package shelltest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds how long a shell may take to show something.
const patience = 20 * time.Second

// again is after how long the tab key is pressed again.
const again = 3 * time.Second

// Terminal opens a terminal of 50 rows and 200 columns: what is written to keyboard is typed there, and what a program prints
// into screen can be read from keyboard.
func Terminal(t testing.TB) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 200}); err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keyboard, screen
}

// Shell is a shell that somebody types into.
type Shell struct {
	t        testing.TB
	keyboard *os.File
	mu       sync.Mutex
	shown    strings.Builder
	from     int // what was shown before the last line that was typed
}

// Start starts a shell, bash or zsh, in a folder and with an environment, in which program is the program at path, and loads
// its completion. Bash is without the package bash-completion.
func Start(t testing.TB, shell, program, path, folder string, environment map[string]string) *Shell {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(path, filepath.Join(bin, program)); err != nil {
		t.Fatal(err)
	}
	keyboard, screen := Terminal(t)
	s := &Shell{t: t, keyboard: keyboard}
	args := map[string][]string{"bash": {"--norc", "--noprofile", "-i"}, "zsh": {"-f", "-i"}}[shell]
	cmd := exec.Command(shell, args...)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm", "INPUTRC=/dev/null", "PS1=$ ", "LC_ALL=C.UTF-8"}
	for name, value := range environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // it ends with its terminal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	go s.read()
	set := "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; "
	if shell == "zsh" {
		set = "unset zle_bracketed_paste; autoload -U compinit; compinit -D -u; "
	}
	s.Type(set + "source <(" + program + " completion " + shell + "); echo lo''aded\n")
	s.Shows("loaded")
	return s
}

// read keeps what the terminal shows, until it is closed.
func (s *Shell) read() {
	part := make([]byte, 4096)
	for {
		n, err := s.keyboard.Read(part)
		s.mu.Lock()
		s.shown.Write(part[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Type types keys. What was shown before is forgotten.
func (s *Shell) Type(keys string) {
	s.t.Helper()
	s.mu.Lock()
	s.from = s.shown.Len()
	s.mu.Unlock()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// controls are sequences that move the cursor or colour text, and the bell.
var controls = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07|\r")

// Screen is what was shown since the last keys were typed, in one line where characters were written over others.
func (s *Shell) Screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var screen []rune
	at := 0
	for _, r := range controls.ReplaceAllString(s.shown.String()[s.from:], "") {
		switch {
		case r == '\b':
			at = max(at-1, 0)
			continue
		case at < len(screen):
			screen[at] = r
		default:
			screen = append(screen, r)
		}
		at++
	}
	return string(screen)
}

// Shows waits until the screen shows a text.
func (s *Shell) Shows(text string) {
	s.t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(s.Screen(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("the shell does not show %q: %q", text, s.Screen())
		}
	}
}

// Completes types the beginning of a line and the tab key, and waits until the shell has made it line. It then clears the line.
// On a machine that has much to do, a completion may have too little time: the key is pressed again then, as a person would.
func (s *Shell) Completes(beginning, line string) {
	s.t.Helper()
	s.Type(beginning)
	for end := time.Now().Add(patience); ; {
		if _, err := s.keyboard.WriteString("\t"); err != nil {
			s.t.Fatal(err)
		}
		for again := time.Now().Add(again); time.Now().Before(again); time.Sleep(5 * time.Millisecond) {
			if strings.Contains(s.Screen(), line) {
				s.Type("\x15")
				return
			}
		}
		if time.Now().After(end) {
			s.t.Fatalf("the shell does not complete %q to %q: %q", beginning, line, s.Screen())
		}
	}
}

// Leaves types the beginning of a line and the tab key, and fails the test if the shell changes the line or says anything.
func (s *Shell) Leaves(beginning string) {
	s.t.Helper()
	s.Type(beginning + "\t#") // the shell shows # when it has done with the key before
	s.Shows("#")
	if got := strings.TrimSpace(s.Screen()); got != beginning+"#" {
		s.t.Errorf("%q became %q", beginning, got)
	}
	s.Type("\x15")
}

// Fish lists what fish completes a line to, each with a tab and its description.
func Fish(t testing.TB, program, path, line string, environment map[string]string) []string {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(path, filepath.Join(bin, program)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("fish", "--no-config", "-c", program+" completion fish | source; complete -C $argv[1]", line)
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm"}
	for name, value := range environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("fish: %v: %s", err, errs.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
