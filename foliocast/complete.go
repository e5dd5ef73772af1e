package foliocast

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/frontend/client"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/cli"
	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

const (
	completionTime = 350 * time.Millisecond // that a completion may ask the services: a person waits for it with each press of the key
	completionSize = 50                     // words that it shows at most
	manyAssets     = 500                    // of a dataset that it looks at: they have no order to look up a word by
)

// completeFlag lists what a flag may be.
func (a *app) completeFlag(c *cobra.Command, f *pflag.Flag) cli.Completer {
	if _, ok := f.Value.(*stateFilter); ok {
		return cli.Words(stateNames()...)
	}
	switch f.Name {
	case "dataset", "rates":
		return a.asks(datasets)
	case "after", "after-any":
		if _, ids := f.Value.(pflag.SliceValue); ids { // not the position of an event
			return a.asks(jobs)
		}
	case "batch":
		return a.asks(batches)
	case "assets", "benchmark":
		return a.asks(assets)
	case "queues":
		return a.asks(queues)
	case "kind":
		if c.Name() == "events" {
			return cli.Words(job.JobEvents, job.DatasetEvents, job.ScheduleEvents)
		}
	case "freq":
		return cli.Words(job.Freqs()...)
	case "scope":
		if c.Parent().Name() == "token" {
			return cli.Words(scopeNames(personScopes())...)
		}
		return cli.Words(scopeNames(auth.AllScopes())...)
	case "role":
		return cli.Words(roleNames()...)
	case "service":
		return cli.Words("authsvc", "frontend", "queue")
	case "outcome":
		return cli.Words(string(audit.Done), string(audit.Refused))
	case "theme":
		return cli.Words("light", "dark")
	case "format":
		if c.Name() == "result" {
			return cli.Words("table", "json", "csv", "arrow", "arrows", "parquet")
		}
		return cli.Words("csv", "parquet", "arrow")
	case "duplicates":
		return cli.Words("fail", "first", "last", "mean", "sum")
	}
	if words := job.Choices(strings.ReplaceAll(f.Name, "-", "_")); words != nil {
		return cli.Words(words...)
	}
	return nil
}

// completeArgument lists what an argument may be.
func (a *app) completeArgument(c *cobra.Command, name string) cli.Completer {
	switch name {
	case "JOB":
		return a.asks(jobs)
	case "BATCH":
		return a.asks(batches)
	case "MESSAGE":
		return a.asks(deadLetters)
	case "OWNER":
		return a.asks(owners)
	case "ROLE":
		return cli.Words(roleNames()...)
	case "PAGE":
		return cli.Words(pageWords()...)
	case "SCOPE":
		return cli.Words(scopeNames(auth.AllScopes())...)
	case "TOKEN":
		return a.asks(personalTokens)
	case "NAME":
		switch group := c.Parent().Name(); {
		case c.Name() == "open":
			return a.asks(opened)
		case group == "dataset":
			return a.asks(datasets)
		case c.Name() == "add" || c.Name() == "create": // a new one
			return nil
		case group == "schedule":
			return a.asks(schedules)
		case group == "webhook":
			return a.asks(webhooks)
		case group == "queue":
			return a.asks(queues)
		case group == "user":
			return a.asks(users)
		case group == "service":
			return a.asks(accounts)
		}
	}
	return nil
}

// asks completes a word by asking the services. It has little time, changes nothing, and keeps its errors to itself.
func (a *app) asks(list func(ctx context.Context, s services, c *cobra.Command, word string) ([]cobra.Completion, error)) cli.Completer {
	return func(c *cobra.Command, word string) []cobra.Completion {
		ctx, cancel := context.WithTimeout(c.Context(), completionTime)
		defer cancel()
		answer := make(chan []cobra.Completion, 1)
		go func() {
			defer close(answer)
			s, err := a.servicesWith(func(s source) source { s.renewal = a.renewElsewhere; return s })
			if err != nil {
				return
			}
			if found, err := list(ctx, s, c, word); err == nil {
				answer <- found
			}
		}()
		select {
		case found := <-answer:
			return found
		case <-ctx.Done():
			return nil
		}
	}
}

// described is a word with what the shell shows beside it.
func described(word, format string, args ...any) cobra.Completion {
	return cobra.CompletionWithDesc(word, texttable.Printable(fmt.Sprintf(format, args...)))
}

// jobs lists recent jobs, of those states that the command is about.
func jobs(ctx context.Context, s services, c *cobra.Command, word string) (found []cobra.Completion, err error) {
	var states []job.State
	switch c.Name() {
	case "cancel", "update":
		states = job.InFlight()
	case "retry":
		states = []job.State{job.Failed, job.Dead, job.Cancelled}
	case "result", "report", "plot":
		states = []job.State{job.Done, job.Partial}
	}
	var recent []job.Summary
	if len(word) >= shortestPrefix {
		recent, err = s.frontend.JobsByID(ctx, word, completionSize)
	} else {
		page, fault := s.frontend.JobsPage(ctx, client.JobFilter{States: states}, "", completionSize)
		recent, err = page.Items, fault
	}
	for _, j := range recent {
		if states == nil || slices.Contains(states, j.State) {
			found = append(found, described(string(j.ID), "%s, %s", j.State, specText(j.Spec)))
		}
	}
	return found, err
}

