package console

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"foliocast/internal/auth"
	"foliocast/internal/browsertest"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// pictures in the environment names a folder, into which the tests then write a picture of each page that they look at.
const pictures = "FOLIOCAST_PICTURES"

// tab is a page of the console in a real browser.
type tab struct {
	*browsertest.Page
	w *world
}

func (p tab) open(path string) { p.w.Helper(); p.Open(p.w.url + path) }

// signIn signs in as somebody with a role.
func (p tab) signIn(role string) {
	p.w.Helper()
	p.open("/sign-in")
	p.Fill("username", role)
	p.Fill("password", password)
	p.Click("Sign in")
	p.Has("Overview")
}

// clean reports what went wrong in the tab, but for the statuses that a test has caused.
func (p tab) clean(caused ...string) {
	p.w.Helper()
	for _, fault := range p.Faults() {
		known := false
		for _, c := range caused {
			known = known || strings.Contains(fault, c)
		}
		if !known {
			p.w.Errorf("the page reports: %s", fault)
		}
	}
	for _, address := range p.Requests() {
		if !strings.HasPrefix(address, p.w.url+"/") {
			p.w.Errorf("the page asked for %s", address)
		}
	}
}

// One browser serves all tests of what a person does.
func TestInABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	open := func(t *testing.T) tab {
		w := newWorld(t)
		return tab{b.Page(t), w}
	}
	t.Run("sign in and out", func(t *testing.T) { open(t).signsInAndOut() })
	t.Run("uploads", func(t *testing.T) { open(t).uploads(t.TempDir()) })
	t.Run("from a form to a chart", func(t *testing.T) { open(t).submitsAJob() })
	t.Run("many jobs", func(t *testing.T) { open(t).changesManyJobs() })
	t.Run("the session ends while somebody types", func(t *testing.T) { open(t).losesItsSession() })
	t.Run("worlds at work", func(t *testing.T) { open(t).followsWorlds() })
	t.Run("queues", func(t *testing.T) { open(t).changesQueues() })
	t.Run("tokens", func(t *testing.T) { open(t).makesTokens() })
	t.Run("names are text", func(t *testing.T) { open(t).showsNames() })
	t.Run("barriers", func(t *testing.T) { open(t).hasNoBarriers() })
}

func (p tab) signsInAndOut() {
	p.open("/jobs")
	p.Fill("username", "manager")
	p.Fill("password", "a guess")
	p.Click("Sign in")
	p.Has("the username or the password is wrong")
	p.Fill("password", password)
	p.Click("Sign in")
	p.Has("Jobs")
	menu := chromedp.CSS("details.account > summary")
	p.Do(chromedp.Click(menu))
	p.Click("Dark")
	p.Do(chromedp.WaitReady(chromedp.CSS(`html[data-theme="dark"]`)), chromedp.Click(menu))
	p.Click("Sign out")
	p.Has("You are signed out.")
	p.open("/jobs")
	p.Has("Sign in")
	p.clean("401")
}

func (p tab) uploads(dir string) {
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			p.w.Fatal(err)
		}
		return path
	}
	p.signIn("secretary")
	p.open("/datasets")
	p.Do(chromedp.SetUploadFiles(chromedp.ID("file"), []string{file("bad.csv", prices+"DAX,2024-01-02,12\n")}))
	p.Click("Upload")
	p.Has("the file is rejected")
	p.Has("line 8")
	p.Do(chromedp.SetUploadFiles(chromedp.ID("file"), []string{file("good.csv", prices)}))
	p.Click("Upload")
	p.Has("The dataset has a new version.")
	p.Has("FTSE")
	p.clean("422")
}

func (p tab) submitsAJob() {
	p.w.upload("prices", prices)
	p.signIn("manager")
	p.open("/jobs/new?dataset=prices")
	p.Choose("asset", "DAX")
	p.Fill("amount DAX", "0.7")
	p.Fill("amount FTSE", "0.3")
	if sum := browsertest.Eval[string](p.Page, `document.querySelector('[data-sum]').textContent`); sum != "1" {
		p.w.Errorf("the sum is %s", sum)
	}
	p.Fill("horizon", "2")
	p.Has("2024-01-04 to 2024-01-05")
	p.Fill("levels", "80, 195")
	p.Click("Submit")
	p.Has("must be a percentage above 1 and below 100")
	p.Fill("levels", "80, 95")
	p.Click("Submit")
	p.Has("The job is submitted.")
	jobs, err := p.w.data().JobsPage(p.w.Context(), filterOf(nil).JobFilter, "", 0)
	if err != nil || len(jobs.Items) != 1 {
		p.w.Fatalf("%d jobs, %v", len(jobs.Items), err)
	}
	id := jobs.Items[0].ID
	p.Click("Cancel")
	p.Has("cancelled")
	p.Click("Retry")
	p.Has("queued")
	if err := p.w.finishRun(id, 2, answered()); err != nil {
		p.w.Fatal(err)
	}
	p.Do(chromedp.WaitVisible(chromedp.CSS(".chart canvas"))) // the page follows the job
	p.Has("1,234.57")
	p.looksCloser()
	p.clean("422")
}

