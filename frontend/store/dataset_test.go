package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func version(sum string) Version {
	return Version{Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat(sum, 32), Bytes: 9}, Owner: "mia", Audit: []byte(`{}`)}
}

func TestVersionsCountUp(t *testing.T) {
	t.Parallel()
	s := open(t)
	for i, c := range []struct {
		sum     string
		version int
		added   bool
	}{{"aa", 1, true}, {"aa", 1, false}, {"bb", 2, true}, {"aa", 3, true}} {
		got, added, err := s.AddVersion(t.Context(), version(c.sum))
		if err != nil {
			t.Fatal(err)
		}
		if got.Version != c.version || added != c.added {
			t.Errorf("upload %d: got version %d, added %v, want %d, %v", i, got.Version, added, c.version, c.added)
		}
	}
	all, err := s.Versions(t.Context(), "prices", 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	older, err := s.Versions(t.Context(), "prices", all[1].Version, 2)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, v := range append(all, older...) {
		got = append(got, v.Version)
	}
	if d := cmp.Diff([]int{3, 2, 1}, got); d != "" {
		t.Error(d)
	}
}

// A version that rows were appended to follows the one that they were appended to, or is the newest already.
func TestVersionAfterAnother(t *testing.T) {
	t.Parallel()
	s := open(t)
	prices(t, s)
	next := version("dd")
	next.After, next.Disk = 1, 3
	for _, c := range []struct {
		sum     string
		after   int
		version int // 0 when it is refused
	}{{"dd", 2, 0}, {"dd", 1, 2}, {"dd", 1, 2}, {"ee", 1, 0}, {"ee", 2, 3}} {
		next.SHA256, next.After = version(c.sum).SHA256, c.after
		got, _, err := s.AddVersion(t.Context(), next)
		if got.Version != c.version || (c.version == 0) != problem.Is(err, problem.Stale) {
			t.Errorf("%s after %d: got version %d, %v, want %d", c.sum, c.after, got.Version, err, c.version)
		}
	}
	if n, err := s.Bytes(t.Context(), "mia"); err != nil || n != 100+3+3 {
		t.Errorf("the versions take %d bytes, %v, want 106", n, err)
	}
}

func TestNewestVersion(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := prices(t, s)
	second, _, err := s.AddVersion(t.Context(), version("cc"))
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[int]Version{0: second, 1: first, 2: second} {
		got, err := s.Version(t.Context(), "prices", asked)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("version %d: %s", asked, d)
		}
	}
	for name, asked := range map[string]int{"prices": 3, "other": 0} {
		if _, err := s.Version(t.Context(), name, asked); !problem.Is(err, problem.NotFound) {
			t.Errorf("%s@%d: got %v, want not-found", name, asked, err)
		}
	}
}

