package api

import (
	"math"
	"net/netip"
	"sync"
	"time"

	"foliocast/internal/problem"
)

// limit says how many wrong passwords are allowed: a burst at first, and another
// one each time that every has passed.
type limit struct {
	burst float64
	every time.Duration
}

// maxBuckets bounds what the throttle remembers.
const maxBuckets = 20_000

// throttle counts wrong passwords. Each attempt is counted before it is
// checked, so that many at once do not slip through, and taken back when the
// password was right. Each instance of the service counts separately.
type throttle struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket holds the remaining attempts.
type bucket struct {
	limit limit
	left  float64
	at    time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, buckets: map[string]*bucket{}}
}

// take counts one attempt on an account from an address. When it is one too
// many, nothing is counted, and the error says when to try again.
func (t *throttle) take(account, address string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	all := t.find(account, address, now)
	var wait time.Duration
	for _, b := range all {
		wait = max(wait, b.wait())
	}
	if wait > 0 {
		return problem.Newf(problem.TooMany, "too many wrong passwords: try again in %.0f s", math.Ceil(wait.Seconds())).RetryAfter(wait)
	}
	for _, b := range all {
		b.left--
	}
	return nil
}

// giveBack returns an attempt that does not count.
func (t *throttle) giveBack(account, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range t.find(account, address, t.now()) {
		b.left = min(b.left+1, b.limit.burst)
	}
}

// find returns the buckets of an attempt, filled up to the time now. The limit of an
// account at one address stops guessing. That of an account alone stops
// guessing from many addresses, and is wide, so that strangers cannot lock its
// owner out for long. That of an address stops trying one password on many
// accounts, and is wider still, because a web console is one address for all its users.
func (t *throttle) find(account, address string, now time.Time) []*bucket {
	if len(t.buckets) > maxBuckets {
		t.forget(now)
	}
	var all []*bucket
	for _, b := range []struct {
		key   string
		limit limit
	}{
		{"pair " + account + " " + network(address), limit{10, 10 * time.Second}},
		{"account " + account, limit{50, 2 * time.Second}},
		{"address " + network(address), limit{200, time.Second}},
	} {
		found := t.buckets[b.key]
		if found == nil {
			found = &bucket{limit: b.limit, left: b.limit.burst, at: now}
			t.buckets[b.key] = found
		}
		found.fill(now)
		all = append(all, found)
	}
	return all
}

// network returns what counts as one address: the holder of an IPv6 address usually
// has all addresses with the same first 64 bits (RFC 4291, section 2.5.1).
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().String()
	}
	return a.String()
}

// forget drops the full buckets, which limit nothing. When no bucket is full it
// drops all of them, to bound the memory.
func (t *throttle) forget(now time.Time) {
	for key, b := range t.buckets {
		if b.fill(now); b.left >= b.limit.burst {
			delete(t.buckets, key)
		}
	}
	if len(t.buckets) > maxBuckets {
		clear(t.buckets)
	}
}

func (b *bucket) fill(now time.Time) {
	if since := now.Sub(b.at); since > 0 {
		b.left = min(b.left+since.Seconds()/b.limit.every.Seconds(), b.limit.burst)
		b.at = now
	}
}

// wait returns how long it takes until an attempt is allowed.
func (b *bucket) wait() time.Duration {
	if b.left >= 1 {
		return 0
	}
	return time.Duration((1 - b.left) * float64(b.limit.every))
}
