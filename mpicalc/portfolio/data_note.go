package portfolio

import (
	"fmt"

	"foliocast/internal/job"
)

// dataNote says which periods of asset i were left out when its values were summed up, and how many of its values nobody
// observed; it is empty if there are neither.
func (p *Plan) dataNote(i int) string {
	index := p.assets[i].index
	note := p.table.Remark(index)
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
