package nixtla

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
)

// Result is the answer to a request.
type Result struct {
	op            Operation
	job           job.ID
	mean          []float64
	sizes         []int
	indices       []int // of the values that are forecast, among all values of the request
	ends          []end
	weights       []float64
	contributions [][]float64 // a row for each exogenous column, and one for the rest
	anomaly       []bool
	score         []float64
	accumulated   []float64
	notes         []string
}

// end is one end of the intervals of one level.
type end struct {
	name    string
	of      func(a *job.Asset) []float64
	values  []float64
	level   float64
	greater bool
}

// Collect makes the answer to a request from the assets of its job, in their order. The error is a *BadAnswerError when the
// answer of the job is not one to such a request.
func Collect(op Operation, id job.ID, spec job.Spec, assets iter.Seq2[job.Asset, error]) (*Result, error) {
	r := &Result{op: op, job: id, ends: endsOf(spec)}
	columns := columnsOf(spec.X)
	effects := make([]float64, len(spec.X))
	if spec.Explain {
		r.contributions = make([][]float64, columns+1)
	}
	n := 0
	for a, err := range assets {
		if err != nil {
			return nil, err
		}
		at, ok := parseName(a.Asset)
		if last := at.skip + at.count; !ok || a.Error != nil || len(a.Mean) < last {
			return nil, &BadAnswerError{fmt.Sprintf("asset %q has no forecast of %d steps", a.Asset, last)}
		}
		r.add(&a, at, columns)
		for i, name := range spec.X {
			effects[i] += a.X[name].Value
		}
		n++
	}
	if n == 0 {
		return nil, &BadAnswerError{"it has no assets"}
	}
	if op == Forecast && columns > 0 {
		for i := range effects {
			effects[i] /= float64(n)
		}
		r.weights = weightsOf(spec.X, effects, columns)
	}
	return r, nil
}

// BadAnswerError says that the answer of a job is not one to a request of this API.
type BadAnswerError struct{ Reason string }

// Error says why.
func (e *BadAnswerError) Error() string {
	return "the answer is not one to a request in the flat form: " + e.Reason
}

// add adds the steps of one piece.
func (r *Result) add(a *job.Asset, at place, columns int) {
	for len(r.sizes) <= at.series {
		r.sizes = append(r.sizes, 0)
	}
	r.sizes[at.series] += at.count
	take := func(dst, row []float64) []float64 {
		for k := at.skip; k < at.skip+at.count; k++ {
			v := math.NaN()
			if k < len(row) {
				v = row[k]
			}
			dst = append(dst, v)
		}
		return dst
	}
	r.mean = take(r.mean, a.Mean)
	for k := range at.count {
		r.indices = append(r.indices, at.first+k)
	}
	for i := range r.ends {
		r.ends[i].values = take(r.ends[i].values, r.ends[i].of(a))
	}
	if r.contributions == nil {
		return
	}
	rows := make([][]float64, columns+1)
	for i := range rows {
		rows[i] = make([]float64, at.skip+at.count)
	}
	copy(rows[columns], a.Mean)
	for name, values := range a.Parts {
		column, is := strings.CutPrefix(name, "x ")
		if !is {
			continue
		}
		i := columnOf(column)
		for k := range rows[columns] {
			if k < len(values) {
				rows[i][k] += values[k]
				rows[columns][k] -= values[k]
			}
		}
	}
	for i := range rows {
		r.contributions[i] = take(r.contributions[i], rows[i])
	}
}

