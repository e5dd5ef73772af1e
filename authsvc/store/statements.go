package store

import "foliocast/internal/postgres"

// statements are the files in queries.
type statements struct {
	AddRefreshToken, AddSession, AddUser, CheckService, CheckSession, CheckUsers, FindService,
	FindUser, GetTime, ListKeys, ListServices, ListUsers, LockAdministrators, LockKeys,
	LockRefreshToken, LockUsers, NarrowSession, PurgeSessions, PutKey, RemoveKey, RemoveService, RemoveUser,
	RevokeSession, RevokeSessions, RotateRefreshToken, SetPassword, SetRoles,
	SetService postgres.Statement
}
