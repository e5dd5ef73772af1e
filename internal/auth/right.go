package auth

import (
	"slices"
	"strings"
)

// Scope is one right.
type Scope string

// The scopes of users.
const (
	UsersWrite    Scope = "users:write"    // add, change and remove users
	QueuesWrite   Scope = "queues:write"   // add, remove, pause and redrive queues
	JobsWrite     Scope = "jobs:write"     // submit, update, cancel and retry jobs
	JobsRead      Scope = "jobs:read"      // see jobs and their results
	DatasetsWrite Scope = "datasets:write" // upload datasets
	DatasetsRead  Scope = "datasets:read"  // see and fetch datasets
	AuditRead     Scope = "audit:read"     // see who changed what, at every service
)

// The scopes of services.
const (
	QueueEnqueue Scope = "queue:enqueue" // put messages on a queue, replace and cancel them
	QueueLease   Scope = "queue:lease"   // take messages, renew, complete and give them back
	ResultsRead  Scope = "results:read"  // follow the feed of finished messages
	ResultsWrite Scope = "results:write" // add results without a lease

	LoginsForward Scope = "logins:forward" // name the address of a person whom a service logs in
)

// AllScopes lists every scope there is.
func AllScopes() []Scope {
	return []Scope{UsersWrite, QueuesWrite, JobsWrite, JobsRead, DatasetsWrite, DatasetsRead, AuditRead,
		QueueEnqueue, QueueLease, ResultsRead, ResultsWrite, LoginsForward}
}

// Known reports whether s is one of AllScopes.
func (s Scope) Known() bool { return slices.Contains(AllScopes(), s) }

// Scopes is s itself, so that a scope and a role can stand in one list.
func (s Scope) Scopes() []Scope { return []Scope{s} }

// Role is what a person may do, under one name: see Scopes.
type Role string

// The roles.
const (
	Administrator Role = "administrator" // does everything a person can do
	Manager       Role = "manager"       // submits jobs and collects results
	Secretary     Role = "secretary"     // keeps the datasets
)

// AllRoles lists every role there is.
func AllRoles() []Role { return []Role{Administrator, Manager, Secretary} }

// Known reports whether r is one of AllRoles.
func (r Role) Known() bool { return slices.Contains(AllRoles(), r) }

// Scopes is what the role may do: the one table role × scope. An unknown role
// may do nothing.
func (r Role) Scopes() []Scope {
	switch r {
	case Administrator:
		return []Scope{UsersWrite, QueuesWrite, JobsWrite, JobsRead, DatasetsWrite, DatasetsRead, AuditRead}
	case Manager:
		return []Scope{JobsWrite, JobsRead, DatasetsRead}
	case Secretary:
		return []Scope{DatasetsWrite, DatasetsRead}
	}
	return nil
}

// Grant is a role or a scope.
type Grant interface{ Scopes() []Scope }

// JoinScopes writes scopes as the claim "scope" of a token: in alphabetical
// order, each once, with spaces between.
func JoinScopes(scopes []Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// SplitScopes reads the claim "scope". It keeps scopes that are not known
// here: they grant nothing.
func SplitScopes(claim string) []Scope {
	var scopes []Scope
	for name := range strings.FieldsSeq(claim) {
		scopes = append(scopes, Scope(name))
	}
	return scopes
}
