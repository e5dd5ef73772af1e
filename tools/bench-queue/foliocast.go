package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"foliocast/internal/child"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

// pollTime is how long a worker waits for a message in one request.
const pollTime = 30 * time.Second

// foliocast is the message service.
type foliocast struct {
	options
	*client.Client
	identity *identity
	command  *exec.Cmd
	log      bytes.Buffer
}

func openFoliocast(ctx context.Context, o options, url string) (_ contender, err error) {
	f := &foliocast{options: o}
	if f.identity, err = newIdentity(); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	command := exec.Command(f.queue)
	command.Env = append(command.Environ(), "FOLIOCAST_LISTEN="+address, "FOLIOCAST_DATABASE_URL="+url,
		"FOLIOCAST_AUTH_URL="+f.identity.URL, "FOLIOCAST_STOP_NOTICE=0s")
	command.Stderr = &f.log
	if err := child.Start(command, syscall.SIGTERM); err != nil {
		return nil, err
	}
	f.command = command
	f.Client = client.New("http://"+address, nil, f.identity)
	if err := await(ctx, "http://"+address+"/readyz"); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// await waits until an address answers 200.
func await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := http.Get(url)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(answer.Status)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", url, err)
		case <-tick.C:
		}
	}
}

func (f *foliocast) pid() int { return f.command.Process.Pid }

func (f *foliocast) close() error {
	err := f.command.Process.Signal(syscall.SIGTERM)
	if err == nil {
		err = f.command.Wait()
	}
	f.identity.Close()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", f.queue, err, f.log.Bytes())
	}
	return nil
}

func (f *foliocast) add(ctx context.Context, first, n int) error {
	return inBatches(ctx, f.senders, f.upload, first, n, func(ctx context.Context, first, n int) error {
		all := make([]message.New, n)
		for i := range all {
			all[i] = numbered(first + i)
		}
		_, err := f.Enqueue(ctx, all)
		return err
	})
}

// inBatches lets several senders add batches.
func inBatches(ctx context.Context, senders, size, first, n int, add func(ctx context.Context, first, n int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(senders)
	for begin := first; begin < first+n; begin += size {
		group.Go(func() error { return add(ctx, begin, min(size, first+n-begin)) })
	}
	return group.Wait()
}

// payload is the content of a message, of both contenders.
type payload struct {
	Number int `json:"number"`
}

func numbered(number int) message.New {
	return message.New{Key: strconv.Itoa(number), Payload: fmt.Appendf(nil, `{"number":%d}`, number)}
}

func (f *foliocast) addOne(ctx context.Context, number int) error {
	_, err := f.Enqueue(ctx, []message.New{numbered(number)})
	return err
}

func (f *foliocast) work(ctx context.Context, s seen) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	group, inner := errgroup.WithContext(ctx)
	for i := range f.workers {
		group.Go(func() error {
			for {
				err := f.workOnce(inner, fmt.Sprint("worker-", i), s)
				if ctx.Err() != nil {
					return nil
				}
				if err != nil {
					return err
				}
			}
		})
	}
	return func() error {
		cancel()
		return group.Wait()
	}, nil
}

// workOnce leases messages, waiting for the first, and ends them.
func (f *foliocast) workOnce(ctx context.Context, worker string, s seen) error {
	leases, err := f.Lease(ctx, worker, f.batch, pollTime)
	if err != nil || len(leases) == 0 {
		return err
	}
	for _, l := range leases {
		var p payload
		if err := json.Unmarshal(l.Payload, &p); err != nil {
			return err
		}
		s.taken(p.Number)
	}
	if err := f.end(ctx, leases); err != nil {
		return err
	}
	s.ended(len(leases))
	return nil
}

// end completes messages.
func (f *foliocast) end(ctx context.Context, leases []message.Lease) error {
	done := make([]message.Completion, len(leases))
	for i, l := range leases {
		done[i] = message.Completion{Held: message.Held{ID: l.ID, Token: l.Token}, Result: json.RawMessage("null")}
	}
	verdicts, err := f.Complete(ctx, done)
	for _, v := range verdicts {
		if v.Verdict != message.Accepted {
			return fmt.Errorf("a completion is %s", v.Verdict)
		}
	}
	return err
}

func (f *foliocast) claim(ctx context.Context) (end func() error, err error) {
	leases, err := f.Lease(ctx, "claimer", 1, 0)
	if err == nil && len(leases) != 1 {
		err = fmt.Errorf("got %d leases", len(leases))
	}
	return func() error { return f.end(ctx, leases) }, err
}
