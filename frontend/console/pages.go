package console

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// pages are the templates, one for each page, with what all pages have.
type pages struct {
	all map[string]*template.Template
}

// newPages reads the templates. It panics when one is wrong, which is a mistake in the build.
func newPages(a *assets) *pages {
	shared := template.Must(template.New("").Funcs(functions(a)).ParseFS(files, "templates/shared/*.html"))
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err)
	}
	p := &pages{all: map[string]*template.Template{}}
	for _, name := range names {
		page := template.Must(template.Must(shared.Clone()).ParseFS(files, name))
		p.all[strings.TrimSuffix(path.Base(name), ".html")] = page
	}
	return p
}

// page is what a template gets.
type page struct {
	Title string
	Here  string // path of this page
	Theme string
	Who   *auth.Principal // nil when nobody is signed in
	Nav   []link
	Own   []link // what belongs to who is signed in
	Done  string // what was done, in a sentence
	Data  any
	// Request identifies the request in the log.
	Request string
	Version string
}

// link is an entry of the navigation.
type link struct {
	Name, Path string
	Current    bool
}

// show answers with a page.
func (p *pages) show(v *visit, status int, name, title string, data any) error {
	r := v.g.Request
	out := page{Title: title, Here: local(r.URL.RequestURI()), Theme: cookie(r, themeCookie), Done: done(v.g.Query("done")), Data: data,
		Request: serve.RequestID(r.Context()), Version: v.c.config.Version}
	if out.Theme != "light" && out.Theme != "dark" {
		out.Theme = "auto"
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		out.Here = formPage(r.URL.Path)
	}
	if v.who.Subject != "" {
		out.Who, out.Nav, out.Own = &v.who, v.nav(r.URL.Path), v.own()
	}
	var b bytes.Buffer
	if err := p.all[name].ExecuteTemplate(&b, "page", out); err != nil {
		return fmt.Errorf("make the page %s: %w", name, err)
	}
	v.g.Data(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

// nav lists the pages that who is signed in may see.
func (v *visit) nav(here string) []link {
	all := []struct {
		link
		need auth.Scope
	}{
		{link{Name: "Overview", Path: "/"}, ""},
		{link{Name: "Jobs", Path: "/jobs"}, auth.JobsRead},
		{link{Name: "Datasets", Path: "/datasets"}, auth.DatasetsRead},
		{link{Name: "Queues", Path: "/queues"}, auth.QueuesWrite},
		{link{Name: "Workers", Path: "/workers"}, auth.QueuesWrite},
		{link{Name: "Users", Path: "/users"}, auth.UsersWrite},
		{link{Name: "Services", Path: "/services"}, auth.UsersWrite},
		{link{Name: "Audit", Path: "/audit"}, auth.AuditRead},
		{link{Name: "API", Path: "/docs"}, ""},
	}
	var out []link
	for _, l := range all {
		if l.need != "" && !v.may(l.need) {
			continue
		}
		l.Current = here == l.Path || l.Path != "/" && strings.HasPrefix(here, l.Path+"/")
		out = append(out, l.link)
	}
	return out
}

// own lists the pages with what belongs to who is signed in.
func (v *visit) own() []link {
	all := []link{{Name: "Your tokens", Path: "/tokens"}}
	if v.may(auth.JobsRead) {
		all = append(all, link{Name: "Your webhooks", Path: "/webhooks"})
	}
	return all
}

// done are the sentences for what was done before this page, by the names in its address.
func done(name string) string {
	switch name {
	case "signed-out":
		return "You are signed out."
	case "cancelled":
		return "The job is being cancelled."
	case "retried":
		return "The job is queued again."
	case "submitted":
		return "The job is submitted."
	case "uploaded":
		return "The dataset has a new version."
	case "same":
		return "The newest version already has this content: nothing was added."
	case "queue-added":
		return "The queue is added."
	case "removed":
		return "It is removed."
	case "token-ended":
		return "The token has ended: within ten seconds no service takes it."
	case "changed":
		return "The change is made."
	}
	return ""
}

// faultPage says what went wrong.
type faultPage struct {
	Status   int
	Title    string
	Sentence string
	Faults   []problem.Fault
}

// fault answers with a page that says what went wrong, and logs what only the operator may see.
func (c *Console) fault(g *gin.Context, v *visit, err error) {
	if v == nil {
		v = &visit{c: c, g: g}
	}
	p := problemOf(err)
	if cause := p.Unwrap(); cause != nil {
		c.config.Log.Error("a page failed", "request_id", serve.RequestID(g.Request.Context()), "status", p.Status, "detail", p.Detail, "err", cause)
	}
	retryAfter(g, p)
	title := http.StatusText(p.Status)
	if err := c.pages.show(v, p.Status, "fault", title, faultPage{p.Status, title, p.Detail, p.Faults}); err != nil {
		c.config.Log.Error("no page for a fault", "err", err)
		g.AbortWithStatus(http.StatusInternalServerError)
	}
}

// retryAfter says when to try again, where a problem does.
func retryAfter(g *gin.Context, p *problem.Problem) {
	if value := p.GetHeaders().Get("Retry-After"); value != "" {
		g.Header("Retry-After", value)
	}
}

// faults are what is wrong with the fields of a form, by the pointers of the API.
type faults map[string][]string

// faultsOf sorts the faults of a problem by field.
func faultsOf(p *problem.Problem) faults {
	f := faults{}
	for _, one := range p.Faults {
		f[one.Pointer] = append(f[one.Pointer], one.Detail)
	}
	return f
}

// At is what is wrong with a field, or with something in it: of /assets, also of /assets/3.
func (f faults) At(pointer string) []string {
	all := f[pointer]
	for _, p := range sorted(f) {
		if inner, is := strings.CutPrefix(p, pointer+"/"); is {
			for _, detail := range f[p] {
				all = append(all, inner+" "+detail)
			}
		}
	}
	return all
}

// Beside are the faults of what none of the fields of a form stands for.
func (f faults) Beside(pointers ...string) []string {
	var all []string
	for _, p := range sorted(f) {
		named := false
		for _, pointer := range pointers {
			named = named || p == pointer || strings.HasPrefix(p, pointer+"/")
		}
		if !named {
			for _, detail := range f[p] {
				all = append(all, strings.TrimSpace(strings.TrimPrefix(p, "/")+" "+detail))
			}
		}
	}
	return all
}
