package store

import "foliocast/internal/postgres"

// statements holds the SQL of the files in queries.
type statements struct {
	BeginRun, CancelUnsent, CreateJob, DeleteEntries, DropUnsent, EndJobs, FindEnded, FindRepeat,
	GetCurrentRuns, GetEntries, GetJob, GetPart, GetPosition, GetResult, GetVersion, InsertColumn, InsertVersion,
	ListDatasets, ListJobs, ListJobsOfDataset, ListJobsOfOwner, ListJobsOfOwnerAndDataset, ListSent, ListSummaries, ListVersions, LockDataset, LockJob, LockPosition, Notify, PutPart,
	RenewUnsent, ReplaceSpec, RequestCancel, ReturnEntries, SendAgain, SetNewest, SetPosition,
	TakeEntries postgres.Statement
}
