package console

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"foliocast/internal/auth"
	"foliocast/internal/browsertest"
	"foliocast/queue/message"
)

// What a person does needs no mouse: each place that Tab stops at shows the focus, which goes to
// what is wrong or was done.
func TestByKeyboard(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	open := func(t *testing.T) tab {
		w := newWorld(t)
		w.upload("prices", prices)
		return tab{b.Page(t), w}
	}
	t.Run("a job, and sign in and out", func(t *testing.T) { open(t).keysForAJob() })
	t.Run("uploads", func(t *testing.T) { open(t).keysForUploads(t.TempDir()) })
	t.Run("many jobs", func(t *testing.T) { open(t).keysForManyJobs() })
	t.Run("queues and dead letters", func(t *testing.T) { open(t).keysForQueues() })
	t.Run("users and tokens", func(t *testing.T) { open(t).keysForUsers() })
	t.Run("audit", func(t *testing.T) { open(t).keysForAudit() })
	t.Run("webhooks", func(t *testing.T) { open(t).keysForWebhooks() })
	t.Run("somebody who submits no jobs", func(t *testing.T) { open(t).keysForASecretary() })
	t.Run("the session ends while somebody types", func(t *testing.T) { open(t).keysWithoutASession() })
}

// enter signs in by keyboard.
func (p tab) enter(role string) {
	p.w.Helper()
	p.open("/sign-in")
	p.credentials(role)
	p.Titled("Overview")
}

func (p tab) credentials(role string) {
	p.w.Helper()
	p.Reach("username")
	p.Press(role)
	p.Reach("password")
	p.Press(password + kb.Enter)
}

// follow goes to a link and opens it.
func (p tab) follow(link, heading string) {
	p.w.Helper()
	p.Reach(link)
	p.Press(kb.Enter)
	p.Titled(heading)
}

func (p tab) keysForAJob() {
	p.open("/sign-in")
	p.Reach("username")
	p.Press("manager")
	p.Reach("password")
	p.Press("a guess" + kb.Enter)
	p.Focused("the username or the password is wrong")
	p.Reach("password")
	p.Press(password + kb.Enter)
	p.Titled("Overview")
	p.follow("Jobs", "Jobs")
	p.follow("New job", "New job")
	p.Reach("dataset")
	p.Press("prices")
	p.Reach("Show its assets")
	p.Press(kb.Enter)
	p.Has("FTSE")
	p.Titled("New job")
	p.Reach("which")
	p.Press(kb.ArrowDown + kb.ArrowUp) // to those chosen, and back
	if !browsertest.Eval[bool](p.Page, `document.activeElement.checked && document.activeElement.value === 'all'`) {
		p.w.Error("the arrow does not choose all assets")
	}
	p.Reach("horizon")
	p.Press("0" + kb.Enter) // which submits, though the form has other buttons before
	p.Has("must be at least 1")
	p.Titled("New job")
	p.Focused("horizon")
	p.Press("2")
	p.Reach("Submit")
	p.Press(kb.Enter)
	p.Focused("The job is submitted.")
	p.Reach("Cancel")
	p.Press(" ")
	p.Focused("The job is being cancelled.")
	p.Has("cancelled")
	p.Reach("manager")
	p.Press(kb.Enter)
	p.Reach("Sign out")
	p.Press(kb.Enter)
	p.Focused("You are signed out.")
	p.clean("401", "422")
}

func (p tab) keysForUploads(dir string) {
	p.enter("secretary")
	p.follow("Datasets", "Datasets")
	send := func(name, text string) {
		p.w.Helper()
		path := filepath.Join(dir, name+".csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			p.w.Fatal(err)
		}
		p.Reach("file")
		p.Do(chromedp.SetUploadFiles(chromedp.ID("file"), []string{path})) // in the dialogue of the system that Enter opens
		p.Reach("Upload")
		p.Press(kb.Enter)
	}
	send("bad", prices+"DAX,2024-01-02,12\n")
	p.Has("line 8")
	send("good", prices)
	p.Focused("The dataset has a new version.")
	p.clean("422")
}

func (p tab) keysForManyJobs() {
	for range 3 {
		p.w.submit(spec("DAX"))
	}
	p.enter("manager")
	p.follow("Jobs", "Jobs")
	p.follow("Cancel all that match…", "Cancel jobs")
	p.Reach("Cancel 3 jobs")
	p.Press(kb.Enter)
	p.Focused("3 jobs cancelled.")
	p.follow("Back to the jobs", "Jobs")
	p.open("/jobs?state=cancelled")
	for _, aria := range []string{"descending", "ascending"} {
		p.Reach("Ended")
		p.Press(kb.Enter)
		p.Do(chromedp.WaitReady(chromedp.CSS(`[aria-sort="` + aria + `"] a[href*="ended"]`)))
	}
	for range 2 {
		p.Reach("id")
		p.Press(" ")
	}
	p.Back("Retry chosen…")
	p.Press(kb.Enter)
	p.Titled("Retry jobs")
	p.Reach("Retry 2 jobs")
	p.Press(kb.Enter)
	p.Focused("2 jobs queued again.")
	p.clean()
}

