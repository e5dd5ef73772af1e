package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// checksum is the form of a SHA-256 by which a dataset is named.
var checksum = regexp.MustCompile(`^[0-9a-f]{64}$`)

const (
	// maxOpen is how many unused tables stay open.
	maxOpen = 16
	// mapAbove is the size in bytes from which all ranks are asked to map a file. The values of a smaller one are sent
	// faster.
	mapAbove = 1 << 20
	// fetchFor is how long a data service that is unreachable is asked for a dataset before the job's attempt fails.
	fetchFor = 2 * time.Minute
)

// Datasets opens datasets by their checksums: from the directory of the data service where this machine can read it, and
// otherwise from a cache into which they are fetched once. It is safe for concurrent use.
type Datasets struct {
	shared    string // the data service's directory, or empty
	cache     *cache
	flight    singleflight.Group
	fetch     Fetcher
	maxMemory int64         // bytes of all tables; a single one may take more
	reading   chan struct{} // holds a token while a table is being read: one at a time

	mu       sync.Mutex
	open     map[string]*Opened
	idle     []*Opened     // those without users, the least recently used first
	memory   int64         // of those in open
	released chan struct{} // closed at the next release
}

// Opened is an open dataset, with columns that are known in advance. Its file has the checksum of the dataset.
type Opened struct {
	key    string // see keyOf
	table  *series.Table
	x      []*series.Table
	file   *spmd.File
	bytes  int64 // of the file
	memory int64
	owner  *Datasets
	users  int // under the owner's lock
}

// tableMemory bounds the memory of all tables.
const tableMemory = 128 << 20

// NewDatasets opens datasets from the shared directory, unless that is "", and from a cache directory of at most
// cacheBytes, which it creates.
func NewDatasets(shared, cacheDir string, cacheBytes int64, fetch Fetcher) (*Datasets, error) {
	c, err := newCache(cacheDir, cacheBytes)
	if err != nil {
		return nil, err
	}
	return &Datasets{shared: shared, cache: c, fetch: fetch, maxMemory: tableMemory, reading: make(chan struct{}, 1),
		open: make(map[string]*Opened), released: make(chan struct{})}, nil
}

// memoryOf estimates the memory that a table takes in addition to its mapped file, which holds its values and times: for
// each asset its name, its index entry, and its pointers into the file.
func memoryOf(t *series.Table) (bytes int64) {
	for _, name := range t.Names() {
		bytes += 120 + int64(len(name))
	}
	return bytes
}

// largeEnoughToMap reports whether the ranks should map the file.
func (o *Opened) largeEnoughToMap() bool { return o.bytes >= mapAbove }

// Release ends one use of the dataset. The caller must not use it afterwards.
func (o *Opened) Release() {
	d := o.owner
	d.mu.Lock()
	defer d.mu.Unlock()
	o.users--
	if o.users > 0 {
		return
	}
	d.idle = append(d.idle, o)
	for len(d.idle) > maxOpen {
		d.closeIdle()
	}
	close(d.released)
	d.released = make(chan struct{})
}

// closeIdle closes the least recently used of the unused tables. The lock is held.
func (d *Datasets) closeIdle() {
	o := d.idle[0]
	d.idle = d.idle[1:]
	delete(d.open, o.key)
	d.memory -= o.memory
	if err := o.close(); err != nil {
		slog.Warn("unmap dataset", "path", o.file.Path, "err", err)
	}
}

// close unmaps the tables.
func (o *Opened) close() error {
	var errs []error
	if o.table != nil {
		errs = append(errs, o.table.Close())
	}
	for _, x := range o.x {
		errs = append(errs, x.Close())
	}
	return errors.Join(errs...)
}

// Close unmaps the unused tables.
func (d *Datasets) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.idle) > 0 {
		d.closeIdle()
	}
}

// Open opens a dataset and columns that a job needs beside it, and fetches them if needed. While the data service is unreachable it is asked again, for a few
// minutes or until ctx ends. Open also waits while open datasets that are in use take too much memory, so a caller that
// holds one must not open another. The error is a *portfolio.Error when the dataset makes the job impossible.
func (d *Datasets) Open(ctx context.Context, dataset job.Dataset, x ...job.Dataset) (*Opened, error) {
	key := keyOf(dataset, x)
	for {
		if o := d.opened(key); o != nil {
			return o, nil
		}
		// One caller opens it for all who ask at the same time.
		var own *Opened
		_, err, _ := d.flight.Do(key, func() (_ any, err error) {
			if own = d.opened(key); own == nil {
				own, err = d.openFiles(ctx, dataset, x)
			}
			return nil, err
		})
		if own != nil || err != nil {
			return own, err
		}
	}
}

