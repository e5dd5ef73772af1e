package relay

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

func TestOutcomesBecomeStates(t *testing.T) {
	t.Parallel()
	partial := `{"job":"JOB","state":"partial","overall":null,"assets":[],"provenance":{}}`
	for name, c := range map[string]struct {
		result message.Result
		state  job.State
		says   string
	}{
		"done":             {message.Result{Outcome: message.Completed, Result: json.RawMessage(strings.Replace(partial, "partial", "done", 1))}, job.Done, ""},
		"partial":          {message.Result{Outcome: message.Completed, Result: json.RawMessage(partial)}, job.Partial, ""},
		"answer: failed":   {message.Result{Outcome: message.Completed, Result: json.RawMessage(`{"job":"JOB","state":"failed","error":{"code":"stale","detail":"too old"},"provenance":{}}`)}, job.Failed, "too old"},
		"failed":           {message.Result{Outcome: message.Failed, Error: "no such file"}, job.Failed, "no such file"},
		"failed, silently": {message.Result{Outcome: message.Failed}, job.Failed, "without a reason"},
		"cancelled":        {message.Result{Outcome: message.Cancelled}, job.Cancelled, ""},
		"dead":             {message.Result{Outcome: message.Dead, Attempts: 3, Error: "rank 1 died"}, job.Dead, "3 attempts: rank 1 died"},

		"no outcome":         {message.Result{}, job.Failed, "unknown outcome"},
		"no answer":          {message.Result{Outcome: message.Completed}, job.Failed, "is invalid"},
		"another type":       {message.Result{Outcome: message.Completed, Result: json.RawMessage(`[1]`)}, job.Failed, "is invalid"},
		"not an end":         {message.Result{Outcome: message.Completed, Result: json.RawMessage(strings.Replace(partial, "partial", "running", 1))}, job.Failed, "is invalid"},
		"not its end":        {message.Result{Outcome: message.Completed, Result: json.RawMessage(strings.Replace(partial, "partial", "cancelled", 1))}, job.Failed, "cannot end as"},
		"of another job":     {message.Result{Outcome: message.Completed, Result: json.RawMessage(strings.Replace(partial, "JOB", "x", 1))}, job.Failed, "about job"},
		"parts missing":      {message.Result{Outcome: message.Completed, Result: json.RawMessage(partial), Parts: 2}, job.Failed, "part 0 is missing"},
		"parts without end":  {message.Result{Outcome: message.Completed, Result: json.RawMessage(partial), Parts: 1 << 40}, job.Failed, "parts"},
		"attempts too many":  {message.Result{Outcome: message.Dead, Attempts: 1 << 40}, job.Dead, "attempts"},
		"a reason with NULs": {message.Result{Outcome: message.Failed, Error: "a\x00b"}, job.Failed, "a\x00b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			j := w.submit(1)
			w.send()
			r := c.result
			r.Result = json.RawMessage(strings.ReplaceAll(string(r.Result), "JOB", string(j.ID)))
			if len(r.Result) == 0 {
				r.Result = nil
			}
			w.queue.End(j.Key(), r)
			w.collect()
			if r.Parts == 2 {
				w.must(w.relay.fetchSmall(t.Context()))
			}
			got := w.read(j.ID)
			if got.State != c.state {
				t.Errorf("got %s, want %s", got.State, c.state)
			}
			if c.says != "" && (got.Error == nil || !strings.Contains(got.Error.Detail, c.says)) {
				t.Errorf("got the error %+v, want %q in it", got.Error, c.says)
			}
		})
	}
}

// Whatever the feed contains, the results after it are applied.
func TestInvalidResultsDoNotHoldUpTheFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	for _, key := range []string{"", "x", "#", string(j.ID) + "#7", string(j.ID) + "#x", "urn:uuid:" + string(j.ID),
		"00000000-0000-7000-8000-000000000000", strings.ToUpper(string(j.ID)) + "x", "a\x00b"} {
		w.queue.Push(message.Result{Key: key, Outcome: message.Failed, Error: "?"})
	}
	w.queue.End(j.Key(), done(j.ID))
	w.queue.Push(message.Result{Key: j.Key(), Outcome: message.Failed, Error: "an answer twice"})
	w.collect()
	if got := w.read(j.ID).State; got != job.Done {
		t.Errorf("got %s, want done", got)
	}
	if p, err := w.store.Position(t.Context()); p.At != 11 || err != nil {
		t.Errorf("the place in the feed is %+v, %v", p, err)
	}
}

