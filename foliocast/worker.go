package foliocast

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

func (a *app) workerCommand() *cobra.Command {
	return cli.Group("worker", "Show the worlds that compute (administrators)", tabular(a.workerList()))
}

func (a *app) workerList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the worlds, with their ranks and what they do", Args: cobra.NoArgs,
		Long: `List the worlds (each one mpirun of mpicalc serve), with their ranks and what they do. A world reports every
three seconds, and is listed until 15 s after its last report. Last come workers that hold leases and do not
report: they are of an earlier version, or dead, and their leases will expire.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all, err := allWorkers(c.Context(), s.queue)
			if err != nil {
				return err
			}
			return a.list(all, workerSheet(all))
		},
	}
}

// workersPage is how many workers one request asks for.
const workersPage = 100

// allWorkers lists the workers of all pages.
func allWorkers(ctx context.Context, c *client.Client) (message.Workers, error) {
	all := message.Workers{Workers: []message.Worker{}}
	for after := int64(0); ; {
		page, err := c.Workers(ctx, after, workersPage)
		if err != nil {
			return all, err
		}
		all.Workers, all.Others = append(all.Workers, page.Workers...), append(all.Others, page.Others...)
		all.Before = all.Workers
		if page.Next <= after {
			return all, nil
		}
		after = page.Next
	}
}

func workerSheet(all message.Workers) sheet {
	s := newSheet("worker,state,hosts,ranks,busy,leases,done,now,since", "threads,series,program,account,last report")
	for _, w := range all.Workers {
		s.add(w.Worker, status(w.State), hostsOf(w.Report), w.RankCount, share(w.Busy), w.Leases, w.Done, doing(w.Report), w.Since,
			w.Threads, w.Series, w.Program, w.Account, seconds(w.Silent*float64(time.Second)))
	}
	for _, h := range all.Others {
		s.add(h.Worker, status("silent"), "", count(0), share(0), h.Leases, count(0), "", nil, count(0), count(0), "", h.Account, nil)
	}
	return s
}

// hostsOf names the first hosts of a world.
func hostsOf(r message.Report) string {
	const most = 3
	names := r.Hosts[:min(len(r.Hosts), most)]
	text := strings.Join(names, " ")
	if more := r.HostCount - len(names); more > 0 {
		text += fmt.Sprintf(" +%d", more)
	}
	return text
}

// doing is the first message that a world works at, and how many there are beside it.
func doing(r message.Report) string {
	if len(r.Jobs) == 0 {
		return ""
	}
	j := r.Jobs[0]
	text := string(j.Phase) + " " + jobOf(j.Key)
	if j.Phase == message.Fitting && j.Series > 0 {
		text += " " + percent(float64(j.Done)/float64(j.Series))
	}
	if more := r.Held - 1; more > 0 {
		text += fmt.Sprintf(" +%d", more)
	}
	return text
}

// jobOf is the job of a message, by its key.
func jobOf(key string) string {
	id, _, _ := strings.Cut(key, "#")
	return id
}
