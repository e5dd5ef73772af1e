package portfolio

import (
	"errors"

	"foliocast/internal/job"
	"foliocast/internal/series"
)

// prepare makes the plan's table.
func (p *Plan) prepare(table *series.Table) error {
	var err error
	if p.table, p.observed, err = Prepare(p.spec, table, p.indices()); err != nil {
		return err
	}
	p.times = times{table: p.table, horizon: p.spec.Horizon}
	if p.table == table {
		return nil
	}
	for i := range p.assets {
		a := &p.assets[i]
		if from, part := p.table.PartOf(table, a.index); part {
			a.from = from
		} else {
			a.from = -1
		}
	}
	return nil
}

// Prepare takes the part of the table that a job is about, and makes of the values of the given assets what the job says: it
// leaves out what is later than as_of and what is not in the range from and to, resamples the values to the frequency, and then
// applies the policy for missing ones. It also returns the part before the last two steps. The error is an *Error.
func Prepare(spec job.Spec, table *series.Table, assets []int) (prepared, observed *series.Table, err error) {
	prepared = table
	for _, step := range []struct {
		code   string
		change func(*series.Table) (*series.Table, error)
	}{
		{"empty-range", func(t *series.Table) (*series.Table, error) { return t.AsOf(spec.AsOf) }},
		{"empty-range", func(t *series.Table) (*series.Table, error) { return t.Window(spec.From, spec.To) }},
		{"freq", func(t *series.Table) (*series.Table, error) {
			observed = t
			return t.WithFreq(series.Freq(spec.Freq), string(spec.Resample), assets...)
		}},
		{"missing", func(t *series.Table) (*series.Table, error) {
			if spec.Missing == "" {
				return t, nil
			}
			return t.WithMissing(string(spec.Missing))
		}},
	} {
		changed, err := step.change(prepared)
		if err != nil {
			fault := &Error{Code: step.code, Detail: err.Error()}
			if field, ok := errors.AsType[*series.FieldError](err); ok {
				fault.Field, fault.Detail = field.Field, field.Reason
			}
			return nil, nil, fault
		}
		prepared = changed
	}
	return prepared, observed, nil
}
