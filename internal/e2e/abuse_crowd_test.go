package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// crowd is the hostile clients, and what their attacks were answered.
type crowd struct {
	services map[string]string   // addresses by name
	tokens   map[string][]string // by role
	arms     *arms

	mu      sync.Mutex
	answers map[string]map[string]int // by attack and outcome
	faults  []string
}

// hostile is one client, which has an address of its own.
type hostile struct {
	*crowd
	number int
	http   *http.Client
	dialer net.Dialer
	held   []io.Closer // connections that it keeps open
}

const (
	// mostHeld is how many connections a hostile client keeps open.
	mostHeld = 16
	// accounts is how many users of each role are hostile.
	accounts = 4
)

// attack is one hostile act.
type attack struct {
	name string
	do   func(ctx context.Context, h *hostile, name string)
}

// crowdVariable has the plan of a crowd, in the process that is the crowd.
const crowdVariable = "FOLIOCAST_CROWD"

// plan is what a crowd is told, as JSON.
type plan struct {
	Clients  int
	Lasts    time.Duration
	Services map[string]string
	Tokens   map[string][]string
}

// startCrowd starts the crowd in a process of its own, which has the lowest priority so that it takes no more from the
// services than clients on other machines do. It returns when the attack begins; the channel is closed when it has ended.
func startCrowd(t *testing.T, c *cluster, force string) <-chan struct{} {
	t.Helper()
	p := plan{Services: map[string]string{}, Tokens: map[string][]string{"administrator": {c.token}}}
	var lasts string
	if _, err := fmt.Sscan(force, &p.Clients, &lasts); err != nil {
		t.Fatalf("FOLIOCAST_ABUSE=%q is not a number of clients and a time, as in 64 5m", force)
	}
	var err error
	if p.Lasts, err = time.ParseDuration(lasts); err != nil {
		t.Fatalf("FOLIOCAST_ABUSE: %v", err)
	}
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		p.Services[name] = c.run.url(name)
	}
	for i := range 2 * accounts {
		role := []string{"manager", "secretary"}[i%2]
		p.Tokens[role] = append(p.Tokens[role], c.addUser(t, fmt.Sprintf("mallory%d", i), role))
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "nice", "-n", "19", os.Args[0], "-test.v", "-test.run", "^TestAbuse$")
	cmd.Env = append(os.Environ(), crowdVariable+"="+string(text))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Linux shares the time out among sessions first, if it groups processes by them, and
	// looks at priorities inside of each.
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", cmd.Process.Pid), []byte("19"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	begun, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == attacking {
				close(begun)
				continue
			}
			t.Log(strings.TrimSpace(lines.Text()))
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the crowd: %v", err)
		}
	}()
	select {
	case <-begun:
	case <-ended:
		t.Fatal("the crowd ended before it began")
	}
	return ended
}

// attacking is the line that a crowd prints when it begins.
const attacking = "the crowd attacks"

// attackBy is the crowd: it attacks by the plan, and fails the test for every answer that no request may have.
func attackBy(t *testing.T, text string) {
	var p plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	c := &crowd{services: p.Services, tokens: p.Tokens, arms: newArms(t), answers: map[string]map[string]int{}}
	attacks := c.attacks()
	if p.Clients < len(attacks) {
		t.Errorf("%d clients cannot try all %d attacks", p.Clients, len(attacks))
	}
	ctx, cancel := context.WithTimeout(t.Context(), p.Lasts)
	defer cancel()
	fmt.Println(attacking)
	var running sync.WaitGroup
	for i := range p.Clients {
		h := &hostile{crowd: c, number: i, dialer: net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i%250))}}}
		h.http = &http.Client{Transport: &http.Transport{DialContext: h.dialer.DialContext, MaxIdleConnsPerHost: 4}}
		running.Go(func() { h.attack(ctx, attacks) })
	}
	running.Wait()
	for _, name := range slices.Sorted(maps.Keys(c.answers)) {
		var parts []string
		for _, outcome := range slices.Sorted(maps.Keys(c.answers[name])) {
			parts = append(parts, fmt.Sprintf("%s ×%d", outcome, c.answers[name][outcome]))
		}
		t.Logf("%-28s %s", name, strings.Join(parts, ", "))
	}
	for _, fault := range c.faults {
		t.Error(fault)
	}
}

// attack tries one attack after the other; each client begins with another one.
func (h *hostile) attack(ctx context.Context, attacks []attack) {
	for i := h.number; ctx.Err() == nil; i++ {
		a := attacks[i%len(attacks)]
		one, done := context.WithTimeout(ctx, 20*time.Second)
		a.do(one, h, a.name)
		done()
	}
	for _, held := range h.held {
		held.Close()
	}
	h.http.CloseIdleConnections()
}

// note counts the outcome of an attack.
func (c *crowd) note(name, outcome, fault string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answers[name] == nil {
		c.answers[name] = map[string]int{}
	}
	c.answers[name][outcome]++
	if fault != "" && len(c.faults) < 10 {
		c.faults = append(c.faults, name+": "+fault)
	}
}

// judge notes an answer: of those of 500 and above, only a 503 that says when to
// come again is allowed.
func (c *crowd) judge(name string, resp *http.Response) {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // the connection may be cut on purpose
	resp.Body.Close()
	fault := ""
	if resp.StatusCode >= 500 && (resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "") {
		fault = fmt.Sprintf("got %s, Retry-After %q: %.500s", resp.Status, resp.Header.Get("Retry-After"), text)
	}
	c.note(name, fmt.Sprint(resp.StatusCode), fault)
}

// token is that of the client's account of a role.
func (h *hostile) token(role string) string {
	return h.tokens[role][h.number%len(h.tokens[role])]
}

// send sends a request as a role, or as a stranger.
func (h *hostile) send(ctx context.Context, name, role, service, method, path, media string, body io.Reader) {
	req, err := http.NewRequestWithContext(ctx, method, h.services[service]+path, body)
	if err != nil {
		h.note(name, "not sent", err.Error())
		return
	}
	if role != "" {
		req.Header.Set("Authorization", "Bearer "+h.token(role))
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	h.do(name, req)
}

func (h *hostile) do(name string, req *http.Request) {
	resp, err := h.http.Do(req)
	if err != nil {
		outcome := "cut off"
		if errors.Is(err, context.DeadlineExceeded) {
			outcome = "still waiting"
		}
		h.note(name, outcome, "")
		return
	}
	h.judge(name, resp)
}

// hold opens a connection, writes text to it, and keeps it open without another byte.
func (h *hostile) hold(ctx context.Context, name, service, text string) {
	conn, err := h.dialer.DialContext(ctx, "tcp", strings.TrimPrefix(h.services[service], "http://"))
	if err != nil {
		h.note(name, "not connected", "")
		return
	}
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		h.note(name, "cut off", "")
	} else {
		h.note(name, "held", "")
	}
	h.held = append(h.held, conn)
	if len(h.held) > mostHeld {
		h.held[0].Close()
		h.held = h.held[1:]
	}
}
