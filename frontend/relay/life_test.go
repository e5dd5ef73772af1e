package relay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// moment is everything about one job at one time: what the database, the queue, a
// stalled relay and the client know.
type moment struct {
	id      job.ID
	DB      record
	rows    rows
	queue   queuetest.State
	held    []store.OutboxEntry // that the second relay has taken and not sent yet
	horizon int                 // that the client was last told it asks for
	deleted bool                // the client was told that the job is cancelled, or will be
	ended   job.State           // that was shown and that nothing may change, or "" while none was
	past    []string            // the events that led here
}

// record is what the database says.
type record struct {
	Job struct {
		State      job.State
		Run        int
		Cancelling bool
		Spec       job.Spec
	}
	Outbox []struct {
		ID        int64
		Action    store.Action
		Run       int
		TakenAt   *time.Time `json:"taken_at"`
		MaybeSent bool       `json:"maybe_sent"`
	}
	Position message.Position
	Answer   *job.Answer
}

// rows are those of the database, to go back to.
type rows struct{ Job, Outbox, Result json.RawMessage }

// key is that of the message of the job's present run.
func (m moment) key() string { return store.Key(m.id, m.DB.Job.Run) }

func runOf(key string) int {
	_, run, _ := store.ParseKey(key)
	return run
}

// asks is the horizon that a message asks for, or 0 once it is completed.
func asks(d message.Detail) int {
	var task job.Task
	_ = json.Unmarshal(d.Payload, &task) // a completed message has no payload
	return task.Spec.Horizon
}

// answers is the horizon that a result answers, or 0 if it has no answer.
func answers(r message.Result) int {
	answer, err := job.ParseAnswer(r.Result)
	if err != nil {
		return 0
	}
	return int(answer.Overall.Mean[0])
}

// life is a job in a world in which there is no other.
type life struct {
	*world
	moment
}

// born submits a job.
func born(w *world) moment {
	l := &life{world: w, moment: moment{id: w.submit(1).ID, horizon: 1}}
	return l.now()
}

// dead lets the job of a moment die, which was just born.
func dead(w *world, m moment) moment {
	for _, do := range []func(*life){func(l *life) { l.first(nil, nil) }, (*life).lease, (*life).die, func(l *life) { l.collect() }} {
		m = m.then(w, event{name: "die", do: do})
	}
	return m
}

// then lets an event happen in a world.
func (m moment) then(w *world, e event) moment {
	l := m.in(w)
	e.do(l)
	after := l.now()
	after.past = append(slices.Clone(m.past), e.name)
	return after
}

// in brings a moment back in a world.
func (m moment) in(w *world) *life {
	w.Helper()
	last := int64(1) // id of an entry, which no other gets
	for _, e := range m.DB.Outbox {
		last = max(last, e.ID)
	}
	for _, e := range m.held {
		last = max(last, e.ID)
	}
	var batch pgx.Batch
	batch.Queue(`DELETE FROM job`)
	batch.Queue(`UPDATE feed SET position = $1`, m.DB.Position)
	batch.Queue(`INSERT INTO job SELECT * FROM json_populate_record(NULL::job, $1::json)`, m.rows.Job)
	batch.Queue(`INSERT INTO outbox OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::outbox, $1::json)`, m.rows.Outbox)
	batch.Queue(`INSERT INTO result SELECT * FROM json_populate_recordset(NULL::result, $1::json)`, m.rows.Result)
	batch.Queue(`SELECT setval(pg_get_serial_sequence('outbox', 'id'), $1)`, last)
	w.must(w.pool.SendBatch(w.Context(), &batch).Close())
	w.queue.Load(m.queue)
	w.relay.batch = maxBatch
	return &life{world: w, moment: m}
}

// now reads the present moment.
func (l *life) now() moment {
	l.Helper()
	var text []byte
	err := l.pool.QueryRow(l.Context(), `
		SELECT json_build_object(
			'job', (SELECT to_json(job) FROM job),
			'outbox', (SELECT coalesce(json_agg(o ORDER BY id), '[]') FROM outbox o),
			'result', (SELECT coalesce(json_agg(r), '[]') FROM result r),
			'position', (SELECT position FROM feed),
			'answer', (SELECT convert_from(answer, 'UTF8')::json FROM result))`).Scan(&text)
	l.must(err)
	l.DB, l.rows = record{}, rows{}
	l.must(json.Unmarshal(text, &l.DB))
	l.must(json.Unmarshal(text, &l.rows))
	l.moment.queue = l.world.queue.Save()
	if l.ended == "" && l.DB.Job.State.Final() && l.DB.Job.State != job.Dead {
		l.ended = l.DB.Job.State
	}
	return l.moment
}

// settled remembers how far ends were reached, so that ends that go on alike are
// reached once. Safe for concurrent use.
type settled struct{ seen sync.Map }

// first reports whether no equal moment was there at the same step before.
func (s *settled) first(step int, m moment) bool {
	_, again := s.seen.LoadOrStore(fmt.Sprint(step, " ", m.equivalent()), true)
	return !again
}

