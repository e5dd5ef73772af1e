package store

import (
	"regexp"

	"foliocast/internal/postgres"
)

// statements are the files in queries.
type statements struct {
	AddMessages, AddQueue, AddWorker, BeginDealing, BeginEpoch, ChangeQueue, ClaimMessages, CompleteMessages, CountDepth, CountUploaded, CountWaiting,
	DealMessages, DropParts, DropPredecessors, DropWorker, EndMessages, ExtendLeases, FindDeadLetters, FindDealing, FindEnded,
	FindKeys, FindLines, FindPositions, FindUnknownQueues, FoldDepth, ForgetEnded, ForgetRedrives, ForgetWorkers, GetEpoch, GetFeedEnd, GetHeldPart, GetPart, GetTime, LimitLocks,
	ListActive, ListDeadLetters, ListEligible, ListHolders, ListLeased, ListMessages, ListQueues, ListReaders, ListResults, ListRooms, ListShares, ListWorkers, LockClaims,
	LockDeal, LockDealing, LockExpired, LockFold, LockMessages, LockOrphaned, LockQueues, LockReader, LockShares,
	MoveDealing, MoveReader, NoteDepth, NoteRedrives, Notify, PlaceMessage, PlanByIndex, PlanDealing, PurgeDeadLetters, PutPart,
	RedriveMessages, RemoveQueue, RenewLeases, ReplaceMessage, RequestCancel, RequeueMessages, SetDeal, SetShare,
	ShareClaims, ShareQueues, SweepQueues, TakeDealing, UpdateWorker postgres.Statement
}

// plainly is the shorter form of claim_messages, of which the statement itself tells.
func plainly(claim postgres.Statement) postgres.Statement {
	claim.SQL = regexp.MustCompile(`(?s)/\* by queue \*/.*?/\* else(.*?)\*/`).ReplaceAllString(claim.SQL, "$1")
	return claim
}
