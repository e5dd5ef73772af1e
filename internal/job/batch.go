package job

import "time"

// BatchID is a batch's identifier, a UUID of version 7 in its text form.
type BatchID string

// Batch is jobs that were submitted as one thing.
type Batch struct {
	ID        BatchID   `json:"id"`
	Name      string    `json:"name,omitzero"`
	Owner     string    `json:"owner"`
	CreatedAt time.Time `json:"created_at"`
	Size      int       `json:"size" doc:"How many jobs were submitted"`
	JobIDs    []ID      `json:"job_ids,omitzero" nullable:"false" doc:"Ids of the jobs in the order of the request; only in the answer to it"`
	Counts    *Counts   `json:"counts,omitzero" doc:"How many of the jobs are in each state; absent in lists"`
}

// Counts are numbers of jobs by state. Jobs that were removed are in none.
type Counts struct {
	Queued    int `json:"queued"`
	Running   int `json:"running"`
	Done      int `json:"done"`
	Partial   int `json:"partial"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
	Dead      int `json:"dead"`
}

// Add counts a job in a state.
func (c *Counts) Add(s State) {
	switch s {
	case Queued:
		c.Queued++
	case Running:
		c.Running++
	case Done:
		c.Done++
	case Partial:
		c.Partial++
	case Failed:
		c.Failed++
	case Cancelled:
		c.Cancelled++
	case Dead:
		c.Dead++
	}
}

// Ended reports whether none of the jobs is in flight.
func (c Counts) Ended() bool { return c.Queued+c.Running == 0 }

// Bad is how many have ended without a forecast: failed, cancelled or dead.
func (c Counts) Bad() int { return c.Failed + c.Cancelled + c.Dead }
