package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/history"
	"foliocast/internal/job"
)

// request is one request of a client and what is recorded of it.
type request struct {
	history.Event
	method, path string
	header       http.Header
	body         any
	answer       []byte
}

// send sends a request once and records it.
func (c *chaos) send(t testing.TB, r *request) {
	token := c.access(t)
	r.Kind, r.Method, r.Begin = history.Call, r.method+" "+r.path, c.now()
	r.Status, r.answer, r.Detail = 0, nil, ""
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			panic(err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, c.clients.url()+r.path, body)
	if err != nil {
		panic(err)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err == nil {
		defer resp.Body.Close()
		r.answer, err = io.ReadAll(resp.Body)
	}
	if r.End = c.now(); err != nil {
		r.Detail = err.Error()
		c.Add(r.Event)
		return
	}
	r.Status, r.RetryAfter, r.ETag = resp.StatusCode, resp.Header.Get("Retry-After") != "", resp.Header.Get("ETag")
	var j job.Job
	if r.Status/100 == 2 && json.Unmarshal(r.answer, &j) == nil {
		r.State = string(j.State)
		if j.ID != "" {
			r.Job = string(j.ID)
		}
	} else if r.Status/100 != 2 {
		r.Detail = string(r.answer[:min(len(r.answer), 500)])
	}
	c.Add(r.Event)
	if r.Status == http.StatusUnauthorized {
		c.refused(token)
	}
}

// again reports whether a client repeats a request for what it was answered.
func (r *request) again() bool {
	return r.Status == 0 || r.Status >= 500 || r.Status == http.StatusTooManyRequests || r.Status == http.StatusUnauthorized
}

// insist sends a request until it is answered.
func (c *chaos) insist(t testing.TB, r *request) bool {
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end) && t.Context().Err() == nil; {
		if c.send(t, r); !r.again() {
			return true
		}
		<-time.After(200 * time.Millisecond) // as clients do
	}
	return false
}

// client is one of the users at work. It sends one request after the other about a job.
type client struct {
	*chaos
	name   string
	random *rand.Rand
}

// spec draws a specification. A few take long enough to be under way when something
// breaks, and differ, so that no answer is remembered.
func (c *client) spec(number int) job.Spec {
	s := job.Spec{Dataset: "prices", Assets: [][]string{{"A"}, {"B", "C"}, {"*"}, {"D", "A"}}[c.random.IntN(4)], Horizon: 1 + c.random.IntN(3),
		Model: []string{"drift", "ar", "auto"}[c.random.IntN(3)], Levels: []float64{80}, Priority: c.random.IntN(2)}
	if c.random.IntN(c.slow) == 0 {
		s = job.Spec{Dataset: "wide", Assets: []string{"*"}, Horizon: 2, Model: "auto", Levels: []float64{80, 90 + float64(number%900)/100}}
	}
	return s.Defaulted() // as the service shows it
}

func text(s job.Spec) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// live is the life of a job: it is submitted, perhaps replaced or cancelled, perhaps
// retried, and watched until it has ended.
func (c *client) live(t testing.TB, number int) {
	spec := c.spec(number)
	r := &request{method: "POST", path: "/v1/jobs", body: spec, header: http.Header{}}
	r.Op, r.Client, r.Key, r.Spec = history.Submit, c.name, fmt.Sprintf("%s job %d", c.name, number), text(spec)
	r.header.Set("Idempotency-Key", r.Key)
	if !c.insist(t, r) || r.Job == "" {
		return
	}
	id, etag := r.Job, r.ETag
	if repeat := *r; c.random.IntN(10) == 0 {
		c.send(t, &repeat) // a client that has lost the answer
	}
	<-time.After(time.Duration(c.random.IntN(3)) * 400 * time.Millisecond) // people think
	switch what := c.random.IntN(10); {
	case what < 3:
		c.replace(t, id, etag, number)
	case what < 5:
		c.cancel(t, id, what == 3)
	}
	c.watch(t, id)
}

