package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

// backtests compares what the two doors measure: mpicalc backtest, model by model, and
// a job of the service, series by series. The user is signed in.
func (c *cluster) backtests(t *testing.T) {
	text := doorInputs()[job.TimeDate]
	if err := c.upload(t.Context(), "measured", text); err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(t.TempDir(), "input.csv")
	if err := os.WriteFile(input, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := []string{"--horizon", "3", "--origins", "4", "--models", "auto,theta,naive", "--compare", "auto,naive", "--by", "kind,length"}
	output := c.foliocast(t, append([]string{"job", "submit", "--dataset", "measured", "--assets", "*", "--kind", "backtest", "--by-series", "--wait", "--json"}, asked...)...)
	var served job.Answer
	if err := json.Unmarshal([]byte(output), &served); err != nil || served.Backtest == nil {
		t.Fatalf("%v in %s", err, output)
	}
	rows := filepath.Join(t.TempDir(), "rows.csv")
	cmd := exec.Command("mpirun", append([]string{"-np", "3", "--oversubscribe", "--bind-to", "none", program(t, "mpicalc"), "backtest", "--input", input,
		"--json", "--by-series", rows}, asked...)...)
	cmd.Env = append(os.Environ(), openMPI()...)
	var errText strings.Builder
	cmd.Stderr = &errText
	printed, err := cmd.Output()
	if err != nil {
		t.Fatalf("mpicalc backtest: %v\n%s", err, errText.String())
	}
	var ran job.Backtest
	if err := json.Unmarshal(printed, &ran); err != nil {
		t.Fatal(err)
	}
	for i := range ran.Scores {
		ran.Scores[i].Millis = nil // a job does not measure it
	}
	if diff := cmp.Diff(served.Backtest, &ran); diff != "" {
		t.Errorf("scores (-service +run):\n%s", diff)
	}
	if table := c.foliocast(t, "job", "result", string(served.Job)); !strings.HasPrefix(table, "MODEL ") || !strings.Contains(table, "auto against naive on 3 series") {
		t.Errorf("job result: %s", table)
	}
	// The lines of both doors are the same, in another order.
	file, err := os.ReadFile(rows)
	if err != nil {
		t.Fatal(err)
	}
	sorted := cmp.Transformer("lines", func(text string) map[string]bool {
		lines := make(map[string]bool)
		for line := range strings.Lines(text) {
			lines[line] = true
		}
		return lines
	})
	if diff := cmp.Diff(c.foliocast(t, "job", "result", string(served.Job), "--by-series"), string(file), sorted); diff != "" {
		t.Errorf("lines (-service +run):\n%s", diff)
	}
}
