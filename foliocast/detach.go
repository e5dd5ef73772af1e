package foliocast

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"foliocast/foliocast/up"
)

// readyWord is the last line of a detached child's report when all is well.
const readyWord = "ready"

// detach runs everything in a process of its own, and says what to do next.
func (a *app) detach(ctx context.Context, state string, f upFlags, moved bool) error {
	run, err := a.startDetached(ctx, state, f, moved, func(s string) { line(a.err, "%s", s) })
	if err != nil {
		return err
	}
	return a.showRunning(state, run)
}

// startDetached starts this program again as a process without a terminal, passes on what it reports, line by line, and
// returns when it says that every part answers.
func (a *app) startDetached(ctx context.Context, state string, f upFlags, moved bool, report func(string)) (run up.Run, err error) {
	self, err := os.Executable()
	if err != nil {
		return run, err
	}
	if err := up.MakeState(state); err != nil {
		return run, err
	}
	log, err := os.OpenFile(filepath.Join(state, "log", "up.log"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return run, err
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return run, err
	}
	defer read.Close()
	args := []string{"up", "--state", state, "--np", strconv.Itoa(f.np), "--hang-after", f.hang.String(), "--report-fd", "3"}
	if a.json {
		args = append(args, "--json") // for what it reports
	}
	if moved {
		args = append(args, "--port-base", strconv.Itoa(f.portBase))
	}
	if f.listen != "" {
		args = append(args, "--listen", f.listen)
	}
	for _, name := range f.names {
		args = append(args, "--name", name)
	}
	if f.plain {
		args = append(args, "--plain-http")
	}
	cmd := exec.Command(self, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	write.Close()
	if err != nil {
		return run, fmt.Errorf("start the supervisor: %w", err)
	}
	ready := make(chan bool, 1)
	go func() { ready <- passOn(bufio.NewScanner(read), report) }()
	select {
	case ok := <-ready:
		if !ok {
			return run, a.failed(cmd.Wait())
		}
		return up.ReadRun(state)
	case <-ctx.Done():
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		return run, &interrupted{}
	}
}

// passOn passes on the child's report and reports whether every part came up.
func passOn(child *bufio.Scanner, report func(string)) bool {
	for child.Scan() {
		if child.Text() == readyWord {
			return true
		}
		report(child.Text())
	}
	return false
}

// failed is the error of a child that did not come up. The child has reported why.
func (a *app) failed(err error) error {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return errors.Join(errors.New("the supervisor ended before every part answered"), err)
	}
	return &reported{code: exit.ExitCode(), text: "the supervisor ended: " + strings.TrimSpace(exit.String())}
}

// reported is a failure whose reason is on the screen.
type reported struct {
	code     int
	text     string
	textOnly bool // but not with --json
}

func (r *reported) Error() string { return r.text }
