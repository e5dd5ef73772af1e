package store

import "foliocast/internal/postgres"

// statements are the files in queries.
type statements struct {
	AddMessages, AddQueue, BeginEpoch, ChangeQueue, ClaimMessages, DealMessages, DropParts, EndMessages, ExtendLeases, FindDue,
	FindEnded, FindKeys, FindUnknownQueues, ForgetEnded, GetEpoch, GetFeedEnd, GetPart, GetTime, ListDeadLetters,
	ListMessages, ListQueues, ListResults, ListRooms, ListShares, LockDeal, LockExpired, LockMessages,
	LockOrphaned, LockQueues, LockReader, LockShares, MoveReader, Notify, PlaceMessage, PlanByIndex, PurgeDeadLetters, PutPart, RedriveMessages,
	RemoveQueue, RenewLeases, ReplaceMessage, RequestCancel, RequeueMessages, SetDeal, SetShare, ShareQueues,
	SweepQueues postgres.Statement
}
