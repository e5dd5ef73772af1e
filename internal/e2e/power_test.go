package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"foliocast/internal/job"
)

// The power fails at moments of the first start: while the database is made, while the
// services make their schemas and files, and while everything runs. The next start
// works each time. FOLIOCAST_POWER_MOMENTS, as make chaos sets it, has more moments.
func TestStartAfterPowerLoss(t *testing.T) {
	t.Parallel()
	moments := os.Getenv("FOLIOCAST_POWER_MOMENTS")
	if moments == "" {
		moments = "1s 4s"
	}
	for i, text := range strings.Fields(moments) {
		after, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("%d after %s", i, text), func(t *testing.T) {
			d := newDisk(t)
			c := &cluster{state: filepath.Join(d.mounted, "state"), program: exec.Command, http: http.DefaultClient}
			base := strconv.Itoa(freePorts(t, 3)[0])
			d.failDuring(t, after, c.state, exec.Command(program(t, "foliocast"), "up", "--state", c.state, "--np", "1", "--port-base", base))
			c.foliocast(t, "up", "--np", "1", "--port-base", base, "--detach")
			defer c.foliocast(t, "down")
			c.reload(t)
			c.token = c.signIn(t, c.admin(t))
			c.addPrices(t)
			if j := c.waitJob(t, c.submit(t, "after the loss"), time.Minute); j.State != job.Done {
				t.Errorf("a job ended as %s: %v", j.State, j.Error)
			}
		})
	}
}

// disk is a file system in a file, which can lose its power.
type disk struct {
	image   string
	mounted string // where
}

// newDisk mounts a new file system, which only the thread of this test and the
// processes that it starts see: another test may not keep it mounted.
func newDisk(t *testing.T) *disk {
	t.Helper()
	runtime.LockOSThread() // and never unlocked: the thread ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		t.Fatalf("unshare: %v", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatalf("make mounts private: %v", err)
	}
	dir := t.TempDir()
	d := &disk{image: filepath.Join(dir, "image"), mounted: filepath.Join(dir, "disk")}
	writeFile(t, d.image, "")
	if err := errors.Join(os.Truncate(d.image, 1<<30), os.Mkdir(d.mounted, 0o755)); err != nil {
		t.Fatal(err)
	}
	command(t, "mkfs.ext4", "-q", "-F", d.image)
	command(t, "mount", "-o", "loop", d.image, d.mounted)
	t.Cleanup(func() { d.unmount(t, d.mounted) })
	return d
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// failDuring runs a program, takes the power away after a while, ends all processes
// that use the disk, and mounts what has reached it.
func (d *disk) failDuring(t *testing.T, after time.Duration, state string, up *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer
	up.Stdout, up.Stderr = &out, &out
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	<-time.After(after) // the moment is what is tested
	d.shutDown(t)
	_ = up.Process.Kill()
	_ = up.Wait()
	t.Logf("until the power failed:\n%s", out.String())
	d.unmount(t, state)
	command(t, "mount", "-o", "loop", d.image, d.mounted)
}

// shutDown is EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from now on nothing
// reaches the disk, and what was not synced is lost.
func (d *disk) shutDown(t *testing.T) {
	t.Helper()
	f, err := os.Open(d.mounted)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const shutdown, noLogFlush = 0x8004587d, 2
	flags := uint32(noLogFlush)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), shutdown, uintptr(unsafe.Pointer(&flags))); errno != 0 {
		t.Fatalf("shut the file system down: %v", errno)
	}
}

// unmount unmounts the disk once no process uses it, and kills those that do.
func (d *disk) unmount(t *testing.T, state string) {
	t.Helper()
	await(t, time.Minute, "the last process on the disk", func() (bool, string) {
		err := unix.Unmount(d.mounted, 0)
		if err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: it is not mounted
			for _, pid := range using(state) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			return false, err.Error()
		}
		return true, ""
	})
}

// using lists the processes of the parts in a state directory, and those that work in
// it.
func using(state string) []int {
	var pids []int
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		environment, _ := os.ReadFile(filepath.Join(dir, "environ"))
		cwd, _ := os.Readlink(filepath.Join(dir, "cwd"))
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil && pid != os.Getpid() &&
			(bytes.Contains(environment, []byte("FOLIOCAST_PART="+state)) || strings.HasPrefix(cwd, state)) {
			pids = append(pids, pid)
		}
	}
	return pids
}
