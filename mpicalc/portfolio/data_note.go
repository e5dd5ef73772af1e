package portfolio

import (
	"fmt"
	"strings"

	"foliocast/internal/job"
)

// dataNote says which periods of asset i were left out when its values were resampled, which of its times are not on the
// calendar that the job names, and how many of its values were not observed; it is empty if there are none of these.
func (p *Plan) dataNote(i int) string {
	index := p.assets[i].index
	note := joined(p.table.Remark(index), p.offCalendar(index))
	how := "carried forward"
	if p.spec.Missing == job.MissingLinear {
		how = "interpolated"
	}
	switch n := p.table.Filled(index); n {
	case 0:
		return note
	case 1:
		return joined(note, "1 value is missing and was "+how)
	default:
		return joined(note, fmt.Sprintf("%d values are missing and were %s", n, how))
	}
}

// offCalendar says which times of an asset are not on the calendar that the job names, such as values on an exchange's holidays.
// A few do not contradict the frequency, but who named it should know.
func (p *Plan) offCalendar(index int) string {
	if p.spec.Freq == "" {
		return ""
	}
	return p.astray.of(spanKey{span: p.table.Span(index)}, func() string {
		off := p.table.OffCalendar(index)
		if len(off) == 0 {
			return ""
		}
		text := texts(off[:min(3, len(off))])
		if more := len(off) - len(text); more > 0 {
			text = append(text, fmt.Sprintf("%d more", more))
		}
		if len(off) == 1 {
			return "the value of " + text[0] + " is not on the calendar of " + p.spec.Freq
		}
		last := len(text) - 1
		return "the values of " + strings.Join(text[:last], ", ") + " and " + text[last] + " are not on the calendar of " + p.spec.Freq
	})
}
