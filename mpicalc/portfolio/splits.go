package portfolio

import (
	"fmt"
	"strings"
)

// splitNote says where the values of asset i, as they were observed, jump like a split of shares, and what that means for the
// forecast; it is empty if they do not.
func (p *Plan) splitNote(i int) string {
	const shown = 3
	splits := p.observed.Splits(p.assets[i].index)
	if len(splits) == 0 {
		return ""
	}
	var text []string
	for _, s := range splits[:min(shown, len(splits))] {
		text = append(text, s.String())
	}
	if more := len(splits) - shown; more > 0 {
		text = append(text, fmt.Sprintf("and %d more", more))
	}
	where := strings.Join(text, "; ")
	switch adjusted := p.spec.Adjusted; {
	case adjusted == nil:
		return fmt.Sprintf("the values jump as in a split (%s): if they are not adjusted for it, use adjusted ones, or only those after it", where)
	case *adjusted:
		return fmt.Sprintf("the values jump as in a split (%s), although the job says that they are adjusted", where)
	}
	return fmt.Sprintf("the values are not adjusted for what looks like a split (%s): use adjusted ones, or only those after it", where)
}

// joined puts two remarks into one.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
