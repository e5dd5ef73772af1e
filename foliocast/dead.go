package main

import (
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"foliocast/internal/texttable"
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
			return a.show(map[string]any{"dead": all}, func(w io.Writer) {
				var rows [][]string
				for _, d := range all {
					rows = append(rows, []string{string(d.ID), d.Key, strconv.Itoa(d.Attempts), when(d.EndedAt), d.Error})
				}
				table(w, []texttable.Column{texttable.Left("MESSAGE"), texttable.Left("KEY"), texttable.Right("ATTEMPTS"), texttable.Left("DIED"), texttable.Left("LAST ERROR")}, rows)
			})
		},
	}
}

func (a *app) queueRedrive() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "redrive MESSAGE... | --all", Short: "Put dead letters back into the queues",
		RunE: func(c *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usagef("name the messages, or give --all")
			}
			which := message.Selection{All: all}
			for _, id := range args {
				which.IDs = append(which.IDs, message.ID(id))
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			n, err := s.queue.Redrive(c.Context(), which)
			if err != nil {
				return err
			}
			return a.show(map[string]int{"messages": n}, func(w io.Writer) { line(w, "requeued %d messages", n) })
		},
	}
	c.Flags().BoolVar(&all, "all", false, "every dead letter")
	return c
}
