package up

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	readyTime = time.Minute           // how long a part may take to answer
	readyTick = 20 * time.Millisecond // between two checks
	probeTime = 5 * time.Second       // how long one check may take
	maxDeaths = 3                     // of a part before it is ready
	tailLines = 10                    // of a log, in an error
)

// NotReady says that a part did not come up.
type NotReady struct {
	Part   string
	Reason string
	Log    string // path of its log
	Tail   string // the last lines of it
}

func (n *NotReady) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s did not come up: %s", n.Part, n.Reason)
	if n.Tail != "" {
		fmt.Fprintf(&b, "\nThe last lines of its log:\n  %s", strings.ReplaceAll(n.Tail, "\n", "\n  "))
	}
	fmt.Fprintf(&b, "\nThe whole log is %s. Fix the cause, then run foliocast up again.", n.Log)
	return b.String()
}

// await waits until the part is ready. It gives up when that takes longer than
// patience, when the part dies maxDeaths times, or when ctx ends.
func (k *keeper) await(ctx context.Context, patience time.Duration) error {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(readyTick)
	defer tick.Stop()
	for {
		err := k.check(wait)
		if err == nil {
			return nil
		}
		if k.deaths.Load() >= maxDeaths {
			return k.notReady("it " + *k.last.Load())
		}
		select {
		case <-tick.C:
		case <-wait.Done():
			if ctx.Err() != nil {
				return fmt.Errorf("wait for %s: %w", k.name, context.Cause(ctx))
			}
			return k.notReady(fmt.Sprintf("not ready after %s: %v", patience, err))
		}
	}
}

// check is nil when the part runs and is ready; the error says what is missing.
func (k *keeper) check(ctx context.Context) error {
	if k.pid.Load() == 0 {
		return errors.New("it is not running")
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return k.ready(ctx)
}

func (k *keeper) notReady(reason string) error {
	return &NotReady{Part: k.name, Reason: reason, Log: k.log.path, Tail: k.log.tail(tailLines)}
}

// probes ask the services whether they answer. They make a connection for each question: one that
// is kept may be to a process that is gone.
type probes struct{ client *http.Client }

func newProbes(trust *tls.Config) probes {
	return probes{&http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: trust}}}
}

// answers returns a check of whether the service at base says that it is ready.
func (p probes) answers(base string) func(context.Context) error {
	return func(ctx context.Context) error {
		resp, err := p.get(ctx, base+"/readyz")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s/readyz answers %s: %s", base, resp.Status, text)
		}
		return nil
	}
}

// responds returns a check of whether the service at base answers anything at all.
func (p probes) responds(base string) func(context.Context) error {
	return func(ctx context.Context) error {
		resp, err := p.get(ctx, base+"/healthz")
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
}

func (p probes) get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return p.client.Do(req)
}
