package forecasttable

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// shownChanges is how many assets the table of a scenario shows at most.
const shownChanges = 20

// writeScenarios writes what each scenario means at the first and the last step: for the portfolio, and for the assets, those that
// change most first.
func (t *text) writeScenarios(w io.Writer, f job.Forecast) error {
	last := len(f.Mean) - 1
	columns := []texttable.Column{texttable.Left("SCENARIO"), texttable.Left("ASSET")}
	steps := []int{0, last}
	if last == 0 {
		steps = steps[:1]
	}
	for _, k := range steps {
		columns = append(columns, texttable.Right(t.when(f, k)), texttable.Right("±"))
	}
	var rows [][]string
	more := 0
	for _, c := range f.Scenarios {
		head := c.Name
		add := func(asset string, of job.Change) {
			row := []string{head, asset}
			for _, k := range steps {
				row = append(row, share(of, of.Change, k), share(of, of.Volatility, k))
			}
			rows, head = append(rows, row), ""
		}
		add("overall", c.Overall)
		names := slices.SortedFunc(maps.Keys(c.Assets), func(a, b string) int {
			return cmp.Or(cmp.Compare(moved(c.Assets[b]), moved(c.Assets[a])), strings.Compare(a, b))
		})
		for _, name := range names[:min(len(names), shownChanges)] {
			add(name, c.Assets[name])
		}
		more = max(more, len(names)-shownChanges)
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := texttable.Write(w, columns, rows); err != nil || more <= 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "and %d more assets, which the JSON form has\n", more)
	return err
}

// moved is how far an asset goes at the first step.
func moved(c job.Change) float64 {
	if len(c.Change) == 0 {
		return -1
	}
	return math.Abs(c.Change[0])
}

// share is a value as percent; there are none where they are in other units.
func share(c job.Change, values []float64, k int) string {
	if c.Change == nil || k >= len(values) {
		return ""
	}
	return percent(values[k])
}

func percent(v float64) string { return strconv.FormatFloat(100*v, 'f', 2, 64) + " %" }

// writeRelative writes how the portfolio does compared with its benchmark, in a row for each step.
func (t *text) writeRelative(w io.Writer, f job.Forecast) error {
	r, found := f.Relative, map[float64]string{}
	addNumbers(found, r.VaR)
	levels := ascending(found)
	columns := []texttable.Column{texttable.Left("BENCHMARK"), t.timeColumn(), texttable.Right("BETA"), texttable.Right("TRACKING ERROR"), texttable.Right("P(LESS)")}
	for _, l := range levels {
		columns = append(columns, texttable.Right("VAR-"+l), texttable.Right("ES-"+l))
	}
	var rows [][]string
	head := r.Benchmark
	for k := range f.Mean {
		beta := ""
		if b := r.Beta[k]; b != nil {
			beta = strconv.FormatFloat(*b, 'f', 3, 64)
		}
		row := []string{head, t.when(f, k), beta, percent(r.TrackingError[k]), strconv.FormatFloat(r.Underperformance[k], 'f', 3, 64)}
		for _, l := range levels {
			row = append(row, percent(r.VaR[l][k]), percent(r.ES[l][k]))
		}
		rows, head = append(rows, row), ""
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return texttable.Write(w, columns, rows)
}
