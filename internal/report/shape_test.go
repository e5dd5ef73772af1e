package report_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"foliocast/internal/job"
	"foliocast/internal/report"
)

// Whatever a broken service answers, there is a page or an error.
func TestAnyAnswer(t *testing.T) {
	t.Parallel()
	answers := rapid.Make[job.Answer]()
	specs := rapid.Make[job.Spec]()
	rapid.Check(t, func(t *rapid.T) {
		r := report.Report{Job: job.Job{Spec: specs.Draw(t, "spec")}, Answer: answers.Draw(t, "answer")}
		_ = r.Write(new(strings.Builder))
		_, _ = r.Fan("")
	})
}

// A sound answer that lost a value is refused.
func TestAnswersThatDoNotFit(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*job.Answer){
		"a bound":      func(a *job.Answer) { a.Overall.Lo["95"] = a.Overall.Lo["95"][1:] },
		"no upper end": func(a *job.Answer) { delete(a.Overall.Hi, "95") },
		"a time":       func(a *job.Answer) { a.Assets[0].DS = a.Assets[0].DS[1:] },
		"a shortfall":  func(a *job.Answer) { a.Overall.Risk.ES["99"] = nil },
		"volatility":   func(a *job.Answer) { a.Overall.Risk.Volatility = nil },
	} {
		r := forecast()
		change(&r.Answer)
		if err := r.Write(new(strings.Builder)); err == nil || !strings.Contains(err.Error(), "the answer is broken") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
