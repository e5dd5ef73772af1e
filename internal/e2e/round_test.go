package e2e

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// One cluster serves every test of what a user sees when nothing is broken.
func TestRound(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2)
	c.addPrices(t)
	t.Run("a portfolio", c.portfolio)
	t.Run("rights", c.rights)
	t.Run("bad input", c.badInput)
	t.Run("the client", c.client)
	t.Run("both doors", c.doors)
	t.Run("holdings", c.holdings)
	t.Run("a replaced job", c.replaced)
	t.Run("schedules", c.schedules)
	t.Run("the flat form", c.flatForm)
	t.Run("from Python", c.fromPython)
	t.Run("from R", c.fromR)
	t.Run("the console", c.console)
	t.Run("from cron", c.fromCron) // the last: it gives prices other assets
}

// portfolio checks a forecast against what is known of its data: A rises and
// B falls by one a day, so drift continues both lines and their average is
// constant.
func (c *cluster) portfolio(t *testing.T) {
	spec := job.Spec{Dataset: "prices", Assets: []string{"B", "A"}, Model: "drift", Horizon: 3}
	var created, again job.Job
	if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &created); err != nil {
		t.Fatal(err)
	}
	if created.State != job.Queued || created.Dataset.Version != 1 {
		t.Errorf("created as %+v", created)
	}
	if got := c.waitJob(t, created.ID, time.Minute); got.State != job.Done {
		t.Fatalf("ended as %s: %v", got.State, got.Error)
	}
	var answer job.Answer
	if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(created.ID)+"/result", nil, &answer); err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want []float64) {
		if len(got) != len(want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
			return
		}
		for i := range got {
			if math.Abs(got[i]-want[i]) > 1e-9 {
				t.Errorf("%s: got %v, want %v", what, got, want)
			}
		}
	}
	near("B", answer.Assets[0].Mean, []float64{80, 79, 78})
	near("A", answer.Assets[1].Mean, []float64{220, 221, 222})
	near("overall", answer.Overall.Mean, []float64{150, 150, 150})
	// Drift is exact on a straight line, so its intervals have no width.
	near("lower bound", answer.Overall.Lo["95"], []float64{150, 150, 150})
	if s := answer.Assets[1].Skill; s == nil || *s > 1e-9 {
		t.Errorf("the skill of drift on a line is %v, want 0", s)
	}
	var text strings.Builder
	header := http.Header{"Authorization": {"Bearer " + c.token}, "Accept": {"text/csv"}}
	if _, err := (problem.Call{Method: "GET", URL: c.run.url("frontend") + "/v1/jobs/" + string(created.ID) + "/result",
		Header: header, Into: &text}).Do(t.Context(), c.http); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
	if err != nil || len(rows) != 10 || rows[1][0] != "B" || rows[1][1] != "2020-04-30" || rows[9][0] != "" || rows[9][1] != "2020-05-02" {
		t.Errorf("%v in\n%s", err, text.String())
	}
	if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(created.ID), nil, &again); err != nil || again.State != job.Done {
		t.Errorf("%v %v", again, err)
	}
}

// rights checks that the running services enforce the roles.
func (c *cluster) rights(t *testing.T) {
	secretary, manager := c.addUser(t, "susan", "secretary"), c.addUser(t, "max", "manager")
	spec := job.Spec{Dataset: "prices", Assets: []string{"A"}, Model: "naive", Horizon: 1}
	user := map[string]any{"username": "mallory", "roles": []string{"administrator"}}
	for _, a := range []struct {
		who, token, service, method, path string
		body                              any
		want                              problem.Kind
	}{
		{"a secretary", secretary, "frontend", "POST", "/v1/jobs", spec, problem.Forbidden},
		{"a secretary", secretary, "frontend", "GET", "/v1/datasets", nil, ""},
		{"a manager", manager, "frontend", "POST", "/v1/jobs", spec, ""},
		{"a manager", manager, "authsvc", "POST", "/v1/users", user, problem.Forbidden},
		{"a manager", manager, "queue", "POST", "/v1/queues", map[string]string{"name": "more"}, problem.Unauthorized}, // its token is for other services
		{"nobody", "", "frontend", "POST", "/v1/jobs", spec, problem.Unauthorized},
		{"nobody", "", "frontend", "GET", "/v1/datasets", nil, problem.Unauthorized},
		{"nobody", "", "queue", "POST", "/v1/leases", map[string]any{"worker": "w", "max": 1}, problem.Unauthorized},
		{"nobody", "", "authsvc", "GET", "/v1/users", nil, problem.Unauthorized},
	} {
		err := c.callAs(t.Context(), a.token, c.run.url(a.service), a.method, a.path, a.body, nil)
		if ok := err == nil; ok != (a.want == "") || !ok && !problem.Is(err, a.want) {
			t.Errorf("%s on %s %s%s: got %v, want %q", a.who, a.method, a.service, a.path, err, a.want)
		}
	}
}

