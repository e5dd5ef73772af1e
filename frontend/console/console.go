// Package console is the web console of the data service: pages that work without scripts,
// which improve them. A page asks the service's own API in the name of who is signed in,
// and shows what it says: the package has no SQL, no validation and no rights of its own. The
// identity service checks passwords; the console keeps what it gives in sessions.
package console

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/serve"
)

// Config says what the console needs.
type Config struct {
	Verifier *auth.Verifier    // of access tokens for this service
	Identity string            // address of the identity service
	Own      auth.TokenSource  // of the data service's tokens for the identity service
	Queue    string            // address of the message service
	Version  string            // of the program
	Others   http.RoundTripper // keeps connections to both open
	Idle     time.Duration     // after which a session ends without use
	Log      *slog.Logger
}

// Console is the web console of one data service.
type Console struct {
	config   Config
	door     *serve.Door
	sessions *sessions
	assets   *assets
	pages    *pages
	worlds   *worlds
	streams  serve.Tally // of the worlds
}

// New returns a console behind a door. It lets browsers use the operations that are
// registered at the door after it with the cookie of their session.
func New(d *serve.Door, config Config) *Console {
	if config.Others == nil {
		config.Others = http.DefaultTransport.(*http.Transport).Clone()
	}
	c := &Console{config: config, door: d, sessions: newSessions(config), assets: newAssets(), worlds: newWorlds()}
	c.pages = newPages(c.assets)
	d.Router.Use(c.admit)
	return c
}

// Attach gives the console the store of its sessions. Until then its pages say that the
// service is starting.
func (c *Console) Attach(s *store.Store) { c.sessions.store.Store(s) }

// Life is how long the sessions of the console last.
func (c *Console) Life() store.ConsoleLife { return c.sessions.life }

// Register adds the pages to the door.
func (c *Console) Register() {
	c.door.Router.NoRoute(c.elsewhere)
	get := func(path string, show func(*visit) error) {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			c.door.Router.Handle(method, path, c.page(show))
		}
	}
	post := func(path string, do func(*visit) error) { c.door.Router.POST(path, c.page(do)) }
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		c.door.Router.Handle(method, "/static/:build/*name", c.assets.serve)
	}
	c.registerSession()
	get("/jobs", showJobs)
	get("/jobs/new", newJob)
	post("/jobs/new", submitJob)
	get("/jobs/change", confirmChange)
	post("/jobs/change", changeJobs)
	get("/jobs/:id", showJob)
	get("/jobs/:id/:file", download)
	post("/jobs/:id/cancel", cancelJob)
	post("/jobs/:id/retry", retryJob)
	post("/jobs/:id/remove", removeJob)
	get("/datasets", showDatasets)
	post("/datasets", upload)
	get("/datasets/:name", showDataset)
	get("/datasets/:name/remove", confirmRemoveDataset)
	post("/datasets/:name/remove", removeDataset)
	get("/queues", showQueues)
	post("/queues", addQueue)
	get("/queues/add", confirmAddQueue)
	post("/queues/:name", changeQueue)
	get("/queues/:name/remove", confirmRemoveQueue)
	post("/queues/:name/remove", removeQueue)
	post("/dead", changeDead)
	get("/workers", showWorkers)
	get("/workers/events", followWorkers)
	get("/tokens", showTokens)
	post("/tokens", addToken)
	post("/tokens/:id", endToken)
	get("/webhooks", showWebhooks)
	post("/webhooks", addWebhook)
	get("/webhooks/:name", showWebhook)
	post("/webhooks/:name", changeWebhook)
	get("/services", showServices)
	post("/services", addService)
	post("/services/:name", changeService)
	get("/audit", showAudit)
	get("/users", showUsers)
	post("/users", addUser)
	post("/users/:name", changeUser)
}

// elsewhere answers a request for a path that does not exist: a browser gets a page.
func (c *Console) elsewhere(g *gin.Context) {
	if !wantsPage(g.Request) || isAPI(g.Request.URL.Path) {
		c.door.NotFound(g)
		return
	}
	c.page(func(*visit) error { return errNoPage })(g)
}
