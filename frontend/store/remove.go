package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Removal is what removing versions of a dataset takes away.
type Removal struct {
	Versions []int
	Bytes    int64 // of their files, which other versions may share
}

// errDry ends a transaction that changes nothing.
var errDry = errors.New("nothing was to be changed")

// RemoveVersions removes a version of a dataset, or all of them for version 0: their
// numbers stay, for the jobs that name them, and are not used again. With dry it only says
// what it would remove. The error is a problem of kind NotFound, or of kind Conflict while
// jobs in flight use one of them; then nothing is removed.
func (s *Store) RemoveVersions(ctx context.Context, name string, version int, dry bool) (Removal, error) {
	type row struct {
		Version int
		Bytes   int64
	}
	var out Removal
	err := s.tx(ctx, func(tx postgres.Transaction) error {
		out = Removal{}
		rows, err := postgres.Collect(ctx, tx, pgx.RowToStructByPos[row], s.sql.LockVersions, name, version)
		if err != nil {
			return err
		}
		for _, r := range rows {
			out.Versions = append(out.Versions, r.Version)
			out.Bytes += r.Bytes
		}
		switch {
		case len(rows) == 0 && version > 0:
			return problem.Newf(problem.NotFound, "there is no version %d of dataset %s", version, name)
		case len(rows) == 0:
			return problem.Newf(problem.NotFound, "there is no dataset %s", name)
		}
		if err := s.unused(ctx, tx, name, out.Versions); err != nil {
			return err
		}
		if dry {
			return errDry
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.RemoveVersions, name, out.Versions); err != nil {
			return err
		}
		action := "remove-version"
		if version == 0 {
			action = "remove-dataset"
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: action, Object: audit.Object{Kind: "dataset", ID: name},
			Before: audit.Detail(map[string]any{"versions": out.Versions, "bytes": out.Bytes})})
	})
	for _, v := range append(out.Versions, 0) {
		s.recent.forget(recentKey(name, v))
	}
	if err != nil && !errors.Is(err, errDry) {
		return Removal{}, fmt.Errorf("remove versions: %w", err)
	}
	return out, nil
}

// unused returns a problem of kind Conflict while jobs in flight use one of the versions.
func (s *Store) unused(ctx context.Context, tx postgres.Transaction, name string, versions []int) error {
	type user struct{ Version, Jobs int }
	users, err := postgres.Collect(ctx, tx, pgx.RowToStructByPos[user], s.sql.ListUsers, name, versions)
	if err != nil || len(users) == 0 {
		return err
	}
	jobs := 0
	for _, u := range users {
		jobs += u.Jobs
	}
	return problem.Newf(problem.Conflict, "%d jobs that are queued or running use dataset %s, the first version %d: wait until they have ended, or cancel them",
		jobs, name, users[0].Version)
}

// RemoveJob removes a job that has ended, with its result. With dry it only says whether it
// would. The error is a problem of kind NotFound, or of kind Conflict while the job is in
// flight.
func (s *Store) RemoveJob(ctx context.Context, id job.ID, dry bool) error {
	return wrapped("remove a job", s.tx(ctx, func(tx postgres.Transaction) error {
		l, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !l.State.Final() {
			return problem.Newf(problem.Conflict, "job %s is %s: only a job that has ended can be removed; cancel it first", id, l.State)
		}
		if dry {
			return nil
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.DeleteJob, id); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "remove-job", Object: jobObject(id), Before: l.Brief})
	}))
}

// Expired lists at most limit jobs that ended longer ago than keep, the oldest first.
func (s *Store) Expired(ctx context.Context, keep time.Duration, limit int) ([]job.ID, error) {
	ids, err := postgres.Collect(ctx, s.pool, pgx.RowTo[job.ID], s.sql.ListExpired, keep.Seconds(), limit, job.Ended())
	return ids, wrapped("list expired jobs", err)
}

// Surplus lists the versions of datasets that have as many newer ones as are to be kept, or
// more, and that no job in flight uses. Only name and version are set.
func (s *Store) Surplus(ctx context.Context, keep int) ([]job.Dataset, error) {
	all, err := postgres.Collect(ctx, s.pool, scanNumber, s.sql.ListSurplus, keep)
	return all, wrapped("list surplus versions", err)
}

// Requested lists the versions of datasets that requests in the flat form of series made longer
// ago than age, and that no job in flight uses. Only name and version are set.
func (s *Store) Requested(ctx context.Context, age time.Duration) ([]job.Dataset, error) {
	all, err := postgres.Collect(ctx, s.pool, scanNumber, s.sql.ListRequested, age.Seconds())
	return all, wrapped("list versions of requests", err)
}

func scanNumber(row pgx.CollectableRow) (d job.Dataset, err error) {
	return d, row.Scan(&d.Name, &d.Version)
}

// Files finds those of the files, by their SHA-256, that a version has.
func (s *Store) Files(ctx context.Context, sums []string) (map[string]bool, error) {
	rows, err := postgres.Collect(ctx, s.pool, pgx.RowTo[string], s.sql.FindFiles, sums)
	if err != nil {
		return nil, fmt.Errorf("find the files of versions: %w", err)
	}
	found := make(map[string]bool, len(rows))
	for _, sum := range rows {
		found[sum] = true
	}
	return found, nil
}
