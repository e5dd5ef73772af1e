package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"foliocast/internal/problem"
)

const (
	exchangeAgain = time.Minute      // after which a personal token that is in use is exchanged again
	exchangePause = 5 * time.Second  // until the next try, when that fails
	badFor        = 10 * time.Second // for which a bad token is known as one
	maxExchanged  = 4096             // tokens that are known, good or bad
	maxAsking     = 16               // exchanges at once
	maxSources    = 4096
	badBurst      = 20 // bad tokens from one source at once,
	badEvery      = time.Second
)

// exchanged knows which access tokens stand for personal ones. Each personal token costs one
// exchange a minute while it is used: what it may do, and its end, come by the list of
// ended sessions. While the identity service does not answer, the access token that is
// known is used until it expires. Bad tokens are known for some seconds, and one source
// can try only a few. Safe for concurrent use.
type exchanged struct {
	ask    Exchange
	again  time.Duration                // 0: keep no access token
	source func(context.Context) string // nil: bad tokens are not counted
	now    func() time.Time
	flight singleflight.Group
	asking chan struct{}

	mu      sync.Mutex
	good    map[[sha256.Size]byte]standIn
	bad     map[[sha256.Size]byte]time.Time // until when
	sources map[string]*rate.Limiter        // of bad tokens
}

// standIn is the access token for a personal one.
type standIn struct {
	access string
	asked  time.Time // when to ask for another one
	until  time.Time // by when it has expired
}

// mostStandIn is longer than any access token lives.
const mostStandIn = time.Hour

func newExchanged(ask Exchange, again time.Duration, source func(context.Context) string, now func() time.Time) *exchanged {
	return &exchanged{ask: ask, again: again, source: source, now: now, asking: make(chan struct{}, maxAsking),
		good: map[[sha256.Size]byte]standIn{}, bad: map[[sha256.Size]byte]time.Time{}, sources: map[string]*rate.Limiter{}}
}

// access returns the access token for a personal one.
func (e *exchanged) access(ctx context.Context, personal string) (string, error) {
	if !Intact(PersonalPrefix, personal) {
		return "", &BadToken{Reason: "is not complete: its checksum is wrong", personal: true}
	}
	hash := sha256.Sum256([]byte(personal))
	have, fresh, err := e.known(hash)
	if fresh || err != nil {
		return have, err
	}
	if have == "" {
		if err := e.admit(ctx); err != nil {
			return "", err
		}
	}
	// A caller that hangs up must not end the exchange for the others.
	done := e.flight.DoChan(string(hash[:]), func() (any, error) {
		if have, fresh, err := e.known(hash); fresh || err != nil { // the flight that another waited for has just ended
			return have, err
		}
		return e.exchange(context.WithoutCancel(ctx), hash, personal)
	})
	if have != "" {
		return have, nil
	}
	select {
	case r := <-done:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// known returns the access token that is known, and whether it need not be asked for
// again. The error says that the personal token is known as a bad one.
func (e *exchanged) known(hash [sha256.Size]byte) (access string, fresh bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	if until, ok := e.bad[hash]; ok && now.Before(until) {
		return "", false, NotIssued()
	}
	have := e.good[hash]
	return have.access, have.access != "" && now.Before(have.asked), nil
}

// exchange asks for an access token, and keeps the answer.
func (e *exchanged) exchange(ctx context.Context, hash [sha256.Size]byte, personal string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	select {
	case e.asking <- struct{}{}:
		defer func() { <-e.asking }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	access, err := e.ask(ctx, personal)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	_, bad := errors.AsType[*BadToken](err)
	switch {
	case bad:
		delete(e.good, hash)
		e.markBad(hash, now)
		if e.source != nil {
			e.limiter(e.source(ctx)).AllowN(now, 1)
		}
		return "", err
	case err != nil:
		if have, ok := e.good[hash]; ok {
			have.asked = now.Add(exchangePause)
			e.good[hash] = have
		}
		return "", err
	}
	if e.again == 0 {
		return access, nil
	}
	if len(e.good) >= maxExchanged {
		forget(e.good, func(s standIn) bool { return !now.Before(s.until) })
	}
	e.good[hash] = standIn{access: access, asked: now.Add(e.again), until: now.Add(mostStandIn)}
	return access, nil
}

// drop forgets an access token that is not valid any more, unless there is another one
// already.
func (e *exchanged) drop(personal, access string) {
	hash := sha256.Sum256([]byte(personal))
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.good[hash].access == access {
		delete(e.good, hash)
	}
}

func (e *exchanged) markBad(hash [sha256.Size]byte, now time.Time) {
	if len(e.bad) >= maxExchanged {
		forget(e.bad, func(until time.Time) bool { return !now.Before(until) })
	}
	e.bad[hash] = now.Add(badFor)
}

// admit refuses a token that is not known from a source that has sent too many bad ones.
func (e *exchanged) admit(ctx context.Context) error {
	if e.source == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.limiter(e.source(ctx)).TokensAt(e.now()) < 1 {
		return problem.New(problem.TooMany, "too many bad tokens come from your address: try again in a second").RetryAfter(badEvery)
	}
	return nil
}

func (e *exchanged) limiter(source string) *rate.Limiter {
	l := e.sources[source]
	if l == nil {
		if len(e.sources) >= maxSources {
			clear(e.sources)
		}
		l = rate.NewLimiter(rate.Every(badEvery), badBurst)
		e.sources[source] = l
	}
	return l
}

// forget drops what is old from a map that is full, or all of it when nothing is.
func forget[K comparable, V any](m map[K]V, old func(V) bool) {
	full := len(m)
	for k, v := range m {
		if old(v) {
			delete(m, k)
		}
	}
	if len(m) == full {
		clear(m)
	}
}
