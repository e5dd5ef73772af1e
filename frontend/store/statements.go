package store

import "foliocast/internal/postgres"

// statements holds the SQL of the files in queries.
type statements struct {
	AwaitJobs, BeginRun, CancelUnsent, CountInFlight, CreateJob, DeleteEndedPredecessor, DeleteEntries, DeleteJob, DeleteLate, DropUnsent, EndJobs,
	FindEnded, FindFiles, FindRepeat, ForgetHeld, ForgetLate, FreeRun, GetCurrentRuns, GetEntries, GetJob, GetLast, GetNextRelease, GetPart, GetPosition,
	GetResult, GetVersion, HoldRun, InsertColumn, InsertVersion, KeepVersion, ListDatasets, ListExpired, ListJobs, ListJobsOfDataset,
	ListJobsOfOwner, ListJobsOfOwnerAndDataset, ListSent, ListSummaries, ListSurplus, ListUsers, ListVersions,
	LockDataset, LockJob, LockPosition, LockSuccessors, LockVersions, MeetPredecessor, Notify, PutLate, PutPart, ReleaseHeld, RemoveVersions, RenewUnsent,
	ReplaceSpec, RequestCancel, ReturnEntries, ReturnLate, SendAgain, SetNewest, SetPosition, ShareJobs, SumBytes,
	TakeEndedPredecessor, TakeEntries, TakeLate postgres.Statement
}
