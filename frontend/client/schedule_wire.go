package client

import "foliocast/internal/job"

// NewSchedule asks for a schedule.
type NewSchedule struct {
	Name string `json:"name" pattern:"^[a-z0-9][a-z0-9._-]{0,63}$" patternDescription:"a name of a-z 0-9 . _ -"`
	job.Plan
}

// Schedules is a page of schedules.
type Schedules struct {
	Items []job.Schedule `json:"items" nullable:"false"`
	Next  string         `json:"next,omitzero" doc:"To send as after for the next page; absent on the last"`
}
