package child_test

import (
	"bufio"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"foliocast/internal/child"
)

// A test of this package runs itself as the program that dies.
func TestMain(m *testing.M) {
	if os.Getenv("CHILD_TEST_PARENT") != "" {
		parent()
	}
	os.Exit(m.Run())
}

// parent starts a child, says so and waits to be killed.
func parent() {
	cmd := exec.Command("sleep", "1000")
	cmd.Stdout = os.Stdout // held open for as long as the child lives
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString("started\n")
	select {}
}

func TestTheChildEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), "CHILD_TEST_PARENT=1")
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "started\n" {
		t.Fatalf("the program said %q, %v", line, err)
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if rest, err := lines.ReadString('\n'); rest != "" || err == nil {
		t.Errorf("read %q, %v: want the end of a pipe that nobody holds", rest, err)
	}
	_ = program.Wait()
}

// Threads end while the program goes on, among them those on which a child is asked for.
func TestTheChildOutlivesThreads(t *testing.T) {
	t.Parallel()
	var group sync.WaitGroup
	children := make([]*exec.Cmd, 20)
	for i := range children {
		children[i] = exec.Command("cat")
		stdin, err := children[i].StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			stdin.Close()
			if err := children[i].Wait(); err != nil {
				t.Errorf("child %d: %v, want an end at the end of its input", i, err)
			}
		}()
		group.Go(func() {
			runtime.LockOSThread() // and never unlocked: the thread ends here
			if err := child.Start(children[i], syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