// Uploads at the same time get versions of their own, and none is skipped.
func TestConcurrentUploads(t *testing.T) {
	t.Parallel()
	s := open(t)
	var group errgroup.Group
	sums := []string{"a0", "a1", "a2", "a3", "a4", "a5"}
	for _, sum := range sums {
		group.Go(func() error {
			_, _, err := s.AddVersion(t.Context(), version(sum))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	newest, err := s.Version(t.Context(), "prices", 0)
	if err != nil {
		t.Fatal(err)
	}
	if newest.Version != len(sums) {
		t.Errorf("got newest version %d, want %d", newest.Version, len(sums))
	}
}

func TestDatasetsPageByName(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, name := range []string{"c", "a", "b"} {
		v := version("dd")
		v.Name = name
		if _, _, err := s.AddVersion(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for after := ""; ; {
		page, err := s.Datasets(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, v := range page {
			got = append(got, v.Name)
		}
		after = got[len(got)-1]
	}
	if d := cmp.Diff([]string{"a", "b", "c"}, got); d != "" {
		t.Error(d)
	}
}

// withColumns is a version with further columns, each with a file of its own.
func withColumns(sum, column string, further ...Column) Version {
	v := version(sum)
	v.Column, v.Further = column, further
	return v
}

func further(column, sum string) Column {
	return Column{Column: column, SHA256: strings.Repeat(sum, 32), Bytes: 7, Audit: []byte(`{"rows": 3}`)}
}

func TestVersionsKeepTheirColumns(t *testing.T) {
	t.Parallel()
	s := open(t)
	open, volume := further("open", "01"), further("volume", "02")
	uploads := []struct {
		what    string
		upload  Version
		version int
	}{
		{"the first", withColumns("aa", "close", volume, open), 1},
		{"again", withColumns("aa", "close", volume, open), 1},
		{"without a column", withColumns("aa", "close", volume), 2},
		{"another file for a column", withColumns("aa", "close", further("volume", "03")), 3},
		{"another name", withColumns("aa", "adj_close", further("volume", "03")), 4},
		{"without its name", withColumns("aa", "", further("volume", "03")), 4},
	}
	for _, u := range uploads {
		got, _, err := s.AddVersion(t.Context(), u.upload)
		if err != nil {
			t.Fatal(err)
		}
		if got.Version != u.version {
			t.Errorf("%s: got version %d, want %d", u.what, got.Version, u.version)
		}
	}
	want, err := s.Version(t.Context(), "prices", 1)
	if err != nil {
		t.Fatal(err)
	}
	volume.Disk, open.Disk = volume.Bytes, open.Bytes // they were added without, so all is stored
	if d := cmp.Diff([]Column{volume, open}, want.Further); d != "" || want.Column != "close" {
		t.Errorf("column %q: %s", want.Column, d)
	}
	listed, err := s.Versions(t.Context(), "prices", 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Version{want}, listed); d != "" {
		t.Error("in the list of versions:", d)
	}
	datasets, err := s.Datasets(t.Context(), "", 9)
	if err != nil {
		t.Fatal(err)
	}
	if len(datasets) != 1 || datasets[0].Further != nil || datasets[0].Column != "adj_close" {
		t.Errorf("in the list of datasets: %+v", datasets)
	}
}

// A job is about the file of its column wherever it is read: when it is created, shown, listed, replaced and sent.
func TestAJobIsAboutAColumn(t *testing.T) {
	t.Parallel()
	s := open(t)
	own, _, err := s.AddVersion(t.Context(), withColumns("aa", "close", further("open", "01"), further("low", "02")))
	if err != nil {
		t.Fatal(err)
	}
	of := func(column, sum string, bytes int64) job.Dataset {
		return job.Dataset{Name: "prices", Version: 1, Column: column, SHA256: strings.Repeat(sum, 32), Bytes: bytes}
	}
	for _, d := range []job.Dataset{own.Dataset, of("open", "01", 7), of("low", "02", 7)} {
		made, _, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: spec(3), Dataset: d, Newest: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, made.ID).Dataset; got != d {
			t.Errorf("created: got %+v, want %+v", got, d)
		}
		all, err := s.Jobs(t.Context(), Cursor{}, Filter{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if all[0].Dataset != d {
			t.Errorf("listed: got %+v, want %+v", all[0].Dataset, d)
		}
		entries, err := s.Take(t.Context(), 10, 1<<30, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) != 1 || entries[0].Job.Task().Dataset != d {
			t.Errorf("sent: got %+v, want %+v", entries, d)
		}
		for _, other := range []job.Dataset{of("low", "02", 7), own.Dataset} {
			now := read(t, s, made.ID)
			if err := s.Supersede(t.Context(), Replacement{Job: made.ID, Version: now.Version, Spec: spec(4), Dataset: other}); err != nil {
				t.Fatal(err)
			}
			if got := read(t, s, made.ID).Dataset; got != other {
				t.Errorf("replaced: got %+v, want %+v", got, other)
			}
		}
		if entries, err = s.Take(t.Context(), 10, 1<<30, time.Hour); err != nil || len(entries) == 0 {
			t.Fatalf("the outbox has %v, %v", entries, err)
		}
	}
}
