package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"foliocast/internal/browsertest"
	"foliocast/internal/job"
)

// person is somebody at the console, in a real browser.
type person struct {
	*browsertest.Page
	t    *testing.T
	c    *cluster
	base string
}

func (c *cluster) person(t *testing.T, b *browsertest.Browser) person {
	return person{b.Page(t), t, c, c.run.url("frontend")}
}

func (p person) open(path string) { p.t.Helper(); p.Open(p.base + path) }

// signIn signs in on the page that asks for it.
func (p person) signIn(who credentials) {
	p.t.Helper()
	p.Fill("username", who.Username)
	p.Fill("password", who.Password)
	p.Click("Sign in")
}

// clean reports what went wrong in the tab, but for the statuses that the test has caused, and requests to other hosts.
func (p person) clean(caused ...string) {
	p.t.Helper()
	for _, fault := range p.Faults() {
		known := false
		for _, c := range caused {
			known = known || strings.Contains(fault, c)
		}
		if !known {
			p.t.Errorf("the page reports: %s", fault)
		}
	}
	for _, address := range p.Requests() {
		if !strings.HasPrefix(address, p.base+"/") {
			p.t.Errorf("the page asked for %s", address)
		}
	}
}

// An administrator, a manager and a secretary do their work in a real browser, on all services, a real world, and nothing else.
func TestConsoleInABrowser(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2, "FOLIOCAST_MAX_ATTEMPTS=1", "FOLIOCAST_LEASE=3s") // a world that dies takes its jobs with it
	b := browsertest.Start(t)
	boss, manager, secretary := c.person(t, b), c.person(t, b), c.person(t, b)
	boss.open("/users")
	boss.signIn(c.admin(t))
	boss.Titled("Users")
	grace, tom := boss.addsAUser("grace", "manager"), boss.addsAUser("tom", "secretary")
	secretary.uploads(tom)
	manager.forecasts(grace)
	manager.cancelsALongJob()
	boss.cancelsAndRetries()
	boss.addsAQueue()
	boss.redrives()
	manager.losesItsSession(grace, boss)
	manager.makesAToken()
	manager.Do(chromedp.Click(chromedp.CSS("details.account > summary")))
	manager.Click("Sign out")
	manager.Has("You are signed out.")
	boss.clean()
	manager.clean("401")
	secretary.clean("401", "403", "422")
}

// addsAUser adds somebody, and returns what they sign in with.
func (p person) addsAUser(name, role string) credentials {
	p.t.Helper()
	p.open("/users")
	p.Fill("username", name)
	p.Choose("role", role)
	p.Click("Add")
	p.Has("User " + name + " is added")
	return credentials{name, browsertest.Eval[string](p.Page, `document.querySelector('main .secret').textContent`)}
}

