package frontend

import (
	"context"
	"log/slog"
	"time"

	"foliocast/frontend/archive"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Keep says what the service removes by itself. The zero value removes nothing.
type Keep struct {
	Jobs     time.Duration // how long a job is kept after its end, with its result; 0 is for ever
	Versions int           // how many of the newest versions of a dataset are kept; 0 is all
	Dry      bool          // only log what would be removed
	Audit    time.Duration // how long events stay in the audit trail
	Events   time.Duration // how long events are kept for streams
	Console  store.ConsoleLife
}

// tidier removes what nobody needs: files of uploads that died, files that no version
// names, and what the policy says.
type tidier struct {
	log   *slog.Logger
	store *store.Store
	files *archive.Archive
	keep  Keep
}

const (
	tidyEvery    = 10 * time.Minute
	removeAtOnce = 500             // jobs, before it looks for the next
	forgetAtOnce = 5000            // events
	tidyTime     = 5 * time.Minute // of one step: uploads wait while files are collected
	requestAge   = 5 * time.Minute // a request has made its job by then

	keepDeliveries = 5 * 24 * time.Hour // attempts go on for three to four days
)

// run tidies until ctx ends.
func (t tidier) run(ctx context.Context) {
	again := time.NewTicker(tidyEvery)
	defer again.Stop()
	for {
		t.tidy(ctx)
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// tidy tidies once. What fails is tried again the next time.
func (t tidier) tidy(ctx context.Context) {
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"remove files of uploads that died", func(context.Context) error { return t.files.Sweep() }},
		{"remove datasets of requests", t.requested},
		{"remove old jobs", t.jobs}, {"remove empty batches", t.store.RemoveEmptyBatches}, {"remove old versions", t.versions}, {"forget old events", t.events}, {"forget old deliveries", t.deliveries}, {"remove files without a version", t.collect},
		{"remove ended sessions of the console", func(ctx context.Context) error { return t.store.PurgeConsoleSessions(ctx, t.keep.Console) }},
	} {
		limited, stop := context.WithTimeout(ctx, tidyTime)
		err := step.do(limited)
		stop()
		if err != nil && ctx.Err() == nil {
			t.log.Warn("tidying failed and will be repeated", "task", step.what, "err", err)
		}
	}
}

// jobs removes the jobs that ended longer ago than they are kept.
func (t tidier) jobs(ctx context.Context) error {
	removed := 0
	for t.keep.Jobs > 0 {
		ids, err := t.store.Expired(ctx, t.keep.Jobs, removeAtOnce)
		if err != nil {
			return err
		}
		for _, id := range ids {
			// A job may have been retried or removed since.
			err := t.store.RemoveJob(ctx, id, t.keep.Dry)
			if err != nil && !problem.Is(err, problem.Conflict) && !problem.Is(err, problem.NotFound) {
				return err
			}
		}
		if removed += len(ids); len(ids) < removeAtOnce || t.keep.Dry {
			break
		}
	}
	if removed > 0 {
		t.log.Info("old jobs removed", "jobs", removed, "dry_run", t.keep.Dry)
	}
	return nil
}

// versions removes the versions of datasets beyond those that are kept.
func (t tidier) versions(ctx context.Context) error {
	if t.keep.Versions == 0 {
		return nil
	}
	surplus, err := t.store.Surplus(ctx, t.keep.Versions)
	if err != nil {
		return err
	}
	return t.remove(ctx, surplus, t.keep.Dry)
}

// requested removes the datasets of requests in the flat form whose jobs have ended. Mostly the answer to the request was followed
// by that; this is for the others.
func (t tidier) requested(ctx context.Context) error {
	made, err := t.store.Requested(ctx, requestAge)
	if err != nil {
		return err
	}
	return t.remove(ctx, made, false)
}

// remove removes versions that no job uses.
func (t tidier) remove(ctx context.Context, versions []job.Dataset, dry bool) error {
	for _, d := range versions {
		r, err := t.store.RemoveVersions(ctx, d.Name, d.Version, dry)
		if problem.Is(err, problem.Conflict) || problem.Is(err, problem.NotFound) {
			continue // a job uses it by now, or somebody has removed it
		}
		if err != nil {
			return err
		}
		t.log.Info("old version of a dataset removed", "dataset", d.Name, "version", d.Version, "bytes", r.Bytes, "dry_run", dry)
	}
	return nil
}

// events forgets the events that happened longer ago than they are kept.
func (t tidier) events(ctx context.Context) error {
	for n := forgetAtOnce; t.keep.Events > 0 && n == forgetAtOnce; {
		var err error
		if n, err = t.store.ForgetEvents(ctx, t.keep.Events, forgetAtOnce); err != nil {
			return err
		}
	}
	return nil
}

// deliveries forgets the deliveries of events that happened longer ago than events are kept, and than attempts go on.
func (t tidier) deliveries(ctx context.Context) error {
	for n := forgetAtOnce; n == forgetAtOnce; {
		var err error
		if n, err = t.store.ForgetDeliveries(ctx, max(t.keep.Events, keepDeliveries), forgetAtOnce); err != nil {
			return err
		}
	}
	return nil
}

// collect removes the files that no version names.
func (t tidier) collect(ctx context.Context) error {
	n, bytes, err := t.files.Collect(ctx, t.store.Files)
	if n > 0 {
		t.log.Info("files without a version removed", "files", n, "bytes", bytes)
	}
	return err
}
