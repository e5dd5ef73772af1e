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

// WriteText writes an answer for people: the forecast of each asset and of the
// portfolio in one table with a row for each step, and under it a sentence for
// each asset that has no forecast or not the one that was asked for. Unlike the
// file formats it rounds (see [notation]) and needs the whole answer, because a
// column is as wide as its widest value.
func WriteText(w io.Writer, a job.Answer) error {
	t := textOf(a)
	if len(t.rows) > 0 {
		if err := texttable.Write(w, t.columns(), t.rows); err != nil {
			return err
		}
	}
	if a.Overall != nil && a.Overall.Risk != nil {
		if err := t.writeRisk(w, *a.Overall); err != nil {
			return err
		}
	}
	if a.Overall != nil && len(a.Overall.Scenarios) > 0 {
		if err := t.writeScenarios(w, *a.Overall); err != nil {
			return err
		}
	}
	if a.Overall != nil && a.Overall.Relative != nil {
		if err := t.writeRelative(w, *a.Overall); err != nil {
			return err
		}
	}
	for _, sentence := range Sentences(a) {
		if _, err := fmt.Fprintln(w, texttable.Printable(sentence)); err != nil {
			return err
		}
	}
	return nil
}

// text is the table that people read.
type text struct {
	time      job.TimeKind
	point     string   // the name of the column of point forecasts
	levels    []string // of any asset, the narrowest first
	quantiles []string // likewise, the lowest first
	bands     []string // likewise, as levels
	rows      [][]string
}

func textOf(a job.Answer) *text {
	t := &text{time: a.Time, point: pointOf(a)}
	t.levels, t.quantiles, t.bands = boundsOf(a)
	for _, asset := range a.Assets {
		if asset.Error == nil {
			t.add([3]string{asset.Asset, asset.Model, skill(asset.Skill)}, job.Forecast{DS: asset.DS, Mean: asset.Mean, Lo: asset.Lo, Hi: asset.Hi, Quantiles: asset.Quantiles,
				Band: asset.Band})
		}
	}
	if a.Overall != nil {
		t.add([3]string{"overall"}, *a.Overall)
	}
	return t
}

func (t *text) timeColumn() texttable.Column {
	switch t.time {
	case job.TimeDate:
		return texttable.Right("DATE")
	case job.TimeDatetime, job.TimeInstant:
		return texttable.Right("TIME")
	}
	return texttable.Right("STEP")
}

func (t *text) columns() []texttable.Column {
	columns := []texttable.Column{texttable.Left("ASSET"), texttable.Left("MODEL"), texttable.Right("SKILL"), t.timeColumn(), texttable.Right(t.point)}
	for _, l := range t.levels {
		columns = append(columns, texttable.Right("LO-"+l), texttable.Right("HI-"+l))
	}
	for _, p := range t.quantiles {
		columns = append(columns, texttable.Right("Q-"+p))
	}
	for _, l := range t.bands {
		columns = append(columns, texttable.Right("BAND-LO-"+l), texttable.Right("BAND-HI-"+l))
	}
	return columns
}

// add adds the rows of one forecast. Its name, model and skill stand in the
// first row only.
func (t *text) add(head [3]string, f job.Forecast) {
	n := notationOf(f)
	for k, mean := range f.Mean {
		row := append(head[:], t.when(f, k), n.text(mean))
		for _, l := range t.levels {
			row = append(row, cell(n, f.Lo[l], k), cell(n, f.Hi[l], k))
		}
		for _, p := range t.quantiles {
			row = append(row, cell(n, f.Quantiles[p], k))
		}
		band := cmp.Or(f.Band, &job.Band{})
		for _, l := range t.bands {
			row = append(row, cell(n, band.Lo[l], k), cell(n, band.Hi[l], k))
		}
		t.rows = append(t.rows, row)
		head = [3]string{}
	}
}

// pointOf names what the point forecasts of an answer are. Answers of earlier
// versions do not say it.
func pointOf(a job.Answer) string {
	found := map[job.Point]bool{}
	for _, asset := range a.Assets {
		found[asset.Point] = true
	}
	if a.Overall != nil {
		found[a.Overall.Point] = true
	}
	switch {
	case !found[job.PointMedian]:
		return "MEAN"
	case !found[job.PointMean]:
		return "MEDIAN"
	}
	return "POINT"
}