// keyOf identifies a dataset with columns by their checksums.
func keyOf(dataset job.Dataset, x []job.Dataset) string {
	key := dataset.SHA256
	for _, c := range x {
		key += " " + c.SHA256
	}
	return key
}

func (d *Datasets) opened(key string) *Opened {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.open[key]
	if o == nil {
		return nil
	}
	if o.users == 0 {
		d.idle = slices.DeleteFunc(d.idle, func(other *Opened) bool { return other == o })
	}
	o.users++
	return o
}

// openFiles finds the files of a dataset and its columns, verifies and maps them. The caller is their first user.
func (d *Datasets) openFiles(ctx context.Context, dataset job.Dataset, x []job.Dataset) (*Opened, error) {
	all := append([]job.Dataset{dataset}, x...)
	paths := make([]string, len(all))
	for i, one := range all {
		var err error
		if paths[i], err = d.find(ctx, one); err != nil {
			return nil, err
		}
	}
	select {
	case d.reading <- struct{}{}:
		defer func() { <-d.reading }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	o := &Opened{key: keyOf(dataset, x), file: &spmd.File{Path: paths[0], SHA256: dataset.SHA256}, owner: d, users: 1}
	info, err := os.Stat(paths[0])
	for i := 0; err == nil && i < len(all); i++ {
		err = o.add(paths[i], all[i])
	}
	if err == nil {
		o.bytes = info.Size()
		err = d.admit(ctx, o)
	}
	if err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// add opens the file of the dataset, or of the next of its columns.
func (o *Opened) add(path string, dataset job.Dataset) error {
	table, err := arrow.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it was removed after it was found
		return err
	case err != nil:
		return &portfolio.Error{Code: "dataset-unreadable", Detail: fmt.Sprintf("the dataset %s cannot be read: %v", label(dataset), err)}
	case o.table == nil:
		o.table = table
	default:
		o.x = append(o.x, table)
	}
	o.memory += memoryOf(table)
	return nil
}

// admit adds a table to the open ones once there is memory for it. Unused tables are closed for that.
func (d *Datasets) admit(ctx context.Context, o *Opened) error {
	for {
		d.mu.Lock()
		for d.memory+o.memory > d.maxMemory && len(d.idle) > 0 {
			d.closeIdle()
		}
		if d.memory == 0 || d.memory+o.memory <= d.maxMemory {
			d.open[o.key] = o
			d.memory += o.memory
			d.mu.Unlock()
			return nil
		}
		released := d.released
		d.mu.Unlock()
		select {
		case <-released:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func label(d job.Dataset) string { return fmt.Sprintf("%s@%d", d.Name, d.Version) }

// find returns the path of a file with the dataset's checksum.
func (d *Datasets) find(ctx context.Context, dataset job.Dataset) (string, error) {
	if d.shared != "" {
		path := filepath.Join(d.shared, dataset.SHA256+".arrow")
		sum, err := spmd.SHA256(path)
		switch {
		case err == nil && sum == dataset.SHA256:
			return path, nil
		case err == nil:
			slog.Warn("a stored dataset does not match its checksum: fetching it instead", "path", path, "is", sum)
		case !errors.Is(err, fs.ErrNotExist):
			slog.Warn("a stored dataset cannot be read: fetching it instead", "path", path, "err", err)
		}
	}
	if path, ok := d.cache.has(dataset.SHA256); ok {
		return path, nil
	}
	return d.fetchWithRetry(ctx, dataset)
}

// fetchWithRetry fetches a dataset, and tries again while the service is unreachable. A file with another checksum is
// fetched once more.
func (d *Datasets) fetchWithRetry(ctx context.Context, dataset job.Dataset) (string, error) {
	retry := newBackoff(200*time.Millisecond, 10*time.Second)
	end := time.Now().Add(fetchFor)
	mismatches := 0
	for {
		path, err := d.cache.fetch(ctx, dataset, d.fetch)
		mismatch, changed := errors.AsType[*mismatchError](err)
		switch {
		case err == nil:
			return path, nil
		case changed && mismatches > 0:
			return "", &portfolio.Error{Code: "dataset-changed", Detail: fmt.Sprintf("the dataset %s has changed since the job was submitted: %v", label(dataset), mismatch)}
		case changed:
			mismatches++
		case gone(err):
			return "", &portfolio.Error{Code: "dataset-gone", Detail: fmt.Sprintf("the dataset %s no longer exists", label(dataset))}
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return "", fmt.Errorf("fetch the dataset %s: %w", label(dataset), err)
		}
		delay := retry.NextBackOff()
		slog.Warn("fetching a dataset failed", "dataset", label(dataset), "retry_ms", delay.Milliseconds(), "err", err)
		pause(ctx, delay)
	}
}

// gone reports whether the data service itself says that it has no such dataset.
func gone(err error) bool {
	p := problem.Answered(err)
	return p != nil && p.Kind() == problem.NotFound
}
