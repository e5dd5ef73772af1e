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
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
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

	mu   sync.Mutex
	open map[string]*Opened
	idle []*Opened // nobody uses them; the one used longest ago first
}

// Opened is an open dataset, whose file has the right checksum.
type Opened struct {
	table *series.Table
	file  *spmd.File
	bytes int64
	owner *Datasets
	users int // under the owner's lock
}

// NewDatasets opens datasets from the shared directory, if it is not empty, and from a cache directory of at most so
// many bytes, which it makes.
func NewDatasets(shared, cacheDir string, cacheBytes int64, fetch Fetcher) (*Datasets, error) {
	c, err := newCache(cacheDir, cacheBytes)
	if err != nil {
		return nil, err
	}
	return &Datasets{shared: shared, cache: c, fetch: fetch, open: make(map[string]*Opened)}, nil
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
	if len(d.idle) > maxOpen {
		oldest := d.idle[0]
		d.idle = d.idle[1:]
		delete(d.open, oldest.file.SHA256)
		if err := oldest.table.Close(); err != nil {
			slog.Warn("unmap dataset", "path", oldest.file.Path, "err", err)
		}
	}
}

// Close unmaps what nobody uses.
func (d *Datasets) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range d.idle {
		o.table.Close()
		delete(d.open, o.file.SHA256)
	}
	d.idle = nil
}

// Open opens a dataset and fetches it where needed. A service that is away is asked again for some time, until ctx ends. The
// error is a *portfolio.Error when the job cannot succeed because of the dataset.
func (d *Datasets) Open(ctx context.Context, dataset job.Dataset) (*Opened, error) {
	for {
		if o := d.opened(dataset.SHA256); o != nil {
			return o, nil
		}
		// The one that opens it does so for all that ask meanwhile.
		_, err, _ := d.flight.Do(dataset.SHA256, func() (any, error) {
			if o := d.opened(dataset.SHA256); o != nil {
				o.Release()
				return nil, nil
			}
			return nil, d.openFile(ctx, dataset)
		})
		if err != nil {
			return nil, err
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
		for i, other := range d.idle {
			if other == o {
				d.idle = append(d.idle[:i:i], d.idle[i+1:]...)
				break
			}
		}
	}
	o.users++
	return o
}

// openFile finds the file of a dataset, checks and maps it, and keeps it open as unused.
func (d *Datasets) openFile(ctx context.Context, dataset job.Dataset) error {
	path, err := d.find(ctx, dataset)
	if err != nil {
		return err
	}
	table, _, err := series.OpenArrow(path)
	if errors.Is(err, fs.ErrNotExist) { // removed since it was found
		return err
	}
	if err != nil {
		return &portfolio.Error{Code: "dataset-unreadable", Detail: fmt.Sprintf("the dataset %s cannot be read: %v", label(dataset), err)}
	}
	info, err := os.Stat(path)
	if err != nil {
		table.Close()
		return err
	}
	o := &Opened{table: table, file: &spmd.File{Path: path, SHA256: dataset.SHA256}, bytes: info.Size(), owner: d, users: 1}
	d.mu.Lock()
	d.open[dataset.SHA256] = o
	d.mu.Unlock()
	o.Release()
	return nil
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
