package foliocast

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
)

func (a *app) jobTrace() *cobra.Command {
	return &cobra.Command{
		Use: "trace JOB", Short: "Show where the time of a job went", Args: cobra.ExactArgs(1),
		Long: `Show where the time of a job went, as a tree: in the outbox of the data service, in the queue, at each attempt of a
worker and there at each rank, and until the result was there. Each step has its beginning after that of the job, and
how long it lasted, or has lasted so far. Steps overlap where the ranks work while values are still sent.`,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			t, err := s.frontend.Trace(c.Context(), id)
			if err != nil {
				return err
			}
			return a.list(t, traceSheet(t))
		},
	}
}

// traceSheet has a row for each span, below its parent.
func traceSheet(t client.Trace) sheet {
	rows := newSheet("step,after,took,note", "begin,end,span,trace")
	if len(t.Spans) == 0 {
		return rows
	}
	below := make(map[string][]client.Span)
	for _, s := range t.Spans[1:] {
		below[s.Parent] = append(below[s.Parent], s)
	}
	begin := t.Spans[0].Begin
	var add func(s client.Span, first, rest string)
	add = func(s client.Span, first, rest string) {
		rows.add(first+s.Name, millis(s.Begin.Sub(begin)), millis(s.End.Sub(s.Begin)), noteOf(s, t.State), s.Begin, s.End, s.ID, t.Trace)
		parts := below[s.ID]
		slices.SortStableFunc(parts, func(a, b client.Span) int { return cmp.Or(a.Begin.Compare(b.Begin), a.End.Compare(b.End)) })
		for i, part := range parts {
			if i == len(parts)-1 {
				add(part, rest+"└ ", rest+"  ")
			} else {
				add(part, rest+"├ ", rest+"│ ")
			}
		}
	}
	add(t.Spans[0], "", "")
	return rows
}

// noteOf is what else there is to know of a span.
func noteOf(s client.Span, state string) string {
	var notes []string
	if s.Name == "job" {
		notes = append(notes, state)
	}
	if worker, _ := s.Attributes["foliocast.worker"].(string); worker != "" {
		notes = append(notes, worker)
	}
	if busy, ok := s.Attributes["foliocast.busy_seconds"].(float64); ok {
		notes = append(notes, fmt.Sprintf("busy %.3f s", busy))
	}
	if held, _ := s.Attributes["foliocast.held"].(bool); held {
		notes = append(notes, "with the time for which it was held back")
	}
	if s.Error != "" {
		notes = append(notes, s.Error)
	}
	return strings.Join(notes, ", ")
}

// millis is a time in seconds, to the millisecond.
func millis(d time.Duration) seconds { return seconds(d.Round(time.Millisecond)) }
