package store

import "foliocast/internal/postgres"

// statements are the files in queries.
type statements struct {
	AddMessages, AddQueue, BeginDealing, BeginEpoch, ChangeQueue, ClaimMessages, CountUploaded, CountWaiting,
	DealMessages, DropParts, EndMessages, ExtendLeases, FindDeadLetters, FindDealing, FindDue, FindEnded,
	FindKeys, FindLines, FindPositions, FindUnknownQueues, ForgetEnded, ForgetRedrives, GetEpoch, GetFeedEnd, GetPart, GetTime, LimitLocks,
	ListActive, ListDeadLetters, ListEligible, ListMessages, ListQueues, ListResults, ListRooms, ListShares, LockClaims,
	LockDeal, LockDealing, LockExpired, LockMessages, LockOrphaned, LockQueues, LockReader, LockShares,
	MoveDealing, MoveReader, NoteRedrives, Notify, PlaceMessage, PlanByIndex, PlanDealing, PurgeDeadLetters, PutPart,
	RedriveMessages, RemoveQueue, RenewLeases, ReplaceMessage, RequestCancel, RequeueMessages, SetDeal, SetShare,
	ShareClaims, ShareQueues, SweepQueues, TakeDealing postgres.Statement
}