// endsOf are the ends of the intervals that a job has, by the names that they have in an answer.
func endsOf(spec job.Spec) []end {
	var all []end
	for _, l := range spec.Levels {
		key := job.Level(l)
		all = append(all,
			end{name: "lo-" + key, level: l, of: func(a *job.Asset) []float64 { return a.Lo[key] }},
			end{name: "hi-" + key, level: l, greater: true, of: func(a *job.Asset) []float64 { return a.Hi[key] }})
	}
	for _, q := range spec.Quantiles {
		key, l := job.Quantile(q), level(q)
		of := func(a *job.Asset) []float64 { return a.Quantiles[key] }
		if q <= 0.5 {
			all = append(all, end{name: "lo-" + job.Level(l), level: l, of: of})
		}
		if q >= 0.5 {
			all = append(all, end{name: "hi-" + job.Level(l), level: l, greater: true, of: of})
		}
	}
	return all
}

// columnOf is the number, from 0, of the exogenous column that a column of the job was made from: x2, x2.lag7, x2.is3.
func columnOf(name string) int {
	digits, _, _ := strings.Cut(strings.TrimPrefix(name, "x"), ".")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > maxPieces {
		return 0
	}
	return n - 1
}

// columnsOf is how many exogenous columns a request had whose job has these.
func columnsOf(names []string) int {
	most := 0
	for _, name := range names {
		most = max(most, columnOf(name)+1)
	}
	return most
}

// weightsOf are the weights of the exogenous columns: the effect of each, or of a column with categories how far their effects
// lie apart.
func weightsOf(names []string, effects []float64, columns int) []float64 {
	lo, hi, plain := make([]float64, columns), make([]float64, columns), make([]float64, columns)
	for i, name := range names {
		c := columnOf(name)
		if !strings.Contains(name, ".is") {
			plain[c] = effects[i]
			continue
		}
		lo[c], hi[c] = min(lo[c], effects[i]), max(hi[c], effects[i])
	}
	for c := range plain {
		plain[c] += hi[c] - lo[c]
	}
	return plain
}

// Finish adds to the answer what only the request tells: that nothing of a series was forecast, which values are anomalies, and notes.
func (p *Plan) Finish(r *Result) {
	for len(r.sizes) < len(p.request.Series.Sizes) {
		r.sizes = append(r.sizes, 0)
	}
	if p.op == Anomalies || p.op == OnlineAnomalies {
		p.judge(r)
	}
	r.notes = p.notes
}

// AppendJSON appends the JSON of the answer. Beside the fields of the API it has the job that computed it, and notes.
func (r *Result) AppendJSON(b []byte) []byte {
	member := func(name string, value func()) {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), '"', ':')
		value()
	}
	list := func(name string, values []float64) {
		member(name, func() {
			if values == nil {
				b = append(b, "null"...)
			} else {
				b = appendNumbers(b, values)
			}
		})
	}
	other := func(name string, value any) {
		member(name, func() {
			text, _ := json.Marshal(value) // of integers, truth values and text
			b = append(b, text...)
		})
	}
	b = append(b, '{')
	list("mean", r.mean)
	if r.op != Forecast {
		other("sizes", r.sizes)
		other("idxs", r.indices)
	}
	member("intervals", func() { b = r.appendIntervals(b) })
	list("weights_x", r.weights)
	member("feature_contributions", func() { b = appendRows(b, r.contributions) })
	if r.anomaly != nil {
		other("anomaly", r.anomaly)
		list("anomaly_score", r.score)
		if r.accumulated != nil {
			list("accumulated_anomaly_score", r.accumulated)
		}
	}
	other("job_id", r.job)
	if r.notes != nil {
		other("notes", r.notes)
	}
	return append(b, '}')
}

func (r *Result) appendIntervals(b []byte) []byte {
	if len(r.ends) == 0 {
		return append(b, "null"...)
	}
	sorted := slices.SortedFunc(slices.Values(r.ends), func(a, c end) int { return strings.Compare(a.name, c.name) })
	b = append(b, '{')
	for i, e := range sorted {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumbers(append(append(append(b, '"'), e.name...), '"', ':'), e.values)
	}
	return append(b, '}')
}

func appendRows(b []byte, rows [][]float64) []byte {
	if rows == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumbers(b, row)
	}
	return append(b, ']')
}
