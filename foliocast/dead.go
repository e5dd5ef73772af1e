package foliocast

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"foliocast/queue/client"
	"foliocast/queue/message"
)

// deadPage is how many dead letters one request asks for.
const deadPage = 500

func (a *app) queueDead() *cobra.Command {
	return &cobra.Command{
		Use: "dead", Short: "List the messages whose attempts are used up", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all := []message.DeadLetter{}
			for after := message.Position(0); ; {
				page, err := s.queue.Dead(c.Context(), after, deadPage)
				if err != nil {
					return err
				}
				all = append(all, page...)
				if len(page) < deadPage {
					break
				}
				after = page[len(page)-1].Position
			}
			letters := newSheet("message,key,attempts,died,last error", "priority,enqueued")
			for _, d := range all {
				letters.add(d.ID, d.Key, d.Attempts, d.EndedAt, d.Error, d.Priority, d.EnqueuedAt)
			}
			return a.list(map[string]any{"items": all, "dead": all}, letters)
		},
	}
}

func (a *app) queueRedrive() *cobra.Command {
	return a.deadCommand("redrive", "Put dead letters back into the queues", "requeued %d messages", func(c *client.Client) func(context.Context, message.Selection) (int, error) { return c.Redrive })
}

func (a *app) queuePurge() *cobra.Command {
	return a.deadCommand("purge", "Delete what dead letters hold, so that they cannot come back", "purged %d messages", func(c *client.Client) func(context.Context, message.Selection) (int, error) { return c.Purge })
}

// deadCommand does something to dead letters that are named, that a filter matches, or to all.
func (a *app) deadCommand(use, short, done string, what func(*client.Client) func(context.Context, message.Selection) (int, error)) *cobra.Command {
	var which message.Selection
	var f message.Filter
	var before, after time.Duration
	c := &cobra.Command{
		Use: use + " MESSAGE... | --all | --error TEXT ...", Short: short,
		Long: short + `: the messages that are named, or those for which all the
given flags are true, the oldest first, or all.`,
		Example: "  foliocast queue " + use + " --error 'no space left' --newer-than 2h",
		RunE: func(c *cobra.Command, args []string) error {
			for _, id := range args {
				which.IDs = append(which.IDs, message.ID(id))
			}
			if before > 0 {
				f.DiedBefore = time.Now().Add(-before).UTC()
			}
			if after > 0 {
				f.DiedAfter = time.Now().Add(-after).UTC()
			}
			filtered := !f.Empty()
			if ways := map[bool]int{true: 1}; ways[which.All]+ways[len(args) > 0]+ways[filtered] != 1 {
				return usagef("name the messages, or choose them by --error, --key, --older-than and --newer-than, or give --all")
			}
			if filtered {
				which.Filter = &f
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			n, err := what(s.queue)(c.Context(), which)
			if err != nil {
				return err
			}
			return a.show(map[string]int{"messages": n}, func(w io.Writer) { line(w, done, n) })
		},
	}
	c.Flags().BoolVar(&which.All, "all", false, "every dead letter")
	c.Flags().StringVar(&f.ErrorContains, "error", "", "those whose last error has this `text`, upper and lower case alike")
	c.Flags().StringVar(&f.KeyPrefix, "key", "", "those whose key begins with this `text`, as with the id of a job")
	c.Flags().DurationVar(&before, "older-than", 0, "those that died longer ago than this `time`, as in 24h")
	c.Flags().DurationVar(&after, "newer-than", 0, "those that died within this `time`")
	c.Flags().IntVar(&f.Limit, "limit", 0, "most messages that the flags choose (default all)")
	return c
}
