package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// project loads a Compose file by the rules of the specification.
func project(t *testing.T, path string) *types.Project {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{top + path}, cli.WithName("foliocast"), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.LoadProject(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p
}

func TestComposeOfSlurm(t *testing.T) {
	t.Parallel()
	p := project(t, "docker/compose.slurm.yaml")
	slots := 0
	for name, s := range p.Services {
		if s.MemLimit == 0 || s.CPUS == 0 || s.Hostname != name {
			t.Errorf("%s has no limits, or the name %q", name, s.Hostname)
		}
		if strings.HasPrefix(name, "node") {
			slots += int(s.CPUS)
		}
	}
	script, err := os.ReadFile(top + "docker/slurm")
	if err != nil {
		t.Fatal(err)
	}
	if slots != 4 || !strings.Contains(string(script), "NodeName=node[1-2] CPUs=2 ") {
		t.Errorf("the nodes have %d CPUs, which docker/slurm says otherwise", slots)
	}
}

// The file of a misspelt key is refused.
func TestAWrongKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(top + "docker/compose.slurm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "mem_limit:", "mem_limits:", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := cli.NewProjectOptions([]string{path}, cli.WithName("foliocast"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.LoadProject(t.Context()); err == nil || !strings.Contains(err.Error(), "mem_limits") {
		t.Errorf("got %v", err)
	}
}
