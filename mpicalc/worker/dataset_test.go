package worker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/mpicalc/worker"
)

func TestADatasetOfTheSharedDirectoryIsNotFetched(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 20)
	shared := t.TempDir()
	path := filepath.Join(shared, s.dataset.SHA256+".arrow")
	for name, c := range map[string]struct {
		body    []byte
		fetched int64
	}{"whole": {s.body, 0}, "changed under its checksum": {[]byte("something else"), 1}} {
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
	s := newShelf(t, 2, 20)
	cache := t.TempDir()
	open := func() {
		t.Helper()
		data, err := worker.NewDatasets("", cache, 1<<20, s)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := data.Open(t.Context(), s.dataset)
		if err != nil {
			t.Fatal(err)
		}
		opened.Release()
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
		s := newShelf(t, 3, 20+length)
		data, err := worker.NewDatasets("", cache, 3*int64(len(s.body)), s)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := data.Open(t.Context(), s.dataset)
		if err != nil {
			t.Fatal(err)
		}
		opened.Release()
		data.Close()
		files, err := filepath.Glob(filepath.Join(cache, "*"))
		if err != nil || len(files) > 3 {
			t.Errorf("%d files in the cache, want 3 at most", len(files))
		}
	}
}

func TestManyDatasetsStayOpenAndNotTooMany(t *testing.T) {
	t.Parallel()
	shared := t.TempDir()
	var all []job.Dataset
	for i := range 40 {
		s := newShelf(t, 1, 10+i)
		all = append(all, s.dataset)
		if err := os.WriteFile(filepath.Join(shared, s.dataset.SHA256+".arrow"), s.body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := worker.NewDatasets(shared, t.TempDir(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	for range 2 {
		for _, d := range all {
			opened, err := data.Open(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			opened.Release()
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(maps), shared); n < 1 || n > 16 {
		t.Errorf("%d datasets are mapped, want 1 to 16", n)
	}
}
