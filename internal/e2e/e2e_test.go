// Package e2e runs the built programs, all the way round, against real parts:
// PostgreSQL, mpirun, Slurm, hosts made of namespaces, and faults.
package e2e

import (
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// await polls until done reports true, and fails with the last thing seen.
func await(t testing.TB, limit time.Duration, what string, done func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, seen := done()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s; last seen: %s", limit, what, seen)
		}
		<-tick.C
	}
}

// freePorts returns n consecutive loopback ports that nobody listens on.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	for range 50 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		base := first.Addr().(*net.TCPAddr).Port
		ports, free := []int{base}, base+n < 65536
		held := []net.Listener{first}
		for p := base + 1; free && p < base+n; p++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
			if free = err == nil; free {
				held, ports = append(held, l), append(ports, p)
			}
		}
		for _, l := range held {
			l.Close()
		}
		if free {
			return ports
		}
	}
	t.Fatalf("no %d consecutive free ports", n)
	return nil
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
