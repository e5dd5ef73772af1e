package portfolio

import (
	"errors"

	"foliocast/internal/series"
)

// prepare takes the part of the table that the job is about, and makes of its values what the job says: it leaves out what is
// later than as_of and what is not in the range from and to, resamples the values to the frequency, and then applies the policy
// for missing ones.
func (p *Plan) prepare(table *series.Table) error {
	p.table = table
	for _, step := range []struct {
		code   string
		change func(*series.Table) (*series.Table, error)
	}{
		{"empty-range", func(t *series.Table) (*series.Table, error) { return t.AsOf(p.spec.AsOf) }},
		{"empty-range", func(t *series.Table) (*series.Table, error) { return t.Window(p.spec.From, p.spec.To) }},
		{"freq", func(t *series.Table) (*series.Table, error) {
			p.observed = t
			return t.WithFreq(series.Freq(p.spec.Freq), string(p.spec.Resample), p.indices()...)
		}},
		{"missing", func(t *series.Table) (*series.Table, error) {
			if p.spec.Missing == "" {
				return t, nil
			}
			return t.WithMissing(string(p.spec.Missing))
		}},
	} {
		changed, err := step.change(p.table)
		if err != nil {
			fault := &Error{Code: step.code, Detail: err.Error()}
			if field, ok := errors.AsType[*series.FieldError](err); ok {
				fault.Field, fault.Detail = field.Field, field.Reason
			}
			return fault
		}
		p.table = changed
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
