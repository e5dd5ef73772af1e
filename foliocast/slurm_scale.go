package foliocast

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/foliocast/slurm"
	"foliocast/hostfiles"
	"foliocast/queue/message"
)

// scaleFlags are those of slurm scale.
type scaleFlags struct {
	slurmFlags
	pilotFlags
	scale        slurm.Scale
	queues       []string
	every        time.Duration
	once, dryRun bool
	array        bool
}

// scaleName is the name in Slurm of the pilots that are counted, unless --job-name gives another.
const scaleName = "foliocast-scale"

func (a *app) slurmScale() *cobra.Command {
	var f scaleFlags
	c := &cobra.Command{
		Use:   "scale [-- flags of mpicalc serve]",
		Short: "Keep as many pilots in Slurm as the queue needs",
		Long: `Keep as many pilots in Slurm as the queue needs: one for every --per-pilot messages that
wait or are leased, at least --min and at most --max. Each round prints one line: what the
queue holds, which pilots there are, and what was done.

  foliocast slurm scale --max 8 --max-cores 256 --ntasks 32 --time 04:00:00 --account physics

All jobs of yours with the same --job-name count as its pilots. Running pilots are never
cancelled: they end by themselves when no message has come for --idle-timeout. Pilots that
still wait for nodes are cancelled once there have been too many for --cancel-after. When
the queue or Slurm does not answer, or answers nonsense, nothing is submitted or cancelled.
After a failure of sbatch, or of a pilot that ended in less than --idle-timeout, nothing is
submitted for a minute, after each further failure for twice as long, up to an hour; then
one pilot is tried at a time, until one works.

It needs an account that may list the queues (an administrator's, or a token in
FOLIOCAST_TOKEN), and each pilot needs one of its own: see foliocast slurm submit pilot.
With --once it makes one round and ends, for cron. What it must remember between rounds is
in foliocast/slurm-NAME.json in XDG_STATE_HOME (default ~/.local/state), where a second
scale of the same name notices the first and ends with exit code 5.`,
		RunE: func(c *cobra.Command, args []string) error {
			words, rest := atDash(c, args)
			if len(words) > 0 {
				return usagef("put the flags of mpicalc serve after --")
			}
			s, err := a.scaler(f, rest)
			if err != nil {
				return err
			}
			if f.dryRun {
				return s.tryOut(c.Context())
			}
			return s.run(c.Context(), f.every, f.once)
		},
	}
	flags := c.Flags()
	f.slurmFlags.add(flags)
	f.own(flags, scaleName)
	f.pilotFlags.add(&f.slurmFlags, flags)
	flags.IntVar(&f.scale.Min, "min", 0, "pilots to keep when the queue is empty")
	flags.IntVar(&f.scale.Max, "max", 4, "most pilots at a time")
	flags.IntVar(&f.scale.MaxCores, "max-cores", 0, "most cores of all pilots together; 0 for no limit")
	flags.IntVar(&f.scale.PerPilot, "per-pilot", 20, "messages for which there is one pilot")
	flags.DurationVar(&f.scale.Patience, "cancel-after", 5*time.Minute, "for how long there must be too many pilots before some that wait are cancelled")
	flags.StringSliceVar(&f.queues, "queues", nil, "`names` of the queues to look at and to lease from; all when absent")
	flags.DurationVar(&f.every, "every", time.Minute, "time between two rounds, at least 1s")
	flags.BoolVar(&f.once, "once", false, "make one round and end")
	flags.BoolVar(&f.array, "array", false, "submit the pilots of a round as one array")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what a round would do now, with the script of a pilot, and do nothing")
	return c
}

// maxSubmissions is how often sbatch is called in one round.
const maxSubmissions = 20

// scaler makes the rounds.
type scaler struct {
	a        *app
	services services
	scale    slurm.Scale
	queues   []string
	commands slurm.Commands
	name     string
	array    bool
	script   func(more ...string) (string, error) // of a pilot, with further flags of sbatch
}

