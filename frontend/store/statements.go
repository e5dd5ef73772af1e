package store

import "foliocast/internal/postgres"

// statements holds the SQL of the files in queries.
type statements struct {
	BeginRun, CancelUnsent, CountInFlight, CreateJob, DeleteEntries, DeleteLate, DropUnsent, EndJobs, FindEnded,
	FindRepeat, GetCurrentRuns, GetEntries, GetJob, GetPart, GetPosition, GetResult, GetVersion, InsertColumn,
	InsertVersion, ListDatasets, ListJobs, ListJobsOfDataset, ListJobsOfOwner, ListJobsOfOwnerAndDataset,
	ListSent, ListSummaries, ListVersions, LockDataset, LockJob, LockPosition, Notify, PutLate, PutPart,
	RenewUnsent, ReplaceSpec, RequestCancel, ReturnEntries, ReturnLate, SendAgain, SetNewest, SetPosition,
	SumBytes, TakeEntries, TakeLate postgres.Statement
}
