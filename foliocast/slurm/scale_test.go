package slurm

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/hostfiles"
)

// listed is what squeue of Slurm 22.05 printed of a heterogeneous job and an array.
const listed = `3_0|PENDING|1|0:00|1796139786|Resources
3_1|FAILED|1|0:00|1796139786|NonZeroExitCode
1+0|COMPLETED|1|0:07|1796139460|None
1+1|COMPLETED|2|0:07|1796139460|None
`

func TestParsePilots(t *testing.T) {
	t.Parallel()
	got, err := ParsePilots(listed)
	at := time.Unix(1796139786, 0)
	want := []Pilot{{ID: "3_0", State: "PENDING", Reason: "Resources", Cores: 1, Submitted: at},
		{ID: "3_1", State: "FAILED", Reason: "NonZeroExitCode", Cores: 1, Submitted: at},
		{ID: "1", State: "COMPLETED", Cores: 3, Elapsed: 7 * time.Second, Submitted: time.Unix(1796139460, 0)}}
	if diff := cmp.Diff(got, want); err != nil || diff != "" {
		t.Errorf("%v, (-got +want)\n%s", err, diff)
	}
	if got, err := ParsePilots("8|RUNNING|4|1-02:00:01|0|a|b\n9|RUNNING|4|INVALID|0|None\n"); err != nil || got[0].Elapsed != 26*time.Hour+time.Second || got[0].Reason != "a|b" || got[1].Elapsed != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"nonsense", "8|RUNNING|4|0:01|0", "x|RUNNING|4|0:01|0|None", "8|running|4|0:01|0|None", "8|RUNNING|-4|0:01|0|None",
		"8|RUNNING|4|soon|0|None", "8|RUNNING|4|0:01|yesterday|None", "8||4|0:01|0|None", "8|RUNNING|4|0:01|0|None\n8|RUNNING|4|0:01|0|None"} {
		if got, err := ParsePilots(bad); err == nil {
			t.Errorf("ParsePilots(%q) = %+v, want an error", bad, got)
		}
	}
}

func FuzzParsePilots(f *testing.F) {
	f.Add(listed)
	f.Add("8|RUNNING|4|1-02:00:01|0|a|b")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ParsePilots(text)
		if err != nil {
			return
		}
		for _, p := range all {
			if !idForm.MatchString(string(p.ID)) || p.Cores < 0 || p.Elapsed < 0 {
				t.Errorf("%+v of %q", p, text)
			}
		}
	})
}

