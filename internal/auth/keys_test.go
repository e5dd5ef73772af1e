package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// publisher serves the keys with the ids, or fails.
type publisher struct {
	mu    sync.Mutex
	sets  string
	fail  bool
	calls atomic.Int32
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	p.calls.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail {
		http.Error(w, "away", http.StatusBadGateway)
		return
	}
	w.Write([]byte(p.sets))
}

func (p *publisher) set(text string, fail bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sets, p.fail = text, fail
}

func keySet(t testing.TB, ids ...string) string {
	t.Helper()
	var set JWKS
	for _, id := range ids {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		jwk, err := PublicJWK(id, &key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		set.Keys = append(set.Keys, jwk)
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func remote(t *testing.T) (*RemoteKeys, *publisher, *clock) {
	t.Helper()
	p := &publisher{}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	c := &clock{now: time.Unix(1_000_000, 0)}
	r := NewRemoteKeys(server.URL, slog.New(slog.DiscardHandler))
	r.now = c.read
	return r, p, c
}

func mustHave(t *testing.T, r *RemoteKeys, kid string) {
	t.Helper()
	if _, err := r.Key(t.Context(), kid); err != nil {
		t.Errorf("key %s: %v", kid, err)
	}
}

func TestRemoteKeysAreFetchedOnce(t *testing.T) {
	t.Parallel()
	r, p, _ := remote(t)
	p.set(keySet(t, "a"), false)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { mustHave(t, r, "a") })
	}
	all.Wait()
	if n := p.calls.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func TestRemoteKeysFollowARotation(t *testing.T) {
	t.Parallel()
	r, p, c := remote(t)
	p.set(keySet(t, "a"), false)
	mustHave(t, r, "a")
	p.set(keySet(t, "b"), false)
	if _, err := r.Key(t.Context(), "b"); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("within a second of the last fetch: %v", err)
	}
	c.move(keysRetry)
	mustHave(t, r, "b")
	if _, err := r.Key(t.Context(), "a"); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a withdrawn key: %v", err)
	}
}

func TestRemoteKeysAreRefreshedWithoutWaiting(t *testing.T) {
	t.Parallel()
	r, p, c := remote(t)
	p.set(keySet(t, "a"), false)
	mustHave(t, r, "a")
	c.move(keysFresh)
	deadline := time.Now().Add(time.Minute)
	for p.calls.Load() < 2 {
		mustHave(t, r, "a")
		if time.Now().After(deadline) {
			t.Fatal("not refreshed")
		}
	}
}

func TestRemoteKeysOutliveTheirPublisher(t *testing.T) {
	t.Parallel()
	r, p, c := remote(t)
	p.set("", true)
	if _, err := r.Key(t.Context(), "a"); err == nil || errors.Is(err, ErrUnknownKey) {
		t.Errorf("never had keys: %v", err)
	}
	if err := r.Ready(t.Context()); err == nil {
		t.Error("ready without keys")
	}
	p.set(keySet(t, "a"), false)
	c.move(keysRetry)
	mustHave(t, r, "a")
	for _, answer := range []string{"", "{", `{"keys":[]}`, strings.Repeat(" ", maxKeySet+1)} {
		p.set(answer, answer == "")
		c.move(24 * time.Hour)
		mustHave(t, r, "a")
		if _, err := r.Key(t.Context(), "b"); err == nil || errors.Is(err, ErrUnknownKey) {
			t.Errorf("answer %.10q, unknown key: got %v, want that it cannot be told", answer, err)
		}
	}
	if err := r.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRemoteKeysGiveUpWithTheRequest(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hold) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := NewRemoteKeys(server.URL, slog.New(slog.DiscardHandler)).Key(ctx, "a")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The key of RFC 7517, appendix A.1, beside one that is not for ES256.
const rfc7517 = `{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},
{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"2"},{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"3"}]}`

func TestReadJWKS(t *testing.T) {
	t.Parallel()
	keys, err := readJWKS([]byte(rfc7517))
	if err != nil || len(keys) != 1 || keys["2"] == nil {
		t.Errorf("got %v, %v", keys, err)
	}
	off := strings.Replace(rfc7517, `IFyM","kid":"2"`, `IFyA","kid":"2"`, 1)
	if _, err := readJWKS([]byte(off)); err == nil {
		t.Error("a point that is not on the curve is taken")
	}
}

func TestPublicJWKRefusesOtherCurves(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const want = "key k is not on the curve P-256"
	if _, err := PublicJWK("k", &key.PublicKey); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzReadJWKS(f *testing.F) {
	f.Add([]byte(rfc7517))
	f.Add([]byte(keySet(f, "a", "b")))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"a"}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := readJWKS(text)
		if (err == nil) != (len(keys) > 0) {
			t.Errorf("%d keys, %v", len(keys), err)
		}
		for kid, key := range keys {
			if _, err := PublicJWK(kid, key); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestRemoteKeysTakeAnAddressWithASlash(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/jwks.json", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(rfc7517)) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mustHave(t, NewRemoteKeys(server.URL+"/", slog.New(slog.DiscardHandler)), "2")
}
