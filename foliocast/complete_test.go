package foliocast

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authclient "foliocast/authsvc/client"
	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/cli/shelltest"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// asProgram in the environment makes the test's binary foliocast.
const asProgram = "FOLIOCAST_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main())
	}
	os.Exit(m.Run())
}

// lists is a service with one of each thing.
func lists(t *testing.T) *script {
	t.Helper()
	one, failed := jobIn(job.Done), jobIn(job.Failed)
	one.ID, failed.ID = wholeID, "019b0000-0000-7f50-8a6b-7c8d9e0f1a2b"
	asked := 0
	byID := beginning(t, func(found []job.Summary) any { return client.Jobs{Items: found} }, map[string]job.Summary{wholeID: one.Summary()}, &asked)
	return newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs": func(w http.ResponseWriter, r *http.Request) {
			switch q := r.URL.Query(); {
			case q.Has("id"):
				q.Set("limit", "6") // what beginning looks for
				r.URL.RawQuery = q.Encode()
				byID(w, r)
			case q.Get("state") == "failed":
				answer(http.StatusOK, client.Jobs{Items: []job.Summary{failed.Summary()}})(w, r)
			default:
				answer(http.StatusOK, client.Jobs{Items: []job.Summary{failed.Summary(), one.Summary()}})(w, r)
			}
		},
		"GET /v1/batches": answer(http.StatusOK, client.Batches{Items: []job.Batch{{ID: wholeID, Name: "night"}}}),
		"GET /v1/datasets": func(w http.ResponseWriter, r *http.Request) {
			all := client.Datasets{Items: []client.Version{}}
			if r.URL.Query().Get("after") < "prices" {
				all.Items = append(all.Items, versionOf("prices", 3))
			}
			answer(http.StatusOK, all)(w, r)
		},
		"GET /v1/datasets/prices":        answer(http.StatusOK, client.Versions{Items: []client.Version{versionOf("prices", 3)}}),
		"GET /v1/datasets/prices/assets": answer(http.StatusOK, client.Assets{Items: []client.AssetInfo{{Asset: "DAX"}, {Asset: "日本株"}}}),
		"GET /v1/queues":                 answer(http.StatusOK, message.Queues{Queues: []message.Queue{{Name: "night", Waiting: 7}}}),
		"GET /v1/owners":                 answer(http.StatusOK, message.Owners{Owners: []message.Owner{{Name: "ann"}}}),
		"GET /v1/dead":                   answer(http.StatusOK, map[string]any{"dead": []message.DeadLetter{{ID: "m1", Error: hostile}}}),
		"GET /v1/users":                  answer(http.StatusOK, map[string]any{"users": []authclient.User{{Username: "ann"}}}),
		"GET /v1/webhooks":               answer(http.StatusOK, client.Webhooks{Items: []job.Webhook{{Name: "ends"}}}),
		"GET /v1/schedules":              answer(http.StatusOK, map[string]any{"items": []job.Schedule{{Name: "nightly"}}}),
		"GET /v1/tokens":                 answer(http.StatusOK, authclient.PersonalTokens{Tokens: []authclient.PersonalToken{{Name: "ci"}}}),
		"GET /v1/services":               answer(http.StatusOK, authclient.Services{Services: []authclient.Service{{Name: "exporter"}}}),
	})
}

