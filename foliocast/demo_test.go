package foliocast

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/internal/job"
)

// What the demonstration says follows from the skills and the risk.
func TestVerdict(t *testing.T) {
	t.Parallel()
	answer := func(base, loss float64, skills ...float64) job.Answer {
		a := job.Answer{Overall: &job.Forecast{Mean: []float64{1, 2}, Risk: &job.Risk{Base: base, VaR: map[string][]float64{"95": {1, loss}}}}}
		for i := range skills {
			a.Assets = append(a.Assets, job.Asset{Mean: []float64{1, 2}, Skill: &skills[i]})
		}
		return a
	}
	for name, c := range map[string]struct {
		answer      job.Answer
		want, lacks string
	}{
		"seasons":        {answer(100, 8, 0.47, 0.86), "here 0.47 to 0.86. The seasons come back", "risk"},
		"walks":          {answer(100, 8, 0.99, 1), "here 0.99 to 1.00. Nothing is much better than the last value, and the forecast says so.\nThe risk is the news: after 2 steps, the portfolio has lost more than 8.0 % once in twenty times.", "seasons"},
		"both":           {answer(100, 8, 0.5, 1), "For some of them, the last value is hard to beat.", "seasons"},
		"no base":        {answer(0, 8, 1), "Nothing is much better", "risk"},
		"without skills": {answer(100, 8), "", "skill"},
		"without risk":   {job.Answer{Overall: &job.Forecast{}}, "", "risk"},
		"empty":          {job.Answer{}, "", "skill"},
	} {
		got := verdict(c.answer)
		if !strings.Contains(got, c.want) || strings.Contains(got, c.lacks) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestDemoRefuses(t *testing.T) {
	t.Parallel()
	p := newPerson(t, newScript(t, nil))
	p.types("", "demo", "--data", filepath.Join(t.TempDir(), "none.csv")).check(t, exitUsage, "", "name the file with --data")
	p.types("", "demo", "--state-dir", t.TempDir()).check(t, exitUsage, "", "--state-dir needs --keep")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.types("", "demo", "--pictures", filepath.Join(file, "x")).check(t, exitUsage, "", "--pictures")
}
