package e2e

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// pythonIn is a program in Python that finds the client in a folder. It is that of the system, which has pandas.
func pythonIn(t testing.TB, folder string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", args...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+folder, "PYTHONDONTWRITEBYTECODE=1", "PYTHONWARNINGS=error")
	return cmd
}

// clientFolder is where the client is.
func clientFolder(t testing.TB) string {
	t.Helper()
	folder, err := filepath.Abs("../../clients/python")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// fromPython has a program in Python forecast tables of each form and kind of time, and runs the page about it.
func (c *cluster) fromPython(t *testing.T) {
	if text, err := pythonIn(t, clientFolder(t), "testdata/forms.py", c.state).CombinedOutput(); err != nil || string(text) != "ok\n" {
		t.Errorf("%v: %s", err, text)
	}
	c.pageInPython(t)
}

// codeBlocks finds the blocks of a page in a language.
func codeBlocks(page, language string) string {
	var all []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, "\n")
}

// pageInPython runs docs/python.md line by line: what it types in a shell, and what it writes in Python, with the client that the service
// hands out. What the first lines make is what the page says.
func (c *cluster) pageInPython(t *testing.T) {
	page, err := os.ReadFile("../../docs/python.md")
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("http://127.0.0.1:8080", c.run.url("frontend"))
	dir := t.TempDir()
	shell := exec.Command("sh", "-e", "-c", here.Replace(codeBlocks(string(page), "sh")))
	shell.Dir = dir
	if text, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	script := here.Replace(codeBlocks(string(page), "python")) + `
assert list(forecast.columns) == ["unique_id", "ds", "model", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "members"]
assert forecast["unique_id"].tolist() == ["DAX"] * 5 + ["FTSE"] * 5 + ["all"] * 5
assert forecast["ds"].tolist() == list(pd.bdate_range("2024-12-16", periods=5)) * 3
whole, dax, ftse = (forecast[forecast["unique_id"] == name]["mean"].to_numpy() for name in ("all", "DAX", "FTSE"))
assert np.allclose(whole, 10 * dax + 50 * ftse) and (forecast["lo-95"] < forecast["lo-80"]).all() and (forecast["hi-80"] > forecast["mean"]).all()
assert sold["shop"].isna().sum() == 24 and sold["hour"].iloc[0] == pd.Timestamp("2024-04-01 13:00", tz="Europe/Berlin"), sold
assert np.allclose(with_promo["mean"][:7], [25 if k % 7 == 5 else 20 for k in range(60, 67)], atol=0.5), with_promo
assert list(risk.columns) == ["ds", "base", "volatility", "loss_probability", "var-95", "es-95", "var-99", "es-99"] and (risk["es-99"] > risk["var-99"]).all()
assert scores["model"].tolist()[:3] == ["auto", "naive", "theta"]
assert len(table) == 10 and answer["state"] == "done" and parquet[:4] == b"PAR1" and late.state == "cancelled" and version["name"] == "prices"
print("the page is right")
`
	path := filepath.Join(dir, "page.py")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := pythonIn(t, dir, path)
	cmd.Env = append(cmd.Env, "FOLIOCAST_TOKEN="+c.token)
	if text, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(text), "\nthe page is right\n") {
		t.Errorf("%v: %s", err, text)
	}
}

// A program in Python forecasts on and on while every part is killed, one after the other, and notices nothing: each table has its
// own numbers, and each forecast was one job.
func TestPythonOutlivesRestarts(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2, "FOLIOCAST_LEASE=3s")
	victims := map[string]string{"2": "authsvc", "5": "queue", "8": "frontend", "11": "rank 1", "14": "postgres", "17": "frontend", "18": "authsvc"}
	cmd := pythonIn(t, clientFolder(t), "testdata/restarts.py", c.state, "20")
	var errText strings.Builder
	cmd.Stderr = &errText
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last = lines.Text()
		if victim := victims[last]; victim != "" {
			c.kill(t, victim)
		}
	}
	if err := cmd.Wait(); err != nil || last != "ok" {
		t.Errorf("after round %s: %v\n%s", last, err, errText.String())
	}
}

// BenchmarkPython measures a table of 10,000 series of 100 values, from the DataFrame to the DataFrame, with every service and a world
// of two ranks on this machine.
func BenchmarkPython(b *testing.B) {
	c := startCluster(b, 2)
	seconds, round := 0.0, 0
	for b.Loop() {
		round++
		text, err := pythonIn(b, clientFolder(b), "testdata/many.py", c.state, "10000", strconv.Itoa(round)).CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		var took float64
		if _, err := fmt.Sscan(string(text), &took); err != nil {
			b.Fatal(err)
		}
		seconds += took
	}
	b.ReportMetric(seconds/float64(b.N), "s/table")
}