// scaler completes the flags, and refuses what would fail later.
func (a *app) scaler(f scaleFlags, rest []string) (*scaler, error) {
	if f.every < time.Second {
		return nil, usagef("--every must be at least 1s, is %s", f.every)
	}
	if !validName(f.ask.Name) {
		return nil, usagef("--job-name must be letters, digits, dots, dashes and underscores, is %q", f.ask.Name)
	}
	if f.array && len(f.ask.Components) > 0 {
		return nil, usagef("--array and --component exclude each other: Slurm has no arrays of heterogeneous jobs")
	}
	for _, more := range f.ask.More {
		if strings.HasPrefix(more, "--array") {
			return nil, usagef("--sbatch %q: scale has --array, without a value", more)
		}
	}
	for _, word := range rest {
		if word == "--queues" || strings.HasPrefix(word, "--queues=") {
			return nil, usagef("give --queues before --, so that scale looks at the same queues as its pilots")
		}
	}
	if err := f.complete(a); err != nil {
		return nil, err
	}
	if len(f.queues) > 0 {
		rest = append([]string{"--queues", strings.Join(f.queues, ",")}, rest...)
	}
	p, err := a.pilot(f.pilotFlags, f.mpicalc, rest)
	if err != nil {
		return nil, err
	}
	script := func(more ...string) (string, error) {
		ask := f.ask
		ask.More = append(slices.Clip(ask.More), more...)
		return slurm.Script(hostfiles.Pilot, ask, p.settings, p.args)
	}
	one, err := script()
	if err != nil {
		return nil, &usageError{err: err}
	}
	f.scale.Cores, f.scale.Idle = slurm.Cores(one), max(f.idle, 0)
	if f.idle == 0 {
		f.scale.Idle = defaultIdle
	}
	if !f.array {
		f.scale.MaxSubmit = maxSubmissions
	}
	if err := f.scale.Validate(); err != nil {
		return nil, &usageError{err: err}
	}
	if err := a.checkRoot(); err != nil {
		return nil, err
	}
	s, err := a.services()
	if err != nil {
		return nil, err
	}
	return &scaler{a: a, services: s, scale: f.scale, queues: f.queues, name: f.ask.Name, array: f.array, script: script,
		commands: slurm.Commands{Environ: slurm.Environment(os.Environ(), f.ask, p.hidden...)}}, nil
}

func validName(name string) bool {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}
	return name != "" && len(name) <= 100 && name[0] != '.' && name[0] != '-' && !strings.ContainsFunc(name, odd)
}

// run makes rounds until the context ends, or one.
func (s *scaler) run(ctx context.Context, every time.Duration, once bool) error {
	store, err := s.a.scaleStore(s.name)
	if err != nil {
		return err
	}
	defer store.close()
	for {
		r, err := s.round(ctx, store)
		if ctx.Err() != nil && err != nil {
			err = nil
		} else {
			s.a.sayRound(r)
		}
		switch {
		case once || err != nil && !r.passing:
			return err
		}
		select {
		case <-ctx.Done():
			s.a.note("ended: the pilots go on, and end when no message comes")
			return nil
		case <-time.After(every):
		}
	}
}

// round looks, decides and acts. Its error is in the line that is printed, too.
func (s *scaler) round(ctx context.Context, store *scaleStore) (scaleRound, error) {
	r, pilots, err := s.look(ctx)
	if err != nil {
		return r, err
	}
	m := &store.memory
	m.Look(r.At, pilots, s.scale)
	r.decide(s.scale, pilots, m)
	m.Cancelling(r.decision.Cancel)
	// Without a memory that is kept, pilots that die at once would be submitted for ever.
	if err := store.save(); err != nil {
		return r.failed(err, false), err
	}
	// What was begun is ended: a submission that Slurm has, and this program does not know of, would be missing in the line.
	ctx = context.WithoutCancel(ctx)
	if len(r.decision.Cancel) > 0 {
		if err := s.commands.CancelWaiting(ctx, r.decision.Cancel); err != nil {
			return r.failed(err, true), err
		}
		r.Cancelled = r.decision.Cancel
	}
	if err := s.submit(ctx, &r); err != nil {
		m.Fail(time.Now(), err.Error())
		return r.failed(errors.Join(err, store.save()), true), err
	}
	return r, nil
}

