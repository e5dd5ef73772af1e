// Package backtesttable writes the answer of a backtest as tables: a line for each model, for all series and for each kind of
// them, as text for people or as CSV; and a line for each forecast, as CSV. It computes nothing.
package backtesttable

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// all is the kind of the lines for all series.
const all = "all"

// shape is what the columns of a table of scores depend on.
type shape struct {
	kinds, millis bool
	compared      bool
	levels        []string
}

func shapeOf(b job.Backtest) shape {
	s := shape{kinds: len(b.Kinds) > 0, compared: b.Comparison != nil}
	for _, score := range b.Scores {
		s.millis = s.millis || score.Millis != nil
		if s.levels == nil {
			s.levels = ascending(score.Coverage)
		}
	}
	return s
}

// ascending are the names of levels, the lowest first.
func ascending[V any](values map[string]V) []string {
	percent := func(name string) float64 {
		v, _ := strconv.ParseFloat(name, 64)
		return v
	}
	return slices.SortedFunc(maps.Keys(values), func(a, b string) int { return cmp.Compare(percent(a), percent(b)) })
}

// columns names the columns of numbers.
func (s shape) columns() []string {
	names := []string{"series", "forecasts", "smape", "mase", "owa", "wql"}
	for _, l := range s.levels {
		names = append(names, "coverage-"+l)
	}
	for _, l := range s.levels {
		names = append(names, "msis-"+l)
	}
	if s.millis {
		names = append(names, "ms")
	}
	return names
}

// cells are the numbers of a score, in one format and the quantile loss, which is often small, in another.
func (s shape) cells(score job.Score, format, small string) []string {
	var values []*float64
	for _, l := range s.levels {
		values = append(values, score.Coverage[l])
	}
	for _, l := range s.levels {
		values = append(values, score.MSIS[l])
	}
	if s.millis {
		values = append(values, score.Millis)
	}
	cells := []string{strconv.Itoa(score.Series), strconv.Itoa(score.Forecasts),
		cell(score.SMAPE, format), cell(score.MASE, format), cell(score.OWA, format), cell(score.WQL, small)}
	for _, v := range values {
		cells = append(cells, cell(v, format))
	}
	return cells
}

func cell(v *float64, format string) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf(format, *v)
}

// comparisonColumns has the columns of a comparison, which the line of the first of the two models has.
func comparisonColumns() []string {
	return []string{"against", "difference", "lo-95", "hi-95", "p-t", "p-signed-rank", "median-ratio", "better", "worse", "dm-series", "dm-better", "dm-worse"}
}

// comparisonCells are the cells of the line of a model under these columns.
func comparisonCells(model string, c *job.Comparison) []string {
	if c == nil || c.A != model {
		return make([]string, len(comparisonColumns()))
	}
	cells := []string{c.B}
	for _, v := range []*float64{c.Difference, c.Lo, c.Hi, c.P, c.PSignedRank, c.MedianRatio} {
		cells = append(cells, cell(v, "%g"))
	}
	dm := job.DM{}
	if c.DM != nil {
		dm = *c.DM
	}
	for _, n := range []int{c.Better, c.Worse, dm.Series, dm.Better, dm.Worse} {
		cells = append(cells, strconv.Itoa(n))
	}
	return cells
}

