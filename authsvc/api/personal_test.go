package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/authsvc/client"
	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// withTokens adds a user with a role, and returns a client that is logged in as them.
func (f *fixture) withTokens(t *testing.T, name string, roles ...auth.Role) *client.Client {
	t.Helper()
	if _, err := f.store.AddUser(t.Context(), name, f.hash(t, "an unusual phrase"), roles); err != nil {
		t.Fatal(err)
	}
	own, _ := f.as(t, name, "an unusual phrase")
	return own
}

// bearer returns a client that sends a token.
func (f *fixture) bearer(token string) *client.Client { return client.New(f.url, auth.Static(token)) }

func add(t *testing.T, own *client.Client, name string, scopes ...auth.Scope) client.AddedPersonalToken {
	t.Helper()
	made, err := own.AddPersonalToken(t.Context(), client.NewPersonalToken{Name: name, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAPersonalTokenWorksEverywhere(t *testing.T) {
	t.Parallel()
	f := start(t)
	own := f.withTokens(t, "ada", auth.Administrator)
	made := add(t, own, "ci", auth.JobsRead, auth.QueuesWrite)
	if !auth.Intact(auth.PersonalPrefix, made.Token) || made.ExpiresAt.Sub(made.CreatedAt) != 90*24*time.Hour || !made.UsedAt.IsZero() {
		t.Errorf("got %+v", made)
	}
	for _, at := range []auth.Audience{auth.Frontend, auth.Queue} {
		p, err := f.remote(t, at).Verify(t.Context(), made.Token)
		if id, ok := p.Personal(); err != nil || !ok || id != made.ID || p.Name != "ada" || p.Roles != nil || p.Service {
			t.Errorf("at %s: got %+v, %v", at, p, err)
		}
		if p.May(auth.JobsRead) != (at == auth.Frontend) || p.May(auth.QueuesWrite) != (at == auth.Queue) {
			t.Errorf("at %s: got %v", at, p.Scopes)
		}
	}
	mine := f.bearer(made.Token)
	who, err := mine.Whoami(t.Context())
	if err != nil || who.Token != made.ID || !who.Expires.Equal(made.ExpiresAt) || auth.JoinScopes(who.Scopes) != "jobs:read queues:write" || len(who.Roles) != 0 {
		t.Errorf("got %+v, %v", who, err)
	}
	if got := f.introspect(t, made.Token, made.Token); !got.Active || got.Username != "ada" || got.ClientID != "token:"+made.ID {
		t.Errorf("introspection: got %+v", got)
	}
	listed, err := own.PersonalTokens(t.Context())
	if err != nil || len(listed.Tokens) != 1 || listed.Tokens[0].Name != "ci" || listed.Tokens[0].UsedAt.IsZero() || listed.Most != 50 {
		t.Errorf("got %+v, %v", listed, err)
	}
	// It manages neither tokens nor passwords, but it can end itself.
	_, err = mine.AddPersonalToken(t.Context(), client.NewPersonalToken{Name: "other", Scopes: []auth.Scope{auth.JobsRead}})
	wantKind(t, err, problem.Conflict)
	_, err = mine.PersonalTokens(t.Context())
	wantKind(t, err, problem.Conflict)
	wantKind(t, mine.ChangePassword(t.Context(), "an unusual phrase", "another unusual phrase"), problem.Conflict)
	wantKind(t, mine.Logout(t.Context()), problem.Conflict)
	other := add(t, own, "other", auth.JobsRead)
	wantKind(t, mine.EndPersonalToken(t.Context(), other.ID), problem.Conflict)
	if err := mine.EndPersonalToken(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	_, err = mine.Whoami(t.Context())
	wantKind(t, err, problem.Unauthorized)
}

// What ends a token ends it at every service within ten seconds.
func TestTheEndOfAPersonalToken(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	for name, end := range map[string]func(context.Context, *client.Client, string) error{
		"owner":   func(ctx context.Context, own *client.Client, id string) error { return own.EndPersonalToken(ctx, id) },
		"removal": func(ctx context.Context, _ *client.Client, _ string) error { return admin.RemoveUser(ctx, "removal") },
		"password": func(ctx context.Context, _ *client.Client, _ string) error {
			return admin.SetPassword(ctx, "password", "another one of ours")
		},
		"expiry": func(ctx context.Context, _ *client.Client, id string) error {
			_, err := f.pool.Exec(ctx, "UPDATE personal_token SET created_at = now() - interval '1 day', expires_at = now() + interval '2 seconds', session_id = gen_random_uuid() WHERE id = $1", id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := f.withTokens(t, name, auth.Manager)
			made, other := add(t, own, "one", auth.JobsRead), f.personal(t, auth.JobsRead, auth.QueuesWrite)
			frontend, queue := f.remote(t, auth.Frontend), f.remote(t, auth.Queue)
			if name == "expiry" { // what a service knows ends with the token, which it hears when it asks
				if err := end(t.Context(), own, made.ID); err != nil {
					t.Fatal(err)
				}
				end = func(context.Context, *client.Client, string) error { return nil }
			}
			wantEnd(t, frontend, made.Token, other, func() error { return end(t.Context(), own, made.ID) })
			servetest.Until(t, "the other service refuses it, too", func() bool {
				_, err := queue.Bearer(t.Context(), "Bearer "+made.Token)
				return problem.Is(err, problem.Unauthorized)
			})
			_, err := f.bearer(made.Token).Whoami(t.Context())
			wantKind(t, err, problem.Unauthorized)
		})
	}
}

// A token never has a right that its owner does not have, not even one that the owner had
// when it was made.
func TestAPersonalTokenIsNoMoreThanItsOwner(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	own := f.withTokens(t, "ada", auth.Manager, auth.Secretary)
	_, err := own.AddPersonalToken(t.Context(), client.NewPersonalToken{Name: "more", Scopes: []auth.Scope{auth.JobsRead, auth.UsersWrite}})
	if p, ok := errors.AsType[*problem.Problem](err); !ok || len(p.Faults) != 1 || p.Faults[0].Pointer != "/scopes/1" {
		t.Errorf("a right of others: got %v", err)
	}
	made := add(t, own, "ci", auth.JobsWrite, auth.DatasetsRead, auth.DatasetsWrite)
	v := f.remote(t, auth.Frontend)
	if p, err := v.Verify(t.Context(), made.Token); err != nil || !p.May(auth.JobsWrite, auth.DatasetsWrite) {
		t.Fatalf("got %v, %v", p.Scopes, err)
	}
	begin := time.Now()
	if _, err := admin.SetRoles(t.Context(), "ada", auth.Secretary); err != nil {
		t.Fatal(err)
	}
	here, err := f.bearer(made.Token).Whoami(t.Context())
	if err != nil || auth.JoinScopes(here.Scopes) != "datasets:read datasets:write" {
		t.Errorf("here: got %v, %v", here.Scopes, err)
	}
	servetest.Until(t, "the other service takes the right away", func() bool {
		p, err := v.Verify(t.Context(), made.Token)
		if err != nil || !p.May(auth.DatasetsRead, auth.DatasetsWrite) {
			t.Fatalf("got %v, %v", p.Scopes, err)
		}
		return !p.May(auth.JobsWrite)
	})
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	// A session that was narrowed makes no token with more.
	_, tokens := f.as(t, "ada", "an unusual phrase")
	resp, text := f.send(t, "POST", "/v1/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.RefreshToken}, "scope": {"datasets:read"}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded")
	if err := json.Unmarshal([]byte(text), &tokens); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(text)
	}
	narrow := client.New(f.url, auth.Static(tokens.AccessToken))
	_, err = narrow.AddPersonalToken(t.Context(), client.NewPersonalToken{Name: "wide", Scopes: []auth.Scope{auth.DatasetsWrite}})
	wantKind(t, err, problem.Invalid)
	if _, err := narrow.AddPersonalToken(t.Context(), client.NewPersonalToken{Name: "wide", Scopes: []auth.Scope{auth.DatasetsRead}}); err != nil {
		t.Error(err)
	}
}

// dump is all that the database has, as text.
func (f *fixture) dump(t *testing.T) (all string) {
	t.Helper()
	rows, err := f.pool.Query(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 8 {
		t.Fatal(tables, err)
	}
	for _, table := range tables {
		var text *string
		if err := f.pool.QueryRow(t.Context(), "SELECT string_agg(t::text, chr(10)) FROM "+pgx.Identifier{table}.Sanitize()+" AS t").Scan(&text); err != nil {
			t.Fatal(err)
		}
		if text != nil {
			all += *text + "\n"
		}
	}
	return all
}

// Neither what is stored nor what is logged or recorded is a token.
func TestTheDatabaseHasNoUsableTokens(t *testing.T) {
	t.Parallel()
	f := start(t)
	own := f.withTokens(t, "ada", auth.Manager)
	made := add(t, own, "ci", auth.JobsRead)
	v := f.remote(t, auth.Frontend)
	if _, err := v.Verify(t.Context(), made.Token); err != nil {
		t.Fatal(err)
	}
	dump := f.dump(t)
	if !strings.Contains(dump, made.ID) {
		t.Fatal("the dump does not have the token's row")
	}
	secret := strings.TrimPrefix(made.Token, auth.PersonalPrefix)[:26]
	if strings.Contains(dump, secret) || strings.Contains(f.log.String(), secret) {
		t.Error("the token is in the database or in the log")
	}
	// Nor does any text of the database open a door, or become a token behind a prefix.
	for text := range strings.FieldsFuncSeq(dump, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", r)
	}) {
		for _, try := range []string{text, auth.Marked(auth.PersonalPrefix, text)} {
			if _, ok, err := f.store.UsePersonalToken(t.Context(), token.Digest(try)); ok || err != nil {
				t.Fatalf("%s is a token (%v)", try, err)
			}
		}
	}
}

func TestPersonalTokensAreBounded(t *testing.T) {
	t.Parallel()
	f := start(t)
	own := f.withTokens(t, "ada", auth.Manager)
	scopes := []auth.Scope{auth.JobsRead}
	var last client.AddedPersonalToken
	for n := range DefaultTokens().Most {
		last = add(t, own, strings.Repeat("x", n+1), auth.JobsRead)
	}
	_, err := own.AddPersonalToken(t.Context(), client.NewPersonalToken{Name: "one more", Scopes: scopes})
	wantKind(t, err, problem.Conflict)
	if err := own.EndPersonalToken(t.Context(), last.ID); err != nil {
		t.Fatal(err)
	}
	wantKind(t, own.EndPersonalToken(t.Context(), last.ID), problem.NotFound)
	_, err = own.AddPersonalToken(t.Context(), client.NewPersonalToken{Name: "x", Scopes: scopes})
	wantKind(t, err, problem.Conflict) // the name is taken
	add(t, own, "one more", auth.JobsRead)
	// The name of one that has expired is free, and others' tokens are theirs.
	if _, err := f.pool.Exec(t.Context(), "UPDATE personal_token SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day' WHERE name = 'x'"); err != nil {
		t.Fatal(err)
	}
	again := add(t, own, "x", auth.JobsRead)
	wantKind(t, f.withTokens(t, "bob", auth.Manager).EndPersonalToken(t.Context(), again.ID), problem.NotFound)
}

// A token in use costs one exchange and one write a minute, and its refusals are recorded.
func TestTheLastUseIsCheap(t *testing.T) {
	t.Parallel()
	f := start(t)
	own := f.withTokens(t, "ada", auth.Manager)
	made := add(t, own, "ci", auth.JobsRead)
	v := f.remote(t, auth.Frontend)
	use := func() {
		t.Helper()
		if _, err := v.Verify(t.Context(), made.Token); err != nil {
			t.Fatal(err)
		}
	}
	use()
	before, begin := f.pool.Stat().AcquireCount(), time.Now()
	for range 1000 {
		use()
	}
	looks, most := f.pool.Stat().AcquireCount()-before, 1+int64(time.Since(begin)/endedAge) // the list of ended sessions
	if looks > most {
		t.Errorf("1,000 requests took %d connections of the database, want at most %d", looks, most)
	}
	used := func() time.Time {
		t.Helper()
		all, err := own.PersonalTokens(t.Context())
		if err != nil || len(all.Tokens) != 1 {
			t.Fatal(err)
		}
		return all.Tokens[0].UsedAt
	}
	first := used()
	for range 10 {
		if _, err := f.bearer(made.Token).Whoami(t.Context()); err != nil { // which asks every time
			t.Fatal(err)
		}
	}
	if again := used(); !again.Equal(first) {
		t.Errorf("uses within a minute were written: %v, then %v", first, again)
	}
	if _, err := f.pool.Exec(t.Context(), "UPDATE personal_token SET last_used_at = last_used_at - interval '2 minutes'"); err != nil {
		t.Fatal(err)
	}
	old := used()
	if _, err := f.bearer(made.Token).Whoami(t.Context()); err != nil || !used().After(old) {
		t.Errorf("a use two minutes later was not written (%v)", err)
	}
}

func TestTheExchangeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.run(t)
	own := f.withTokens(t, "ada", auth.Manager)
	made := add(t, own, "ci", auth.JobsRead)
	ask := func(pairs ...string) (int, map[string]any) {
		t.Helper()
		form := url.Values{"grant_type": {auth.ExchangeGrant}}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		resp, text := f.send(t, "POST", "/v1/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		var answer map[string]any
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatal(text)
		}
		return resp.StatusCode, answer
	}
	typed := []string{"subject_token_type", auth.AccessTokenType}
	for _, c := range []struct {
		name  string
		pairs []string
		want  string
	}{
		{"nothing", nil, "invalid_request"},
		{"no type", []string{"subject_token", made.Token}, "invalid_request"},
		{"a typing error", append(typed, "subject_token", made.Token+"A"), "invalid_request"},
		{"never issued", append(typed, "subject_token", token.NewPersonal()), "invalid_request"},
		{"too much", append(typed, "subject_token", made.Token, "scope", "jobs:write"), "invalid_scope"},
		{"elsewhere", append(typed, "subject_token", made.Token, "resource", "foliocast:elsewhere"), "invalid_target"},
	} {
		if status, answer := ask(c.pairs...); status != http.StatusBadRequest || answer["error"] != c.want {
			t.Errorf("%s: got %d %v, want %s", c.name, status, answer, c.want)
		}
	}
	// No right at the service is no fault of the exchange.
	for _, at := range auth.AllAudiences() {
		status, answer := ask(append(typed, "subject_token", made.Token, "resource", string(at))...)
		want := auth.JoinScopes(at.At([]auth.Scope{auth.JobsRead}))
		if status != http.StatusOK || answer["scope"] != want || answer["issued_token_type"] != auth.AccessTokenType || answer["expires_in"] != 600.0 {
			t.Errorf("at %s: got %d %v, want the scope %q", at, status, answer, want)
		}
	}
	servetest.Until(t, "the token that was never issued is in the trail", func() bool {
		return slices.ContainsFunc(audittest.List(t, f.store.Trail, audit.Filter{Action: "token", Outcome: audit.Refused}), func(e audit.Event) bool {
			return strings.Contains(e.Reason, "never issued")
		})
	})
}
