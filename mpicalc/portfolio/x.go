package portfolio

import (
	"errors"
	"fmt"
	"math"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// Column is a column that is known in advance, with its future values.
type Column struct {
	Name  string
	Table *series.Table // must stay open as long as the plan is used
}

// checkX refuses a job whose columns lack a value that a forecast needs. Where only the steps to the common dates lack values,
// there is no overall forecast.
func (p *Plan) checkX() error {
	if len(p.columns) != len(p.spec.X) {
		return &Error{Code: "x", Detail: fmt.Sprintf("the job names %d columns that are known in advance, and has %d", len(p.spec.X), len(p.columns)), Field: "x"}
	}
	if p.columns == nil {
		return nil
	}
	used := make([]int, len(p.usable))
	for k, i := range p.usable {
		used[k] = p.assets[i].index
	}
	own := func(index int) []series.Time { return p.stepsOf(&asset{index: index}) }
	if err := CheckColumns(p.table, used, own, p.columns); err != nil {
		return err
	}
	for _, c := range p.columns {
		for _, a := range p.overall.counted {
			if a.lag == 0 {
				continue
			}
			if _, err := p.beside(a, c); err != nil {
				fault := lacks(err, 0)
				fault.Detail += ", up to which the overall forecast takes it"
				return p.withoutOverall(fault)
			}
		}
	}
	return nil
}

// CheckColumns refuses columns that lack a value at a time of one of the assets, or at one of the steps after them. The error is
// an *Error.
func CheckColumns(table *series.Table, assets []int, steps func(asset int) []series.Time, columns []Column) error {
	for _, c := range columns {
		var first error
		more := 0
		for _, i := range assets {
			if len(table.Values(i)) == 0 {
				continue
			}
			_, err := table.Beside(i, steps(i), c.Table, c.Name)
			switch {
			case err != nil && first == nil:
				first = err
			case err != nil:
				more++
			}
		}
		if first != nil {
			return lacks(first, more)
		}
	}
	return nil
}

// lacks is the fault of a column that lacks values for an asset, and for more others.
func lacks(err error, more int) *Error {
	fault := &Error{Code: "x", Detail: err.Error(), Field: "x"}
	if field, ok := errors.AsType[*series.FieldError](err); ok {
		fault.Detail = field.Reason
	}
	switch {
	case more == 1:
		fault.Detail += "; it lacks values for 1 more asset"
	case more > 1:
		fault.Detail += fmt.Sprintf("; it lacks values for %d more assets", more)
	}
	return fault
}

// beside are the values of a column at the times of an asset and at the steps of its forecast.
func (p *Plan) beside(a *asset, c Column) ([]float64, error) {
	return p.table.Beside(a.index, p.stepsOf(a), c.Table, c.Name)
}

// stepsOf are the times of the steps of an asset's forecast.
func (p *Plan) stepsOf(a *asset) []series.Time {
	return p.steps.of(p.spanOf(a), func() []series.Time { return p.table.Next(a.index, p.spec.Horizon+a.lag) })
}

// regressorsOf are the values of all columns beside those of an asset, or nil. checkX has found that there are any.
func (p *Plan) regressorsOf(a *asset) [][]float64 {
	var all [][]float64
	for _, c := range p.columns {
		values, err := p.beside(a, c)
		if err != nil {
			panic(err)
		}
		all = append(all, values)
	}
	return all
}

// effects are the effects of the columns on an asset, and a remark about those that cannot be estimated.
func (p *Plan) effects(r *forecast.Result) (map[string]job.Effect, string) {
	if len(r.Coefficients) == 0 {
		return nil, ""
	}
	all := make(map[string]job.Effect, len(r.Coefficients))
	var unknown []string
	for i, c := range r.Coefficients {
		name := p.columns[i].Name
		if math.IsNaN(c.StdErr) {
			unknown = append(unknown, name)
		}
		all[name] = job.Effect{Value: c.Value, StdErr: measured(c.StdErr)}
	}
	if unknown == nil {
		return all, ""
	}
	return all, "no effect can be estimated of " + quoteSome(unknown)
}
