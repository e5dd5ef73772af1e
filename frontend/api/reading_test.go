package api

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/parquet"
	"foliocast/internal/series/seriestest"
)

// bomb is a small Parquet file that becomes large: the values of each asset are equal.
func bomb(t *testing.T, rows int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for k := range rows {
		fmt.Fprintf(&b, "A,%d,1\n", k)
	}
	table, _ := seriestest.ReadText(t, b.String(), series.Options{})
	return string(seriestest.Written(t, parquet.Write, table))
}

// A file that takes more memory than one may is refused with both numbers, and while others take what there is, a file hears
// within a bounded time that it should come again. Then it is read.
func TestUploadsShareMemory(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 64 << 20, UploadTime: time.Minute, Memory: 4 << 20})
	s.api.reader.wait = 50 * time.Millisecond
	s.api.reader.memory = series.NewPool(4<<20, 50*time.Millisecond)
	large := bomb(t, 400_000)
	got := s.send("POST", "/v1/datasets/large", large, "Content-Type", parquetMedia)
	want := "reading it takes 7 MB of memory or more, and the service has 3 MB for a file"
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) {
		t.Errorf("got %d: %s, want 422 that says %q", got.status, got.body, want)
	}

	others := s.api.reader.memory.Budget(t.Context())
	for range 3 {
		if err := others.Hold(1 << 20); err != nil {
			t.Fatal(err)
		}
	}
	more := s.api.reader.memory.Budget(t.Context())
	if err := more.Hold(1 << 20); err != nil {
		t.Fatal(err)
	}
	got = s.send("POST", "/v1/datasets/small", smallCSV, "Content-Type", csvMedia)
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "10" || !strings.Contains(got.problem.Detail, "waited for 50ms") {
		t.Errorf("got %d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.body)
	}
	others.Close()
	more.Close()
	s.upload("small", smallCSV)
}

// While all who read are busy, a file does not wait for long either.
func TestUploadsWaitForAReader(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.api.reader.wait = 50 * time.Millisecond
	if !s.api.reader.slots.TryAcquire(readersOf(runtime.GOMAXPROCS(0))) {
		t.Fatal("somebody reads")
	}
	got := s.send("POST", "/v1/datasets/small", smallCSV, "Content-Type", csvMedia)
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.body)
	}
	s.api.reader.slots.Release(readersOf(runtime.GOMAXPROCS(0)))
	s.upload("small", smallCSV)
}

func TestReadingLeavesHalfOfTheCores(t *testing.T) {
	t.Parallel()
	for cores, want := range map[int]int64{1: 1, 2: 1, 3: 1, 4: 2, 8: 4, 128: 4} {
		if got := readersOf(cores); got != want {
			t.Errorf("%d cores: %d files are read at once, want %d", cores, got, want)
		}
	}
}
