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

// checksum is how a dataset is named.
var checksum = regexp.MustCompile(`^[0-9a-f]{64}$`)

const (
	// maxOpen is how many tables stay open when nobody uses them.
	maxOpen = 16
	// mapAbove is the size from which on letting all ranks map a file is worth a round of calls; smaller series are
	// sent faster.
	mapAbove = 1 << 20
	// fetchFor is how long a data service that is away is asked for a dataset before its job is given back.
	fetchFor = 2 * time.Minute
)

// Datasets opens datasets by their checksums: from a directory where the data service keeps them, when this machine
// sees it, or else fetched once into a cache. Safe for concurrent use.
type Datasets struct {
	shared string // the data service's directory, or empty
	cache  *cache
	flight singleflight.Group
	fetch  Fetcher
	most   int64         // bytes of memory that tables may take; one alone may take more
	turn   chan struct{} // holds a token while a table is being read, which is one at a time

	mu     sync.Mutex
	open   map[string]*Opened
	idle   []*Opened     // nobody uses them; the one used longest ago first
	memory int64         // of those in open
	freed  chan struct{} // closed at the next release
}

// Opened is an open dataset, whose file has the right checksum.
type Opened struct {
	table  *series.Table
	file   *spmd.File
	bytes  int64 // of the file
	memory int64
	owner  *Datasets
	users  int // under the owner's lock
}

// maxMemory bounds the memory of all tables.
const maxMemory = 128 << 20

// NewDatasets opens datasets from the shared directory, if it is not empty, and from a cache directory of at most so
// many bytes, which it makes.
func NewDatasets(shared, cacheDir string, cacheBytes int64, fetch Fetcher) (*Datasets, error) {
	c, err := newCache(cacheDir, cacheBytes)
	if err != nil {
		return nil, err
	}
	return &Datasets{shared: shared, cache: c, fetch: fetch, most: maxMemory, turn: make(chan struct{}, 1),
		open: make(map[string]*Opened), freed: make(chan struct{})}, nil
}

// memoryOf is about what a table takes beside its mapped file, in which its values and times lie: for each asset its
// name, its place in the index, and what points into the file.
func memoryOf(t *series.Table) (bytes int64) {
	for _, name := range t.Names() {
		bytes += 120 + int64(len(name))
	}
	return bytes
}

// worthMapping reports whether the ranks should map the file.
func (o *Opened) worthMapping() bool { return o.bytes >= mapAbove }

// Release gives the dataset back; the caller must not use it any more.
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
	close(d.freed)
	d.freed = make(chan struct{})
}

// closeIdle closes the table that nobody used for the longest time. The lock is held.
func (d *Datasets) closeIdle() {
	o := d.idle[0]
	d.idle = d.idle[1:]
	delete(d.open, o.file.SHA256)
	d.memory -= o.memory
	if err := o.table.Close(); err != nil {
		slog.Warn("unmap dataset", "path", o.file.Path, "err", err)
	}
}

// Close unmaps what nobody uses.
func (d *Datasets) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.idle) > 0 {
		d.closeIdle()
	}
}

// Open opens a dataset and fetches it where needed. A service that is away is asked again for some time, until ctx ends.
// It waits for room, too, while open datasets that are in use take much memory; so whoever has one must not open
// another. The error is a *portfolio.Error when the job cannot succeed because of the dataset.
func (d *Datasets) Open(ctx context.Context, dataset job.Dataset) (*Opened, error) {
	for {
		if o := d.opened(dataset.SHA256); o != nil {
			return o, nil
		}
		// The one that opens it does so for all that ask meanwhile.
		var own *Opened
		_, err, _ := d.flight.Do(dataset.SHA256, func() (_ any, err error) {
			if own = d.opened(dataset.SHA256); own == nil {
				own, err = d.openFile(ctx, dataset)
			}
			return nil, err
		})
		if own != nil || err != nil {
			return own, err
		}
	}
}

