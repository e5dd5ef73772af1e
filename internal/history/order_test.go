package history_test

import (
	"strings"
	"testing"

	"foliocast/internal/history"
)

// An upload takes effect and its answer is lost; it is repeated when another message has been
// uploaded. Which of the two came first is not known.
func TestOrderOfAnUploadThatWasRepeated(t *testing.T) {
	t.Parallel()
	upload := func(begin, end int64, status int, items ...history.Item) history.Event {
		return history.Event{Kind: history.Wire, Op: history.Enqueue, Begin: begin, End: end, Status: status, Items: items}
	}
	early, late := history.Item{ID: "m1", Key: "k1", Queue: "a"}, history.Item{ID: "m2", Key: "k2", Queue: "a"}
	leased := history.Event{Kind: history.Wire, Op: history.Lease, Begin: 100, End: 110, Status: 200,
		Items: []history.Item{{ID: "m1", Key: "k1", Queue: "a", Token: 1, Attempt: 1}, {ID: "m2", Key: "k2", Queue: "a", Token: 1, Attempt: 1}}}
	lost := []history.Event{upload(1, 5, 0, history.Item{Key: "k1"}), upload(10, 20, 200, late), upload(30, 40, 200, early), leased}
	for _, v := range history.Check(lost) {
		if strings.Contains(v, "was uploaded earlier") {
			t.Error(v)
		}
	}
	wrong := 0
	for _, v := range history.Check(lost[1:]) {
		if strings.Contains(v, "was uploaded earlier") {
			wrong++
		}
	}
	if wrong != 1 {
		t.Errorf("without the lost request, %d violations of the order, want one", wrong)
	}
}