// Two processes with the same page apply it once.
func TestTwoCollectors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	w.queue.End(j.Key(), done(j.ID))
	other := another(w.store, w.queue)
	from, err := w.store.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page, err := w.queue.Client().Results(t.Context(), from.At, 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := other.news(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	w.collect()
	if moved, err := w.store.Apply(t.Context(), from, store.Position{At: 1}, mine); moved || err != nil {
		t.Errorf("the slower one: got %v, %v", moved, err)
	}
	if got := w.read(j.ID).State; got != job.Done {
		t.Errorf("got %s", got)
	}
}

func TestFeedThatGoesBackFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool {
		queuetest.Answer(rw, message.Results{Results: []message.Result{{Position: 0, Key: "k"}, {Position: -3}}})
		return true
	})
	if err := w.relay.collect(t.Context()); err == nil {
		t.Error("collect accepted it, and would ask for the same results for ever")
	}
}

// Results before and after an answer in parts are applied without it.
func TestAnswerInPartsDelaysNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, large, after := w.submit(1), w.submit(2), w.submit(3)
	w.send()
	w.queue.End(before.Key(), done(before.ID))
	w.queue.End(large.Key(), done(large.ID), `[]`)
	w.queue.End(after.Key(), done(after.ID))
	w.collect()
	for j, want := range map[job.ID]job.State{before.ID: job.Done, large.ID: job.Queued, after.ID: job.Done} {
		if got := w.read(j).State; got != want {
			t.Errorf("before the parts are fetched: got %s, want %s", got, want)
		}
	}
	w.must(w.relay.fetchSmall(t.Context()))
	if got := w.read(large.ID).State; got != job.Done {
		t.Errorf("got %s, want done", got)
	}
}

// Of two processes one fetches an answer, as long as it says that it does. When it dies,
// the other takes over.
func TestAnswerInPartsIsFetchedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	w.queue.End(j.Key(), done(j.ID), `[]`)
	w.must(w.relay.collect(t.Context()))
	w.must(w.other.collect(t.Context()))
	const patience = 300 * time.Millisecond
	take := func() (store.Late, bool) {
		l, found, err := w.store.TakeLate(t.Context(), patience, smallParts)
		w.must(err)
		return l, found
	}
	first, found := take()
	if !found {
		t.Fatal("nothing was put aside")
	}
	for end := time.Now().Add(3 * patience); time.Now().Before(end); {
		if held, err := w.store.KeepLate(t.Context(), &first); err != nil || !held {
			t.Fatalf("got %v, %v from the one that fetches it", held, err)
		}
		if _, found := take(); found {
			t.Fatal("another has taken an answer that is being fetched")
		}
	}
	servetest.Until(t, "the other takes over", func() bool { _, found = take(); return found })
	if held, err := w.store.KeepLate(t.Context(), &first); err != nil || held {
		t.Errorf("got %v, %v: the first does not learn that it has lost the answer", held, err)
	}
	w.must(w.store.ReturnLate(t.Context(), first))
	if _, found := take(); found {
		t.Error("the first has given back what the other fetches")
	}
}

func TestPartsAreFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, bad := w.submit(1), w.submit(2)
	w.send()
	parts := []string{`[{"asset":"A","mean":[1],"skill":null,"error":null}]`, `[]`}
	w.queue.End(good.Key(), done(good.ID), parts...)
	w.queue.End(bad.Key(), done(bad.ID), parts[0], `{"asset":"B"}`)
	w.queue.Lose(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/parts/1") })
	w.collect()
	if err := w.relay.fetchSmall(t.Context()); err == nil {
		t.Error("a part did not arrive: the answer is not whole")
	}
	if got := w.read(good.ID).State; got != job.Queued {
		t.Errorf("got %s before all parts are there", got)
	}
	w.queue.Lose(nil)
	w.must(w.relay.fetchSmall(t.Context()))
	w.must(w.relay.fetchSmall(t.Context()))
	r, found, err := w.store.Result(t.Context(), good.ID)
	if err != nil || !found || r.Parts != 2 {
		t.Fatalf("got %+v, %v, %v", r, found, err)
	}
	for i, want := range parts {
		body, err := w.store.Part(t.Context(), good.ID, r.Run, i)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, strings.TrimSpace(string(body))); d != "" {
			t.Error(d)
		}
	}
	if got := w.read(bad.ID); got.State != job.Failed || !strings.Contains(got.Error.Detail, "part 1") {
		t.Errorf("a part that is not a list: got %s, %+v", got.State, got.Error)
	}
}