// addUser adds a user with a role and signs in as that user.
func (c *cluster) addUser(t *testing.T, name, role string) string {
	t.Helper()
	var made credentials
	err := c.callAs(t.Context(), c.token, c.run.url("authsvc"), "POST", "/v1/users", map[string]any{"username": name, "roles": []string{role}}, &made)
	if err != nil {
		t.Fatal(err)
	}
	return c.signIn(t, credentials{Username: name, Password: made.Password})
}

// badInput checks that each fault is a 4xx that names its field.
func (c *cluster) badInput(t *testing.T) {
	good := map[string]any{"dataset": "prices", "assets": []string{"A", "B"}, "horizon": 2}
	for name, a := range map[string]struct {
		change map[string]any
		fields []string
	}{
		"an unknown asset":     {map[string]any{"assets": []string{"A", "Z"}}, []string{"/assets/1"}},
		"no assets":            {map[string]any{"assets": []string{}}, []string{"/assets"}},
		"an empty horizon":     {map[string]any{"horizon": 0}, []string{"/horizon"}},
		"a negative weight":    {map[string]any{"weights": map[string]float64{"A": -1, "B": 2}}, []string{"/weights/A"}},
		"a range without data": {map[string]any{"from": "2031-01-01"}, []string{"/from"}},
		"an unknown dataset":   {map[string]any{"dataset": "nothing"}, []string{"/dataset"}},
		"three faults at once": {map[string]any{"horizon": -1, "model": "oracle", "levels": []float64{120}}, []string{"/horizon", "/model", "/levels/0"}},
	} {
		body := map[string]any{}
		for _, m := range []map[string]any{good, a.change} {
			for k, v := range m {
				body[k] = v
			}
		}
		err := c.call(t.Context(), "POST", "/v1/jobs", body, nil)
		p, ok := err.(*problem.Problem)
		if !ok || p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, field := range a.fields {
			if !slices.ContainsFunc(p.Faults, func(f problem.Fault) bool { return f.Pointer == field }) {
				t.Errorf("%s: no fault at %s in %v", name, field, p)
			}
		}
	}
	err := c.upload(t.Context(), "prices", "date,A\n2020-01-01,1\n2020-01-02,much\n")
	if err == nil || !strings.Contains(err.Error(), "3") || !problem.Is(err, problem.Invalid) {
		t.Errorf("text in a value column: %v, want its line", err)
	}
	err = c.call(t.Context(), "POST", "/v1/jobs", json.RawMessage(`{"dataset":`), nil)
	if err == nil || strings.Contains(err.Error(), "answered 5") {
		t.Errorf("a body that is not JSON: %v", err)
	}
}

// client walks the commands that a person types.
func (c *cluster) client(t *testing.T) {
	admin := c.admin(t)
	if out, errText, code := c.try(t, "whoami"); code != 3 {
		t.Errorf("whoami before login: exit %d\n%s%s", code, out, errText)
	}
	c.foliocastWith(t, admin.Password+"\n", "login", "--username", admin.Username, "--password-stdin")
	if out := c.foliocast(t, "whoami"); !strings.Contains(out, admin.Username) {
		t.Errorf("whoami: %s", out)
	}
	c.foliocast(t, "dataset", "synth", "class", "--assets", "10", "--days", "60", "--seed", "1")
	out := c.foliocast(t, "job", "submit", "--dataset", "class", "--assets", "1,2,3", "--horizon", "2", "--model", "mean", "--wait", "--json")
	if !strings.Contains(out, `"done"`) {
		t.Errorf("submit --wait --json: %s", out)
	}
	if out := c.foliocast(t, "job", "list"); !strings.Contains(out, "class") {
		t.Errorf("job list: %s", out)
	}
	c.dates(t)
	c.backtests(t)
	c.scenarios(t)
	if out, errText, code := c.try(t, "job", "show", "no-such-job"); code != 4 && code != 2 {
		t.Errorf("show of an unknown job: exit %d\n%s%s", code, out, errText)
	}
	c.foliocast(t, "logout")
}