// uploads uploads a bad file and a good one, and sees nothing of jobs.
func (p person) uploads(who credentials) {
	p.t.Helper()
	p.open("/datasets")
	p.signIn(credentials{who.Username, "a guess"})
	p.Has("the username or the password is wrong")
	p.Fill("password", who.Password)
	p.Click("Sign in")
	p.Titled("Datasets")
	dir := p.t.TempDir()
	send := func(name, text string) {
		p.t.Helper()
		path := filepath.Join(dir, name+".csv")
		writeFile(p.t, path, text)
		p.Do(chromedp.SetUploadFiles(chromedp.ID("file"), []string{path}))
		p.Click("Upload")
	}
	var good strings.Builder
	good.WriteString("unique_id,ds,y\n")
	for day := range 120 {
		date := time.Date(2024, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		fmt.Fprintf(&good, "A,%s,%d\nB,%s,%d\n", date, 100+day, date, 200-day)
	}
	send("bad", good.String()+"A,2024-01-01,7\n")
	p.Has("line 242")
	send("lines", good.String())
	p.Has("The dataset has a new version.")
	p.Titled("lines@1")
	if found := browsertest.Eval[string](p.Page, `[...document.querySelectorAll('[href^="/jobs"]')].map(e => e.outerHTML).join(' ')`); found != "" {
		p.t.Errorf("the page leads to jobs: %s", found)
	}
	p.open("/jobs/new")
	p.Titled("Forbidden")
}

// forecasts goes from the form to the chart.
func (p person) forecasts(who credentials) {
	p.t.Helper()
	p.open("/jobs/new?dataset=lines")
	p.signIn(who)
	p.Titled("New job")
	p.Fill("amount A", "3")
	p.Fill("amount B", "1")
	p.Fill("horizon", "3")
	p.Has("2024-04-30 to 2024-05-02")
	p.Do(chromedp.SetValue(chromedp.ID("model"), "drift"))
	p.Click("Submit")
	p.Has("The job is submitted.")
	p.Do(chromedp.WaitVisible(chromedp.CSS(".chart canvas"))) // the page follows the job
	p.Has("185.000")                                          // the lines go on: (3·220 + 80) / 4
	p.Has("drift")
}

// long is a job for the form that takes a minute.
const long = `{"kind": "backtest", "origins": 30, "models": ["auto"]}`

// cancelsALongJob sees a job get on, and cancels it.
func (p person) cancelsALongJob() {
	p.t.Helper()
	p.c.addNoise(p.t, 400, 300)
	p.open("/jobs/new?dataset=noise")
	p.Choose("which", "all")
	p.Fill("horizon", "5")
	p.Do(chromedp.Click(chromedp.CSS("main form details > summary")))
	p.Fill("further", long)
	p.Click("Submit")
	p.Has("The job is submitted.")
	browsertest.Eval[bool](p.Page, `window.same = true`)
	p.Has("running")
	value := func() float64 {
		return browsertest.Eval[float64](p.Page, `document.querySelector('.status progress')?.value ?? 0`)
	}
	last := 0.0
	for range 2 {
		await(p.t, time.Minute, "progress", func() (bool, string) {
			now := value()
			ahead := now > last
			last = max(now, last)
			return ahead, fmt.Sprint(now)
		})
	}
	if last >= 1 || !browsertest.Eval[bool](p.Page, `window.same === true`) {
		p.t.Errorf("at %v the page was loaded again", last)
	}
	p.Click("Cancel")
	p.Has("The job is being cancelled.")
	p.Do(chromedp.WaitReady(chromedp.CSS(".status .state.cancelled")))
}

// submits submits jobs on noise, whose forecasts differ.
func (p person) submits(n int, name string) []job.ID {
	p.t.Helper()
	return p.c.submitMany(p.t, n, name, func(i int) job.Spec {
		return job.Spec{Dataset: "noise", Assets: []string{"*"}, Horizon: 5, Model: "auto", Levels: []float64{50 + float64(i)/10}}
	})
}

// cancelsAndRetries cancels jobs that wait in a paused queue, all that match, and retries those that are chosen.
func (p person) cancelsAndRetries() {
	p.t.Helper()
	p.open("/queues")
	p.Click("Pause default")
	p.Has("paused")
	p.submits(3, "waiting")
	p.open("/jobs?dataset=noise")
	p.Click("Cancel all that match…")
	p.Has("3 jobs match") // the long one has ended
	p.Click("Cancel 3 jobs")
	p.Has("3 jobs cancelled.")
	p.open("/jobs?state=cancelled&dataset=noise")
	for row := range 2 {
		p.Do(chromedp.Click(chromedp.CSS(fmt.Sprintf("tbody tr:nth-child(%d) [name=id]", row+1))))
	}
	p.Click("Retry chosen…")
	p.Has("2 jobs chosen")
	p.Click("Retry 2 jobs")
	p.Has("2 jobs queued again.")
}

// addsAQueue adds a queue while no world takes what waits, after a look at what would move, and removes it when both jobs have ended.
func (p person) addsAQueue() {
	p.t.Helper()
	supervisor := p.c.run.Supervisor
	if err := syscall.Kill(supervisor, syscall.SIGSTOP); err != nil { // it restarts nothing meanwhile
		p.t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(supervisor, syscall.SIGCONT) }() // also when the test fails meanwhile
	kill9(p.t, p.c.victim(p.t, "rank 0"))
	await(p.t, time.Minute, "both jobs to wait in the queue", func() (bool, string) {
		p.open("/queues")
		seen := browsertest.Eval[string](p.Page, `document.querySelector('tbody tr').innerText`)
		return strings.HasPrefix(seen, "default\t2\t"), seen
	})
	p.Click("Resume default")
	p.Has("The change is made.")
	p.Do(chromedp.Click(chromedp.CSS("main details > summary")))
	p.Fill("name", "night")
	p.Click("Show what would move")
	p.Has("2 waiting messages would be dealt out again: 1 would change the queue.")
	p.Click("Add night")
	p.Has("The queue is added.")
	p.Has("night\t1\t")
	if err := syscall.Kill(supervisor, syscall.SIGCONT); err != nil {
		p.t.Fatal(err)
	}
	p.open("/jobs?state=done&dataset=noise")
	p.Do(chromedp.WaitReady(chromedp.CSS("tbody tr:nth-child(2) .state.done"))) // the list follows the jobs
	p.open("/queues")
	p.Click("Remove night")
	p.Has("No messages wait in active queues: nothing would move.")
	p.Click("Remove night")
	p.Has("It is removed.")
}

// redrives lets a job wait again that died with its world, and sees its end.
func (p person) redrives() {
	p.t.Helper()
	rank0 := p.c.victim(p.t, "rank 0")
	id := p.submits(20, "mortal")[0]
	await(p.t, time.Minute, "the jobs to run", func() (bool, string) {
		all := p.c.inState(p.t, job.Running)
		return len(all) > 0, fmt.Sprint(len(all))
	})
	if err := syscall.Kill(rank0, syscall.SIGSTOP); err != nil {
		p.t.Fatal(err)
	}
	await(p.t, time.Minute, "jobs to die", func() (bool, string) {
		all := p.c.inState(p.t, job.Dead)
		if len(all) > 0 {
			id = all[0]
		}
		return len(all) > 0, fmt.Sprint(all)
	})
	kill9(p.t, rank0)
	p.open("/jobs/" + string(id))
	p.Has("dead")
	p.open("/queues")
	p.Has("lease")
	p.Do(chromedp.Click(chromedp.JSPath(fmt.Sprintf(`document.querySelector('a[href="/jobs/%s"]').closest('tr').querySelector('[name=id]')`, id))))
	p.Click("Queue chosen again")
	p.Has("The change is made.")
	p.open("/jobs/" + string(id))
	p.Do(chromedp.WaitVisible(chromedp.CSS(".chart canvas")))
	p.Do(chromedp.WaitReady(chromedp.CSS(".status .state.done")))
}

// losesItsSession types into a form while an administrator changes the roles, which ends the session, and loses nothing.
func (p person) losesItsSession(who credentials, boss person) {
	p.t.Helper()
	p.open("/jobs/new?dataset=lines")
	p.Fill("amount A", "0.25")
	p.Fill("horizon", "4")
	boss.open("/users")
	boss.Do(chromedp.Click(chromedp.JSPath(`[...document.querySelectorAll('main tbody tr')].find(row => row.textContent.startsWith('grace')).querySelector('summary')`)),
		chromedp.Click(chromedp.CSS(`form[action="/users/grace"] button[value=roles]`)))
	boss.Has("The change is made.")
	await(p.t, time.Minute, "the end of the session", func() (bool, string) {
		status := browsertest.Eval[int](p.Page, `fetch('/v1/jobs?limit=1').then(answer => answer.status)`)
		return status == 401, fmt.Sprint(status)
	})
	p.Click("Submit")
	p.Has("Your session has ended.")
	p.signIn(who)
	p.Has("You are signed in again")
	if got := browsertest.Eval[string](p.Page, `['horizon', 'amount A'].map(n => document.querySelector('main [name="' + n + '"]').value).join(' ')`); got != "4 0.25" {
		p.t.Errorf("the form has %s", got)
	}
	p.Click("Submit")
	p.Has("The job is submitted.")
}

// makesAToken makes a personal access token, which the API takes at once.
func (p person) makesAToken() {
	p.t.Helper()
	p.open("/tokens")
	p.Fill("name", "nightly")
	p.Choose("scope", "jobs:read")
	p.Click("Make the token")
	p.Has("It is shown only now")
	token := browsertest.Eval[string](p.Page, `document.querySelector('main .secret').textContent`)
	if err := p.c.callAs(p.t.Context(), token, p.base, "GET", "/v1/jobs", nil, nil); err != nil {
		p.t.Error(err)
	}
	if err := p.c.callAs(p.t.Context(), token, p.base, "POST", "/v1/jobs", job.Spec{}, nil); err == nil || !strings.Contains(err.Error(), "jobs:write") {
		p.t.Errorf("the token may submit jobs: %v", err)
	}
}
