package auth_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/auth"
)

// TestRoles holds the table against the sentences of the design: the
// administrator does everything a person does; the manager works with jobs and
// reads datasets; the secretary manages datasets only.
func TestRoles(t *testing.T) {
	t.Parallel()
	want := map[auth.Role]string{
		auth.Administrator: "audit:read datasets:read datasets:write jobs:read jobs:write queues:write users:write",
		auth.Manager:       "datasets:read jobs:read jobs:write",
		auth.Secretary:     "datasets:read datasets:write",
		"porter":           "",
	}
	for role, scopes := range want {
		if d := cmp.Diff(auth.JoinScopes(role.Scopes()), scopes); d != "" {
			t.Errorf("%s: %s", role, d)
		}
	}
	if auth.Role("porter").Known() || !auth.Manager.Known() || auth.Scope("x").Known() || !auth.QueueLease.Known() {
		t.Error("Known is wrong")
	}
}

func TestJoinedScopesAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scopes := rapid.SliceOf(rapid.SampledFrom(auth.AllScopes())).Draw(t, "scopes")
		got := auth.SplitScopes(auth.JoinScopes(scopes))
		slices.Sort(scopes)
		if d := cmp.Diff(got, slices.Compact(scopes)); len(scopes) > 0 && d != "" {
			t.Error(d)
		}
	})
}
