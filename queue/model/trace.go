package model

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"foliocast/internal/history"
	"foliocast/queue/message"
)

// The operations of replay.pml.
const (
	opEnqueue = iota + 1
	opClaim
	opBeat
	opComplete
	opRelease
	opCancel
	opSee
	opEnd
	opInherit
	opUnknown
	opLose
	opRedrive
)

// verdicts and ends are the numbers of verdicts, and of states and outcomes, in replay.pml.
var (
	verdicts = map[string]int{
		string(message.Accepted): 1, string(message.Extended): 2, string(message.Stop): 3, string(message.Stale): 4,
	}
	ends = map[string]int{
		string(message.Waiting): 5, string(message.Leased): 6, string(message.Ended): 7,
		string(message.Completed): 8, string(message.Failed): 9, string(message.Cancelled): 10, string(message.Dead): 11,
	}
)

// request is one that is about a message. Numbers of workers and of names count within its life.
type request struct {
	op, token, answer, kind, attempt, worker, until, name int

	after      int // 1 when it comes after the request before it
	begin, end int64
	text       string // for people
}

func (r request) String() string { return fmt.Sprintf("%s at %d", r.text, r.begin) }

// life is what a history has of one message.
type life struct {
	id         string
	answered   []request // in the order in which they began
	unanswered []request
	claims     []history.Event // with the message as their only item
	workers    []string        // that had it, sorted
	ended      int             // the place behind the last end in answered, or 0
	redriven   int             // 1 after a redrive
}

// trace is a history as replay.pml needs it.
type trace struct {
	attempts int
	claims   []int64 // when requests for leases began that nobody got an answer to
	lives    []*life
	byID     map[string]*life
	idOf     map[string]string // by key
}

// silent reports whether nobody knows what became of a request: there was no answer, or the
// service failed, perhaps after it had done what it was asked for.
func silent(e history.Event) bool { return e.Status == 0 || e.Status >= 500 }

