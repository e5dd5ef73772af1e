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

// imports is the import table of production code: for each package the packages
// of this module that it imports. Data goes round, imports go down: of another
// service only its client and the queue's words may be imported. A permission
// that nothing uses fails the test, so the table also shows what is imported.
var imports = map[string]string{
	"internal/arch":                     "",
	"internal/problem":                  "",
	"internal/series":                   "internal/series/calendar internal/series/timetext",
	"internal/series/arrow":             "internal/series internal/series/decimal internal/series/guard internal/series/half internal/series/mapfile internal/series/pandas",
	"internal/series/calendar":          "internal/series/calendar/exchange",
	"internal/series/calendar/exchange": "",
	"internal/series/csv":               "internal/series internal/series/timetext",
	"internal/series/decimal":           "",
	"internal/series/file":              "internal/series internal/series/arrow internal/series/csv internal/series/format internal/series/json internal/series/mapfile internal/series/parquet",
	"internal/series/format":            "",
	"internal/series/guard":             "internal/series",
	"internal/series/half":              "",
	"internal/series/json":              "internal/series internal/series/csv",
	"internal/series/mapfile":           "",
	"internal/series/timetext":          "",
	"internal/series/pandas":            "",
	"internal/series/parquet":           "internal/series internal/series/arrow internal/series/decimal internal/series/guard internal/series/half internal/series/pandas",
	"internal/series/seriestest":        "internal/series internal/series/csv",
	"internal/job":                      "internal/problem internal/series/calendar",
	"internal/jobtrace":                 "internal/job internal/tracing",
	"internal/backtesttable":            "internal/job internal/texttable",
	"internal/forecasttable":            "internal/job internal/series/format internal/texttable",
	"internal/forecasttable/formats":    "internal/forecasttable internal/job internal/series/parquet",
	"internal/forecasttable/tabletest":  "internal/forecasttable",
	"internal/browsertest":              "",
	"internal/chart":                    "internal/texttable",
	"internal/report":                   "internal/backtesttable internal/chart internal/forecasttable internal/job internal/problem",
	"internal/child":                    "",
	"internal/outfile":                  "",
	"internal/certs":                    "",
	"internal/certs/authority":          "internal/outfile",
	"internal/openapitest":              "",
	"internal/texttable":                "",
	"internal/tracing":                  "",
	"internal/tracing/tracetest":        "",
	"internal/unpack":                   "internal/problem",
	"internal/cli":                      "internal/texttable",
	"internal/cli/shelltest":            "",
	"internal/postgres":                 "internal/outfile",
	"internal/postgres/pgtest":          "internal/child internal/postgres",
	"internal/serve":                    "internal/certs internal/problem internal/tracing",
	"internal/serve/servetest":          "",
	"internal/auth":                     "internal/problem",
	"internal/audit":                    "internal/problem",
	"internal/audit/trail":              "internal/audit internal/postgres",
	"internal/audit/auditapi":           "internal/audit internal/audit/trail internal/auth internal/problem internal/serve",
	"internal/audit/audittest":          "internal/audit internal/audit/trail",
	"internal/auth/authtest":            "internal/auth internal/problem",
	"internal/e2e":                      "",
	"internal/e2e/dist":                 "",
	"internal/history":                  "",

	"docker": "",

	"cmd/authsvc":   "authsvc",
	"cmd/foliocast": "foliocast",
	"cmd/frontend":  "frontend",
	"cmd/queue":     "queue",
	"cmd/services":  "authsvc foliocast frontend queue",

	"queue":          "queue/api queue/message queue/store internal/audit/trail internal/auth internal/certs internal/cli internal/postgres internal/serve internal/tracing",
	"queue/message":  "",
	"queue/store":    "queue/message internal/audit internal/audit/trail internal/postgres internal/problem",
	"queue/api":      "queue/message queue/store internal/audit/auditapi internal/auth internal/postgres internal/problem internal/serve",
	"queue/client":   "queue/message internal/auth internal/problem",
	"queue/contract": "queue/message internal/problem",
	"queue/model":    "queue/message internal/history",

	"authsvc":        "authsvc/api authsvc/store authsvc/token internal/audit internal/audit/trail internal/auth internal/certs internal/cli internal/outfile internal/postgres internal/serve internal/tracing",
	"authsvc/token":  "internal/auth",
	"authsvc/store":  "authsvc/token internal/audit internal/audit/trail internal/auth internal/postgres internal/problem",
	"authsvc/api":    "authsvc/client authsvc/store authsvc/token internal/audit internal/audit/auditapi internal/auth internal/postgres internal/problem internal/serve",
	"authsvc/client": "internal/auth internal/problem",

	"frontend":           "frontend/api frontend/archive frontend/console frontend/egress frontend/events frontend/relay frontend/source frontend/store frontend/webhook authsvc/client queue/client internal/audit/trail internal/auth internal/certs internal/cli internal/job internal/postgres internal/problem internal/serve internal/tracing",
	"frontend/events":    "frontend/store internal/job",
	"frontend/store":     "queue/message internal/audit internal/audit/trail internal/job internal/postgres internal/problem",
	"frontend/archive":   "internal/outfile internal/series internal/series/arrow",
	"frontend/relay":     "frontend/store queue/client queue/message internal/job internal/problem internal/jobtrace internal/tracing",
	"frontend/schedule":  "internal/job",
	"frontend/egress":    "",
	"frontend/source":    "frontend/client frontend/egress internal/problem",
	"frontend/webhook":   "frontend/egress frontend/store internal/auth internal/job",
	"frontend/nixtla":    "internal/job internal/problem internal/series internal/series/calendar internal/unpack",
	"frontend/queuetest": "queue/client queue/message internal/auth internal/problem",
	"frontend/api":       "frontend/archive frontend/client frontend/events frontend/nixtla frontend/relay frontend/schedule frontend/source frontend/store frontend/webhook clients internal/audit/auditapi internal/auth internal/backtesttable internal/forecasttable internal/forecasttable/formats internal/job internal/postgres internal/problem internal/series internal/series/arrow internal/series/file internal/series/format internal/serve internal/unpack internal/tracing",
	"frontend/client":    "internal/auth internal/job internal/problem",
	"frontend/console":   "authsvc/client frontend/client frontend/store queue/client queue/message internal/audit internal/auth internal/chart internal/cli internal/forecasttable internal/job internal/postgres internal/problem internal/report internal/series/format internal/serve",

	"mpicalc":              "mpicalc/backtest mpicalc/mpi mpicalc/mpi/wake mpicalc/forecast mpicalc/spmd mpicalc/portfolio mpicalc/worker authsvc/client frontend/client queue/client internal/auth internal/certs internal/backtesttable internal/chart internal/cli internal/forecasttable internal/forecasttable/formats internal/job internal/outfile internal/report internal/series internal/series/arrow internal/series/file internal/series/format internal/tracing",
	"mpicalc/backtest":     "mpicalc/forecast mpicalc/portfolio mpicalc/risk mpicalc/spmd internal/job internal/series internal/series/calendar",
	"mpicalc/mpi":          "",
	"mpicalc/mpi/bench":    "mpicalc/mpi",
	"mpicalc/mpi/examples": "mpicalc/mpi",
	"mpicalc/mpi/idle":     "mpicalc/mpi mpicalc/mpi/wake",
	"mpicalc/mpi/lifetime": "",
	"mpicalc/mpi/mpitest":  "",
	"mpicalc/mpi/wake":     "mpicalc/mpi",
	"mpicalc/forecast":     "mpicalc/forecast/inorder",
	"mpicalc/priors":       "mpicalc/forecast",
	"mpicalc/risk":         "",
	"mpicalc/spmd":         "mpicalc/forecast",
	"mpicalc/portfolio":    "mpicalc/forecast mpicalc/risk mpicalc/spmd internal/forecasttable internal/job internal/problem internal/series internal/series/calendar",
	"mpicalc/worker":       "mpicalc/backtest mpicalc/forecast mpicalc/portfolio mpicalc/spmd queue/message internal/job internal/problem internal/series internal/series/arrow internal/jobtrace internal/tracing",

	"mpicalc/forecast/inorder": "",

	"foliocast":        "docs/data foliocast/backup foliocast/slurm foliocast/up hostfiles authsvc/client frontend/client queue/client queue/message internal/audit internal/auth internal/backtesttable internal/certs internal/chart internal/cli internal/forecasttable internal/job internal/outfile internal/problem internal/report internal/series/format internal/texttable internal/tracing",
	"docs/data":        "",
	"foliocast/backup": "internal/child internal/outfile internal/postgres",
	"foliocast/slurm":  "internal/problem",
	"hostfiles":        "",
	"clients":          "",
	"foliocast/up":     "internal/certs/authority internal/child internal/cli internal/outfile internal/postgres",
}

