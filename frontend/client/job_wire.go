package client

import "foliocast/internal/job"

// Jobs is a page of jobs, the newest first.
type Jobs struct {
	Items []job.Summary `json:"items" nullable:"false"`
	Next  string        `json:"next,omitzero" doc:"Send it as cursor=… to get the next page; absent on the last. A page may have fewer jobs than its limit, or none, and still not be the last"`
}
