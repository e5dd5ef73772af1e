package forecasttable

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// shownComponents is how many assets the table of components shows at most.
const shownComponents = 20

// writeRisk writes what the portfolio may lose, in a row for each step, what the assets add to it at the last one, the most first, and
// how far it may fall on the way.
func (t *text) writeRisk(w io.Writer, f job.Forecast) error {
	r, found := f.Risk, map[float64]string{}
	addNumbers(found, r.VaR)
	levels, n := ascending(found), notationOfRisk(f.Risk)
	columns := []texttable.Column{texttable.Left("RISK"), t.timeColumn(), texttable.Right("VOLATILITY"), texttable.Right("P(LOSS)")}
	for _, l := range levels {
		columns = append(columns, texttable.Right("VAR-"+l), texttable.Right("ES-"+l))
	}
	var rows [][]string
	head := "overall"
	for k := range f.Mean {
		row := []string{head, t.when(f, k), cell(n, r.Volatility, k), strconv.FormatFloat(r.LossProbability[k], 'f', 3, 64)}
		for _, l := range levels {
			row = append(row, cell(n, r.VaR[l], k), cell(n, r.ES[l], k))
		}
		rows, head = append(rows, row), ""
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := texttable.Write(w, columns, rows); err != nil {
		return err
	}
	if err := writeComponents(w, r, levels, n); err != nil {
		return err
	}
	var falls []string
	for _, l := range levels {
		falls = append(falls, fmt.Sprintf("%s of %s %%", n.text(r.Drawdown[l]), l))
	}
	falls[0] = strings.Replace(falls[0], " of ", " with a probability of ", 1)
	_, err := fmt.Fprintf(w, "Drawdown within the horizon: at most %s\n", strings.Join(falls, ", "))
	return err
}

// notationOfRisk has three significant digits of the first value at risk.
func notationOfRisk(r *job.Risk) notation {
	around := map[string][]float64{"": nil}
	for _, values := range r.VaR {
		for _, v := range values[:min(1, len(values))] {
			around[""] = append(around[""], -2*v) // half of it counts
		}
	}
	return notationOf(job.Forecast{Mean: make([]float64, len(around[""])), Lo: around, Hi: map[string][]float64{"": make([]float64, len(around[""]))}})
}

// writeComponents writes what the assets add to the risk at the last step, if they are known.
func writeComponents(w io.Writer, r *job.Risk, levels []string, n notation) error {
	if len(r.Components) == 0 {
		return nil
	}
	names := slices.SortedFunc(maps.Keys(r.Components), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Components[b].ES[levels[0]], r.Components[a].ES[levels[0]]), strings.Compare(a, b))
	})
	columns := []texttable.Column{texttable.Left("COMPONENT")}
	for _, l := range levels {
		columns = append(columns, texttable.Right("VAR-"+l), texttable.Right("ES-"+l))
	}
	var rows [][]string
	for _, name := range names[:min(len(names), shownComponents)] {
		row := []string{name}
		for _, l := range levels {
			row = append(row, n.text(r.Components[name].VaR[l]), n.text(r.Components[name].ES[l]))
		}
		rows = append(rows, row)
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := texttable.Write(w, columns, rows); err != nil {
		return err
	}
	if more := len(names) - shownComponents; more > 0 {
		_, err := fmt.Fprintf(w, "and %d more assets, which the JSON form has\n", more)
		return err
	}
	return nil
}
