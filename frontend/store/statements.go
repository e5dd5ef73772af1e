package store

import "foliocast/internal/postgres"

// statements holds the SQL of the files in queries.
type statements struct {
	BeginRun, CancelUnsent, CountInFlight, CreateJob, DeleteEntries, DeleteJob, DeleteLate, DropUnsent, EndJobs,
	FindEnded, FindFiles, FindRepeat, ForgetLate, FreeRun, GetCurrentRuns, GetEntries, GetJob, GetLast, GetNextRelease, GetPart, GetPosition,
	GetResult, GetVersion, HoldRun, InsertColumn, InsertVersion, KeepVersion, ListDatasets, ListExpired, ListJobs, ListJobsOfDataset,
	ListJobsOfOwner, ListJobsOfOwnerAndDataset, ListSent, ListSummaries, ListSurplus, ListUsers, ListVersions,
	LockDataset, LockJob, LockPosition, LockVersions, Notify, PutLate, PutPart, ReleaseHeld, RemoveVersions, RenewUnsent,
	ReplaceSpec, RequestCancel, ReturnEntries, ReturnLate, SendAgain, SetNewest, SetPosition, SumBytes,
	TakeEntries, TakeLate postgres.Statement
}
