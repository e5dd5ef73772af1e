package foliocast

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"foliocast/internal/chart"
	"foliocast/internal/job"
	"foliocast/internal/report"
)

// fixedPast is the past of a portfolio that was fetched before.
func fixedPast(s chart.Series, note string) report.Past {
	return func(string) (chart.Series, string, error) { return s, note, nil }
}

// demoPictures writes the picture of each portfolio into a directory.
func (a *app) demoPictures(dir string, all []demonstrated) error {
	for i := range all {
		fan, err := all[i].report.Fan("")
		if err != nil {
			return err
		}
		all[i].Picture = filepath.Join(dir, all[i].Dataset+".svg")
		err = a.writeFlagged("--pictures", all[i].Picture, func(w io.Writer) error {
			return fan.Draw(chart.Size{Width: plotWidth, Height: plotHeight, Heading: true}).SVG(w)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// showPortfolio prints what the forecast of a portfolio comes to, draws it, and says what to think of it.
func (a *app) showPortfolio(w io.Writer, one demonstrated) error {
	line(w, "\n%s: %s\n", one.Dataset, one.about)
	a.table(w, outcome(one.Answer))
	line(w, "")
	fan, err := one.report.Fan("")
	if err != nil {
		return err
	}
	if err := a.plotOn(w, a.out, fan); err != nil {
		return err
	}
	line(w, "%s", verdict(one.Answer))
	if one.Picture != "" {
		line(w, "The picture is in %s", one.Picture)
	}
	return nil
}

// outcome is the last step of each asset and of the portfolio.
func outcome(a job.Answer) sheet {
	s := newSheet("asset,skill,for,forecast,from,to (95 %)", "model")
	rounded := func(values []float64) any {
		if len(values) == 0 {
			return nil
		}
		return float(values[len(values)-1])
	}
	for _, one := range a.Assets {
		skill := any(nil)
		if one.Skill != nil {
			skill = float(*one.Skill)
		}
		s.add(one.Asset, skill, last(one.DS), rounded(one.Mean), rounded(one.Lo["95"]), rounded(one.Hi["95"]), one.Model)
	}
	if o := a.Overall; o != nil {
		s.add("the portfolio", nil, last(o.DS), rounded(o.Mean), rounded(o.Lo["95"]), rounded(o.Hi["95"]), "")
	}
	return s
}

func last(times []string) string {
	if len(times) == 0 {
		return ""
	}
	return times[len(times)-1]
}

// verdict says what the skills and the risk of a forecast mean.
func verdict(a job.Answer) string {
	best, worst, steps := math.Inf(1), math.Inf(-1), 0
	for _, one := range a.Assets {
		if one.Skill != nil {
			best, worst = min(best, *one.Skill), max(worst, *one.Skill)
		}
		steps = max(steps, len(one.Mean))
	}
	var b strings.Builder
	if worst >= best {
		const better = 0.9 // a tenth less error than that of the last value
		fmt.Fprintf(&b, "The skill is the error divided by that of the last value as forecast: here %.2f to %.2f. ", best, worst)
		if worst < better {
			b.WriteString("The seasons come back, and knowing them helps.")
		} else if best >= better {
			b.WriteString("Nothing is much better than the last value, and the forecast says so.")
		} else {
			b.WriteString("For some of them, the last value is hard to beat.")
		}
	}
	if o := a.Overall; o != nil && o.Risk != nil && o.Risk.Base > 0 && len(o.Risk.VaR["95"]) > 0 {
		loss := o.Risk.VaR["95"][len(o.Risk.VaR["95"])-1] / o.Risk.Base
		if worst >= 0.9 && loss > 0 {
			fmt.Fprintf(&b, "\nThe risk is the news: after %d steps, the portfolio has lost more than %.1f %% once in twenty times.", steps, 100*loss)
		}
	}
	return b.String()
}
