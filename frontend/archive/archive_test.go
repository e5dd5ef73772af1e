package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// table makes a table of one asset with n values.
func table(t *testing.T, n int) *series.Table {
	t.Helper()
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for i := range n {
		fmt.Fprintf(&b, "A,%d,%d\n", i, i+1)
	}
	out, _, err := csv.Read([]byte(b.String()), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func put(t *testing.T, a *Archive, n int) Stored {
	t.Helper()
	s, err := a.Put(table(t, n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFileIsNamedByItsContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := Open(dir, 2)
	if err != nil {
		t.Fatal(err)
	}
	s := put(t, a, 5)
	if again := put(t, a, 5); again != s {
		t.Errorf("the same table again is %+v, want %+v", again, s)
	}
	f, err := a.File(s.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	if hex.EncodeToString(sum[:]) != s.SHA256 || int64(len(text)) != s.Bytes {
		t.Errorf("%d bytes hash to %x, want %+v", len(text), sum, s)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 1 {
		t.Errorf("the directory has %v, want one file", names)
	}
}

func TestUnusedTablesAreUnmapped(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	first, second := put(t, a, 3), put(t, a, 4)
	one, doneOne, err := a.Table(first.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	e := a.cache.entries[0]
	two, doneTwo, err := a.Table(second.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Values(0)) != 3 || len(two.Values(0)) != 4 {
		t.Error("a table in use lost its values")
	}
	doneOne()
	if e.table != nil {
		t.Error("the first table is neither kept nor in use, and still mapped")
	}
	doneTwo()
	if len(a.cache.entries) != 1 || a.cache.entries[0].table == nil {
		t.Error("the second table is to be kept")
	}
}

// Tables of many assets are kept in smaller number: their names and axes are in memory.
func TestKeptTablesAreBoundedByTheirAssets(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 10)
	if err != nil {
		t.Fatal(err)
	}
	a.cache.assets = 2
	for n := 1; n <= 4; n++ {
		_, done, err := a.Table(put(t, a, n).SHA256)
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if n := len(a.cache.entries); n != 2 {
		t.Errorf("%d tables of one asset are kept, want 2", n)
	}
}

func TestManyUsersAtOnce(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	all := []Stored{put(t, a, 3), put(t, a, 4), put(t, a, 5)}
	var group errgroup.Group
	for i := range 60 {
		group.Go(func() error {
			got, done, err := a.Table(all[i%3].SHA256)
			if err != nil {
				return err
			}
			defer done()
			if n := len(got.Values(0)); n != 3+i%3 {
				return fmt.Errorf("table %d has %d values", i%3, n)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

func TestMissingFileIsOpenedAgain(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 2)
	if err != nil {
		t.Fatal(err)
	}
	s := put(t, a, 3)
	path := a.path(s.SHA256)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Table(s.SHA256); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that it does not exist", err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	_, done, err := a.Table(s.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	done()
}

// A process that died left its temporary files; those of living ones stay, however old they are.
func TestTemporaryFilesOfDeadProcessesAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	age := func(path string) {
		t.Helper()
		then := time.Now().Add(-time.Minute)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"tmp-old.csv", "tmp-new.csv", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	age(filepath.Join(dir, "tmp-old.csv"))
	age(filepath.Join(dir, "other"))
	mine, err := a.Temp(".arrow")
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	age(mine.Name())
	if _, err := Open(dir, 1); err != nil { // as the next process does
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"tmp-old.csv": false, "tmp-new.csv": true, "other": true, filepath.Base(mine.Name()): true} {
		if _, err := os.Stat(filepath.Join(dir, path)); (err == nil) != want {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if err := mine.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Sweep(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mine.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after it was closed: got %v", err)
	}
}

func TestTheDirectoryIsClosedToOthers(t *testing.T) {
	t.Parallel()
	for before, want := range map[os.FileMode]os.FileMode{0: 0o700, 0o755: 0o750, 0o700: 0o700} {
		dir := filepath.Join(t.TempDir(), "data")
		if before != 0 {
			if err := os.Mkdir(dir, before); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Open(dir, 1); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != want {
			t.Errorf("from %o: got %o, %v, want %o", before, info.Mode().Perm(), err, want)
		}
	}
}

// On a full disk, the error says so.
func TestPutOnAFullDisk(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	a.create = func(dir, _ string) (*os.File, error) {
		fd, err := syscall.Open("/dev/full", syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
		return os.NewFile(uintptr(fd), filepath.Join(dir, "tmp-full")), err
	}
	if _, err := a.Put(table(t, 3)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
}

// Files that no version names are removed, but not while one is being stored.
func TestCollect(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	used, unused := put(t, a, 3), put(t, a, 4)
	find := func(context.Context, []string) (map[string]bool, error) {
		return map[string]bool{used.SHA256: true}, nil
	}
	release, err := a.Share(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, _, err := a.Collect(t.Context(), find); err != nil || n != 0 {
		t.Errorf("while a file is stored: got %d, %v", n, err)
	}
	release()
	if n, bytes, err := a.Collect(t.Context(), find); err != nil || n != 1 || bytes != unused.Bytes {
		t.Errorf("got %d files, %d bytes, %v", n, bytes, err)
	}
	if _, err := os.Stat(a.path(used.SHA256)); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(a.path(unused.SHA256)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// A collector that hangs does not keep an upload longer than that may take.
func TestShareWaitsNoLongerThanItMay(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	put(t, a, 3)
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err = a.Collect(t.Context(), func(context.Context, []string) (map[string]bool, error) {
		cancel()
		_, err := a.Share(ctx)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		return nil, errors.New("hung")
	})
	if err == nil {
		t.Error("the collector saw no file")
	}
}