// now is the time of the tests.
var now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func pilot(id JobID, state string, elapsed time.Duration) Pilot {
	return Pilot{ID: id, State: state, Cores: 4, Elapsed: elapsed, Submitted: now.Add(-elapsed)}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	s := Scale{Min: 0, Max: 5, PerPilot: 10, Cores: 4, Idle: 2 * time.Minute, Patience: 5 * time.Minute}
	running, waits := pilot("1", "RUNNING", time.Hour), pilot("2", "PENDING", time.Minute)
	least := s
	least.Min = 2
	cores := s
	cores.MaxCores = 10
	few := s
	few.MaxSubmit = 2
	old := waits
	old.ID, old.Submitted = "3", now.Add(-time.Hour)
	for name, c := range map[string]struct {
		scale  Scale
		load   Load
		pilots []Pilot
		memory Memory
		want   Decision
	}{
		"nothing":                         {scale: s, want: Decision{}},
		"one message":                     {scale: s, load: Load{Waiting: 1}, want: Decision{Want: 1, Submit: 1}},
		"a full pilot":                    {scale: s, load: Load{Waiting: 7, Leased: 3}, want: Decision{Want: 1, Submit: 1}},
		"one more":                        {scale: s, load: Load{Waiting: 8, Leased: 3}, want: Decision{Want: 2, Submit: 2}},
		"the maximum":                     {scale: s, load: Load{Waiting: 1e6}, want: Decision{Want: 5, Submit: 5}},
		"the minimum":                     {scale: least, want: Decision{Want: 2, Submit: 2}},
		"those that wait count":           {scale: s, load: Load{Waiting: 20}, pilots: []Pilot{running, waits}, want: Decision{Want: 2, Running: 1, Pending: 1}},
		"an unknown state counts":         {scale: s, load: Load{Waiting: 1}, pilots: []Pilot{pilot("1", "LEVITATING", 0)}, want: Decision{Want: 1, Running: 1}},
		"one that ends does not":          {scale: s, load: Load{Waiting: 1}, pilots: []Pilot{pilot("1", "COMPLETING", time.Hour)}, want: Decision{Want: 1, Submit: 1}},
		"cores":                           {scale: cores, load: Load{Waiting: 1e6}, want: Decision{Want: 2, Submit: 2}},
		"cores that others of it have":    {scale: cores, load: Load{Waiting: 1e6}, pilots: []Pilot{{ID: "1", State: "RUNNING", Cores: 8}}, want: Decision{Want: 2, Running: 1, Note: "--max-cores 10"}},
		"no storm":                        {scale: few, load: Load{Waiting: 1e6}, want: Decision{Want: 5, Submit: 2, Note: "2 at a time"}},
		"running ones are left alone":     {scale: s, pilots: []Pilot{running}, want: Decision{Running: 1}},
		"too many wait":                   {scale: s, pilots: []Pilot{running, waits}, want: Decision{Running: 1, Pending: 1, Note: "what waits in vain is cancelled in 5m0s"}},
		"too many have waited for long":   {scale: s, load: Load{Leased: 15}, pilots: []Pilot{running, old, waits}, memory: Memory{SurplusSince: now.Add(-6 * time.Minute)}, want: Decision{Want: 2, Running: 1, Pending: 2, Cancel: []JobID{"2"}}},
		"just failed":                     {scale: s, load: Load{Waiting: 50}, memory: Memory{Failures: 1, FailedAt: now.Add(-20 * time.Second), Fault: "bad disk"}, want: Decision{Want: 5, Note: "nothing is submitted for 40s: bad disk"}},
		"failed for the third time":       {scale: s, load: Load{Waiting: 50}, memory: Memory{Failures: 3, FailedAt: now.Add(-time.Minute), Fault: "bad disk"}, want: Decision{Want: 5, Note: "nothing is submitted for 3m0s: bad disk"}},
		"failed for the thousandth time":  {scale: s, load: Load{Waiting: 50}, memory: Memory{Failures: 1000, FailedAt: now.Add(-59 * time.Minute), Fault: "bad disk"}, want: Decision{Want: 5, Note: "nothing is submitted for 1m0s: bad disk"}},
		"one is tried":                    {scale: s, load: Load{Waiting: 50}, memory: Memory{Failures: 1, FailedAt: now.Add(-time.Hour), Fault: "bad disk"}, want: Decision{Want: 5, Submit: 1}},
		"one is tried at a time":          {scale: s, load: Load{Waiting: 50}, pilots: []Pilot{waits}, memory: Memory{Failures: 1, FailedAt: now.Add(-time.Hour), Fault: "bad disk"}, want: Decision{Want: 5, Pending: 1, Note: "one pilot is tried at a time: bad disk"}},
		"a hold does not hide the others": {scale: s, load: Load{Waiting: 20}, pilots: []Pilot{running, waits}, memory: Memory{Failures: 1, FailedAt: now}, want: Decision{Want: 2, Running: 1, Pending: 1}},
	} {
		if diff := cmp.Diff(c.scale.Decide(now, c.load, c.pilots, &c.memory), c.want); diff != "" {
			t.Errorf("%s: (-got +want)\n%s", name, diff)
		}
	}
}

