// Package report writes the answer of a job as one HTML page: pictures, each with the table of its numbers, and what the numbers were
// made from. The page needs no other file, no network and no script, follows the reader's colour scheme, and can be read without seeing
// it. Names that users chose are text in it, whatever they are.
package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"foliocast/internal/chart"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Report is what a page is made of.
type Report struct {
	Job     job.Job    // of a program without services: only its Spec
	Answer  job.Answer // of a job that has ended
	Command string     // repeats the job; may be empty
	Source  string     // names the data where the job names no dataset
	Past    Past       // may be nil
	More    bool       // the answer has more assets than are in Answer
}

// Past finds the last values before the forecast: of an asset, or of the portfolio for the empty name. A series without values has none
// to show, and note may say why.
type Past func(asset string) (s chart.Series, note string, err error)

// PastSteps is how many values before a forecast of a horizon are worth showing: some horizons, but neither too few nor too many.
func PastSteps(horizon int) int {
	const least, most, horizons = 40, 260, 6
	return min(max(horizons*horizon, least), most)
}

// PastFrom is Past by a function that fetches the last values. Where the data are gone, the forecast is shown without them.
func PastFrom(fetch func(asset string) (ds []string, y []float64, note string, err error)) Past {
	return func(asset string) (chart.Series, string, error) {
		ds, y, note, err := fetch(asset)
		if p, ok := errors.AsType[*problem.Problem](err); ok && (p.Kind() == problem.NotFound || p.Kind() == problem.Conflict) {
			return chart.Series{}, p.Detail, nil
		}
		return chart.Series{Times: chart.ParseTimes(ds), Values: y}, note, err
	}
}

// Limits of a page.
const (
	shownAssets = 12  // with a picture
	shownRows   = 500 // of a table
)

//go:embed page.gohtml
var pageText string

// page is the template, parsed once.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageText))
})

// view is what the template shows.
type view struct {
	Title    string
	Style    template.CSS
	Facts    []fact
	Command  string
	Key      []fact // the numbers that matter most
	Sections []section
}

// fact is a name with its value.
type fact struct{ Name, Value, Note string }

// section is a part of the page under a heading.
type section struct {
	ID, Heading string
	Text        []string // paragraphs
	Figures     []figure
	Grid        bool // the figures are small ones beside each other
	Tables      []table
}

// figure is a picture with the table of its numbers, or only the table.
type figure struct {
	Heading      string
	Wide, Narrow template.HTML // the picture in two layouts; Narrow may be empty
	Span         bool          // among small ones: over the whole width
	Text         string        // below the picture
	Table        *table
}

// table is numbers in rows. Open says that it is seen at once.
type table struct {
	ID, Caption string
	Columns     []column
	Rows        [][]string
	More        string // what was left out
	Open        bool
}

// column is the head of a column. The first one names the rows.
type column struct{ Text, Class string }

// Write writes the page. It fails when the answer is broken or the past cannot be found, and returns the error of w.
func (r Report) Write(w io.Writer) error {
	if err := checkShape(r.Answer); err != nil {
		return err
	}
	m := &maker{Report: r}
	v, err := m.view()
	if err != nil {
		return err
	}
	return page().Execute(w, v)
}

// Sections are the parts of the page about the risk of the portfolio and about a backtest, for another page. That page has the rules of
// [chart.SchemeStyleSheet], and for the classes full and slim, of which it shows one.
func (r Report) Sections() (template.HTML, error) {
	if err := checkShape(r.Answer); err != nil {
		return "", err
	}
	m := &maker{Report: r}
	makers := []func() (section, bool, error){m.paths, m.scenarios, m.benchmark, m.correlation, m.backtest, m.calibration}
	if f := r.Answer.Overall; f != nil && f.Risk != nil {
		makers = slices.Insert(makers, 0, m.risk)
	}
	sections, err := sectionsOf(makers)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, s := range sections {
		if err := page().ExecuteTemplate(&b, "section", s); err != nil {
			return "", err
		}
	}
	return template.HTML(b.String()), nil // by the template, which has escaped its texts
}

