package token

import (
	"slices"
	"time"
)

// Policy says when signing keys change.
type Policy struct {
	Age     time.Duration // how long a key signs
	Ahead   time.Duration // how long a key is published before it signs: longer than verifiers keep keys
	Overlap time.Duration // how long a key is published after it signed: longer than an access token lives
}

// DefaultPolicy changes keys once a day. Verifiers fetch keys every five
// minutes, and access tokens live ten.
func DefaultPolicy() Policy {
	return Policy{Age: 24 * time.Hour, Ahead: 15 * time.Minute, Overlap: time.Hour}
}

// Rotate returns the keys as they must be at the time now: one next, one current,
// and the previous ones that may still be needed. It does not modify keys, and
// returns an equal list when no change is due.
func Rotate(keys []Key, now time.Time, p Policy) ([]Key, error) {
	after := slices.DeleteFunc(slices.Clone(keys), func(k Key) bool {
		return k.State == Previous && now.Sub(k.Since) >= p.Overlap
	})
	current, next := find(after, Current), find(after, Next)
	if current >= 0 && next >= 0 && now.Sub(after[current].Since) >= p.Age && now.Sub(after[next].Since) >= p.Ahead {
		after[current].State, after[current].Since = Previous, now
		after[next].State, after[next].Since = Current, now
		current, next = next, -1
	}
	for _, missing := range []struct {
		at    int
		state State
	}{{current, Current}, {next, Next}} {
		if missing.at >= 0 {
			continue
		}
		key, err := newKey(missing.state, now)
		if err != nil {
			return nil, err
		}
		after = append(after, key)
	}
	return after, nil
}

// find returns the index of the first key in a state, or -1.
func find(keys []Key, state State) int {
	return slices.IndexFunc(keys, func(k Key) bool { return k.State == state })
}
