package worker

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"foliocast/internal/job"
	"foliocast/mpicalc/spmd"
)

// Fetcher writes the stored file of a column of a dataset's version to w.
type Fetcher interface {
	DatasetFile(ctx context.Context, d job.Dataset, w io.Writer) error
}

// cache is a directory of fetched datasets, each named by its checksum. Several workers may share one: a file gets its
// name when it is complete, and one that is removed can still be read by those that have it open.
//
// A file is not synced to disk before it gets its name. Its checksum is verified before each use, so that after a crash
// it is at worst fetched again.
type cache struct {
	dir      string
	maxBytes int64
	stall    time.Duration // how long a fetch may go without receiving a byte
	mu       sync.Mutex
}

// stallTime is the stall of a new cache.
const stallTime = 30 * time.Second

func newCache(dir string, maxBytes int64) (*cache, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache directory: %w", err)
	}
	if err := checkOwn(dir); err != nil {
		return nil, err
	}
	return &cache{dir: dir, maxBytes: maxBytes, stall: stallTime}, nil
}

// ErrNotOwn says that the cache directory is not the user's own.
var ErrNotOwn = errors.New("set FOLIOCAST_CACHE_DIR to a directory of your own")

// checkOwn refuses a directory in which another user could replace a file after its checksum was verified.
func checkOwn(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the cache directory: %w", err)
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	switch {
	case known && stat.Uid != 0 && int(stat.Uid) != os.Geteuid():
		return fmt.Errorf("the cache directory %s belongs to another user, who could change what is in it: %w", dir, ErrNotOwn)
	case info.Mode().Perm()&0o002 != 0:
		return fmt.Errorf("everybody may write into the cache directory %s, and change what is in it: %w", dir, ErrNotOwn)
	}
	return nil
}

func (c *cache) path(sha256 string) string { return filepath.Join(c.dir, sha256+".arrow") }

// has returns the path of a dataset that is in the cache, complete and unchanged. A file that was changed is removed.
func (c *cache) has(sha256 string) (string, bool) {
	path := c.path(sha256)
	sum, err := spmd.SHA256(path)
	if err != nil {
		return "", false
	}
	if sum != sha256 {
		slog.Warn("a cached dataset does not match its checksum: fetching it again", "path", path)
		os.Remove(path)
		return "", false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // its only use is the order of removal
	return path, true
}

// mismatchError says that a file has another checksum than its dataset.
type mismatchError struct{ want, got string }

func (e *mismatchError) Error() string {
	return fmt.Sprintf("its file should have the SHA-256 %s and has %s", e.want, e.got)
}

// fetch fetches a dataset into the cache. The error is a *mismatchError when the received file is not the dataset.
func (c *cache) fetch(ctx context.Context, dataset job.Dataset, from Fetcher) (path string, err error) {
	f, err := os.CreateTemp(c.dir, "tmp-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	err = c.download(ctx, dataset, from, out)
	if err == nil {
		err = out.Flush()
	}
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err != nil {
		return "", err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != dataset.SHA256 {
		return "", &mismatchError{dataset.SHA256, got}
	}
	path = c.path(dataset.SHA256)
	if err := os.Rename(f.Name(), path); err != nil {
		return "", err
	}
	c.trim(path)
	return path, nil
}

// stalledError says that a service stopped sending in the middle of its answer, or never started.
type stalledError struct{ after time.Duration }

func (e *stalledError) Error() string { return fmt.Sprintf("nothing was received for %v", e.after) }

// download makes the service write the file, and gives up when nothing has been received for a while: a large file may
// take long, but a service that hangs would hold up a job for ever.
func (c *cache) download(ctx context.Context, dataset job.Dataset, from Fetcher, to io.Writer) error {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	stalled := time.AfterFunc(c.stall, func() { giveUp(&stalledError{c.stall}) })
	defer stalled.Stop()
	err := from.DatasetFile(ctx, dataset, writerFunc(func(p []byte) (int, error) {
		stalled.Reset(c.stall)
		return to.Write(p)
	}))
	if cause, ok := errors.AsType[*stalledError](context.Cause(ctx)); ok && err != nil {
		return cause
	}
	return err
}

type writerFunc func(p []byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// abandoned is the age from which a temporary file counts as left by a dead process.
const abandoned = time.Hour

// trim removes what dead processes left, and the least recently used files while there are too many bytes, except keep.
func (c *cache) trim(keep string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	type file struct {
		path string
		size int64
		used time.Time
	}
	var files []file
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		path := filepath.Join(c.dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "tmp-") && time.Since(info.ModTime()) > abandoned:
			os.Remove(path)
		case strings.HasSuffix(path, ".arrow"):
			files = append(files, file{path, info.Size(), info.ModTime()})
			total += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.used.UnixNano(), b.used.UnixNano()) })
	for _, f := range files {
		if total <= c.maxBytes {
			return
		}
		if f.path != keep && os.Remove(f.path) == nil {
			total -= f.size
		}
	}
}