// looksCloser changes the scale and the range of a chart, and reads its values by keyboard.
func (p tab) looksCloser() {
	p.w.Helper()
	p.Reach("Zoom in")
	p.Press(" ")
	p.Reach("Logarithmic")
	p.Press(" ")
	p.Do(chromedp.WaitReady(chromedp.CSS(`[aria-pressed="true"]:focus`)))
	p.look("a chart on a logarithmic scale")
	p.Press(kb.Tab + kb.ArrowRight)
	p.Has("2024-01-05: forecast 1,234.568")
	p.Press(kb.ArrowLeft + kb.ArrowLeft)
	p.Has("2024-01-03: 12") // the last price of DAX: FTSE, which failed, does not count
	p.Back("Logarithmic")
	p.Press(" ")
	p.Back("Zoom out")
	p.Press(" ")
	p.Do(chromedp.WaitReady(chromedp.CSS(`.chart canvas`)))
}

func (p tab) changesManyJobs() {
	p.w.upload("prices", prices)
	for range 3*changedAt + 1 {
		p.w.submit(spec("DAX"))
	}
	p.signIn("manager")
	p.open("/jobs")
	p.Click("Cancel all that match…")
	p.Has("301 jobs")
	p.Click("Cancel 301 jobs")
	p.Has("301 jobs cancelled.")
	p.Click("Back to the jobs")
	p.Has("No job matches.")
	p.w.submit(spec("DAX"))
	p.Do(chromedp.WaitReady(chromedp.CSS("tbody tr"))) // an empty list follows the jobs, too
	p.open("/jobs?dataset=prices&state=queued&state=cancelled")
	p.Do(chromedp.Click(chromedp.CSS("tbody tr:nth-child(3) [name=id]")))
	id := p.w.submit(spec("FTSE"))
	p.Has("FTSE") // the list follows the jobs, and what was chosen stays chosen
	if at := browsertest.Eval[int](p.Page, `[...document.querySelectorAll('[name=id]')].findIndex(box => box.checked)`); at != 3 {
		p.w.Errorf("the chosen job is in row %d", at)
	}
	if _, err := p.w.data().CancelJob(p.w.Context(), id); err != nil {
		p.w.Fatal(err)
	}
	p.open("/jobs?state=cancelled")
	p.Click("Retry all that match…")
	p.Click("Retry 302 jobs")
	p.Has("302 jobs queued again.")
	p.clean()
}

func (p tab) losesItsSession() {
	p.w.upload("prices", prices)
	p.signIn("manager")
	p.open("/jobs/new?dataset=prices")
	p.Fill("horizon", "17")
	p.Fill("levels", "66")
	p.Fill("amount FTSE", "0.25")
	p.w.identity.end()
	if _, err := p.w.pool.Exec(p.w.Context(), "DELETE FROM console_session"); err != nil {
		p.w.Fatal(err)
	}
	p.Click("Submit")
	p.Has("Your session has ended.")
	p.Fill("username", "manager")
	p.Fill("password", password)
	p.Click("Sign in")
	p.Has("You are signed in again")
	got := browsertest.Eval[string](p.Page, `['horizon', 'levels', 'amount FTSE'].map(n => document.querySelector('main [name="' + n + '"]').value).join(' ')`)
	if got != "17 66 0.25" {
		p.w.Errorf("the form has %s", got)
	}
	p.Click("Submit")
	p.Has("The job is submitted.")
	p.clean("401")
}

func (p tab) followsWorlds() {
	p.w.queue.Work(twoWorlds())
	p.signIn("administrator")
	p.Click("Workers")
	p.Has("night#0198c1")
	link := `document.querySelector('main a[href$="aaaa"]')`
	p.Do(chromedp.Focus(chromedp.JSPath(link)))
	later := twoWorlds()
	later.Workers[0].Done, later.Workers[1].Report.Worker = 1235, "evening"
	p.w.queue.Work(later)
	p.Has("1,235 done")
	p.Has("evening")
	if !browsertest.Eval[bool](p.Page, `document.activeElement === `+link) {
		p.w.Error("the focus is lost when the page changes")
	}
	many := twoWorlds()
	many.Workers[0].RankCount = 100
	for rank := 3; rank < 100; rank++ {
		many.Workers[0].Ranks = append(many.Workers[0].Ranks, message.WorkerRank{Rank: rank, Host: "node3"})
	}
	p.w.queue.Work(many)
	p.Has("100 ranks")
	p.look("/workers with many ranks")
	browsertest.Eval[bool](p.Page, `document.getElementById('ranks-1').scrollTop = 500, document.getElementById('ranks-1').focus(), true`)
	many.Workers[0].Done = 1236
	p.w.queue.Work(many)
	p.Has("1,236 done")
	if !browsertest.Eval[bool](p.Page, `document.getElementById('ranks-1').scrollTop === 500 && document.activeElement.id === 'ranks-1'`) {
		p.w.Error("the list of ranks moves when the page changes")
	}
	p.w.queue.Work(message.Workers{})
	p.Has("No world reports.")
	p.clean()
}

