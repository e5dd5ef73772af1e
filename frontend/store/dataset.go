package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Version is one immutable version of a dataset.
type Version struct {
	job.Dataset
	Owner     string
	CreatedAt time.Time
	Audit     json.RawMessage // what reading the upload found
}

// AddVersion adds the next version of the dataset v.Name and returns it; its
// file must be complete before. When the newest version has the same content,
// it adds nothing, returns that version, and reports false.
func (s *Store) AddVersion(ctx context.Context, v Version) (Version, bool, error) {
	added := false
	err := s.in(ctx, func(tx pgx.Tx) error {
		var newest int
		if err := tx.QueryRow(ctx, s.sql("lock_dataset"), v.Name).Scan(&newest); err != nil {
			return err
		}
		if newest > 0 {
			last, err := scanVersion(tx.QueryRow(ctx, s.sql("get_version"), v.Name, newest))
			if err != nil {
				return err
			}
			if last.SHA256 == v.SHA256 {
				v = last
				return nil
			}
		}
		added = true
		v.Version = newest + 1
		err := tx.QueryRow(ctx, s.sql("insert_version"), v.Name, v.Version, v.SHA256, v.Bytes, v.Owner, v.Audit).Scan(&v.CreatedAt)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, s.sql("set_newest"), v.Name, v.Version)
		return err
	})
	s.ForgetNewest(v.Name)
	if err != nil {
		return Version{}, false, fmt.Errorf("add a version: %w", err)
	}
	return v, added, nil
}

// Version finds a version of a dataset; 0 stands for the newest. Without one
// the error is a problem of kind NotFound.
func (s *Store) Version(ctx context.Context, name string, version int) (Version, error) {
	v, err := scanVersion(s.pool.QueryRow(ctx, s.sql("get_version"), name, version))
	if none(err) {
		if version > 0 {
			return Version{}, problem.Newf(problem.NotFound, "there is no version %d of a dataset %s", version, name)
		}
		return Version{}, problem.Newf(problem.NotFound, "there is no dataset %s", name)
	}
	if err != nil {
		return Version{}, fmt.Errorf("get a version: %w", err)
	}
	s.recent.put(recentKey(name, version), v)
	return v, nil
}

// Versions lists at most limit versions of a dataset, the newest first, that
// are older than before; 0 begins at the newest. It is empty for an unknown
// dataset.
func (s *Store) Versions(ctx context.Context, name string, before, limit int) ([]Version, error) {
	if before == 0 {
		before = math.MaxInt32
	}
	rows, err := s.pool.Query(ctx, s.sql("list_versions"), name, before, limit)
	return collectVersions(rows, err)
}

// Datasets lists the newest version of at most limit datasets whose names come
// after the given one, by name.
func (s *Store) Datasets(ctx context.Context, after string, limit int) ([]Version, error) {
	rows, err := s.pool.Query(ctx, s.sql("list_datasets"), after, limit)
	return collectVersions(rows, err)
}

func collectVersions(rows pgx.Rows, err error) ([]Version, error) {
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Version, error) { return scanVersion(row) })
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return all, nil
}

func scanVersion(row pgx.Row) (Version, error) {
	var v Version
	err := row.Scan(&v.Name, &v.Version, &v.SHA256, &v.Bytes, &v.Owner, &v.CreatedAt, &v.Audit)
	return v, err
}
