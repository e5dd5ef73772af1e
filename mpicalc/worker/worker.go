// Package worker is rank 0's loop under mpicalc serve: it leases jobs, takes them through the ranks, and sends their
// answers, so that nothing is lost and nothing is done twice.
//
// Four activities run beside each other. The caller's goroutine alone leads the ranks, because one goroutine at a
// time may be in MPI. Another one leases jobs, a third renews what is held, a fourth sends answers; none of them ever
// waits for the ranks, and the ranks never wait for the network. A job goes this way:
//
//	lease → read its task, open its dataset, plan it → ranks → encode its answer → send it
//
// A job that is taken back, or whose lease another worker has, leaves wherever it stands. A service that is away is
// asked again, ever more rarely; what it was to be told is kept until it can be.
package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// Queue is what a worker asks of the message service.
type Queue interface {
	Inherit(ctx context.Context, worker string) (int, error)
	Lease(ctx context.Context, worker string, max int, wait time.Duration, queues ...string) ([]message.Lease, error)
	Heartbeat(ctx context.Context, beats []message.Beat) ([]message.HeldVerdict, error)
	Complete(ctx context.Context, completions []message.Completion) ([]message.HeldVerdict, error)
	Release(ctx context.Context, leases []message.Held) ([]message.HeldVerdict, error)
	PutPart(ctx context.Context, part message.Part) (message.HeldVerdict, error)
}

// Config is how a worker works. Its zero value but for Name works for ever.
type Config struct {
	// Name tells this worker from every other that lives.
	Name string
	// Heir says that Name is one of NameIn, and that its predecessors are dead: what they held comes back at once.
	Heir bool
	// Program stands in the answers, with its version.
	Program string
	// Queues are the queues to lease from; nil means all.
	Queues []string
	// MaxBatch is how many jobs are held at most, under way and ahead; 0 means 256.
	MaxBatch int
	// Drain ends the work when no job waits and none is held.
	Drain bool
	// IdleTimeout ends it when none came for so long; 0 means never.
	IdleTimeout time.Duration
	// Stuck is called when the ranks have not come back from a fraction of a second's work for StuckAfter, because one of
	// them stands still: leases are not renewed from then on. It should end the world, as nothing else can; nil leaves
	// that to others.
	Stuck func()
	// StuckAfter is 10 minutes when it is 0.
	StuckAfter time.Duration
	// Grace is how long what is under way may still take once ctx has ended; what does not end in it is given back. 0
	// means as long as it takes.
	Grace time.Duration
	// Until ends it at this time: no job is begun that cannot end before, and what is under way is given back
	// shortly before. The zero time means never.
	Until time.Time

	closing time.Duration // how long answers are still sent at the end, when the service is away; 0 means 10 s
}

const (
	defaultBatch = 256
	// beforeUntil is how long before Until everything is given back: time to say so, and to leave MPI.
	beforeUntil    = 5 * time.Second
	defaultClosing = 10 * time.Second
)

// worker is one run.
type worker struct {
	config Config
	leader *spmd.Leader
	queue  Queue
	data   *Datasets
	log    *slog.Logger
	held   *registry
	post   *postman
	ready  chan *held
	plans  *semaphore.Weighted // bytes
	watch  *watch
	// declines are the jobs that were given back because they could not end in time.
	declines *declines
	// running are the jobs with the ranks, returning those to be given back. Only the goroutine that leads the ranks
	// uses them.
	running   map[spmd.Workload]*held
	returning []*held
	// stopped is closed when nothing is to be begun any more; over when nothing comes into ready any more.
	stop    context.CancelCauseFunc
	stopped context.Context
	over    chan struct{}
	// hurry says that what is under way is to be given back, too.
	hurry atomic.Bool
}

// The reasons to stop.
var (
	errAsked = errors.New("asked to stop")
	errUntil = errors.New("the time until which to work is near")
)

// Run works until ctx ends or the config says so, and returns nil then: what was not begun is given back, what was is
// finished and sent. It leaves the leader running. The error is ErrAway, or one of the ranks, which must then be ended.
func Run(ctx context.Context, leader *spmd.Leader, queue Queue, data *Datasets, config Config) error {
	if config.MaxBatch <= 0 {
		config.MaxBatch = defaultBatch
	}
	config.StuckAfter, config.closing = cmp.Or(config.StuckAfter, defaultStuck), cmp.Or(config.closing, defaultClosing)
	stopped, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	w := &worker{
		config:   config,
		leader:   leader,
		queue:    queue,
		data:     data,
		log:      slog.With("worker", config.Name),
		held:     newRegistry(),
		ready:    make(chan *held, config.MaxBatch),
		plans:    semaphore.NewWeighted(maxPlans),
		watch:    &watch{limit: config.StuckAfter},
		declines: newDeclines(),
		running:  make(map[spmd.Workload]*held),
		stop:     stop,
		stopped:  stopped,
		over:     make(chan struct{}),
	}
	w.post = newPostman(queue, w.held, w.log)
	defer stop(nil)
	defer context.AfterFunc(ctx, w.asked)()
	if !config.Until.IsZero() {
		defer time.AfterFunc(time.Until(config.Until)-beforeUntil, func() { w.end(errUntil) }).Stop()
	}
	return w.run()
}