func (p tab) changesQueues() {
	p.w.queue.Fault((&queues{names: []string{"default"}}).answer)
	p.signIn("administrator")
	p.Click("Queues")
	p.Has("default")
	p.Do(chromedp.Click(chromedp.CSS("main details > summary")))
	p.Fill("name", "night")
	p.look("/queues with the form")
	p.Click("Show what would move")
	p.Has("40 waiting messages would be dealt out again: 20 would change the queue.")
	p.look("/queues/add")
	p.Click("Add night")
	p.Has("The queue is added.")
	p.Has("night")
	p.Do(chromedp.Click(chromedp.CSS(`main a[href="/queues/night/remove"]`)))
	p.Has("20 would change the queue.")
	p.look("/queues/night/remove")
	p.Click("Remove night")
	p.Has("It is removed.")
	p.Do(chromedp.Click(chromedp.CSS(`main a[href="/queues/default/remove"]`)))
	p.Has("is the last queue")
	p.clean("409")
}

func (p tab) makesTokens() {
	p.signIn("manager")
	p.Do(chromedp.Click(chromedp.CSS("details.account > summary")))
	p.Click("Your tokens")
	p.Has("You have no tokens.")
	p.Fill("name", "nightly")
	p.Click("Make the token")
	p.Has("must have at least 1 item")
	p.Choose("scope", "jobs:read")
	p.Click("Make the token")
	p.Has("It is shown only now")
	p.Has(auth.PersonalPrefix)
	p.look("/tokens with a token")
	p.open("/tokens")
	p.Has("never used")
	p.Do(chromedp.Click(chromedp.CSS("details.inplace > summary")))
	p.look("/tokens before the end")
	p.Click("End nightly")
	p.Has("The token has ended")
	p.Has("You have no tokens.")
	p.clean("422")
}

func (p tab) showsNames() {
	const evil = `<img src=x onerror="window.evil = true"><script>window.evil = true</script>`
	p.w.upload("prices", strings.ReplaceAll(prices, "DAX", `"`+strings.ReplaceAll(evil, `"`, `""`)+`"`))
	id := p.w.submit(spec(evil, "FTSE"))
	a := answered()
	a.Assets[0].Asset, a.Assets[0].Model, a.Overall.Notes, a.Overall.DS[0] = evil, evil, []string{evil}, evil
	p.w.finish(id, a)
	p.signIn("manager")
	for _, path := range []string{"/jobs", "/jobs/" + string(id), "/jobs/" + string(id) + "?asset=" + strings.ReplaceAll(evil, " ", "%20"), "/jobs/new?copy=" + string(id), "/datasets/prices"} {
		p.open(path)
		if browsertest.Eval[bool](p.Page, `new Promise(done => setTimeout(() => done(window.evil === true), 100))`) {
			p.w.Errorf("%s ran a script", path)
		}
	}
	p.clean()
}

// hasNoBarriers looks at every page, light and dark, narrow and wide.
func (p tab) hasNoBarriers() {
	p.w.upload("prices", prices)
	id := p.w.submit(spec("DAX", "FTSE"))
	p.w.finish(id, answered())
	p.w.finish(p.w.submit(spec("DAX")), job.Answer{State: job.Failed, Error: &job.Error{Code: "short", Detail: "too few values"}})
	p.w.submit(spec("*"))
	p.open("/sign-in")
	p.look("/sign-in")
	p.w.queue.Work(twoWorlds())
	p.signIn("administrator")
	for _, path := range []string{"/", "/jobs", "/jobs?dataset=A", "/jobs?sort=-ended", "/jobs/" + string(id), "/jobs/" + string(id) + "?asset=DAX", "/jobs/change?action=cancel", "/jobs/new?dataset=prices", "/datasets", "/datasets/prices", "/datasets/prices/remove", "/queues", "/workers", "/users", "/services", "/tokens", "/nowhere", "/docs"} {
		p.open(path)
		p.look(path)
	}
	p.clean("404", "422", "503")
}

// look reports the barriers of a page in each scheme and width, and whether it is wider than
// its window.
func (p tab) look(path string) {
	p.w.Helper()
	p.Do(chromedp.WaitReady(chromedp.JSPath(`document.readyState === "complete" ? [document.body] : []`))) // with its styles
	for _, scheme := range []string{"light", "dark"} {
		p.Scheme(scheme)
		for _, width := range []int{320, 1280} {
			p.Resize(width, 900)
			for _, barrier := range p.Barriers() {
				p.w.Errorf("%s, %s, %d px: %s", path, scheme, width, barrier)
			}
			if dir := os.Getenv(pictures); dir != "" {
				p.Screenshot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", strings.ReplaceAll(path, "/", "_"), scheme, width)))
			}
			if wide := browsertest.Eval[int](p.Page, "document.documentElement.scrollWidth"); wide > width {
				p.w.Errorf("%s, %s: %d px wide in a window of %d", path, scheme, wide, width)
			}
		}
	}
}
