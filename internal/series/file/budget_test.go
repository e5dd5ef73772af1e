package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/format"
	"foliocast/internal/series/seriestest"
)

// sample writes one table as a file in each format: long and wide CSV, Parquet, and Arrow in the stored form. Each has the given
// number of assets and values of each.
func sample(t *testing.T, assets, values int) map[string]string {
	t.Helper()
	var long, wide, mixed strings.Builder
	long.WriteString("unique_id,ds,y\n")
	mixed.WriteString("unique_id,ds,y\n")
	wide.WriteString("ds")
	for a := range assets {
		fmt.Fprintf(&wide, ",A%d", a)
		for k := range values {
			fmt.Fprintf(&long, "A%d,%d,%d\n", a, k, k%9+1)
		}
	}
	for k := range values {
		fmt.Fprintf(&wide, "\n%d", k)
		for a := range assets {
			fmt.Fprintf(&wide, ",%d", k%9+1)
			fmt.Fprintf(&mixed, "A%d,%d,%d\n", a, k, k%9+1)
		}
	}
	table, _ := seriestest.ReadText(t, long.String(), series.Options{})
	dir := t.TempDir()
	paths := make(map[string]string)
	for name, data := range map[string][]byte{"long.csv": []byte(long.String()), "mixed.csv": []byte(mixed.String()), "wide.csv": []byte(wide.String()),
		"long.parquet": written(t, table, format.Parquet), "stored.arrow": written(t, table, format.Arrow)} {
		paths[name] = filepath.Join(dir, name)
		if err := os.WriteFile(paths[name], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// Every reader refuses a file that takes more memory than the budget has, and says how much that is.
func TestFileBeyondItsBudget(t *testing.T) {
	t.Parallel()
	pool := series.NewPool(1<<20, time.Minute)
	for name, path := range sample(t, 5_000, 20) {
		b := pool.Budget(t.Context())
		_, _, err := Read(path, series.Options{Budget: b})
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "MB of memory or more, and the service has 1 MB for a file") {
			t.Errorf("%s: got %v", name, r)
		}
		b.Close()
	}
	// All memory is free again.
	for name, path := range sample(t, 5, 5) {
		b := pool.Budget(t.Context())
		table, _, err := Read(path, series.Options{Budget: b})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = table.Close()
		b.Close()
	}
}

// A budget counts at least the memory that stays in use, and not several times as much.
//
// Not parallel: it measures the memory of the whole process.
func TestBudgetCountsTheMemoryInUse(t *testing.T) {
	pool := series.NewPool(1<<30, time.Minute)
	live := func() int64 {
		runtime.GC()
		runtime.GC() // what pools of the libraries keep is gone after the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, size := range [][2]int{{10, 20_000}, {20_000, 10}} {
		for name, path := range sample(t, size[0], size[1]) {
			b := pool.Budget(t.Context())
			before := live()
			table, audit, err := Read(path, series.Options{Budget: b})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			used, held := live()-before, b.Held()
			if used > held+1<<20 || held > 8*used+8<<20 {
				t.Errorf("%s of %d assets: %d bytes are in use, and the budget counted %d", name, size[0], used, held)
			}
			runtime.KeepAlive(audit)
			_ = table.Close()
			b.Close()
		}
	}
}

// Every reader stops when its context ends.
func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	pool := series.NewPool(1<<30, time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, path := range sample(t, 20, 1000) {
		b := pool.Budget(ctx)
		if _, _, err := Read(path, series.Options{Budget: b}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
		b.Close()
	}
}

// A file waits for the memory of others, and not for long.
func TestFilesWaitForMemory(t *testing.T) {
	t.Parallel()
	pool := series.NewPool(64<<20, 50*time.Millisecond)
	other := pool.Budget(t.Context())
	if err := other.Hold(40 << 20); err != nil {
		t.Fatal(err)
	}
	third := pool.Budget(t.Context())
	if err := third.Hold(23 << 20); err != nil {
		t.Fatal(err)
	}
	paths := sample(t, 5_000, 20)
	for name, path := range paths {
		b := pool.Budget(t.Context())
		_, _, err := Read(path, series.Options{Budget: b})
		if _, busy := errors.AsType[*series.BusyError](err); !busy {
			t.Errorf("%s: got %v, want a BusyError", name, err)
		}
		b.Close()
	}
	other.Close()
	for name, path := range paths {
		b := pool.Budget(t.Context())
		table, _, err := Read(path, series.Options{Budget: b})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = table.Close()
		b.Close()
	}
}
