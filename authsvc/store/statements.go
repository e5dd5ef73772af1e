package store

import "foliocast/internal/postgres"

// statements are the files in queries.
type statements struct {
	AddRefreshToken, AddSession, AddUser, CheckService, CheckSession, CheckUsers, EndServiceSession, FindService,
	FindUser, GetTime, ListEndedSessions, ListKeys, ListServices, ListUsers, LockAdministrators, LockKeys,
	LockRefreshToken, LockUsers, NarrowSession, PurgeServiceSessions, PurgeSessions, PutKey, RemoveKey, RemoveService, RemoveUser,
	RevokeSession, RevokeSessions, RotateRefreshToken, SetPassword, SetRoles,
	SetService postgres.Statement
}
