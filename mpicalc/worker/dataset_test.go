package worker_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/mpicalc/worker"
)

func TestADatasetOfTheSharedDirectoryIsNotFetched(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 20)
	shared := t.TempDir()
	path := filepath.Join(shared, s.dataset.SHA256+".arrow")
	for name, c := range map[string]struct {
		body    []byte
		fetched int64
	}{"whole": {s.body, 0}, "another file under its name": {[]byte("something else"), 1}} {
		s.fetched.Store(0)
		if err := os.WriteFile(path, c.body, 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := worker.NewDatasets(shared, t.TempDir(), 1<<20, s)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := data.Open(t.Context(), s.dataset)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		opened.Release()
		if n := s.fetched.Load(); n != c.fetched {
			t.Errorf("%s: fetched %d times, want %d", name, n, c.fetched)
		}
		data.Close()
	}
}

func TestACachedDatasetThatWasChangedIsFetchedAgain(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 20)
	cache := t.TempDir()
	open := func() {
		t.Helper()
		data, err := worker.NewDatasets("", cache, 1<<20, s)
		if err != nil {
			t.Fatal(err)
		}
		mustOpen(t, data, s.dataset).Release()
		data.Close()
	}
	open()
	open()
	if n := s.fetched.Load(); n != 1 {
		t.Errorf("fetched %d times, want once", n)
	}
	if err := os.WriteFile(filepath.Join(cache, s.dataset.SHA256+".arrow"), []byte("spoiled"), 0o600); err != nil {
		t.Fatal(err)
	}
	open()
	if n := s.fetched.Load(); n != 2 {
		t.Errorf("fetched %d times, want again after it was changed", n)
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	for length := range 6 {
		s := newDataService(t, 3, 20+length)
		data, err := worker.NewDatasets("", cache, 3*int64(len(s.body)), s)
		if err != nil {
			t.Fatal(err)
		}
		mustOpen(t, data, s.dataset).Release()
		data.Close()
		files, err := filepath.Glob(filepath.Join(cache, "*"))
		if err != nil || len(files) > 3 {
			t.Errorf("%d files in the cache, want 3 at most", len(files))
		}
	}
}

// A process that dies in a download leaves a file behind. A young one may belong to a process that lives.
func TestTemporaryFilesOfDeadProcessesAreRemoved(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	for name, age := range map[string]time.Duration{"tmp-old": 2 * time.Hour, "tmp-young": time.Minute} {
		path := filepath.Join(cache, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	s := newDataService(t, 2, 20)
	data, err := worker.NewDatasets("", cache, 1<<20, s)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	mustOpen(t, data, s.dataset).Release()
	left, err := filepath.Glob(filepath.Join(cache, "tmp-*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "tmp-young" {
		t.Errorf("%v are left, %v, want tmp-young", left, err)
	}
}

func TestTheNumberOfOpenDatasetsIsBounded(t *testing.T) {
	t.Parallel()
	data, all := stored(t, 40, 1)
	for range 2 {
		for _, d := range all {
			mustOpen(t, data, d).Release()
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range all {
		n += strings.Count(string(maps), d.SHA256)
	}
	if n < 1 || n > 16 {
		t.Errorf("%d datasets are mapped, want 1 to 16", n)
	}
}

// stored writes datasets, each of another length, into a shared directory, and opens the directory.
func stored(t *testing.T, datasets, assets int) (*worker.Datasets, []job.Dataset) {
	t.Helper()
	shared := t.TempDir()
	var all []job.Dataset
	for i := range datasets {
		s := newDataService(t, assets, 10+i)
		all = append(all, s.dataset)
		if err := os.WriteFile(filepath.Join(shared, s.dataset.SHA256+".arrow"), s.body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := worker.NewDatasets(shared, t.TempDir(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(data.Close)
	return data, all
}

func mustOpen(t *testing.T, data *worker.Datasets, dataset job.Dataset) *worker.Opened {
	t.Helper()
	opened, err := data.Open(t.Context(), dataset)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// A table that would take too much memory waits until others are released and closed.
func TestTablesShareABoundedMemory(t *testing.T) {
	t.Parallel()
	data, all := stored(t, 4, 100)
	first := mustOpen(t, data, all[0])
	one := data.Memory() // all have the same names
	data.SetMemory(2*one + one/2)
	second := mustOpen(t, data, all[1])
	impatient, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := data.Open(impatient, all[2]); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third one while two are in use: %v", err)
	}
	again := mustOpen(t, data, all[0]) // it is there already
	again.Release()
	got := make(chan *worker.Opened)
	go func() {
		third, err := data.Open(t.Context(), all[2])
		if err != nil {
			t.Error(err)
		}
		got <- third
	}()
	first.Release()
	third := <-got
	if m := data.Memory(); m != 2*one {
		t.Errorf("open tables take %d bytes, want %d", m, 2*one)
	}
	second.Release()
	third.Release()
	data.SetMemory(one / 2)
	mustOpen(t, data, all[3]).Release() // a single one always fits
	if m := data.Memory(); m != one {
		t.Errorf("open tables take %d bytes, want %d", m, one)
	}
}

// Many jobs that need more tables than fit into memory all get theirs.
func TestJobsWaitForMemoryForTheirTables(t *testing.T) {
	t.Parallel()
	data, all := stored(t, 6, 50)
	mustOpen(t, data, all[0]).Release()
	one := data.Memory()
	data.SetMemory(2 * one)
	var users sync.WaitGroup
	for i := range 60 {
		users.Go(func() {
			opened, err := data.Open(t.Context(), all[i%len(all)])
			if err != nil {
				t.Error(err)
				return
			}
			if m := data.Memory(); m > 2*one {
				t.Errorf("open tables take %d bytes, want %d at most", m, 2*one)
			}
			opened.Release()
		})
	}
	users.Wait()
}

// hangingService hangs in the middle of its first answer.
type hangingService struct{ *dataService }

func (s hangingService) DatasetFile(ctx context.Context, d job.Dataset, w io.Writer) error {
	if s.fetched.Load() > 0 {
		return s.dataService.DatasetFile(ctx, d, w)
	}
	s.fetched.Add(1)
	if _, err := w.Write(s.body[:10]); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestADownloadThatStallsIsStartedAgain(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 20)
	data, err := worker.NewDatasets("", t.TempDir(), 1<<20, hangingService{s})
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	data.SetStall(50 * time.Millisecond)
	mustOpen(t, data, s.dataset).Release()
	if n := s.fetched.Load(); n != 2 {
		t.Errorf("fetched %d times, want once more", n)
	}
}

// A column of a version is fetched as that column.
func TestAColumnIsFetched(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 20)
	s.dataset.Column = "adj_close"
	data, err := worker.NewDatasets("", t.TempDir(), 1<<20, s)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	opened, err := data.Open(t.Context(), s.dataset)
	if err != nil {
		t.Fatal(err)
	}
	opened.Release()
}
