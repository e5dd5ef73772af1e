package spmd_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// source is a Source whose values do not depend on the file's bytes. The reader of stored files has tests of its own.
type source struct {
	values [][]float64
	open   *atomic.Int64
}

func (s source) Len() int               { return len(s.values) }
func (s source) Values(i int) []float64 { return s.values[i] }
func (s source) Close() error           { s.open.Add(-1); return nil }

func stored(t *testing.T, text string) *spmd.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stored.arrow")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sum, err := spmd.SHA256(path)
	if err != nil {
		t.Fatal(err)
	}
	return &spmd.File{Path: path, SHA256: sum}
}

// mapped makes series that are in a file, a part of each.
func mapped(f *spmd.File, o *forecast.Options) (series []spmd.Series, values [][]float64) {
	for i, s := range walks(40, o) {
		values = append(values, s.Values)
		from := len(s.Values) / 4
		s.Values = s.Values[from:]
		s.In = spmd.Ref{File: f, Asset: i, From: from, To: from + len(s.Values)}
		series = append(series, s)
	}
	return series, values
}

func TestMappedAndSentValuesGiveTheSameBits(t *testing.T) {
	t.Parallel()
	file := stored(t, "any")
	series, values := mapped(file, &forecast.Options{Model: "drift", Horizon: 2, Levels: []float64{80}})
	var open atomic.Int64
	available := func(string) (spmd.Source, error) { open.Add(1); return source{values, &open}, nil }
	missing := func(string) (spmd.Source, error) { return nil, errors.New("no such file here") }
	cases := map[string]struct {
		open   func(rank int) spmd.Open
		mapped bool
	}{
		"every rank can map": {func(int) spmd.Open { return available }, true},
		"one rank cannot": {func(rank int) spmd.Open {
			if rank == 2 {
				return missing
			}
			return available
		}, false},
		"no rank may": {func(int) spmd.Open { return nil }, false},
	}
	sent := newBook(series...)
	world(t, 1, spmd.Config{}, func(l *spmd.Leader) error { _, err := l.Run(sent); return err })
	for name, c := range cases {
		got := newBook(series...)
		err := spmd.Local(3, func(comm spmd.Comm) error {
			config := spmd.Config{Open: c.open(comm.Rank())}
			counted := &countingComm{Comm: comm}
			comm = counted
			if comm.Rank() != 0 {
				return spmd.Follow(comm, config)
			}
			l, err := spmd.Lead(comm, config)
			if err != nil {
				return err
			}
			l.DealSeries()
			all, err := l.Map(file)
			if all != c.mapped || err != nil {
				t.Errorf("%s: Map returned %v, %v, want %v", name, all, err, c.mapped)
			}
			if again, err := l.Map(file); again != all || err != nil {
				t.Errorf("%s: Map the second time returned %v, %v, want %v", name, again, err, all)
			}
			_, err = l.Run(got)
			if sent := counted.longest > 400; sent == c.mapped {
				t.Errorf("%s: up to %d bytes were sent", name, counted.longest)
			}
			return errors.Join(err, l.Stop())
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.String() != sent.String() {
			t.Errorf("%s: other bits than those of values sent", name)
		}
	}
	if n := open.Load(); n != 0 {
		t.Errorf("%d mappings are still open", n)
	}
}

// countingComm knows the length of the longest message that a rank sends. Most series have 50 values and more.
type countingComm struct {
	spmd.Comm
	longest int
}

func (c *countingComm) Isend(buf []byte, to int) (spmd.Request, error) {
	c.longest = max(c.longest, len(buf))
	return c.Comm.Isend(buf, to)
}

func TestAFileWithOtherContentIsNotMapped(t *testing.T) {
	t.Parallel()
	file := stored(t, "what rank 0 has checked")
	var open atomic.Int64
	available := func(string) (spmd.Source, error) { open.Add(1); return source{nil, &open}, nil }
	file.SHA256 = "of another content"
	// On one machine the inode shows that it is the same file. A rank on another one has to compare the content.
	if source := spmd.OpenElsewhere(file, available); source != nil {
		t.Error("a rank on another machine mapped a file of other content")
	}
	file.SHA256, _ = spmd.SHA256(file.Path)
	source := spmd.OpenElsewhere(file, available)
	if source == nil {
		t.Fatal("a rank on another machine did not map a file of the same content")
	}
	source.Close()
}

func TestTheNumberOfMappedFilesIsBounded(t *testing.T) {
	t.Parallel()
	var open atomic.Int64
	config := spmd.Config{Open: func(string) (spmd.Source, error) { open.Add(1); return source{nil, &open}, nil }}
	world(t, 2, config, func(l *spmd.Leader) error {
		for i := range 40 {
			if all, err := l.Map(stored(t, strconv.Itoa(i))); err != nil || !all {
				t.Errorf("file %d: %v, %v", i, all, err)
			}
		}
		if n := open.Load(); n > 17 {
			t.Errorf("%d files are mapped at once", n)
		}
		return nil
	})
	if n := open.Load(); n != 0 {
		t.Errorf("%d mappings are still open", n)
	}
}

func TestTheLeastRecentlyUsedFileIsUnmapped(t *testing.T) {
	t.Parallel()
	var open, opened atomic.Int64
	config := spmd.Config{Open: func(string) (spmd.Source, error) {
		open.Add(1)
		opened.Add(1)
		return source{nil, &open}, nil
	}}
	world(t, 2, config, func(l *spmd.Leader) error {
		first := stored(t, "first")
		for i := range 40 {
			if _, err := l.Map(first); err != nil {
				return err
			}
			if _, err := l.Map(stored(t, strconv.Itoa(i))); err != nil {
				return err
			}
		}
		if n := opened.Load(); n != 41 {
			t.Errorf("41 files were opened %d times: the one in use was unmapped", n)
		}
		return nil
	})
}

// variants are questions that differ from those about series in one thing each: the values, their range, the file, the
// errors that are wanted, or the options.
func variants(t *testing.T, series []spmd.Series) map[string][]spmd.Series {
	other := stored(t, "another")
	horizon := *series[0].Options
	horizon.Horizon++
	all := map[string][]spmd.Series{}
	for name, change := range map[string]func(*spmd.Series){
		"range": func(s *spmd.Series) {
			n := len(s.Values) / 2
			s.Values, s.In.To = s.Values[:n], s.In.From+n
		},
		"file": func(s *spmd.Series) {
			s.In.File, s.Values = other, slices.Clone(s.Values)
			slices.Reverse(s.Values)
		},
		"errors":  func(s *spmd.Series) { s.WantErrors = !s.WantErrors },
		"options": func(s *spmd.Series) { s.Options = &horizon },
	} {
		all[name] = slices.Clone(series)
		for i := range all[name] {
			change(&all[name][i])
		}
	}
	return all
}

// The cache must not take one question for another.
func TestDifferentQuestionsHaveTheirOwnAnswers(t *testing.T) {
	t.Parallel()
	series, _ := mapped(stored(t, "any"), &forecast.Options{Model: "auto", Horizon: 2, Levels: []float64{80}})
	for name, other := range variants(t, series) {
		var want string
		for _, cacheBytes := range []int{0, 1 << 20} {
			world(t, 2, spmd.Config{CacheBytes: cacheBytes}, func(l *spmd.Leader) error {
				before, after := newBook(series...), newBook(other...)
				if _, err := l.Run(before); err != nil {
					return err
				}
				if _, err := l.Run(after); err != nil {
					return err
				}
				if want == "" {
					want = after.String()
				}
				if after.String() != want {
					t.Errorf("another %s: with a cache the answers are others", name)
				}
				return nil
			})
		}
	}
}

func TestTheSameQuestionIsComputedOnce(t *testing.T) {
	t.Parallel()
	file := stored(t, "any")
	o := &forecast.Options{Model: "auto", Horizon: 2, Levels: []float64{80}}
	series, _ := mapped(file, o)
	other := *o
	other.Horizon = 3
	asked, _ := mapped(file, &other)
	var want string
	for _, cacheBytes := range []int{0, 1 << 20, 4 << 10} {
		for _, ranks := range []int{1, 3} {
			var all string
			world(t, ranks, spmd.Config{CacheBytes: cacheBytes}, func(l *spmd.Leader) error {
				computed := [2]int{}
				for round := range computed {
					one, two, three := newBook(series...), newBook(series...), newBook(asked...)
					before := l.Computed()
					if _, err := l.Run(one, two, three); err != nil {
						return err
					}
					computed[round] = l.Computed() - before
					if one.String() != two.String() || one.String() == three.String() {
						t.Error("the same question has two answers, or two questions the same")
					}
					all += one.String() + three.String()
				}
				// Answers to cheap series are not cached.
				if first, again := computed[0], computed[1]; cacheBytes == 1<<20 && (first == 0 || first > 3*len(series)*3/4 || again > first/3) {
					t.Errorf("%d series were computed, and %d when the answers were cached", first, again)
				}
				return nil
			})
			if want == "" {
				want = all
			}
			if all != want {
				t.Errorf("%d ranks with a cache of %d bytes give other bits", ranks, cacheBytes)
			}
		}
	}
}
