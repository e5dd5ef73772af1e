package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// days makes a long file of so many assets from one day to before another.
func days(assets, from, to int) []byte {
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for i := range assets {
		for k := from; k < to; k++ {
			fmt.Fprintf(&b, "A%d,%d,%d\n", i, k+1, (i*k)%97)
		}
	}
	return []byte(b.String())
}

// grow stores a table of so many days, and then a further day so often.
func grow(t *testing.T, a *Archive, assets, first, more int) []Stored {
	t.Helper()
	table, _, err := csv.Read(days(assets, 0, first), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Put(table)
	if err != nil {
		t.Fatal(err)
	}
	all := []Stored{s}
	for k := range more {
		all = append(all, further(t, a, all[k].SHA256, days(assets, first+k, first+k+1)))
	}
	return all
}

// further appends rows to a stored table.
func further(t *testing.T, a *Archive, base string, text []byte) Stored {
	t.Helper()
	old, done, err := a.Table(base)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	table, _, err := csv.Read(text, series.Options{Onto: &series.Onto{Table: old}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Append(table, base)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// depth is how many files a table is made of.
func depth(t *testing.T, a *Archive, sum string) int {
	t.Helper()
	for n := 1; ; n++ {
		from, err := a.tailOf(sum)
		if errors.Is(err, os.ErrNotExist) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		sum = from.SHA256
	}
}

// Day after day is appended: each version is the file that all of its days make, is stored in few files, and needs little room.
func TestAppendDayAfterDay(t *testing.T) {
	t.Parallel()
	const assets, first, more = 20, 300, 50
	a, err := Open(t.TempDir(), 4)
	if err != nil {
		t.Fatal(err)
	}
	all := grow(t, a, assets, first, more)
	b, err := Open(t.TempDir(), 4)
	if err != nil {
		t.Fatal(err)
	}
	wholes := 0
	for k, s := range all {
		table, _, err := csv.Read(days(assets, 0, first+k), series.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := b.Put(table)
		if err != nil {
			t.Fatal(err)
		}
		if s.SHA256 != want.SHA256 || s.Bytes != want.Bytes {
			t.Fatalf("after %d days: %+v, and the whole file is %+v", k, s, want)
		}
		f, err := a.File(s.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		n, err := io.Copy(sum, f)
		if err != nil || n != s.Bytes || hex.EncodeToString(sum.Sum(nil)) != s.SHA256 {
			t.Fatalf("after %d days, the file has %d bytes and the sum %x, %v", k, n, sum.Sum(nil), err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if s.Disk == s.Bytes {
			wholes++
		}
		if n := depth(t, a, s.SHA256); n > 1+bits.Len(uint(k)) {
			t.Errorf("after %d days, the table is made of %d files", k, n)
		}
	}
	// Of 300 days, tails may have an eighth: the 43rd day makes a new whole file.
	if wholes != 2 {
		t.Errorf("%d of %d tables are stored whole, want 2", wholes, len(all))
	}
	if left, _ := filepath.Glob(filepath.Join(a.dir, "tmp-*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

// A tail keeps what it goes on from, also when no version names that any more.
func TestCollectKeepsWhatTailsGoOnFrom(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 4)
	if err != nil {
		t.Fatal(err)
	}
	all := grow(t, a, 3, 100, 3)
	newest := all[3].SHA256
	find := func(context.Context, []string) (map[string]bool, error) { return map[string]bool{newest: true}, nil }
	// Of tails of 1, 2 and 1 days, the last goes on from the second, and that from the whole file.
	if n, _, err := a.Collect(t.Context(), find); err != nil || n != 1 {
		t.Errorf("removed %d files, %v, want 1", n, err)
	}
	table, done, err := a.Table(newest)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(table.Values(2)); n != 103 {
		t.Errorf("the asset has %d values, want 103", n)
	}
	done()
	if n, _, err := a.Collect(t.Context(), func(context.Context, []string) (map[string]bool, error) { return nil, nil }); err != nil || n != 3 {
		t.Errorf("removed %d files, %v, want 3", n, err)
	}
}

// A damaged or missing file of a table is an error, and nothing that it may need is collected.
func TestDamagedTail(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	all := grow(t, a, 3, 100, 1)
	if err := os.WriteFile(a.tailPath(all[1].SHA256), []byte("ARROW1"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Open(a.dir, 1) // without the tables in memory
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Table(all[1].SHA256); err == nil {
		t.Error("a damaged tail was opened")
	}
	if _, err := b.File(all[1].SHA256); err == nil {
		t.Error("a damaged tail was made a whole file")
	}
	find := func(context.Context, []string) (map[string]bool, error) {
		return map[string]bool{all[1].SHA256: true}, nil
	}
	if n, _, err := b.Collect(t.Context(), find); err == nil || n != 0 {
		t.Errorf("removed %d files, %v", n, err)
	}
	if _, err := b.File(strings.Repeat("0", 64)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: got %v", err)
	}
}

// Many readers of the whole file of a table share one.
func TestWholeFileIsShared(t *testing.T) {
	t.Parallel()
	a, err := Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	all := grow(t, a, 3, 100, 2)
	one, err := a.File(all[1].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	two, err := a.File(all[1].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	other, err := a.File(all[2].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(a.wholes.open); n != 2 {
		t.Errorf("%d files are open, want 2", n)
	}
	for _, f := range []io.Closer{one, one, two, other} { // closing twice does nothing
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.wholes.open); n != 1 || a.wholes.idle == nil || a.wholes.idle.sha256 != all[2].SHA256 {
		t.Errorf("%d files are kept open, want the last", n)
	}
	a.wholes.forget()
	if n := len(a.wholes.open); n != 0 {
		t.Errorf("%d files are open, want none", n)
	}
}