// translate returns the requests about each message.
func translate(events []history.Event) (*trace, error) {
	t := &trace{byID: map[string]*life{}, idOf: map[string]string{}}
	if len(events) > 0 {
		t.attempts = events[0].Attempts
	}
	if t.attempts < 1 || t.attempts > 250 {
		return nil, errors.New("the first line does not say how many attempts a message has")
	}
	for _, e := range events {
		t.name(e)
	}
	for _, e := range events {
		t.lease(e)
	}
	for _, l := range t.lives {
		l.number(events)
	}
	for _, e := range events {
		t.add(e)
	}
	slices.Sort(t.claims)
	for _, l := range t.lives {
		slices.SortStableFunc(l.answered, func(a, b request) int { return cmp.Compare(a.begin, b.begin) })
		if err := l.check(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// name learns which message has which key.
func (t *trace) name(e history.Event) {
	know := func(id, key string) {
		if id == "" {
			return
		}
		if key != "" {
			t.idOf[key] = id
		}
		if t.byID[id] == nil {
			t.byID[id] = &life{id: id}
			t.lives = append(t.lives, t.byID[id])
		}
	}
	switch e.Kind {
	case history.Feed:
		know(e.ID, e.Key)
	case history.Wire:
		for _, item := range e.Items {
			know(item.ID, item.Key)
		}
	}
}

// of returns the life of an item's message, or nil when the history has no more of it than
// a request that came to nothing.
func (t *trace) of(item history.Item) *life {
	return t.byID[cmp.Or(item.ID, t.idOf[item.Key])]
}

// lease notes who had which message.
func (t *trace) lease(e history.Event) {
	if e.Kind != history.Wire || e.Op != history.Lease {
		return
	}
	if silent(e) {
		t.claims = append(t.claims, e.Begin)
	}
	for _, item := range e.Items {
		l := t.of(item)
		e.Items = []history.Item{item}
		l.claims = append(l.claims, e)
		l.workers = append(l.workers, e.Client)
	}
}

// number turns workers and the names of their requests into numbers, and adds the requests
// for this message's leases that nobody got an answer to at first.
func (l *life) number(events []history.Event) {
	slices.Sort(l.workers)
	l.workers = slices.Compact(l.workers)
	names := map[string]int{}
	for _, e := range l.claims {
		item := e.Items[0]
		name := e.Client + " " + e.Key
		if e.Key == "" {
			name = ""
		} else if names[name] == 0 {
			names[name] = len(names) + 1
		}
		l.answered = append(l.answered, request{op: opClaim, token: int(item.Token), attempt: item.Attempt, worker: l.worker(e.Client), name: names[name],
			begin: e.Begin, end: e.End, text: fmt.Sprintf("the lease under token %d, attempt %d, to %s", item.Token, item.Attempt, e.Client)})
	}
	for _, e := range events {
		name := names[e.Client+" "+e.Key]
		if e.Kind == history.Wire && e.Op == history.Lease && silent(e) && e.Key != "" && name > 0 {
			l.unanswered = append(l.unanswered, request{op: opLose, worker: l.worker(e.Client), name: name, begin: e.Begin})
		}
	}
}

// worker returns the number of a worker that had the message.
func (l *life) worker(name string) int { return slices.Index(l.workers, name) + 1 }

// add adds an event to the lives of its messages.
func (t *trace) add(e history.Event) {
	switch {
	case e.Kind == history.Feed:
		t.byID[e.ID].end(e)
	case e.Kind != history.Wire || e.Op == history.Lease:
	case e.Op == history.Inherit:
		if e.Status/100 == 2 {
			t.inherit(e)
		}
	default:
		for _, item := range e.Items {
			if l := t.of(item); l != nil {
				l.add(e, item)
			}
		}
	}
}

// end adds an end, or a redrive, that a reader of the feed saw. It happened before; when the
// message was redriven later, perhaps long before.
func (l *life) end(e history.Event) {
	r := request{op: opEnd, answer: ends[e.Outcome], begin: e.Begin, end: e.End, text: "the end as " + e.Outcome + " in the feed"}
	if e.Outcome == string(message.Redriven) {
		r.op, r.answer, r.after, r.begin, r.text = opRedrive, 0, 1, 0, "the redrive in the feed"
		if l.ended > 0 {
			before := &l.answered[l.ended-1]
			before.begin, before.after = 0, l.redriven
		}
		l.redriven = 1
	}
	l.answered = append(l.answered, r)
	if r.op == opEnd {
		l.ended = len(l.answered)
	}
}

// inherit adds a request that takes the leases of a worker's predecessors. One without an
// answer is a loss of leases, which may happen at any time.
func (t *trace) inherit(e history.Event) {
	lineage, ok := message.Lineage(e.Client)
	if !ok {
		return
	}
	for _, l := range t.lives {
		r := request{op: opInherit, begin: e.Begin, end: e.End, text: "the inheritance of " + e.Client}
		for i, w := range l.workers {
			if strings.HasPrefix(w, message.Incarnation(lineage, "")) && w < e.Client {
				r.worker = cmp.Or(r.worker, i+1)
				r.until = i + 2
			}
		}
		if r.until > 0 {
			l.answered = append(l.answered, r)
		}
	}
}

// add adds a request about the message.
func (l *life) add(e history.Event, item history.Item) {
	r := request{token: int(item.Token), answer: verdicts[item.Verdict], begin: e.Begin, end: e.End,
		text: fmt.Sprintf("the answer %q to %s under token %d", item.Verdict, e.Op, item.Token)}
	switch e.Op {
	case history.Enqueue:
		r.op, r.answer, r.text = opEnqueue, 0, "its upload"
	case history.Cancel:
		r.op, r.answer, r.text = opCancel, 0, "its cancellation"
		if e.Status == 404 {
			r.op, r.text = opUnknown, "the answer that it is unknown"
			l.answered = append(l.answered, r)
		}
	case history.Beat:
		if r.op = opBeat; silent(e) {
			return // nothing would show that it happened
		}
	case history.Release:
		r.op = opRelease
	case history.Complete:
		r.op, r.kind = opComplete, 1
		if item.Failed {
			r.kind = 3
		}
		if item.Retryable {
			r.kind = 2
		}
	}
	switch {
	case silent(e):
		l.unanswered = append(l.unanswered, r)
	case e.Status/100 == 2:
		l.answered = append(l.answered, r)
		if r.op == opCancel {
			r.op, r.after, r.answer, r.text = opSee, 1, ends[item.Verdict], fmt.Sprintf("the state %q in the answer to its cancellation", item.Verdict)
			l.answered = append(l.answered, r)
		}
	}
}

// check returns an error if the life is too much for replay.pml.
func (l *life) check() error {
	for i, r := range l.answered {
		n := i + 1
		for n < len(l.answered) && l.answered[n].begin <= r.end {
			n++
		}
		if n-i > 31 {
			return fmt.Errorf("message %s: more than 31 requests at once", l.id)
		}
		if r.token > 31 {
			return fmt.Errorf("message %s: token %d is more than the model has", l.id, r.token)
		}
	}
	return nil
}

// most is the greatest token that a claim without an answer is tried with: one more than is
// known. Behind that, several such claims explain no more than one does, unless they used up
// the attempts.
func (l *life) most() int {
	most := 0
	for _, r := range l.answered {
		if r.op == opEnd && r.answer == ends[string(message.Dead)] {
			return 31
		}
		most = max(most, r.token)
	}
	return min(most+1, 31)
}

// text is the history as replay.h reads it.
func (t *trace) text() string {
	var b strings.Builder
	fmt.Fprintln(&b, t.attempts, len(t.claims))
	for _, c := range t.claims {
		fmt.Fprintln(&b, c)
	}
	fmt.Fprintln(&b, len(t.lives))
	for _, l := range t.lives {
		fmt.Fprintln(&b, len(l.answered), len(l.unanswered), l.most())
		for _, r := range slices.Concat(l.answered, l.unanswered) {
			fmt.Fprintln(&b, r.op, r.token, r.answer, r.kind, r.attempt, r.worker, r.until, r.name, r.after, r.begin, r.end)
		}
	}
	return b.String()
}
