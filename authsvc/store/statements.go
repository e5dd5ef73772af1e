package store

import "foliocast/internal/postgres"

// statements are the files in queries.
type statements struct {
	AddPlaces, AddRefreshToken, AddSession, AddUser, CheckSealed, CheckService, CheckSession, CheckUsers, EndServiceSession, FindPlaces, FindService, FindSubject,
	FindUser, GetTime, GetWait, ListEndedSessions, ListKeys, ListServices, ListUsers, LockAdministrators, LockKeys,
	LockRefreshToken, LockUser, LockUsers, NarrowSession, PurgeAttempts, PurgePlaces, PurgeServiceSessions, PurgeSessions, PutKey, RemoveKey, RemoveKeys, RemovePlaces, RemoveService, RemoveUser,
	ReturnAttempt, RevokeSession, RevokeSessions, RotateRefreshToken, SetPassword, SetRoles,
	SetService, TakeAttempt, TrimPlaces postgres.Statement
}
