package foliocast

import (
	"net/http"
	"strings"
	"testing"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

const wholeID = "019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b"

// beginning answers a list by what is asked for: the ids of things that begin so.
func beginning[T any](t *testing.T, page func([]T) any, things map[string]T, asked *int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*asked++
		if r.URL.Query().Get("limit") != "6" {
			t.Errorf("%s is not bounded", r.URL)
		}
		found := []T{}
		for id, thing := range things {
			if strings.HasPrefix(id, strings.ToLower(r.URL.Query().Get("id"))) {
				found = append(found, thing)
			}
		}
		answer(http.StatusOK, page(found))(w, r)
	}
}

// Every command that takes a job or a batch takes the beginning of its id.
func TestBeginningsOfIDs(t *testing.T) {
	t.Parallel()
	one := jobIn(job.Done)
	one.ID = wholeID
	many := map[string]job.Summary{wholeID: one.Summary()}
	for _, digit := range "0123456" {
		s := one.Summary()
		s.ID = job.ID("019a0000-000" + string(digit) + "-7f50-8a6b-7c8d9e0f1a2b")
		many[string(s.ID)] = s
	}
	batch := job.Batch{ID: wholeID, Size: 1, Counts: &job.Counts{Done: 1}}
	asked := 0
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs":                           beginning(t, func(found []job.Summary) any { return client.Jobs{Items: found} }, many, &asked),
		"GET /v1/batches":                        beginning(t, func(found []job.Batch) any { return client.Batches{Items: found} }, map[string]job.Batch{wholeID: batch}, &asked),
		"GET /v1/batches/" + wholeID:             answer(http.StatusOK, batch),
		"DELETE /v1/batches/" + wholeID:          answer(http.StatusOK, batch),
		"GET /v1/jobs/" + wholeID:                answer(http.StatusOK, one),
		"PUT /v1/jobs/" + wholeID:                answer(http.StatusOK, one),
		"DELETE /v1/jobs/" + wholeID:             answer(http.StatusOK, one),
		"POST /v1/jobs/" + wholeID + "/retry":    answer(http.StatusOK, one),
		"GET /v1/jobs/" + wholeID + "/result":    answer(http.StatusOK, done()),
		"GET /v1/jobs/" + wholeID + "/trace":     answer(http.StatusOK, client.Trace{Job: wholeID}),
		"DELETE /v1/jobs/" + wholeID + "/record": answer(http.StatusOK, client.Removed{Job: wholeID}),
		"GET /v1/events":                         streamed(queuedEvent),
		"POST /v1/jobs":                          gets(t, `{"dataset":"p","assets":["*"],"horizon":1,"after":["`+wholeID+`"]}`, one),
	})
	p := newPerson(t, s)
	p.signIn()
	for _, line := range []string{"job show ID", "job watch ID", "job trace ID", "job update ID --horizon 2", "job cancel ID", "job retry ID", "job remove ID --dry-run", "job result ID", "job report ID",
		"job plot ID", "job submit --dataset p --assets * --horizon 1 --after ID", "batch show ID", "batch watch ID", "batch cancel ID", "events --count 1 --batch ID"} {
		before := asked
		got := p.types("", strings.Fields(strings.ReplaceAll(line, "ID", "019A1B2C-3d"))...)
		if got.code != exitOK || asked != before+1 {
			t.Errorf("%s: %+v, asked %d times", line, got, asked-before)
		}
	}
	before := asked
	p.types("", "job", "show", wholeID).check(t, exitOK, wholeID, "")
	if asked != before {
		t.Error("a whole id was looked up")
	}
	p.types("", "job", "show", "019").check(t, exitUsage, "", `"019" is too short for the beginning of the id of a job: it must have at least 4 characters`)
	p.types("", "job", "cancel", "ffff").check(t, exitNotFound, "", "the id of no job begins with ffff")
	p.types("", "batch", "cancel", "ffff").check(t, exitNotFound, "", "the id of no batch begins with ffff")
	got := p.types("", "job", "cancel", "019a")
	got.check(t, exitUsage, "", "019a is the beginning of more than one id: name more of the job:\n  019a")
	if strings.Count(got.err, "\n  019a") != mostCandidates || !strings.Contains(got.err, "\n  …\n") || !strings.Contains(got.err, "  done, all assets of p, naive, 2 steps") {
		t.Errorf("got %s", got.err)
	}
	// A service from before answers with the newest jobs, whatever they are called.
	s.answers["GET /v1/jobs"] = answer(http.StatusOK, client.Jobs{Items: []job.Summary{one.Summary()}})
	p.types("", "job", "cancel", "ffff").check(t, exitConflict, "", "name the whole id")
}
