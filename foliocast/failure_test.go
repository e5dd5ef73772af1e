package foliocast

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// jsonError is the error of a command with --json: the only line on standard
// error, with nothing on standard output.
func (r result) jsonError(t *testing.T) failure {
	t.Helper()
	var f failure
	d := json.NewDecoder(strings.NewReader(r.err))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil || strings.Count(r.err, "\n") != 1 || r.out != "" {
		t.Fatalf("%v: want one line of JSON, got %q, and on stdout %q", err, r.err, r.out)
	}
	if f.ExitCode != r.code {
		t.Errorf("exit code %d, but the error says %d", r.code, f.ExitCode)
	}
	return f
}

// Every invalid command line is an error in JSON, wherever it has --json.
func TestUsageErrorsAreJSON(t *testing.T) {
	t.Parallel()
	p := newPerson(t, newScript(t, nil))
	for _, c := range []struct{ line, detail string }{
		{"nonsense --json", `foliocast has no command "nonsense"`},
		{"--json nonsense", `foliocast has no command "nonsense"`},
		{"whoami --nonsense --json", "whoami has no flag --nonsense"},
		{"job list --limit x --json=true", `--limit must be a whole number, is "x"`},
		{"job list --limit 0 --json", "--limit must be at least 1, is 0"},
		{"job show --json", "job show takes JOB, but was given nothing"},
		{"job show ../x --json", `JOB cannot be "../x"`},
		{"job submit --levels 80,many --json", `but has "many"`},
	} {
		f := p.types("", strings.Fields(c.line)...).jsonError(t)
		if f.ExitCode != exitUsage || f.Title != exitMeaning(exitUsage) || !strings.Contains(f.Detail, c.detail) || !strings.Contains(f.Detail+f.Advice, "--help") {
			t.Errorf("%s: %+v", c.line, f)
		}
	}
	for _, words := range []string{"nonsense --json=false", "nonsense -- --json", "--json=maybe nonsense"} {
		p.types("", strings.Fields(words)...).check(t, exitUsage, "", "foliocast: ")
	}
}

// A service's refusal is passed on unchanged, with the exit code added.
func TestRefusalsAreJSON(t *testing.T) {
	t.Parallel()
	invalid := problem.New(problem.Invalid, "the job has faults", problem.Fault{Pointer: "/horizon", Detail: "must be 1 to 1000, is 0"})
	invalid.RequestID = "r-1"
	s := newScript(t, map[string]http.HandlerFunc{"POST /v1/jobs": refuse(invalid)})
	p := newPerson(t, s)
	signedOut := p.types("", "job", "submit", "--dataset", "p", "--json").jsonError(t)
	if signedOut.ExitCode != exitDenied || signedOut.Advice != "Sign in with: foliocast login" {
		t.Errorf("signed out: %+v", signedOut)
	}
	p.signIn()
	got := p.types("", "job", "submit", "--dataset", "p", "--json").jsonError(t)
	want := failure{Type: "urn:foliocast:problem:invalid", Title: "Unprocessable Entity", Status: 422, Detail: "the job has faults",
		Faults: invalid.Faults, RequestID: "r-1", ExitCode: exitUsage}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	p.env["FOLIOCAST_URL"] = "http://127.0.0.1:1"
	got = p.types("", "job", "list", "--json").jsonError(t)
	if got.ExitCode != exitUnreachable || !strings.Contains(got.Detail, "the data service (frontend) at http://127.0.0.1:1 does not answer") || got.Advice == "" {
		t.Errorf("unreachable: %+v", got)
	}
}

// The job's id comes first, on standard error. Standard output holds the
// answer alone.
func TestWaitSaysTheJobFirst(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/jobs":          answer(http.StatusCreated, jobIn(job.Queued)),
		"GET /v1/jobs/j1":        answer(http.StatusOK, jobIn(job.Done)),
		"GET /v1/jobs/j1/result": answer(http.StatusOK, done()),
	})
	p := newPerson(t, s)
	p.signIn()
	r := p.types("", "job", "submit", "--dataset", "p", "--wait")
	r.check(t, exitOK, "overall", "")
	if r.err != "submitted job j1\n" || strings.Contains(r.out, "j1") {
		t.Errorf("stderr %q, stdout %q", r.err, r.out)
	}
	r = p.types("", "job", "submit", "--dataset", "p", "--wait", "--json")
	if want := `{"note":"submitted job j1","job":"j1"}` + "\n"; r.err != want {
		t.Errorf("stderr %q, want %q", r.err, want)
	}
	var whole job.Answer
	if err := json.Unmarshal([]byte(r.out), &whole); err != nil || whole.Job != "j1" {
		t.Errorf("stdout is not the answer: %v: %q", err, r.out)
	}
}

// An error that names --help or a command is not followed by advice to use --help.
func TestAdviceIsGivenOnce(t *testing.T) {
	t.Parallel()
	p := newPerson(t, newScript(t, nil))
	for args, want := range map[string]string{
		"nosuch":     "foliocast: foliocast has no command \"nosuch\": foliocast --help lists them\n",
		"job sumbit": "foliocast: job has no command \"sumbit\": did you mean submit?\n",
		"job show":   "foliocast: job show takes JOB, but was given nothing\nSee foliocast --help, or --help after any command.\n",
	} {
		if r := p.types("", strings.Fields(args)...); r.err != want {
			t.Errorf("%s: got %q, want %q", args, r.err, want)
		}
	}
}

// An interrupt leaves the job alone, and says how to wait for it again.
func TestAnInterruptedWaitSaysHowToComeBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"submit": {[]string{"job", "submit", "--dataset", "p", "--wait"},
			"submitted job j1\nfoliocast: interrupted\nJob j1 is not affected. Wait for it again with: foliocast job watch j1\n"},
		"watch": {[]string{"job", "watch", "j1"},
			"foliocast: interrupted\nJob j1 is not affected. Wait for it again with: foliocast job watch j1\n"},
		"JSON": {[]string{"job", "watch", "j1", "--json"},
			`{"title":"interrupted","detail":"interrupted","advice":"Job j1 is not affected. Wait for it again with: foliocast job watch j1","job":"j1","exit_code":130}` + "\n"},
	} {
		ctx, interrupt := context.WithCancel(t.Context())
		s := newScript(t, map[string]http.HandlerFunc{
			"POST /v1/jobs": answer(http.StatusCreated, jobIn(job.Queued)),
			"GET /v1/jobs/j1": func(_ http.ResponseWriter, r *http.Request) {
				interrupt()
				<-r.Context().Done() // the long poll
			},
		})
		p := newPerson(t, s)
		p.signIn()
		var out, errs bytes.Buffer
		a := &app{in: strings.NewReader(""), out: &out, err: &errs, version: "test", env: func(k string) string { return p.env[k] }}
		if code := a.run(ctx, c.args); code != exitInterrupted || errs.String() != c.want || out.String() != "" {
			t.Errorf("%s: exit code %d, stdout %q, stderr\n%swant\n%s", name, code, out.String(), errs.String(), c.want)
		}
	}
}

// A command that is typed again asks the same services.
func TestAddressFlagsAsTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		where where
		want  string
	}{
		{where{state: "./state", queueURL: "http://q:7500"}, " --state-dir ./state --queue-url http://q:7500"},
		{where{state: "../my state"}, " --state-dir '../my state'"},
		{where{state: "mia's"}, ` --state-dir 'mia'\''s'`},
		{where{state: "~mia", url: "http://h/?a&b"}, " --state-dir '~mia' --url 'http://h/?a&b'"},
	} {
		if got := c.where.args(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
