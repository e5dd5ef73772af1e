package browsertest

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// most is how many places a page may have that Tab stops at.
const most = 200

// Has waits until a page is loaded whose main part shows a text.
func (p *Page) Has(text string) {
	p.t.Helper()
	p.Do(chromedp.WaitReady(chromedp.JSPath(fmt.Sprintf(`[...document.querySelectorAll('main')].filter(e => document.readyState === 'complete' && e.innerText.includes(%q))`, text))))
}

// Lacks waits until a page is loaded that does not show a text.
func (p *Page) Lacks(text string) {
	p.t.Helper()
	p.Do(chromedp.WaitReady(chromedp.JSPath(fmt.Sprintf(`[...document.querySelectorAll('main')].filter(e => document.readyState === 'complete' && !e.innerText.includes(%q))`, text))))
}

// Titled waits until a page is loaded that has a heading.
func (p *Page) Titled(heading string) {
	p.t.Helper()
	p.Do(chromedp.WaitReady(chromedp.JSPath(fmt.Sprintf(`[...document.querySelectorAll('h1')].filter(e => document.readyState === 'complete' && e.textContent === %q)`, heading))))
}

// loaded is the element that an expression finds once the page is loaded: before that, what is found may be replaced.
func loaded(expression string, args ...any) chromedp.JSPath {
	return chromedp.JSPath("document.readyState === 'complete' ? " + fmt.Sprintf(expression, args...) + " : null")
}

// Click clicks on a button or a link that shows a text or, where it shows another one, is called so to a screen reader.
func (p *Page) Click(text string) {
	p.t.Helper()
	p.Do(chromedp.Click(loaded(`[...document.querySelectorAll('button, a')].find(e => !e.ariaHidden && [e.textContent.trim(), e.ariaLabel].includes(%q) && e.offsetParent)`, text)))
}

// Fill replaces what is in a field of the main part.
func (p *Page) Fill(name, text string) {
	p.t.Helper()
	p.Do(chromedp.Focus(loaded(`document.querySelector('main [name=%q]')`, name)), chromedp.Evaluate[chromedp.Void]("document.activeElement.select()"), chromedp.KeyEvent(text))
}

// Choose clicks on a box or a radio button of the main part.
func (p *Page) Choose(name, value string) {
	p.t.Helper()
	p.Do(chromedp.Click(loaded(`document.querySelector('main [name=%q][value=%q]')`, name, value)))
}

// Press types keys where the focus is.
func (p *Page) Press(keys string) { p.t.Helper(); p.Do(chromedp.KeyEvent(keys)) }

// called is an expression that is true for an element e with a name, a text, a name for screen readers or, where it is one of several
// boxes, a value.
const called = `[e.name, e.textContent.trim(), e.ariaLabel, ['checkbox', 'radio'].includes(e.type) ? e.value : null].includes(%q)`

// Reach presses Tab until the focus is on what is called so. It reports each place on the way that does not show the focus.
func (p *Page) Reach(name string) { p.t.Helper(); p.reach(name) }

// Back is Reach with Shift and Tab.
func (p *Page) Back(name string) { p.t.Helper(); p.reach(name, chromedp.ModifierShift) }

func (p *Page) reach(name string, with ...chromedp.Modifier) {
	p.t.Helper()
	for range most {
		p.Do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(with...)))
		stop := Eval[struct {
			Found, Shown bool
			What         string
		}](p, fmt.Sprintf(`(e => ({
			Found: `+called+`,
			Shown: e === document.body || [e, e.parentElement].some(o => getComputedStyle(o).outlineStyle !== 'none' && parseFloat(getComputedStyle(o).outlineWidth) > 0),
			What: e.outerHTML.slice(0, 100),
		}))(document.activeElement)`, name))
		if !stop.Shown {
			p.t.Errorf("the focus is not shown on %s", stop.What)
		}
		if stop.Found {
			return
		}
	}
	p.t.Fatalf("Tab does not reach %s", name)
}

// Focused waits until the focus is on what is called so.
func (p *Page) Focused(name string) {
	p.t.Helper()
	p.Do(chromedp.WaitReady(chromedp.JSPath(fmt.Sprintf(`[document.activeElement].filter(e => `+called+`)`, name))))
}
