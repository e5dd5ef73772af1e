package e2e

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// A large job is one whose answer is sent in parts. The tests use a small one;
// BenchmarkLargeJob has the full size.
const (
	lineCount  = 9000
	lineLength = 60
	// mostMemory bounds the memory of each process, without the files that it maps.
	mostMemory = 512 << 20
)

// line is value t, from 1 on, of asset number i: a straight line, far from zero.
// The errors of a trend are zero on a line, so auto continues it.
func line(i, t int) float64 { return float64(1000 + i%1000 + (i%13-6)*t) }

func lineName(i int) string { return "L" + strconv.Itoa(i) }

func TestALargeJob(t *testing.T) {
	t.Parallel()
	// The next world inherits the leases of one that dies, and does not wait for
	// them to end.
	c := startCluster(t, 2, "FOLIOCAST_LEASE=1h")
	c.addLines(t)
	t.Run("in parts", c.inParts)
	t.Run("a rank is killed while it sends parts", c.killTheSender)
	t.Run("the frontend is killed while it receives parts", c.killTheReceiver)
	c.listedOnce(t)
}

// addLines uploads the dataset lines.
func (c *cluster) addLines(t testing.TB) {
	t.Helper()
	var b strings.Builder
	b.WriteString("step")
	for i := range lineCount {
		b.WriteString("," + lineName(i))
	}
	for step := 1; step <= lineLength; step++ {
		fmt.Fprintf(&b, "\n%d", step)
		for i := range lineCount {
			fmt.Fprintf(&b, ",%g", line(i, step))
		}
	}
	if err := c.upload(t.Context(), "lines", b.String()); err != nil {
		t.Fatalf("upload: %v", err)
	}
}

// submitLines asks for all lines.
func (c *cluster) submitLines(t testing.TB, horizon int) job.ID {
	t.Helper()
	var created job.Job
	spec := job.Spec{Dataset: "lines", Assets: []string{"*"}, Model: "auto", Horizon: horizon, Levels: []float64{80, 95}}
	c.retry(t, time.Minute, func() error { return c.call(t.Context(), "POST", "/v1/jobs", spec, &created) })
	c.sent = append(c.sent, created.ID)
	return created.ID
}

// inParts follows a large job from its submission to the last byte of its
// result.
func (c *cluster) inParts(t *testing.T) {
	const horizon = 5
	id := c.submitLines(t, horizon)
	var shown, listed progresses
	peaks := peaks{}
	var j job.Job
	await(t, 2*time.Minute, "the large job", func() (bool, string) {
		peaks.look(t, c)
		var list struct {
			Items []job.Job `json:"items"`
		}
		if err := c.call(t.Context(), "GET", "/v1/jobs", nil, &list); err != nil {
			t.Fatal(err)
		}
		listed.note(list.Items[0])
		if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(id), nil, &j); err != nil {
			t.Fatal(err)
		}
		shown.note(j)
		return j.State.Final(), string(j.State)
	})
	if j.State != job.Done {
		t.Fatalf("it ended as %s: %v", j.State, j.Error)
	}
	for where, seen := range map[string]progresses{"the job": shown, "the list": listed} {
		if len(seen) < 2 {
			t.Errorf("%s showed the progress %v, want it to grow", where, seen)
		}
	}
	if parts := c.counted(t, "parts"); parts < 3 {
		t.Errorf("its answer went in %d parts, want several", parts)
	}
	c.wholeJSON(t, id, horizon)
	c.wholeCSV(t, id, horizon)
	peaks.look(t, c)
	for name, bytes := range peaks {
		if bytes == 0 || bytes > mostMemory {
			t.Errorf("%s took %d MB, want %d at most", name, bytes>>20, mostMemory>>20)
		}
	}
}

// progresses are the distinct values of a job's progress that were seen,
// strictly between 0 and 1.
type progresses []float64

func (p *progresses) note(j job.Job) {
	if j.Progress > 0 && j.Progress < 1 && (len(*p) == 0 || (*p)[len(*p)-1] < j.Progress) {
		*p = append(*p, j.Progress)
	}
}

// peaks holds the largest anonymousMemory seen of each process.
type peaks map[string]int64

func (p peaks) look(t testing.TB, c *cluster) {
	t.Helper()
	pids := map[string]int{}
	for _, name := range []string{"frontend", "queue"} {
		pids[name] = c.run.pid(t, name)
	}
	for _, rank := range []string{"0", "1"} {
		pids["rank "+rank] = rankPID(t, c.run.pid(t, "mpicalc"), rank)
	}
	for name, pid := range pids {
		p[name] = max(p[name], anonymousMemory(t, pid))
	}
}

var rssAnon = regexp.MustCompile(`(?m)^RssAnon:\s*([0-9]+) kB$`)