// completed are the words to which the program completes a line, the last word of which may be empty.
func (p *person) completed(words ...string) []string {
	got := p.types("", append([]string{"__complete"}, words...)...)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	var found []string
	for _, one := range lines[:len(lines)-1] { // the last is for the shell
		word, _, _ := strings.Cut(one, "\t")
		found = append(found, word)
	}
	return found
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	p := newPerson(t, lists(t))
	p.signIn()
	for _, c := range []struct{ line, want string }{
		{"job l", "list"},
		{"que", "queue"},
		{"job list --lim", "--limit"},
		{"job list --output ", "table wide json csv"},
		{"-o c", "csv"},
		{"job list --state fa", "failed"},
		{"job list --state failed,d", "failed,done failed,dead"},
		{"events --kind ", "job dataset schedule"},
		{"job submit --model theta", "theta theta-dynamic"},
		{"job submit --models auto,the", "auto,theta auto,theta-dynamic"},
		{"job submit --kind ", "forecast backtest"},
		{"job submit --on-error ", "skip fail"},
		{"job submit --dataset ", "prices"},
		{"job submit --dataset prices --assets DAX,日", "DAX,日本株"},
		{"job submit --dataset prices@3 --benchmark ", "DAX 日本株"},
		{"job submit --assets ", ""},
		{"job submit --after 019a1b2c", wholeID},
		{"job list --batch ", wholeID},
		{"schedule add x --catch-up ", "skip last all"},
		{"dataset show pr", "prices"},
		{"dataset show prices ", ""},
		{"dataset show prices", "prices"},
		{"job show 019a", wholeID},
		{"job show ", "019b0000-0000-7f50-8a6b-7c8d9e0f1a2b " + wholeID},
		{"job show x", ""},
		{"job show " + wholeID + " ", ""},
		{"job result ", wholeID},
		{"job retry ", "019b0000-0000-7f50-8a6b-7c8d9e0f1a2b"},
		{"batch cancel ", wholeID},
		{"queue pause ", "night"},
		{"queue limit night ", ""},
		{"queue add ", ""},
		{"queue share ", "ann"},
		{"queue redrive ", "m1"},
		{"queue redrive m1 ", "m1"},
		{"user role ", "ann"},
		{"user role ann sec", "secretary"},
		{"user add x --role manager,a", "manager,administrator"},
		{"schedule pause ", "nightly"},
		{"webhook test ", "ends"},
		{"token create x --scope jobs", "jobs:write jobs:read"},
		{"token create ", ""},
		{"token revoke ", "ci"},
		{"service rotate ", "exporter"},
		{"service scopes exporter queue:", "queue:enqueue queue:lease"},
		{"service add x --scope res", "results:read results:write"},
		{"slurm doctor ", "batch pilot"},
		{"completion ", "bash zsh fish"},
		{"audit --outcome ", "done refused"},
		{"nonsense ", ""},
	} {
		got := p.completed(strings.Split(c.line, " ")...)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
}

// Somebody who is not signed in, or whose service hangs, gets no words and no error, and soon.
func TestCompletionWithoutAService(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/jobs": func(http.ResponseWriter, *http.Request) { <-hang }})
	defer close(hang)
	p := newPerson(t, s)
	for _, c := range []struct {
		name    string
		prepare func()
	}{
		{"not signed in", func() {}},
		{"a hang", p.signIn},
		{"no service", func() { p.env["FOLIOCAST_URL"] = "http://127.0.0.1:1" }},
		{"a bad address", func() { p.env["FOLIOCAST_URL"] = "nonsense" }},
		{"a broken session", func() {
			if err := os.WriteFile(p.env["XDG_CONFIG_HOME"]+"/foliocast/session.json", []byte("{"), 0o600); err != nil {
				t.Error(err)
			}
		}},
	} {
		c.prepare()
		begin := time.Now()
		got := p.types("", "__complete", "job", "show", "")
		if got.code != exitOK || !strings.HasPrefix(got.out, ":") || strings.Contains(got.err, "foliocast:") || time.Since(begin) > 10*completionTime {
			t.Errorf("%s: %+v after %v", c.name, got, time.Since(begin))
		}
	}
}

// fishes asks fish to complete a line to one word, again where the machine is too busy for the time that a completion has.
func (p *person) fishes(self, typed, want string) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		got := shelltest.Fish(p.t, "foliocast", self, typed, p.env)
		if slices.Equal(got, []string{want}) {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("fish: got %q, want %q", got, want)
		}
	}
}

// A session whose token has expired is renewed by a process that outlives the completion, so that a slow answer of the identity
// service loses no session.
func TestCompletionRenewsTheSession(t *testing.T) {
	t.Parallel()
	s := lists(t)
	late := make(chan struct{})
	s.answers["POST /v1/token"] = func(w http.ResponseWriter, r *http.Request) {
		<-late
		tokens("new", time.Hour)(w, r)
	}
	p := newPerson(t, s)
	p.signIn()
	v := vault{path: p.env["XDG_CONFIG_HOME"] + "/foliocast/session.json"}
	if err := v.change(func(all *sessions) error {
		mine := all.ByAuth[s.url]
		mine.Access = map[auth.Audience]access{}
		all.ByAuth[s.url] = mine
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.env[asProgram] = "yes"
	if got := shelltest.Fish(t, "foliocast", self, "foliocast queue pause ", p.env); !slices.Equal(got, []string{""}) {
		t.Errorf("got %q without a token", got)
	}
	close(late)
	for end := time.Now().Add(20 * time.Second); ; {
		all, err := v.read()
		if err == nil && all.ByAuth[s.url].RefreshToken == "refresh of new" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the session is %+v, %v", all, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.fishes(self, "foliocast queue pause ", "night\t7 waiting")
	if n := s.count("POST /v1/token"); n != 1 {
		t.Errorf("the session was renewed %d times", n)
	}
}

// Real shells, with their terminal, complete commands, flags, lists, names and files.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := newPerson(t, lists(t))
	p.signIn()
	p.env[asProgram] = "yes"
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "values.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"bash", "zsh"} {
		t.Run(shell, func(t *testing.T) {
			s := shelltest.Start(t, shell, "foliocast", self, folder, p.env)
			s.Completes("foliocast job li", "foliocast job list ")
			s.Completes("foliocast job list --lim", "foliocast job list --limit ")
			s.Completes("foliocast job list --state fa", "foliocast job list --state failed")
			s.Completes("foliocast job list --state=failed,de", "foliocast job list --state=failed,dead")
			s.Completes("foliocast job submit --dataset pr", "foliocast job submit --dataset prices ")
			s.Completes("foliocast job show 019a", "foliocast job show "+wholeID)
			s.Completes("foliocast dataset add new val", "foliocast dataset add new values.csv")
			s.Completes("foliocast job plot "+wholeID+" --output val", "--output values.csv")
			s.Type("foliocast job submit --model the\t\t\t")
			s.Shows("theta-dynamic")
			s.Type("\x15")
			s.Leaves("foliocast queue pause xyz")
		})
	}
	p.fishes(self, "foliocast job show 019a", wholeID+"\tdone, all assets of p, naive, 2 steps")
}
