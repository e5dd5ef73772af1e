package api

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"foliocast/authsvc/client"
	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/serve/servetest"
)

// attempt sends a login through the trusted proxy of the fixture, and returns the status
// and the device of the answer.
func (f *fixture) attempt(t *testing.T, address string, with client.Credentials) (status int, device string) {
	t.Helper()
	body, err := json.Marshal(with)
	if err != nil {
		t.Fatal(err)
	}
	resp, text := f.send(t, "POST", "/v1/login", string(body), "Content-Type", "application/json", "X-Forwarded-For", address)
	var tokens client.Tokens
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal([]byte(text), &tokens); err != nil {
			t.Fatal(err)
		}
	}
	if (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) && resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d without Retry-After", resp.StatusCode)
	}
	return resp.StatusCode, tokens.Device
}

var wrong = client.Credentials{Username: "admin", Password: "a wrong password"}
var right = client.Credentials{Username: "admin", Password: adminPassword}

// guesses returns how many of n wrong passwords for admin are checked.
func (f *fixture) guesses(t *testing.T, address string, n int) (checked int) {
	t.Helper()
	for range n {
		if status, _ := f.attempt(t, address, wrong); status == http.StatusUnauthorized {
			checked++
		}
	}
	return checked
}

// A service that has the right forwards logins: wrong passwords count for the person's machine,
// and keep nobody else out. No other token makes a source count.
func TestForwardedLoginsCountForThePerson(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.run(t)
	if err := f.store.SetService(t.Context(), "frontend", token.Digest("secret"), []auth.Scope{auth.QueueEnqueue, auth.LoginsForward}); err != nil {
		t.Fatal(err)
	}
	open := client.New(f.url, nil)
	bearer := func(name string) string {
		t.Helper()
		tokens, err := open.Credentials(t.Context(), name, "secret", auth.Authsvc)
		if err != nil {
			t.Fatal(err)
		}
		return tokens.AccessToken
	}
	login := func(token, source string, with client.Credentials) int {
		t.Helper()
		with.Token, with.Source = token, "" // not as a trusted proxy, which the fixture's machine is
		body, err := json.Marshal(with)
		if err != nil {
			t.Fatal(err)
		}
		resp, _ := f.send(t, "POST", "/v1/login", string(body), "Content-Type", "application/json", "Authorization", "Bearer "+token, client.SourceHeader, source)
		return resp.StatusCode
	}
	mine := bearer("frontend")
	for range 10 {
		if status := login(mine, "192.0.2.1", wrong); status != http.StatusUnauthorized {
			t.Fatalf("got %d", status)
		}
	}
	if status := login(mine, "192.0.2.1", right); status != http.StatusTooManyRequests {
		t.Errorf("the right password after ten wrong ones from there: got %d", status)
	}
	if status := login(mine, "192.0.2.2", right); status != http.StatusOK {
		t.Errorf("somebody else at the same console: got %d", status)
	}
	if e := f.await(t, audit.Filter{Action: "login", Outcome: audit.Done}); e.Source != "192.0.2.2" {
		t.Errorf("the trail says %q", e.Source)
	}
	// Others count for where they are, whatever they say.
	if err := f.store.SetService(t.Context(), "ended", token.Digest("secret"), []auth.Scope{auth.LoginsForward}); err != nil {
		t.Fatal(err)
	}
	ended := bearer("ended")
	if err := f.store.RemoveService(t.Context(), "ended"); err != nil {
		t.Fatal(err)
	}
	tokens := []string{bearer("worker"), ended, f.personal(t, auth.UsersWrite), "nonsense"}
	checked := 0
	for i := range 12 {
		if login(tokens[i%len(tokens)], fmt.Sprintf("198.51.100.%d", i), wrong) == http.StatusUnauthorized {
			checked++
		}
	}
	if checked != 10 {
		t.Errorf("%d guesses with made-up sources, want 10", checked)
	}
	if status := login(mine, "nowhere", right); status != http.StatusTooManyRequests {
		t.Errorf("a source that is no address: got %d", status)
	}
}

func TestWrongPasswordsCountWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	f := start(t)
	if n := f.guesses(t, "192.0.2.1", 12); n != 10 {
		t.Errorf("%d guesses from one address, want 10", n)
	}
	if status, _ := f.attempt(t, "192.0.2.1", right); status != http.StatusTooManyRequests {
		t.Errorf("the right password after too many wrong ones: got %d", status)
	}
	if status, _ := f.attempt(t, "192.0.2.2", right); status != http.StatusOK {
		t.Errorf("the owner at another address: got %d", status)
	}
	// An IPv6 address is worth a whole network; IPv4 has one form.
	n := 0
	for i := range 12 {
		n += f.guesses(t, fmt.Sprintf("2001:db8:1:%x::1", i), 1)
	}
	if n += f.guesses(t, "::ffff:192.0.2.1", 1); n != 10 {
		t.Errorf("%d guesses from one network of IPv6, want 10", n)
	}
	if n := f.guesses(t, "2001:db8:2::1", 1); n != 1 {
		t.Error("one network of IPv6 locks the others out")
	}
	for range 15 {
		if status, _ := f.attempt(t, "192.0.2.3", right); status != http.StatusOK {
			t.Fatalf("right passwords are throttled: %d", status)
		}
	}
}

// Instances share what they count.
func TestInstancesCountTogether(t *testing.T) {
	t.Parallel()
	f := start(t)
	other := f.instance(t)
	if n := f.guesses(t, "192.0.2.1", 6) + other.guesses(t, "192.0.2.1", 6); n != 10 {
		t.Errorf("%d guesses at two instances, want 10", n)
	}
}

// Many addresses guess one account. From then on each new one gets two guesses, and the
// owner gets in: at an own address, where they were before, and with a known device
// even from an address of the attacker.
func TestManyAddressesCannotKeepTheOwnerOut(t *testing.T) {
	t.Parallel()
	f := start(t)
	if status, _ := f.attempt(t, "198.51.100.1", right); status != http.StatusOK {
		t.Fatalf("got %d", status)
	}
	_, device := f.attempt(t, "192.0.2.77", client.Credentials{Username: "admin", Password: adminPassword, Remember: true})
	if device == "" {
		t.Fatal("no device")
	}
	f.guesses(t, "192.0.2.1", 3)
	for range 100 { // as if others had guessed, which takes long
		if _, err := f.store.TakeStranger(t.Context(), "admin"); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.guesses(t, "203.0.113.1", 10); n != 2 {
		t.Errorf("a new address gets %d guesses, want 2", n)
	}
	for where, address := range map[string]string{"at a new address": "203.0.113.2", "at a known address": "198.51.100.1"} {
		if status, _ := f.attempt(t, address, right); status != http.StatusOK {
			t.Errorf("the owner %s: got %d", where, status)
		}
	}
	if n := f.guesses(t, "198.51.100.1", 12); n != 10 {
		t.Errorf("a known address gets %d guesses, want 10", n)
	}
	if n := f.guesses(t, "192.0.2.1", 3); n != 1 {
		t.Errorf("an attacker's address gets %d more guesses, want 1", n)
	}
	with := right
	with.Device = strings.ToLower(device)
	if status, _ := f.attempt(t, "192.0.2.1", with); status != http.StatusTooManyRequests {
		t.Errorf("with an unknown device: got %d", status)
	}
	with.Device, with.Remember = device, true
	if status, more := f.attempt(t, "192.0.2.1", with); status != http.StatusOK || more != "" {
		t.Errorf("with a known device: got %d and the device %q", status, more)
	}
	// A new password forgets devices.
	if err := f.store.SetPassword(t.Context(), "admin", f.hash(t, adminPassword), ""); err != nil {
		t.Fatal(err)
	}
	if status, _ := f.attempt(t, "192.0.2.1", with); status != http.StatusTooManyRequests {
		t.Errorf("with a device from before the new password: got %d", status)
	}
}

// A hundred logins a second with a wrong password, for random names from the owner's own
// address and for the owner's name from others, while the owner logs in.
func TestOwnerGetsInWhileStrangersGuess(t *testing.T) {
	t.Parallel()
	f := startWith(t, token.NewHasher(), 0)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var sent atomic.Int64
	all.Go(func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for i := 0; ctx.Err() == nil; i++ {
			<-ticker.C
			all.Go(func() {
				f.attempt(t, "192.0.2.1", client.Credentials{Username: fmt.Sprint("random", i), Password: "x"})
			})
			all.Go(func() { f.attempt(t, fmt.Sprintf("198.51.100.%d", i%4), wrong) })
			sent.Add(1)
		}
	})
	servetest.Until(t, "strangers have sent 200 logins for random names", func() bool { return sent.Load() > 200 })
	begin := time.Now()
	for _, address := range []string{"192.0.2.1", "203.0.113.1"} {
		if status, _ := f.attempt(t, address, right); status != http.StatusOK {
			t.Errorf("the owner at %s: got %d", address, status)
		}
	}
	t.Logf("two logins took %v", time.Since(begin))
	cancel()
	all.Wait()
}

