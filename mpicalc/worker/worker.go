// Package worker is rank 0's loop under mpicalc serve: it leases jobs, takes them through the ranks and sends their
// answers. Every job is computed under a lease, so that none is lost and each ends once.
//
// Five activities run at the same time. The caller's goroutine leads the ranks, because only one goroutine at a time may
// call MPI. Others lease jobs, renew leases, send answers and report what the ranks do. These never wait for the ranks, and the ranks never wait
// for the network. A job goes through these steps:
//
//	lease → read its task, open its dataset, plan it → ranks → encode its answer → send it
//
// A job that is cancelled, or whose lease is lost, is dropped at whatever step it is. A service that is unreachable is asked
// again at growing intervals; what is to be sent to it is kept until then.
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

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"foliocast/internal/tracing"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// Queue is what a worker needs of the message service. The queue's client implements it, and describes each method.
type Queue interface {
	Inherit(ctx context.Context, worker string) (int, error)
	Lease(ctx context.Context, worker string, max int, wait time.Duration, queues ...string) ([]message.Lease, error)
	Heartbeat(ctx context.Context, beats []message.Beat) ([]message.HeldVerdict, error)
	Complete(ctx context.Context, completions []message.Completion) ([]message.HeldVerdict, error)
	Release(ctx context.Context, leases []message.Held) ([]message.HeldVerdict, error)
	PutPart(ctx context.Context, part message.Part) (message.HeldVerdict, error)
	HeldPart(ctx context.Context, lease message.Held, index int) ([]byte, error)
	Report(ctx context.Context, r message.Report) (next time.Duration, err error)
	Leave(ctx context.Context, worker string) error
}

// Config is how a worker works. Only Name is required; with zero values elsewhere, the worker runs until ctx ends.
type Config struct {
	// Name differs from that of every other living worker.
	Name string
	// Inherit says that Name is from NameIn and that its predecessors are dead: their leases are inherited at once.
	Inherit bool
	// Program is the name and version of the program, for the answers.
	Program string
	// Queues are the queues to lease from; nil means all.
	Queues []string
	// MaxBatch is how many jobs may be held without an answer; 0 means 256.
	MaxBatch int
	// Drain ends the worker when no job waits and none is held.
	Drain bool
	// IdleTimeout ends the worker after so long without a job; 0 means never.
	IdleTimeout time.Duration
	// OnStuck is called when rank 0 has not returned from a fraction of a second's work for StuckAfter, because it hangs.
	// Leases are not renewed from then on. It should end the world, since nothing else can; nil leaves that to others.
	OnStuck func()
	// StuckAfter is how long a rank may take for that; 0 means 10 minutes. Run returns a *spmd.HungError when another rank
	// takes longer.
	StuckAfter time.Duration
	// Grace is how long the jobs with the ranks may still take once ctx has ended; those that do not end in it are
	// returned to the queue. 0 means as long as they take.
	Grace time.Duration
	// Until is when the worker ends. It starts no job that cannot end before, unless what it does of it can be saved, and returns
	// those under way shortly before.
	// The zero time means never.
	Until time.Time
	// SaveEvery is how often the answers to a job that takes longer than that are saved at the message service, so that
	// another worker goes on from them; 0 means 10 s, and a negative time never.
	SaveEvery time.Duration
	// Metrics gets what the worker measures; nil means that nobody asks.
	Metrics prometheus.Registerer
	// Log is for the worker's own log; nil means slog.Default.
	Log *slog.Logger
	// Tracer makes the spans of jobs that are part of a trace; nil means none.
	Tracer *tracing.Tracer

	closing time.Duration // how long answers are still sent at the end while the queue is unreachable; 0 means 10 s
}

const (
	defaultBatch = 256
	// beforeUntil is how long before Until everything is returned: time to tell the queue, and to leave MPI.
	beforeUntil    = 5 * time.Second
	defaultClosing = 10 * time.Second
	defaultSave    = 10 * time.Second
)

// worker is one run.
type worker struct {
	config   Config
	leader   *spmd.Leader
	queue    Queue
	data     *Datasets
	log      *slog.Logger
	jobs     *registry
	outbox   *outbox
	ready    chan *leasedJob     // prepared, for the ranks
	plans    *semaphore.Weighted // bytes
	watch    *watch
	declines *declines
	meter    *meter
	unsaved  atomic.Int64 // bytes of answers that are not saved yet
	// running are the jobs with the ranks, and returning those to be returned to the queue. Only the goroutine that
	// leads the ranks uses them.
	running   map[spmd.Workload]*leasedJob
	returning []*leasedJob
	// stopped ends when no further job is to be started.
	stopped context.Context
	stop    context.CancelCauseFunc
	// leasingDone is closed when no further job will become ready.
	leasingDone chan struct{}
	// returnAll says that the jobs with the ranks must be returned, too.
	returnAll atomic.Bool
}

