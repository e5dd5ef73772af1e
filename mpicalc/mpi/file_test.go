package mpi_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// sharedPath is a path in a folder of rank 0, which all ranks know.
func (t spmd) sharedPath(name string) string {
	path := make([]byte, 4096)
	if t.rank == 0 {
		copy(path, filepath.Join(t.TempDir(), name))
	}
	t.ok(mpi.Bcast(t.world, path, 0))
	return cString(path)
}

// Each rank writes its block of the file, and reads that of the next.
func TestFile(tt *testing.T) {
	t := onAllRanks(tt)
	path := t.sharedPath("blocks")
	const n = 1000
	block := func(r mpi.Rank) []float64 { return slices.Repeat([]float64{float64(r) + 0.5}, n) }
	at := func(r mpi.Rank) int64 { return 8 * n * int64(r) }
	for _, c := range []struct {
		name  string
		write func(*mpi.File) error
		read  func(*mpi.File, []float64) error
	}{
		{"one by one", func(f *mpi.File) error { return mpi.WriteAt(f, at(t.rank), block(t.rank)) },
			func(f *mpi.File, got []float64) error {
				_, err := mpi.ReadAt(f, at(t.next()), got)
				return err
			}},
		{"together", func(f *mpi.File) error { return mpi.WriteAtAll(f, at(t.rank), block(t.rank)) },
			func(f *mpi.File, got []float64) error {
				_, err := mpi.ReadAtAll(f, at(t.next()), got)
				return err
			}},
		{"started", func(f *mpi.File) error { return waited(mpi.IwriteAt(f, at(t.rank), block(t.rank))) },
			func(f *mpi.File, got []float64) error {
				r, err := mpi.IreadAt(f, at(t.next()), got)
				if err := waited(r, err); err != nil {
					return err
				}
				if r.Status() != (mpi.Status{Count: n}) {
					t.Fatalf("status %+v", r.Status())
				}
				return nil
			}},
	} {
		f, err := mpi.OpenFile(t.world, path, mpi.Create|mpi.ReadWrite)
		t.ok(err)
		t.ok(f.SetSize(0))
		t.ok(c.write(f))
		t.ok(f.Sync())
		t.ok(t.world.Barrier())
		t.ok(f.Sync())
		size, err := f.Size()
		t.ok(err)
		if want := at(mpi.Rank(t.size)); size != want {
			t.Fatalf("%s: the file has %d bytes, want %d", c.name, size, want)
		}
		got := make([]float64, n)
		t.ok(c.read(f, got))
		if !slices.Equal(got, block(t.next())) {
			t.Fatalf("%s: got %v…, want %v…", c.name, got[0], block(t.next())[0])
		}
		// Beyond the end there is nothing, and at the end a part.
		if k, err := mpi.ReadAt(f, size-8, got); k != 1 || err != io.EOF {
			t.Fatalf("%s: at the end: %d elements, error %v", c.name, k, err)
		}
		if k, err := mpi.ReadAt(f, size, got); k != 0 || err != io.EOF {
			t.Fatalf("%s: beyond the end: %d elements, error %v", c.name, k, err)
		}
		t.ok(f.Close())
		refused(t, "Close", f.Close(), "File_close", mpi.ErrFile)
		refused(t, "WriteAt", mpi.WriteAt(f, 0, []byte{1}), "File_write_at", mpi.ErrFile)
		t.ok(t.world.Barrier())
	}
	// What Go reads is what MPI wrote.
	if t.rank == 0 {
		text, err := os.ReadFile(path)
		t.ok(err)
		if len(text) != 8*n*t.size || !slices.Equal(text[:8], []byte{0, 0, 0, 0, 0, 0, 0xe0, 0x3f}) { // 0.5
			t.Fatalf("the file has %d bytes and begins with %v", len(text), text[:8])
		}
		t.ok(mpi.RemoveFile(t.world, path))
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("the file is still there: %v", err)
		}
	}
	t.ok(t.world.Barrier())
}

// A column of a matrix in memory is contiguous in the file.
func TestFileOfType(tt *testing.T) {
	t := onAllRanks(tt)
	path := t.sharedPath("columns")
	f, err := mpi.OpenFile(t.world, path, mpi.Create|mpi.ReadWrite|mpi.DeleteOnClose)
	t.ok(err)
	column, err := mpi.NewVector[float64](t.world, 3, 1, 4)
	t.ok(err)
	at := 24 * int64(t.rank)
	t.ok(column.WriteAt(f, at, matrix(3, 4)[2:], 1))
	plain := make([]float64, 3)
	_, err = mpi.ReadAt(f, at, plain)
	t.ok(err)
	if !slices.Equal(plain, []float64{2, 12, 22}) {
		t.Fatalf("the file has %v", plain)
	}
	back := make([]float64, 12)
	k, err := column.ReadAt(f, at, back, 1)
	t.ok(err)
	if want := []float64{2, 0, 0, 0, 12, 0, 0, 0, 22, 0, 0, 0}; k != 1 || !slices.Equal(back, want) {
		t.Fatalf("%d columns: %v, want %v", k, back, want)
	}
	t.ok(column.Free())
	t.ok(f.Close())
}

func TestFileRefused(tt *testing.T) {
	t := onAllRanks(tt)
	path := t.sharedPath("none")
	_, err := mpi.OpenFile(t.world, path, mpi.ReadOnly)
	if !errors.Is(err, mpi.ErrNoSuchFile) {
		t.Fatalf("a file that does not exist: got %v, want class %v", err, mpi.ErrNoSuchFile)
	}
	_, err = mpi.OpenFile(t.world, path, mpi.ReadOnly|mpi.Create)
	if !errors.Is(err, mpi.ErrAmode) {
		t.Fatalf("contradictory modes: got %v, want class %v", err, mpi.ErrAmode)
	}
	f, err := mpi.OpenFile(t.world, path, mpi.Create|mpi.WriteOnly|mpi.DeleteOnClose)
	t.ok(err)
	refused(t, "offset", mpi.WriteAt(f, -1, []byte{1}), "File_write_at", mpi.ErrArg)
	refused(t, "size", f.SetSize(-1), "File_set_size", mpi.ErrArg)
	if _, err := mpi.ReadAt(f, 0, make([]byte, 1)); err == nil || err == io.EOF {
		t.Fatalf("read from a file that is open for writing: %v", err)
	}
	t.ok(f.Close())
}