// The right secret always passes, so that nobody can keep a program out.
func TestClientSecretsAreThrottled(t *testing.T) {
	t.Parallel()
	f := start(t)
	ask := func(id, secret string) int {
		resp, _ := f.send(t, "POST", "/v1/token", "grant_type=client_credentials",
			"Content-Type", "application/x-www-form-urlencoded", "Authorization", basic(id, secret))
		if resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		return resp.StatusCode
	}
	for _, id := range []string{"worker", "nobody", strings.Repeat("é", 1000)} {
		for i := range 12 {
			want := http.StatusUnauthorized
			if i >= 10 {
				want = http.StatusTooManyRequests
			}
			if got := ask(id, "wrong"); got != want {
				t.Fatalf("%.10s, wrong secret %d: got %d, want %d", id, i+1, got, want)
			}
		}
	}
	if got := ask("worker", "secret"); got != http.StatusOK {
		t.Errorf("the right secret: got %d", got)
	}
}

// A wrong password for a name that nobody has takes as long as for one that somebody
// has. The test is that of Mann and Whitney on 40 pairs, each from an address of its own: by chance
// |z| is above 4.5 once in 150,000 runs, and if the names were told apart in every pair
// it would be 7.7.
func TestUnknownNamesTakeTheSameTime(t *testing.T) {
	t.Parallel()
	f := startWith(t, token.NewHasher(), 0)
	const pairs = 40
	took := map[string][]time.Duration{}
	for i := range pairs {
		names := []string{"admin", "nobody"}
		if i%2 == 1 { // the first of two may be slower
			slices.Reverse(names)
		}
		for _, name := range names {
			begin := time.Now()
			status, _ := f.attempt(t, fmt.Sprintf("192.0.2.%d", i), client.Credentials{Username: name, Password: "a wrong password"})
			took[name] = append(took[name], time.Since(begin))
			if status != http.StatusUnauthorized {
				t.Fatalf("%s: got %d", name, status)
			}
		}
	}
	z := mannWhitney(took["admin"], took["nobody"])
	slices.Sort(took["admin"])
	slices.Sort(took["nobody"])
	t.Logf("z = %.2f; medians %v and %v", z, took["admin"][pairs/2], took["nobody"][pairs/2])
	if math.Abs(z) > 4.5 {
		t.Errorf("z = %.2f: unknown names can be told from known ones", z)
	}
}

// mannWhitney returns the standardised statistic of the test that neither of two samples
// of equal size tends to be greater (Mann and Whitney 1947).
func mannWhitney(a, b []time.Duration) float64 {
	u := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				u++
			case x == y:
				u += 0.5
			}
		}
	}
	n := float64(len(a))
	return (u - n*n/2) / math.Sqrt(n*n*(2*n+1)/12)
}