// testImports is the table of what a package's tests import beyond the
// package's own row.
var testImports = map[string]string{
	"foliocast":              "internal/cli/shelltest",
	"internal/cli":           "internal/cli/shelltest",
	"internal/postgres":      "internal/child internal/postgres/pgtest",
	"internal/report":        "internal/browsertest",
	"internal/certs":         "internal/certs/authority internal/serve/servetest",
	"internal/problem":       "internal/certs/authority",
	"internal/serve":         "internal/certs/authority internal/serve/servetest internal/tracing/tracetest",
	"internal/tracing":       "internal/tracing/tracetest",
	"internal/auth":          "internal/serve internal/serve/servetest internal/auth/authtest",
	"internal/auth/authtest": "internal/serve",
	"internal/e2e":           "authsvc/client frontend/client internal/audit internal/auth internal/browsertest internal/certs internal/certs/authority internal/history queue/client queue/message queue/model internal/child internal/postgres internal/forecasttable internal/forecasttable/tabletest internal/job internal/problem internal/serve/servetest internal/tracing/tracetest",

	"internal/forecasttable/formats": "internal/forecasttable/tabletest internal/series internal/series/seriestest",

	"internal/series":         "internal/series/csv internal/series/seriestest",
	"internal/series/arrow":   "internal/series/csv internal/series/seriestest",
	"internal/series/csv":     "internal/series/arrow internal/series/seriestest",
	"internal/series/json":    "internal/series/arrow internal/series/seriestest",
	"internal/series/file":    "internal/series/seriestest",
	"internal/series/parquet": "internal/series/seriestest",

	"queue":       "queue/client internal/auth/authtest internal/postgres/pgtest internal/problem internal/serve/servetest",
	"queue/store": "internal/audit/audittest internal/postgres/pgtest internal/serve/servetest",
	"queue/api":   "queue/client queue/contract internal/audit internal/audit/audittest internal/auth/authtest internal/openapitest internal/postgres/pgtest internal/serve/servetest",

	"authsvc":       "authsvc/client internal/postgres/pgtest internal/serve/servetest",
	"authsvc/store": "internal/audit/audittest internal/postgres/pgtest",
	"authsvc/api":   "internal/audit/audittest internal/auth/authtest internal/openapitest internal/postgres/pgtest internal/serve/servetest",

	"frontend":           "frontend/queuetest frontend/client queue/message internal/auth/authtest internal/postgres/pgtest internal/serve/servetest",
	"frontend/events":    "internal/child internal/postgres internal/postgres/pgtest internal/serve/servetest",
	"frontend/store":     "internal/audit/audittest internal/postgres/pgtest",
	"frontend/webhook":   "frontend/events internal/child internal/postgres internal/postgres/pgtest internal/serve/servetest",
	"frontend/queuetest": "queue/contract",
	"frontend/archive":   "internal/series/csv",
	"frontend/console":   "frontend/api frontend/archive frontend/egress frontend/events frontend/queuetest frontend/relay frontend/webhook internal/audit/audittest internal/auth/authtest internal/browsertest internal/postgres/pgtest internal/serve/servetest",
	"frontend/relay":     "frontend/queuetest internal/postgres/pgtest internal/serve/servetest internal/tracing/tracetest",
	"frontend/api":       "frontend/egress frontend/queuetest queue/message internal/audit internal/audit/audittest internal/auth/authtest internal/openapitest internal/postgres/pgtest internal/series/parquet internal/series/seriestest internal/serve/servetest internal/forecasttable/tabletest",

	"mpicalc/mpi/bench":    "mpicalc/mpi/mpitest",
	"mpicalc/mpi/examples": "mpicalc/mpi/mpitest",
	"mpicalc/mpi/idle":     "mpicalc/mpi/mpitest",
	"mpicalc/mpi/lifetime": "mpicalc/mpi mpicalc/mpi/mpitest",
	"mpicalc/mpi/wake":     "mpicalc/mpi/mpitest",

	"mpicalc":           "mpicalc/mpi/mpitest internal/cli/shelltest internal/forecasttable/tabletest",
	"mpicalc/backtest":  "internal/series/csv",
	"mpicalc/portfolio": "internal/series/csv",
	"mpicalc/worker":    "internal/series/csv queue/contract internal/tracing/tracetest",

	"clients":         "internal/certs/authority",
	"foliocast/slurm": "hostfiles",
}

