package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// shellPage runs docs/NAME.md line by line in a folder, and returns what it printed.
func shellPage(t *testing.T, name, folder string, here *strings.Replacer, environment ...string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", here.Replace(codeBlocks(string(page), "sh")))
	bin := filepath.Dir(program(t, "mpicalc"))
	cmd.Dir, cmd.Env = folder, append(append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH")), environment...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("docs/%s.md: %v\n%s", name, err, out)
	}
	return string(out)
}

// smallPrices are two series that are forecast in a moment.
const smallPrices = "ds,DAX,FTSE\n2024-01-01,10,20\n2024-01-02,11,21\n2024-01-03,12,20\n2024-01-04,11,22\n2024-01-05,13,21\n2024-01-06,12,22\n2024-01-07,14,23\n2024-01-08,13,22\n2024-01-09,14,24\n2024-01-10,15,23\n" +
	"2024-01-11,14,24\n2024-01-12,16,25\n2024-01-13,15,24\n2024-01-14,17,26\n2024-01-15,16,25\n2024-01-16,17,27\n2024-01-17,18,26\n2024-01-18,17,27\n2024-01-19,19,28\n2024-01-20,18,27\n"

func TestPageOfMpirun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "prices.csv"), smallPrices)
	out := shellPage(t, "mpirun", dir, strings.NewReplacer("--bind-to none", "--bind-to none --oversubscribe"), openMPI()...)
	if !strings.Contains(out, "unique_id,ds,model,mean,lo-80") {
		t.Errorf("it does not show the head of the table:\n%s", out)
	}
	for _, name := range []string{"forecasts.parquet", "page.html", "portfolio.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPageOfSlurm(t *testing.T) {
	t.Parallel()
	s := startSlurm(t, 1)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "prices.csv"), smallPrices)
	hostfiles, err := filepath.Abs("../../hostfiles")
	if err == nil {
		err = os.Symlink(hostfiles, filepath.Join(dir, "hostfiles"))
	}
	if err != nil {
		t.Fatal(err)
	}
	out := shellPage(t, "slurm", dir, strings.NewReplacer(), append(openMPI(), "SLURM_CONF="+s.conf(), "MPICALC="+program(t, "mpicalc"))...)
	if !strings.Contains(out, "unique_id,ds,model,mean") {
		t.Errorf("it does not show the head of the table:\n%s", out)
	}
}

// The tutorial works from its first line to its last, and leaves nothing running.
func TestTutorial(t *testing.T) {
	t.Parallel()
	dir, home := t.TempDir(), t.TempDir()
	docs, err := filepath.Abs("../../docs")
	if err == nil {
		err = os.Symlink(docs, filepath.Join(dir, "docs"))
	}
	if err != nil {
		t.Fatal(err)
	}
	base := strconv.Itoa(freePorts(t, 4)[0])
	here := strings.NewReplacer("foliocast up --state ./state", "foliocast up --port-base "+base+" --state ./state", "--bind-to none", "--bind-to none --oversubscribe")
	t.Cleanup(func() { // after a failure in the middle
		down := exec.Command(program(t, "foliocast"), "down", "--state", filepath.Join(dir, "state"))
		down.Env = append(os.Environ(), "HOME="+home)
		_ = down.Run()
	})
	out := shellPage(t, "tutorial", dir, here, append(openMPI(), "HOME="+home, "XDG_CONFIG_HOME=")...)
	for _, want := range []string{"integer steps of 1", "naive", "evening", "COMPONENT"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not show %q:\n%s", want, out)
		}
	}
	for _, name := range []string{"forecasts.csv", "portfolio.json", "holdings.csv", "report.html"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if pids, _ := filepath.Glob(filepath.Join(dir, "state", "*.pid")); len(pids) > 0 {
		t.Errorf("it leaves %q", pids)
	}
}

// fromCron runs the page about cron in a home of its own.
func (c *cluster) fromCron(t *testing.T) {
	home := t.TempDir()
	writeFile(t, filepath.Join(home, "prices.csv"), smallPrices)
	here := strings.NewReplacer("FOLIOCAST_URL=http://127.0.0.1:8080", "FOLIOCAST_STATE="+c.state)
	login := exec.Command(program(t, "foliocast"), "login", "--state", c.state)
	login.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=")
	if out, err := login.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	shellPage(t, "cron", home, here, "HOME="+home, "XDG_CONFIG_HOME=")
	text, err := os.ReadFile(filepath.Join(home, "forecast.json"))
	if err != nil {
		t.Fatal(err)
	}
	var answer any
	if err := json.Unmarshal(text, &answer); err != nil || !strings.Contains(string(text), "DAX") {
		t.Errorf("the forecast is %.300s: %v", text, err)
	}
	if info, err := os.Stat(filepath.Join(home, "foliocast.token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file: %v, %v", info.Mode(), err)
	}
}
