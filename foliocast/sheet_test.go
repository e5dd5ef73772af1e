package foliocast

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"foliocast/authsvc/client"
	frontend "foliocast/frontend/client"
	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// noon is a time with a zone that is nobody's.
var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.FixedZone("", 3*3600+1800))

// sample has a cell of each kind.
func sample() sheet {
	s := newSheet("name,state,done,took,limit,at", "n,ended")
	s.add("日本株", status("queued (time)"), share(0.255), seconds(61*time.Second+time.Millisecond), limit(0), noon, 1, (*time.Time)(nil))
	s.add("=1+1,\x1b[31m", status("failed"), share(1), seconds(time.Second/4), limit(7), time.Time{}, 23, &noon)
	return s
}

func TestATableForPeople(t *testing.T) {
	t.Parallel()
	at := when(noon)
	gap := strings.Repeat(" ", len(at)+2)
	for name, c := range map[string]struct {
		wide, color bool
		want        string
	}{
		"table": {false, false, "NAME        STATE          DONE   TOOK  LIMIT  AT\n" +
			"日本株      queued (time)   25%   1m1s   none  " + at + "\n" +
			"=1+1, [31m  failed         100%  250ms      7\n"},
		"wide": {true, false, "NAME        STATE          DONE   TOOK  LIMIT  AT" + gap[2:] + " N  ENDED\n" +
			"日本株      queued (time)   25%   1m1s   none  " + at + "   1\n" +
			"=1+1, [31m  failed         100%  250ms      7" + gap + "  23  " + at + "\n"},
		"colours": {false, true, "NAME        STATE          DONE   TOOK  LIMIT  AT\n" +
			"日本株      queued (time)   25%   1m1s   none  " + at + "\n" +
			"=1+1, [31m  \x1b[31mfailed\x1b[0m         100%  250ms      7\n"},
	} {
		var got bytes.Buffer
		sample().table(&got, c.wide, c.color)
		if diff := cmp.Diff(c.want, got.String()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// For programs: numbers as they are, times as in RFC 3339, and no formula.
func TestCSVForPrograms(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	if _, err := sample().csv(&got); err != nil {
		t.Fatal(err)
	}
	want := "name,state,done,took,limit,at,n,ended\n" +
		"日本株,queued (time),0.255,61.001,0,2024-05-01T08:30:00Z,1,\n" +
		"\"'=1+1, [31m\",failed,1,0.25,7,,23,2024-05-01T08:30:00Z\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Every command that prints a sheet prints it as CSV with the same header, whether it has rows or not, and as a wide table.
func TestEverySheetIsCSV(t *testing.T) {
	t.Parallel()
	one := jobIn(job.Done)
	schedule := frontend.ScheduleSnapshot{}.Schedule
	schedule.Name = "nightly"
	queue := message.Queue{Name: "night"}
	batch := job.Batch{ID: "n1", Size: 1, Counts: &job.Counts{Done: 1}}
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/whoami":                   answer(http.StatusOK, client.Identity{Username: "ann"}),
		"GET /v1/jobs":                     answer(http.StatusOK, frontend.Jobs{Items: []job.Summary{one.Summary()}}),
		"GET /v1/jobs/j1":                  answer(http.StatusOK, one),
		"PUT /v1/jobs/j1":                  answer(http.StatusOK, one),
		"GET /v1/jobs/j1/trace":            answer(http.StatusOK, frontend.Trace{Job: "j1", Spans: []frontend.Span{{ID: "1", Name: "job"}}}),
		"GET /v1/usage":                    answer(http.StatusOK, frontend.UsagePage{Owners: []frontend.Usage{{Owner: "ann"}}}),
		"GET /v1/batches":                  answer(http.StatusOK, map[string]any{"items": []job.Batch{batch}}),
		"GET /v1/batches/n1":               answer(http.StatusOK, batch),
		"DELETE /v1/batches/n1":            answer(http.StatusOK, batch),
		"GET /v1/schedules":                answer(http.StatusOK, map[string]any{"items": []job.Schedule{schedule}}),
		"GET /v1/schedules/nightly":        answer(http.StatusOK, schedule),
		"PUT /v1/schedules/nightly":        answer(http.StatusOK, schedule),
		"POST /v1/schedules":               answer(http.StatusCreated, schedule),
		"GET /v1/webhooks":                 answer(http.StatusOK, frontend.Webhooks{Items: []job.Webhook{{Name: "ends"}}}),
		"GET /v1/webhooks/ends":            answer(http.StatusOK, job.Webhook{Name: "ends"}),
		"PATCH /v1/webhooks/ends":          answer(http.StatusOK, job.Webhook{Name: "ends"}),
		"GET /v1/webhooks/ends/deliveries": answer(http.StatusOK, frontend.Deliveries{Items: []job.Delivery{{Event: 1}}}),
		"GET /v1/datasets":                 answer(http.StatusOK, frontend.Datasets{Items: []frontend.Version{versionOf("p", 3)}}),
		"GET /v1/datasets/p":               answer(http.StatusOK, frontend.Versions{Items: []frontend.Version{versionOf("p", 3)}}),
		"GET /v1/datasets/p/assets":        answer(http.StatusOK, frontend.Assets{Items: []frontend.AssetInfo{{Asset: "日本株", Values: 10}}}),
		"GET /v1/events":                   streamed(queuedEvent),
		"GET /v1/queues":                   answer(http.StatusOK, message.Queues{Queues: []message.Queue{queue}}),
		"GET /v1/owners":                   answer(http.StatusOK, message.Owners{Owners: []message.Owner{{Name: "ann"}}}),
		"POST /v1/queues/night/pause":      answer(http.StatusOK, queue),
		"POST /v1/queues/night/resume":     answer(http.StatusOK, queue),
		"PUT /v1/queues/night/limit":       answer(http.StatusOK, queue),
		"PATCH /v1/queues/night":           answer(http.StatusOK, queue),
		"GET /v1/dead":                     answer(http.StatusOK, map[string]any{"dead": []message.DeadLetter{{ID: "m1"}}}),
		"GET /v1/workers":                  answer(http.StatusOK, message.Workers{Workers: []message.Worker{{ID: 1}}}),
		"GET /v1/users":                    answer(http.StatusOK, map[string]any{"users": []client.User{{Username: "ann"}}}),
		"GET /v1/tokens":                   answer(http.StatusOK, client.PersonalTokens{Tokens: []client.PersonalToken{{Name: "ci"}}}),
		"GET /v1/services":                 answer(http.StatusOK, client.Services{Services: []client.Service{{Name: "exporter"}}}),
		"GET /v1/audit":                    answer(http.StatusOK, audit.Event{Action: "login", Outcome: audit.Done}),
	})
	p := newPerson(t, s)
	p.signIn()
	arguments := map[string]string{ // of commands that print a sheet, and the beginning of its header
		"whoami":             ": user,roles,",
		"job list":           ": job,state,done,",
		"job show":           "j1: job,state,",
		"job update":         "j1 --horizon 3: job,state,",
		"job trace":          "j1: step,after,",
		"job usage":          ": owner,runs,",
		"batch list":         ": batch,name,",
		"batch show":         "n1: batch,name,",
		"batch watch":        "n1: batch,name,",
		"batch cancel":       "n1: batch,name,",
		"webhook list":       ": webhook,url,",
		"webhook show":       "ends: webhook,url,",
		"webhook update":     "ends --enabled: webhook,url,",
		"webhook deliveries": "ends: event,type,",
		"schedule add":       "nightly --cron @daily --dataset p --assets * --horizon 1: schedule,what,",
		"schedule list":      ": schedule,cron,",
		"schedule show":      "nightly: schedule,what,",
		"schedule update":    "nightly --cron @hourly: schedule,what,",
		"schedule pause":     "nightly: schedule,what,",
		"schedule resume":    "nightly: schedule,what,",
		"dataset list":       ": dataset,version,",
		"dataset show":       "p: asset,values,",
		"events":             "--count 1: id,at,type,",
		"queue list":         ": queue,state,",
		"queue owners":       ": owner,weight,",
		"queue pause":        "night: queue,state,",
		"queue resume":       "night: queue,state,",
		"queue limit":        "night 3: queue,state,",
		"queue set":          "night --weight 3: queue,state,",
		"queue dead":         ": message,key,",
		"worker list":        ": worker,state,",
		"user list":          ": user,roles,",
		"token list":         ": token,may,",
		"service list":       ": account,may,",
		"audit":              "--service queue: time,service,",
		"slurm doctor":       "", // looks at the whole machine
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		if !isTabular(c) {
			return
		}
		path := strings.TrimPrefix(c.CommandPath(), "foliocast ")
		words, known := arguments[path]
		if !known {
			t.Errorf("%s is not in the table of this test", path)
		}
		if words == "" {
			return
		}
		words, header, _ := strings.Cut(words, ": ")
		args := append(strings.Fields(path), strings.Fields(words)...)
		got := p.types("", append(args, "--output", "csv")...)
		if got.code != exitOK || !strings.HasPrefix(got.out, header) || strings.Count(got.out, "\n") != 2 || got.err != "" {
			t.Errorf("%s -o csv: %+v", path, got)
		}
		if wide := p.types("", append(args, "-owide")...); wide.code != exitOK || wide.out == "" || strings.Contains(wide.out, "\x1b") {
			t.Errorf("%s -o wide: %+v", path, wide)
		}
		if document := p.types("", append(args, "-o", "json")...); document.out != p.types("", append(args, "--json")...).out || !strings.HasPrefix(document.out, "{") {
			t.Errorf("%s -o json: %+v", path, document)
		}
	}
	walk((&app{env: func(string) string { return "" }}).root())
}

func TestFormatsThatACommandLacks(t *testing.T) {
	t.Parallel()
	s := newScript(t, nil)
	p := newPerson(t, s)
	p.signIn()
	for _, c := range []struct{ line, err string }{
		{"job list -o xml", `--output must be one of table, wide, json, csv, is "xml"`},
		{"job list --json -o csv", "--json and --output csv contradict each other"},
		{"job cancel j1 -o csv", "foliocast job cancel prints nothing that could be CSV: --output must be table or json"},
		{"job result j1 -o csv --format json", "--output csv and --format json contradict each other"},
	} {
		p.types("", strings.Fields(c.line)...).check(t, exitUsage, "", c.err)
	}
	p.types("", "job", "list", "--nonsense", "-o", "json").check(t, exitUsage, "", `"exit_code":2`)
	if len(s.asked) != 0 {
		t.Errorf("it asked the services %v", s.asked)
	}
}

// The flag -o of job result takes the name of a format, or of a file.
func TestResultInAFormat(t *testing.T) {
	t.Parallel()
	p := results(t)
	p.types("", "job", "result", "j1", "-o", "csv").check(t, exitOK, "text/csv", "")
	p.types("", "job", "result", "j1", "-o", "wide").check(t, exitOK, doneTable, "")
	p.types("", "job", "result", "j1", "-o", "table").check(t, exitOK, doneTable, "")
	p.types("", "job", "result", "j1", "-o", "json").check(t, exitOK, `"job": "j1"`, "")
}
