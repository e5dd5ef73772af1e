package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// scenarios forecasts two versions of a dataset that differ in the future values of a
// column, through both doors. The user is signed in.
func (c *cluster) scenarios(t *testing.T) {
	dir := t.TempDir()
	forecasts := map[int]job.Answer{}
	for version, planned := range map[int]int{1: 0, 2: 1} {
		var b strings.Builder
		b.WriteString("unique_id,ds,y,promo\n")
		for k := range 64 {
			promo, value := k*k%11/6, fmt.Sprint(100+k%5+10*(k*k%11/6))
			if k >= 60 {
				promo, value = planned, ""
			}
			fmt.Fprintf(&b, "north,%d,%s,%d\n", k, value, promo)
		}
		input := filepath.Join(dir, fmt.Sprintf("%d.csv", version))
		if err := os.WriteFile(input, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		dataset := fmt.Sprintf("scenario-%d", version)
		if text := c.foliocast(t, "dataset", "add", dataset, input, "--x", "promo"); !strings.Contains(text, "known in advance, for --x: promo, 0 to 63") {
			t.Errorf("dataset add prints %s", text)
		}
		asked := []string{"--x", "promo", "--horizon", "4", "--model", "ar", "--levels", "80"}
		var served, ran job.Answer
		text := c.foliocast(t, append([]string{"job", "submit", "--dataset", dataset, "--assets", "*", "--wait", "--json"}, asked...)...)
		if err := json.Unmarshal([]byte(text), &served); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		cmd := exec.Command(program(t, "mpicalc"), append([]string{"run", "--input", input, "--with-assets"}, asked...)...)
		cmd.Env = append(os.Environ(), openMPI()...)
		printed, err := cmd.Output()
		if err != nil {
			t.Fatalf("mpicalc run: %v", err)
		}
		if err := json.Unmarshal(printed, &ran); err != nil {
			t.Fatal(err)
		}
		ignored := cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Job" || p.String() == "Provenance" }, cmp.Ignore())
		if diff := cmp.Diff(served, ran, ignored); diff != "" {
			t.Errorf("version %d (-service +run):\n%s", version, diff)
		}
		forecasts[version] = served
	}
	effect := forecasts[1].Assets[0].X["promo"].Value
	for k, v := range forecasts[1].Assets[0].Mean {
		if other := forecasts[2].Assets[0].Mean[k]; other-v < 0.999*effect || other-v > 1.001*effect || effect < 9 || effect > 11 {
			t.Errorf("step %d is %v, and %v with a promotion, whose effect is %v", k+1, v, other, effect)
		}
	}
	var j job.Job
	err := c.call(t.Context(), "POST", "/v1/jobs", job.Spec{Dataset: "scenario-1", Assets: []string{"*"}, Horizon: 5, X: []string{"promo"}}, &j)
	if refused, ok := errors.AsType[*problem.Problem](err); !ok || refused.Status != 422 || len(refused.Faults) != 1 || refused.Faults[0].Pointer != "/x/0" ||
		!strings.Contains(refused.Faults[0].Detail, `column "promo" has no value for asset "north" at 64`) {
		t.Errorf("a horizon beyond the future values: %+v", err)
	}
}
