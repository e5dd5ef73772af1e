package foliocast

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/cli"
	"foliocast/internal/job"
)

func (a *app) webhookCommand() *cobra.Command {
	return cli.Group("webhook", "Have events posted to an address", a.webhookAdd(), tabular(a.webhookList()), tabular(a.webhookShow()), tabular(a.webhookUpdate()),
		a.webhookTest(), a.webhookRotate(), tabular(a.webhookDeliveries()), a.webhookRedeliver(), a.webhookRemove())
}

// webhookFlags choose the events of a webhook.
type webhookFlags struct {
	kinds          []string
	states         stateFilter
	owner, dataset string
}

func (f *webhookFlags) register(a *app, c *cobra.Command) {
	f.states.dir = &a.where.state
	flags := c.Flags()
	flags.StringSliceVar(&f.kinds, "kind", nil, "only events about jobs, datasets or schedules: job, dataset, schedule")
	flags.Var(&f.states, "state", "of jobs, only the events by which one enters one of these `states`, as in failed,dead")
	flags.StringVar(&f.owner, "owner", "", "only events of this user's jobs, datasets and schedules")
	flags.StringVar(&f.dataset, "dataset", "", "only events of this dataset and of jobs on it")
}

// read checks the kinds and the states.
func (f *webhookFlags) read() ([]job.State, error) {
	for _, k := range f.kinds {
		if !slices.Contains([]string{job.JobEvents, job.DatasetEvents, job.ScheduleEvents}, k) {
			return nil, usagef("--kind %q is not a kind of events: it must be job, dataset or schedule", k)
		}
	}
	return readStates(f.states.names)
}

func (a *app) webhookAdd() *cobra.Command {
	var f webhookFlags
	c := &cobra.Command{
		Use: "add NAME URL", Short: "Have events posted to an address, from now on",
		Long: `Have events posted to an address, from now on, in the form of Standard Webhooks. Prints the
secret that signs the messages on standard output, only this once.`,
		Example: "  foliocast webhook add ends https://example.com/hooks/foliocast --kind job --state done,failed,dead",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			states, err := f.read()
			if err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			made, err := s.frontend.CreateWebhook(c.Context(), client.NewWebhook{Name: args[0], WebhookPlan: job.WebhookPlan{URL: args[1],
				WebhookFilter: job.WebhookFilter{Kinds: f.kinds, States: states, Owner: f.owner, Dataset: f.dataset}}})
			if err != nil {
				return err
			}
			a.note("added the webhook %s; its secret is shown only once", made.Name)
			return a.show(made, func(w io.Writer) { line(w, "%s", made.Secret) })
		},
	}
	f.register(a, c)
	return c
}

func (a *app) webhookList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List your webhooks", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all, err := s.frontend.Webhooks(c.Context())
			if err != nil {
				return err
			}
			sheet := newSheet("webhook,url,events,state,waiting,dead,last success,last failure", "created,failures,last error")
			for _, w := range all {
				sheet.add(w.Name, w.URL, chosen(w.WebhookFilter), status(enabled(w)), w.Waiting, w.Dead, w.LastSuccessAt, w.LastFailureAt, w.CreatedAt, w.Failures, w.LastError)
			}
			return a.list(map[string]any{"items": append([]job.Webhook{}, all...)}, sheet)
		},
	}
}

func enabled(w job.Webhook) string {
	if w.Enabled {
		return "enabled"
	}
	return "disabled"
}

// chosen says which events a filter chooses.
func chosen(f job.WebhookFilter) string {
	var all []string
	all = append(all, f.Kinds...)
	for _, s := range f.States {
		all = append(all, string(s))
	}
	for name, value := range map[string]string{"owner": f.Owner, "dataset": f.Dataset} {
		if value != "" {
			all = append(all, name+" "+value)
		}
	}
	if len(all) == 0 {
		return "all"
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (a *app) webhookShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show a webhook", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withWebhook(func(s *client.Client) (job.Webhook, error) { return s.Webhook(c.Context(), args[0]) })
		},
	}
}

// withWebhook calls the data service, and shows the webhook that it answers.
func (a *app) withWebhook(call func(*client.Client) (job.Webhook, error)) error {
	s, err := a.services()
	if err != nil {
		return err
	}
	w, err := call(s.frontend)
	if err != nil {
		return err
	}
	return a.record(w, recordOf("webhook", w.Name, "url", w.URL, "events", chosen(w.WebhookFilter), "state", status(enabled(w)), "because", w.Note,
		"created", w.CreatedAt, "old secret until", w.OldUntil, "waiting", w.Waiting, "dead", w.Dead, "failures", w.Failures,
		"last success", w.LastSuccessAt, "last failure", w.LastFailureAt, "last error", w.LastError))
}

