package store

import "foliocast/internal/postgres"

// statements holds the SQL of the files in queries.
type statements struct {
	AwaitJobs, BeginRun, CancelUnsent, CountInFlight, CreateJob, DeleteEndedPredecessor, DeleteEntries, DeleteJob, DeleteLate, DropUnsent, EndJobs,
	FindBatch, FindEnded, FindFiles, FindRepeat, ForgetHeld, ForgetLate, FreeRun, GetBatch, GetCurrentRuns, GetEntries, GetJob, GetLast, GetNextRelease, GetPart, GetPosition,
	GetResult, GetVersion, HoldRun, InsertBatch, InsertColumn, InsertVersion, KeepLate, KeepVersion, ListBatches, ListDatasets, ListExpired, ListJobs, ListJobsOfBatch, ListJobsOfDataset,
	ListJobsOfOwner, ListJobsOfOwnerAndDataset, ListMembers, ListSent, ListSummaries, ListSurplus, ListUsers, ListVersions,
	LockDataset, LockJob, LockPosition, LockSuccessors, LockVersions, MeetPredecessor, Notify, PutLate, PutPart, ReleaseHeld, RemoveEmptyBatches, RemoveVersions, RenewUnsent,
	ReplaceSpec, RequestCancel, ReturnEntries, ReturnLate, SendAgain, SetNewest, SetPosition, ShareJobs, SumBytes,
	TakeEndedPredecessor, TakeEntries, TakeLate postgres.Statement
}
