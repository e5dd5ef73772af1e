package slurm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// recorded is what a program of Slurm 22.05.8 or Open MPI 4.1.4 printed.
func recorded(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The forms and their meaning are those of the manual page of sbatch, --time.
func TestParseLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90":         90 * time.Minute,
		"1:30":       90 * time.Second,
		"04:00:00":   4 * time.Hour,
		"2-0":        48 * time.Hour,
		"2-03:10":    51*time.Hour + 10*time.Minute,
		"2-03:10:05": 51*time.Hour + 10*time.Minute + 5*time.Second,
		"infinite":   time.Duration(Unlimited),
		"UNLIMITED":  time.Duration(Unlimited),
	} {
		got, err := ParseLimit(text)
		if err != nil || got != Limit(want) {
			t.Errorf("ParseLimit(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "0-0", "-5", "1:2:3:4", "1h", "5-", "99999999999999999999", "9999999999", "9999-0", "1\n2"} {
		if got, err := ParseLimit(text); err == nil {
			t.Errorf("ParseLimit(%q) = %v, want an error", text, got)
		}
	}
}

func TestLimitReadsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := Limit(rapid.Int64Range(1, int64(longest/time.Second)).Draw(t, "seconds") * int64(time.Second))
		if got, err := ParseLimit(l.String()); err != nil || got != l {
			t.Fatalf("%d as %q is read as %d, %v", l, l, got, err)
		}
	})
}

func TestParseSubmission(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]JobID{"17\n": "17", "17;blue\n": "17", "17_3": "17_3"} {
		if got, err := ParseSubmission(out); err != nil || got != want {
			t.Errorf("ParseSubmission(%q) = %q, %v, want %q", out, got, err, want)
		}
	}
	for _, out := range []string{"", "Submitted batch job 17", ";blue", "17 18\n19", "-17"} {
		if got, err := ParseSubmission(out); err == nil {
			t.Errorf("ParseSubmission(%q) = %q, want an error", out, got)
		}
	}
}

func TestParseJob(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Job{
		"job_completed.txt": {ID: "9", State: "COMPLETED", Log: "/data/b log-9.txt"},
		"job_pending.txt":   {ID: "2", State: "PENDING", Reason: "PartitionConfig", Log: "/data/a b-2.log"},
		"job_failed.txt":    {ID: "10", State: "FAILED", Reason: "NonZeroExitCode", ExitCode: 2, Log: "/data/c-10.txt"},
	} {
		got, err := ParseJob(recorded(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want)\n%s", name, diff)
		}
		if got.Final() != (want.State != "PENDING") {
			t.Errorf("%s: final is %v", name, got.Final())
		}
	}
	for _, out := range []string{"", "JobId=1", "JobState=RUNNING ExitCode=0:0", "JobId=x JobState=RUNNING ExitCode=0:0", "JobId=1 JobState=RUNNING ExitCode=0"} {
		if got, err := ParseJob(out); err == nil {
			t.Errorf("ParseJob(%q) = %+v, want an error", out, got)
		}
	}
}

// A job may be named like a field of the description.
func TestParseJobIsNotFooledByNames(t *testing.T) {
	t.Parallel()
	out := strings.Replace(recorded(t, "job_failed.txt"), "JobName=foliocast-batch", "JobName=JobState=COMPLETED", 1)
	if got, err := ParseJob(out); err != nil || got.State != "FAILED" {
		t.Errorf("got %+v, %v, want FAILED", got, err)
	}
}

