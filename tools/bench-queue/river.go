package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// riverQueue is River.
type riverQueue struct {
	options
	pool   *pgxpool.Pool
	driver *riverpgxv5.Driver
	adds   *river.Client[pgx.Tx] // only adds jobs
}

// Kind names the jobs.
func (payload) Kind() string { return "bench" }

// noOp works by saying that it has begun.
type noOp struct {
	river.WorkerDefaults[payload]
	taken func(number int)
}

func (w *noOp) Work(_ context.Context, job *river.Job[payload]) error {
	w.taken(job.Args.Number)
	return nil
}

func openRiver(ctx context.Context, o options, url string) (_ contender, err error) {
	r := &riverQueue{options: o}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(r.riverConns)
	if r.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	r.driver = riverpgxv5.New(r.pool)
	migrator, err := rivermigrate.New(r.driver, &rivermigrate.Config{Logger: riverLog()})
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err == nil {
		// A client notifies workers of what it adds once in its FetchCooldown at most.
		r.adds, err = river.NewClient(r.driver, &river.Config{FetchCooldown: r.cooldown, FetchPollInterval: r.poll, Logger: riverLog()})
	}
	if err != nil {
		r.pool.Close()
	}
	return r, err
}

func riverLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

func (r *riverQueue) pid() int { return 0 }

func (r *riverQueue) close() error {
	r.pool.Close()
	return nil
}

func (r *riverQueue) add(ctx context.Context, first, n int) error {
	return inBatches(ctx, r.senders, r.riverUpload, first, n, func(ctx context.Context, first, n int) error {
		all := make([]river.InsertManyParams, n)
		for i := range all {
			all[i].Args = payload{first + i}
		}
		_, err := r.adds.InsertManyFast(ctx, all)
		return err
	})
}

func (r *riverQueue) addOne(ctx context.Context, number int) error {
	_, err := r.adds.Insert(ctx, payload{number}, nil)
	return err
}

func (r *riverQueue) work(ctx context.Context, s seen) (stop func() error, err error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &noOp{taken: s.taken})
	c, err := river.NewClient(r.driver, &river.Config{
		FetchCooldown: r.cooldown, FetchPollInterval: r.poll, Logger: riverLog(), Workers: workers,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: r.riverWorkers}},
	})
	if err != nil {
		return nil, err
	}
	// These come when the end of a job is in the database. An event that finds the channel
	// full is lost.
	events, unsubscribe := c.SubscribeConfig(&river.SubscribeConfig{ChanSize: 100_000,
		Kinds: []river.EventKind{river.EventKindJobCompleted}})
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		for range events {
			s.ended(1)
		}
	}()
	if err := c.Start(ctx); err != nil {
		unsubscribe()
		return nil, err
	}
	return func() error {
		err := c.Stop(context.WithoutCancel(ctx))
		unsubscribe()
		<-counted
		return err
	}, nil
}

// claim calls what River's producer calls to take jobs, and end what its completer calls.
func (r *riverQueue) claim(ctx context.Context) (end func() error, err error) {
	e := r.driver.GetExecutor()
	got, err := e.JobGetAvailable(ctx, &riverdriver.JobGetAvailableParams{
		ClientID: "claimer", MaxAttemptedBy: 100, MaxToLock: 1, Queue: river.QueueDefault})
	if err != nil {
		return nil, err
	}
	if len(got.Jobs) != 1 {
		return nil, fmt.Errorf("got %d jobs", len(got.Jobs))
	}
	return func() error {
		done := riverdriver.JobSetStateCompleted(got.Jobs[0].ID, time.Now(), nil)
		_, err := e.JobSetStateIfRunningMany(ctx, &riverdriver.JobSetStateIfRunningManyParams{
			ID: []int64{done.ID}, Attempt: []*int{done.Attempt}, ErrData: [][]byte{done.ErrData}, FinalizedAt: []*time.Time{done.FinalizedAt},
			MetadataDoMerge: []bool{done.MetadataDoMerge}, MetadataUpdates: [][]byte{done.MetadataUpdates},
			ScheduledAt: []*time.Time{done.ScheduledAt}, State: []rivertype.JobState{done.State}})
		return err
	}, nil
}
