package foliocast

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"foliocast/queue/message"
)

// topEvery is the time between two looks. Worlds report every three seconds.
const topEvery = 2 * time.Second

func (a *app) topCommand() *cobra.Command {
	return &cobra.Command{
		Use: "top", Short: "Watch queues, worlds and ranks (administrators)", Args: cobra.NoArgs,
		Long: `Watch the queues, the worlds that compute, and what each of their ranks does, until you type q. Where standard
output is not a terminal, what they do now is printed once.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			look := func(ctx context.Context) (topSight, error) { return lookAt(ctx, s) }
			out, is := a.out.(*os.File)
			if !is || a.json || !terminal(out) {
				seen, err := look(c.Context())
				if err != nil {
					return err
				}
				return a.show(seen, func(w io.Writer) {
					for _, text := range seen.lines(topSight{}) {
						line(w, "%s", text)
					}
				})
			}
			return a.watchTop(c.Context(), out, look)
		},
	}
}

// topSight is what top saw at a time.
type topSight struct {
	At      time.Time       `json:"at"`
	Queues  message.Queues  `json:"queues"`
	Workers message.Workers `json:"workers"`
}

func lookAt(ctx context.Context, s services) (seen topSight, err error) {
	if seen.Queues, err = s.queue.Queues(ctx); err == nil {
		seen.Workers, err = allWorkers(ctx, s.queue)
	}
	seen.At = time.Now()
	return seen, err
}

// watchTop shows what look sees on a terminal, until somebody types q.
func (a *app) watchTop(ctx context.Context, out *os.File, look func(context.Context) (topSight, error)) error {
	keys := make(chan byte)
	if in, is := a.in.(*os.File); is && terminal(in) {
		shown, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return err
		}
		defer func() { _ = term.Restore(int(in.Fd()), shown) }()
		go func() { // ends with the process, which waits for no further key
			for key := make([]byte, 1); ; {
				if _, err := in.Read(key); err != nil {
					return
				}
				select {
				case keys <- key[0]:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	t := top{look: look, keys: keys, every: topEvery, explain: func(err error) string { return a.failureOf(err).Detail }, draw: func(lines []string) {
		width, height, err := term.GetSize(int(out.Fd()))
		if err != nil || width <= 0 || height <= 0 { // some terminals do not know their size
			width, height = 80, 24
		}
		_, _ = io.WriteString(out, screen(lines, width, height)) // the terminal is gone
	}}
	_, _ = io.WriteString(out, openScreen)
	defer func() { _, _ = io.WriteString(out, closeScreen) }()
	return t.run(ctx)
}

// top is one run of the command.
type top struct {
	look  func(context.Context) (topSight, error)
	keys  <-chan byte
	every time.Duration
	draw  func(lines []string)

	explain func(error) string
}

// run looks and draws until q or ^C is typed or ctx ends, which is no error. While a service is unreachable it shows what it saw
// last, and says so.
func (t top) run(ctx context.Context) error {
	var before, now topSight
	var lost time.Time
	for {
		seen, err := t.look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			before, now, lost = now, seen, time.Time{}
		case !passing(err):
			return err
		case lost.IsZero():
			lost = time.Now()
		}
		lines := now.lines(before)
		if !lost.IsZero() {
			lines = append([]string{"No answer for " + rounded(time.Since(lost)) + ": trying again. " + t.explain(err)}, lines...)
		}
		t.draw(lines)
		if t.typedEnd(ctx) {
			return nil
		}
	}
}

// typedEnd waits until it is time to look again, or returns true when somebody ends the command before.
func (t top) typedEnd(ctx context.Context) bool {
	next := time.NewTimer(t.every)
	defer next.Stop()
	for {
		select {
		case <-next.C:
			return false
		case <-ctx.Done():
			return true
		case key := <-t.keys:
			if key == 'q' || key == 'Q' || key == '\x03' || key == '\x04' {
				return true
			}
		}
	}
}
