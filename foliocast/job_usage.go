package foliocast

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
)

func (a *app) jobUsage() *cobra.Command {
	var from, to string
	c := &cobra.Command{
		Use: "usage", Short: "List what the jobs of each owner took, in core-seconds", Args: cobra.NoArgs,
		Long: `List what the jobs of each owner took, the most first, in core-seconds: the time for which
threads of ranks read values and fitted. The time for which ranks waited belongs to nobody.
It counts the runs that ended on the days --from to --to, in UTC, also of jobs that were
removed since.`,
		Example: "  foliocast job usage --from 2026-11-01 --to 2026-11-30 -o csv",
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all, err := s.frontend.Usage(c.Context(), from, to)
			if err != nil {
				return err
			}
			slices.SortStableFunc(all.Owners, func(a, b client.Usage) int { return cmp.Compare(b.CoreSeconds, a.CoreSeconds) })
			sheet := newSheet("owner,runs,core_seconds", "subject")
			for _, u := range all.Owners {
				sheet.add(u.Owner, u.Runs, float(u.CoreSeconds), u.Subject)
			}
			return a.list(all, sheet)
		},
	}
	c.Flags().StringVar(&from, "from", "", "the first `day`, as in 2026-12-01 (default 29 days before the last)")
	c.Flags().StringVar(&to, "to", "", "the last `day` (default today)")
	return c
}