// An answer of many parts does not keep the results behind it waiting, and the one that fetches it may die.
func TestLargeAnswersAreFetchedAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	large, small, superseded := w.submit(1), w.submit(2), w.submit(3)
	w.send()
	var parts []string
	for range smallParts + 1 {
		parts = append(parts, `[{"asset":"A","mean":[1],"skill":null,"error":null}]`)
	}
	w.queue.End(large.Key(), done(large.ID), parts...)
	w.queue.End(superseded.Key(), done(superseded.ID), parts...)
	w.queue.End(small.Key(), done(small.ID))
	w.queue.Lose(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/parts/3") })
	w.collect()
	if got := w.read(small.ID).State; got != job.Done {
		t.Errorf("behind it: got %s, want done", got)
	}
	if err := w.relay.fetchLarge(t.Context()); err == nil {
		t.Error("a part did not arrive: the answer is not whole")
	}
	w.queue.Lose(nil)
	if _, found, err := w.store.TakeLate(t.Context(), latePatience, maxParts); err != nil || !found { // by a process that dies then
		t.Fatal(found, err)
	}
	w.must(w.other.fetchLarge(t.Context()))
	if l, found, err := w.store.TakeLate(t.Context(), 0, maxParts); err != nil || !found {
		t.Fatal(found, err)
	} else {
		w.must(w.store.ReturnLate(t.Context(), l))
	}
	w.must(w.other.fetchLarge(t.Context()))
	for _, id := range []job.ID{large.ID, superseded.ID} {
		r, found, err := w.store.Result(t.Context(), id)
		if got := w.read(id); err != nil || !found || r.Parts != len(parts) || got.State != job.Done {
			t.Errorf("got %s, %d parts, %v, %v", got.State, r.Parts, found, err)
		}
	}
	if _, found, err := w.store.TakeLate(t.Context(), 0, maxParts); err != nil || found {
		t.Errorf("something is left: %v, %v", found, err)
	}
}

func TestDeadMessageIsRedriven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	w.queue.End(j.Key(), message.Result{Outcome: message.Dead, Attempts: 3})
	w.queue.End(j.Key(), done(j.ID))
	w.collect()
	if got := w.read(j.ID); got.State != job.Done || got.Error != nil {
		t.Errorf("got %s, %+v", got.State, got.Error)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting, leased, ended := w.submit(1), w.submit(2), w.submit(3)
	w.send()
	w.queue.Lease(leased.Key(), 0.25)
	w.queue.End(ended.Key(), done(ended.ID))
	states := func() (out []string) {
		for _, id := range []job.ID{waiting.ID, leased.ID, ended.ID} {
			out = append(out, string(w.refresh(id).State))
		}
		return out
	}
	if d := cmp.Diff([]string{"queued", "running", "running"}, states()); d != "" {
		t.Error(d)
	}
	if p := w.refresh(leased.ID).Progress; p != 0.25 {
		t.Errorf("got progress %v", p)
	}
	place := w.refresh(waiting.ID).Place
	if place == nil || place.Ahead != 0 || place.StartsAt == nil || time.Until(*place.StartsAt).Abs() > time.Minute {
		t.Errorf("got place %+v, want the first, in 10 s", place)
	}
	if p := w.refresh(leased.ID).Place; p != nil {
		t.Errorf("a running job has the place %+v", p)
	}
	w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool {
		queuetest.Refuse(rw, problem.New(problem.Unavailable, "down"))
		return true
	})
	if d := cmp.Diff([]string{"queued", "queued", "queued"}, states()); d != "" {
		t.Error("without the queue, what the store knows is shown:", d)
	}
}

// The relay tells of an end once it is recorded, and of nothing that another process was faster to record.
func TestEndsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	var told []job.ID
	note := func(ids ...job.ID) {
		for _, id := range ids {
			if s := w.read(id).State; s != job.Failed {
				t.Errorf("told of job %s while it is %s", id, s)
			}
			told = append(told, id)
		}
	}
	w.relay.Ended, w.other.Ended = note, func(ids ...job.ID) { t.Errorf("told again of %v", ids) }
	from, err := w.store.Position(t.Context())
	w.must(err)
	w.queue.End(j.Key(), message.Result{Outcome: message.Failed, Error: "no such file"})
	page, err := w.queue.Client().Read(t.Context(), message.Reader{Name: readerName}, from.At, 10, 0)
	w.must(err)
	w.collect()
	w.must(w.other.applyPage(t.Context(), from, page))
	if diff := cmp.Diff([]job.ID{j.ID}, told); diff != "" {
		t.Errorf("told of (-want +got)\n%s", diff)
	}
}
