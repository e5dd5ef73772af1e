package up

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"foliocast/internal/outfile"
)

// Run is what runs in a state directory, as its run.json says.
type Run struct {
	Supervisor int       `json:"supervisor"` // process id of foliocast up
	StartedAt  time.Time `json:"started_at"`
	NP         int       `json:"np"`               // ranks of the world
	CAFile     string    `json:"ca_file,omitzero"` // with the authority that has signed the services' certificate; empty without TLS
	Parts      []Part    `json:"parts"`
}

// Part is one running program.
type Part struct {
	Name     string `json:"name"`
	PID      int    `json:"pid"`                // of mpirun for mpicalc: the ranks are its children
	URL      string `json:"url"`                // empty for mpicalc, which takes no calls
	Restarts int    `json:"restarts,omitempty"` // how often it died
	Log      string `json:"log"`
}

// ReadRun reads what runs in a state directory. Without a run.json the error
// is fs.ErrNotExist.
func ReadRun(state string) (Run, error) {
	text, err := os.ReadFile(runPath(state))
	if err != nil {
		return Run{}, err
	}
	var r Run
	if err := json.Unmarshal(text, &r); err != nil {
		return Run{}, fmt.Errorf("read %s: %w", runPath(state), err)
	}
	return r, nil
}

// URL is where the named part answers, or "".
func (r Run) URL(name string) string {
	i := slices.IndexFunc(r.Parts, func(p Part) bool { return p.Name == name })
	if i < 0 {
		return ""
	}
	return r.Parts[i].URL
}

func runPath(state string) string { return filepath.Join(state, "run.json") }

func removeRun(state string) error {
	if err := os.Remove(runPath(state)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ledger keeps run.json up to date while parts start.
type ledger struct {
	state string
	mu    sync.Mutex
	run   Run
}

// note records one start of a part.
func (l *ledger) note(p Part) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.run.Parts, func(q Part) bool { return q.Name == p.Name })
	if i < 0 {
		l.run.Parts = append(l.run.Parts, p)
	} else {
		l.run.Parts[i] = p
	}
	text, err := json.MarshalIndent(l.run, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(runPath(l.state), append(text, '\n'), 0o644)
}

// current returns a copy of what runs now.
func (l *ledger) current() Run {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.run
	r.Parts = slices.Clone(r.Parts)
	return r
}

// writeFile replaces a file atomically: a reader sees the old one or the new one.
func writeFile(path string, text []byte, mode fs.FileMode) error {
	if err := outfile.Replace(path, text, mode); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// removeLeftovers removes the temporary files that killed processes left in the state
// directory: they may hold a secret.
func removeLeftovers(state string) {
	for _, dir := range []string{state, filepath.Join(state, "tls")} {
		entries, _ := os.ReadDir(dir) // an error comes up again when a file is written
		for _, e := range entries {
			for _, name := range []string{"postgres.password", "lineage", "worker.json", "admin.json", "run.json", "signing.key", "ca.pem", "ca.key", "server.pem"} {
				if after, ok := strings.CutPrefix(e.Name(), "."+name); ok && after != "" {
					_ = os.Remove(filepath.Join(dir, e.Name()))
				}
			}
		}
	}
}
