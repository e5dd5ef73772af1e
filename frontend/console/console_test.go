package console

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	authclient "foliocast/authsvc/client"
	"foliocast/frontend/api"
	"foliocast/frontend/archive"
	"foliocast/frontend/client"
	"foliocast/frontend/egress"
	"foliocast/frontend/events"
	"foliocast/frontend/queuetest"
	"foliocast/frontend/relay"
	"foliocast/frontend/store"
	"foliocast/frontend/webhook"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// identity stands for the identity service: it checks passwords, rotates refresh tokens, and
// ends the session whose token is used twice.
type identity struct {
	t      testing.TB
	issuer *authtest.Issuer
	url    string

	mu      sync.Mutex
	down    bool
	life    time.Duration // of access tokens
	current map[string]auth.Claims
	used    map[string]auth.Claims
	logouts int
	asked   []authclient.Credentials
	sources []string
	granted map[string]auth.Claims                        // by access token
	made    map[string][]authclient.PersonalToken         // by subject
	trail   func(http.ResponseWriter, *http.Request) bool // answers for the audit trail
	changed []string                                      // requests that change service accounts, with their bodies
}

const password = "correct horse battery"

func newIdentity(t testing.TB, issuer *authtest.Issuer) *identity {
	i := &identity{t: t, issuer: issuer, life: 10 * time.Minute, current: map[string]auth.Claims{}, used: map[string]auth.Claims{}, granted: map[string]auth.Claims{}, made: map[string][]authclient.PersonalToken{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/login", i.login)
	mux.HandleFunc("POST /v1/token", i.token)
	mux.HandleFunc("POST /v1/logout", i.logout)
	mux.HandleFunc("/v1/tokens", i.tokens)
	mux.HandleFunc("/v1/tokens/", i.tokens)
	mux.HandleFunc("/v1/services", i.services)
	mux.HandleFunc("/v1/services/", i.services)
	mux.HandleFunc(audit.Path, func(w http.ResponseWriter, r *http.Request) {
		if i.trail == nil {
			trailOf(nil)(w, r)
			return
		}
		i.trail(w, r)
	})
	mux.HandleFunc("/v1/users", i.users)
	mux.HandleFunc("/v1/users/", i.users)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.down {
			panic(http.ErrAbortHandler)
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

// with changes the service, which answers nobody meanwhile.
func (i *identity) with(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func refuse(w http.ResponseWriter, p *problem.Problem) {
	w.Header().Set("Content-Type", problem.ContentType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func (i *identity) login(w http.ResponseWriter, r *http.Request) {
	var with authclient.Credentials
	if err := json.NewDecoder(r.Body).Decode(&with); err != nil {
		i.t.Error(err)
	}
	i.asked, i.sources = append(i.asked, with), append(i.sources, r.Header.Get("X-Forwarded-For")+" "+r.Header.Get(authclient.SourceHeader)+" "+r.Header.Get("Authorization"))
	role := auth.Role(with.Username)
	switch {
	case strings.ContainsAny(with.Username, " <"):
		refuse(w, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/username", Detail: "must be 2 to 32 lower-case letters"}))
		return
	case with.Password == "guess again":
		refuse(w, problem.New(problem.TooMany, "too many wrong passwords: try again in 10 s"))
		return
	case with.Password != password || !role.Known():
		refuse(w, problem.New(problem.Unauthorized, "the username or the password is wrong"))
		return
	}
	claims := i.issuer.Claims(role)
	claims.Name, claims.Session = with.Username, uuid.NewString()
	refresh := uuid.NewString()
	i.current[refresh] = claims
	queuetest.Answer(w, authclient.Tokens{AccessToken: i.issuer.Sign(claims), TokenType: "Bearer", ExpiresIn: 600, RefreshToken: refresh, Username: with.Username, Device: "device of " + with.Username})
}

func (i *identity) token(w http.ResponseWriter, r *http.Request) {
	old, to := r.FormValue("refresh_token"), auth.Audience(r.FormValue("resource"))
	claims, ok := i.current[old]
	if !ok {
		if reused, was := i.used[old]; was {
			i.t.Error("a refresh token was used twice")
			i.issuer.End(reused)
		}
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(authclient.OAuthError{Code: "invalid_grant", Description: "the refresh token is not valid: log in again"})
		return
	}
	if to != auth.Authsvc && len(to.At(auth.SplitScopes(claims.Scope))) == 0 {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(authclient.OAuthError{Code: "invalid_target", Description: "the account has no right at that service"})
		return
	}
	delete(i.current, old)
	i.used[old] = claims
	next := uuid.NewString()
	i.current[next] = claims
	narrow := claims
	narrow.Audience, narrow.Scope, narrow.ID = []string{string(to)}, auth.JoinScopes(to.At(auth.SplitScopes(claims.Scope))), uuid.NewString()
	access := i.issuer.Sign(narrow)
	i.granted[access] = narrow
	queuetest.Answer(w, authclient.Tokens{AccessToken: access, TokenType: "Bearer", ExpiresIn: int(i.life.Seconds()), RefreshToken: next})
}

func (i *identity) logout(w http.ResponseWriter, r *http.Request) {
	i.logouts++
	session := i.bearer(r).Session
	maps.DeleteFunc(i.current, func(_ string, c auth.Claims) bool { return c.Session == session })
	w.WriteHeader(http.StatusNoContent)
}

func (i *identity) bearer(r *http.Request) auth.Claims {
	return i.granted[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
}

// users answers those who manage users. It has none but who asks.
func (i *identity) users(w http.ResponseWriter, r *http.Request) {
	who := i.bearer(r)
	switch {
	case !strings.Contains(who.Scope, string(auth.UsersWrite)):
		refuse(w, problem.New(problem.Forbidden, "this needs the right users:write, which the token does not have"))
	case r.Method == http.MethodGet:
		queuetest.Answer(w, authclient.Users{Users: []authclient.User{{ID: who.Subject, Username: who.Name, Roles: who.Roles, CreatedAt: time.Now()}}})
	case r.Method == http.MethodPost:
		var asked authclient.NewUser
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			i.t.Error(err)
		}
		if len(asked.Roles) == 0 {
			refuse(w, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/roles", Detail: "must have at least 1 item"}))
			return
		}
		queuetest.Answer(w, authclient.AddedUser{User: authclient.User{Username: asked.Username, Roles: asked.Roles}, Password: "GENERATED"})
	default:
		queuetest.Answer(w, authclient.User{})
	}
}

// tokens keeps personal access tokens. It does not check their scopes, but that there are some.
func (i *identity) tokens(w http.ResponseWriter, r *http.Request) {
	who := i.bearer(r).Subject
	switch r.Method {
	case http.MethodGet:
		queuetest.Answer(w, authclient.PersonalTokens{Tokens: append([]authclient.PersonalToken{}, i.made[who]...), Most: 50, Life: 366 * 24 * 60 * 60})
	case http.MethodPost:
		var asked authclient.NewPersonalToken
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			i.t.Error(err)
		}
		if len(asked.Scopes) == 0 {
			refuse(w, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/scopes", Detail: "must have at least 1 item"}))
			return
		}
		made := authclient.PersonalToken{ID: uuid.NewString(), Name: asked.Name, Scopes: asked.Scopes, CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Duration(asked.ExpiresIn) * time.Second)}
		i.made[who] = append(i.made[who], made)
		queuetest.Answer(w, authclient.AddedPersonalToken{PersonalToken: made, Token: auth.Marked(auth.PersonalPrefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")})
	default:
		i.made[who] = slices.DeleteFunc(i.made[who], func(t authclient.PersonalToken) bool { return strings.HasSuffix(r.URL.Path, t.ID) })
		w.WriteHeader(http.StatusNoContent)
	}
}

// services answers those who manage service accounts. There is one, whose secret was rotated.
func (i *identity) services(w http.ResponseWriter, r *http.Request) {
	account := authclient.Service{Name: "exporter", Scopes: []auth.Scope{auth.ResultsRead}, CreatedAt: time.Now(), ChangedAt: time.Now(), UsedAt: time.Now(),
		Previous: &authclient.PreviousSecret{Until: time.Now().Add(time.Hour)}}
	body, _ := io.ReadAll(r.Body)
	switch {
	case !strings.Contains(i.bearer(r).Scope, string(auth.UsersWrite)):
		refuse(w, problem.New(problem.Forbidden, "this needs the right users:write, which the token does not have"))
		return
	case r.Method == http.MethodGet:
		queuetest.Answer(w, authclient.Services{Services: []authclient.Service{account}})
		return
	case r.Method == http.MethodPost && strings.Contains(string(body), `"scopes":[]`):
		refuse(w, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/scopes", Detail: "must have at least 1 item"}))
		return
	case r.Method == http.MethodPost:
		queuetest.Answer(w, authclient.ServiceSecret{Service: account, Secret: "flcs_SECRET"})
	default:
		queuetest.Answer(w, account)
	}
	i.changed = append(i.changed, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
}

// end ends all sessions, as when their user is removed.
func (i *identity) end() {
	i.with(func() {
		for _, claims := range i.current {
			i.issuer.End(claims)
		}
		clear(i.current)
	})
}

// world is a data service with its console, and stand-ins for the others.
type world struct {
	testing.TB
	url      string
	door     *serve.Door
	console  *Console
	identity *identity
	queue    *queuetest.Queue
	store    *store.Store
	pool     *pgxpool.Pool
	log      *servetest.Log
}

func newWorld(t testing.TB) *world {
	t.Helper()
	issuer := authtest.New(t)
	w := &world{TB: t, identity: newIdentity(t, issuer), queue: queuetest.New(t), log: &servetest.Log{}}
	log := w.log.Logger()
	w.door = serve.NewDoor(serve.Config{Name: "frontend", Version: "test", Log: log})
	verifier := auth.NewRemote(issuer.URL, nil, auth.DefaultIssuer, auth.Frontend, serve.Source, log)
	ctx, stop := context.WithCancel(context.Background())
	w.console = New(w.door, Config{Verifier: verifier, Identity: w.identity.url, Own: auth.Static("token of the data service"), Queue: w.queue.URL(), Version: "test", Idle: time.Hour, Log: log})
	operations := api.Register(w.door, verifier, log, api.Limits{Upload: 1 << 20, UploadTime: time.Minute})
	w.console.Register()
	w.pool = pgtest.Open(t, store.Migrations())
	w.store = store.New(w.pool)
	w.console.Attach(w.store)
	files, err := archive.Open(t.TempDir(), 4)
	if err != nil {
		t.Fatal(err)
	}
	hub := events.NewHub(w.store, log)
	var background sync.WaitGroup
	background.Go(func() { verifier.Run(ctx) })
	background.Go(func() { hub.Run(ctx) })
	t.Cleanup(func() { stop(); background.Wait() })
	operations.Attach(api.Backend{Store: w.store, Archive: files, Events: hub,
		Rights: func(context.Context, string) ([]auth.Scope, error) { return auth.Manager.Scopes(), nil },
		Sender: webhook.NewSender(egress.Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}, nil),
		Relay:  relay.New(w.store, w.queue.Client(), log, w.door.Metrics)})
	server := httptest.NewServer(w.door.Router)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() }) // a browser follows events until then
	w.url = server.URL
	return w
}

// browser sends requests as a browser does: it keeps cookies, says which site caused a
// request, and shows the answer of each, without following it.
type browser struct {
	w    *world
	http *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	return &browser{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// shown is an answer.
type shown struct {
	status int
	header http.Header
	to     string // where it redirects
	text   string
}

func (b *browser) send(method, path string, body io.Reader, pairs ...string) shown {
	b.w.Helper()
	req, err := http.NewRequestWithContext(b.w.Context(), method, b.w.url+path, body)
	if err != nil {
		b.w.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(pairs); i += 2 {
		if req.Header.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			req.Header.Del(pairs[i])
		}
	}
	resp, err := b.http.Do(req)
	if err != nil {
		b.w.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.w.Fatal(err)
	}
	return shown{resp.StatusCode, resp.Header, resp.Header.Get("Location"), string(text)}
}

func (b *browser) get(path string, pairs ...string) shown {
	b.w.Helper()
	return b.send(http.MethodGet, path, nil, pairs...)
}

func (b *browser) post(path string, form url.Values, pairs ...string) shown {
	b.w.Helper()
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, pairs...)...)
}

// want ends the test unless an answer has the status and the texts.
func (b *browser) want(got shown, status int, texts ...string) shown {
	b.w.Helper()
	if got.status != status {
		b.w.Fatalf("got %d to %q, want %d:\n%s\n%s", got.status, got.to, status, inner(got.text), b.w.log)
	}
	for _, text := range texts {
		if !strings.Contains(got.text, text) {
			b.w.Errorf("the page lacks %q:\n%s", text, inner(got.text))
		}
	}
	return got
}

// inner is the part of a page that differs from others.
func inner(text string) string {
	if at := strings.Index(text, "<main"); at >= 0 {
		text = text[at:strings.LastIndex(text, "</main>")]
	}
	return text
}

// as returns a browser in which somebody with a role is signed in.
func (w *world) as(role auth.Role) *browser {
	w.Helper()
	b := w.browser()
	b.want(b.post("/sign-in", url.Values{"username": {string(role)}, "password": {password}}), http.StatusSeeOther)
	return b
}

const prices = "unique_id,ds,y\nDAX,2024-01-01,10\nDAX,2024-01-02,11\nDAX,2024-01-03,12\nFTSE,2024-01-01,5\nFTSE,2024-01-02,6\nFTSE,2024-01-03,7\n"

// data is the API, for what a test needs before it begins.
func (w *world) data() *client.Client {
	return client.New(w.url, nil, auth.Static(w.identity.issuer.Token(auth.Administrator)))
}

func (w *world) upload(name, text string) {
	w.Helper()
	if _, err := w.data().UploadDataset(w.Context(), name, strings.NewReader(text), "text/csv", client.Reading{}); err != nil {
		w.Fatal(err)
	}
}

// submit submits a job, which stays in the outbox.
func (w *world) submit(spec job.Spec) job.ID {
	w.Helper()
	j, err := w.data().CreateJob(w.Context(), spec, "")
	if err != nil {
		w.Fatal(err)
	}
	return j.ID
}

// finish ends a job with an answer.
func (w *world) finish(id job.ID, a job.Answer) {
	w.Helper()
	if err := w.finishRun(id, 1, a); err != nil {
		w.Fatal(err)
	}
}

// finishRun ends a run of a job.
func (w *world) finishRun(id job.ID, run int, a job.Answer) error {
	a.Job = id
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return w.store.End(w.Context(), store.Outcome{Job: id, Run: run, State: a.State, Answer: text, Error: a.Error})
}

func spec(assets ...string) job.Spec {
	return job.Spec{Dataset: "prices", Assets: assets, Horizon: 2}.Defaulted()
}
