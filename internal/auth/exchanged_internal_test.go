package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// However many tokens and addresses come, few are kept.
func TestExchangedIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ask := func(_ context.Context, personal string) (string, error) {
		if strings.Contains(personal, "GOOD") {
			return "access", nil
		}
		return "", NotIssued()
	}
	type key struct{}
	e := newExchanged(ask, time.Minute, func(ctx context.Context) string { return ctx.Value(key{}).(string) }, func() time.Time { return now })
	for n := range 3 * maxExchanged {
		ctx := context.WithValue(t.Context(), key{}, fmt.Sprint("address ", n))
		if _, err := e.access(ctx, Marked(PersonalPrefix, fmt.Sprint("GOOD", n))); err != nil {
			t.Fatal(err)
		}
		if _, err := e.access(ctx, Marked(PersonalPrefix, fmt.Sprint("BAD", n))); err == nil {
			t.Fatal("a bad token is good")
		}
		if len(e.good) > maxExchanged || len(e.bad) > maxExchanged || len(e.sources) > maxSources {
			t.Fatalf("%d good tokens, %d bad ones and %d sources are kept", len(e.good), len(e.bad), len(e.sources))
		}
	}
}

// A token in use is exchanged again after a minute, in the background; when that fails,
// the old access token is used and a pause made.
func TestExchangedAsksAgainInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now, asked, fail := time.Now(), 0, false
		ask := func(context.Context, string) (string, error) {
			asked++
			if fail {
				return "", errors.New("down")
			}
			return "access", nil
		}
		e := newExchanged(ask, time.Minute, nil, func() time.Time { return now })
		for _, step := range []struct {
			after time.Duration
			down  bool
			want  int // exchanges until now
		}{
			{0, false, 1}, {59 * time.Second, false, 1}, {time.Second, false, 2},
			{time.Minute, true, 3}, {4 * time.Second, true, 3}, {time.Second, true, 4}, {5 * time.Second, false, 5}, {59 * time.Second, false, 5},
		} {
			now, fail = now.Add(step.after), step.down
			access, err := e.access(t.Context(), Marked(PersonalPrefix, "TOKEN"))
			synctest.Wait() // for what goes on in the background
			if err != nil || access != "access" || asked != step.want {
				t.Errorf("%+v: got %q, %v after %d exchanges", step, access, err, asked)
			}
		}
	})
}
