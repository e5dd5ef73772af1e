package store

import (
	"strings"
	"testing"

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