// settle lets everything that is under way in a world come to its end, the request of the
// stalled relay last, and checks that end. The world is at this moment already.
func (m moment) settle(w *world, ends *settled) error {
	l := &life{world: w, moment: m}
	w.relay.batch = maxBatch
	for step, do := range []func() error{
		func() error { l.sendAll(); return nil },
		func() error { l.late(nil, nil); l.now(); l.sendAll(); return nil },
		func() error { l.collectAll(); l.sendAll(); return nil },
		l.endAll,
	} {
		if err := do(); err != nil {
			return err
		}
		if !ends.first(step, l.moment) {
			return nil
		}
	}
	l.collectAll()
	if err := l.fault(); err != nil {
		return err
	}
	return l.atTheEnd()
}

// endAll completes all messages, for which somebody must wait.
func (l *life) endAll() error {
	for _, d := range l.open() {
		if j := l.DB.Job; !d.CancelRequested && (d.Key != l.key() || j.State.Final() || j.Cancelling) {
			return fmt.Errorf("message %s is %s, and nobody waits for it: the job is %s in run %d", d.Key, d.State, j.State, j.Run)
		}
		l.world.queue.End(d.Key, l.computed(d.Key))
	}
	l.now()
	return nil
}

// sendAll sends the outbox until it is empty.
func (l *life) sendAll() {
	for l.hasEntries() {
		l.relay.Wake()
		l.must(l.relay.send(l.Context()))
		l.now()
	}
}

// collectAll applies all results that there are.
func (l *life) collectAll() {
	for l.hasResults() {
		l.collect()
		l.now()
	}
}

// write reports whether a request changes something at the queue.
func write(r *http.Request) bool {
	return r.Method == http.MethodDelete || r.URL.Path == "/v1/messages"
}

func refusing(kind problem.Kind) func(http.ResponseWriter, *http.Request) bool {
	return func(rw http.ResponseWriter, r *http.Request) bool {
		if write(r) {
			queuetest.Refuse(rw, problem.New(kind, "not now"))
		}
		return write(r)
	}
}

// during lets the queue misbehave while do runs.
func (l *life) during(fault func(http.ResponseWriter, *http.Request) bool, lose func(*http.Request) bool, do func()) {
	l.world.queue.Fault(fault)
	l.world.queue.Lose(lose)
	do()
	l.world.queue.Fault(nil)
	l.world.queue.Lose(nil)
}

// first lets the first relay send its outbox once. Its errors are those of the queue.
func (l *life) first(fault func(http.ResponseWriter, *http.Request) bool, lose func(*http.Request) bool) {
	l.during(fault, lose, func() { l.relay.Wake(); _ = l.relay.send(l.Context()) })
}

// late lets the second relay send what it holds.
func (l *life) late(fault func(http.ResponseWriter, *http.Request) bool, lose func(*http.Request) bool) {
	l.during(fault, lose, func() { _ = l.other.forward(l.Context(), l.held) })
	l.held = nil
}

// take takes all entries; those that somebody else took are taken again.
func (l *life) take() []store.OutboxEntry {
	l.Helper()
	entries, err := l.store.Take(l.Context(), maxBatch, batchBytes, 0)
	l.must(err)
	return entries
}

// sendAndDie lets a relay die after the queue has done what it asked for.
func (l *life) sendAndDie() {
	for _, e := range l.take() {
		if e.Action == store.Enqueue {
			l.must(l.other.upload(l.Context(), []store.OutboxEntry{e}))
		} else {
			_, err := l.world.queue.Client().Cancel(l.Context(), message.ByKey(e.Key()))
			l.must(err)
		}
	}
}

// put replaces the specification as the service does.
func (l *life) put(meanwhile func()) {
	j := l.read(l.id)
	p := l.replacement(j, l.moment.horizon+1)
	replaced, err := l.store.ReplaceUnsent(l.Context(), p)
	if err == nil && !replaced {
		if err = l.relay.Waits(l.Context(), j); err == nil {
			meanwhile()
			err = l.store.Supersede(l.Context(), p)
		}
	}
	if !problem.Is(err, problem.Conflict) {
		l.must(err)
		l.moment.horizon++
	}
}

// remove cancels the job as the service does.
func (l *life) remove() {
	l.must(l.store.Cancel(l.Context(), l.id))
	l.deleted = true
}

// lease leases the oldest message that waits.
func (l *life) lease() {
	for _, d := range l.open() {
		if d.State == message.Waiting {
			l.world.queue.Lease(d.Key, 0)
			return
		}
	}
}

// die ends the oldest leased message, whose worker has failed too often.
func (l *life) die() {
	for _, d := range l.open() {
		if d.State != message.Leased {
			continue
		}
		if d.CancelRequested {
			l.world.queue.End(d.Key, message.Result{Outcome: message.Cancelled})
		} else {
			l.world.queue.End(d.Key, message.Result{Outcome: message.Dead, Attempts: 3})
		}
		return
	}
}

// complete completes the oldest or the newest message.
func (l *life) complete(newest bool) {
	open := l.open()
	key := open[0].Key
	if newest {
		key = open[len(open)-1].Key
	}
	l.world.queue.End(key, l.computed(key))
}
