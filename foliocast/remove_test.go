package foliocast

import (
	"net/http"
	"testing"

	"foliocast/frontend/client"
)

func TestRemove(t *testing.T) {
	t.Parallel()
	dry := func(r client.Removed) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			r.DryRun = q.URL.Query().Get("dry_run") == "true"
			answer(http.StatusOK, r)(w, q)
		}
	}
	s := newScript(t, map[string]http.HandlerFunc{
		"DELETE /v1/datasets/p":            dry(client.Removed{Dataset: "p", Versions: []int{1, 3}, Bytes: 70}),
		"DELETE /v1/datasets/p/versions/3": dry(client.Removed{Dataset: "p", Versions: []int{3}, Bytes: 40}),
		"DELETE /v1/jobs/j1/record":        dry(client.Removed{Job: "j1"}),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "dataset", "remove", "p").check(t, exitUsage, "", "p has no version: give one, as in p@1, or --all")
	p.types("", "dataset", "remove", "p@3", "--all").check(t, exitUsage, "", "contradict")
	p.types("", "dataset", "remove", "p", "--all", "--dry-run").check(t, exitOK, "would remove versions 1, 3 of dataset p, 70 bytes\n", "")
	p.types("", "dataset", "remove", "p@3").check(t, exitOK, "removed version 3 of dataset p, 40 bytes\n", "")
	p.types("", "job", "remove", "j1", "--dry-run").check(t, exitOK, "would remove job j1 and its result\n", "")
	p.types("", "job", "remove", "j1").check(t, exitOK, "removed job j1 and its result\n", "")
	if n := s.count("DELETE /v1/jobs/j1/record"); n != 2 {
		t.Errorf("%d requests", n)
	}
}
