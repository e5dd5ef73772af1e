package foliocast

import (
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
	"foliocast/queue/message"
)

func (a *app) queueCommand() *cobra.Command {
	return cli.Group("queue", "Manage queues (administrators)",
		tabular(a.queueList()), a.queueAdd(), a.queueRemove(),
		tabular(a.queueSwitch("pause", "Stop handing out a queue's messages until it is resumed")),
		tabular(a.queueSwitch("resume", "Hand out a paused queue's messages again")),
		tabular(a.queueLimit()), tabular(a.queueSet()), tabular(a.queueOwners()), a.queueShare(), tabular(a.queueDead()), a.queueRedrive(), a.queuePurge())
}

func (a *app) queueList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the queues with their depth", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			queues, err := s.queue.Queues(c.Context())
			if err != nil {
				return err
			}
			sheet := queueSheet(queues.Queues...)
			return a.view(queues, sheet, func(w io.Writer) {
				a.table(w, sheet)
				if d := queues.Dealing; d != nil {
					line(w, "%d of about %d waiting messages have been dealt out again, since %s", d.Dealt, d.Waiting, when(d.BeganAt))
				}
			})
		},
	}
}

func queueSheet(queues ...message.Queue) sheet {
	s := newSheet("queue,state,waiting,leased,oldest,limit,weight,maximum", "")
	for _, q := range queues {
		state := status("active")
		if q.Paused {
			state = "paused"
		}
		oldest := time.Duration(q.OldestAge * float64(time.Second))
		s.add(q.Name, state, q.Waiting, q.Leased, seconds(oldest), limit(q.MaxLength), q.Weight, limit(q.MaxLeased))
	}
	return s
}

func (a *app) queueAdd() *cobra.Command {
	var q message.NewQueue
	var dry bool
	c := &cobra.Command{
		Use: "add NAME", Short: "Add a queue, and deal the waiting messages out again in upload order", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			q.Name = args[0]
			dealt, err := s.queue.AddQueue(c.Context(), q, dry)
			if err != nil {
				return err
			}
			return a.show(dealt, func(w io.Writer) { printDealing(w, "added", args[0], dry, dealt) })
		},
	}
	c.Flags().IntVar(&q.MaxLength, "limit", 0, "most messages that may wait in it; 0 for no limit")
	shareFlags(c, &q.Weight, &q.MaxLeased)
	c.Flags().BoolVar(&dry, "dry-run", false, "only show which messages would move")
	return c
}

func (a *app) queueRemove() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use: "remove NAME", Short: "Remove a queue, and deal its waiting messages out over the others", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			dealt, err := s.queue.RemoveQueue(c.Context(), args[0], dry)
			if err != nil {
				return err
			}
			return a.show(dealt, func(w io.Writer) { printDealing(w, "removed", args[0], dry, dealt) })
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only show which messages would move")
	return c
}

// shareFlags adds the flags of the share of a queue.
func shareFlags(c *cobra.Command, weight, maxLeased *int) {
	c.Flags().IntVar(weight, "weight", 1, "how many messages it has leased for one of a queue of weight 1, 1 to 1000")
	c.Flags().IntVar(maxLeased, "max-leased", 0, "most messages that may be leased from it at once; 0 for no maximum")
}

func (a *app) queueSet() *cobra.Command {
	var weight, maxLeased int
	c := &cobra.Command{
		Use: "set NAME", Short: "Change which share of the leases a queue gets", Args: cobra.ExactArgs(1),
		Long: `Change which share of the leases a queue gets. What is not given stays.

For a worker that asks for several queues, queues of different weights take turns: the next
message is one of the queue with the fewest leased for its weight. Queues of the same weight
take no turns: their messages come in the order of the uploads. A maximum holds for all
workers together.`,
		Example: "  foliocast queue set day --weight 3\n  foliocast queue set night --max-leased 50",
		RunE: func(c *cobra.Command, args []string) error {
			var change message.QueueShare
			if c.Flags().Changed("weight") {
				change.Weight = &weight
			}
			if c.Flags().Changed("max-leased") {
				change.MaxLeased = &maxLeased
			}
			if change == (message.QueueShare{}) {
				return usagef("name what to change, by --weight or --max-leased")
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			q, err := s.queue.ShareQueue(c.Context(), args[0], change)
			if err != nil {
				return err
			}
			return a.list(q, queueSheet(q))
		},
	}
	shareFlags(c, &weight, &maxLeased)
	return c
}

func printDealing(w io.Writer, did, name string, dry bool, d message.Dealing) {
	if dry {
		line(w, "%s is not %s: this is what would move", name, did)
	} else {
		line(w, "%s %s", did, name)
	}
	dealt := "dealt out"
	if d.UnderWay {
		dealt = "are being dealt out (see queue list)"
	}
	line(w, "%d waiting messages %s, %d to another queue", d.Dealt, dealt, d.Moved)
	for _, m := range d.Moves {
		line(w, "  %d from %s to %s", m.Messages, m.From, m.To)
	}
}

func (a *app) queueSwitch(verb, short string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			change := s.queue.PauseQueue
			if verb == "resume" {
				change = s.queue.ResumeQueue
			}
			q, err := change(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.list(q, queueSheet(q))
		},
	}
}

func (a *app) queueLimit() *cobra.Command {
	return &cobra.Command{
		Use: "limit NAME N", Short: "Change how many messages may wait in a queue; 0 for no limit", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 0 {
				return usagef("the limit must be a whole number of at least 0, is %q", args[1])
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			q, err := s.queue.LimitQueue(c.Context(), args[0], n)
			if err != nil {
				return err
			}
			return a.list(q, queueSheet(q))
		},
	}
}
