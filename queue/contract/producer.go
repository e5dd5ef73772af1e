package contract

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Producer is what a producer uses of a message service. *client.Client implements
// it.
type Producer interface {
	Enqueue(ctx context.Context, messages []message.New) ([]message.Receipt, error)
	Status(ctx context.Context, lookup message.Lookup) ([]message.Status, error)
	Message(ctx context.Context, id message.ID) (message.Detail, error)
	Replace(ctx context.Context, id message.ID, revision int, content message.Content) (message.Detail, error)
	Cancel(ctx context.Context, id message.ID) (message.Detail, error)
	Results(ctx context.Context, after message.Position, limit int, wait time.Duration) ([]message.Result, error)
	Read(ctx context.Context, reader message.Reader, after message.Position, limit int, wait time.Duration) (message.Results, error)
	Part(ctx context.Context, position message.Position, index int) ([]byte, error)
}

// ProducerService is a message service under test, as producers see it.
type ProducerService struct {
	Producer
	// Lease leases the waiting message with a key to a worker, and reports progress.
	Lease func(key string, progress float64)
	// End ends the leased message with a key, as its worker does: with a result and
	// its parts, or, when failure is not empty, with an error that is not retryable.
	End func(key string, result json.RawMessage, failure string, parts ...string)
	// Redrive lets the message with a key wait again, which has ended with a failure.
	Redrive func(key string)
}

// Produce tests what producers rely on. Open returns a new service without
// messages, whose feed is at position 0.
func Produce(t *testing.T, open func(t *testing.T) ProducerService) {
	for name, c := range map[string]func(*producer){
		"the same key again":  (*producer).sameKeyAgain,
		"look up":             (*producer).lookUp,
		"look up the leased":  (*producer).lookUpLeased,
		"unknown":             (*producer).unknown,
		"replace":             (*producer).replace,
		"replace a leased":    (*producer).replaceALeased,
		"cancel a waiting":    (*producer).cancelAWaiting,
		"cancel a leased":     (*producer).cancelALeased,
		"the feed":            (*producer).feed,
		"the feed is awaited": (*producer).feedIsAwaited,
		"beyond the feed":     (*producer).beyondTheFeed,
		"a reader":            (*producer).reader,
		"redriven":            (*producer).redriven,
		"parts":               (*producer).parts,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c(&producer{open(t), t})
		})
	}
}

type producer struct {
	ProducerService
	*testing.T
}

// add enqueues one message for each key.
func (p *producer) add(keys ...string) []message.Receipt {
	p.Helper()
	var all []message.New
	for _, key := range keys {
		all = append(all, message.New{Key: key, Payload: json.RawMessage(`{"of":"` + key + `"}`), Priority: 3})
	}
	receipts := must[[]message.Receipt](p.T)(p.Enqueue(p.Context(), all))
	if len(receipts) != len(keys) {
		p.Fatalf("got %d receipts, want %d", len(receipts), len(keys))
	}
	return receipts
}

func (p *producer) message(key string) message.Detail {
	p.Helper()
	return must[message.Detail](p.T)(p.Message(p.Context(), message.ByKey(key)))
}

func (p *producer) results(after message.Position, limit int) []message.Result {
	p.Helper()
	return must[[]message.Result](p.T)(p.Results(p.Context(), after, limit, 0))
}

func (p *producer) sameKeyAgain() {
	first := p.add("a", "b")
	again := must[[]message.Receipt](p.T)(p.Enqueue(p.Context(), []message.New{
		{Key: "b", Payload: json.RawMessage(`"other"`)}, {Key: "c", Payload: json.RawMessage(`1`)}, {Key: "c", Payload: json.RawMessage(`2`)}}))
	if len(again) != 3 || again[0].ID != first[1].ID || again[1].ID != again[2].ID {
		p.Fatalf("got %+v after %+v", again, first)
	}
	var duplicates []bool
	for _, r := range append(first, again...) {
		duplicates = append(duplicates, r.Duplicate)
		if r.Queue == "" {
			p.Errorf("the receipt of %s names no queue", r.Key)
		}
	}
	if want := []bool{false, false, true, false, true}; !slices.Equal(duplicates, want) {
		p.Errorf("duplicates are %v, want %v", duplicates, want)
	}
	if m := p.message("b"); string(m.Payload) != `{"of":"b"}` || m.Revision != 1 {
		p.Errorf("the known message is now %s at revision %d", m.Payload, m.Revision)
	}
}

func (p *producer) lookUp() {
	r := p.add("a")[0]
	all := must[[]message.Status](p.T)(p.Status(p.Context(), message.Lookup{Keys: []string{"none", "a"}}))
	if len(all) != 1 || all[0].ID != r.ID || all[0].Key != "a" || all[0].State != message.Waiting || all[0].Priority != 3 ||
		all[0].Revision != 1 || all[0].EnqueuedAt.IsZero() || all[0].LeasedAt != nil {
		p.Errorf("waiting: got %+v", all)
	}
	p.Lease("a", 0.25)
	if m := p.message("a"); m.State != message.Leased || m.LeasedAt == nil || m.Progress != 0.25 || m.CancelRequested {
		p.Errorf("leased: got %+v", m.Status)
	}
	p.End("a", json.RawMessage(`1`), "")
	if m := p.message("a"); m.State != message.Ended || m.Outcome != message.Completed || m.Payload != nil {
		p.Errorf("completed: got %+v with %s", m.Status, m.Payload)
	}
	if again := p.add("a")[0]; again.ID != r.ID || !again.Duplicate || again.Queue != "" {
		p.Errorf("the key of an ended message: got %+v", again)
	}
}

