package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// Two worlds are listed with their ranks and the jobs that they run. One is killed, and is no longer listed 15 s after its last
// report; the other is told to stop, and is not listed once it has ended.
func TestWorldsAreListed(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 0)
	c.login(t)
	if err := c.upload(t.Context(), "long", manySeries(4_000, 300)); err != nil {
		t.Fatal(err)
	}
	worlds := map[int]*exec.Cmd{2: c.world(t, 2), 3: c.world(t, 3)}
	for np := range worlds {
		c.awaitWorld(t, np, "its first report", func(w message.Worker) bool {
			return w.State == message.Idle && w.Leases == 0 && len(w.Ranks) == np && len(w.Hosts) == 1 && w.Hosts[0] == w.Ranks[0].Host && w.Threads >= np &&
				strings.HasPrefix(w.Program, "mpicalc ") && time.Since(w.Since) < time.Minute && w.Silent < 15
		})
	}
	var jobs []job.ID
	ids := map[string]bool{}
	for range worlds {
		var j job.Job
		spec := job.Spec{Kind: job.KindBacktest, Dataset: "long", Assets: []string{"*"}, Models: []string{"auto"}, Horizon: 12, Origins: 20} // takes minutes
		if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j.ID)
		ids[string(j.ID)] = true
	}
	for np := range worlds {
		got := c.awaitWorld(t, np, "a report of its job", func(w message.Worker) bool {
			return len(w.Jobs) == 1 && w.Jobs[0].Phase == message.Fitting && w.Jobs[0].Done > 0 && w.Busy > 0 &&
				!slices.ContainsFunc(w.Ranks, func(r message.WorkerRank) bool { return r.Series == 0 })
		})
		id, _, _ := strings.Cut(got.Jobs[0].Key, "#")
		if !ids[id] || got.Leases != 1 || got.Jobs[0].Series != 4_000 || got.State != message.Working || got.Ranks[1].Key != got.Jobs[0].Key && got.Ranks[1].Key != "" {
			t.Errorf("the world of %d ranks: %+v", np, got)
		}
		delete(ids, id) // the other world has the other job
	}
	if out := c.foliocast(t, "top"); !strings.Contains(out, "worlds: 2   ranks: 5") || strings.Count(out, "fits ") == 0 {
		t.Errorf("foliocast top prints %s", out)
	}
	v := c.visitor(t)
	v.has(v.visit("/workers", nil), "2 worlds, 5 ranks", "computes <a", "mpicalc ")

	victim := c.awaitWorld(t, 3, "it", func(message.Worker) bool { return true })
	kill9(t, -worlds[3].Process.Pid) // mpirun and its ranks
	killed := time.Now()
	await(t, time.Minute, "the killed world to be no longer listed", func() (bool, string) {
		all := c.listWorlds(t)
		gone := !slices.ContainsFunc(all.Workers, func(w message.Worker) bool { return w.Worker == victim.Worker })
		if gone && !slices.Contains(all.Others, message.Holder{Account: victim.Account, Worker: victim.Worker, Leases: 1}) {
			t.Errorf("its lease has not expired, and the others are %+v", all.Others)
		}
		return gone, "still there"
	})
	if took := time.Since(killed); took > 20*time.Second { // 15 s, and what two programs take to ask
		t.Errorf("it was listed for %v", took)
	}

	for _, id := range jobs {
		if err := c.call(t.Context(), "DELETE", "/v1/jobs/"+string(id), nil, nil); err != nil {
			t.Error(err)
		}
	}
	if err := worlds[2].Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if err := worlds[2].Wait(); err != nil {
		t.Errorf("the world that was told to stop: %v", err)
	}
	if all := c.listWorlds(t); len(all.Workers) != 0 {
		t.Errorf("a world that has ended is listed: %+v", all.Workers)
	}
}

// login signs the client in as the administrator.
func (c *cluster) login(t testing.TB) {
	t.Helper()
	admin := c.admin(t)
	c.foliocastWith(t, admin.Password+"\n", "login", "--username", admin.Username, "--password-stdin")
}

// world starts a world of ranks that takes one job at a time.
func (c *cluster) world(t testing.TB, np int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("mpirun", "-q", "-np", strconv.Itoa(np), "--oversubscribe", "--bind-to", "none", program(t, "mpicalc"), "serve", "--max-batch", "1")
	cmd.Env = append(append(os.Environ(), openMPI()...), "FOLIOCAST_CLIENT_FILE="+filepath.Join(c.state, "worker.json"), "FOLIOCAST_AUTH_URL="+c.run.url("authsvc"),
		"FOLIOCAST_QUEUE_URL="+c.run.url("queue"), "FOLIOCAST_FRONTEND_URL="+c.run.url("frontend"), "FOLIOCAST_CACHE_DIR="+filepath.Join(c.state, "cache"))
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // an error means that it has ended
		_ = cmd.Wait()
	})
	return cmd
}

func (c *cluster) listWorlds(t testing.TB) (all message.Workers) {
	t.Helper()
	if err := json.Unmarshal([]byte(c.foliocast(t, "worker", "list", "--json")), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// awaitWorld waits until the world with so many ranks has said something.
func (c *cluster) awaitWorld(t testing.TB, np int, what string, said func(message.Worker) bool) (got message.Worker) {
	t.Helper()
	await(t, time.Minute, fmt.Sprintf("%s, of the world of %d ranks", what, np), func() (bool, string) {
		for _, w := range c.listWorlds(t).Workers {
			if w.RankCount == np {
				got = w
				return said(w), fmt.Sprintf("%+v", w)
			}
		}
		return false, "not listed"
	})
	return got
}
