package store

import "foliocast/internal/postgres"

// statements holds the SQL of the files in queries.
type statements struct {
	AddConsoleSession, AwaitJobs, BeginRun, CancelUnsent, CountInFlight, CountSchedules, CreateJob, DeleteEndedPredecessor, DeleteEntries, DeleteJob, DeleteLate, DeleteSchedule, DropUnsent, EndConsoleSession, EndJobs,
	FindBatch, FindConsoleSession, FindFiles, FindInFlight, FindRepeat, ForgetEvents, ForgetHeld, ForgetLate, FreeRun, GetBatch, GetCurrentRuns, GetEntries, GetEventLog, GetJob, GetLast, GetNextRelease, GetPart, GetPosition,
	GetResult, GetTime, GetVersion, HoldRun, InsertBatch, InsertColumn, InsertSchedule, InsertVersion, KeepLate, KeepVersion, ListBatches, ListBatchesByPrefix, ListDatasets, ListDueSchedules, ListEvents, ListEventsOfJob, ListExpired, ListJobs, ListJobsByPrefix, ListJobsOfBatch, ListJobsOfDataset,
	ListJobsOfOwner, ListJobsOfOwnerAndDataset, ListMembers, ListRequested, ListRunning, ListSchedules, ListSent, ListSummaries, ListSurplus, ListUsers, ListVersions,
	LockDataset, LockEvents, LockJob, LockPosition, LockSchedule, LockSuccessors, LockVersions, MeetPredecessor, NoteFiring, NumberEvents, ObserveJobs, PauseSchedule, PurgeConsoleSessions, PutLate, PutPart, RedriveJobs, ReleaseHeld, RemoveEmptyBatches, RemoveVersions, RenewConsoleSession, RenewUnsent,
	ReplaceSchedule, ReplaceSpec, RequestCancel, ReturnEntries, ReturnLate, SendAgain, SetNewest, SetPosition, ShareJobs, SumBytes,
	TakeEndedPredecessor, TakeEntries, TakeLate postgres.Statement
}