func (p *producer) lookUpLeased() {
	p.add("a", "b", "c")
	p.Lease("a", 0.25)
	p.Lease("b", 0)
	p.End("b", json.RawMessage(`1`), "")
	var all []message.Status
	for len(all) == 0 { // until it has been leased for so long
		all = must[[]message.Status](p.T)(p.Status(p.Context(), message.Lookup{LeasedFor: 0.1}))
	}
	if len(all) != 1 || all[0].Key != "a" || all[0].State != message.Leased || all[0].Progress != 0.25 || all[0].LeasedAt == nil {
		p.Errorf("got %+v", all)
	}
	if all := must[[]message.Status](p.T)(p.Status(p.Context(), message.Lookup{LeasedFor: 3600})); len(all) != 0 {
		p.Errorf("leased for an hour: got %+v", all)
	}
}

func (p *producer) unknown() {
	ctx, key := p.Context(), message.ByKey("none")
	_, err := p.Message(ctx, key)
	wantKind(p.T, err, problem.NotFound)
	_, err = p.Cancel(ctx, key)
	wantKind(p.T, err, problem.NotFound)
	_, err = p.Replace(ctx, key, 1, message.Content{Payload: json.RawMessage(`1`)})
	wantKind(p.T, err, problem.NotFound)
	if all := must[[]message.Status](p.T)(p.Status(ctx, message.Lookup{Keys: []string{"none"}})); len(all) != 0 {
		p.Errorf("got the status %+v of an unknown key", all)
	}
	_, err = p.Part(ctx, 1, 0)
	wantKind(p.T, err, problem.NotFound)
}

func (p *producer) replace() {
	p.add("a")
	ctx, key := p.Context(), message.ByKey("a")
	content := message.Content{Payload: json.RawMessage(`"new"`), Priority: 7}
	m := must[message.Detail](p.T)(p.Replace(ctx, key, 1, content))
	if m.Revision != 2 || string(m.Payload) != `"new"` || m.Priority != 7 {
		p.Errorf("got %+v with %s", m.Status, m.Payload)
	}
	_, err := p.Replace(ctx, key, 1, content)
	wantKind(p.T, err, problem.Stale)
	if m := p.message("a"); m.Revision != 2 {
		p.Errorf("a stale replacement made revision %d", m.Revision)
	}
}

func (p *producer) replaceALeased() {
	p.add("a")
	content := message.Content{Payload: json.RawMessage(`1`)}
	p.Lease("a", 0)
	_, err := p.Replace(p.Context(), message.ByKey("a"), 1, content)
	wantKind(p.T, err, problem.Conflict)
	p.End("a", nil, "no")
	_, err = p.Replace(p.Context(), message.ByKey("a"), 1, content)
	wantKind(p.T, err, problem.Conflict)
}

func (p *producer) cancelAWaiting() {
	p.add("a")
	for range 2 { // again changes nothing
		if m := must[message.Detail](p.T)(p.Cancel(p.Context(), message.ByKey("a"))); m.State != message.Ended || m.Outcome != message.Cancelled {
			p.Errorf("got %+v", m.Status)
		}
	}
	results := p.results(0, 10)
	if len(results) != 1 || results[0].Key != "a" || results[0].Outcome != message.Cancelled || results[0].Error == "" || results[0].LeasedAt != nil {
		p.Errorf("the feed has %+v", results)
	}
}

func (p *producer) cancelALeased() {
	p.add("a")
	p.Lease("a", 0)
	if m := must[message.Detail](p.T)(p.Cancel(p.Context(), message.ByKey("a"))); m.State != message.Leased || !m.CancelRequested {
		p.Errorf("got %+v, want that its worker is asked to stop", m.Status)
	}
	p.End("a", json.RawMessage(`1`), "") // the worker was faster
	if m := must[message.Detail](p.T)(p.Cancel(p.Context(), message.ByKey("a"))); m.Outcome != message.Completed {
		p.Errorf("cancelling a completed message made it %s", m.Outcome)
	}
}

