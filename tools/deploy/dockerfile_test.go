package deploy

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// top is the top folder of the source.
const top = "../../"

// stages parses a Dockerfile as BuildKit does.
func stages(t *testing.T, path string) []instructions.Stage {
	t.Helper()
	f, err := os.Open(top + path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tree, err := parser.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range tree.Warnings {
		t.Errorf("%s: %s", path, w.Short)
	}
	warn := func(rule, description, _, message string, at []parser.Range) {
		t.Errorf("%s:%d: %s: %s", path, at[0].Start.Line, rule, message)
	}
	all, _, err := instructions.Parse(tree.AST, linter.New(&linter.Config{Warn: warn}))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return all
}

// settings are what a stage sets, with those of the stage that it is built on.
type settings struct {
	entrypoint, command, health []string
	user, workdir               string
	expose, volumes             []string
	env                         map[string]string
}

func settle(all []instructions.Stage, name string) settings {
	s := settings{env: map[string]string{}}
	i := slices.IndexFunc(all, func(st instructions.Stage) bool { return st.Name == name })
	if i < 0 {
		return s
	}
	s = settle(all, all[i].BaseName)
	for _, c := range all[i].Commands {
		switch c := c.(type) {
		case *instructions.EntrypointCommand:
			s.entrypoint, s.command = c.CmdLine, nil
		case *instructions.CmdCommand:
			s.command = c.CmdLine
		case *instructions.HealthCheckCommand:
			s.health = c.Health.Test
		case *instructions.UserCommand:
			s.user = c.User
		case *instructions.WorkdirCommand:
			s.workdir = c.Path
		case *instructions.ExposeCommand:
			s.expose = append(s.expose, c.Ports...)
		case *instructions.VolumeCommand:
			s.volumes = append(s.volumes, c.Volumes...)
		case *instructions.EnvCommand:
			for _, e := range c.Env {
				s.env[e.Key] = e.Value
			}
		}
	}
	return s
}

// ports are where the services listen.
var ports = map[string]string{"authsvc": "5000", "queue": "7500", "frontend": "8080"}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	all := stages(t, "docker/Dockerfile")
	for _, name := range []string{"authsvc", "queue", "frontend", "mpicalc", "foliocast"} {
		s := settle(all, name)
		if s.user != "1000:1000" {
			t.Errorf("%s runs as %q", name, s.user)
		}
		if len(s.health) < 2 || s.health[0] != "CMD" {
			t.Errorf("%s has the health check %q", name, s.health)
		}
		if port := ports[name]; port != "" {
			if !slices.Equal(s.entrypoint, []string{name}) || !slices.Equal(s.expose, []string{port}) || s.env["FOLIOCAST_LISTEN"] != ":"+port || !slices.Equal(s.health, []string{"CMD", name, "health"}) {
				t.Errorf("%s is not itself: %+v", name, s)
			}
		}
		if name != "foliocast" && s.env["FOLIOCAST_PLAIN_HTTP"] != "" {
			t.Errorf("%s speaks without TLS, unasked", name)
		}
	}
	if last := all[len(all)-1].Name; last != "foliocast" {
		t.Errorf("the default target is %s", last)
	}
	for _, st := range all {
		if strings.HasSuffix(st.BaseName, "_IMAGE") || strings.Contains(st.BaseName, "$") {
			continue // an argument
		}
		if st.BaseName != "scratch" && !slices.ContainsFunc(all, func(other instructions.Stage) bool { return other.Name == st.BaseName }) {
			t.Errorf("the stage %s is built on %s, which nobody makes", st.Name, st.BaseName)
		}
	}
	stages(t, "docker/testdata/postgres/Dockerfile")
}

// A Dockerfile with a typo does not parse.
func TestAWrongInstruction(t *testing.T) {
	t.Parallel()
	tree, err := parser.Parse(strings.NewReader("FROM scratch\nHEALTCHECK CMD [\"queue\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := instructions.Parse(tree.AST, linter.New(&linter.Config{})); err == nil || !strings.Contains(err.Error(), "unknown instruction: HEALTCHECK") {
		t.Errorf("got %v", err)
	}
}
