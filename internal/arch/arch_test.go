// Package arch holds the rules of the house as tests: which package may
// import which, and that each says what it is.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "foliocast/"

// imports is the import table: for each package the packages of this module
// that it may import, tests included. Data goes round, imports go down: of
// another service only its client and the queue's words may be imported.
var imports = map[string]string{
	"internal/arch":            "",
	"internal/problem":         "",
	"internal/series":          "",
	"internal/job":             "internal/problem",
	"internal/usage":           "",
	"internal/postgres":        "internal/postgres/pgtest",
	"internal/postgres/pgtest": "internal/postgres",
	"internal/serve":           "internal/problem internal/serve/servetest",
	"internal/serve/servetest": "",
	"internal/auth":            "internal/problem internal/serve internal/auth/authtest",
	"internal/auth/authtest":   "internal/auth internal/problem internal/serve",
	"internal/e2e":             "internal/job internal/problem internal/auth internal/postgres queue/client queue/message frontend/client authsvc/client",

	"queue":         "queue/api queue/client queue/message queue/store internal/auth internal/auth/authtest internal/postgres internal/postgres/pgtest internal/serve internal/serve/servetest",
	"queue/message": "",
	"queue/store":   "queue/message internal/postgres internal/postgres/pgtest internal/problem",
	"queue/api":     "queue/message queue/store queue/client internal/auth internal/auth/authtest internal/postgres internal/postgres/pgtest internal/problem internal/serve internal/serve/servetest",
	"queue/client":  "queue/message internal/auth internal/problem",

	"authsvc":        "authsvc/api authsvc/store authsvc/token authsvc/client internal/auth internal/postgres internal/postgres/pgtest internal/serve internal/usage internal/serve/servetest",
	"authsvc/token":  "internal/auth",
	"authsvc/store":  "authsvc/token internal/auth internal/postgres internal/postgres/pgtest internal/problem",
	"authsvc/api":    "authsvc/client authsvc/store authsvc/token internal/auth internal/auth/authtest internal/postgres internal/postgres/pgtest internal/problem internal/serve internal/serve/servetest",
	"authsvc/client": "internal/auth internal/problem",

	"frontend":           "frontend/api frontend/archive frontend/courier frontend/queuetest frontend/store frontend/client authsvc/client queue/client queue/message internal/auth internal/auth/authtest internal/job internal/postgres internal/postgres/pgtest internal/problem internal/serve internal/serve/servetest",
	"frontend/store":     "queue/message internal/job internal/series internal/postgres internal/postgres/pgtest internal/problem",
	"frontend/archive":   "internal/series",
	"frontend/courier":   "frontend/queuetest frontend/store queue/client queue/message internal/job internal/postgres internal/postgres/pgtest internal/problem internal/serve/servetest",
	"frontend/queuetest": "queue/client queue/message internal/auth internal/problem",
	"frontend/api":       "frontend/archive frontend/client frontend/courier frontend/queuetest frontend/store queue/client queue/message internal/auth internal/auth/authtest internal/job internal/postgres internal/postgres/pgtest internal/problem internal/series internal/serve internal/serve/servetest",
	"frontend/client":    "internal/auth internal/job internal/problem",

	"mpicalc":              "mpicalc/mpi mpicalc/forecast mpicalc/spmd mpicalc/portfolio mpicalc/worker authsvc/client frontend/client queue/client internal/auth internal/job internal/problem internal/series internal/serve internal/usage",
	"mpicalc/mpi":          "",
	"mpicalc/mpi/idle":     "mpicalc/mpi mpicalc/mpi/mpitest",
	"mpicalc/mpi/lifetime": "mpicalc/mpi",
	"mpicalc/mpi/mpitest":  "",
	"mpicalc/mpi/pingpong": "mpicalc/mpi mpicalc/mpi/mpitest",
	"mpicalc/forecast":     "",
	"mpicalc/spmd":         "mpicalc/forecast internal/job internal/problem internal/series",
	"mpicalc/portfolio":    "mpicalc/forecast mpicalc/spmd internal/job internal/problem internal/series",
	"mpicalc/worker":       "mpicalc/forecast mpicalc/portfolio mpicalc/spmd queue/client queue/message frontend/client internal/auth internal/job internal/problem internal/series",

	"foliocast":       "foliocast/slurm foliocast/up hostfiles authsvc/client frontend/client queue/client queue/message internal/auth internal/job internal/problem internal/serve internal/usage",
	"foliocast/slurm": "hostfiles",
	"hostfiles":       "",
	"foliocast/up":    "authsvc/client internal/postgres internal/problem",
}

// cgo lists the only packages that may import C; pingpong has a loop in C to
// measure the binding against.
var cgo = []string{"mpicalc/mpi", "mpicalc/mpi/pingpong"}

type pkg struct {
	ImportPath                                      string
	Doc                                             string
	GoFiles, CgoFiles, TestGoFiles, XTestGoFiles    []string
	Imports, TestImports, XTestImports, IgnoreFiles []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Doc,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range list(t) {
		seen[p.ImportPath] = true
		row, ok := imports[p.ImportPath]
		if !ok {
			t.Errorf("%s is missing from the import table", p.ImportPath)
			continue
		}
		allowed := strings.Fields(row)
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			name, ours := strings.CutPrefix(imported, module)
			if ours && name != p.ImportPath && !slices.Contains(allowed, name) {
				t.Errorf("%s may not import %s", p.ImportPath, name)
			}
			if imported == "C" && !slices.Contains(cgo, p.ImportPath) {
				t.Errorf("%s may not use cgo: only %v may", p.ImportPath, cgo)
			}
		}
	}
	for name := range imports {
		if !seen[name] {
			t.Errorf("%s stands in the import table and does not exist", name)
		}
	}
}

// Production code of one service must not reach into another.
func TestServicesStayApart(t *testing.T) {
	t.Parallel()
	services := []string{"authsvc", "frontend", "queue", "mpicalc", "foliocast"}
	open := []string{"authsvc/client", "frontend/client", "queue/client", "queue/message"}
	for from, row := range imports {
		home, _, _ := strings.Cut(from, "/")
		for _, to := range strings.Fields(row) {
			other, _, _ := strings.Cut(to, "/")
			if other != home && slices.Contains(services, other) && !slices.Contains(open, to) {
				t.Errorf("the table lets %s import %s, which is the inside of another service", from, to)
			}
		}
	}
}

func TestEveryPackageHasADoc(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		if len(p.GoFiles)+len(p.CgoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// direct finds a module that go.mod requires for our own imports, without the
// host of the Go team's and of GitHub, and without the version.
var direct = regexp.MustCompile(`(?m)^\t(?:github\.com/|golang\.org/)?(\S+?)(?:/v\d+)? v\S+$`)

func TestEveryDependencyHasAReason(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	found := direct.FindAllStringSubmatch(string(mod), -1)
	if len(found) < 10 {
		t.Errorf("found only %d dependencies in go.mod", len(found))
	}
	for _, m := range found {
		if !strings.Contains(string(page), "`"+m[1]+"`") {
			t.Errorf("ARCHITECTURE.md does not say what %s is for", m[1])
		}
	}
}

// machinePath finds what must never stand in the project: a path that only
// exists on the machine of whoever wrote it.
var machinePath = regexp.MustCompile(`/(work|root|home/[a-z]+)/[a-z]`)

func TestNoMachinePaths(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("git", "ls-files", "-z")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile("../../" + name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if found := machinePath.Find(text); found != nil && name != "internal/arch/arch_test.go" {
			t.Errorf("%s names the path %s", name, found)
		}
	}
}
