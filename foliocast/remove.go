package foliocast

import (
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func (a *app) datasetRemove() *cobra.Command {
	var dry, all bool
	c := &cobra.Command{
		Use: "remove NAME@VERSION", Short: "Remove a version of a dataset, or with --all all versions",
		Long: `Remove a version of a dataset, or with --all all versions.

Jobs that have ended and their results stay. While jobs that are queued or running
use a version, it is not removed. --dry-run says what would be removed.`,
		Example: "  foliocast dataset remove prices@3\n  foliocast dataset remove prices --all --dry-run",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name, version, ok := job.DatasetName(args[0])
			switch {
			case !ok:
				return usagef("%q is neither the name of a dataset nor name@version", args[0])
			case version == 0 && !all:
				return usagef("%s has no version: give one, as in %s@1, or --all", args[0], name)
			case version > 0 && all:
				return usagef("%s and --all contradict each other", args[0])
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			r, err := s.frontend.RemoveDataset(c.Context(), name, version, dry)
			if err != nil {
				return err
			}
			return a.show(r, func(w io.Writer) {
				line(w, "%s %s of dataset %s, %d bytes", removedText(r), versionsText(r.Versions), r.Dataset, r.Bytes)
			})
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "remove nothing, and say what would be removed")
	c.Flags().BoolVar(&all, "all", false, "remove all versions")
	return c
}

func (a *app) jobRemove() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use: "remove JOB", Short: "Remove a job that has ended, with its result", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			r, err := s.frontend.RemoveJob(c.Context(), id, dry)
			if err != nil {
				return err
			}
			return a.show(r, func(w io.Writer) { line(w, "%s job %s and its result", removedText(r), r.Job) })
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "remove nothing, and say whether it would be removed")
	return c
}

func removedText(r client.Removed) string {
	if r.DryRun {
		return "would remove"
	}
	return "removed"
}

// versionsText is "version 3" or "versions 1, 2, 3".
func versionsText(versions []int) string {
	numbers := make([]string, len(versions))
	for i, v := range versions {
		numbers[i] = strconv.Itoa(v)
	}
	if len(versions) == 1 {
		return "version " + numbers[0]
	}
	return "versions " + strings.Join(numbers, ", ")
}