func (p tab) keysForQueues() {
	q := &queues{names: []string{"default"}, dead: []message.DeadLetter{{ID: "11111111-2222-3333-4444-555555555555", Key: "66666666-7777-8888-9999-000000000000#1", Attempts: 5, EndedAt: time.Now(), Error: "lease expired"}}}
	p.w.queue.Fault(q.answer)
	p.enter("administrator")
	p.follow("Queues", "Queues")
	p.Reach("Add a queue")
	p.Press(kb.Enter)
	p.Reach("name")
	p.Press("night" + kb.Enter) // which only looks
	p.Has("40 waiting messages would be dealt out again: 20 would change the queue.")
	p.Titled("Add a queue")
	p.Reach("Add night")
	p.Press(kb.Enter)
	p.Focused("The queue is added.")
	p.Has("lease expired")
	p.look("/queues with a dead letter")
	p.Reach("id")
	p.Press(" ")
	p.Back("Queue chosen again")
	p.Press(kb.Enter)
	p.Focused("The change is made.")
	p.Has("No messages have died.")
	p.follow("Remove night", "Remove the queue night")
	p.Reach("Remove night")
	p.Press(kb.Enter)
	p.Focused("It is removed.")
	p.clean()
}

func (p tab) keysForUsers() {
	p.enter("administrator")
	p.follow("Users", "Users")
	p.Reach("username")
	p.Press("grace" + kb.Enter)
	p.Has("must have at least 1 item")
	p.Titled("Users")
	p.Reach("secretary")
	p.Press(" ")
	p.Reach("Add")
	p.Press(kb.Enter)
	p.Has("User grace is added. The password is shown only now")
	p.Titled("Users")
	p.Reach("Change administrator")
	p.Press(kb.Enter)
	p.Reach("Set roles")
	p.Press(kb.Enter)
	p.Focused("The change is made.")
	p.Back("administrator") // the menu
	p.Press(kb.Enter)
	p.follow("Your tokens", "Your tokens")
	p.Reach("name")
	p.Press("nightly")
	p.Reach(string(auth.JobsRead))
	p.Press(" ")
	p.Reach("Make the token")
	p.Press(kb.Enter)
	p.Has(auth.PersonalPrefix)
	p.Titled("Your tokens")
	p.Reach("End nightly")
	p.Press(kb.Enter)
	p.Reach("End nightly")
	p.Press(kb.Enter)
	p.Focused("The token has ended: within ten seconds no service takes it.")
	p.clean("422")
}

func (p tab) keysForAudit() {
	p.w.identity.with(func() { p.w.identity.trail = trailOf(login()) })
	p.w.queue.Fault(trailOf(leases(auditPerPage)))
	p.enter("administrator")
	p.follow("Audit", "Audit")
	p.Has("lose-lease")
	p.Reach("service")
	p.Press(" ")
	p.Reach("actor")
	p.Press("ada" + kb.Enter)
	p.Lacks("lose-lease")
	p.Has("the password is wrong")
	p.Reach("Details of login, event 7 of the identity service")
	p.Press(kb.Enter)
	p.Has("192.0.2.1")
	p.look("/audit with details")
	p.follow("Show all", "Audit")
	p.Has("lose-lease")
	p.follow("Earlier", "Audit")
	p.Has("m049")
	p.look("/audit, the last page")
	p.clean()
}

func (p tab) keysForASecretary() {
	p.w.submit(spec("DAX"))
	p.enter("secretary")
	p.follow("Datasets", "Datasets")
	p.follow("prices@1", "prices@1")
	if found := browsertest.Eval[string](p.Page, `[...document.querySelectorAll('[href^="/jobs"]')].map(e => e.outerHTML).join(' ')`); found != "" {
		p.w.Errorf("the page leads to jobs: %s", found)
	}
	p.open("/jobs/new")
	p.Titled("Forbidden")
	p.follow("To the overview", "Overview")
	p.clean("403")
}

func (p tab) keysWithoutASession() {
	p.enter("manager")
	p.open("/jobs/new?dataset=prices")
	p.Reach("amount FTSE")
	p.Press("0.25")
	p.Reach("horizon")
	p.Press("7")
	p.w.identity.end()
	if _, err := p.w.pool.Exec(p.w.Context(), "DELETE FROM console_session"); err != nil {
		p.w.Fatal(err)
	}
	p.Press(kb.Enter)
	p.Titled("Sign in")
	p.Has("Your session has ended.")
	p.credentials("manager")
	p.Has("You are signed in again")
	p.Titled("New job")
	if got := browsertest.Eval[string](p.Page, `['horizon', 'amount FTSE'].map(n => document.querySelector('main [name="' + n + '"]').value).join(' ')`); got != "7 0.25" {
		p.w.Errorf("the form has %s", got)
	}
	p.Reach("Submit")
	p.Press(kb.Enter)
	p.Focused("The job is submitted.")
	p.clean("401")
}
