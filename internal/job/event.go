package job

import (
	"slices"
	"strings"
	"time"
)

// EventType says what an event is about and what happened: kind.what.
type EventType string

// The kinds of events, by what they are about.
const (
	JobEvents      = "job"
	DatasetEvents  = "dataset"
	ScheduleEvents = "schedule"
)

// The types of events beside those of [Entered].
const (
	EventCancelling      EventType = "job.cancelling" // the queue was asked to cancel the run
	EventChanged         EventType = "job.changed"    // the specification was replaced
	EventProgress        EventType = "job.progress"
	EventRemoved         EventType = "job.removed" // from the record
	EventDatasetAdded    EventType = "dataset.added"
	EventDatasetRemoved  EventType = "dataset.removed"
	EventScheduleAdded   EventType = "schedule.added"
	EventScheduleChanged EventType = "schedule.changed"
	EventScheduleFired   EventType = "schedule.fired"
	EventScheduleFailed  EventType = "schedule.failed" // to fire
	EventSchedulePaused  EventType = "schedule.paused" // by the service
	EventScheduleRemoved EventType = "schedule.removed"
)

// EventWebhookTest is the type of the message that tests a webhook. It is not of the log.
const EventWebhookTest EventType = "webhook.test"

// Entered is the type of the events by which jobs enter a state.
func Entered(s State) EventType { return EventType(JobEvents + "." + string(s)) }

// EventTypes lists all types, in the order of their kinds.
func EventTypes() []EventType {
	var all []EventType
	for _, s := range States() {
		all = append(all, Entered(s))
	}
	return append(all, EventCancelling, EventChanged, EventProgress, EventRemoved, EventDatasetAdded, EventDatasetRemoved,
		EventScheduleAdded, EventScheduleChanged, EventScheduleFired, EventScheduleFailed, EventSchedulePaused, EventScheduleRemoved)
}

// Kind is what events of the type are about.
func (t EventType) Kind() string {
	kind, _, _ := strings.Cut(string(t), ".")
	return kind
}

// State is the state that a job has entered, or "" for an event of another sort.
func (t EventType) State() State {
	what, _ := strings.CutPrefix(string(t), JobEvents+".")
	if s := State(what); slices.Contains(States(), s) {
		return s
	}
	return ""
}

// LogEvent is something that happened to a job, a dataset or a schedule.
type LogEvent struct {
	ID       int64     `json:"id" doc:"Position in the order that all readers share"`
	Type     EventType `json:"type" example:"job.done" doc:"job. and the state that the job has entered, or job.cancelling, job.changed, job.progress, job.removed; dataset.added, dataset.removed; schedule.added, .changed, .fired, .failed, .paused or .removed"`
	At       time.Time `json:"at" doc:"By the clock of the database"`
	Owner    string    `json:"owner" doc:"The user whose job, dataset version or schedule it is"`
	Job      ID        `json:"job,omitzero" doc:"Of an event of a job, and of a schedule that has fired"`
	Run      int       `json:"run,omitzero" doc:"Of the job: a retry begins the next, and so does a change of a job that the queue has"`
	Batch    BatchID   `json:"batch,omitzero" doc:"The batch of the job"`
	Dataset  string    `json:"dataset,omitzero" doc:"Its name, or that of the job's"`
	Version  int       `json:"version,omitzero" doc:"Of the dataset"`
	Schedule string    `json:"schedule,omitzero"`
	Progress float64   `json:"progress,omitzero" doc:"Share of the work that is done, of a job that is running"`
	Error    *Error    `json:"error,omitzero" doc:"Why the job failed or died, or the schedule could not fire"`
}

// Ends reports whether nothing more happens to the job of the event, unless it is retried
// or redriven.
func (e LogEvent) Ends() bool { return e.Type.State().Final() || e.Type == EventRemoved }
