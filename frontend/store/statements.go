package store

import "foliocast/internal/postgres"

// statements are the files in queries.
type statements struct {
	AdoptRevision, BeginReplacement, CancelUnsent, ClearIntentions, CreateJob, DoubtIntentions,
	DoubtReplacement, DropIntention, DropReplacement, EndJobs, FindEnded, FindRepeat, GetIntentions,
	GetJob, GetPart, GetPosition, GetReplacement, GetResult, GetStandings, GetVersion, InsertVersion,
	ListDatasets, ListJobs, ListVersions, LockDataset, LockJob, LockPosition, Notify,
	PutBackIntentions, PutPart, RenewIntention, ReplaceUnsent, RequestCancel, RetryJob, SetNewest,
	SetPosition, SettleIntentions, TakeIntentions postgres.Statement
}