// asked stops the worker in order.
func (w *worker) asked() {
	w.stop(errAsked)
	if w.config.Grace > 0 {
		time.AfterFunc(w.config.Grace, func() { w.end(errAsked) })
	}
}

// end stops the worker without waiting for what is under way.
func (w *worker) end(reason error) {
	w.hurry.Store(true)
	w.stop(reason)
}

func (w *worker) run() error {
	var beats, posts sync.WaitGroup
	beating, still := context.WithCancel(context.Background())
	defer still()
	beats.Go(func() { w.beat(beating) })
	posts.Go(w.post.run)
	beats.Go(func() {
		if w.watch.run(beating, w.post.full) {
			still()
			w.stuck()
		}
	})
	var leasing error
	go func() {
		leasing = w.lease()
		close(w.over)
	}()
	w.log.Info("worker begins", "ranks", w.leader.Ranks(), "hosts", w.leader.Hosts(), "threads", w.leader.Threads())
	computing := w.compute()
	w.stop(errAsked)
	if computing == nil {
		<-w.over
		w.giveBack(w.held.unfinished())
	}
	w.post.close(w.config.closing)
	posts.Wait()
	still()
	beats.Wait()
	w.log.Info("worker ends", "reason", fmt.Sprint(context.Cause(w.stopped)))
	if computing != nil {
		return computing
	}
	return leasing
}

// stuck says that the ranks do not come back.
func (w *worker) stuck() {
	w.log.Error("a rank stands still: the leases will expire", "after", w.config.StuckAfter.String())
	if w.config.Stuck != nil {
		w.config.Stuck()
	}
}

// compute leads the ranks through what becomes ready, until nothing does any more.
func (w *worker) compute() error {
	for {
		more, err := w.admit()
		if !more || err != nil {
			return err
		}
		w.withdraw()
		var ended []spmd.Outcome
		err = w.watch.call(func() (err error) {
			ended, err = w.leader.Step()
			return err
		})
		for _, e := range ended {
			w.finish(e)
		}
		if err != nil {
			return err
		}
	}
}

// admit takes what is ready to the ranks. It waits for something when they have nothing to do, and reports false
// when nothing will come.
func (w *worker) admit() (more bool, err error) {
	if !w.leader.Busy() {
		select {
		case h := <-w.ready:
			err = w.begin(h)
		case <-w.over:
			if len(w.ready) == 0 {
				return false, nil
			}
		}
	}
	for err == nil && len(w.ready) > 0 {
		err = w.begin(<-w.ready)
	}
	w.giveBack(w.returning)
	w.returning = w.returning[:0]
	return true, err
}

// begin hands a job to the ranks, unless it is gone or to be given back. The error is one of the ranks.
func (w *worker) begin(h *held) error {
	if w.stopped.Err() != nil {
		w.returning = append(w.returning, h)
		return nil
	}
	if !w.held.begin(h) {
		w.dismiss(h)
		return nil
	}
	if h.data.worthMapping() {
		err := w.watch.call(func() error {
			_, err := w.leader.Map(h.data.file)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := w.leader.Add(h.plan); err != nil {
		w.fail(h, &portfolio.Error{Code: "invalid", Detail: err.Error()})
		return nil
	}
	w.running[h.plan] = h
	return nil
}

// withdraw takes jobs from the ranks that are not to be finished here.
func (w *worker) withdraw() {
	near := w.hurry.Load()
	for work, h := range w.running {
		gone := h.gone() != here
		if !gone && !near {
			continue
		}
		w.leader.Drop(work)
		delete(w.running, work)
		if gone {
			w.dismiss(h)
		} else {
			w.returning = append(w.returning, h)
		}
	}
	w.giveBack(w.returning)
	w.returning = w.returning[:0]
}

// dismiss ends a job that is gone. One that was taken back is told so.
func (w *worker) dismiss(h *held) {
	w.log.Info("job withdrawn", "job_id", h.task.Job, "reason", h.gone())
	h.free()
	switch {
	case w.held.settled(h): // the postman sees to it
	case h.gone() == cancelled:
		w.post.complete(h, message.Completion{Error: "cancelled while it was under way"})
	default:
		w.held.remove(h)
	}
}

// finish sends the answer of a job that the ranks have ended.
func (w *worker) finish(e spmd.Outcome) {
	h := w.running[e.Workload]
	delete(w.running, e.Workload)
	if h.gone() != here {
		w.dismiss(h)
		return
	}
	w.answer(h, e)
}

// provenance is that of a job which took so long.
func (w *worker) provenance(h *held, s spmd.Seconds) job.Provenance {
	return job.Provenance{
		DatasetSHA256: h.task.Dataset.SHA256,
		Program:       w.config.Program,
		Ranks:         w.leader.Ranks(),
		Hosts:         w.leader.Hosts(),
		Seconds:       job.Seconds{Load: h.loaded.Seconds() + s.Load, Scatter: s.Scatter, Fit: s.Fit, Gather: s.Gather},
	}
}
