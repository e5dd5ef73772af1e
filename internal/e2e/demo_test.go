package e2e

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// redraw in the environment makes TestDemo write the README's pictures, in place of comparing them.
const redraw = "FOLIOCAST_REDRAW"

// The demonstration draws two portfolios, as the README shows them, from any directory, and leaves nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	temporary, pictures := t.TempDir(), t.TempDir()
	out := runIn(t, temporary, "demo", "--pictures", pictures)
	for _, want := range []string{"eustockmarkets: four stock indices", "the portfolio", "⠤", "░", "Nothing is much better than the last value", "The risk is the news: after 20 steps",
		"unemployed: the unemployed of five industries", "The seasons come back", pictures + "/unemployed.svg"} {
		if !strings.Contains(out, want) {
			t.Errorf("the demonstration lacks %q: %s", want, out)
		}
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	for _, name := range []string{"eustockmarkets.svg", "unemployed.svg"} {
		drawn, err := os.ReadFile(filepath.Join(pictures, name))
		if err != nil {
			t.Fatal(err)
		}
		shown := filepath.Join("../../docs", name)
		if os.Getenv(redraw) != "" {
			if err := os.WriteFile(shown, drawn, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(shown); err != nil || !bytes.Equal(drawn, want) {
			t.Errorf("%s is not what the demonstration draws (%v): look at the difference, and draw it again with %s=yes", shown, err, redraw)
		}
	}
}

// With --keep the system goes on, and the command says where, and how to stop it.
func TestDemoIsKept(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	t.Cleanup(func() { runIn(t, t.TempDir(), "down", "--state-dir", state) })
	out := runIn(t, t.TempDir(), "demo", "--keep", "--state-dir", state)
	console := regexp.MustCompile(`web console is at (http://127\.0\.0\.1:\d+/)\n`).FindStringSubmatch(out)
	if console == nil || !strings.Contains(out, "Stop it:          foliocast down --state "+state+"\n") {
		t.Fatalf("it does not say how to go on: %s", out)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, console[1]+"sign-in", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the console answers %s", answer.Status)
	}
	home := t.TempDir()
	runIn(t, home, "login", "--state-dir", state)
	if jobs := runIn(t, home, "job", "list", "-o", "csv"); strings.Count(jobs, ",done,1,") != 2 {
		t.Errorf("the jobs are %s", jobs)
	}
}

// runIn runs foliocast in a directory that is its home, too, and where it has its temporary files.
func runIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t, "foliocast"), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(openMPI(), "TMPDIR="+dir, "HOME="+dir, "XDG_CONFIG_HOME="+dir)...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("foliocast %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}