// The reasons to stop.
var (
	errAsked = errors.New("asked to stop")
	errUntil = errors.New("the time to end is near")
)

// Run works until ctx ends or the config says so, and then returns nil: jobs that have not started are returned to the
// queue, the others are finished and their answers sent. It does not stop the leader. The error is ErrUnreachable, or that
// of the ranks, whose world must then be ended.
func Run(ctx context.Context, leader *spmd.Leader, queue Queue, data *Datasets, config Config) error {
	if config.MaxBatch <= 0 {
		config.MaxBatch = defaultBatch
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	config.StuckAfter, config.closing = cmp.Or(config.StuckAfter, defaultStuck), cmp.Or(config.closing, defaultClosing)
	config.SaveEvery = cmp.Or(config.SaveEvery, defaultSave)
	leader.SetPatience(config.StuckAfter)
	stopped, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	w := &worker{
		config:      config,
		leader:      leader,
		queue:       queue,
		data:        data,
		log:         config.Log.With("worker", config.Name),
		jobs:        newRegistry(),
		ready:       make(chan *leasedJob, config.MaxBatch),
		plans:       semaphore.NewWeighted(maxPlans),
		watch:       &watch{limit: config.StuckAfter},
		declines:    newDeclines(),
		meter:       newMeter(config.Metrics, leader.Activity),
		running:     make(map[spmd.Workload]*leasedJob),
		stop:        stop,
		stopped:     stopped,
		leasingDone: make(chan struct{}),
	}
	w.outbox = newOutbox(queue, w.jobs, w.log)
	w.outbox.spans = spans{config.Tracer, config.Name}
	defer stop(nil)
	defer context.AfterFunc(ctx, w.stopInOrder)()
	if !config.Until.IsZero() {
		defer time.AfterFunc(time.Until(config.Until)-beforeUntil, func() { w.stopAtOnce(errUntil) }).Stop()
	}
	return w.run()
}

// stopInOrder stops the worker, and lets the jobs with the ranks end.
func (w *worker) stopInOrder() {
	w.stop(errAsked)
	if w.config.Grace > 0 {
		time.AfterFunc(w.config.Grace, func() { w.stopAtOnce(errAsked) })
	}
}

// stopAtOnce stops the worker, and returns the jobs with the ranks.
func (w *worker) stopAtOnce(reason error) {
	w.returnAll.Store(true)
	w.stop(reason)
}

func (w *worker) run() error {
	var beating, sending sync.WaitGroup
	renewing, stopRenewing := context.WithCancel(context.Background())
	defer stopRenewing()
	reports := &reporter{w: w, since: time.Now()}
	beating.Go(func() { w.beat(renewing) })
	beating.Go(func() { reports.run(renewing) })
	sending.Go(w.outbox.run)
	beating.Go(func() {
		if w.watch.run(renewing, w.outbox.full) {
			stopRenewing()
			w.stuck()
		}
	})
	var leaseErr error
	go func() {
		leaseErr = w.lease()
		close(w.leasingDone)
	}()
	w.log.Info("worker started", "ranks", w.leader.Ranks(), "hosts", w.leader.Hosts(), "threads", w.leader.Threads())
	computeErr := w.compute()
	if _, hung := errors.AsType[*spmd.HungError](computeErr); hung {
		stopRenewing()
	}
	w.stop(errAsked)
	if computeErr == nil {
		<-w.leasingDone
		w.release(w.jobs.unfinished())
	}
	w.outbox.close(w.config.closing)
	sending.Wait()
	stopRenewing()
	beating.Wait()
	reports.leave()
	w.log.Info("worker stopped", "series", w.leader.Computed(), "reason", fmt.Sprint(context.Cause(w.stopped)))
	if computeErr != nil {
		return computeErr
	}
	return leaseErr
}

// stuck reports that the ranks do not return.
func (w *worker) stuck() {
	w.log.Error("rank 0 hangs: the leases will expire", "after", w.config.StuckAfter.String())
	if w.config.OnStuck != nil {
		w.config.OnStuck()
	}
}