func TestMemoryLook(t *testing.T) {
	t.Parallel()
	s := Scale{Max: 5, PerPilot: 1, Cores: 4, Idle: 2 * time.Minute}
	had := func(k ...Known) Memory {
		return Memory{Failures: 2, FailedAt: now.Add(-time.Hour), Fault: "before", Known: k}
	}
	for name, c := range map[string]struct {
		memory   Memory
		pilots   []Pilot
		failures int
		fault    string
	}{
		"nothing":                    {memory: had(), failures: 2, fault: "before"},
		"died at once":               {memory: had(), pilots: []Pilot{{ID: "7", State: "FAILED", Reason: "NonZeroExitCode"}}, failures: 3, fault: "pilot 7 ended as FAILED (NonZeroExitCode) after 0s"},
		"several died":               {memory: had(), pilots: []Pilot{pilot("7", "FAILED", time.Hour), pilot("8", "NODE_FAIL", time.Hour)}, failures: 3, fault: "pilot 8 ended as NODE_FAIL after 1h0m0s"},
		"a death that was seen":      {memory: had(Known{ID: "7", Ended: true}), pilots: []Pilot{pilot("7", "FAILED", 0)}, failures: 2, fault: "before"},
		"one that was seen alive":    {memory: had(Known{ID: "7"}), pilots: []Pilot{pilot("7", "FAILED", 0)}, failures: 3, fault: "pilot 7 ended as FAILED after 0s"},
		"ended without a wait":       {memory: had(), pilots: []Pilot{pilot("7", "COMPLETED", 3*time.Second)}, failures: 3, fault: "pilot 7 ended as COMPLETED after 3s"},
		"drained":                    {memory: had(), pilots: []Pilot{pilot("7", "COMPLETED", 2*time.Minute)}},
		"its time was up":            {memory: had(), pilots: []Pilot{pilot("7", "TIMEOUT", time.Hour)}},
		"preempted":                  {memory: had(), pilots: []Pilot{pilot("7", "PREEMPTED", 0)}, failures: 2, fault: "before"},
		"cancelled by somebody":      {memory: had(Known{ID: "7"}), pilots: []Pilot{pilot("7", "CANCELLED", 0)}, failures: 3, fault: "pilot 7 ended as CANCELLED after 0s"},
		"cancelled by us":            {memory: had(Known{ID: "7", Cancelled: true}), pilots: []Pilot{pilot("7", "CANCELLED", 0)}, failures: 2, fault: "before"},
		"works":                      {memory: had(), pilots: []Pilot{pilot("7", "RUNNING", time.Minute)}},
		"may work":                   {memory: had(), pilots: []Pilot{pilot("7", "RUNNING", time.Second)}, failures: 2, fault: "before"},
		"has worked since before":    {memory: had(), pilots: []Pilot{pilot("7", "RUNNING", 2*time.Hour)}, failures: 2, fault: "before"},
		"one works and another dies": {memory: had(), pilots: []Pilot{pilot("7", "RUNNING", time.Minute), pilot("8", "FAILED", 0)}, failures: 3, fault: "pilot 8 ended as FAILED after 0s"},
		"vanished at once":           {memory: had(Known{ID: "7", Submitted: now.Add(-time.Minute)}), failures: 3, fault: "pilot 7 has ended 1m0s after it was submitted"},
		"vanished":                   {memory: had(Known{ID: "7", Submitted: now.Add(-time.Hour)}), failures: 2, fault: "before"},
	} {
		c.memory.Look(now, c.pilots, s)
		if m := c.memory; m.Failures != c.failures || m.Fault != c.fault || len(m.Known) != len(c.pilots) {
			t.Errorf("%s: %+v, want %d failures, %q", name, m, c.failures, c.fault)
		}
		again := c.memory
		if again.Look(now, c.pilots, s); again.Failures != c.failures {
			t.Errorf("%s: %d failures after a second look, want %d", name, again.Failures, c.failures)
		}
	}
}

// Whatever happens to the pilots, there are never more than wanted, and pilots that die at once are not a storm: in a day of a
// round each ten seconds, a minute and then twice as long lies between them, up to an hour.
func TestScaleIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Scale{Max: rapid.IntRange(1, 8).Draw(t, "max"), PerPilot: 3, Cores: 2, MaxCores: rapid.IntRange(2, 12).Draw(t, "cores"), Idle: time.Minute}
		var m Memory
		var pilots []Pilot
		at, next := now, 0
		for range 60 {
			at = at.Add(10 * time.Second)
			for i := range pilots {
				pilots[i].State = rapid.SampledFrom([]string{"PENDING", "RUNNING", "RUNNING", "FAILED", "COMPLETED"}).Draw(t, "state")
				pilots[i].Elapsed += 10 * time.Second
			}
			load := Load{Waiting: rapid.IntRange(0, 50).Draw(t, "waiting")}
			m.Look(at, pilots, s)
			d := s.Decide(at, load, pilots, &m)
			cores := 0
			var kept []Pilot
			for _, p := range pilots {
				if p.Live() {
					kept = append(kept, p)
					cores += p.Cores
				}
			}
			if d.Submit < 0 || d.Submit > 0 && (len(kept)+d.Submit > s.Max || cores+d.Submit*s.Cores > s.MaxCores) {
				t.Fatalf("%+v with %d pilots of %d cores, at most %d of %d", d, len(kept), cores, s.Max, s.MaxCores)
			}
			for range d.Submit {
				next++
				kept = append(kept, Pilot{ID: JobID(number(next)), State: "PENDING", Cores: s.Cores, Submitted: at})
			}
			pilots = kept
		}
	})
	s := Scale{Max: 8, PerPilot: 1, Cores: 1, Idle: 2 * time.Minute}
	var m Memory
	var pilots []Pilot
	submitted := 0
	for at := now; at.Before(now.Add(24 * time.Hour)); at = at.Add(10 * time.Second) {
		m.Look(at, pilots, s)
		d := s.Decide(at, Load{Waiting: 100}, pilots, &m)
		for range d.Submit {
			submitted++
			pilots = append(pilots, Pilot{ID: JobID(number(submitted)), State: "FAILED", Submitted: at})
		}
	}
	// 8 at first, then one after 1, 2, 4, 8, 16 and 32 minutes, and one in each of the 23 hours that are left.
	if submitted < 8+6+22 || submitted > 8+6+23 {
		t.Errorf("%d pilots that die at once were submitted in a day, want about 37", submitted)
	}
}