func batches(ctx context.Context, s services, _ *cobra.Command, word string) (found []cobra.Completion, err error) {
	var recent []job.Batch
	if len(word) >= shortestPrefix {
		recent, err = s.frontend.BatchesByID(ctx, word, completionSize)
	} else {
		page, fault := s.frontend.BatchesPage(ctx, "", "", completionSize)
		recent, err = page.Items, fault
	}
	for _, b := range recent {
		found = append(found, described(string(b.ID), "%s %d jobs", b.Name, b.Size))
	}
	return found, err
}

// datasets lists the dataset with the name that is typed, and those that come after it.
func datasets(ctx context.Context, s services, _ *cobra.Command, word string) (found []cobra.Completion, err error) {
	if _, version, ok := job.DatasetName(word); ok && version == 0 {
		if same, err := s.frontend.Versions(ctx, word, 0, 1); err == nil && len(same.Items) == 1 {
			found = append(found, datasetWord(same.Items[0]))
		}
	}
	page, err := s.frontend.Datasets(ctx, word, completionSize)
	for _, d := range page.Items {
		found = append(found, datasetWord(d))
	}
	return found, err
}

// assets lists the first assets of the dataset that the flag --dataset names.
func assets(ctx context.Context, s services, c *cobra.Command, _ string) (found []cobra.Completion, err error) {
	f := c.Flag("dataset")
	if f == nil || f.Value.String() == "" {
		return nil, nil
	}
	name, version, ok := job.DatasetName(f.Value.String())
	if !ok {
		return nil, nil
	}
	d, err := findVersion(ctx, s.frontend, name, version)
	if err != nil {
		return nil, err
	}
	page, err := s.frontend.Assets(ctx, name, d.Version, 0, manyAssets)
	for _, one := range page.Items {
		found = append(found, described(one.Asset, "%s to %s", one.From, one.To))
	}
	return found, err
}

func datasetWord(d client.Version) cobra.Completion {
	return described(d.Name, "%d assets to %s", d.Audit.Assets, d.Audit.To)
}

func schedules(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.frontend.Schedules(ctx)
	for _, one := range all {
		found = append(found, described(one.Name, "%s %s", one.Cron, specText(one.Job.Brief())))
	}
	return found, err
}

func webhooks(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.frontend.Webhooks(ctx)
	for _, one := range all {
		found = append(found, described(one.Name, "%s", one.URL))
	}
	return found, err
}

func queues(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.queue.Queues(ctx)
	for _, q := range all.Queues {
		found = append(found, described(q.Name, "%d waiting", q.Waiting))
	}
	return found, err
}

func owners(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.queue.Owners(ctx, "", completionSize)
	for _, o := range all {
		found = append(found, described(o.Name, "%d waiting", o.Waiting))
	}
	return found, err
}

func deadLetters(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.queue.Dead(ctx, 0, completionSize)
	for _, d := range all {
		found = append(found, described(string(d.ID), "%s", d.Error))
	}
	return found, err
}

func users(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.auth.Users(ctx)
	for _, u := range all {
		found = append(found, described(u.Username, "%s", joinRoles(u.Roles)))
	}
	return found, err
}

// opened lists what the page that open was given may be about.
func opened(ctx context.Context, s services, c *cobra.Command, word string) ([]cobra.Completion, error) {
	switch c.Flags().Arg(0) {
	case "job":
		return jobs(ctx, s, c, word)
	case "batch":
		return batches(ctx, s, c, word)
	case "dataset":
		return datasets(ctx, s, c, word)
	}
	return nil, nil
}

func pageWords() []string {
	return append([]string{"job", "batch", "dataset"}, slices.Sorted(maps.Keys(consolePages()))...)
}

func stateNames() (names []string) {
	for _, s := range job.States() {
		names = append(names, string(s))
	}
	return names
}

func roleNames() (names []string) {
	for _, r := range auth.AllRoles() {
		names = append(names, string(r))
	}
	return names
}

func scopeNames(scopes []auth.Scope) (names []string) {
	for _, s := range scopes {
		names = append(names, string(s))
	}
	return names
}

func personalTokens(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.auth.PersonalTokens(ctx)
	for _, t := range all.Tokens {
		found = append(found, described(t.Name, "%s", joinScopes(t.Scopes)))
	}
	return found, err
}

func accounts(ctx context.Context, s services, _ *cobra.Command, _ string) (found []cobra.Completion, err error) {
	all, err := s.auth.Services(ctx)
	for _, account := range all {
		found = append(found, described(account.Name, "%s", joinScopes(account.Scopes)))
	}
	return found, err
}
