package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// webhooksPage lists the webhooks of who is signed in, and adds one.
type webhooksPage struct {
	Webhooks []job.Webhook
	MayWrite bool
	Form     client.NewWebhook
	Sentence string
	Faults   faults
	Added    *client.SecretWebhook // it is shown this once
}

// Kinds are what events can be about.
func (webhooksPage) Kinds() []string {
	return []string{job.JobEvents, job.DatasetEvents, job.ScheduleEvents}
}

// chosenEvents says which events a webhook sends.
func chosenEvents(f job.WebhookFilter) string {
	text := "all"
	if len(f.Kinds) > 0 {
		text = strings.Join(f.Kinds, "s, ") + "s"
	}
	for i, s := range f.States {
		switch {
		case i > 0:
			text += ", "
		case text == "jobs":
			text += ": "
		default:
			text += "; of jobs: "
		}
		text += string(s)
	}
	if f.Dataset != "" {
		text += "; on dataset " + f.Dataset
	}
	if f.Owner != "" {
		text += "; of " + f.Owner
	}
	return text
}

func showWebhooks(v *visit) error { return v.showWebhooks(http.StatusOK, webhooksPage{}) }

func (v *visit) showWebhooks(status int, out webhooksPage) error {
	var err error
	if out.Webhooks, err = v.data.Webhooks(v.context()); err != nil {
		return err
	}
	out.MayWrite = v.who.May(auth.JobsWrite)
	return v.c.pages.show(v, status, "webhooks", "Your webhooks", out)
}

// addWebhook adds a webhook, and shows its secret once.
func addWebhook(v *visit) error {
	asked := client.NewWebhook{Name: strings.TrimSpace(v.form.Get("name"))}
	asked.URL, asked.Owner, asked.Dataset = strings.TrimSpace(v.form.Get("url")), strings.TrimSpace(v.form.Get("owner")), strings.TrimSpace(v.form.Get("dataset"))
	asked.Kinds = v.form["kind"]
	for _, s := range v.form["state"] {
		asked.States = append(asked.States, job.State(s))
	}
	made, err := v.data.CreateWebhook(v.context(), asked)
	if err != nil {
		p := problemOf(err)
		if !ofForm(p) {
			return err
		}
		return v.showWebhooks(p.Status, webhooksPage{Form: asked, Sentence: p.Detail, Faults: faultsOf(p)})
	}
	return v.showWebhooks(http.StatusCreated, webhooksPage{Added: &made})
}

// webhookPage shows a webhook and its deliveries.
type webhookPage struct {
	Webhook    job.Webhook
	MayWrite   bool
	State      job.DeliveryState // of the deliveries; "" for all
	Deliveries []job.Delivery
	Older      string // address of the next page
	Rotated    *client.SecretWebhook
	Test       *client.WebhookTest
	Again      *client.Redelivered
}

// Choices are the states by which the deliveries can be chosen, with "" for all.
func (webhookPage) Choices() []job.DeliveryState {
	return []job.DeliveryState{"", job.DeliveryWaiting, job.DeliveryDead, job.DeliveryDelivered}
}

// deliveriesPerPage is how many deliveries a page lists.
const deliveriesPerPage = 50

func showWebhook(v *visit) error { return v.showWebhook(http.StatusOK, webhookPage{}) }

func (v *visit) showWebhook(status int, out webhookPage) error {
	name, q := v.g.Param("name"), v.g.Request.URL.Query()
	var err error
	if out.Webhook, err = v.data.Webhook(v.context(), name); err != nil {
		return err
	}
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // 0, the latest, for nonsense
	out.State = job.DeliveryState(q.Get("state"))
	page, err := v.data.Deliveries(v.context(), name, out.State, before, deliveriesPerPage)
	if err != nil {
		return err
	}
	out.Deliveries, out.MayWrite = page.Items, v.who.May(auth.JobsWrite)
	if page.Next > 0 {
		out.Older = at("/webhooks/"+url.PathEscape(name), with(q, "before", strconv.FormatInt(page.Next, 10))) + "#deliveries"
	}
	return v.c.pages.show(v, status, "webhook", name, out)
}

// changeWebhook does what a button of a webhook's page says.
func changeWebhook(v *visit) error {
	ctx, name := v.context(), v.g.Param("name")
	switch action := v.form.Get("action"); action {
	case "test":
		tried, err := v.data.TestWebhook(ctx, name)
		if err != nil {
			return err
		}
		return v.showWebhook(http.StatusOK, webhookPage{Test: &tried})
	case "rotate":
		overlap, bad := time.ParseDuration(v.form.Get("overlap"))
		if bad != nil {
			return problem.New(problem.Invalid, "the overlap is a time, as in 24h")
		}
		rotated, err := v.data.RotateWebhook(ctx, name, overlap)
		if err != nil {
			return err
		}
		return v.showWebhook(http.StatusCreated, webhookPage{Rotated: &rotated})
	case "redeliver":
		again, err := v.data.Redeliver(ctx, name, client.Redelivery{})
		if err != nil {
			return err
		}
		return v.showWebhook(http.StatusOK, webhookPage{Again: &again})
	case "enable", "disable":
		if _, err := v.data.UpdateWebhook(ctx, name, client.WebhookChange{Enabled: new(action == "enable")}); err != nil {
			return err
		}
		return v.see("/webhooks/" + url.PathEscape(name) + "?done=changed")
	case "remove":
		if err := v.data.RemoveWebhook(ctx, name); err != nil {
			return err
		}
		return v.see("/webhooks?done=removed")
	}
	return problem.New(problem.Invalid, "a webhook can be tested, given a new secret, enabled, disabled or removed, and can deliver again")
}
