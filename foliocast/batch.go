package foliocast

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/cli"
	"foliocast/internal/job"
)

func (a *app) batchCommand() *cobra.Command {
	return cli.Group("batch", "Submit many jobs as one thing", a.batchSubmit(), tabular(a.batchList()), tabular(a.batchShow()), tabular(a.batchWatch()), tabular(a.batchCancel()),
		a.batchFile("output", "Write the results of a batch as JSON Lines", "the result of each job that has one, as job result writes it in JSON"),
		a.batchFile("errors", "Write the errors of a batch as JSON Lines", "the error of each job that ended without a result"))
}

func (a *app) batchSubmit() *cobra.Command {
	var n client.NewBatch
	var key string
	var wait bool
	c := &cobra.Command{
		Use: "submit FILE", Short: "Submit the jobs of a file, all or none",
		Long: `Submit the jobs of a file, all of them or none, and print the id of the batch.
FILE has a job in JSON on each line, at most 50000, as job submit --file takes it; -
is standard input. job list --batch lists the jobs, batch output has their results, and
batch errors says why others have none.`,
		Example: "  foliocast batch submit night.jsonl --name night --wait",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if n.Jobs, err = readSpecs(args[0], a.stdin(c.Context())); err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			if key == "" {
				key = uuid.NewString()
			}
			b, err := patiently(c.Context(), submitPause, submitLimit, func() (job.Batch, error) { return s.frontend.CreateBatch(c.Context(), n, key) })
			if err != nil {
				return err
			}
			if wait {
				a.say(a.err, note{Note: "submitted batch " + string(b.ID)})
				return a.followBatch(c.Context(), s.frontend, b.ID)
			}
			return a.show(b, func(w io.Writer) { line(w, "%s", b.ID) })
		},
	}
	c.Flags().StringVar(&n.Name, "name", "", "`name` of the batch, for people")
	c.Flags().StringVar(&key, "idempotency-key", "", "a second submission with the same `key` returns the first batch (default a new key)")
	c.Flags().BoolVar(&wait, "wait", false, "wait until all jobs have ended, and count them")
	return c
}

func (a *app) batchList() *cobra.Command {
	var owner string
	var limit int
	c := &cobra.Command{
		Use: "list", Short: "List batches, newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 || limit > 500 {
				return usagef("--limit must be 1 to 500, is %d", limit)
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			page, err := s.frontend.BatchesPage(c.Context(), owner, "", limit)
			if err != nil {
				return err
			}
			batches := newSheet("batch,name,jobs,owner,created", "")
			for _, b := range page.Items {
				batches.add(b.ID, b.Name, b.Size, b.Owner, b.CreatedAt)
			}
			return a.list(map[string]any{"items": page.Items}, batches)
		},
	}
	c.Flags().StringVar(&owner, "owner", "", "only batches of this user")
	c.Flags().IntVar(&limit, "limit", 50, "most batches to list, to 500")
	return c
}

func (a *app) batchShow() *cobra.Command {
	return &cobra.Command{
		Use: "show BATCH", Short: "Count the jobs of a batch by state", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := batchID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			b, err := s.frontend.WaitBatch(c.Context(), id, 0)
			if err != nil {
				return err
			}
			return a.record(b, batchRecord(b))
		},
	}
}

// batchRecord is a batch with the states that its jobs have.
func batchRecord(b job.Batch) sheet {
	pairs := []any{"batch", b.ID, "name", b.Name, "owner", b.Owner, "created", b.CreatedAt, "jobs", b.Size}
	if c := b.Counts; c != nil {
		for _, n := range []struct {
			state job.State
			jobs  int
		}{{job.Queued, c.Queued}, {job.Running, c.Running}, {job.Done, c.Done}, {job.Partial, c.Partial}, {job.Failed, c.Failed}, {job.Cancelled, c.Cancelled}, {job.Dead, c.Dead}} {
			pairs = append(pairs, string(n.state), count(n.jobs))
		}
	}
	return recordOf(pairs...)
}

func (a *app) batchWatch() *cobra.Command {
	return &cobra.Command{
		Use: "watch BATCH", Short: "Wait for the end of all jobs of a batch, and count them", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := batchID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			return a.followBatch(c.Context(), s.frontend, id)
		},
	}
}

// watchLong is how long one request waits for the end of a batch.
const watchLong = 30 * time.Second

// followBatch waits for the end of a batch and counts its jobs. The error is a *batchEnded
// when some have no forecast.
func (a *app) followBatch(ctx context.Context, c *client.Client, id job.BatchID) error {
	lastAnswer := time.Now()
	for {
		b, err := c.WaitBatch(ctx, id, watchLong)
		switch {
		case ctx.Err() != nil:
			return &interrupted{advice: fmt.Sprintf("Batch %s is not affected. Wait for it again with: foliocast batch watch %s%s", id, id, a.where.args())}
		case err == nil && b.Counts != nil && b.Counts.Ended():
			if err := a.record(b, batchRecord(b)); err != nil || b.Counts.Bad() == 0 {
				return err
			}
			return &batchEnded{batch: b}
		case err == nil:
			lastAnswer = time.Now()
		case passing(err) && time.Since(lastAnswer) < watchLimit:
			select {
			case <-ctx.Done():
			case <-time.After(watchTick):
			}
		default:
			return err
		}
	}
}

func (a *app) batchCancel() *cobra.Command {
	return &cobra.Command{
		Use: "cancel BATCH", Short: "Cancel the jobs of a batch that have not ended", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := batchID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			b, err := s.frontend.CancelBatch(c.Context(), id)
			if err != nil {
				return err
			}
			return a.record(b, batchRecord(b))
		},
	}
}

// batchFile is the command that writes a file of a batch.
func (a *app) batchFile(what, short, has string) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: what + " BATCH", Short: short,
		Long: short + `: ` + has + `,
with the line of the request that it is from, the id of the job and its state. What has not
ended yet has no line; batch watch waits for all.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := batchID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			return a.write(output, func(w io.Writer) error { return s.frontend.BatchFile(c.Context(), id, what, w) })
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "write to this `file` instead of standard output")
	return c
}
