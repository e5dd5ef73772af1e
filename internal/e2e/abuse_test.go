package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

const (
	// mostResident bounds the memory of a service under attack, its files included.
	mostResident = 400 << 20
	// mostSlowdown bounds how much longer an ordinary job takes meanwhile; shortSlowdown does in the short form, which has few
	// jobs, and those at the beginning, when all hostile files arrive at once.
	mostSlowdown, shortSlowdown = 3, 6
)

// Hostile clients, strangers and users, send what hurts most to all services at once. Meanwhile no service fails, dies or grows, and
// the jobs of an ordinary user end nearly as soon as before. FOLIOCAST_ABUSE, as make abuse sets it, has the number of
// clients and the time.
//
// Not parallel: it compares times, and takes the machine from other tests.
func TestAbuse(t *testing.T) {
	if plan := os.Getenv(crowdVariable); plan != "" {
		attackBy(t, plan)
		return
	}
	force, bound := "48 10s", time.Duration(shortSlowdown)
	if text := os.Getenv("FOLIOCAST_ABUSE"); text != "" {
		force, bound = text, mostSlowdown
	}
	c := startCluster(t, 1)
	c.addNoise(t, ordinaryAssets, 300)
	user := &ordinary{cluster: c, token: c.addUser(t, "olga", "manager")}
	for range 5 {
		user.work(t)
	}
	quiet := user.median()
	before := c.run

	user.took = nil
	attacked := startCrowd(t, c, force)
	for done := false; !done; {
		user.work(t)
		select {
		case <-attacked:
			done = true
		default:
		}
	}

	busy := user.median()
	t.Logf("a job took %v before and %v meanwhile (%d jobs, at most %v)", quiet, busy, len(user.took), slices.Max(user.took).Round(time.Millisecond))
	if busy > bound*quiet {
		t.Errorf("a job took %v while the services were attacked, want %d times %v at most", busy, bound, quiet)
	}
	c.reload(t)
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		pid := c.run.pid(t, name)
		if was := before.pid(t, name); pid != was {
			t.Errorf("%s was restarted: process %d is now %d", name, was, pid)
			continue
		}
		peak := residentPeak(t, pid)
		t.Logf("%s took %d MB at most", name, peak>>20)
		if peak > mostResident {
			t.Errorf("%s took %d MB, want %d at most", name, peak>>20, mostResident>>20)
		}
	}
}

// ordinaryAssets is the size of an ordinary job, which takes about a second.
const ordinaryAssets = 2000

// ordinary is a user who submits one job after the other, and waits for each.
type ordinary struct {
	cluster *cluster
	token   string
	jobs    int
	took    []time.Duration
}

// work sends a job that takes as long as the others, but differs, so that no forecast is
// remembered, and waits for its end. Like any client it repeats a request that was
// refused for the moment.
func (o *ordinary) work(t *testing.T) {
	t.Helper()
	o.jobs++
	begun := time.Now()
	spec := job.Spec{Dataset: "noise", Assets: noiseAssets(0, ordinaryAssets), Horizon: 20, Model: "auto", Levels: []float64{80, 90 + float64(o.jobs)/100}}
	var j job.Job
	o.call(t, "POST", "/v1/jobs", spec, &j)
	for !j.State.Final() && time.Since(begun) < time.Minute {
		o.call(t, "GET", "/v1/jobs/"+string(j.ID)+"?wait=5s", nil, &j)
	}
	if j.State != job.Done {
		t.Fatalf("an ordinary job is %s after %v: %v", j.State, time.Since(begun), j.Error)
	}
	o.took = append(o.took, time.Since(begun))
}

func (o *ordinary) call(t *testing.T, method, path string, body, into any) {
	t.Helper()
	await(t, time.Minute, method+" "+path, func() (bool, string) {
		err := o.cluster.callAs(t.Context(), o.token, o.cluster.run.url("frontend"), method, path, body, into)
		if err != nil && !problem.Is(err, problem.Unavailable) && !problem.Is(err, problem.TooMany) {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		return err == nil, fmt.Sprint(err)
	})
}

func (o *ordinary) median() time.Duration {
	sorted := slices.Sorted(slices.Values(o.took))
	return sorted[len(sorted)/2].Round(time.Millisecond)
}

var vmHWM = regexp.MustCompile(`(?m)^VmHWM:\s*([0-9]+) kB$`)

// residentPeak is the most memory in bytes that a process had at any time, as the
// kernel counted it.
func residentPeak(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := vmHWM.FindSubmatch(text)
	if found == nil {
		t.Fatalf("process %d has no VmHWM:\n%s", pid, text)
	}
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