func (a *app) webhookUpdate() *cobra.Command {
	var f webhookFlags
	var address string
	var enable bool
	c := &cobra.Command{
		Use: "update NAME", Short: "Change a webhook, disable it or enable it again",
		Long: `Change a webhook. What no flag names stays. While it is disabled (--enabled=false), events and
deliveries wait; enabled again, it goes on after the last event that it has had.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			states, err := f.read()
			if err != nil {
				return err
			}
			var change client.WebhookChange
			for name, set := range map[string]func(){
				"url": func() { change.URL = &address }, "enabled": func() { change.Enabled = &enable }, "kind": func() { change.Kinds = &f.kinds },
				"state": func() { change.States = &states }, "owner": func() { change.Owner = &f.owner }, "dataset": func() { change.Dataset = &f.dataset },
			} {
				if c.Flags().Changed(name) {
					set()
				}
			}
			if change == (client.WebhookChange{}) {
				return usagef("nothing to change: name --url, --enabled, --kind, --state, --owner or --dataset")
			}
			return a.withWebhook(func(s *client.Client) (job.Webhook, error) { return s.UpdateWebhook(c.Context(), args[0], change) })
		},
	}
	f.register(a, c)
	c.Flags().StringVar(&address, "url", "", "`address` to post to")
	c.Flags().BoolVar(&enable, "enabled", true, "whether it sends anything")
	return c
}

func (a *app) webhookTest() *cobra.Command {
	return &cobra.Command{
		Use: "test NAME", Short: "Send a test message, once", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			got, err := s.frontend.TestWebhook(c.Context(), args[0])
			if err != nil {
				return err
			}
			if !got.Delivered {
				err = fmt.Errorf("the test message was not delivered: %s", got.Error)
				if a.json {
					return a.shown(got, err)
				}
				return err
			}
			return a.show(got, func(w io.Writer) { line(w, "delivered in %d ms, status %d", got.TookMS, got.Status) })
		},
	}
}

func (a *app) webhookRotate() *cobra.Command {
	var overlap time.Duration
	c := &cobra.Command{
		Use: "rotate NAME", Short: "Give a webhook a new secret",
		Long: `Give a webhook a new secret, and print it on standard output, only this once. For the overlap
messages are signed with the old secret, too: give the new one to the receiver meanwhile.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if overlap < 0 || overlap > 30*24*time.Hour {
				return usagef("--overlap must be from 0s to 720h")
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			made, err := s.frontend.RotateWebhook(c.Context(), args[0], overlap)
			if err != nil {
				return err
			}
			if made.OldUntil != nil {
				a.note("messages are signed with the old secret, too, until %s", when(*made.OldUntil))
			}
			return a.show(made, func(w io.Writer) { line(w, "%s", made.Secret) })
		},
	}
	c.Flags().DurationVar(&overlap, "overlap", 24*time.Hour, "`time` for which the old secret signs, too")
	return c
}

func (a *app) webhookDeliveries() *cobra.Command {
	var dead bool
	var limit int
	c := &cobra.Command{
		Use: "deliveries NAME", Short: "List the deliveries of a webhook, those of the latest events first", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if limit < 1 || limit > 500 {
				return usagef("--limit must be from 1 to 500")
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			state := job.DeliveryState("")
			if dead {
				state = job.DeliveryDead
			}
			page, err := s.frontend.Deliveries(c.Context(), args[0], state, 0, limit)
			if err != nil {
				return err
			}
			sheet := newSheet("event,type,at,state,attempts,next,status,error", "id,last")
			for _, d := range page.Items {
				sheet.add(d.Event, d.Type, d.At, status(string(d.State)), d.Attempts, d.NextAt, d.LastStatus, d.LastError, d.ID, d.LastAt)
			}
			return a.list(page, sheet)
		},
	}
	c.Flags().BoolVar(&dead, "dead", false, "only those that were given up")
	c.Flags().IntVar(&limit, "limit", 50, "most deliveries to list")
	return c
}

func (a *app) webhookRedeliver() *cobra.Command {
	var delivered bool
	var since, until string
	c := &cobra.Command{
		Use: "redeliver NAME", Short: "Send deliveries again that were given up",
		Long:    "Send deliveries again that were given up, or that were delivered, under the ids that they had.",
		Example: "  foliocast webhook redeliver ends --since 2030-01-31T00:00:00Z",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var r client.Redelivery
			if delivered {
				r.State = job.DeliveryDelivered
			}
			for flag, t := range map[string]struct {
				text string
				to   *time.Time
			}{"since": {since, &r.Since}, "until": {until, &r.Until}} {
				if t.text == "" {
					continue
				}
				var err error
				if *t.to, err = moment(flag, t.text, time.Now()); err != nil {
					return err
				}
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			got, err := s.frontend.Redeliver(c.Context(), args[0], r)
			if err != nil {
				return err
			}
			if got.More {
				a.note("there may be more: repeat the command later")
			}
			return a.show(got, func(w io.Writer) { line(w, "%d deliveries are sent again", got.Deliveries) })
		},
	}
	c.Flags().BoolVar(&delivered, "delivered", false, "those that were delivered, instead of those that were given up")
	c.Flags().StringVar(&since, "since", "", "only events from this `time` on: 2030-01-31, 2030-01-31T08:00:00Z, or 24h for the last day")
	c.Flags().StringVar(&until, "until", "", "only events before this `time`")
	return c
}

func (a *app) webhookRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Remove a webhook with its deliveries", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			if err := s.frontend.RemoveWebhook(c.Context(), args[0]); err != nil {
				return err
			}
			return a.show(map[string]string{"removed": args[0]}, func(w io.Writer) { line(w, "removed %s", args[0]) })
		},
	}
}