// look asks the queue and Slurm. Without the answer of both, nothing can be decided.
func (s *scaler) look(ctx context.Context) (scaleRound, []slurm.Pilot, error) {
	r := scaleRound{At: time.Now().UTC().Truncate(time.Second)}
	load, err := s.load(ctx)
	if err != nil {
		return r.failed(err, passing(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNonsense)), nil, err
	}
	r.Load = load
	pilots, err := s.commands.Pilots(ctx, s.name)
	if err != nil {
		return r.failed(err, !errors.Is(err, os.ErrNotExist)), nil, err
	}
	return r, pilots, nil
}

// lookTime is how long the queue may take to say how deep it is.
const lookTime = 30 * time.Second

// errNonsense is an answer that cannot be.
var errNonsense = errors.New("the message service answers nonsense")

// load is what the queues ask for: of paused queues only what is leased, and of one with a maximum only what may be leased.
func (s *scaler) load(ctx context.Context) (slurm.Load, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	all, err := s.services.queue.Queues(ctx)
	if err != nil {
		return slurm.Load{}, err
	}
	return loadOf(all.Queues, s.queues)
}

func loadOf(all []message.Queue, names []string) (slurm.Load, error) {
	var load slurm.Load
	if len(all) == 0 {
		return load, fmt.Errorf("%w: there are no queues", errNonsense)
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(q message.Queue) bool { return q.Name == name }) {
			return load, notFoundf("no queue is named %s", name)
		}
	}
	for _, q := range all {
		if len(names) > 0 && !slices.Contains(names, q.Name) {
			continue
		}
		if q.Waiting < 0 || q.Leased < 0 {
			return load, fmt.Errorf("%w: queue %s has %d messages waiting and %d leased", errNonsense, q.Name, q.Waiting, q.Leased)
		}
		waiting := q.Waiting
		if q.Paused {
			waiting = 0
		}
		if q.MaxLeased > 0 {
			waiting = min(waiting, max(q.MaxLeased-q.Leased, 0))
		}
		load.Waiting, load.Leased = load.Waiting+waiting, load.Leased+q.Leased
	}
	return load, nil
}

// submit submits what was decided, and stops at the first fault.
func (s *scaler) submit(ctx context.Context, r *scaleRound) error {
	n := r.decision.Submit
	var more []string
	times := n
	if s.array && n > 0 {
		more, times = []string{fmt.Sprintf("--array=0-%d", n-1)}, 1
	}
	for range times {
		script, err := s.script(more...)
		if err != nil {
			return err
		}
		id, err := s.commands.Submit(ctx, script)
		if err != nil {
			return err
		}
		if s.array {
			id += slurm.JobID(fmt.Sprintf("_[0-%d]", n-1))
		}
		r.Submitted = append(r.Submitted, id)
	}
	return nil
}

// tryOut says what a round would do.
func (s *scaler) tryOut(ctx context.Context) error {
	r, pilots, err := s.look(ctx)
	if err != nil {
		return err
	}
	m, err := s.a.readScaleMemory(s.name)
	if err != nil {
		return err
	}
	m.Look(r.At, pilots, s.scale)
	r.decide(s.scale, pilots, &m)
	r.DryRun = true
	script, err := s.script()
	if err != nil {
		return err
	}
	return s.a.show(map[string]any{"round": r, "script": script}, func(w io.Writer) {
		line(w, "%s\n", r)
		_, _ = io.WriteString(w, script)
	})
}
