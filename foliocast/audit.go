package foliocast

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"foliocast/internal/audit"
	"foliocast/internal/auth"
)

// trailOf is the audit trail of one service.
type trailOf struct {
	service string // as --service names it
	base    string
	client  *http.Client
}

// eventOf is an event of one service.
type eventOf struct {
	Service string `json:"service"`
	audit.Event
}

// auditQuery is what the flags of the command ask for.
type auditQuery struct {
	services             []string
	object, since, until string
	outcome              string
	limit                int
	filter               audit.Filter
}

func (a *app) auditCommand() *cobra.Command {
	var q auditQuery
	c := &cobra.Command{
		Use: "audit", Short: "Show who changed what, and what was refused (administrators)", Args: cobra.NoArgs,
		Long: `Show who changed what, and what was refused, at all services, the latest first. With --json or --output csv, each event is
one line; with --limit 0 too, all events that the filters select are exported.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := q.read(time.Now(), a.json || a.format == asCSV); err != nil {
				return err
			}
			trails, err := a.trails(q.services)
			if err != nil {
				return err
			}
			if q.limit == 0 {
				return a.exportAudit(c.Context(), trails, q.filter)
			}
			return a.showAudit(c.Context(), trails, q)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&q.services, "service", []string{"authsvc", "frontend", "queue"}, "authsvc, frontend or queue; separate several with commas")
	f.StringVar(&q.filter.Actor, "actor", "", "only events of this user, service account, system or operator")
	f.StringVar(&q.filter.Action, "action", "", "only this action, as in cancel-job")
	f.StringVar(&q.object, "object", "", "only events about this object, as kind:id, or about all of a kind: user, session, service, key, dataset, job, queue, message")
	f.StringVar(&q.since, "since", "", "only events from this time on: 2024-05-31, 2024-05-31T08:00:00Z, or 24h for the last day")
	f.StringVar(&q.until, "until", "", "only events before this time")
	f.StringVar(&q.outcome, "outcome", "", "only what was done, or refused")
	f.IntVar(&q.limit, "limit", 100, "number of events at most; 0 for all, with --json or --output csv")
	return c
}

// read checks the flags.
func (q *auditQuery) read(now time.Time, lines bool) (err error) {
	if q.limit < 0 || q.limit > 10_000 {
		return usagef("--limit must be between 0 and 10000")
	}
	if q.limit == 0 && !lines {
		return usagef("--limit 0 needs --json or --output csv")
	}
	q.filter.Outcome = audit.Outcome(q.outcome)
	if !slices.Contains([]audit.Outcome{"", audit.Done, audit.Refused}, q.filter.Outcome) {
		return usagef("--outcome must be done or refused, not %q", q.outcome)
	}
	q.filter.Object = audit.ParseObject(q.object)
	if q.filter.Since, err = moment("since", q.since, now); err != nil {
		return err
	}
	q.filter.Until, err = moment("until", q.until, now)
	return err
}

// moment reads a time: a date, a time or how long ago it was.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usagef("--%s %q is not a time: write 2024-05-31, 2024-05-31T08:00:00Z, or 24h for the last day", flag, text)
}

// trails returns the audit trails of the services with the names.
func (a *app) trails(names []string) ([]trailOf, error) {
	s, err := a.services()
	if err != nil {
		return nil, err
	}
	all := []trailOf{
		{"authsvc", s.at.Auth, &http.Client{Transport: &auth.Transport{Source: s.source, Base: s.over}}},
		{"frontend", s.at.Frontend, &http.Client{Transport: &auth.Transport{Source: s.source.at(auth.Frontend), Base: s.over}}},
		{"queue", s.at.Queue, &http.Client{Transport: &auth.Transport{Source: s.source.at(auth.Queue), Base: s.over}}},
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(t trailOf) bool { return t.service == name }) {
			return nil, usagef("--service %q is not a service: it must be authsvc, frontend or queue", name)
		}
	}
	return slices.DeleteFunc(all, func(t trailOf) bool { return !slices.Contains(names, t.service) }), nil
}

// exportAudit prints every event as a line of JSON or CSV, one service after the other.
func (a *app) exportAudit(ctx context.Context, trails []trailOf, filter audit.Filter) error {
	out := &checked{w: a.out}
	var table csvWriter
	if a.format == asCSV {
		table, out.err = auditSheet().csv(a.out)
	}
	for _, t := range trails {
		err := audit.Each(ctx, t.client, t.base, filter, func(e audit.Event) (bool, error) {
			if one := (eventOf{t.service, e}); a.json {
				jsonLine(out, one)
			} else if out.err == nil {
				out.err = table.add(one.row())
			}
			return out.err == nil, out.err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// showAudit prints the latest events of all services, in one order.
func (a *app) showAudit(ctx context.Context, trails []trailOf, q auditQuery) error {
	var events []eventOf
	for _, t := range trails {
		n := 0
		err := audit.Each(ctx, t.client, t.base, q.filter, func(e audit.Event) (bool, error) {
			events = append(events, eventOf{t.service, e})
			n++
			return n < q.limit, nil
		})
		if err != nil {
			return err
		}
	}
	slices.SortStableFunc(events, func(x, y eventOf) int { return y.At.Compare(x.At) })
	events = events[:min(len(events), q.limit)]
	if a.json {
		out := &checked{w: a.out}
		for _, e := range events {
			jsonLine(out, e)
		}
		return out.err
	}
	sheet := auditSheet()
	for _, e := range events {
		sheet.add(e.row()...)
	}
	return a.list(nil, sheet)
}

func auditSheet() sheet {
	return newSheet("time,service,actor,action,object,outcome,from", "position,subject,program,on behalf of,before,after,request")
}

func (e eventOf) row() []any {
	actor, object, outcome := e.Actor.Name, e.Object.Kind, string(e.Outcome)
	if actor == "" {
		actor = e.Actor.Subject
	}
	if actor == "" {
		actor = "unknown"
	}
	if e.Object.ID != "" {
		object += " " + e.Object.ID
	}
	if e.Times > 1 {
		outcome += " " + strconv.Itoa(e.Times) + " times"
	}
	if e.Reason != "" {
		outcome += ": " + e.Reason
	}
	return []any{e.At, e.Service, actor, e.Action, object, status(outcome), e.Source,
		e.Position, e.Actor.Subject, e.Actor.Client, e.OnBehalfOf, string(e.Before), string(e.After), e.RequestID}
}
