package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// auditPage shows who changed what, and what was refused, at all services.
type auditPage struct {
	Form     url.Values // of the filter
	Services []auditService
	Faults   faults
	Silent   []string // sentences on services that did not answer
	Events   []auditEvent
	First    string // address of the latest events, on another page
	Next     string // address of earlier events
}

// auditService is a service with a trail of its own.
type auditService struct {
	auth.Audience
	ID     string // as foliocast audit names it
	Name   string
	Chosen bool
}

// auditEvent is an event of one service.
type auditEvent struct {
	audit.Event
	Service string
	from    int // its number
}

// Who is the name of the actor.
func (e auditEvent) Who() string {
	if e.Actor.Name != "" {
		return e.Actor.Name
	}
	return e.Actor.Subject
}

// About names the object as a filter does.
func (e auditEvent) About() string { return strings.TrimSuffix(e.Object.Kind+":"+e.Object.ID, ":") }

// auditPerPage is how many events a page lists.
const auditPerPage = 50

func showAudit(v *visit) error {
	q := v.g.Request.URL.Query()
	out := auditPage{Form: url.Values{}, Services: []auditService{{Audience: auth.Authsvc, ID: "authsvc", Name: "identity service"}, {Audience: auth.Frontend, ID: "frontend", Name: "data service"}, {Audience: auth.Queue, ID: "queue", Name: "message service"}}}
	for _, name := range []string{"actor", "action", "object", "outcome", "since", "until"} {
		if value := strings.TrimSpace(q.Get(name)); value != "" {
			out.Form.Set(name, value)
		}
	}
	for i, s := range out.Services {
		if out.Services[i].Chosen = slices.Contains(q["service"], s.ID); out.Services[i].Chosen {
			out.Form.Add("service", s.ID)
		}
	}
	filter, wrong := auditFilter(out.Form)
	positions, ok := positionsOf(q.Get("before"), len(out.Services))
	if !ok {
		wrong["before"] = []string{"must be that of a page"}
	}
	status := http.StatusUnprocessableEntity
	if out.Faults = wrong; len(wrong) == 0 {
		var err error
		if status, err = v.auditEvents(&out, filter, positions); err != nil {
			return err
		}
	}
	if slices.Max(positions) > 0 {
		out.First = at("/audit", out.Form)
	}
	return v.c.pages.show(v, status, "audit", "Audit", out)
}

// auditFilter is the filter of a form, whose days are whole ones in UTC.
func auditFilter(form url.Values) (audit.Filter, faults) {
	wrong := faults{}
	day := func(name string, later int) time.Time {
		if form.Get(name) == "" {
			return time.Time{}
		}
		at, err := time.Parse(time.DateOnly, form.Get(name))
		if err != nil || at.Year() < 1 {
			wrong[name] = []string{"must be a day, as in 2024-05-31"}
			return time.Time{}
		}
		return at.AddDate(0, 0, later)
	}
	return audit.Filter{Actor: form.Get("actor"), Action: form.Get("action"), Object: audit.ParseObject(form.Get("object")), Outcome: audit.Outcome(form.Get("outcome")),
		Since: day("since", 0), Until: day("until", 1)}, wrong
}

// positionsOf reads where a page goes on: a position in the trail of each service, 0 for its end.
func positionsOf(text string, services int) ([]int64, bool) {
	out := make([]int64, services)
	if text == "" {
		return out, true
	}
	parts := strings.Split(text, ".")
	if len(parts) != services {
		return out, false
	}
	for i, part := range parts {
		position, err := strconv.ParseInt(part, 10, 64)
		if err != nil || position < 0 {
			return make([]int64, services), false
		}
		out[i] = position
	}
	return out, true
}

// auditEvents fetches the latest events before positions from all services that are chosen, or from all. One that does not answer
// is a sentence on the page.
func (v *visit) auditEvents(out *auditPage, filter audit.Filter, positions []int64) (status int, err error) {
	pages, errs := make([]audit.Page, len(out.Services)), make([]error, len(out.Services))
	var all sync.WaitGroup
	for i, s := range out.Services {
		if len(out.Form["service"]) > 0 && !s.Chosen {
			continue
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(v.context(), patience)
			defer cancel()
			asked := filter
			asked.Before = positions[i]
			client, base := v.trail(s.Audience)
			pages[i], errs[i] = audit.Fetch(ctx, client, base, asked, auditPerPage)
		})
	}
	all.Wait()
	for i, s := range out.Services {
		p := problemOf(errs[i])
		switch {
		case errs[i] == nil:
		case problem.Is(errs[i], problem.Unauthorized), problem.Is(errs[i], problem.Forbidden):
			return 0, p
		case problem.Is(errs[i], problem.Invalid):
			out.Faults = faultsOf(p)
			return p.Status, nil
		default:
			v.c.config.Log.Warn("a trail is missing", "service", s.ID, "err", errs[i])
			out.Silent = append(out.Silent, "The "+s.Name+" does not answer: its events are missing.")
		}
		for _, e := range pages[i].Events {
			out.Events = append(out.Events, auditEvent{e, s.Name, i})
		}
	}
	slices.SortStableFunc(out.Events, func(x, y auditEvent) int { return y.At.Compare(x.At) })
	more := len(out.Events) > auditPerPage || slices.ContainsFunc(pages, func(p audit.Page) bool { return p.Next > 0 })
	out.Events = out.Events[:min(len(out.Events), auditPerPage)]
	if !more {
		return http.StatusOK, nil
	}
	next := slices.Clone(positions)
	for _, e := range out.Events { // of each service, the last one counts
		next[e.from] = e.Position
	}
	var text []string
	for _, position := range next {
		text = append(text, strconv.FormatInt(position, 10))
	}
	out.Next = at("/audit", with(out.Form, "before", strings.Join(text, ".")))
	return http.StatusOK, nil
}

// trail is a client of a service in the name of who is signed in, and its address.
func (v *visit) trail(of auth.Audience) (*http.Client, string) {
	signed := &auth.Transport{Source: sessionTokens{v, of}, Base: v.c.config.Others}
	switch of {
	case auth.Authsvc:
		return &http.Client{Transport: signed}, v.c.config.Identity
	case auth.Queue:
		return &http.Client{Transport: signed}, v.c.config.Queue
	}
	signed.Base = within{v.c.door.Router, v.g.Request}
	return &http.Client{Transport: signed}, base
}
