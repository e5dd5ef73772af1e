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
	c.page(t, "python", pythonChecks, func(dir, path string) *exec.Cmd { return pythonIn(t, dir, path) })
}

// fromR runs the page about R.
func (c *cluster) fromR(t *testing.T) {
	c.page(t, "r", rChecks, func(dir, path string) *exec.Cmd { return rIn(t, dir, path) })
}

// rIn is a program in R that begins in a folder.
func rIn(t testing.TB, dir string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	cmd := exec.CommandContext(ctx, "Rscript", append([]string{"--vanilla"}, args...)...)
	cmd.Dir, cmd.Env = dir, os.Environ()
	return cmd
}

// codeBlocks finds the blocks of a page in a language.
func codeBlocks(page, language string) string {
	var all []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, "\n")
}

// page runs docs/LANGUAGE.md line by line: what it types in a shell, and what it writes in the language, with the client that the service
// hands out. The checks follow, in the same program: what the lines make is what the page says.
func (c *cluster) page(t *testing.T, language, checks string, program func(dir, path string) *exec.Cmd) {
	page, err := os.ReadFile("../../docs/" + language + ".md")
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
	path := filepath.Join(dir, "page."+language)
	if err := os.WriteFile(path, []byte(here.Replace(codeBlocks(string(page), language))+checks), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program(dir, path)
	cmd.Env = append(cmd.Env, "FOLIOCAST_TOKEN="+c.personalToken(t, "page "+language, "jobs:write", "jobs:read", "datasets:write", "datasets:read"))
	if text, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(text), "\nthe page is right\n") {
		t.Errorf("%v: %s", err, text)
	}
}

// personalToken makes a personal access token with some rights.
func (c *cluster) personalToken(t *testing.T, name string, scopes ...string) string {
	t.Helper()
	var made struct{ Token string }
	if err := c.callAs(t.Context(), c.token, c.run.url("authsvc"), "POST", "/v1/tokens", map[string]any{"name": name, "scopes": scopes}, &made); err != nil {
		t.Fatal(err)
	}
	return made.Token
}

// pythonChecks are about the variables of docs/python.md.
const pythonChecks = `
assert list(forecast.columns) == ["unique_id", "ds", "model", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "members"]
assert forecast["unique_id"].tolist() == ["DAX"] * 5 + ["FTSE"] * 5 + ["all"] * 5
assert forecast["ds"].tolist() == list(pd.bdate_range("2024-12-16", periods=5)) * 3
whole, dax, ftse = (forecast[forecast["unique_id"] == name]["mean"].to_numpy() for name in ("all", "DAX", "FTSE"))
assert np.allclose(whole, 10 * dax + 50 * ftse) and (forecast["lo-95"] < forecast["lo-80"]).all() and (forecast["hi-80"] > forecast["mean"]).all()
assert sold["shop"].isna().sum() == 24 and sold["hour"].iloc[0] == pd.Timestamp("2024-04-01 13:00", tz="Europe/Berlin"), sold
assert np.allclose(with_promo["mean"][:7], [25 if k % 7 == 5 else 20 for k in range(60, 67)], atol=0.5), with_promo
assert list(risk.columns) == ["ds", "base", "volatility", "loss_probability", "var-95", "es-95", "var-99", "es-99"] and (risk["es-99"] > risk["var-99"]).all()
assert scores["model"].tolist()[:3] == ["auto", "naive", "theta"]
assert len(table) == 10 and answer["state"] == "done" and parquet[:4] == b"PAR1" and late.state == "cancelled" and version["name"] == "indices"
print("the page is right")
`

// rChecks are about those of docs/r.md. R's time series of air passengers ends with December 1960.
const rChecks = `
near <- function(a, b, by = 1e-8) all(abs(a - b) <= by * abs(b))
stopifnot(identical(names(forecast), c("unique_id", "ds", "model", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "members")))
stopifnot(identical(forecast$unique_id, rep(c("DAX", "FTSE", "all"), each = 5)), identical(forecast$ds, rep(as.Date("2024-09-07") + 0:4, 3)))
stopifnot(near(forecast$mean[11:15], 10 * forecast$mean[1:5] + 50 * forecast$mean[6:10]), forecast$"lo-95" < forecast$"lo-80", forecast$"hi-80" > forecast$mean)
stopifnot(nrow(air) == 24, air$ds[1] == as.Date("1961-01-01"), air$ds[12] == as.Date("1961-12-01"), air$mean > 300)
stopifnot(identical(names(hours)[1:2], c("shop", "hour")), format(hours$hour[1], "%Y-%m-%d %H:%M %Z") == "2024-04-01 13:00 CEST", sum(is.na(hours$shop)) == 24)
stopifnot(identical(names(risk), c("ds", "base", "volatility", "loss_probability", "var-95", "es-95", "var-99", "es-99")), risk$"es-99" > risk$"var-99")
stopifnot(scores$model[1:3] == c("auto", "naive", "theta"), version$name == "prices-r", version$audit$appended_to == version$version - 1, version$audit$to == "2024-09-07", nrow(table) == 10, answer$state == "done", late$state == "cancelled")
stopifnot(rawToChar(parquet[1:4]) == "PAR1", grepl("/horizon: must be at least 1", conditionMessage(problem)), problem$status == 422)
cat("\nthe page is right\n")
`

// A program in Python forecasts on and on while every part is killed, one after the other, and notices nothing: each table has its
// own numbers, and each forecast was one job. So does one in R.
func TestProgramsOutliveRestarts(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2, "FOLIOCAST_LEASE=3s")
	c.outlives(t, pythonIn(t, clientFolder(t), "testdata/restarts.py", c.state, "20"),
		map[string]string{"2": "authsvc", "5": "queue", "8": "frontend", "11": "rank 1", "14": "postgres", "17": "frontend", "18": "authsvc"})
	c.outlives(t, rIn(t, ".", "testdata/restarts.R", c.state, "8"), map[string]string{"1": "authsvc", "3": "frontend", "5": "postgres", "6": "queue"})
}

// outlives runs a program, and kills a part after certain lines that it prints. The last must be "ok".
func (c *cluster) outlives(t *testing.T, cmd *exec.Cmd, victims map[string]string) {
	t.Helper()
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
