package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"foliocast/internal/job"
)

// print writes the scores, as JSON, as a table for a person, or as CSV.
func (b *backtest) print(scores []score) error {
	var err error
	switch {
	case b.json:
		err = json.NewEncoder(b.stdout).Encode(struct {
			Scores  []score  `json:"scores"`
			Omitted int      `json:"series_omitted,omitzero"`
			Short   int      `json:"series_with_fewer_origins,omitzero"`
			Remarks []string `json:"remarks,omitzero"`
		}{scores, b.omitted, b.shortened, b.notes})
	case onTerminal():
		err = b.printTable(scores)
	default:
		if err = b.printCSV(scores); err == nil {
			_, err = io.WriteString(b.stderr, b.remarks(scores)) // the table is for a program
		}
	}
	return asFailure(err)
}

func (b *backtest) columns() []string {
	names := []string{"model", "series", "smape", "mase", "owa"}
	for _, l := range b.levels {
		names = append(names, "coverage-"+job.Level(l))
	}
	return append(names, "ms")
}

// row returns the cells of a score, with its numbers in the given format.
func (b *backtest) row(s score, format string) []string {
	cell := func(v *float64) string {
		if v == nil {
			return ""
		}
		return fmt.Sprintf(format, *v)
	}
	cells := []string{s.Model, fmt.Sprint(s.Series), cell(s.SMAPE), cell(s.MASE), cell(s.OWA)}
	for _, l := range b.levels {
		cells = append(cells, cell(s.Coverage[job.Level(l)]))
	}
	return append(cells, cell(s.Millis))
}

func (b *backtest) printTable(scores []score) error {
	w := tabwriter.NewWriter(b.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells []string) { fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	line(b.columns())
	for _, s := range scores {
		line(b.row(s, "%.3f"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(b.stdout, b.remarks(scores))
	return err
}

// remarks says which series and forecasts the table leaves out.
func (b *backtest) remarks(scores []score) string {
	var text strings.Builder
	for _, note := range b.notes {
		fmt.Fprintln(&text, note)
	}
	if b.omitted > 0 {
		fmt.Fprintf(&text, "%d series were not evaluated: there are no actual values at a step of the forecast, or too few values to train on.\n", b.omitted)
	}
	if b.shortened > 0 {
		fmt.Fprintf(&text, "%d series are too short for %d origins and were evaluated at fewer.\n", b.shortened, b.origins)
	}
	for _, s := range scores {
		if s.Failed > 0 {
			fmt.Fprintf(&text, "%s had no forecast for %d series.\n", s.Model, s.Failed)
		}
	}
	return text.String()
}

func (b *backtest) printCSV(scores []score) error {
	w := csv.NewWriter(b.stdout)
	rows := [][]string{b.columns()}
	for _, s := range scores {
		rows = append(rows, b.row(s, "%g"))
	}
	return w.WriteAll(rows)
}

// onTerminal reports whether the standard output is a terminal. mpirun always gives its ranks a terminal of their own;
// under it, the output of mpirun itself, the parent process, decides.
func onTerminal() bool {
	if !term.IsTerminal(int(os.Stdout.Fd())) {
		return false
	}
	if os.Getenv("OMPI_COMM_WORLD_RANK") == "" {
		return true
	}
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/1", os.Getppid()))
	return err == nil && (strings.HasPrefix(target, "/dev/pts/") || strings.HasPrefix(target, "/dev/tty"))
}
