package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// facts say what was asked, of which data, and by which program it was answered.
func (m *maker) facts() []fact {
	var all []fact
	add := func(name, format string, args ...any) {
		if text := strings.TrimSpace(fmt.Sprintf(format, args...)); text != "" {
			all = append(all, fact{Name: name, Value: text})
		}
	}
	j, s, p := m.Job, m.Job.Spec, m.Answer.Provenance
	if j.ID != "" {
		add("Job", "%s", strings.Join(slices.DeleteFunc([]string{string(j.ID), string(m.Answer.State), j.Owner}, func(s string) bool { return s == "" }), ", "))
	}
	if !j.CreatedAt.IsZero() {
		add("Asked", "%s", instant(j.CreatedAt))
	}
	if j.EndedAt != nil {
		add("Answered", "%s, after %s", instant(*j.EndedAt), j.EndedAt.Sub(j.CreatedAt).Round(10*time.Millisecond))
	}
	add("Data", "%s", m.dataText())
	add("What", "%s", m.what())
	add("Options", "%s", options(s))
	if p.Program != "" {
		add("Computed by", "%s on %s (%s)", p.Program, count(p.Ranks, "rank"), strings.Join(p.Hosts, ", "))
	}
	return all
}

func instant(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04:05 UTC") }

// dataText names the data by name and by content.
func (m *maker) dataText() string {
	text := m.source()
	if c := m.Job.Dataset.Column; c != "" {
		text += ", column " + c
	}
	if sum := m.Answer.Provenance.DatasetSHA256; sum != "" {
		text += ", SHA-256 " + sum
	}
	return text
}

// what says in a line what the job was.
func (m *maker) what() string {
	s := m.Job.Spec
	assets := "all assets"
	if !s.All() {
		assets = count(len(s.Assets), "asset")
		if n := len(s.Assets); n > 0 && n <= 8 {
			assets = strings.Join(s.Assets, ", ")
		}
	}
	if s.Backtest() {
		return fmt.Sprintf("%s by %s from %s of %s each", assets, strings.Join(s.Models, ", "), count(s.Origins, "origin"), count(s.Horizon, "step"))
	}
	return fmt.Sprintf("%s, %s ahead by %s; the portfolio is the %s", assets, count(s.Horizon, "step"), s.Model, m.unitText())
}

// options are the fields of a job that change what it computes, where they were set.
func options(s job.Spec) string {
	var all []string
	add := func(name, value string) {
		if value != "" {
			all = append(all, name+" "+value)
		}
	}
	add("frequency", s.Freq)
	add("seasons", list(s.Season, strconv.Itoa))
	add("levels", list(s.Levels, job.Level))
	add("quantiles", list(s.Quantiles, job.Quantile))
	add("risk", list(s.Risk, job.Level))
	add("bands", list(s.Bands, job.Level))
	add("point", string(s.Point))
	add("columns known in advance", strings.Join(s.X, ", "))
	add("rates", s.Rates)
	add("from", s.From)
	add("to", s.To)
	add("as of", s.AsOf)
	add("missing values", string(s.Missing))
	add("resampled by", string(s.Resample))
	add("stale after", s.Stale)
	return strings.Join(all, "; ")
}

func list[T any](values []T, text func(T) string) string {
	var all []string
	for _, v := range values {
		all = append(all, text(v))
	}
	return strings.Join(all, ", ")
}

// count is a number of things.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return chart.Number(float64(n), 0) + " " + thing
}

// key are the numbers of the portfolio that matter most, at the end of the horizon.
func (m *maker) key() []fact {
	f, last := m.Answer.Overall, len(m.Answer.Overall.Mean)-1
	if last < 0 {
		return nil
	}
	n := m.overallNumbers()
	at := "step " + strconv.Itoa(last+1)
	if len(f.DS) > last {
		at = chart.ParseTimes(f.DS).Text(last)
	}
	all := []fact{{"Forecast for " + at, n.text(f.Mean[last]), m.change(f, n)}}
	if l := widest(f.Lo); l != "" {
		all = append(all, fact{l + " % interval", n.text(f.Lo[l][last]) + " to " + n.text(f.Hi[l][last]), "at this step alone"})
	}
	r := f.Risk
	if r == nil {
		return all
	}
	for _, l := range ascending(r.VaR) {
		all = append(all, fact{"Value at risk " + l + " %", n.text(r.VaR[l][last]), m.share(r.VaR[l][last], r.Base)},
			fact{"Expected shortfall " + l + " %", n.text(r.ES[l][last]), m.share(r.ES[l][last], r.Base)})
	}
	all = append(all, fact{"Volatility", n.text(r.Volatility[last]), m.share(r.Volatility[last], r.Base)},
		fact{"Probability of a loss", chart.Significant(r.LossProbability[last], 1, chart.Percent), "worth less than now"})
	for _, l := range ascending(r.Drawdown) {
		all = append(all, fact{"Drawdown " + l + " %", n.text(r.Drawdown[l]), "at most, within the horizon"})
	}
	return all
}

// change says how far the forecast is from what the portfolio is worth now, where that is known.
func (m *maker) change(f *job.Forecast, n numbers) string {
	last := f.Mean[len(f.Mean)-1]
	if f.Risk == nil || f.Risk.Base == 0 {
		return ""
	}
	return signed((last-f.Risk.Base)/f.Risk.Base) + " from " + n.text(f.Risk.Base)
}

func signed(share float64) string {
	text := chart.Significant(share, 0.1, chart.Percent)
	if share > 0 {
		return "+" + text
	}
	return text
}

// share is a loss as a share of the base, where there is one.
func (m *maker) share(loss, base float64) string {
	if base == 0 {
		return ""
	}
	return chart.Significant(loss/base, 0.1, chart.Percent) + " of the worth now"
}
