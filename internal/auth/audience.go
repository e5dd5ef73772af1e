package auth

import "slices"

// Audience is a service that an access token is for (RFC 9068, section 3). A service
// refuses the tokens that do not name it: what was sent to one service is of no use
// at another.
type Audience string

// The audiences. A token may have several.
const (
	Authsvc  Audience = "foliocast:authsvc"
	Frontend Audience = "foliocast:frontend"
	Queue    Audience = "foliocast:queue"
)

// AnyAudience makes a verifier that takes tokens for every service, to say something
// about them.
const AnyAudience Audience = "*"

// AllAudiences lists every audience there is.
func AllAudiences() []Audience { return []Audience{Authsvc, Frontend, Queue} }

// Known reports whether a is one of AllAudiences.
func (a Audience) Known() bool { return slices.Contains(AllAudiences(), a) }

// At reports whether the scope is a right at a service.
func (s Scope) At(a Audience) bool {
	switch s {
	case UsersWrite, LoginsForward:
		return a == Authsvc
	case JobsWrite, JobsRead, DatasetsWrite, DatasetsRead:
		return a == Frontend
	case QueuesWrite, QueueEnqueue, QueueLease, ResultsRead, ResultsWrite:
		return a == Queue
	case AuditRead:
		return slices.Contains(AllAudiences(), a)
	}
	return false
}

// At returns those of the scopes that are rights at a service.
func (a Audience) At(scopes []Scope) []Scope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s Scope) bool { return !s.At(a) })
}

// Audiences returns the services that a token with the scopes is for: those at which
// it has a right, and the identity service, which answers any bearer about itself.
func Audiences(scopes []Scope) []Audience {
	return slices.DeleteFunc(AllAudiences(), func(a Audience) bool { return a != Authsvc && len(a.At(scopes)) == 0 })
}
