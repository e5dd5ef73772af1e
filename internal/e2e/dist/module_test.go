package dist

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Environment Modules load what make install has installed.
func TestModuleFile(t *testing.T) {
	t.Parallel()
	prefix := t.TempDir()
	cmd := exec.Command("make", "-C", root(t), "install", "PREFIX="+prefix, "SYSCONFDIR="+prefix+"/etc")
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	output(t, cmd)
	got := run(t, "bash", "-c", `. /etc/profile.d/modules.sh && module use "$0/share/foliocast/modulefiles" && module load foliocast && command -v mpicalc && echo "$FOLIOCAST_SBATCH" &&
		module unload foliocast && [ -z "$FOLIOCAST_SBATCH" ] && [ "$(command -v mpicalc)" != "$0/bin/mpicalc" ]`, prefix)
	if want := prefix + "/bin/mpicalc\n" + prefix + "/share/foliocast/slurm\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Spack is not here to run the recipe: its targets and variables are those of the Makefile.
func TestSpackRecipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(root(t), "packaging/spack/package.py")
	run(t, "/usr/bin/python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", path)
	recipe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(root(t), "packaging/install.sh"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`"([A-Z]+)=\{0\}"`).FindAllSubmatch(recipe, -1)
	for _, m := range found {
		if !strings.Contains(string(script), "\n#   "+string(m[1])+" ") {
			t.Errorf("the recipe sets %s, which packaging/install.sh does not know", m[1])
		}
	}
	if len(found) < 3 {
		t.Errorf("the recipe sets %d variables", len(found))
	}
}

// The bill of materials has the modules that Go recorded in the program.
func TestSBOM(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("make", "-C", root(t), "-o", "build", "sbom", "VERSION="+version(t), "PROGRAMS=queue", "CGO_PROGRAMS=mpicalc")
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	output(t, cmd)
	for _, name := range []string{"queue", "mpicalc"} {
		text, err := os.ReadFile(filepath.Join(root(t), "bin/sbom", name+".cdx.json"))
		if err != nil {
			t.Fatal(err)
		}
		var bom struct {
			BOMFormat  string
			Metadata   struct{ Component struct{ Version string } }
			Components []struct{ Name, Version, Purl string }
		}
		if err := json.Unmarshal(text, &bom); err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, c := range bom.Components {
			if c.Name != "std" {
				got = append(got, c.Name+" "+c.Version)
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(run(t, "go", "version", "-m", filepath.Join(root(t), "bin", name)), -1) {
			want = append(want, m[1]+" "+m[2])
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(got, want); diff != "" || len(want) < 10 {
			t.Errorf("%s (-got +want)\n%s", name, diff)
		}
		if bom.BOMFormat != "CycloneDX" || bom.Metadata.Component.Version != "v"+version(t) {
			t.Errorf("%s: %s of version %q", name, bom.BOMFormat, bom.Metadata.Component.Version)
		}
	}
}
