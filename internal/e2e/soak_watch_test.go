package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/problem"
)

// watcher measures a running system from outside.
type watcher struct {
	c        *cluster
	database *pgx.Conn
	groups   []group
}

// group is processes that are one line of the table.
type group struct {
	name string
	pids func(t *testing.T) []int
}

func newWatcher(t *testing.T, c *cluster) *watcher {
	t.Helper()
	w := &watcher{c: c, database: c.inspect(t)}
	one := func(pid int) func(*testing.T) []int { return func(*testing.T) []int { return []int{pid} } }
	w.groups = append(w.groups, group{"foliocast up", one(c.run.Supervisor)})
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		w.groups = append(w.groups, group{name, one(c.run.pid(t, name))})
	}
	w.groups = append(w.groups, group{"mpirun", one(c.run.pid(t, "mpicalc"))})
	for rank := range c.run.NP {
		w.groups = append(w.groups, group{fmt.Sprintf("rank %d", rank), one(c.victim(t, fmt.Sprintf("rank %d", rank)))})
	}
	server := c.run.pid(t, "postgres")
	w.groups = append(w.groups, group{"postgres", func(t *testing.T) []int { return append([]int{server}, children(t, server)...) }})
	return w
}

// inspect connects to the private server as its superuser.
func (c *cluster) inspect(t *testing.T) *pgx.Conn {
	t.Helper()
	word, err := os.ReadFile(filepath.Join(c.state, "postgres.password"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(c.run.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("foliocast", strings.TrimSpace(string(word)))
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

// Increases below these are noise: of the garbage collector, of a connection that is opened and closed, of pages that wait for autovacuum, and
// of logs, which may take 16 MB each before their beginning is dropped.
const (
	leastMemory = 1.0 // MB
	leastCount  = 2.0
	leastTable  = 0.5 // MB
	leastLogs   = 32  // MB
)

// measure adds one measurement of everything.
func (w *watcher) measure(t *testing.T, s *soak, at time.Duration, jobs float64) {
	t.Helper()
	add := func(f figure, value float64) { s.add(f, measured{at, value, jobs}) }
	for _, g := range w.groups {
		var p process
		for _, pid := range g.pids(t) {
			p.add(pid)
		}
		add(figure{name: g.name + " memory", unit: "MB", least: leastMemory}, float64(p.memory)/1024)
		add(figure{name: g.name + " open files", least: leastCount}, float64(p.files))
		add(figure{name: g.name + " sockets", least: leastCount}, float64(p.sockets))
		add(figure{name: g.name + " threads", least: leastCount}, float64(p.threads))
	}
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		add(figure{name: name + " goroutines", least: leastCount}, w.goroutines(t, name))
	}
	w.measureDatabase(t, s, add)
	for name, least := range map[string]float64{"data": leastTable, "cache": leastTable, "log": leastLogs} {
		add(figure{name: "folder " + name, unit: "MB", least: least}, folderSize(filepath.Join(w.c.state, name)))
	}
}

// process is what processes take together. Memory is in kB, without what is shared: pages of the database's cache, and of the ranks' segments,
// count for each process once it has touched them.
type process struct{ memory, files, sockets, threads int }

// add adds one process; one that has just ended takes nothing.
func (p *process) add(pid int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for text := range bytes.Lines(text) {
		fields := strings.Fields(string(text))
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "VmRSS:":
			p.memory += n
		case "RssShmem:":
			p.memory -= n
		case "Threads:":
			p.threads += n
		}
	}
	files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	for _, f := range files {
		target, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, f.Name()))
		if strings.HasPrefix(target, "socket:") {
			p.sockets++
		}
	}
	p.files += len(files)
}

// goroutines are those of a service.
func (w *watcher) goroutines(t *testing.T, name string) float64 {
	t.Helper()
	var text strings.Builder
	if _, err := (problem.Call{Method: "GET", URL: w.c.run.url(name) + "/metrics", Into: &text,
		Header: http.Header{"Authorization": {"Bearer " + metricsToken}}}).Do(t.Context(), w.c.http); err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(text.String(), "\ngo_goroutines ")
	number, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(number, 64)
	if !found || err != nil {
		t.Fatalf("%s has no go_goroutines: %v", name, err)
	}
	return n
}

// trails are the tables that keep what happened for days: their rows grow with the jobs. Those of events are here forgotten after a minute, but
// nobody looks for them more often than every ten minutes, so that only a longer run sees their level.
var trails = []string{"authsvc.audit", "queue.audit", "frontend.audit", "frontend.event"}

const (
	eventsTrail = "frontend.event"
	tidied      = 10 * time.Minute
)

// eventsLevel is that level. The load makes fewer than 1,200 events a minute, and there may be those of a minute more or less.
var eventsLevel = figure{name: "rows of " + eventsTrail, peak: true, least: 2000}

const (
	connectionsSQL = `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
	tablesSQL      = `SELECT n.nspname || '.' || c.relname, pg_total_relation_size(c.oid)::float8
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' ORDER BY 1`
)

// measureDatabase adds the connections, the sizes of the tables with their indexes, and the rows of trails.
func (w *watcher) measureDatabase(t *testing.T, s *soak, add func(figure, float64)) {
	t.Helper()
	var connections float64
	if err := w.database.QueryRow(t.Context(), connectionsSQL).Scan(&connections); err != nil {
		t.Fatal(err)
	}
	add(figure{name: "connections to the database", least: leastCount}, connections)
	rows, err := w.database.Query(t.Context(), tablesSQL)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Name string
		Size float64
	}])
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("the database has no tables")
	}
	for _, table := range all {
		add(figure{name: "table " + table.Name, unit: "MB", least: leastTable, shown: slices.Contains(trails, table.Name)}, table.Size/1e6)
	}
	for _, name := range trails {
		var n float64
		if err := w.database.QueryRow(t.Context(), "SELECT count(*)::float8 FROM "+name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		f := figure{name: "rows of " + name, grows: true}
		if name == eventsTrail && s.length >= 3*tidied/2 {
			f = eventsLevel
		}
		add(f, n)
	}
}

// folderSize is the size of the files in a folder, in MB.
func folderSize(dir string) float64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil { // it may just have been removed
				sum += info.Size()
			}
		}
		return nil
	})
	return float64(sum) / 1e6
}