// cgo lists the only packages that may import C; bench has loops in C to
// measure the binding against.
var cgo = []string{"mpicalc/mpi", "mpicalc/mpi/bench"}

type pkg struct {
	ImportPath                         string
	Doc                                string
	GoFiles, CgoFiles                  []string
	Imports, TestImports, XTestImports []string
}

// ours returns the packages of this module among the imported ones, without
// p itself, each once and sorted.
func (p pkg) ours(imported []string) []string {
	var names []string
	for _, path := range imported {
		if name, ok := strings.CutPrefix(path, module); ok && name != p.ImportPath {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Doc,GoFiles,CgoFiles,Imports,TestImports,XTestImports", "./...")
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
	exists := map[string]bool{}
	for _, p := range list(t) {
		exists[p.ImportPath] = true
		row, ok := imports[p.ImportPath]
		if !ok {
			t.Errorf("%s is missing from the import table", p.ImportPath)
			continue
		}
		allowed := strings.Fields(row)
		compare(t, p.ImportPath, p.ours(p.Imports), allowed)

		tests := slices.DeleteFunc(p.ours(slices.Concat(p.TestImports, p.XTestImports)), func(name string) bool {
			return slices.Contains(allowed, name)
		})
		compare(t, "a test of "+p.ImportPath, tests, strings.Fields(testImports[p.ImportPath]))

		if slices.Contains(slices.Concat(p.Imports, p.TestImports), "C") && !slices.Contains(cgo, p.ImportPath) {
			t.Errorf("%s may not use cgo: only %v may", p.ImportPath, cgo)
		}
	}
	for _, table := range []map[string]string{imports, testImports} {
		for name := range table {
			if !exists[name] {
				t.Errorf("the import table lists %s, which does not exist", name)
			}
		}
	}
}

// compare reports the imports without permission, and the permissions that it
// does not use.
func compare(t *testing.T, who string, imported, allowed []string) {
	t.Helper()
	for _, name := range imported {
		if !slices.Contains(allowed, name) {
			t.Errorf("%s may not import %s", who, name)
		}
	}
	for _, name := range allowed {
		if !slices.Contains(imported, name) {
			t.Errorf("%s does not import %s: remove it from the table", who, name)
		}
	}
}

// A service must not reach into another, not even in its tests, which may also
// run the queue's contract, and replay histories on its model. What is in cmd only
// starts a program.
func TestServicesStayApart(t *testing.T) {
	t.Parallel()
	services := []string{"authsvc", "frontend", "queue", "mpicalc", "foliocast"}
	open := []string{"authsvc/client", "frontend/client", "queue/client", "queue/message"}
	for _, table := range []struct {
		rows map[string]string
		open []string
	}{
		{imports, open},
		{testImports, append([]string{"queue/contract", "queue/model"}, open...)},
	} {
		for from, row := range table.rows {
			home, _, _ := strings.Cut(from, "/")
			for to := range strings.FieldsSeq(row) {
				other, _, _ := strings.Cut(to, "/")
				if home == "cmd" && to == other {
					continue
				}
				if other != home && slices.Contains(services, other) && !slices.Contains(table.open, to) {
					t.Errorf("the table lets %s import %s, which is the inside of another service", from, to)
				}
			}
		}
	}
}

// A package whose name ends in test serves tests only, but for backtest, which is a
// word of forecasting.
func TestNoTestSupportInProduction(t *testing.T) {
	t.Parallel()
	for from, row := range imports {
		for to := range strings.FieldsSeq(row) {
			if strings.HasSuffix(to, "test") && to != "mpicalc/backtest" && !strings.HasSuffix(from, "test") {
				t.Errorf("the table lets production code of %s import %s", from, to)
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

// tracked returns the files that Git knows, as paths from the top folder.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	return strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
}

// Operations are registered by serve.Register, whose check of bodies takes bounded memory. Tests may use the router itself.
func TestServicesRegisterThroughServe(t *testing.T) {
	t.Parallel()
	for _, name := range tracked(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/serve/") {
			continue
		}
		text, err := os.ReadFile("../../" + name)
		if err == nil && strings.Contains(string(text), "huma.Register(") {
			t.Errorf("%s calls huma.Register: call serve.Register", name)
		}
	}
}

// Linux ends a process with the thread that started it, so only one place may ask for that.
func TestChildrenAreStartedByChild(t *testing.T) {
	t.Parallel()
	for _, name := range tracked(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "internal/child/") || strings.HasPrefix(name, "internal/arch/") {
			continue
		}
		text, err := os.ReadFile("../../" + name)
		if err == nil && strings.Contains(string(text), "Pdeathsig") {
			t.Errorf("%s sets Pdeathsig: call child.Start", name)
		}
	}
}

// machinePath finds paths that exist only on the machine of the person who
// wrote them down.
var machinePath = regexp.MustCompile(`/(work|root|home/[a-z]+)/[a-z]`)

func TestNoMachinePaths(t *testing.T) {
	t.Parallel()
	for _, name := range tracked(t) {
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
