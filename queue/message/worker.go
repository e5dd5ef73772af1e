package message

import "time"

// Bounds on a Report.
const (
	MaxReportBytes = 64 << 10 // of its JSON
	MaxReportHosts = 64
	MaxReportJobs  = 20 // of those that it works at, and of those that ended last
	MaxReportRanks = 128
	MaxReportLooks = 20  // at how busy a rank was
	MaxReportHost  = 255 // bytes of a host's name
)

// WorkerState says whether a worker has anything to do.
type WorkerState string

// The states of a worker.
const (
	Idle     WorkerState = "idle"
	Working  WorkerState = "working"
	Stopping WorkerState = "stopping" // it takes no more messages
)

// Phase is how far a worker is with a message.
type Phase string

// The phases, in their order.
const (
	Preparing Phase = "prepare" // it reads what the message names
	Ready     Phase = "ready"   // for the ranks, which have others to do
	Fitting   Phase = "fit"     // the ranks work at it
	Gathering Phase = "gather"  // rank 0 makes the answer of what the ranks have sent
	Uploading Phase = "upload"  // the answer is on its way to the service
)

// Report is what a worker says of itself every few seconds: a world of ranks, whose rank 0 leases messages. Moments are seconds
// before the report, because clocks differ. What is too much for the bounds is left out.
type Report struct {
	Worker  string      `json:"worker" minLength:"1" maxLength:"200" pattern:"^[!-~]+$" patternDescription:"printable ASCII without spaces" doc:"Name of the worker, as in its requests for leases"`
	Program string      `json:"program,omitzero" maxLength:"100" doc:"The name and version of its program"`
	State   WorkerState `json:"state" enum:"idle,working,stopping"`
	Up      float64     `json:"up_seconds" minimum:"0" doc:"For how long it has been running"`

	Hosts     []string `json:"hosts,omitzero" maxItems:"64" nullable:"false" doc:"Names of the machines of its ranks, each once"`
	HostCount int      `json:"host_count" minimum:"0" maximum:"1000000"`
	RankCount int      `json:"rank_count" minimum:"0" maximum:"1000000"`
	Threads   int      `json:"threads" minimum:"0" maximum:"100000000" doc:"Of all ranks that compute"`
	Busy      float64  `json:"busy" minimum:"0" maximum:"1" doc:"Share of the ranks that compute which have something to do"`

	Done   int64 `json:"done" minimum:"0" doc:"Messages that it has ended"`
	Held   int   `json:"held" minimum:"0" maximum:"1000000" doc:"Messages that it has leased and not ended"`
	Series int64 `json:"series" minimum:"0" doc:"Series that its ranks have computed"`

	Jobs  []WorkerJob  `json:"jobs,omitzero" maxItems:"20" nullable:"false" doc:"Messages that it works at, those with the ranks first"`
	Ended []WorkerJob  `json:"ended,omitzero" maxItems:"20" nullable:"false" doc:"Messages that it ended last, the newest last"`
	Ranks []WorkerRank `json:"ranks,omitzero" maxItems:"128" nullable:"false" doc:"In their order"`
}

// WorkerJob is one message and when a worker did what with it.
type WorkerJob struct {
	Key    string `json:"key" maxLength:"200" doc:"The producer's own key of the message"`
	Phase  Phase  `json:"phase,omitzero" enum:"prepare,ready,fit,gather,upload" doc:"Absent when it has ended"`
	Series int    `json:"series,omitzero" minimum:"0" doc:"How many series it has"`
	Done   int    `json:"done,omitzero" minimum:"0" doc:"How many of them are computed"`

	Leased   float64  `json:"leased_seconds" minimum:"0" doc:"Since it was leased"`
	Begun    *float64 `json:"begun_seconds,omitzero" minimum:"0" doc:"Since the ranks had it"`
	First    *float64 `json:"first_seconds,omitzero" minimum:"0" doc:"Since the first of its series was computed"`
	Last     *float64 `json:"last_seconds,omitzero" minimum:"0" doc:"Since the last of its series was computed"`
	Answered *float64 `json:"answered_seconds,omitzero" minimum:"0" doc:"Since its answer was made"`
	Ended    *float64 `json:"ended_seconds,omitzero" minimum:"0" doc:"Since the service had the answer"`
}

// WorkerRank is one rank and what it does.
type WorkerRank struct {
	Rank    int     `json:"rank" minimum:"0"`
	Host    string  `json:"host,omitzero" maxLength:"255"`
	Threads int     `json:"threads" minimum:"0"`
	Serves  bool    `json:"serves,omitzero" doc:"It computes nothing, and only serves the others"`
	Key     string  `json:"key,omitzero" maxLength:"200" doc:"The message whose series it got last; absent when it waits"`
	Chunks  int     `json:"chunks,omitzero" minimum:"0" doc:"Pieces of work that it has"`
	Series  int64   `json:"series,omitzero" minimum:"0" doc:"Series that it has computed"`
	Busy    float64 `json:"busy_seconds" minimum:"0" doc:"How long it had something to do; it waited for the rest of the time"`
	Fit     float64 `json:"fit_seconds" minimum:"0" doc:"How long it has computed, by its own clock"`
	Recent  []int   `json:"recent,omitzero" maxItems:"20" nullable:"false" doc:"For how much of the time between two reports it had something to do, in percent, the newest last"`
}

// Reported answers a Report.
type Reported struct {
	Next float64 `json:"next_seconds" doc:"After how many seconds the next report is due"`
}

// Leaving says that a worker ends.
type Leaving struct {
	Worker string `json:"worker" minLength:"1" maxLength:"200" pattern:"^[!-~]+$" patternDescription:"printable ASCII without spaces"`
}

// Worker is a worker that has reported, as its operator sees it.
type Worker struct {
	ID      int64     `json:"id" doc:"Its place in the list: workers are listed in the order of their first reports"`
	Account string    `json:"account" doc:"The account whose tokens it uses"`
	Since   time.Time `json:"since" doc:"When it began"`
	Silent  float64   `json:"silent_seconds" doc:"Since its last report"`
	Leases  int       `json:"leases" doc:"Messages that are leased to it"`
	Report
}

// Holder is a worker that holds leases and does not report: it is of an earlier version, or it is dead and its leases
// have not expired.
type Holder struct {
	Account string `json:"account"`
	Worker  string `json:"worker"`
	Leases  int    `json:"leases"`
}

// Workers is a page of the workers.
type Workers struct {
	Workers []Worker `json:"items" nullable:"false"`
	Before  []Worker `json:"workers" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
	Others  []Holder `json:"others,omitzero" nullable:"false" doc:"On the first page, up to 100 workers that hold leases and do not report: they are of an earlier version, or dead"`
	Next    int64    `json:"next,omitzero" doc:"The id after which the next page begins; absent on the last page"`
}
