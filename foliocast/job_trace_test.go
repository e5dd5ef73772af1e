package foliocast

import (
	"net/http"
	"testing"
	"time"

	"foliocast/frontend/client"
)

// A trace is a tree in the order of time, in which what overlaps is side by side.
func TestJobTrace(t *testing.T) {
	t.Parallel()
	at := func(ms int) time.Time { return time.Unix(1_700_000_000, 0).Add(time.Duration(ms) * time.Millisecond) }
	spans := []client.Span{
		{ID: "1", Parent: "0", Name: "job", Begin: at(0), End: at(2500)},
		{ID: "2", Parent: "1", Name: "outbox", Begin: at(0), End: at(12), Attributes: map[string]any{"foliocast.held": true}},
		{ID: "3", Parent: "1", Name: "attempt", Begin: at(40), End: at(2490), Error: "lease expired", Attributes: map[string]any{"foliocast.worker": "w1"}},
		{ID: "5", Parent: "3", Name: "gather", Begin: at(100), End: at(2000)},
		{ID: "4", Parent: "3", Name: "fit rank 1", Begin: at(90), End: at(1900), Attributes: map[string]any{"foliocast.busy_seconds": 1.75}},
		{ID: "6", Parent: "1", Name: "result", Begin: at(2490), End: at(2500)},
	}
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/jobs/j1/trace": answer(http.StatusOK, client.Trace{Job: "j1", State: "dead", Trace: "abc", Spans: spans})})
	p := newPerson(t, s)
	p.signIn()
	want := `STEP            AFTER  TOOK  NOTE
job                0s  2.5s  dead
├ outbox           0s  10ms  with the time for which it was held back
├ attempt        40ms  2.5s  w1, lease expired
│ ├ fit rank 1   90ms  1.8s  busy 1.750 s
│ └ gather      100ms  1.9s
└ result         2.5s  10ms
`
	if got := p.types("", "job", "trace", "j1"); got.code != exitOK || got.out != want {
		t.Errorf("got\n%s%s, want\n%s", got.out, got.err, want)
	}
}
