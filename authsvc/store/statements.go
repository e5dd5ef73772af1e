package store

import "foliocast/internal/postgres"

// statements are the files in queries.
type statements struct {
	AddPersonalToken, AddPlaces, AddRefreshToken, AddService, AddSession, AddUser, CheckSealed, CheckService, CheckSession, CheckUsers, CountPersonalTokens, EndPersonalToken, EndPersonalTokens, EndServiceSession, FindPersonalToken, FindPlaces, FindService, FindSubject,
	FindUser, FreePersonalName, GetTime, GetWait, ListEndedSessions, ListKeys, ListPersonalTokens, ListServices, ListUsers, LockAdministrators, LockKeys, LockOwner,
	LockRefreshToken, LockService, LockUser, LockUsers, NarrowSession, PurgeAttempts, PurgePersonalTokens, PurgePlaces, PurgeSecrets, PurgeServiceSessions, PurgeSessions, PutKey, RemoveKey, RemoveKeys, RemovePlaces, RemoveService, RemoveUser, RenewPersonalSessions,
	ReturnAttempt, RevokeSession, RevokeSessions, RotateRefreshToken, RotateSecret, SetPassword, SetRoles,
	SetService, SetServiceScopes, TakeAttempt, TouchPersonalToken, TouchService, TrimPlaces postgres.Statement
}
