package history_test

import (
	"slices"
	"strings"
	"testing"

	"foliocast/internal/history"
)

// An upload takes effect and its answer is lost, or comes late; it is repeated when another message
// has been uploaded. Which of the two came first is not known.
func TestOrderOfAnUploadThatWasRepeated(t *testing.T) {
	t.Parallel()
	upload := func(begin, end int64, status int, items ...history.Item) history.Event {
		return history.Event{Kind: history.Wire, Op: history.Enqueue, Begin: begin, End: end, Status: status, Items: items}
	}
	early, late := history.Item{ID: "m1", Key: "k1", Queue: "a"}, history.Item{ID: "m2", Key: "k2", Queue: "a"}
	again := early
	again.Duplicate = true
	leased := history.Event{Kind: history.Wire, Op: history.Lease, Begin: 100, End: 110, Status: 200,
		Items: []history.Item{{ID: "m1", Key: "k1", Queue: "a", Token: 1, Attempt: 1}, {ID: "m2", Key: "k2", Queue: "a", Token: 1, Attempt: 1}}}
	for _, c := range []struct {
		name    string
		uploads []history.Event
		want    string // in a violation; "" for none of these
	}{
		{"the first answer is lost", []history.Event{upload(1, 5, 0, history.Item{Key: "k1"}), upload(10, 20, 200, late), upload(30, 40, 200, again)}, ""},
		{"the first answer is late", []history.Event{upload(10, 20, 200, late), upload(30, 40, 200, again), upload(1, 50, 200, early)}, ""},
		{"the other came first", []history.Event{upload(10, 20, 200, late), upload(30, 40, 200, early)}, "was uploaded earlier"},
		{"nothing was sent before", []history.Event{upload(10, 20, 200, late), upload(30, 40, 200, again)}, "was a duplicate when it was first sent"},
	} {
		var found []string
		for _, v := range history.Check(append(c.uploads, leased)) {
			if strings.Contains(v, "was uploaded earlier") || strings.Contains(v, "duplicate") {
				found = append(found, v)
			}
		}
		if c.want == "" && len(found) > 0 || c.want != "" && !slices.ContainsFunc(found, func(v string) bool { return strings.Contains(v, c.want) }) {
			t.Errorf("%s: violations %q, want one with %q", c.name, found, c.want)
		}
	}
}
