package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"foliocast/internal/problem"
)

// UsagePage is a page of what the jobs of each owner took in a period.
type UsagePage struct {
	From   string  `json:"from" doc:"The first day, in UTC"`
	To     string  `json:"to" doc:"The last day, in UTC"`
	Owners []Usage `json:"items" nullable:"false"`
	Next   string  `json:"next,omitzero" doc:"The cursor of the next page; absent on the last page"`
}

// Usage is what the runs of an owner's jobs took.
type Usage struct {
	Subject     string  `json:"subject" doc:"Identifier of the user"`
	Owner       string  `json:"owner" doc:"Name of the user"`
	Runs        int64   `json:"runs" doc:"Runs of jobs that have ended, however"`
	CoreSeconds float64 `json:"core_seconds" doc:"Seconds for which cores read values and fitted"`
}

// Usage lists what the jobs of each owner took between two days, such as 2026-12-31, all pages together. An empty day means the
// service's default.
func (c *Client) Usage(ctx context.Context, from, to string) (UsagePage, error) {
	all := UsagePage{Owners: []Usage{}}
	for cursor := ""; ; {
		q := url.Values{"limit": {strconv.Itoa(1000)}}
		for name, value := range map[string]string{"from": from, "to": to, "cursor": cursor} {
			if value != "" {
				q.Set(name, value)
			}
		}
		var page UsagePage
		if _, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/usage?"+q.Encode(), 0); err != nil {
			return all, err
		}
		all.From, all.To, all.Owners = page.From, page.To, append(all.Owners, page.Owners...)
		if page.Next == "" || page.Next == cursor {
			return all, nil
		}
		cursor = page.Next
	}
}
