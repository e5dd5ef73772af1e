package console

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// scopeChoice is a right that can be chosen, in words.
type scopeChoice struct {
	Scope  auth.Scope
	About  string
	Chosen bool
}

// scopeWords say what rights are, to people.
func scopeWords(s auth.Scope) string {
	switch s {
	case auth.UsersWrite:
		return "manage users and service accounts, and so give every right"
	case auth.QueuesWrite:
		return "manage queues and dead letters"
	case auth.JobsWrite:
		return "submit, change, cancel and retry jobs"
	case auth.JobsRead:
		return "see jobs and their results"
	case auth.DatasetsWrite:
		return "upload and remove datasets"
	case auth.DatasetsRead:
		return "see and fetch datasets"
	case auth.AuditRead:
		return "see who changed what"
	case auth.QueueEnqueue:
		return "put messages on queues, replace and cancel them"
	case auth.QueueLease:
		return "take work and return its results, as worlds do"
	case auth.ResultsRead:
		return "follow the feed of results"
	case auth.ResultsWrite:
		return "add results without a lease"
	case auth.LoginsForward:
		return "say from where a person logs in, as the console does"
	}
	return ""
}

// choices are rights of which some are chosen.
func choices(all []auth.Scope, chosen []string) []scopeChoice {
	var out []scopeChoice
	for _, s := range all {
		out = append(out, scopeChoice{s, scopeWords(s), slices.Contains(chosen, string(s))})
	}
	return out
}

// scopesOf are rights by their names, never nil: the identity service wants a list.
func scopesOf(names []string) []auth.Scope {
	scopes := []auth.Scope{}
	for _, name := range names {
		scopes = append(scopes, auth.Scope(name))
	}
	return scopes
}

// lifeChoice is a time that a token may live.
type lifeChoice struct {
	Seconds int64
	Name    string
	Chosen  bool
}

// usualDays is how long a token lives for which nothing else is chosen.
const usualDays = 90

// lives are the times that a token may live, the longest of which is most seconds.
func lives(most int64, chosen string) []lifeChoice {
	var out []lifeChoice
	add := func(seconds int64) {
		out = append(out, lifeChoice{seconds, rough(time.Duration(seconds) * time.Second), strconv.FormatInt(seconds, 10) == chosen})
	}
	for _, days := range []int64{1, 7, 30, usualDays, 365} {
		if seconds := days * 24 * 60 * 60; seconds < most {
			add(seconds)
		}
	}
	add(most)
	return out
}

// tokensPage lists the personal access tokens of who is signed in, and makes one.
type tokensPage struct {
	Tokens   []authclient.PersonalToken
	Most     int
	Scopes   []scopeChoice
	Lives    []lifeChoice
	Name     string
	Sentence string
	Faults   faults
	Added    *authclient.AddedPersonalToken // it is shown this once
	Now      time.Time

	chosen []string
	life   string
}

func showTokens(v *visit) error {
	return v.showTokens(http.StatusOK, tokensPage{life: strconv.Itoa(usualDays * 24 * 60 * 60)})
}

func (v *visit) showTokens(status int, out tokensPage) error {
	found, err := v.identity().PersonalTokens(v.context())
	if err != nil {
		return outside(err)
	}
	var mine []auth.Scope
	for _, s := range auth.AllScopes() {
		if v.may(s) {
			mine = append(mine, s)
		}
	}
	out.Tokens, out.Most, out.Now = found.Tokens, found.Most, time.Now()
	out.Scopes, out.Lives = choices(mine, out.chosen), lives(found.Life, out.life)
	return v.c.pages.show(v, status, "tokens", "Your tokens", out)
}

// addToken makes a token, and shows it once.
func addToken(v *visit) error {
	out := tokensPage{Name: strings.TrimSpace(v.form.Get("name")), chosen: v.form["scope"], life: v.form.Get("life")}
	life, err := strconv.ParseInt(cmp.Or(out.life, "0"), 10, 64)
	if err != nil {
		return problem.New(problem.Invalid, "the life of a token is a number of seconds")
	}
	added, err := v.identity().AddPersonalToken(v.context(), authclient.NewPersonalToken{Name: out.Name, Scopes: scopesOf(out.chosen), ExpiresIn: life})
	if err != nil {
		p, again := formFault(err)
		if !again {
			return p
		}
		out.Sentence, out.Faults = p.Detail, faultsOf(p)
		return v.showTokens(p.Status, out)
	}
	return v.showTokens(http.StatusCreated, tokensPage{Added: &added, life: out.life})
}

// formFault is the problem of a service that refused a form, and whether the form is shown
// again with what is wrong.
func formFault(err error) (p *problem.Problem, again bool) {
	p = problemOf(outside(err))
	return p, ofForm(p)
}

// ofForm reports whether a problem is about what is in a form, and not about who sent it or a
// service that fails.
func ofForm(p *problem.Problem) bool {
	return p.Status != http.StatusUnauthorized && p.Status != http.StatusForbidden && p.Status < http.StatusInternalServerError
}

// endToken ends a token.
func endToken(v *visit) error {
	if err := v.identity().EndPersonalToken(v.context(), v.g.Param("id")); err != nil {
		return outside(err)
	}
	return v.see("/tokens?done=token-ended")
}
