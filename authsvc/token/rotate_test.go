package token

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"foliocast/internal/auth"
)

func states(keys []Key) map[State]int {
	n := map[State]int{}
	for _, k := range keys {
		n[k.State]++
	}
	return n
}

func TestRotate(t *testing.T) {
	t.Parallel()
	p := Policy{Age: 24 * time.Hour, Ahead: 15 * time.Minute, Overlap: time.Hour}
	start := time.Unix(1_000_000, 0)
	var keys []Key
	for _, c := range []struct {
		after time.Duration
		want  map[State]int
		signs int // the keys made so far, the last but one signs
	}{
		{0, map[State]int{Current: 1, Next: 1}, 1},
		{23 * time.Hour, map[State]int{Current: 1, Next: 1}, 1},
		{24 * time.Hour, map[State]int{Current: 1, Next: 1, Previous: 1}, 2},
		{25*time.Hour - time.Second, map[State]int{Current: 1, Next: 1, Previous: 1}, 2},
		{25 * time.Hour, map[State]int{Current: 1, Next: 1}, 2},
		{100 * time.Hour, map[State]int{Current: 1, Next: 1, Previous: 1}, 3},
	} {
		before := keys
		var err error
		if keys, err = Rotate(before, start.Add(c.after), p); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(states(keys), c.want); d != "" {
			t.Errorf("after %v: %s", c.after, d)
		}
		again, err := Rotate(keys, start.Add(c.after), p)
		if err != nil || !slices.Equal(again, keys) {
			t.Errorf("after %v: a second time changes something (%v)", c.after, err)
		}
	}
}

// TestEveryTokenIsValidForItsLife: whatever the times at which keys are rotated,
// there is one key that signs, it was published for the time Ahead before it
// did (but for the first), and the key of each token stays published while the
// token lives.
func TestEveryTokenIsValidForItsLife(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{Age: time.Duration(rapid.IntRange(0, 120).Draw(t, "age")) * time.Minute, Ahead: 15 * time.Minute, Overlap: 20 * time.Minute}
		start := time.Unix(1_000_000, 0)
		now := start
		published := map[string]time.Time{}
		ends := map[string]time.Time{}
		var keys []Key
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			var err error
			if keys, err = Rotate(keys, now, p); err != nil {
				t.Fatal(err)
			}
			for _, k := range keys {
				if _, ok := published[k.ID]; !ok {
					published[k.ID] = now
				}
			}
			signing := keys[find(keys, Current)]
			if published[signing.ID] != start && now.Sub(published[signing.ID]) < p.Ahead {
				t.Errorf("step %d: the key signs after %v", step, now.Sub(published[signing.ID]))
			}
			for id, end := range ends {
				if now.Before(end) && !slices.ContainsFunc(keys, func(k Key) bool { return k.ID == id }) {
					t.Errorf("step %d: a key is gone before its tokens", step)
				}
			}
			if n := states(keys); n[Current] != 1 || n[Next] != 1 {
				t.Errorf("step %d: %v", step, n)
			}
			ends[signing.ID] = now.Add(AccessLife)
			now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "minutes")) * time.Minute)
		}
	})
}

func TestRingSignsAndVerifies(t *testing.T) {
	t.Parallel()
	now := time.Now()
	clock := func() time.Time { return now }
	var stored []Key
	ring := NewRing(func(context.Context) ([]Key, error) { return stored, nil }, clock)
	issuer := NewIssuer(ring, "http://issuer", 0, clock)
	if _, err := issuer.Service("worker", uuid.Nil, nil, nil, time.Time{}); !errors.Is(err, errNoKey) {
		t.Errorf("got %v, want errNoKey", err)
	}
	if _, err := ring.JWKS(); !errors.Is(err, errNoKey) {
		t.Errorf("got %v, want errNoKey", err)
	}
	stored, _ = Rotate(nil, now, DefaultPolicy())
	if err := ring.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	access, err := issuer.Person(uuid.New(), uuid.New(), "ada", []auth.Role{auth.Secretary}, Scopes([]auth.Role{auth.Secretary}), auth.AllAudiences())
	if err != nil {
		t.Fatal(err)
	}
	p, err := auth.NewVerifier(ring, "http://issuer", auth.Authsvc, clock).Verify(t.Context(), access.Text)
	if err != nil || p.Name != "ada" || p.Service || !p.May(auth.DatasetsWrite) || !p.Expires.Equal(now.Add(AccessLife).Truncate(time.Second)) {
		t.Errorf("got %+v, %v", p, err)
	}
	set, err := ring.JWKS()
	if err != nil || len(set.Keys) != 2 {
		t.Errorf("got %v, %v", set, err)
	}
	stored, _ = Rotate(nil, now, DefaultPolicy())
	if _, err := ring.Key(t.Context(), stored[0].ID); !errors.Is(err, auth.ErrUnknownKey) {
		t.Errorf("within a second of the last load: %v", err)
	}
	now = now.Add(reloadPause)
	if _, err := ring.Key(t.Context(), stored[0].ID); err != nil {
		t.Errorf("a key of another instance: %v", err)
	}
}

func TestKeysAreReadBack(t *testing.T) {
	t.Parallel()
	key, err := newKey(Current, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	text, err := EncodeKey(key.Private)
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeKey(text)
	if err != nil || !back.Equal(key.Private) {
		t.Errorf("got %v, %v", back, err)
	}
	if _, err := DecodeKey(text[1:]); err == nil {
		t.Error("damaged text is taken")
	}
}
