package up

import (
	"os"
	"path/filepath"
	"testing"
)

// Without ranks there is no world here, and those elsewhere find an account
// that outlives a restart.
func TestWorldsElsewhere(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	config := Config{State: state, Ports: ports, Programs: standIns(t), Throwaway: true}
	for _, name := range []string{"mpicalc", "mpirun"} {
		_ = os.Remove(filepath.Join(config.Programs, name)) // not needed
	}
	want := `{"client_id":"worker","client_secret":"secret of worker"}` + "\n"
	for range 2 {
		c, err := Start(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		if run := c.Run(); run.NP != 0 || len(run.Parts) != 4 {
			t.Errorf("%+v, want the server and the three services", run)
		}
		info, err := os.Stat(WorkerPath(state))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v, want a file for its owner only", info, err)
		}
		if text, err := os.ReadFile(WorkerPath(state)); err != nil || string(text) != want {
			t.Errorf("%q, %v, want %q", text, err, want)
		}
		want = `{"client_id":"worker","client_secret":"kept"}`
		if err := os.WriteFile(WorkerPath(state), []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		c.Stop()
	}
}
