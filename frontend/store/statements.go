package store

import "foliocast/internal/postgres"

// statements holds the SQL of the files in queries.
type statements struct {
	AddConsoleSession, AwaitJobs, BeginRun, CancelUnsent, ClaimDeliveries, CountInFlight, CountSchedules, CountWebhooks, CreateJob, DeleteEndedPredecessor, DeleteEntries, DeleteJob,
	DeleteLate, DeleteSchedule, DeleteWebhook, DisableWebhook, DropUnsent, EndConsoleSession, EndJobs, FindBatch, FindConsoleSession, FindFiles, FindInFlight, FindRepeat, ForgetDeliveries,
	ForgetEvents, ForgetHeld, ForgetLate, FreeRun, GetBatch, GetCurrentRuns, GetEntries, GetEventLog, GetJob, GetLast, GetNextRelease, GetPart, GetPosition, GetResult, GetTarget, GetTime,
	GetVersion, HoldRun, InsertBatch, InsertColumn, InsertDeliveries, InsertSchedule, InsertVersion, InsertWebhook, KeepLate, KeepVersion, ListBatches, ListBatchesByPrefix, ListDatasets,
	ListDeliveries, ListDueSchedules, ListEnabledWebhooks, ListEvents, ListEventsOfJob, ListExpired, ListJobs, ListJobsByDataset, ListJobsByDuration, ListJobsByEnd, ListJobsByPrefix, ListJobsOfBatch, ListJobsOfDataset, ListJobsOfOwner,
	ListJobsOfOwnerAndDataset, ListJobsOldest, ListMembers, ListPartsWith, ListRequested, ListRunning, ListSchedules, ListSent, ListSummaries, ListSurplus, ListTraces, ListUsage, ListUsers, ListVersions, ListWebhookOwners, ListWebhooks,
	LockDataset, LockEvents, LockJob, LockPosition, LockSchedule, LockSuccessors, LockVersions, LockWebhook, MeasureOutbox, MeetPredecessor, MoveWebhook, NarrowWebhooks, NoteDelivery, NoteFailure,
	NoteFiring, NoteSuccess, NumberEvents, ObserveJobs, PauseSchedule, PurgeConsoleSessions, PutLate, PutPart, Redeliver, RedriveJobs, ReleaseHeld, RemoveEmptyBatches, RemoveVersions,
	RenewConsoleSession, RenewUnsent, ReplaceSchedule, ReplaceSpec, ReplaceWebhook, RequestCancel, ReturnEntries, ReturnLate, RotateWebhook, SendAgain, SetNewest, SetPosition, ShareJobs,
	SumBytes, TakeEndedPredecessor, TakeEntries, TakeLate, TakeWebhook postgres.Statement
}
