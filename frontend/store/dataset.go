package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Version is one immutable version of a dataset.
type Version struct {
	job.Dataset
	Disk      int64  // how many of its bytes are stored; 0 stands for all where a version is added
	After     int    // the version that rows were appended to, where a version is added so; otherwise 0
	Source    string // where its file was fetched, where a version is added so; its audit keeps it
	Owner     string
	CreatedAt time.Time
	Audit     json.RawMessage // what reading the upload found
	Further   []Column        // nil in lists of datasets
}

// Column is a further column of a version's file, which is stored in an Arrow file of its own.
type Column struct {
	Column string          `json:"column"`
	SHA256 string          `json:"sha256"`
	Bytes  int64           `json:"bytes"`
	Disk   int64           `json:"disk"`  // how many of them are stored; 0 stands for all where a version is added
	Audit  json.RawMessage `json:"audit"` // what reading the column found
}

// has reports whether a version has the content of another: the same columns with the same values. The other may lack the name
// of its column.
func (v Version) has(other Version) bool {
	return v.SHA256 == other.SHA256 && (other.Column == "" || v.Column == other.Column) &&
		slices.EqualFunc(v.Further, other.Further, func(a, b Column) bool { return a.Column == b.Column && a.SHA256 == b.SHA256 })
}

// AddVersion adds the next version of the dataset v.Name and returns it; its
// files must be stored already. When the newest version has the same content,
// it adds nothing, and returns that version and false. The error is a problem of
// kind Stale when v.After is not the newest version any more.
func (s *Store) AddVersion(ctx context.Context, v Version) (Version, bool, error) {
	given, added := v, false
	err := s.tx(ctx, func(tx postgres.Transaction) error {
		v, added = given, false
		newest, err := postgres.One(ctx, tx, pgx.RowTo[int], s.sql.LockDataset, v.Name)
		if err != nil {
			return err
		}
		if newest > 0 {
			last, err := postgres.One(ctx, tx, scanVersion, s.sql.GetVersion, v.Name, newest)
			if err != nil {
				return err
			}
			if last.has(v) {
				v = last
				return nil
			}
		}
		if v.After > 0 && v.After != newest {
			return StaleDataset(v.Name, newest)
		}
		number, err := postgres.One(ctx, tx, pgx.RowTo[int], s.sql.GetLast, v.Name)
		if err != nil {
			return err
		}
		added = true
		v.Disk = cmp.Or(v.Disk, v.Bytes)
		v.Version = number + 1
		v.CreatedAt, err = postgres.One(ctx, tx, pgx.RowTo[time.Time], s.sql.InsertVersion, v.Name, v.Version, v.SHA256, v.Bytes, v.Owner, v.Audit, v.Column, v.Disk)
		if err != nil {
			return err
		}
		for i, c := range v.Further {
			if _, err := postgres.Exec(ctx, tx, s.sql.InsertColumn, v.Name, v.Version, c.Column, i, c.SHA256, c.Bytes, c.Audit, c.Disk); err != nil {
				return err
			}
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.SetNewest, v.Name, v.Version); err != nil {
			return err
		}
		action, detail := "upload-dataset", map[string]any{"version": v.Version, "sha256": v.SHA256, "bytes": v.Bytes}
		switch {
		case v.After > 0:
			action = "append-dataset"
		case v.Source != "":
			action, detail["source"] = "import-dataset", v.Source
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: action, Object: audit.Object{Kind: "dataset", ID: v.Name}, After: audit.Detail(detail)})
	})
	s.ForgetNewest(v.Name)
	if err != nil {
		return Version{}, false, fmt.Errorf("add a version: %w", err)
	}
	return v, added, nil
}

// StaleDataset is the problem of a change that was meant for another version of a dataset than the newest, which is 0 where all
// were removed.
func StaleDataset(name string, newest int) error {
	if newest == 0 {
		return problem.Newf(problem.Stale, "dataset %s has been removed", name)
	}
	return problem.Newf(problem.Stale, "dataset %s has changed: look at it again; its newest version is %d, and its ETag \"%d\"", name, newest, newest)
}

// Version finds a version of a dataset; 0 stands for the newest. If there
// is none, the error is a problem of kind NotFound.
func (s *Store) Version(ctx context.Context, name string, version int) (Version, error) {
	v, found, err := postgres.Find(ctx, s.pool, scanVersion, s.sql.GetVersion, name, version)
	if err != nil {
		return Version{}, fmt.Errorf("get a version: %w", err)
	}
	if !found && version > 0 {
		return Version{}, problem.Newf(problem.NotFound, "there is no version %d of dataset %s", version, name)
	}
	if !found {
		return Version{}, problem.Newf(problem.NotFound, "there is no dataset %s", name)
	}
	s.recent.put(recentKey(name, version), v)
	return v, nil
}

// Versions lists at most limit versions of a dataset that are older than before,
// the newest first; 0 begins at the newest. The list is empty for an unknown
// dataset.
func (s *Store) Versions(ctx context.Context, name string, before, limit int) ([]Version, error) {
	if before == 0 {
		before = math.MaxInt32
	}
	return s.versions(ctx, s.sql.ListVersions, name, before, limit)
}

// Datasets lists the newest version of at most limit datasets whose names come
// after the given one, by name.
func (s *Store) Datasets(ctx context.Context, after string, limit int) ([]Version, error) {
	return s.versions(ctx, s.sql.ListDatasets, after, limit)
}

func (s *Store) versions(ctx context.Context, list postgres.Statement, args ...any) ([]Version, error) {
	all, err := postgres.Collect(ctx, s.pool, scanVersion, list, args...)
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return all, nil
}

func scanVersion(row pgx.CollectableRow) (Version, error) {
	var v Version
	var further []byte
	if err := row.Scan(&v.Name, &v.Version, &v.SHA256, &v.Bytes, &v.Owner, &v.CreatedAt, &v.Audit, &v.Column, &v.Disk, &further); err != nil || further == nil {
		return v, err
	}
	if err := json.Unmarshal(further, &v.Further); err != nil {
		return v, fmt.Errorf("read the columns of %s@%d: %w", v.Name, v.Version, err)
	}
	return v, nil
}
