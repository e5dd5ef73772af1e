// Package e2e tests the built programs from end to end, with a real PostgreSQL,
// a real mpirun and a real Slurm, on hosts made of namespaces, and while parts
// are killed.
package e2e

import (
	"fmt"
	"math/rand/v2"
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

// freePorts returns n consecutive loopback ports that are not in use, below
// those that the kernel gives to outgoing connections.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	for range 100 {
		base := 10000 + rand.IntN(22000-n)
		var ports []int
		for port := base; port < base+n; port++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				break
			}
			l.Close()
			ports = append(ports, port)
		}
		if len(ports) == n {
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