func (c *client) of(op history.Op, id, method, path string) *request {
	r := &request{method: method, path: "/v1/jobs/" + id + path, header: http.Header{}}
	r.Op, r.Client, r.Job = op, c.name, id
	return r
}

// replace replaces the specification of a job, up to three times, as long as it is queued.
func (c *client) replace(t testing.TB, id, etag string, number int) {
	for i := range 1 + c.random.IntN(3) {
		spec := c.spec(number + 300*(i+1))
		r := c.of(history.Replace, id, "PUT", "")
		r.body, r.Spec = spec, text(spec)
		r.header.Set("If-Match", etag)
		c.send(t, r)
		if r.Status/100 == 2 {
			etag = r.ETag
			continue
		}
		if r.Status == http.StatusConflict {
			return
		}
		get := c.of(history.Get, id, "GET", "")
		if !c.insist(t, get) {
			return
		}
		etag = get.ETag
	}
}

// cancel cancels a job and, if that was in time, retries it or not.
func (c *client) cancel(t testing.TB, id string, retry bool) {
	if r := c.of(history.Cancel, id, "DELETE", ""); !c.insist(t, r) || r.Status/100 != 2 || !retry {
		return
	}
	if c.watch(t, id) == string(job.Cancelled) {
		c.insist(t, c.of(history.Retry, id, "POST", "/retry"))
	}
}

// watch waits until a job has ended, and returns how.
func (c *client) watch(t testing.TB, id string) string {
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end) && t.Context().Err() == nil; {
		r := c.of(history.Get, id, "GET", "?wait=3s")
		if c.insist(t, r) && job.State(r.State).Final() {
			return r.State
		}
	}
	return ""
}

// walk reads the list of jobs, page by page, and records it if every page came.
func (c *chaos) walk(t testing.TB) bool {
	e := history.Event{Kind: history.Walk, Begin: c.now()}
	for cursor := ""; ; {
		var page struct {
			Items []job.Summary `json:"items"`
			Next  string        `json:"next"`
		}
		r := &request{method: "GET", path: "/v1/jobs?limit=50&cursor=" + cursor}
		r.Op, r.Client = history.Get, "walker"
		if !c.insist(t, r) || r.Status != http.StatusOK || json.Unmarshal(r.answer, &page) != nil {
			return false
		}
		for _, j := range page.Items {
			e.Jobs = append(e.Jobs, string(j.ID))
		}
		if cursor = page.Next; cursor == "" {
			e.End = c.now()
			c.Add(e)
			return true
		}
	}
}

// users are clients at work on jobs, as many as there are permits for.
type users struct {
	permits chan int // numbers of jobs
	wait    sync.WaitGroup
}

// work starts n users.
func (c *chaos) work(t testing.TB, seed uint64, n int) *users {
	u := &users{permits: make(chan int, 1<<16)}
	for i := range n {
		u.wait.Go(func() {
			user := &client{chaos: c, name: "client " + strconv.Itoa(i), random: rand.New(rand.NewPCG(seed, uint64(i)))}
			for number := range u.permits {
				user.live(t, number)
			}
		})
	}
	return u
}

// addData uploads the datasets of the jobs, and returns where they are as files.
func (c *chaos) addData(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	for name, assets := range map[string]int{"prices": 4, "wide": 150} {
		var b strings.Builder
		b.WriteString("date")
		for a := range assets {
			if name == "prices" {
				fmt.Fprintf(&b, ",%c", 'A'+a)
			} else {
				fmt.Fprintf(&b, ",A%d", a)
			}
		}
		day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range 150 {
			b.WriteString("\n" + day.AddDate(0, 0, i).Format(time.DateOnly))
			for a := range assets {
				fmt.Fprintf(&b, ",%d", 100+a*7+i%(a+5)+(i*i+a)%11)
			}
		}
		b.WriteString("\n")
		c.retry(t, time.Minute, func() error { return c.upload(t.Context(), name, b.String()) })
		files[name] = t.TempDir() + "/" + name + ".csv"
		writeFile(t, files[name], b.String())
	}
	return files
}
