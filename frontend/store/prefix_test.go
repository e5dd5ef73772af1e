package store

import (
	"slices"
	"strings"
	"testing"

	"foliocast/internal/job"
)

func TestParsePrefix(t *testing.T) {
	t.Parallel()
	const id = "019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b"
	for n := range len(id) + 1 {
		p, ok := ParsePrefix(id[:n])
		if ok != (n >= ShortestPrefix) {
			t.Errorf("%q: got %v", id[:n], ok)
		}
		if ok && (p.first > id || p.last < id || len(p.first) != len(id) || len(p.last) != len(id)) {
			t.Errorf("%q: got %+v, which does not hold %s", id[:n], p, id)
		}
	}
	for _, bad := range []string{"", "019", "019A", "019g", "019a1b2c3", "019a-", "019a1b2c--", "-019a", id + "0", "019a\x00", "019é"} {
		if p, ok := ParsePrefix(bad); ok {
			t.Errorf("%q: got %+v", bad, p)
		}
	}
}

func TestJobsByID(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	var ids []job.ID
	for range 3 {
		ids = append(ids, submit(t, s, v, "", 1).ID)
	}
	for _, id := range ids {
		p, _ := ParsePrefix(string(id))
		if got, err := s.JobsByID(t.Context(), p, 9); err != nil || len(got) != 1 || got[0].ID != id {
			t.Errorf("%s: got %v, %v", id, got, err)
		}
	}
	common, _ := ParsePrefix(string(ids[0][:ShortestPrefix])) // seven weeks share it
	got, err := s.JobsByID(t.Context(), common, 2)
	if err != nil || len(got) != 2 || !slices.IsSortedFunc(got, func(x, y Summary) int { return strings.Compare(string(y.ID), string(x.ID)) }) || got[0].ID != ids[2] {
		t.Errorf("got %v, %v, want the newest two of %v", got, err, ids)
	}
	other, _ := ParsePrefix("ffff")
	if got, err := s.JobsByID(t.Context(), other, 9); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}
