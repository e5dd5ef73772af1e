package client

import "foliocast/internal/job"

// Jobs is a page of jobs.
type Jobs struct {
	Items []job.Summary `json:"items" nullable:"false"`
	Next  string        `json:"next,omitzero" doc:"Send it as cursor=… to get the next page; absent on the last. A page may have fewer jobs than its limit, or none, and still not be the last"`
}

// AnswerPage is the result of a job with some of its assets.
type AnswerPage struct {
	job.Answer
	Next string `json:"next,omitzero" doc:"Send it as cursor=… to get the next page; absent on the last"`
}

// History is the last values before a forecast, the oldest first.
type History struct {
	DS   []string  `json:"ds" nullable:"false" doc:"The time of each value, in the form that the dataset's times have"`
	Y    []float64 `json:"y" nullable:"false"`
	Note string    `json:"note,omitzero" doc:"Why there are no values"`
}
