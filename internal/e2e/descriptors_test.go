package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Programs that may open few files answer while strangers hold more connections
// than that: those wait, and end.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	few := func(name string, args ...string) *exec.Cmd {
		return exec.Command("sh", append([]string{"-c", `ulimit -n 256; exec "$@"`, "sh", name}, args...)...)
	}
	c := &cluster{state: filepath.Join(t.TempDir(), "state"), program: few, http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}}
	c.start(t, "--np", "1")
	const halfOpen = "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
	for i := range 500 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.run.url("authsvc"), "http://"))
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, halfOpen, []string{"/v1/login", "/nope", "/healthz", "/v1/token"}[i%4]); err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
	}
	begun := time.Now()
	c.signIn(t, c.admin(t))
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("a login took %v", took)
	}
}
