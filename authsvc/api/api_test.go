package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/audit/auditapi"
	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const adminPassword = "the first password"

// fixture is a whole service on a schema of its own, with one administrator
// and one service account.
type fixture struct {
	url    string
	door   *serve.Door
	desk   *auditapi.Desk
	store  *store.Store
	pool   *pgxpool.Pool
	ring   *token.Ring
	hasher *token.Hasher
	log    *servetest.Log
}

// start starts a service whose hashes cost next to nothing.
func start(t testing.TB) *fixture {
	t.Helper()
	return startWith(t, token.NewHasherAt(token.Cost{Memory: 64, Passes: 1}), 0)
}

// startWith is start with a hasher and a limit on the time of an answer.
func startWith(t testing.TB, hasher *token.Hasher, limit time.Duration) *fixture {
	t.Helper()
	pool := pgtest.Open(t, store.Migrations())
	f := &fixture{pool: pool, store: store.New(pool), hasher: hasher, log: &servetest.Log{}}
	if _, err := f.store.RotateKeys(t.Context(), token.DefaultPolicy()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.AddUser(t.Context(), "admin", f.hash(t, adminPassword), []auth.Role{auth.Administrator}); err != nil {
		t.Fatal(err)
	}
	if err := f.store.SetService(t.Context(), "worker", token.Digest("secret"), []auth.Scope{auth.QueueLease, auth.DatasetsRead}); err != nil {
		t.Fatal(err)
	}
	f.ring = token.NewRing(f.store.Keys, nil)
	if err := f.ring.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.serve(t, limit)
	return f
}

// serve serves behind a proxy on the same machine.
func (f *fixture) serve(t testing.TB, limit time.Duration) {
	t.Helper()
	var proxies serve.Proxies
	if err := proxies.UnmarshalText([]byte("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	log := f.log.Logger()
	f.door = serve.NewDoor(serve.Config{Name: "authsvc", Log: log, Ready: f.store.Ready, Proxies: proxies})
	f.desk = Register(f.door, Config{Store: f.store, Ring: f.ring, Issuer: auth.DefaultIssuer, Log: log, Hasher: f.hasher, Limit: limit})
	server := httptest.NewServer(f.door.Router)
	t.Cleanup(server.Close)
	f.url = server.URL
}

// instance starts another instance of the service on the same database.
func (f *fixture) instance(t *testing.T) *fixture {
	t.Helper()
	other := *f
	other.serve(t, 0)
	return &other
}

func (f *fixture) hash(t testing.TB, password string) string {
	t.Helper()
	hash, err := f.hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// as logs a person in and returns a client that speaks for them.
func (f *fixture) as(t testing.TB, name, password string) (*client.Client, client.Tokens) {
	t.Helper()
	tokens, err := client.New(f.url, nil).Login(t.Context(), name, password)
	if err != nil {
		t.Fatal(err)
	}
	return client.New(f.url, auth.Static(tokens.AccessToken)), tokens
}

// send sends a request with the body unchanged; pairs are names and values of
// headers.
func (f *fixture) send(t *testing.T, method, path, body string, pairs ...string) (*http.Response, string) {
	t.Helper()
	return servetest.Send(t, method, f.url+path, strings.NewReader(body), pairs...)
}

// introspect asks, with the access token of a caller, whether a token is valid.
func (f *fixture) introspect(t *testing.T, caller, token string) (answer client.Introspection) {
	t.Helper()
	resp, text := f.send(t, "POST", "/v1/introspect", url.Values{"token": {token}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "Authorization", "Bearer "+caller)
	if err := json.Unmarshal([]byte(text), &answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("introspection: got %d %s", resp.StatusCode, text)
	}
	return answer
}

func wantKind(t *testing.T, err error, kind problem.Kind) {
	t.Helper()
	if !problem.Is(err, kind) {
		t.Errorf("got %v, want a problem of the kind %s", err, kind)
	}
}

// issuer issues tokens of an existing user and an existing service account, so that the service
// accepts them. Each of the user's has a session of its own, for some requests end theirs.
func (f *fixture) issuer(t testing.TB) *authtest.Issuer {
	t.Helper()
	ctx := t.Context()
	_, tokens := f.as(t, "admin", adminPassword)
	admin, err := auth.NewVerifier(f.ring, auth.DefaultIssuer, auth.Authsvc, nil).Verify(ctx, tokens.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := f.store.Keys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.store.SetService(ctx, "walker", token.Digest("x"), nil); err != nil {
		t.Fatal(err)
	}
	walker, _, err := f.store.Service(ctx, "walker")
	if err != nil {
		t.Fatal(err)
	}
	issuer := authtest.With(t, keys[0].ID, keys[0].Private)
	issuer.Amend = func(c *auth.Claims) {
		if c.Subject == c.ClientID {
			c.Session = walker.SessionID.String()
			return
		}
		user, err := f.store.User(ctx, "admin")
		if err != nil {
			t.Error(err)
			return
		}
		session, err := f.store.AddSession(ctx, user, token.Digest(token.NewSecret()))
		if err != nil {
			t.Error(err)
			return
		}
		c.Subject, c.Session = admin.Subject, session.ID.String()
	}
	issuer.Issue = func(scopes ...auth.Scope) string { return f.personal(t, scopes...) }
	return issuer
}

// personal makes a personal access token of the administrator.
func (f *fixture) personal(t testing.TB, scopes ...auth.Scope) string {
	t.Helper()
	user, err := f.store.User(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	session, err := f.store.AddSession(t.Context(), user, token.Digest(token.NewSecret()))
	if err != nil {
		t.Fatal(err)
	}
	if len(scopes) == 0 {
		scopes = []auth.Scope{auth.JobsRead}
	}
	text := token.NewPersonal()
	if _, err := f.store.AddPersonalToken(t.Context(), session.ID, store.NewPersonalToken{Name: text, Digest: token.Digest(text), Scopes: scopes, Life: time.Hour, Most: 1000}); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestWalk checks who may call what.
func TestWalk(t *testing.T) {
	t.Parallel()
	f := start(t)
	issuer := f.issuer(t)
	users := []auth.Scope{auth.UsersWrite}
	authtest.Walk(t, issuer, f.door.Router, f.door.API, []authtest.Route{
		{Method: "POST", Path: "/v1/login", Public: true},
		{Method: "POST", Path: "/v1/token", Public: true},
		{Method: "GET", Path: "/.well-known/jwks.json", Public: true},
		{Method: "GET", Path: "/.well-known/oauth-authorization-server", Public: true},
		{Method: "GET", Path: "/v1/sessions/ended", Public: true},
		{Method: "POST", Path: "/v1/logout"},
		{Method: "POST", Path: "/v1/introspect"},
		{Method: "GET", Path: "/v1/whoami"},
		{Method: "GET", Path: "/v1/subjects/{id}"},
		{Method: "PUT", Path: "/v1/whoami/password"},
		{Method: "GET", Path: "/v1/tokens"},
		{Method: "POST", Path: "/v1/tokens"},
		{Method: "DELETE", Path: "/v1/tokens/{id}"},
		{Method: "GET", Path: "/v1/audit", Needs: []auth.Scope{auth.AuditRead}},
		{Method: "GET", Path: "/v1/services", Needs: users},
		{Method: "POST", Path: "/v1/services", Needs: users},
		{Method: "GET", Path: "/v1/services/{name}", Needs: users},
		{Method: "DELETE", Path: "/v1/services/{name}", Needs: users},
		{Method: "PUT", Path: "/v1/services/{name}/scopes", Needs: users},
		{Method: "POST", Path: "/v1/services/{name}/secret", Needs: users},
		{Method: "GET", Path: "/v1/users", Needs: users},
		{Method: "POST", Path: "/v1/users", Needs: users},
		{Method: "GET", Path: "/v1/users/{name}", Needs: users},
		{Method: "DELETE", Path: "/v1/users/{name}", Needs: users},
		{Method: "PUT", Path: "/v1/users/{name}/roles", Needs: users},
		{Method: "PUT", Path: "/v1/users/{name}/password", Needs: users},
	})
}

func TestBadInputNamesItsFields(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, tokens := f.as(t, "admin", adminPassword)
	bearer := "Bearer " + tokens.AccessToken
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		pointers                 string
	}{
		{"no JSON", "POST", "/v1/login", "{", 400, ""},
		{"no body", "POST", "/v1/login", "", 400, ""},
		{"another type", "POST", "/v1/login", `{"username":1,"password":[]}`, 422, "/password /username"},
		{"missing", "POST", "/v1/login", `{}`, 422, "/username /password"},
		{"a bad name", "POST", "/v1/login", `{"username":"Ada Lovelace","password":"x"}`, 422, "/username"},
		{"a zero byte", "POST", "/v1/login", `{"username":"a\u0000b","password":"\u0000"}`, 422, "/username"},
		{"an unknown field", "POST", "/v1/login", `{"username":"ada","password":"x","admin":true}`, 422, "/admin"},
		{"too large", "POST", "/v1/login", `{"username":"` + strings.Repeat("a", maxBody) + `"}`, 413, ""},
		{"short password, no role", "POST", "/v1/users", `{"username":"ada","password":"123456789","roles":[]}`, 422, "/password /roles"},
		{"unknown role", "POST", "/v1/users", `{"username":"ada","roles":["porter"]}`, 422, "/roles/0"},
		{"role twice", "PUT", "/v1/users/admin/roles", `{"roles":["manager","manager"]}`, 422, "/roles"},
		{"bad name in the path", "GET", "/v1/users/A%20B", "", 422, "name"},
		{"no token", "POST", "/v1/tokens", `{"name":"-","scopes":[],"expires_in":1}`, 422, "/name /scopes /expires_in"},
		{"a long token", "POST", "/v1/tokens", `{"name":"ci","scopes":["jobs:read"],"expires_in":99999999999}`, 422, "/expires_in"},
		{"a right of services", "POST", "/v1/tokens", `{"name":"ci","scopes":["jobs:read","queue:lease"]}`, 422, "/scopes/1"},
		{"no service", "POST", "/v1/services", `{"name":"A B","scopes":["jobs:all"]}`, 422, "/name /scopes/0"},
		{"a long overlap", "POST", "/v1/services/worker/secret", `{"overlap":2592001}`, 422, "/overlap"},
		{"no overlap", "POST", "/v1/services/worker/secret", `{}`, 422, "/overlap"},
		{"no id", "DELETE", "/v1/tokens/x", "", 422, "id"},
		{"limit", "GET", "/v1/users?limit=0", "", 422, "limit"},
		{"after", "GET", "/v1/users?after=%00", "", 422, "after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, text := f.send(t, c.method, c.path, c.body, "Content-Type", "application/json", "Authorization", bearer)
			var p problem.Problem
			if err := json.Unmarshal([]byte(text), &p); err != nil || resp.StatusCode != c.status {
				t.Fatalf("got %d %s, want %d", resp.StatusCode, text, c.status)
			}
			got := map[string]bool{}
			for _, fault := range p.Faults {
				got[fault.Pointer] = true
			}
			for pointer := range strings.FieldsSeq(c.pointers) {
				if !got[pointer] {
					t.Errorf("got faults %v, want %s", p.Faults, pointer)
				}
			}
		})
	}
}

// TestNothingSecretIsLogged runs what a person does and looks for the secrets.
func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, tokens := f.as(t, "admin", adminPassword)
	f.introspect(t, tokens.AccessToken, tokens.AccessToken)
	open := client.New(f.url, nil)
	more, err := open.Refresh(t.Context(), tokens.RefreshToken, auth.Authsvc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = open.Login(t.Context(), "admin", "a wrong password")
	wantKind(t, err, problem.Unauthorized)
	_, err = open.Credentials(t.Context(), "worker", "a wrong secret", auth.Queue)
	wantKind(t, err, problem.Unauthorized)
	servetest.Until(t, "every request is logged", func() bool { return strings.Count(f.log.String(), `"msg":"request"`) >= 5 })
	for _, secret := range []string{adminPassword, tokens.AccessToken, tokens.RefreshToken, more.AccessToken, more.RefreshToken, "a wrong password", "a wrong secret"} {
		if strings.Contains(f.log.String(), secret) {
			t.Errorf("the log has the secret %q", secret)
		}
	}
}