// when is the time of a step: its number in an answer of an earlier version,
// which has no times, and its number in words in a portfolio whose assets do not
// share their times.
func (t *text) when(f job.Forecast, k int) string {
	switch {
	case k < len(f.DS):
		return f.DS[k]
	case t.time == "":
		return strconv.Itoa(k + 1)
	}
	return fmt.Sprintf("step %d", k+1)
}

func cell(n notation, values []float64, k int) string {
	if k >= len(values) {
		return ""
	}
	return n.text(values[k])
}

func skill(s *float64) string {
	if s == nil {
		return ""
	}
	return strconv.FormatFloat(*s, 'f', 3, 64)
}

// boundsOf are the levels of an answer's intervals, its quantiles, and the levels
// of its bands, each ascending.
func boundsOf(a job.Answer) (levels, quantiles, bands []string) {
	ofLevels, ofQuantiles, ofBands := map[float64]string{}, map[float64]string{}, map[float64]string{}
	add := func(lo, of map[string][]float64, band *job.Band) {
		addNumbers(ofLevels, lo)
		addNumbers(ofQuantiles, of)
		if band != nil {
			addNumbers(ofBands, band.Lo)
		}
	}
	if a.Overall != nil {
		add(a.Overall.Lo, a.Overall.Quantiles, a.Overall.Band)
	}
	for _, asset := range a.Assets {
		add(asset.Lo, asset.Quantiles, asset.Band)
	}
	return ascending(ofLevels), ascending(ofQuantiles), ascending(ofBands)
}

// addNumbers adds the keys of bounds that are numbers.
func addNumbers(found map[float64]string, bounds map[string][]float64) {
	for text := range bounds {
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			found[n] = text
		}
	}
}

func ascending(texts map[float64]string) (all []string) {
	for _, n := range slices.Sorted(maps.Keys(texts)) {
		all = append(all, texts[n])
	}
	return all
}

// maxEffects is up to how many assets the effects of columns are shown; the other forms have those of all.
const maxEffects = 20

// effects say what a value is more where a column is more by 1, with the standard error.
func effects(x map[string]job.Effect) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(x)) {
		if e := x[name]; e.StdErr != nil {
			all = append(all, fmt.Sprintf("%s adds %.3g (standard error %.2g)", name, e.Value, *e.StdErr))
		} else {
			all = append(all, name+" adds nothing that can be estimated")
		}
	}
	return strings.Join(all, ", ")
}

// Sentences say what a table of the answer does not.
func Sentences(a job.Answer) []string {
	var all []string
	for _, asset := range a.Assets {
		switch {
		case asset.Error != nil:
			all = append(all, asset.Asset+" has no forecast: "+asset.Error.Detail)
		case asset.Fallback != "":
			all = append(all, asset.Asset+": "+asset.Fallback)
		}
		if asset.Note != "" {
			all = append(all, asset.Asset+": "+asset.Note)
		}
		if len(a.Assets) <= maxEffects && len(asset.X) > 0 {
			all = append(all, asset.Asset+": "+effects(asset.X))
		}
	}
	if a.Overall != nil {
		for _, note := range a.Overall.Notes {
			all = append(all, "overall: "+note)
		}
		if c := a.Overall.Covariance; c != nil {
			all = append(all, fmt.Sprintf("The covariance matrices of %d assets at %d steps are in the JSON form.", len(c.Assets), len(c.Steps)))
		}
		if a.Overall.DS == nil && a.Time != "" && a.Overall.Notes == nil { // an answer of an earlier version
			all = append(all, "The assets end at different times: overall combines them step by step.")
		}
	}
	switch {
	case a.Error != nil && (a.State == job.Partial || a.State == job.Done):
		all = append(all, "The portfolio has no forecast: "+strings.TrimPrefix(a.Error.Detail, "there is no overall forecast: "))
	case a.Error != nil:
		all = append(all, "The job has no forecast: "+a.Error.Detail)
	}
	return all
}
