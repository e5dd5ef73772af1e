package authsvc

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/authsvc/token"
	"foliocast/internal/audit/trail"
	"foliocast/internal/auth"
	"foliocast/internal/certs"
	"foliocast/internal/serve"
)

// config holds the settings of the program; authsvc --help lists them.
type config struct {
	Listen         string        `env:"LISTEN" envDefault:"127.0.0.1:5000" help:"address and port to listen on, or fd:N for a listening socket that is inherited as descriptor N"`
	StopNotice     time.Duration `env:"STOP_NOTICE" envDefault:"3s" help:"time for which the service, once told to stop, still takes requests while /readyz answers 503, so that a balancer notices"`
	DatabaseURL    string        `env:"DATABASE_URL" fallback:"DATABASE_URL" secret:"true" help:"PostgreSQL to use, as postgres://user:password@host:port/database; required"`
	Issuer         string        `env:"ISSUER" envDefault:"http://127.0.0.1:5000" help:"name of this service in tokens, a URL; must be the same for every service"`
	AdminFile      string        `env:"ADMIN_FILE" help:"file for the first administrator's name and password, as JSON, mode 0600; when it is not set, they are printed once on a terminal, and nowhere else"`
	KeyAge         time.Duration `env:"KEY_AGE" envDefault:"24h" help:"how long a signing key is used, at least 30m"`
	AccessLife     time.Duration `env:"ACCESS_LIFE" envDefault:"10m" help:"how long an access token is valid, 1s to 10m; clients renew theirs"`
	TokenLife      time.Duration `env:"TOKEN_LIFE" envDefault:"8784h" help:"longest life of a personal access token, at least 1h; the default is 366 days"`
	UserTokens     int           `env:"USER_TOKENS" envDefault:"50" help:"number of personal access tokens that a user may have"`
	KeyFile        string        `env:"KEY_ENCRYPTION_FILE" help:"file with the key under which the signing keys are encrypted in the database; it is made, with mode 0600, when it does not exist; when it is not set, they are not encrypted"`
	MaxConns       int32         `env:"DATABASE_CONNECTIONS" envDefault:"10" help:"maximum number of connections to PostgreSQL"`
	AuditKeep      time.Duration `env:"AUDIT_KEEP" envDefault:"9600h" help:"how long events stay in the audit trail, at least 720h, which is 30 days"`
	TrustedProxies serve.Proxies `env:"TRUSTED_PROXIES" help:"networks of the proxies that may name their client in X-Forwarded-For, as in 10.0.0.0/8,192.0.2.7; none when it is not set"`
	Requests       int           `env:"MAX_REQUESTS" envDefault:"256" help:"maximum number of requests in flight of one user, or of one address without a token"`
	MetricsToken   string        `env:"METRICS_TOKEN" secret:"true" help:"token of at least 16 characters that a scrape of /metrics sends as Authorization: Bearer; the metrics are off when it is not set"`
	LogLevel       slog.Level    `env:"LOG_LEVEL" envDefault:"INFO" help:"lowest level that is logged: DEBUG, INFO, WARN or ERROR"`

	certs.Server
}

// Validate reports every setting that is invalid.
func (c *config) Validate() error {
	var errs []error
	if c.DatabaseURL == "" {
		errs = append(errs, errors.New("FOLIOCAST_DATABASE_URL is required: it is the PostgreSQL to use, as postgres://user:password@host:port/database"))
	} else if _, err := pgxpool.ParseConfig(c.DatabaseURL); err != nil { // whose text may have the password
		errs = append(errs, errors.New("FOLIOCAST_DATABASE_URL is not the address of a PostgreSQL database"))
	}
	if u, err := url.Parse(c.Issuer); err != nil || u.Scheme == "" || u.Host == "" {
		errs = append(errs, errors.New("FOLIOCAST_ISSUER must be a URL, as in "+auth.DefaultIssuer))
	}
	if c.KeyAge < 30*time.Minute {
		errs = append(errs, errors.New("FOLIOCAST_KEY_AGE must be at least 30m: a key is published for some time before it is used"))
	}
	if c.AccessLife < time.Second || c.AccessLife > token.AccessLife {
		errs = append(errs, errors.New("FOLIOCAST_ACCESS_LIFE must be 1s to 10m: sessions that ended are named for some longer time"))
	}
	if c.TokenLife < time.Hour {
		errs = append(errs, errors.New("FOLIOCAST_TOKEN_LIFE must be at least 1h"))
	}
	if c.UserTokens < 1 {
		errs = append(errs, errors.New("FOLIOCAST_USER_TOKENS must be at least 1"))
	}
	if c.StopNotice < 0 {
		errs = append(errs, errors.New("FOLIOCAST_STOP_NOTICE must not be negative"))
	}
	if c.AuditKeep < trail.MinKeep {
		errs = append(errs, errors.New("FOLIOCAST_AUDIT_KEEP must be at least 720h"))
	}
	if c.MaxConns < 1 {
		errs = append(errs, errors.New("FOLIOCAST_DATABASE_CONNECTIONS must be at least 1"))
	}
	if c.MetricsToken != "" && len(c.MetricsToken) < serve.MinMetricsToken {
		errs = append(errs, fmt.Errorf("FOLIOCAST_METRICS_TOKEN must have at least %d characters", serve.MinMetricsToken))
	}
	if c.Requests < 1 {
		errs = append(errs, errors.New("FOLIOCAST_MAX_REQUESTS must be at least 1"))
	}
	return errors.Join(append(errs, c.Server.Check())...)
}

// policy is the rotation of signing keys.
func (c *config) policy() token.Policy {
	p := token.DefaultPolicy()
	p.Age = c.KeyAge
	return p
}
