package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/frontend/archive"
	"foliocast/frontend/client"
	"foliocast/frontend/egress"
	"foliocast/frontend/events"
	"foliocast/frontend/queuetest"
	"foliocast/frontend/relay"
	"foliocast/frontend/source"
	"foliocast/frontend/store"
	"foliocast/frontend/webhook"
	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// The media types of uploads and files.
const (
	csvMedia       = "text/csv"
	parquetMedia   = "application/vnd.apache.parquet"
	arrowFileMedia = "application/vnd.apache.arrow.file"
)

// service is a whole data service, with a message service in memory.
type service struct {
	testing.TB
	url     string
	door    *serve.Door
	api     *API
	issuer  *authtest.Issuer
	queue   *queuetest.Queue
	store   *store.Store
	archive *archive.Archive
	log     *servetest.Log
	pool    *pgxpool.Pool
	data    string // the archive's directory
	token   string // with every scope of a person
}

// newService starts a service without the relay's loops.
func newService(t testing.TB) *service {
	t.Helper()
	return newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute})
}

func newServiceWith(t testing.TB, limits Limits) *service {
	t.Helper()
	return newServiceBehind(t, limits, serve.Pace{})
}

// newServiceBehind starts a service whose door holds its callers to a pace.
func newServiceBehind(t testing.TB, limits Limits, pace serve.Pace) *service {
	t.Helper()
	s := &service{TB: t, data: t.TempDir(), issuer: authtest.New(t), queue: queuetest.New(t), log: &servetest.Log{}}
	s.token = s.issuer.Token(auth.Administrator)
	log := s.log.Logger()
	s.door = serve.NewDoor(serve.Config{Name: "frontend", Version: "test", Log: log, Pace: pace})
	s.api = Register(s.door, s.issuer.Verifier(), log, limits)
	var err error
	s.pool = pgtest.Open(t, store.Migrations())
	s.store = store.New(s.pool)
	if s.archive, err = archive.Open(s.data, 4); err != nil {
		t.Fatal(err)
	}
	local := egress.Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	s.api.Attach(Backend{Store: s.store, Archive: s.archive, Events: events.NewHub(s.store, log),
		Sender: webhook.NewSender(local, nil), Fetcher: source.New(local, nil),
		Rights: func(context.Context, string) ([]auth.Scope, error) { return auth.Manager.Scopes(), nil },
		Relay:  relay.New(s.store, s.queue.Client(), log, s.door.Metrics)})
	server := httptest.NewServer(s.door.Router)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// as returns a client with the scopes of the grants.
func (s *service) as(grants ...auth.Grant) *client.Client {
	return client.New(s.url, nil, auth.Static(s.issuer.Token(grants...)))
}

// answer is the response to a request that no client sends.
type answer struct {
	status  int
	header  http.Header
	body    string
	problem *problem.Problem // nil for a success
}

// send sends a request with every scope; pairs are header names and values.
func (s *service) send(method, path, body string, pairs ...string) answer {
	s.Helper()
	return s.sendReader(method, path, strings.NewReader(body), pairs...)
}

func (s *service) sendReader(method, path string, body io.Reader, pairs ...string) answer {
	s.Helper()
	resp, text := servetest.Send(s.TB, method, s.url+path, body, append([]string{"Authorization", "Bearer " + s.token}, pairs...)...)
	a := answer{status: resp.StatusCode, header: resp.Header, body: text}
	if resp.StatusCode >= 400 {
		if err := json.Unmarshal([]byte(text), &a.problem); err != nil || a.problem.Status != resp.StatusCode || a.problem.Detail == "" {
			s.Errorf("%s %s: got %d with %q, which is not a problem", method, path, resp.StatusCode, text)
			a.problem = &problem.Problem{}
		}
	}
	return a
}

// pointers lists what a problem points at.
func (a answer) pointers() (all []string) {
	if a.problem != nil {
		for _, f := range a.problem.Faults {
			all = append(all, f.Pointer)
		}
	}
	return all
}

const smallCSV = "unique_id,ds,y\nDAX,2024-01-01,10\nDAX,2024-01-02,11\nDAX,2024-01-03,12\nFTSE,2024-01-01,5\nFTSE,2024-01-02,6\nFTSE,2024-01-03,7\n"

// upload adds a version of a dataset.
func (s *service) upload(name, csv string) client.Version {
	s.Helper()
	d, err := s.as(auth.Secretary).UploadDataset(s.Context(), name, strings.NewReader(csv), csvMedia, client.Reading{})
	if err != nil {
		s.Fatal(err)
	}
	return d
}
