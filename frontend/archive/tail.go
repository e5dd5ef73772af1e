package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
)

const (
	// maxTails is how many tails a table may be made of. There are never so many, because each has at least twice the values of
	// the next: it stops a search in damaged files.
	maxTails = 64
	// maxTimes is how many times a table with tails may have: they are in memory, not in a mapped file.
	maxTimes = 4 << 20
	// tailShare is which part of a whole file its tails may have together. Beyond that, the next table is stored whole.
	tailShare = 8
)

func (a *Archive) tailPath(sha256 string) string { return filepath.Join(a.dir, sha256+".tail") }

// Append stores a table that goes on from a stored one, its base. It stores what the table has beyond the base, or beyond one
// of those that the base goes on from, or the whole table where that is better.
func (a *Archive) Append(t *series.Table, base string) (Stored, error) {
	s, err := sumOf(t)
	if err != nil {
		return Stored{}, err
	}
	if s.Disk, err = a.size(s.SHA256); err == nil || !errors.Is(err, os.ErrNotExist) {
		return s, err
	}
	tail, on, done, err := a.chooseBase(t, base)
	if err != nil {
		return Stored{}, err
	}
	defer done()
	if tail == nil || tail.Times > maxTimes {
		return a.Put(t)
	}
	s.Disk, err = a.write(func(w io.Writer) error { return tail.Write(w, on) }, func() string { return a.tailPath(s.SHA256) })
	return s, err
}

// sumOf is the name and the size of a table in the stored form.
func sumOf(t *series.Table) (Stored, error) {
	sum, size := sha256.New(), counter(0)
	if err := arrow.Write(io.MultiWriter(sum, &size), t); err != nil {
		return Stored{}, fmt.Errorf("sum a dataset: %w", err)
	}
	return Stored{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: int64(size)}, nil
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// size is how many bytes the file of a table has, as it is stored.
func (a *Archive) size(sha256 string) (int64, error) {
	info, err := os.Stat(a.path(sha256))
	if errors.Is(err, os.ErrNotExist) {
		info, err = os.Stat(a.tailPath(sha256))
	}
	if err != nil {
		return 0, fmt.Errorf("look for a dataset: %w", err)
	}
	return info.Size(), nil
}

// chooseBase finds what a table that goes on from base is stored on: base, or an earlier one where the tails in between have
// less than twice as many values as the new one would have. So each of the tails that make a table has twice the values of the
// next, there are few of them, and a value is copied few times. Where all tails together would have too many values, there is
// no tail.
func (a *Archive) chooseBase(t *series.Table, base string) (tail *arrow.Tail, on string, done func(), err error) {
	table, done, err := a.Table(base)
	if err != nil {
		return nil, "", nil, err
	}
	tail = arrow.NewTail(t, table)
	on = base
	for values, folding := tail.Values, true; ; {
		from, err := a.tailOf(on)
		if errors.Is(err, os.ErrNotExist) {
			break // it is whole
		}
		if err != nil {
			done()
			return nil, "", nil, err
		}
		folding = folding && from.Values < 2*values
		if !folding {
			break
		}
		values += from.Values
		on = from.SHA256
	}
	if on != base {
		done()
		if table, done, err = a.Table(on); err != nil {
			return nil, "", nil, err
		}
		tail = arrow.NewTail(t, table)
	}
	whole, err := a.beyondWhole(on)
	if err != nil {
		done()
		return nil, "", nil, err
	}
	if (whole+tail.Values)*tailShare > valuesOf(t) {
		done()
		return nil, "", func() {}, nil
	}
	return tail, on, done, nil
}

// beyondWhole counts the values of the tails that make a table.
func (a *Archive) beyondWhole(sha256 string) (values int64, err error) {
	for range maxTails {
		from, err := a.tailOf(sha256)
		if errors.Is(err, os.ErrNotExist) {
			return values, nil
		}
		if err != nil {
			return 0, err
		}
		values += from.Values
		sha256 = from.SHA256
	}
	return 0, errLoop
}

// valuesOf counts the values of a table.
func valuesOf(t *series.Table) (values int64) {
	for i := range t.Len() {
		values += int64(t.Count(i))
	}
	return values
}

// tailOf says what a table's tail goes on from. The error is os.ErrNotExist for one that is stored whole.
func (a *Archive) tailOf(sha256 string) (arrow.TailOf, error) {
	if _, err := os.Stat(a.path(sha256)); err == nil {
		return arrow.TailOf{}, os.ErrNotExist
	}
	from, err := arrow.ReadTailOf(a.tailPath(sha256))
	if err != nil {
		return from, fmt.Errorf("open the tail of a dataset: %w", err)
	}
	return from, nil
}

var errLoop = errors.New("the tails of a dataset go round in a circle")

// open maps a stored table with the files that it is made of.
func (a *Archive) open(sha256 string, depth int) (*series.Table, error) {
	t, err := arrow.Open(a.path(sha256))
	if !errors.Is(err, os.ErrNotExist) {
		return t, err
	}
	if depth > maxTails {
		return nil, errLoop
	}
	from, err := arrow.ReadTailOf(a.tailPath(sha256))
	if err != nil {
		return nil, err
	}
	base, err := a.open(from.SHA256, depth+1)
	if err != nil {
		return nil, err
	}
	t, err = arrow.OpenTail(a.tailPath(sha256), base)
	if err != nil {
		return nil, errors.Join(err, base.Close())
	}
	return t, nil
}