func TestScaleValidate(t *testing.T) {
	t.Parallel()
	good := Scale{Max: 4, PerPilot: 1, Cores: 4}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Scale){
		"--max must be":          func(s *Scale) { s.Max = 0 },
		"--max must be 1 to":     func(s *Scale) { s.Max = 2000 },
		"--min must be 0 to":     func(s *Scale) { s.Min = 5 },
		"--per-pilot must be":    func(s *Scale) { s.PerPilot = 0 },
		"--max-cores must not":   func(s *Scale) { s.MaxCores = -1 },
		"--max-cores 3 is too":   func(s *Scale) { s.MaxCores = 3 },
		"2 pilots of 4 cores":    func(s *Scale) { s.Min, s.MaxCores = 2, 7 },
		"--cancel-after must no": func(s *Scale) { s.Patience = -1 },
	} {
		s := good
		if change(&s); s.Validate() == nil || !strings.Contains(s.Validate().Error(), want) {
			t.Errorf("%+v: %v, want %q", s, s.Validate(), want)
		}
	}
}

func TestComponents(t *testing.T) {
	t.Parallel()
	ask := Ask{Ranks: 1, Account: "physics", Limit: Limit(time.Hour), Log: "a.log", More: []string{"--mem=64G", "--no-requeue"},
		Components: []string{"ntasks=32,cpus-per-task=2,partition=large", "nodes=3,exclusive"}}
	script, err := Script(hostfiles.Pilot, ask, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	shared := "#SBATCH --job-name=foliocast-pilot\n#SBATCH --time=01:00:00\n#SBATCH --no-requeue\n#SBATCH --account=physics\n"
	want := "#SBATCH --mem=64G\n#SBATCH hetjob\n" + shared + "#SBATCH --ntasks=32\n#SBATCH --cpus-per-task=2\n#SBATCH --partition=large\n" +
		"#SBATCH hetjob\n" + shared + "#SBATCH --nodes=3\n#SBATCH --exclusive\n\n"
	if !strings.Contains(script, want) {
		t.Errorf("got\n%.1500s\nwant\n%s", script, want)
	}
	if got := Cores(script); got != 1+64+3 {
		t.Errorf("%d cores, want 68", got)
	}
	if got := Cores(hostfiles.Pilot); got != 4 {
		t.Errorf("%d cores of the plain pilot, want 4", got)
	}
	environ := Environment([]string{"SBATCH_PARTITION=other", "SBATCH_QOS=mine"}, ask)
	if diff := cmp.Diff(environ, []string{"SBATCH_QOS=mine"}); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	for _, bad := range []string{"", "ntasks=", "ntasks=0", "ntasks=x", "time=5", "-n4", "wrap=ls", "output=x", "partition=a'b", "ntasks=4,", "array=1"} {
		if (Ask{Components: []string{bad}}).Validate() == nil {
			t.Errorf("the component %q is taken", bad)
		}
	}
	if (Ask{More: []string{"--array=0-3"}, Components: []string{"ntasks=1"}}).Validate() == nil {
		t.Error("an array of heterogeneous jobs is taken")
	}
}