// WriteCSV writes the scores with every digit. With kinds of series, a first column has the kind of each line; the columns of a
// comparison are the last.
func WriteCSV(w io.Writer, b job.Backtest) error {
	s := shapeOf(b)
	head := append([]string{"model"}, s.columns()...)
	if s.kinds {
		head = append([]string{"kind"}, head...)
	}
	if s.compared {
		head = append(head, comparisonColumns()...)
	}
	rows := [][]string{head}
	add := func(kind string, scores []job.Score, c *job.Comparison) {
		for _, score := range scores {
			row := append([]string{score.Model}, s.cells(score, "%g", "%g")...)
			if s.kinds {
				row = append([]string{kind}, row...)
			}
			if s.compared {
				row = append(row, comparisonCells(score.Model, c)...)
			}
			rows = append(rows, row)
		}
	}
	add(all, b.Scores, b.Comparison)
	for _, k := range b.Kinds {
		add(k.Kind, k.Scores, k.Comparison)
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// WriteText writes a table of the scores for all series, one for each kind, and what [Sentences] says; of a backtest of risk, the tables of
// that, with a line for each of the assets.
func WriteText(w io.Writer, b job.Backtest, assets []job.Asset) error {
	if b.Risk != nil {
		return errors.Join(writeRisk(w, *b.Risk, assets), writeSentences(w, b))
	}
	s := shapeOf(b)
	columns := []texttable.Column{texttable.Left("MODEL")}
	for _, name := range s.columns() {
		columns = append(columns, texttable.Right(strings.ToUpper(name)))
	}
	table := func(scores []job.Score) error {
		var rows [][]string
		for _, score := range scores {
			rows = append(rows, append([]string{score.Model}, s.cells(score, "%.3f", "%.4f")...))
		}
		return texttable.Write(w, columns, rows)
	}
	if err := table(b.Scores); err != nil {
		return err
	}
	for _, k := range b.Kinds {
		if _, err := fmt.Fprintf(w, "\n%s\n", texttable.Printable(k.Kind)); err != nil {
			return err
		}
		if err := table(k.Scores); err != nil {
			return err
		}
	}
	return writeSentences(w, b)
}

// writeSentences writes what [Sentences] says, a line each.
func writeSentences(w io.Writer, b job.Backtest) error {
	for i, sentence := range Sentences(b) {
		if i == 0 && len(b.Kinds) > 0 {
			sentence = "\n" + sentence
		}
		if _, err := fmt.Fprintln(w, texttable.Printable(sentence)); err != nil {
			return err
		}
	}
	return nil
}

// Sentences say what the table does not: the comparison of two models, and what was left out.
func Sentences(b job.Backtest) []string {
	sentences := slices.Clone(b.Remarks)
	if b.Omitted > 0 {
		sentences = append(sentences, fmt.Sprintf("%d series were not evaluated: there are no actual values at a step of the forecast, or too few values to train on.", b.Omitted))
	}
	if b.Short > 0 {
		sentences = append(sentences, fmt.Sprintf("%d series are too short for all origins and were evaluated at fewer.", b.Short))
	}
	for _, s := range b.Scores {
		if s.Failed > 0 {
			sentences = append(sentences, fmt.Sprintf("%s had no forecast for %d samples.", s.Model, s.Failed))
		}
	}
	if b.Comparison != nil {
		sentences = append(sentences, compared(*b.Comparison, ""))
	}
	for _, k := range b.Kinds {
		if k.Comparison != nil {
			sentences = append(sentences, compared(*k.Comparison, k.Kind+": "))
		}
	}
	return sentences
}

// compared is a comparison in words.
func compared(c job.Comparison, prefix string) string {
	if c.Series == 0 {
		return fmt.Sprintf("%s%s and %s have no series in common whose MASE is defined.", prefix, c.A, c.B)
	}
	text := fmt.Sprintf("%s%s against %s on %d series: MASE %s", prefix, c.A, c.B, c.Series, cell(c.Difference, "%+.4f"))
	if c.Lo != nil && c.Hi != nil {
		text += fmt.Sprintf(" (95 %%: %+.4f to %+.4f, p = %s)", *c.Lo, *c.Hi, pText(c.P))
	}
	text += fmt.Sprintf(", signed rank p = %s, median ratio %s, better on %d, worse on %d.", pText(c.PSignedRank), cell(c.MedianRatio, "%.4f"), c.Better, c.Worse)
	if c.DM != nil {
		text += fmt.Sprintf(" Diebold-Mariano within a series, at 5 %%: better on %d, worse on %d of %d", c.DM.Better, c.DM.Worse, c.DM.Series)
		if c.DM.P != nil {
			text += " (p = " + pText(c.DM.P) + ")"
		}
		text += "."
	}
	return text
}

func pText(p *float64) string {
	switch {
	case p == nil:
		return "undefined"
	case *p < 0.0001:
		return fmt.Sprintf("%.1e", *p)
	}
	return fmt.Sprintf("%.4f", *p)
}
