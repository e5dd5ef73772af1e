package queue

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/audit/trail"
	"foliocast/internal/certs"
	"foliocast/internal/serve"
	"foliocast/queue/store"
)

// Config holds the settings of the service, read from variables that begin with
// FOLIOCAST_.
type Config struct {
	Listen         string        `env:"LISTEN" envDefault:"127.0.0.1:7500" help:"address to listen on, or fd:N for a listening socket that is inherited as descriptor N"`
	StopNotice     time.Duration `env:"STOP_NOTICE" envDefault:"3s" help:"time for which the service, once told to stop, still takes requests while /readyz answers 503, so that a balancer notices"`
	DatabaseURL    string        `env:"DATABASE_URL" fallback:"DATABASE_URL" secret:"true" help:"PostgreSQL to keep messages in, in its own schema, queue"`
	Connections    int32         `env:"DATABASE_CONNECTIONS" envDefault:"8" help:"maximum number of connections to the database; one more listens for notifications"`
	AuthURL        string        `env:"AUTH_URL" envDefault:"http://127.0.0.1:5000" help:"identity service whose keys sign the access tokens"`
	Issuer         string        `env:"ISSUER" envDefault:"http://127.0.0.1:5000" help:"issuer that access tokens must name"`
	TrustedProxies serve.Proxies `env:"TRUSTED_PROXIES" help:"networks of the proxies that may name their client in X-Forwarded-For, as in 10.0.0.0/8,192.0.2.7; none when it is not set"`
	Requests       int           `env:"MAX_REQUESTS" envDefault:"1024" help:"maximum number of requests in flight of one service account or user, or of one address without a token"`
	Bodies         int64         `env:"MAX_BODIES" envDefault:"67108864" help:"maximum sum of the sizes of bodies in flight in bytes"`
	MetricsToken   string        `env:"METRICS_TOKEN" secret:"true" help:"token of at least 16 characters that a scrape of /metrics sends as Authorization: Bearer; the metrics are off when it is not set"`
	AuditKeep      time.Duration `env:"AUDIT_KEEP" envDefault:"9600h" help:"how long events stay in the audit trail, at least 720h, which is 30 days"`
	LogLevel       slog.Level    `env:"LOG_LEVEL" envDefault:"INFO" help:"lowest level that is logged: DEBUG, INFO, WARN or ERROR"`
	Lease          time.Duration `env:"LEASE" envDefault:"30s" help:"time that a lease lasts without a heartbeat"`
	MaxAttempts    int           `env:"MAX_ATTEMPTS" envDefault:"3" help:"number of leases without a result after which a message is dead"`
	BackOff        time.Duration `env:"BACK_OFF" envDefault:"1s" help:"wait after the first failed attempt; it doubles with each further one"`
	MaxBackOff     time.Duration `env:"MAX_BACK_OFF" envDefault:"1m" help:"longest wait between two attempts"`
	Retention      time.Duration `env:"RETENTION" envDefault:"720h" help:"time that ended messages, their results and their keys are kept; 0 means forever"`
	Unread         time.Duration `env:"UNREAD_RETENTION" envDefault:"720h" help:"time beyond RETENTION that results are kept for a reader that has not read them"`

	certs.Server
	certs.Client

	schema string // set by tests; "" means the service's own
}

// Validate returns a sentence about each invalid setting.
func (c *Config) Validate() error {
	var errs []error
	need := func(ok bool, sentence string) {
		if !ok {
			errs = append(errs, errors.New(sentence))
		}
	}
	need(c.Listen != "", "FOLIOCAST_LISTEN must be an address such as 127.0.0.1:7500")
	need(c.StopNotice >= 0, "FOLIOCAST_STOP_NOTICE must not be negative")
	need(c.DatabaseURL != "", "FOLIOCAST_DATABASE_URL must be set, as in postgres://user@host:5432/database")
	_, err := pgxpool.ParseConfig(c.DatabaseURL)
	need(err == nil, "FOLIOCAST_DATABASE_URL is not the address of a PostgreSQL database")
	need(c.AuditKeep >= trail.MinKeep, "FOLIOCAST_AUDIT_KEEP must be at least 720h")
	need(c.Connections >= 2, "FOLIOCAST_DATABASE_CONNECTIONS must be at least 2")
	u, err := url.Parse(c.AuthURL)
	need(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", "FOLIOCAST_AUTH_URL must be an address such as http://127.0.0.1:5000")
	need(c.Issuer != "", "FOLIOCAST_ISSUER must not be empty")
	need(c.MetricsToken == "" || len(c.MetricsToken) >= serve.MinMetricsToken, fmt.Sprintf("FOLIOCAST_METRICS_TOKEN must have at least %d characters", serve.MinMetricsToken))
	need(c.Requests >= 1, "FOLIOCAST_MAX_REQUESTS must be at least 1")
	need(c.Bodies >= 1, "FOLIOCAST_MAX_BODIES must be at least 1")
	need(c.Lease >= time.Second, "FOLIOCAST_LEASE must be at least 1s")
	need(c.MaxAttempts >= 1, "FOLIOCAST_MAX_ATTEMPTS must be at least 1")
	need(c.BackOff >= 0, "FOLIOCAST_BACK_OFF must not be negative")
	need(c.MaxBackOff >= c.BackOff, fmt.Sprintf("FOLIOCAST_MAX_BACK_OFF must be at least FOLIOCAST_BACK_OFF, %v", c.BackOff))
	need(c.Retention >= 0, "FOLIOCAST_RETENTION must not be negative")
	need(c.Unread >= 0, "FOLIOCAST_UNREAD_RETENTION must not be negative")
	return errors.Join(append(errs, c.Server.Check(), c.Client.Check())...)
}

// policy returns the settings of the store.
func (c *Config) policy() store.Policy {
	return store.Policy{Lease: c.Lease, MaxAttempts: c.MaxAttempts, BackOff: c.BackOff, MaxBackOff: c.MaxBackOff, Retention: c.Retention, Unread: c.Unread}
}
