package clients

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// troubled is a service that answers late, wrongly or not at all, by the names of its jobs.
type troubled struct {
	mu    sync.Mutex
	seen  map[string][]string // the Idempotency-Key and the body of each submission, and what was asked of the identity service
	other string              // an address that must never be asked
}

func (s *troubled) note(what, text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[what] = append(s.seen[what], text)
	return len(s.seen[what])
}

func (s *troubled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	say := func(status int, text string) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
	switch r.URL.Path {
	case "/v1/jobs":
		s.submitted(w, r, string(body), say)
	case "/v1/datasets/p":
		s.note("rows", fmt.Sprint(r.Method, " ", r.Header.Get("If-Match"), " ", r.URL.RawQuery, " ", string(body)))
		if r.Header.Get("If-Match") == "*" {
			say(http.StatusPreconditionFailed, `{"detail":"dataset p has changed"}`)
			return
		}
		say(http.StatusCreated, `{"name":"p","version":2}`)
	case "/v1/jobs/nonsense":
		say(http.StatusTeapot, "<p>no JSON</p>")
	case "/v1/jobs/redirected":
		http.Redirect(w, r, s.other, http.StatusTemporaryRedirect)
	case "/v1/jobs/ended":
		if r.Header.Get("Authorization") != "Bearer new" {
			say(http.StatusUnauthorized, `{"detail":"the token has ended"}`)
			return
		}
		say(http.StatusOK, `{"id":"ended","state":"done"}`)
	case "/v1/jobs/session":
		say(http.StatusOK, `{"id":"session","state":"done"}`)
		s.note("tokens", r.Header.Get("Authorization"))
	case "/v1/login", "/v1/token":
		n := s.note("identity", r.URL.Path+" "+string(body))
		say(http.StatusOK, fmt.Sprintf(`{"access_token":"access%d","refresh_token":"refresh%d","expires_in":0}`, n, n))
	case "/v1/jobs/starting":
		say(http.StatusServiceUnavailable, `{"detail":"starting"}`)
	case "/v1/jobs/never":
		say(http.StatusOK, `{"id":"never","state":"queued"}`)
	case "/v1/jobs/failed":
		say(http.StatusOK, `{"id":"failed","state":"failed","error":{"detail":"no data"}}`)
	case "/v1/jobs/result/result":
		say(http.StatusOK, "unique_id,ds,model,mean,lo-80,members\n'-A,2024-01-02,ar,1,0.1,ar 1\nNA,2024-01-02,ar,2,,\n''=x,2024-01-02,ar,3,,\n,2024-01-02,,4,3.5,\n")
	default:
		say(http.StatusNotFound, `{"detail":"there is no such job"}`)
	}
}

// submitted answers the submission of a job: at the fifth attempt, or with what is wrong.
func (s *troubled) submitted(w http.ResponseWriter, r *http.Request, body string, say func(int, string)) {
	if strings.Contains(body, `"refused"`) {
		say(http.StatusUnprocessableEntity, `{"detail":"the request has faults","errors":[{"pointer":"/horizon","detail":"must be at least 1"}]}`)
		return
	}
	switch s.note("submissions", r.Header.Get("Idempotency-Key")+" "+body) {
	case 1:
		panic(http.ErrAbortHandler)
	case 2:
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"id":`) // and breaks off
		panic(http.ErrAbortHandler)
	case 3:
		say(http.StatusServiceUnavailable, `{}`)
	case 4:
		say(http.StatusTooManyRequests, "<html>")
	default:
		say(http.StatusCreated, `{"id":"j","state":"queued"}`)
	}
}

// The tests of the client in R, in its own language. A warning is a fault.
func TestR(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(other.Close)
	s := &troubled{seen: map[string][]string{}, other: other.URL}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	cmd := exec.Command("Rscript", "--vanilla", "test_foliocast.R", server.URL)
	cmd.Dir = "r"
	if text, err := cmd.CombinedOutput(); err != nil || string(text) != "ok\n" {
		t.Fatalf("%v\n%s", err, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.seen["submissions"]; len(got) != 5 || len(slices.Compact(slices.Clone(got))) != 1 {
		t.Errorf("a request was repeated as %q", got)
	}
	_, body, _ := strings.Cut(s.seen["submissions"][0], " ")
	var got, want any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"dataset":"repeated","horizon":5,"assets":["A","B"],"levels":[80],"quantiles":[],"weights":{"A":0.5,"B":1e-20},"x":["promo"],"explain":true}`), &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the job is %s", body)
	}
	if got := s.seen["identity"]; len(got) != 2 || got[0] != `/v1/login {"username":"ada","password":"secret"}` ||
		got[1] != "/v1/token grant_type=refresh_token&resource=foliocast%3Afrontend&refresh_token=refresh1" {
		t.Errorf("the identity service was asked %q", got)
	}
	if got, want := s.seen["rows"], []string{"PATCH \"1\" value=y&replace=true ds,y\n2024-01-02,2\n", "PATCH *  ds,y\n2024-01-02,2\n"}; !slices.Equal(got, want) {
		t.Errorf("the rows are sent as %q, want %q", got, want)
	}
	if got := s.seen["tokens"]; !slices.Equal(got, []string{"Bearer access1", "Bearer access2"}) {
		t.Errorf("the tokens are %q", got)
	}
}
