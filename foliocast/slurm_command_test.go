package foliocast

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/foliocast/slurm"
)

// What needs a Slurm is tested against a real one, in internal/e2e. These tests
// are about what is decided before.

// submitter is a person with a file to forecast and an account for a pilot.
func submitter(t *testing.T) (p *person, input, account string) {
	t.Helper()
	p = newPerson(t, newScript(t, map[string]http.HandlerFunc{}))
	p.env["MPICALC"] = "/opt/mpi calc"
	input = filepath.Join(t.TempDir(), "prices.csv")
	account = filepath.Join(t.TempDir(), "pilot.json")
	for path, text := range map[string]string{input: "step,A\n1,1\n", account: `{"client_id":"pilot","client_secret":"very secret"}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p, input, account
}

func TestSlurmBatchScript(t *testing.T) {
	t.Parallel()
	p, input, _ := submitter(t)
	r := p.types("", "slurm", "submit", "batch", input, "out.csv", "--ntasks", "16", "--time", "1-12", "--sbatch=--mem=4G", "--dry-run",
		"--", "--model", "auto", "--levels", "80,95")
	for _, want := range []string{"#!/bin/bash\n", "#SBATCH --ntasks=16\n", "#SBATCH --time=1-12:00:00\n", "#SBATCH --mem=4G\n",
		"export MPICALC='/opt/mpi calc'\n", "set -- '" + input + "' 'out.csv' '--model' 'auto' '--levels' '80,95'\n", "exec mpirun "} {
		r.check(t, exitOK, want, "")
	}
	var answer struct{ Script string }
	as := p.types("", "--json", "slurm", "submit", "batch", input, "out.csv", "--dry-run")
	if err := json.Unmarshal([]byte(as.out), &answer); err != nil || !strings.HasPrefix(answer.Script, "#!/bin/bash\n") {
		t.Errorf("%v in %s", err, as.out)
	}
	elsewhere := filepath.Join(t.TempDir(), "missing.csv")
	p.types("", "slurm", "submit", "batch", elsewhere, "out.csv", "--elsewhere", "--dry-run").check(t, exitOK, "'"+elsewhere+"'", "")
}

func TestSlurmPilotScript(t *testing.T) {
	t.Parallel()
	p, _, account := submitter(t)
	url := p.env["FOLIOCAST_QUEUE_URL"]
	pilot := []string{"slurm", "submit", "pilot", "--dry-run"}
	r := p.types("", append(pilot, "--client-file", account, "--warning", "3m", "--once", "--idle-timeout", "10m", "--", "--queues", "a")...)
	for _, want := range []string{"#SBATCH --signal=B:USR1@180\n", "#SBATCH --no-requeue\n", "export FOLIOCAST_QUEUE_URL='" + url + "'\n",
		"export FOLIOCAST_CLIENT_FILE='" + account + "'\n", "set -- '--idle-timeout' '10m0s' '--queues' 'a'\n"} {
		r.check(t, exitOK, want, "")
	}
	if strings.Contains(r.out, "very secret") {
		t.Error("the script holds the secret")
	}
	// An account in the environment is not written down.
	p.env["FOLIOCAST_CLIENT_ID"], p.env["FOLIOCAST_CLIENT_SECRET"] = "pilot", "very secret"
	if r := p.types("", pilot...); r.code != exitOK || strings.Contains(r.out, "very secret") || strings.Contains(r.out, "export FOLIOCAST_CLIENT") {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
}

func TestSlurmRefusesBadInput(t *testing.T) {
	t.Parallel()
	p, input, account := submitter(t)
	if err := os.Chmod(account, 0o644); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing.csv")
	for want, args := range map[string][]string{
		"name the input and the output":          {"submit", "batch", input},
		"put the flags of mpicalc run after --":  {"submit", "batch", input, "out.csv", "third"},
		"is not a file here: use --elsewhere":    {"submit", "batch", missing, "out.csv"},
		"is both input and output":               {"submit", "batch", input, input},
		"out.xls must end with one of .csv":      {"submit", "batch", input, "out.xls"},
		`--time "soon" is not a time`:            {"submit", "batch", input, "out.csv", "--time", "soon"},
		"--ntasks must be 1 to":                  {"submit", "batch", input, "out.csv", "--ntasks", "-1"},
		"--nodes 3 is more than --ntasks 2":      {"submit", "batch", input, "out.csv", "--nodes", "3", "--ntasks", "2"},
		"slurm submit batch has no flag --bogus": {"submit", "batch", input, "out.csv", "--bogus"},
		"foliocast has a flag of its own":        {"submit", "pilot", "--client-file", input, "--sbatch=--time=5"},
		"the pilot needs an account":             {"submit", "pilot"},
		"must be a file that only you can read":  {"submit", "pilot", "--client-file", account},
		"is not before the end of --time":        {"submit", "pilot", "--client-file", input, "--time", "2", "--warning", "5m"},
		"--idle-timeout must be positive":        {"submit", "pilot", "--client-file", input, "--idle-timeout", "-1s"},
		"after --":                               {"submit", "pilot", "word"},
		"nothing runs in " + missing:             {"submit", "pilot", "--client-file", input, "--state", missing},
		`but was given "other"`:                  {"doctor", "other"},
		"--max must be 1 to":                     {"scale", "--client-file", input, "--max", "0"},
		"--max-cores 3 is too few":               {"scale", "--client-file", input, "--max-cores", "3"},
		"--every must be at least 1s":            {"scale", "--client-file", input, "--every", "1ms"},
		"--job-name must be letters":             {"scale", "--client-file", input, "--job-name", "a,b"},
		"scale has --array":                      {"scale", "--client-file", input, "--sbatch=--array=1-3"},
		"give --queues before --":                {"scale", "--client-file", input, "--", "--queues", "a"},
		"no arrays of heterogeneous jobs":        {"scale", "--client-file", input, "--array", "--component", "ntasks=2"},
		"--component \"time=5\"":                 {"submit", "pilot", "--client-file", input, "--component", "time=5"},
		"--warning must be whole seconds":        {"doctor", "--warning", "-5s"},
	} {
		p.types("", append([]string{"slurm"}, args...)...).check(t, exitUsage, "", want)
	}
}

func TestSlurmProbe(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{"GET /healthz": answer(http.StatusOK, nil)})
	p := newPerson(t, s)
	r := p.types("", "slurm", "probe", "queue", s.url, "frontend", "http://127.0.0.1:1")
	probed, err := slurm.ParseProbes(r.out)
	if err != nil || len(probed) != 1 || len(probed[0].Services) != 2 || probed[0].Services[0].Fault != "" || probed[0].Services[1].Fault == "" {
		t.Errorf("%+v, %v, want the first to answer and the second not", probed, err)
	}
	p.types("", "slurm", "probe", "queue").check(t, exitUsage, "", "each service needs an address")
}

// The findings are on standard output, and with --json the error is on standard
// error.
func TestTheDoctorsFaultsAreAnError(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		var out, errs bytes.Buffer
		a := &app{out: &out, err: &errs, json: asJSON}
		err := a.showFindings([]slurm.Finding{{Check: "slurm", Status: slurm.Fault, Found: "sbatch is not on PATH.", Advice: "Install it."}})
		a.explain(err)
		want := ""
		if asJSON {
			want = `{"title":"something failed that is not the caller's fault","detail":"the doctor found faults","exit_code":1}` + "\n"
		}
		if exitCode(err) != exitFailure || errs.String() != want || !strings.Contains(out.String(), "not on PATH") {
			t.Errorf("exit code %d, stdout %q, stderr %q, want %q", exitCode(err), out.String(), errs.String(), want)
		}
	}
}
