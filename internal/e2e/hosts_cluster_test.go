package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// hosts are several computers on one: network namespaces on a bridge, which has
// a namespace of its own so that the machine's network is left alone. What Open
// MPI starts on a host sees a host name of its own.
type hosts struct {
	dir    string
	prefix string
	names  []string
}

// subnet is the network between the hosts; host i has the address i+1 in it.
const subnet = "10.213.77."

// startHosts makes n hosts that reach each other, each with a loopback device.
func startHosts(t *testing.T, n int) *hosts {
	t.Helper()
	h := &hosts{dir: t.TempDir(), prefix: fmt.Sprintf("fc%08x", rand.Uint32())} // namespaces are the machine's: tests run side by side
	bridge := h.prefix + "sw"
	t.Cleanup(func() {
		for _, ns := range append([]string{bridge}, h.names...) {
			h.killAll(t, ns)
			if out, err := exec.Command("ip", "netns", "delete", ns).CombinedOutput(); err != nil {
				t.Errorf("delete namespace %s: %s", ns, out)
			}
		}
	})
	h.ip(t, "netns", "add", bridge)
	h.ip(t, "-n", bridge, "link", "add", "br0", "type", "bridge")
	h.ip(t, "-n", bridge, "link", "set", "br0", "up")
	etcHosts := "127.0.0.1 localhost\n"
	for i := range n {
		name := fmt.Sprintf("%sh%d", h.prefix, i)
		h.ip(t, "netns", "add", name)
		h.names = append(h.names, name)
		h.ip(t, "-n", bridge, "link", "add", link(i), "type", "veth", "peer", "name", "eth0", "netns", name)
		h.ip(t, "-n", bridge, "link", "set", link(i), "master", "br0", "up")
		h.ip(t, "-n", name, "addr", "add", h.address(i)+"/24", "dev", "eth0")
		h.ip(t, "-n", name, "link", "set", "eth0", "up")
		h.ip(t, "-n", name, "link", "set", "lo", "up")
		etcHosts += h.address(i) + " " + name + "\n"
	}
	writeFile(t, filepath.Join(h.dir, "hosts"), etcHosts)
	h.writeAgent(t)
	return h
}

func link(i int) string               { return fmt.Sprintf("port%d", i) }
func (h *hosts) address(i int) string { return fmt.Sprintf("%s%d", subnet, i+1) }
func (h *hosts) agent() string        { return filepath.Join(h.dir, "agent") }

// writeAgent writes the program that Open MPI calls in place of ssh, with the
// name of a host and a command line for its shell.
func (h *hosts) writeAgent(t *testing.T) {
	t.Helper()
	script := fmt.Sprintf(`#!/bin/sh
host=$1
shift
exec ip netns exec "$host" unshare --uts --mount sh -c 'hostname "$0" && mount --bind "$1/hosts" /etc/hosts &&
	mount -t tmpfs -o mode=1777 shm /dev/shm && shift && exec sh -c "$*"' "$host" %q "$@"
`, h.dir)
	if err := os.WriteFile(h.agent(), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

// on prepares a command that will run on host i.
func (h *hosts) on(i int, name string, args ...string) *exec.Cmd {
	return exec.Command(h.agent(), append([]string{h.names[i], "exec", name}, quoted(args)...)...)
}

func quoted(args []string) []string {
	q := make([]string, len(args))
	for i, a := range args {
		q[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return q
}

// mpirun is the part of an mpirun command line that spreads ranks over the
// hosts by TCP and notices within seconds that one has gone.
func (h *hosts) mpirun(slots int, on ...int) []string {
	var list []string
	for _, i := range on {
		list = append(list, fmt.Sprintf("%s:%d", h.names[i], slots))
	}
	return []string{"--host", strings.Join(list, ","), "--bind-to", "none", "--oversubscribe",
		"--mca", "plm_rsh_agent", h.agent(), "--mca", "btl", "tcp,self,vader",
		"--mca", "btl_tcp_if_include", subnet + "0/24", "--mca", "oob_tcp_if_include", subnet + "0/24",
		"--mca", "oob_tcp_keepalive_time", "2", "--mca", "oob_tcp_keepalive_intvl", "1", "--mca", "oob_tcp_keepalive_probes", "3"}
}

// cut takes the link of host i down, mend brings it back.
func (h *hosts) cut(t *testing.T, i int) {
	h.ip(t, "-n", h.prefix+"sw", "link", "set", link(i), "down")
}
func (h *hosts) mend(t *testing.T, i int) { h.ip(t, "-n", h.prefix+"sw", "link", "set", link(i), "up") }

// crash ends every process of host i at once, as a power failure does.
func (h *hosts) crash(t *testing.T, i int) { h.killAll(t, h.names[i]) }

func (h *hosts) killAll(t *testing.T, ns string) {
	out, err := exec.Command("ip", "netns", "pids", ns).Output()
	if err != nil {
		t.Errorf("processes of %s: %v", ns, err)
	}
	for pid := range strings.FieldsSeq(string(out)) {
		if pid != strconv.Itoa(os.Getpid()) { // a thread of ours may be dialing
			_ = exec.Command("kill", "-9", pid).Run() // it may have ended by itself
		}
	}
}

func (h *hosts) ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// dial connects from inside host i: a socket belongs to the namespace that
// its thread was in when it was made.
func (h *hosts) dial(i int) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		runtime.LockOSThread()
		home, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			return nil, err
		}
		defer home.Close()
		away, err := os.Open(filepath.Join("/run/netns", h.names[i]))
		if err != nil {
			return nil, err
		}
		defer away.Close()
		if err := unix.Setns(int(away.Fd()), unix.CLONE_NEWNET); err != nil {
			return nil, err
		}
		defer func() {
			// A thread that cannot return to its namespace must not be used again.
			if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
				err = errors.Join(err, back)
				return
			}
			runtime.UnlockOSThread()
		}()
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}
