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
	Sketches []Sketch `json:"sketches,omitempty" nullable:"false" doc:"Of each asset, when asked for"`
	Next     string   `json:"next,omitzero" doc:"Send it as cursor=… to get the next page; absent on the last"`
}

// Sketch is what a small picture of an asset and its forecast needs, at equal distances.
type Sketch struct {
	Every int       `json:"every" doc:"How many steps the values are apart"`
	Y     []float64 `json:"y" nullable:"false" doc:"The last values before the forecast, the oldest first"`
	Mean  []float64 `json:"mean" nullable:"false" doc:"The forecast"`
}

// History is the last values before a forecast, the oldest first.
type History struct {
	DS   []string  `json:"ds" nullable:"false" doc:"The time of each value, in the form that the dataset's times have"`
	Y    []float64 `json:"y" nullable:"false"`
	Note string    `json:"note,omitzero" doc:"Why there are no values"`
}
