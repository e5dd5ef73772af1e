package slurm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"foliocast/internal/problem"
)

// Reach says whether a service answered.
type Reach struct {
	Service string `json:"service"`
	URL     string `json:"url"`
	Fault   string `json:"fault,omitempty"` // why it did not answer; empty where it did
}

// Probed is what a node saw.
type Probed struct {
	Host     string  `json:"host"`
	Services []Reach `json:"services"`
}

// reachTime is how long a service may take to answer.
const reachTime = 5 * time.Second

// ReachAll asks every service for its health, and returns them with the reason
// where one did not answer. A nil transport means http.DefaultTransport.
func ReachAll(ctx context.Context, over http.RoundTripper, services []Reach) []Reach {
	all := make([]Reach, len(services))
	var group sync.WaitGroup
	for i, s := range services {
		group.Go(func() {
			if err := reach(ctx, &http.Client{Transport: over}, s.URL); err != nil {
				s.Fault = short(err.Error())
			}
			all[i] = s
		})
	}
	group.Wait()
	return all
}

func reach(ctx context.Context, client *http.Client, base string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, reachTime, fmt.Errorf("no answer within %s", reachTime))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return problem.Reason(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // only its status matters
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answered %s to /healthz", resp.Status)
	}
	return nil
}

// loopback reports whether an address leads only to its own machine.
func loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// ParseProbes reads what the nodes printed, each a Probed as one line of JSON,
// and sorts by their names.
func ParseProbes(out string) ([]Probed, error) {
	var all []Probed
	for text := range strings.Lines(out) {
		if strings.TrimSpace(text) == "" {
			continue
		}
		var p Probed
		if err := json.Unmarshal([]byte(text), &p); err != nil || p.Host == "" {
			return nil, fmt.Errorf("the probe on a node printed %q", short(text))
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, errors.New("the probe on a node printed nothing")
	}
	slices.SortFunc(all, func(a, b Probed) int { return strings.Compare(a.Host, b.Host) })
	return all, nil
}
