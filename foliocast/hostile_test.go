package foliocast

import (
	"net/http"
	"strings"
	"testing"
	"unicode"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// hostile would name a terminal's window, clear it, and turn the text around.
const hostile = "x\x1b]0;owned\x07\x1b[2J\u009b31m\r\u202ey"

// What a worker, a user or a service says controls no terminal, in no command.
func TestNothingForeignControlsATerminal(t *testing.T) {
	t.Parallel()
	dead := jobIn(job.Dead)
	dead.Owner, dead.Error = hostile, &job.Error{Code: "panic", Detail: hostile}
	dead.Spec.Dataset, dead.State = hostile, job.Dead
	partial := done()
	partial.Assets = append(partial.Assets, job.Asset{Asset: hostile, Error: &job.Error{Code: "short", Detail: hostile}})
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs":              answer(http.StatusOK, client.Jobs{Items: []job.Summary{dead.Summary()}}),
		"GET /v1/jobs/j1":           answer(http.StatusOK, dead),
		"GET /v1/jobs/j1/result":    answer(http.StatusOK, partial),
		"DELETE /v1/jobs/j1":        refuse(problem.New(problem.Conflict, hostile, problem.Fault{Pointer: hostile, Detail: hostile})),
		"GET /v1/datasets":          answer(http.StatusOK, client.Datasets{Items: []client.Version{{Dataset: job.Dataset{Name: "p"}, Owner: hostile}}}),
		"GET /v1/datasets/p":        answer(http.StatusOK, client.Versions{Items: []client.Version{{Dataset: job.Dataset{Name: "p"}, Owner: hostile}}}),
		"GET /v1/datasets/p/assets": answer(http.StatusOK, client.Assets{Items: []client.AssetInfo{{Asset: hostile}}}),
		"GET /v1/dead":              refuse(problem.New(problem.Internal, hostile)),
		"POST /v1/jobs/j1/retry":    refuse(problem.New(problem.Conflict, hostile)),
	})
	p := newPerson(t, s)
	p.signIn()
	for _, command := range []string{"job list", "job show j1", "job watch j1", "job result j1", "job cancel j1", "job retry j1", "dataset list", "dataset show p"} {
		formats := []string{"", " --json"}
		if strings.HasSuffix(command, "list") || strings.Contains(command, "show") {
			formats = append(formats, " -o wide", " -o csv")
		}
		for _, more := range formats {
			r := p.types("", strings.Fields(command+more)...)
			if !strings.Contains(r.out+r.err, "owned") {
				t.Errorf("%s%s does not show it: %q, %q", command, more, r.out, r.err)
			}
			for _, c := range r.out + r.err {
				if unicode.IsControl(c) && c != '\n' && c != '\t' || c == '\u202e' {
					t.Errorf("%s%s prints %q in %q, %q", command, more, c, r.out, r.err)
					break
				}
			}
		}
	}
}