func (d *Datasets) opened(sha256 string) *Opened {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.open[sha256]
	if o == nil {
		return nil
	}
	if o.users == 0 {
		d.idle = slices.DeleteFunc(d.idle, func(other *Opened) bool { return other == o })
	}
	o.users++
	return o
}

// openFile finds the file of a dataset, checks and maps it. The caller is its first user.
func (d *Datasets) openFile(ctx context.Context, dataset job.Dataset) (*Opened, error) {
	path, err := d.find(ctx, dataset)
	if err != nil {
		return nil, err
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	table, err := arrow.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // removed since it was found
		return nil, err
	}
	if err != nil {
		return nil, &portfolio.Error{Code: "dataset-unreadable", Detail: fmt.Sprintf("the dataset %s cannot be read: %v", label(dataset), err)}
	}
	info, err := os.Stat(path)
	if err == nil {
		o := &Opened{table: table, file: &spmd.File{Path: path, SHA256: dataset.SHA256}, bytes: info.Size(), memory: memoryOf(table), owner: d, users: 1}
		if err = d.admit(ctx, o); err == nil {
			return o, nil
		}
	}
	table.Close()
	return nil, err
}

// admit takes a table in among the open ones once there is room for it. Those that nobody uses give way.
func (d *Datasets) admit(ctx context.Context, o *Opened) error {
	for {
		d.mu.Lock()
		for d.memory+o.memory > d.most && len(d.idle) > 0 {
			d.closeIdle()
		}
		if d.memory == 0 || d.memory+o.memory <= d.most {
			d.open[o.file.SHA256] = o
			d.memory += o.memory
			d.mu.Unlock()
			return nil
		}
		freed := d.freed
		d.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func label(d job.Dataset) string { return fmt.Sprintf("%s@%d", d.Name, d.Version) }

// find is the path of a file with the dataset's checksum.
func (d *Datasets) find(ctx context.Context, dataset job.Dataset) (string, error) {
	if d.shared != "" {
		path := filepath.Join(d.shared, dataset.SHA256+".arrow")
		sum, err := spmd.SHA256(path)
		switch {
		case err == nil && sum == dataset.SHA256:
			return path, nil
		case err == nil:
			slog.Warn("a stored dataset has changed under its checksum: fetching it instead", "path", path, "is", sum)
		case !errors.Is(err, fs.ErrNotExist):
			slog.Warn("a stored dataset cannot be read: fetching it instead", "path", path, "err", err)
		}
	}
	if path, ok := d.cache.has(dataset.SHA256); ok {
		return path, nil
	}
	return d.fetchPatiently(ctx, dataset)
}

// fetchPatiently fetches a dataset, again and again while the service is away. A file with another checksum is fetched
// once more.
func (d *Datasets) fetchPatiently(ctx context.Context, dataset job.Dataset) (string, error) {
	retry := newBackOff(200*time.Millisecond, 10*time.Second)
	end := time.Now().Add(fetchFor)
	wrong := 0
	for {
		path, err := d.cache.fetch(ctx, dataset, d.fetch)
		mismatch, changed := errors.AsType[*mismatchError](err)
		switch {
		case err == nil:
			return path, nil
		case changed && wrong > 0:
			return "", &portfolio.Error{Code: "dataset-changed", Detail: fmt.Sprintf("the dataset %s is not what the job was made for: %v", label(dataset), mismatch)}
		case changed:
			wrong++
		case problem.Is(err, problem.NotFound):
			return "", &portfolio.Error{Code: "dataset-gone", Detail: fmt.Sprintf("the dataset %s is not there any more", label(dataset))}
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return "", fmt.Errorf("fetch the dataset %s: %w", label(dataset), err)
		}
		delay := retry.next()
		slog.Warn("fetching a dataset failed", "dataset", label(dataset), "retry_ms", delay.Milliseconds(), "err", err)
		pause(ctx, delay)
	}
}
