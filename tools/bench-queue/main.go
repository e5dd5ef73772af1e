// Command bench-queue measures the message service beside River
// (github.com/riverqueue/river), in turn on one machine, and prints Markdown.
//
// Each contender has a PostgreSQL server of its own, with the settings of foliocast up
// (fsync and synchronous_commit are on), and an empty database for each measurement. The
// message service is the built program, called through HTTP with signed tokens. River runs
// in this process, as in any program that uses it, and is tuned as its own benchmark is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are what is measured, and how.
type options struct {
	queue      string // path of the message service
	before     string // and of another version of it
	measure    string
	contenders string
	statements bool

	rounds   int
	messages int
	pickups  int
	depth    int
	calls    int

	soak      time.Duration
	soakEvery time.Duration
	soakRate  int
	soakOpen  bool

	senders int
	upload  int
	workers int
	batch   int

	riverUpload  int
	riverWorkers int
	riverConns   int
	cooldown     time.Duration
	poll         time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench-queue:", err)
		os.Exit(1)
	}
}

func parse(args []string, errs io.Writer) (o options, err error) {
	f := flag.NewFlagSet("bench-queue", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.queue, "queue", "../../bin/queue", "the message service's `program`")
	f.StringVar(&o.before, "before", "", "another version of it, the contender before")
	f.StringVar(&o.measure, "measure", "rate,open,pickup,depth", "what is measured, of these and soak: open adds rounds beside an open transaction to rate")
	f.StringVar(&o.contenders, "contenders", "foliocast,river", "who is measured, of foliocast, before and river; ratios are those of the first to each other")
	f.BoolVar(&o.statements, "statements", false, "list what the statements of each turn took, by pg_stat_statements")
	f.IntVar(&o.rounds, "rounds", 3, "how often each contender has its turn")
	f.IntVar(&o.messages, "messages", 50_000, "messages of a round")
	f.IntVar(&o.pickups, "pickups", 1000, "messages that find an idle worker")
	f.IntVar(&o.depth, "depth", 1_000_000, "waiting messages")
	f.IntVar(&o.calls, "calls", 1000, "uploads and claims before the waiting messages")
	f.DurationVar(&o.soak, "soak", time.Hour, "how long the constant load of soak lasts, for each contender")
	f.DurationVar(&o.soakEvery, "soak-every", 5*time.Minute, "time that a row of soak is about")
	f.IntVar(&o.soakRate, "soak-rate", 500, "messages a second of soak")
	f.BoolVar(&o.soakOpen, "soak-open", false, "leave a transaction open during soak")
	f.IntVar(&o.senders, "senders", 2, "concurrent uploads, of both contenders")
	f.IntVar(&o.upload, "upload", 1000, "messages of an upload to the message service")
	f.IntVar(&o.workers, "workers", 4, "workers of the message service")
	f.IntVar(&o.batch, "batch", 1000, "messages that a worker of the message service leases at once, at most")
	f.IntVar(&o.riverUpload, "river-upload", 5000, "jobs of an insert into River")
	f.IntVar(&o.riverWorkers, "river-workers", 500, "River's MaxWorkers")
	f.IntVar(&o.riverConns, "river-connections", 20, "connections of River's pool, at most")
	f.DurationVar(&o.cooldown, "river-cooldown", time.Millisecond, "River's FetchCooldown")
	f.DurationVar(&o.poll, "river-poll", 20*time.Millisecond, "River's FetchPollInterval")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	f.VisitAll(func(f *flag.Flag) {
		switch v := f.Value.(flag.Getter).Get().(type) {
		case int:
			if v < 1 {
				err = fmt.Errorf("-%s must be at least 1", f.Name)
			}
		case time.Duration:
			if v <= 0 {
				err = fmt.Errorf("-%s must be longer than 0s", f.Name)
			}
		}
	})
	for _, name := range strings.Split(o.measure, ",") {
		if !slices.Contains(measurements, name) {
			err = fmt.Errorf("nobody measures %q: there are %s", name, strings.Join(measurements, ", "))
		}
	}
	return o, err
}

// measurements are what can be measured; open adds rounds beside an open transaction to rate.
var measurements = []string{"rate", "open", "pickup", "depth", "soak"}

// run measures what the arguments ask for.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args, os.Stderr)
	if err != nil {
		return err
	}
	b := &bench{options: o, out: out}
	defer b.close()
	for _, name := range strings.Split(o.contenders, ",") {
		if err := b.enter(ctx, name); err != nil {
			return fmt.Errorf("start %s: %w", name, err)
		}
	}
	asked := strings.Split(o.measure, ",")
	for _, m := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"rate", func(ctx context.Context) error { return b.rates(ctx, slices.Contains(asked, "open")) }},
		{"pickup", b.pickup},
		{"depth", b.deep},
		{"soak", b.soaks},
	} {
		if !slices.Contains(asked, m.name) && (m.name != "rate" || !slices.Contains(asked, "open")) {
			continue
		}
		if err := m.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	_, err = io.WriteString(out, b.details.String())
	return err
}
