package foliocast

import (
	"io"

	"github.com/spf13/cobra"

	"foliocast/queue/message"
)

func (a *app) queueOwners() *cobra.Command {
	var after string
	var most int
	c := &cobra.Command{
		Use: "owners", Short: "List whose messages are in the queues, and the share of each", Args: cobra.NoArgs,
		Long: `List whose messages are in the queues, and the share of each, by name.

Owners take turns: the next message is one of the owner with the fewest leased for its
weight. Priorities order the messages of each owner.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			owners, err := s.queue.Owners(c.Context(), after, most)
			if err != nil {
				return err
			}
			sheet := newSheet("owner,weight,maximum,waiting,leased", "")
			for _, o := range owners {
				sheet.add(o.Name, o.Weight, limit(o.MaxLeased), o.Waiting, o.Leased)
			}
			return a.list(message.Owners{Owners: owners, Before: owners}, sheet)
		},
	}
	c.Flags().StringVar(&after, "after", "", "the owner after whom to begin")
	c.Flags().IntVar(&most, "limit", 100, "most owners to list, 2 to 1000")
	return c
}

func (a *app) queueShare() *cobra.Command {
	var share message.Share
	c := &cobra.Command{
		Use: "share OWNER", Short: "Change which share of the leases an owner gets", Args: cobra.ExactArgs(1),
		Example: "  foliocast queue share ann --weight 3\n  foliocast queue share batch --max-leased 50",
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			if err := s.queue.SetShare(c.Context(), args[0], share); err != nil {
				return err
			}
			return a.show(share, func(w io.Writer) { line(w, "changed the share of %s", args[0]) })
		},
	}
	c.Flags().IntVar(&share.Weight, "weight", 1, "how many messages it has leased for one of an owner of weight 1, 1 to 1000")
	c.Flags().IntVar(&share.MaxLeased, "max-leased", 0, "most messages that it may have leased at once; 0 for no maximum")
	return c
}
