package browsertest

import (
	_ "embed"

	"github.com/chromedp/chromedp"
)

// axe is the library axe-core, unchanged; see axe/README.md.
//
//go:embed axe/axe.min.js
var axe string

// barriers runs the rules of WCAG 2.2 up to level AA, and those of good practice.
const barriers = `axe.run(document, {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
	resultTypes: ['violations'],
}).then(found => found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ': ' + n.failureSummary)))`

// Barriers are what axe-core finds on the page as it is shown now that keeps people out: a line for each place, with the rule of WCAG 2.2
// (A, AA) or of good practice that it breaks. A program finds only a part of all barriers.
func (p *Page) Barriers() []string {
	p.t.Helper()
	p.Do(chromedp.Evaluate[chromedp.Void](axe))
	return Eval[[]string](p, barriers)
}
