package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// broken is a build of a program with a mechanism taken out.
type broken struct {
	name    string
	program string
	edits   map[string][2]string // by file: what is replaced by what
	faults  []string             // that show it, one after the other
	want    []string             // each in a violation
}

func brokenBuilds() []broken {
	return []broken{
		{
			name: "without fencing", program: "queue",
			edits: map[string][2]string{
				"queue/store/settle.go": {"if c.Token != h.Token {\n\t\treturn message.Stale, nil\n\t}\n\tif h.Settled >= c.Token {", "if false {"},
				"queue/store/lease.go":  {"h.Token != b.Token ||", ""},
				// The statement for whole results compares tokens itself.
				"queue/store/complete.go": {`if slices.ContainsFunc(all, func(c message.Completion) bool { return c.Result == nil || c.Parts > 0 || c.Error != "" }) {`, "if true {"},
			},
			faults: slices.Repeat([]string{"all leases expire", "suspend rank 0"}, 5),
			want:   []string{"after it had given token", "the model has no order"},
		},
		{
			name: "without the relay's doubt", program: "frontend",
			edits: map[string][2]string{
				"frontend/relay/relay.go": {"func declined(err error) bool {", "func declined(err error) bool {\n\tif err != nil {\n\t\treturn true\n\t}"},
			},
			faults: slices.Repeat([]string{"lost answers: data service to queue"}, 6),
			want:   []string{"mpicalc run"},
		},
	}
}

// build builds the program with its edits in place of the files of the tree.
func (b broken) build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, edit := range b.edits {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), edit[0]) != 1 {
			t.Fatalf("%s does not have %q once: see what the mechanism is now", name, edit[0])
		}
		changed := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		writeFile(t, changed, strings.Replace(string(text), edit[0], edit[1], 1))
		overlay.Replace[filepath.Join(root, name)] = changed
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "overlay.json"), string(text))
	// Programs under foliocast up must all say the same version.
	version, err := exec.Command(program(t, "foliocast"), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(version))
	cmd := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-ldflags", "-X foliocast/internal/cli.version="+fields[len(fields)-1],
		"-o", filepath.Join(dir, b.program), "./cmd/"+b.program)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s %s: %v\n%s", b.program, b.name, err, out)
	}
	return filepath.Join(dir, b.program)
}

// mustFail runs chaos on the broken build: the checker must find what is missing.
func (b broken) mustFail(t *testing.T) {
	r := &chaosRun{seed: 1, jobs: 40 * len(b.faults), programs: map[string]string{b.program: b.build(t)}, slow: 3}
	for _, name := range b.faults {
		all := faults()
		r.faults = append(r.faults, all[slices.IndexFunc(all, func(f fault) bool { return f.name == name })])
	}
	r.want = func(t *testing.T, violations []string) {
		t.Logf("%d violations", len(violations))
		for _, want := range b.want {
			i := slices.IndexFunc(violations, func(v string) bool { return strings.Contains(v, want) })
			if i < 0 {
				t.Errorf("nothing with %q was found, though the build is %s: %q", want, b.name, violations[:min(len(violations), 10)])
				continue
			}
			t.Log(violations[i])
		}
	}
	r.run(t)
}