// sectionsOf are the sections of the makers that have something to show.
func sectionsOf(makers []func() (section, bool, error)) (all []section, err error) {
	for _, make := range makers {
		s, some, err := make()
		if err != nil {
			return nil, err
		}
		if some {
			all = append(all, s)
		}
	}
	return all, nil
}

// maker makes the parts of a page. It counts the pictures and tables, for their ids.
type maker struct {
	Report
	pictures, tables int
}

func (m *maker) view() (*view, error) {
	v := &view{Title: m.title(), Style: template.CSS(chart.StyleSheet()), Facts: m.facts(), Command: m.Command}
	if m.Answer.Overall != nil {
		v.Key = m.key()
	}
	var err error
	v.Sections, err = sectionsOf([]func() (section, bool, error){m.portfolio, m.risk, m.paths, m.scenarios, m.benchmark, m.correlation, m.assets, m.backtest, m.calibration, m.notes})
	return v, err
}

// title says what the page is about.
func (m *maker) title() string {
	what := "Forecast"
	if m.Job.Spec.Backtest() {
		what = "Backtest"
	}
	return what + " of " + m.source()
}

func (m *maker) source() string {
	if m.Job.Dataset.Name != "" {
		return fmt.Sprintf("%s@%d", m.Job.Dataset.Name, m.Job.Dataset.Version)
	}
	return m.Source
}

// unit is that of the overall forecast.
func (m *maker) unit() chart.Unit {
	if m.Job.Spec.Combine == job.Return {
		return chart.Percent
	}
	return chart.Plain
}

// unitText names what the numbers of the portfolio are, for people.
func (m *maker) unitText() string {
	switch s := m.Job.Spec; s.Combine {
	case job.Return:
		return "return of buying at the last common date and holding"
	case job.Value:
		return strings.TrimSpace("value of the holdings " + in(s.Base))
	default:
		return strings.TrimSpace("weighted mean of the assets " + in(s.Base))
	}
}

func in(base string) string {
	if base == "" {
		return ""
	}
	return "in " + base
}

// drawn is anything that draws itself.
type drawn interface {
	Draw(chart.Size) *chart.Picture
}

// Widths of pictures, in CSS pixels: those of a wide and of a narrow page, and of one among several.
const (
	wide, narrow, small = 760, 300, 330
)

// figure draws a picture in two layouts.
func (m *maker) figure(heading string, d drawn, height float64, t *table) (figure, error) {
	f := figure{Heading: heading, Table: t}
	var err error
	if f.Wide, err = m.inline(d, chart.Size{Width: wide, Height: height}); err != nil {
		return f, err
	}
	f.Narrow, err = m.inline(d, chart.Size{Width: narrow, Height: max(height*0.9, 120)})
	return f, err
}

func (m *maker) inline(d drawn, size chart.Size) (template.HTML, error) {
	m.pictures++
	var b strings.Builder
	err := d.Draw(size).Inline(&b, fmt.Sprintf("p%d", m.pictures))
	return template.HTML(b.String()), err // the picture has escaped its texts
}

// table is one with an id of its own, with as many rows as a page shows.
func (m *maker) table(t table) *table {
	m.tables++
	t.ID = fmt.Sprintf("t%d", m.tables)
	if more := len(t.Rows) - shownRows; more > 0 {
		t.Rows = t.Rows[:shownRows]
		t.More = fmt.Sprintf("%d more rows are not shown: foliocast job result writes all of them.", more)
	}
	t.Open = t.Open || len(t.Rows) <= 10
	return &t
}

// Columns of text, of texts that are not broken into lines, and of numbers.
func left(text string) column  { return column{Text: text} }
func whole(text string) column { return column{text, "whole"} }
func right(text string) column { return column{text, "right"} }