func (p *producer) feed() {
	receipts := p.add("a", "b", "c")
	for _, key := range []string{"b", "a", "c"} {
		p.Lease(key, 0)
	}
	p.End("b", json.RawMessage(`{"answer":42}`), "")
	p.End("a", nil, "cannot be done")
	p.End("c", json.RawMessage(`3`), "")
	all := p.results(0, 10)
	if len(all) != 3 || all[0].Position < 1 || all[1].Position <= all[0].Position || all[2].Position <= all[1].Position {
		p.Fatalf("the feed has %+v", all)
	}
	b, a := all[0], all[1]
	if b.Key != "b" || b.ID != receipts[1].ID || b.Outcome != message.Completed || string(b.Result) != `{"answer":42}` ||
		b.Error != "" || b.Revision != 1 || b.LeasedAt == nil || b.EndedAt.IsZero() {
		p.Errorf("the first that ended is %+v", b)
	}
	if a.Key != "a" || a.Outcome != message.Failed || a.Error != "cannot be done" || a.Result != nil {
		p.Errorf("the second that ended is %+v", a)
	}
	if page := p.results(0, 2); len(page) != 2 || page[1].Key != "a" {
		p.Errorf("a page of two has %+v", page)
	}
	if page := p.results(a.Position, 10); len(page) != 1 || page[0].Key != "c" {
		p.Errorf("after the second there is %+v", page)
	}
	if page := p.results(all[2].Position, 10); len(page) != 0 {
		p.Errorf("after the end there is %+v", page)
	}
}

func (p *producer) feedIsAwaited() {
	p.add("a")
	got := make(chan []message.Result, 1)
	go func() {
		results, err := p.Results(p.Context(), 0, 10, longest)
		if err != nil {
			p.Error(err)
		}
		got <- results
	}()
	begin := time.Now()
	p.Lease("a", 0)
	p.End("a", json.RawMessage(`1`), "")
	if results := <-got; len(results) != 1 || results[0].Key != "a" || time.Since(begin) > longest/2 {
		p.Errorf("after %v the wait ended with %+v", time.Since(begin), results)
	}
}

// A position that was never assigned belongs to another feed.
func (p *producer) beyondTheFeed() {
	_, err := p.Results(p.Context(), 7, 10, 0)
	wantKind(p.T, err, problem.Conflict)
}

// A reader learns the epoch, reads on in it, and is given nothing for a position of another.
func (p *producer) reader() {
	read := func(epoch message.Epoch, after message.Position) message.Results {
		p.Helper()
		return must[message.Results](p.T)(p.Read(p.Context(), message.Reader{Name: "r", Epoch: epoch}, after, 10, 0))
	}
	first := read("", 0)
	if first.Epoch == "" || len(first.Results) != 0 || first.Gap != nil {
		p.Fatalf("got %+v", first)
	}
	p.add("a")
	p.Lease("a", 0)
	p.End("a", json.RawMessage(`1`), "")
	page := read(first.Epoch, 0)
	if page.Epoch != first.Epoch || len(page.Results) != 1 || page.Results[0].Key != "a" {
		p.Fatalf("got %+v", page)
	}
	if page := read(first.Epoch, page.Results[0].Position); page.Epoch != first.Epoch || len(page.Results) != 0 {
		p.Errorf("at the end: got %+v", page)
	}
	if page := read("00000000-0000-0000-0000-000000000000", 0); page.Epoch != first.Epoch || len(page.Results) != 0 {
		p.Errorf("with another epoch: got %+v", page)
	}
}

// A message that waits again is in the feed for readers that ask for it, at a position that the
// others do not see, and ends once more.
func (p *producer) redriven() {
	read := func(redriven bool, after message.Position) []message.Result {
		p.Helper()
		return must[message.Results](p.T)(p.Read(p.Context(), message.Reader{Name: "r", Redriven: redriven}, after, 10, 0)).Results
	}
	r := p.add("a")[0]
	p.Lease("a", 0)
	p.End("a", nil, "no luck")
	p.Redrive("a")
	if m := p.message("a"); m.State != message.Waiting || m.ID != r.ID || m.Outcome != "" || m.Attempts != 0 {
		p.Errorf("got %+v, want that it waits again", m.Status)
	}
	all := read(true, 0)
	if len(all) != 2 || all[1].Outcome != message.Redriven || all[1].Key != "a" || all[1].ID != r.ID || all[1].Position <= all[0].Position {
		p.Fatalf("the feed has %+v, want a failure and that it is redriven", all)
	}
	p.Lease("a", 0)
	p.End("a", json.RawMessage(`1`), "")
	if rest := read(true, all[1].Position); len(rest) != 1 || rest[0].Outcome != message.Completed {
		p.Errorf("after that the feed has %+v", rest)
	}
	if others := read(false, 0); len(others) != 2 || others[1].Outcome != message.Completed || others[1].Position <= all[1].Position {
		p.Errorf("without asking for it, a reader is told %+v", others)
	}
}

func (p *producer) parts() {
	p.add("a")
	p.Lease("a", 0)
	p.End("a", json.RawMessage(`{}`), "", `[1, 2]`, `[3]`)
	results := p.results(0, 10)
	if len(results) != 1 || results[0].Parts != 2 {
		p.Fatalf("the feed has %+v", results)
	}
	for i, want := range []string{`[1, 2]`, `[3]`} {
		if body := must[[]byte](p.T)(p.Part(p.Context(), results[0].Position, i)); string(body) != want {
			p.Errorf("part %d is %q, want %q", i, body, want)
		}
	}
	_, err := p.Part(p.Context(), results[0].Position, 2)
	wantKind(p.T, err, problem.NotFound)
}