// anonymousMemory is the memory of a process in bytes, without the files that it
// maps.
func anonymousMemory(t testing.TB, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := rssAnon.FindSubmatch(text)
	if found == nil {
		t.Fatalf("process %d has no RssAnon:\n%s", pid, text)
	}
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

// metricsToken is what the services of a test ask of a scrape.
const metricsToken = "a token for the metrics"

// counted reads from the queue's metrics how often an event happened to messages.
func (c *cluster) counted(t testing.TB, event string) int {
	t.Helper()
	var text strings.Builder
	if _, err := (problem.Call{Method: "GET", URL: c.run.url("queue") + "/metrics", Into: &text,
		Header: http.Header{"Authorization": {"Bearer " + metricsToken}}}).Do(t.Context(), c.http); err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(text.String(), `foliocast_queue_messages_total{event="`+event+`"} `)
	if !found {
		return 0
	}
	number, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// wholeJSON checks that the answer has each line once, in order, and continues it.
func (c *cluster) wholeJSON(t testing.TB, id job.ID, horizon int) {
	t.Helper()
	var answer job.Answer
	if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(id)+"/result", nil, &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Job != id || len(answer.Assets) != lineCount {
		t.Fatalf("the answer of %s has %d assets, want %d", answer.Job, len(answer.Assets), lineCount)
	}
	for i, a := range answer.Assets {
		if a.Asset != lineName(i) || a.Error != nil || len(a.Mean) != horizon || len(a.Lo["95"]) != horizon {
			t.Fatalf("asset %d of the answer is %+v", i, a)
		}
		for k, got := range a.Mean {
			continues(t, i, k, got)
		}
	}
}

// continues checks that step k of a forecast is on line i.
func continues(t testing.TB, i, k int, got float64) {
	t.Helper()
	if want := line(i, lineLength+1+k); math.Abs(got-want) > 1e-6 {
		t.Fatalf("step %d of %s is %v, want %v", k, lineName(i), got, want)
	}
}

// wholeCSV is wholeJSON for CSV.
func (c *cluster) wholeCSV(t testing.TB, id job.ID, horizon int) {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + c.token}, "Accept": {"text/csv"}}
	read, write := io.Pipe()
	go func() {
		_, err := problem.Call{Method: "GET", URL: c.run.url("frontend") + "/v1/jobs/" + string(id) + "/result", Header: header, Into: write}.Do(t.Context(), c.http)
		write.CloseWithError(err)
	}()
	rows := csv.NewReader(read)
	if _, err := rows.Read(); err != nil {
		t.Fatal(err)
	}
	for i := range lineCount {
		for k := range horizon {
			row, err := rows.Read()
			if err != nil || row[0] != lineName(i) || row[1] != strconv.Itoa(lineLength+1+k) {
				t.Fatalf("step %d of %s is %v, %v", k, lineName(i), row, err)
			}
			mean, err := strconv.ParseFloat(row[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			continues(t, i, k, mean)
		}
	}
	for k := range horizon {
		if row, err := rows.Read(); err != nil || row[0] != "" || row[1] != strconv.Itoa(lineLength+1+k) {
			t.Fatalf("step %d of the portfolio is %v, %v", k, row, err)
		}
	}
	if row, err := rows.Read(); err != io.EOF {
		t.Errorf("after the last line: %v, %v", row, err)
	}
}

// killTheSender kills rank 0, which sends the parts of the answer, after some
// of them. That is a short moment, so several jobs are tried.
func (c *cluster) killTheSender(t *testing.T) {
	for horizon := 48; horizon < 58; horizon++ { // other answers each time
		before := c.counted(t, "parts")
		id := c.submitLines(t, horizon)
		await(t, time.Minute, "a part of the answer", func() (bool, string) {
			return c.counted(t, "parts") > before, "none"
		})
		c.kill(t, "rank 0")
		j := c.waitJob(t, id, 2*time.Minute)
		if j.State != job.Done {
			t.Fatalf("it ended as %s: %v", j.State, j.Error)
		}
		if j.Attempts > 0 {
			c.wholeJSON(t, id, horizon)
			return
		}
	}
	t.Fatal("every answer was complete before rank 0 was dead")
}

// killTheReceiver kills the frontend when all parts are at the queue and not yet
// with the job. That is a short moment, so several jobs are tried.
func (c *cluster) killTheReceiver(t *testing.T) {
	const horizon = 4 // these answers are known from before
	for range 10 {
		before := c.counted(t, "completed")
		id := c.submitLines(t, horizon)
		deadline := time.Now().Add(time.Minute)
		for c.counted(t, "completed") == before && time.Now().Before(deadline) {
			continue // as fast as it can be seen
		}
		var j job.Job
		if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(id), nil, &j); err != nil {
			t.Fatal(err)
		}
		if j.State.Final() {
			continue
		}
		c.kill(t, "frontend")
		if j := c.waitJob(t, id, 2*time.Minute); j.State != job.Done {
			t.Fatalf("it ended as %s: %v", j.State, j.Error)
		}
		c.wholeJSON(t, id, horizon)
		c.wholeCSV(t, id, horizon)
		return
	}
	t.Error("no job was seen between its calculation and its end")
}
