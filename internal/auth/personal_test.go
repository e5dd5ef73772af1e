package auth_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

func TestMarkedTokensCarryTheirChecksum(t *testing.T) {
	t.Parallel()
	// The checksum is that of zlib.crc32 of Python 3.11, in base32.
	const want = "flc_ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "TA44VPA"
	if got := auth.Marked(auth.PersonalPrefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !auth.Intact(auth.PersonalPrefix, want) {
		t.Error("it is not intact")
	}
	for _, bad := range []string{"", "flc_", "flc_AAAAAAA", want[1:], want[:len(want)-1], want + "A", strings.Replace(want, "BC", "CB", 1), strings.ToLower(want),
		auth.Marked(auth.SecretPrefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")} {
		if auth.Intact(auth.PersonalPrefix, bad) {
			t.Errorf("%q is intact", bad)
		}
	}
}

// identity is the server of an issuer, behind a switch that makes it fail.
type identity struct {
	*authtest.Issuer
	url  string
	down atomic.Bool
}

func newIdentity(t *testing.T) *identity {
	t.Helper()
	i := &identity{Issuer: authtest.New(t)}
	behind, err := url.Parse(i.URL)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(behind)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.down.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

type sourceKey struct{}

// from is a context of a request from an address.
func from(t *testing.T, address string) context.Context {
	return context.WithValue(t.Context(), sourceKey{}, address)
}

func sourceOf(ctx context.Context) string { s, _ := ctx.Value(sourceKey{}).(string); return s }

// service is a verifier that follows the identity service.
func (i *identity) service(t *testing.T) *auth.Verifier {
	t.Helper()
	v := auth.NewRemote(i.url, nil, auth.DefaultIssuer, auth.Queue, sourceOf, slog.New(slog.DiscardHandler))
	run(t, v)
	return v
}

func TestAPersonalTokenIsExchangedOnce(t *testing.T) {
	t.Parallel()
	i := newIdentity(t)
	v := i.service(t)
	token := i.Personal(auth.QueuesWrite)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 100 {
				if p, err := v.Verify(t.Context(), token); err != nil || !p.May(auth.QueuesWrite) || p.May(auth.AuditRead) {
					t.Errorf("got %v, %v", p.Scopes, err)
				}
			}
		})
	}
	all.Wait()
	if n := i.Exchanges(); n != 1 {
		t.Errorf("1,600 requests took %d exchanges, want 1", n)
	}
}

// The end of a token and the loss of a right reach a service by the list of ended sessions.
func TestAPersonalTokenLosesWhatItsOwnerLoses(t *testing.T) {
	t.Parallel()
	i := newIdentity(t)
	v := i.service(t)
	claims := i.Claims(auth.QueuesWrite, auth.AuditRead)
	token := i.Stand(claims)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	fewer := i.Claims(auth.AuditRead)
	i.Restand(token, fewer)
	begin := time.Now()
	i.End(claims)
	servetest.Until(t, "the right is gone", func() bool {
		p, err := v.Verify(t.Context(), token)
		if err != nil || !p.May(auth.AuditRead) {
			t.Fatalf("got %v, %v", p.Scopes, err)
		}
		return !p.May(auth.QueuesWrite)
	})
	i.EndPersonal(token)
	servetest.Until(t, "the token is refused", func() bool {
		_, err := v.Bearer(t.Context(), "Bearer "+token)
		return problem.Is(err, problem.Unauthorized)
	})
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("both took %v, want 10 s each at most", took)
	}
}

// An access token of some minutes stands for a personal one of some months.
func TestAPersonalTokenOutlivesItsAccessTokens(t *testing.T) {
	t.Parallel()
	i := newIdentity(t)
	v := i.service(t)
	i.Amend = func(c *auth.Claims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(time.Second)) }
	claims := i.Claims(auth.QueuesWrite)
	token := i.Stand(claims)
	servetest.Until(t, "three access tokens were used up", func() bool {
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		return i.Exchanges() >= 3
	})
}

// What is not known is never refused as bad.
func TestPersonalTokensWithoutTheIdentityService(t *testing.T) {
	t.Parallel()
	i := newIdentity(t)
	v := i.service(t)
	known, unknown := i.Personal(auth.QueuesWrite), i.Personal(auth.QueuesWrite)
	if _, err := v.Verify(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	i.down.Store(true)
	if _, err := v.Verify(t.Context(), known); err != nil {
		t.Errorf("a token that is known: %v", err)
	}
	w := get(t, door(v).Router, "/any", "Bearer "+unknown)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("a token that is not known: got %d %v, want 503 with Retry-After", w.Code, w.Header())
	}
	i.down.Store(false)
	if _, err := v.Verify(t.Context(), unknown); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A flood of bad tokens does not become a flood of exchanges.
func TestBadPersonalTokensAreKnown(t *testing.T) {
	t.Parallel()
	i := newIdentity(t)
	v := i.service(t)
	good, late := i.Personal(auth.QueuesWrite), i.Personal(auth.QueuesWrite)
	stranger := from(t, "192.0.2.1")
	if _, err := v.Verify(stranger, good); err != nil {
		t.Fatal(err)
	}
	same := auth.Marked(auth.PersonalPrefix, "SAME")
	for range 100 {
		if _, err := v.Bearer(stranger, "Bearer "+same); !problem.Is(err, problem.Unauthorized) {
			t.Fatalf("got %v", err)
		}
		if _, err := v.Bearer(stranger, "Bearer "+same+"X"); !problem.Is(err, problem.Unauthorized) {
			t.Fatalf("with a typing error: got %v", err)
		}
	}
	if n := i.Exchanges(); n != 2 {
		t.Errorf("one bad token, sent often, took %d exchanges", n-1)
	}
	begin, refused := time.Now(), 0
	for n := range 1000 {
		_, err := v.Bearer(stranger, "Bearer "+auth.Marked(auth.PersonalPrefix, fmt.Sprint("BAD", n)))
		if problem.Is(err, problem.TooMany) {
			refused++
		} else if !problem.Is(err, problem.Unauthorized) {
			t.Fatalf("got %v", err)
		}
	}
	if n, most := i.Exchanges(), 2+20+int(time.Since(begin)/time.Second)+1; n > most || refused < 900 {
		t.Errorf("1,000 bad tokens took %d exchanges, want at most %d; %d were refused without one", n, most, refused)
	}
	if _, err := v.Verify(stranger, good); err != nil {
		t.Errorf("a known token from the same address: %v", err)
	}
	if _, err := v.Verify(from(t, "192.0.2.2"), late); err != nil {
		t.Errorf("a new token from another address: %v", err)
	}
	w := get(t, door(v).Router, "/any", "Bearer "+late)
	if w.Code != http.StatusOK {
		t.Errorf("through the guard: got %d", w.Code)
	}
}

// BenchmarkVerifyPersonal compares what a request with a personal token costs, once it is known,
// with one with an access token.
func BenchmarkVerifyPersonal(b *testing.B) {
	issuer := authtest.New(b)
	v := auth.NewRemote(issuer.URL, nil, auth.DefaultIssuer, auth.Queue, nil, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); v.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-done })
	for name, token := range map[string]string{"access": issuer.Token(auth.QueuesWrite), "personal": issuer.Personal(auth.QueuesWrite)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := v.Verify(ctx, token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
