package deploy

import (
	"os"
	"path/filepath"
	"slices"
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

func TestCompose(t *testing.T) {
	t.Parallel()
	p := project(t, "docker/compose.yaml")
	targets := []string{}
	for _, st := range stages(t, "docker/Dockerfile") {
		targets = append(targets, st.Name)
	}
	for name, s := range p.Services {
		if s.MemLimit == 0 || s.CPUS == 0 {
			t.Errorf("%s has no limits", name)
		}
		if s.Build != nil && !slices.Contains(targets, s.Build.Target) {
			t.Errorf("%s is built from %s, which the Dockerfile does not have", name, s.Build.Target)
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				if _, err := os.Stat(v.Source); err != nil {
					t.Errorf("%s mounts a file: %v", name, err)
				}
			}
		}
		given := map[string]bool{}
		for _, secret := range s.Secrets {
			given["/run/secrets/"+secret.Source] = true
		}
		for key, value := range s.Environment {
			if value != nil && strings.HasPrefix(*value, "/run/secrets/") && !given[*value] {
				t.Errorf("%s has no secret for %s=%s", name, key, *value)
			}
			if strings.HasSuffix(key, "_PASSWORD") || strings.HasSuffix(key, "_SECRET") {
				t.Errorf("%s has a secret in its environment: %s", name, key)
			}
		}
		if name == "postgres" {
			continue
		}
		if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s is not confined", name)
		}
		if port := ports[name]; port != "" && (len(s.Ports) != 1 || s.Ports[0].Published != port || s.Ports[0].HostIP != "127.0.0.1") {
			t.Errorf("%s publishes %+v", name, s.Ports)
		}
	}
	for name, path := range p.Secrets {
		script, err := os.ReadFile(top + "docker/secrets.sh")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Base(path.File)
		if service, ok := strings.CutSuffix(file, "_database"); ok {
			file = "for service in"
			if !strings.Contains(string(script), service) {
				file = service
			}
		}
		if !strings.Contains(string(script), strings.TrimSuffix(file, ".pub")) {
			t.Errorf("secrets.sh makes no %s for %s", file, name)
		}
	}
	for name, after := range map[string][]string{"authsvc": {"postgres"}, "queue": {"authsvc"}, "frontend": {"queue", "account-frontend"}, "calc1": {"frontend", "calc2", "account-worker"}} {
		for _, other := range after {
			if _, ok := p.Services[name].DependsOn[other]; !ok {
				t.Errorf("%s does not wait for %s", name, other)
			}
		}
	}
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
	text, err := os.ReadFile(top + "docker/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "shm_size:", "shm_sizes:", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := cli.NewProjectOptions([]string{path}, cli.WithName("foliocast"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.LoadProject(t.Context()); err == nil || !strings.Contains(err.Error(), "shm_sizes") {
		t.Errorf("got %v", err)
	}
}
