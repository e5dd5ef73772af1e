package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
)

// Five pilots drain one queue while jobs come in, and each meets a different
// event: a rank that is killed, USR1 by hand, a requeue from outside, the end
// of its time, and Slurm's own warning of that. Each job must end with exactly
// one result.
//
// Slurm's controller looks at time limits only every 30 s, from its start on:
// the last two come then. The first three do not have to wait for it.
func TestSlurmPilots(t *testing.T) {
	t.Parallel()
	s := startSlurm(t, 6)
	c := startCluster(t, 0, "FOLIOCAST_LEASE=3s")
	c.addManyPrices(t)
	killed := s.pilot(t, c, "killed", "--nodes", "2", "--ntasks", "4")
	warned := s.pilot(t, c, "warned")
	requeued := s.pilot(t, c, "requeued")
	overdue := s.pilot(t, c, "overdue")
	ending := s.pilot(t, c, "ending", "--warning", "50s")
	all := []pilot{killed, warned, requeued, overdue, ending}
	for _, p := range all {
		p.awaitLog(t, `"worker started"`, 1)
	}
	for i := range 150 {
		c.submit(t, fmt.Sprintf("first-%d", i))
	}
	for _, p := range all {
		p.awaitLog(t, `"job answered"`, 1)
	}
	s.control(t, "scontrol", "update", "jobid="+overdue.id, "EndTime=now+1")
	s.control(t, "scontrol", "update", "jobid="+ending.id, "EndTime=now+52")
	kill9(t, s.rank(t, killed.id, "3"))
	s.control(t, "scancel", "--batch", "--signal=USR1", warned.id)
	s.control(t, "scontrol", "requeue", requeued.id)
	polls := 0
	await(t, 3*time.Minute, "the end of one pilot's time and the warning of another", func() (bool, string) {
		if polls++; polls%2 == 0 {
			c.submit(t, fmt.Sprintf("then-%d", polls))
		}
		return s.state(t, overdue.id) == "TIMEOUT" && s.restarts(t, ending.id) == 1, s.state(t, overdue.id)
	})
	c.allDone(t, 20)
	for p, restarts := range map[pilot]int{killed: 0, warned: 1, requeued: 1} {
		s.await(t, p.id, "COMPLETED", p.log)
		p.awaitLog(t, `"worker started"`, 2)
		if got := s.restarts(t, p.id); got != restarts {
			t.Errorf("Slurm started the pilot of %s again %d times, want %d", p.log, got, restarts)
		}
	}
	for _, p := range []pilot{warned, ending} {
		p.awaitLog(t, "the wall time is near: requeueing this job", 1)
	}
}

// pilot is a submitted pilot.
type pilot struct{ id, log string }

// pilot submits one with the program that a person uses. It holds few jobs at a
// time, so that all get some.
func (s *slurm) pilot(t *testing.T, c *cluster, name string, args ...string) pilot {
	t.Helper()
	p := pilot{log: filepath.Join(s.Dir, name+".log")}
	out := s.foliocast(t, append([]string{"--state", c.state, "slurm", "submit", "pilot", "--time", "5",
		"--ntasks", "2", "--idle-timeout", "8s", "--log", p.log}, append(args, "--", "--max-batch", "4")...)...)
	p.id = strings.TrimSpace(out)
	t.Cleanup(func() { s.end(t, p.id) })
	return p
}

// awaitLog waits until the pilot's log has a text the given number of times.
func (p pilot) awaitLog(t *testing.T, what string, times int) {
	t.Helper()
	await(t, 3*time.Minute, fmt.Sprintf("%d times %s from %s", times, what, p.log), func() (bool, string) {
		text, err := os.ReadFile(p.log)
		if err != nil {
			return false, err.Error()
		}
		return strings.Count(string(text), what) >= times, string(text[max(0, len(text)-2000):])
	})
}

// addManyPrices uploads a dataset that keeps a world busy for a moment.
func (c *cluster) addManyPrices(t *testing.T) {
	t.Helper()
	var b strings.Builder
	b.WriteString("step")
	for a := range 20 {
		fmt.Fprintf(&b, ",A%d", a)
	}
	for i := range 1000 {
		fmt.Fprintf(&b, "\n%d", i)
		for a := range 20 {
			fmt.Fprintf(&b, ",%d", 1000+i*(a+1)+(i*i*(a+3))%101)
		}
	}
	if err := c.upload(t.Context(), "prices", b.String()+"\n"); err != nil {
		t.Fatalf("upload: %v", err)
	}
}

// allDone waits for every submitted job, and checks that each has a complete
// answer of its own and is in the list once.
func (c *cluster) allDone(t *testing.T, assets int) {
	t.Helper()
	for _, id := range c.sent {
		if j := c.waitJob(t, id, 3*time.Minute); j.State != job.Done {
			t.Errorf("job %s ended as %s: %v", id, j.State, j.Error)
			continue
		}
		var answer job.Answer
		if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(id)+"/result", nil, &answer); err != nil {
			t.Errorf("result of %s: %v", id, err)
		} else if len(answer.Assets) != assets || answer.Job != id {
			t.Errorf("job %s has the answer of %s with %d assets", id, answer.Job, len(answer.Assets))
		}
	}
	c.listedOnce(t)
}