func TestParseNodes(t *testing.T) {
	t.Parallel()
	got, err := ParseNodes(recorded(t, "nodes_drained.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Node{
		{Name: "node1", State: "idle", CPUs: 2, IdleCPUs: 2, Partition: "main", Default: true, Limit: Unlimited},
		{Name: "node2", State: "drained", CPUs: 2, Partition: "main", Default: true, Limit: Unlimited, Reason: "bad disk | x"},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	// The marks are those of the manual page of sinfo, NODE STATE CODES.
	for state, works := range map[string]bool{"idle": true, "mixed-": true, "idle~": true, "allocated+": true,
		"idle*": false, "down*": false, "draining": false, "mixed@": false, "maint": false} {
		nodes, err := ParseNodes("n|" + state + "|4|0/4/0/4|p|1:00:00|none\n")
		if err != nil || len(nodes) != 1 || nodes[0].Works() != works {
			t.Errorf("%s: %+v, %v, want it to work: %v", state, nodes, err, works)
		}
	}
	for _, out := range []string{"n", "n|idle|4", "|idle|4|0/4/0/4|p|1:00|none", "n|idle|x|0/4/0/4|p|1:00|none",
		"n|idle|4|0/4|p|1:00|none", "n|idle|4|0/-4/0/4|p|1:00|none", "n|idle|4|0/4/0/4|p|soon|none"} {
		if got, err := ParseNodes(out); err == nil {
			t.Errorf("ParseNodes(%q) = %+v, want an error", out, got)
		}
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]Version{
		"slurm-wlm 22.05.8\n":               {22, 5, "22.05.8"},
		"slurm 24.11.0-0rc1":                {24, 11, "24.11.0-0rc1"},
		recorded(t, "mpirun_version.txt"):   {4, 1, "4.1.4"},
		"mpirun (Open MPI) 5.0.3\n\nReport": {5, 0, "5.0.3"},
	} {
		if got, err := ParseVersion(out); err != nil || got != want {
			t.Errorf("ParseVersion(%q) = %+v, %v, want %+v", out, got, err, want)
		}
	}
	if got, err := ParseVersion("mpirun: command not found\n1.2"); err == nil {
		t.Errorf("got %+v, want an error", got)
	}
}

func TestParseOpenMPI(t *testing.T) {
	t.Parallel()
	got := ParseComponents(recorded(t, "ompi_info.txt"))
	if diff := cmp.Diff(got["plm"], []string{"isolated", "slurm", "rsh"}); diff != "" {
		t.Errorf("plm (-got +want)\n%s", diff)
	}
	types := ParseMPITypes(recorded(t, "mpi_types.txt"))
	if diff := cmp.Diff(types, []string{"pmix", "none", "cray_shasta", "pmi2"}); diff != "" {
		t.Errorf("types (-got +want)\n%s", diff)
	}
	if got := ParseSettings(recorded(t, "settings.txt"))["KillWait"]; got != "5 sec" {
		t.Errorf("KillWait is %q", got)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	got := ErrorText(recorded(t, "sbatch_refused.txt"))
	want := "invalid partition specified: nope; Batch job submission failed: Invalid partition name specified"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := ErrorText(recorded(t, "ping_down.txt")), "Slurmctld(primary) at vm is DOWN; RESTORE SLURMCTLD DAEMON TO SERVICE"; got != want || !unanswered(got) {
		t.Errorf("got %q, want %q", got, want)
	}
	if unanswered(want) || unanswered(ErrorText(recorded(t, "ping_up.txt"))) {
		t.Error("an answer is taken for none")
	}
}

func TestParseSeenAndProbes(t *testing.T) {
	t.Parallel()
	seen, err := ParseSeen("b|mpirun (Open MPI) 4.1.4|mpicalc version 1\na||sh: 1: x|y: not found\n")
	want := []Seen{{"a", "", "sh: 1: x|y: not found"}, {"b", "mpirun (Open MPI) 4.1.4", "mpicalc version 1"}}
	if diff := cmp.Diff(seen, want); diff != "" || err != nil {
		t.Errorf("%v (-got +want)\n%s", err, diff)
	}
	probes, err := ParseProbes(`{"host":"a","services":[{"service":"queue","url":"u","fault":"away"}]}` + "\n")
	if diff := cmp.Diff(probes, []Probed{{"a", []Reach{{"queue", "u", "away"}}}}); diff != "" || err != nil {
		t.Errorf("%v (-got +want)\n%s", err, diff)
	}
	for _, out := range []string{"", "\n", "nonsense", "{}", "|x|y"} {
		if got, err := ParseSeen(out); err == nil {
			t.Errorf("ParseSeen(%q) = %v, want an error", out, got)
		}
		if got, err := ParseProbes(out); err == nil {
			t.Errorf("ParseProbes(%q) = %v, want an error", out, got)
		}
	}
}

// Whatever a program prints, a parser answers or refuses.
func FuzzParsers(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		f.Add(recorded(f, filepath.Base(name)))
	}
	f.Add("2-03:10:05")
	f.Add("a|b|c")
	f.Fuzz(func(t *testing.T, out string) {
		if j, err := ParseJob(out); err == nil && !idForm.MatchString(string(j.ID)) {
			t.Errorf("a job with the number %q", j.ID)
		}
		if id, err := ParseSubmission(out); err == nil && !idForm.MatchString(string(id)) {
			t.Errorf("a job with the number %q", id)
		}
		if l, err := ParseLimit(out); err == nil && l <= 0 {
			t.Errorf("a limit of %d", l)
		}
		if nodes, err := ParseNodes(out); err == nil {
			for _, n := range nodes {
				if n.CPUs < 0 || n.IdleCPUs < 0 || n.Limit <= 0 {
					t.Errorf("a node %+v", n)
				}
			}
		}
		_, _ = ParseVersion(out)
		_, _ = ParseSeen(out)
		_, _ = ParseProbes(out)
		ParseComponents(out)
		ParseMPITypes(out)
		ParseSettings(out)
		ErrorText(out)
	})
}
