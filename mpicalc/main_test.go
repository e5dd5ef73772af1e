package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/cli"
)

// program is the built mpicalc, made once by TestMain, of version builtVersion.
var program string

const builtVersion = "v1.1.0"

func TestMain(m *testing.M) {
	if run := os.Getenv(asSleeper); run != "" {
		if err := sleeperRank(run); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(asMeter) != "" {
		os.Exit(metered(os.Args[1:]))
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mpicalc")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "mpicalc")
	if out, err := exec.Command("go", "build", "-ldflags", "-X foliocast/internal/cli.version="+builtVersion, "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// outcome is what a command left behind.
type outcome struct {
	code           int
	stdout, stderr string
}

// mpirun runs the program on n ranks; 0 stands for no mpirun at all.
func mpirun(t *testing.T, n int, args ...string) outcome {
	t.Helper()
	command := []string{program}
	if n > 0 {
		command = []string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", strconv.Itoa(n), program}
	}
	return outcomeOf(t, append(command, args...))
}

// outcomeOf runs a command to its end.
func outcomeOf(t *testing.T, args []string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // mpirun then ends its ranks
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended || ctx.Err() != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// succeed is mpirun for a command that must end with 0.
func succeed(t *testing.T, n int, args ...string) outcome {
	t.Helper()
	out := mpirun(t, n, args...)
	if out.code != 0 {
		t.Fatalf("%v on %d ranks ended with %d: %s", args, n, out.code, out.stderr)
	}
	return out
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestABadCommandIsOneSentence(t *testing.T) {
	empty, table := write(t, "empty.csv", ""), write(t, "table.csv", "step,A\n1,20\n2,21\n3,20\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"missing file":   {[]string{"run", "--input", "nowhere.csv"}, "nowhere.csv"},
		"empty file":     {[]string{"run", "--input", empty}, "empty"},
		"no input":       {[]string{"run"}, "--input"},
		"unknown flag":   {[]string{"run", "--bogus"}, "run has no flag --bogus"},
		"horizon 0":      {[]string{"run", "--input", table, "--horizon", "0"}, "--horizon must be 1 to 1000, is 0"},
		"unknown asset":  {[]string{"run", "--input", table, "--assets", "B"}, `no asset "B"`},
		"bad weight":     {[]string{"run", "--input", table, "--weights", "A=much"}, `"much", which is not a number`},
		"bad holdings":   {[]string{"run", "--input", table, "--combine", "value", "--holdings", "A=ten"}, `--holdings: "A" has "ten", which is not a number`},
		"bad scenario":   {[]string{"run", "--input", table, "--scenario", "A=-0.1"}, `--scenario "A=-0.1" is not like crash:DAX=-0.1`},
		"bad shock":      {[]string{"run", "--input", table, "--scenario", "crash:A=ten"}, `--scenario: "A" has "ten", which is not a number`},
		"large shock":    {[]string{"run", "--input", table, "--scenario", "crash:A=-2000"}, "--scenario must be -1000 to 1000, is -2000: -0.1 is a fall by 10 %"},
		"no such shock":  {[]string{"run", "--input", table, "--scenario", "crash:nobody=1"}, "--scenario: scenarios/0/shocks/nobody names an asset that is not in assets"},
		"no benchmark":   {[]string{"run", "--input", table, "--benchmark", "nobody"}, `--benchmark: benchmark must be one of the assets, is "nobody"`},
		"no holdings":    {[]string{"run", "--input", table, "--combine", "value"}, "--holdings must say how many units"},
		"no base":        {[]string{"run", "--input", table, "--currency", "A=EUR", "--rates", table}, "--base must name the currency"},
		"bad patience":   {[]string{"run", "--input", table, "--stale", "soon"}, "--stale must be a duration like 36h"},
		"empty range":    {[]string{"run", "--input", table, "--from", "7"}, "--from"},
		"bad output":     {[]string{"run", "--input", table, "--output", "x.txt"}, "x.txt"},
		"no such folder": {[]string{"run", "--input", table, "--output", "no/such/x.csv"}, "--output no/such/x.csv cannot be created: no such"},
		"empty output":   {[]string{"run", "--input", table, "--output", ""}, "--output must name a file, is empty"},
		"empty weights":  {[]string{"run", "--input", table, "--weights", ""}, "--weights must not be empty"},
		"a proportion":   {[]string{"run", "--input", table, "--levels", "80,0.95"}, "is 0.95: did you mean 95?"},
		"a percentage":   {[]string{"run", "--input", table, "--quantiles", "0.5,90"}, "--quantiles must be a probability above 0 and below 1, is 90: did you mean 0.9?"},
		"NaN":            {[]string{"run", "--input", table, "--quantiles", "NaN"}, "--quantiles must be a probability above 0 and below 1, is NaN"},
		"twice":          {[]string{"run", "--input", table, "--quantiles", "0.5,0.1,0.5"}, "--quantiles names 0.5 twice"},
		"bad point":      {[]string{"run", "--input", table, "--point", "mode"}, `--point must be median or mean, is "mode"`},
		"hidden parts":   {[]string{"run", "--input", table, "--explain"}, "--explain needs --with-assets"},
		"bad model":      {[]string{"run", "--input", table, "--model", "magic"}, "--model must be one of naive"},
	} {
		for _, n := range []int{0, 3} {
			out := mpirun(t, n, c.args...)
			if out.code != 2 || out.stdout != "" || strings.Count(out.stderr, "\n") != 1 || !strings.Contains(out.stderr, c.want) {
				t.Errorf("%s on %d ranks: code %d, stdout %q, stderr %q, want 2 and one sentence with %q",
					name, n, out.code, out.stdout, out.stderr, c.want)
			}
		}
	}
}

func TestABadInputFileIsNamed(t *testing.T) {
	t.Parallel()
	empty, table := write(t, "empty.csv", ""), write(t, "table.csv", "step,A\n1,20\n2,21\n3,20\n")
	dates, same := write(t, "dates.csv", "date,A\n2020-01-01,1\n2020-01-02,2\n"), filepath.Join(t.TempDir(), "same.csv")
	if err := os.Symlink(table, same); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"hourly dates":           {[]string{"run", "--input", dates, "--freq", "H"}, "--freq: H needs times of day"},
		"no such column":         {[]string{"convert", "--input", dates, "--value-column", "y"}, "--value-column: the file has no column"},
		"no such rule":           {[]string{"run", "--input", dates, "--duplicates", "most"}, `--duplicates: "most" is not one of fail`},
		"no such format":         {[]string{"convert", "--input", dates, "--time-format", "unix"}, `--time-format: "unix" is neither a pattern`},
		"no such column to drop": {[]string{"run", "--input", dates, "--drop", "B"}, `--drop: the file has no column "B"`},
		"no such name":           {[]string{"backtest", "--input", dates, "--origins", "1", "--horizon", "1", "--asset-name", "*"}, "--asset-name: "},
		"not a table":            {[]string{"convert", "--input", empty}, empty},
		"input lost":             {[]string{"run", "--input", table, "--output", table}, "is the input itself"},
		"input lost too":         {[]string{"convert", "--input", table, "--output", same}, "is the input itself"},
		"empty output":           {[]string{"convert", "--input", table, "--output", ""}, "--output must name a file, is empty"},
		"no place":               {[]string{"convert", "--input", table, "--output", "no/such/x.csv"}, "--output no/such/x.csv cannot be created"},
	} {
		out := mpirun(t, 0, c.args...)
		if out.code != 2 || out.stdout != "" || strings.Count(out.stderr, "\n") != 1 || !strings.Contains(out.stderr, c.want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q, want 2 and one sentence with %q", name, out.code, out.stdout, out.stderr, c.want)
		}
	}
}

// What cannot be written is a failure, and not a fault of the command line.
func TestAFullDiskIsAFailure(t *testing.T) {
	t.Parallel()
	table := write(t, "table.csv", "step,A\n1,20\n2,21\n3,20\n")
	full := filepath.Join(t.TempDir(), "full.csv")
	if err := os.Symlink("/dev/full", full); err != nil {
		t.Fatal(err)
	}
	out := mpirun(t, 0, "convert", "--input", table, "--output", full)
	if want := "mpicalc: --output " + full + " cannot be written: no space left on device\n"; out.code != cli.Failed || out.stderr != want {
		t.Errorf("code %d, stderr %q, want 1 and %q", out.code, out.stderr, want)
	}
	for _, args := range [][]string{{"convert", "--input", table}, {"convert", "--input", table, "--json"}, {"models"}, {"run", "--input", table}} {
		stdout, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, args...)
		cmd.Stdout = stdout
		err = cmd.Run()
		stdout.Close()
		if code := cmd.ProcessState.ExitCode(); code != cli.Failed {
			t.Errorf("%v on a full standard output: %v, want code 1", args, err)
		}
	}
}

func TestDefaultsAreShownAsTheyAreTyped(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{"backtest": "in percent (default 80,95)\n", "run": "none when absent\n"} {
		if out := mpirun(t, 0, command, "--help"); out.code != 0 || !strings.Contains(out.stdout, want) {
			t.Errorf("%s --help: code %d, want %q in\n%s", command, out.code, want, out.stdout)
		}
	}
}

// SIGTERM is what mpirun sends its ranks when it is stopped, and when one of them dies.
func TestStoppedRunLeavesNoOutput(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("unique_id,step,y\n")
	for i := range 2500 {
		for k := range 400 {
			fmt.Fprintf(&text, "%d,%d,%d\n", i, k, 100+k/4+(k*k*(i+7))%23) // seconds of work
		}
	}
	input, dir := write(t, "long.csv", text.String()), t.TempDir()
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP) // the program would inherit that it is ignored, as under nohup
	defer signal.Stop(caught)
	for name, s := range map[string]os.Signal{"interrupt": os.Interrupt, "terminate": syscall.SIGTERM, "hang up": syscall.SIGHUP} {
		cmd := exec.Command(program, "run", "--input", input, "--horizon", "300", "--levels", "80", "--output", filepath.Join(dir, "out.csv"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		left := func() []string { all, _ := filepath.Glob(filepath.Join(dir, ".*")); return all }
		for deadline := time.Now().Add(time.Minute); len(left()) == 0 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Errorf("%s: %v, want the end by the signal", name, err)
		}
		if len(left()) > 0 {
			t.Errorf("%s left behind: %v", name, left())
		}
	}
}

func TestFailuresLeaveNoOutput(t *testing.T) {
	table := write(t, "table.csv", "date,A,B\n2020-01-01,1,1\n2020-02-01,2,\n2020-03-01,2,\n2020-04-01,2,\n2020-05-01,2,\n2020-06-01,2,\n")
	output := filepath.Join(t.TempDir(), "out.csv")
	out := mpirun(t, 2, "run", "--input", table, "--on-error", "fail", "--output", output)
	if out.code == 0 || !strings.Contains(out.stderr, `asset "B" ends at 2020-01-01`) {
		t.Errorf("code %d, stderr %q, want a failure that names B", out.code, out.stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(output), "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
