package slurm

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/hostfiles"
)

const small = `#!/bin/bash
# Says hello.
#SBATCH --job-name=small
#SBATCH --ntasks=4
set -eu

echo "$@"
`

func ExampleScript() {
	ask := Ask{Ranks: 16, Limit: Limit(4 * time.Hour), Log: "my log-%j.txt"}
	script, err := Script(small, ask, []Setting{{"MPICALC", "/opt/bin/mpicalc"}}, []string{"in.csv", "it's"})
	if err != nil {
		panic(err)
	}
	fmt.Print(script)
	// Output:
	// #!/bin/bash
	// # Says hello.
	// #SBATCH --job-name=small
	// #SBATCH --ntasks=16
	// #SBATCH --time=04:00:00
	// #SBATCH --output="my log-%j.txt"
	//
	// # Written by foliocast slurm submit.
	// export MPICALC='/opt/bin/mpicalc'
	// set -- 'in.csv' 'it'\''s'
	//
	// set -eu
	//
	// echo "$@"
}

func TestScriptOfNothingIsTheFile(t *testing.T) {
	t.Parallel()
	for _, file := range []string{hostfiles.Batch, hostfiles.Pilot} {
		script, err := Script(file, Ask{}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		// Except for the empty line after the #SBATCH lines.
		if diff := cmp.Diff(nonEmpty(script), nonEmpty(file)); diff != "" {
			t.Errorf("(-script +file)\n%s", diff)
		}
	}
}

func nonEmpty(script string) []string {
	return slices.DeleteFunc(strings.Split(script, "\n"), func(l string) bool { return l == "" })
}

func TestTheFilesAreShell(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"batch": hostfiles.Batch, "pilot": hostfiles.Pilot} {
		script, err := Script(file, Ask{Nodes: 2, More: []string{"--exclusive"}}, []Setting{{"A", "b c"}}, []string{"x"})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("bash", "-n")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// Whatever the words are, the shell reads them back, and nothing else happens.
func TestScriptCarriesEveryWord(t *testing.T) {
	t.Parallel()
	template := strings.Replace(small, `echo "$@"`, `printf '%s\0' "$A" "$@"`, 1)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("a '\"\\$`\n;&|<>*é")), 0, 12, -1)
		value, args := word.Draw(t, "value"), rapid.SliceOfN(word, 1, 3).Draw(t, "args")
		script, err := Script(template, Ask{}, []Setting{{"A", value}}, args)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("bash")
		cmd.Stdin, cmd.Dir = strings.NewReader(script), os.TempDir()
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		want := append([]string{value}, args...)
		if diff := cmp.Diff(strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), want); diff != "" {
			t.Fatalf("(-got +want)\n%s", diff)
		}
	})
}

func TestValidateNamesEveryFault(t *testing.T) {
	t.Parallel()
	ask := Ask{Nodes: 5, Ranks: 4, Limit: Limit(time.Minute), Warning: 2 * time.Minute, Partition: "a\n#SBATCH --wrap", Log: `a"b`,
		More: []string{"--ntasks=9", "--wrap=ls", "-n9", "--gres=a b", "--mail-type=x'y"}}
	_, err := Script(small, ask, nil, []string{"a\x00b"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"--nodes 5", "--warning 2m0s", "--partition must not contain", "--output must not contain", "--mail-type must not contain",
		`"--ntasks=9": foliocast has`, `"--wrap=ls" conflicts`, `not "-n9"`, "zero byte"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 9 {
		t.Errorf("%d faults, want 9:\n%v", n, err)
	}
	for _, bad := range []Ask{{Nodes: -1}, {Ranks: -1}, {Limit: -1}, {Warning: time.Millisecond}, {Warning: 20 * time.Hour}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func TestMergeReplacesAndTurnsOff(t *testing.T) {
	t.Parallel()
	script, err := Script(hostfiles.Pilot, Ask{Warning: time.Minute, More: []string{"--no-requeue", "--mem=4G"}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n#SBATCH --signal=B:USR1@60\n", "\n#SBATCH --no-requeue\n", "\n#SBATCH --mem=4G\n"} {
		if !strings.Contains(script, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, gone := range []string{"#SBATCH --requeue", "@120"} {
		if strings.Contains(script, gone) {
			t.Errorf("%q is still there", gone)
		}
	}
}

func TestScriptRefusesWhatIsNoTemplate(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"", "echo", "#!/bin/bash\n#SBATCH --ntasks=1"} {
		if got, err := Script(template, Ask{}, nil, nil); err == nil {
			t.Errorf("Script(%q) = %q, want an error", template, got)
		}
	}
}

func TestEnvironmentDoesNotOverrule(t *testing.T) {
	t.Parallel()
	environ := []string{"PATH=/bin", "SBATCH_TIMELIMIT=5", "SBATCH_PARTITION=other", "SBATCH_ACCOUNT=mine", "SBATCH_MEM_PER_NODE=1G", "SBATCH_EXPORT=NONE", "SECRET=x"}
	got := Environment(environ, Ask{Limit: Limit(time.Hour), Partition: "main", More: []string{"--mem=4G"}}, "SECRET")
	if diff := cmp.Diff(got, []string{"PATH=/bin", "SBATCH_ACCOUNT=mine"}); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	if len(environ) != 7 || environ[1] != "SBATCH_TIMELIMIT=5" {
		t.Error("the caller's environment was changed")
	}
}
