package client

import "foliocast/internal/job"

// NewBatch asks for jobs as one thing.
type NewBatch struct {
	Name string     `json:"name,omitzero" maxLength:"200" doc:"For people; need not be unique"`
	Jobs []job.Spec `json:"jobs" minItems:"1" maxItems:"50000" nullable:"false"`
}

// Batches is a page of batches.
type Batches struct {
	Items []job.Batch `json:"items" nullable:"false"`
	Next  string      `json:"next,omitzero" doc:"Cursor of the next page; absent on the last"`
}
