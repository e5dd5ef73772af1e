package console

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"foliocast/internal/browsertest"
)

// What a person does needs no mouse: each place that Tab stops at shows the focus, which goes to
// what is wrong or was done.
func TestByKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	p := tab{browsertest.Start(t).Page(t), w}
	p.open("/sign-in")
	p.reach("username")
	p.press("manager")
	p.reach("password")
	p.press("a guess" + kb.Enter)
	p.focused("the username or the password is wrong")
	p.reach("password")
	p.press(password + kb.Enter)
	p.titled("Overview")
	p.reach("Jobs")
	p.press(kb.Enter)
	p.titled("Jobs")
	p.reach("New job")
	p.press(kb.Enter)
	p.titled("New job")
	p.reach("dataset")
	p.press("prices")
	p.reach("Show its assets")
	p.press(kb.Enter)
	p.has("FTSE")
	p.titled("New job")
	p.reach("which")
	p.press(kb.ArrowDown + kb.ArrowUp) // to those chosen, and back
	if !browsertest.Eval[bool](p.Page, `document.activeElement.checked && document.activeElement.value === 'all'`) {
		t.Error("the arrow does not choose all assets")
	}
	p.reach("horizon")
	p.press("0")
	p.reach("Submit")
	p.press(kb.Enter)
	p.titled("New job")
	p.focused("horizon")
	p.press("2")
	p.reach("Submit")
	p.press(kb.Enter)
	p.focused("The job is submitted.")
	p.reach("Cancel")
	p.press(" ")
	p.focused("The job is being cancelled.")
	p.has("cancelled")
	p.reach("manager")
	p.press(kb.Enter)
	p.reach("Sign out")
	p.press(kb.Enter)
	p.focused("You are signed out.")
	p.clean("401", "422")
}

// press types keys where the focus is.
func (p tab) press(keys string) { p.w.Helper(); p.Do(chromedp.KeyEvent(keys)) }

// reach presses Tab until the focus is on what has a name or a text.
func (p tab) reach(name string) {
	p.w.Helper()
	for range 100 {
		p.press(kb.Tab)
		stop := browsertest.Eval[struct {
			Found, Shown bool
			What         string
		}](p.Page, fmt.Sprintf(`(e => ({
			Found: %[1]q === e.name || %[1]q === e.textContent.trim(),
			Shown: e === document.body || [e, e.parentElement].some(o => getComputedStyle(o).outlineStyle !== 'none' && parseFloat(getComputedStyle(o).outlineWidth) > 0),
			What: e.outerHTML.slice(0, 100),
		}))(document.activeElement)`, name))
		if !stop.Shown {
			p.w.Errorf("the focus is not shown on %s", stop.What)
		}
		if stop.Found {
			return
		}
	}
	p.w.Fatalf("Tab does not reach %s", name)
}

// focused waits until the focus is on what has a name or a text.
func (p tab) focused(name string) {
	p.w.Helper()
	p.Do(chromedp.WaitReady(chromedp.JSPath(fmt.Sprintf(`[document.activeElement].filter(e => %[1]q === e.name || %[1]q === e.textContent.trim())`, name))))
}

// titled waits until a page is loaded that has a heading.
func (p tab) titled(heading string) {
	p.w.Helper()
	p.Do(chromedp.WaitReady(chromedp.JSPath(fmt.Sprintf(`[...document.querySelectorAll('h1')].filter(e => document.readyState === 'complete' && e.textContent === %q)`, heading))))
}
