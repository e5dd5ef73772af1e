package frontend

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
)

// Config is the settings of the service, read from variables that begin with
// FOLIOCAST_.
type Config struct {
	Listen          string        `env:"LISTEN" envDefault:"127.0.0.1:8080" help:"address to listen on, or fd:N for a listening socket that is inherited as descriptor N"`
	StopNotice      time.Duration `env:"STOP_NOTICE" envDefault:"3s" help:"time for which the service, once told to stop, still takes requests while /readyz answers 503, so that a balancer notices"`
	DatabaseURL     string        `env:"DATABASE_URL" fallback:"DATABASE_URL" secret:"true" help:"PostgreSQL to keep jobs in, in its own schema, frontend"`
	Connections     int32         `env:"DATABASE_CONNECTIONS" envDefault:"10" help:"maximum number of connections to the database; one more listens for notifications"`
	AuthURL         string        `env:"AUTH_URL" envDefault:"http://127.0.0.1:5000" help:"identity service whose keys sign the access tokens"`
	Issuer          string        `env:"ISSUER" envDefault:"http://127.0.0.1:5000" help:"issuer that access tokens must name"`
	QueueURL        string        `env:"QUEUE_URL" envDefault:"http://127.0.0.1:7500" help:"message service that takes the jobs"`
	ClientID        string        `env:"CLIENT_ID" envDefault:"frontend" help:"service account for the message service"`
	ClientSecret    string        `env:"CLIENT_SECRET" secret:"true" help:"secret of the service account, as authsvc service add prints it"`
	DataDir         string        `env:"DATA_DIR" envDefault:"data" help:"directory for the datasets' files, shared by all processes of this service"`
	OpenDatasets    int           `env:"OPEN_DATASETS" envDefault:"32" help:"number of datasets kept open for checking jobs"`
	MaxUpload       int64         `env:"MAX_UPLOAD" envDefault:"268435456" help:"maximum size of a dataset's file in bytes"`
	MaxMapped       int64         `env:"MAX_MAPPED" envDefault:"1073741824" help:"the same for a file in the Arrow form that mpicalc convert writes, which is mapped and takes little memory"`
	ReadMemory      int64         `env:"READ_MEMORY" envDefault:"268435456" help:"memory in bytes that all uploads together may take while they are read; one may take three quarters, and others wait for a while"`
	MaxUploads      int           `env:"MAX_UPLOADS" envDefault:"32" help:"number of files that may be sent or read at once"`
	UserUploads     int           `env:"USER_UPLOADS" envDefault:"4" help:"the same of one user"`
	UserJobs        int           `env:"USER_JOBS" envDefault:"100000" help:"number of jobs that a user may have queued and running"`
	UserSchedules   int           `env:"USER_SCHEDULES" envDefault:"100" help:"number of schedules that a user may have"`
	UserWebhooks    int           `env:"USER_WEBHOOKS" envDefault:"20" help:"number of webhooks that a user may have"`
	WebhookHTTP     bool          `env:"WEBHOOK_HTTP" help:"let webhooks send to addresses that begin with http://, without TLS"`
	WebhookNetworks serve.Proxies `env:"WEBHOOK_NETWORKS" help:"networks that webhooks may send to although they are not public, as in 10.0.0.0/8,192.168.1.7; none when it is not set"`
	MaxStreams      int           `env:"MAX_STREAMS" envDefault:"1000" help:"number of streams of events that may be open at once"`
	UserStreams     int           `env:"USER_STREAMS" envDefault:"50" help:"the same of one user"`
	UserBytes       int64         `env:"USER_BYTES" envDefault:"107374182400" help:"bytes that the datasets of a user may take"`
	UploadTime      time.Duration `env:"UPLOAD_TIME" envDefault:"6h" help:"longest time that an upload may take; it must also bring 4 KiB per second, and never pause for 15s"`
	ImportHTTP      bool          `env:"IMPORT_HTTP" help:"let datasets be imported from addresses that begin with http://, without TLS"`
	ImportNetworks  serve.Proxies `env:"IMPORT_NETWORKS" help:"networks that datasets may be imported from although they are not public, as in 10.0.0.0/8,192.168.1.7; none when it is not set"`
	ImportTime      time.Duration `env:"IMPORT_TIME" envDefault:"15m" help:"longest time that a source may take to send a file; it must also answer within 30s, and never pause for 15s"`
	KeepJobs        time.Duration `env:"KEEP_JOBS" help:"how long jobs that have ended are kept, with their results, as in 720h; for ever when it is not set"`
	KeepVersions    int           `env:"KEEP_VERSIONS" help:"number of the newest versions of each dataset that are kept; all when it is not set. A version that a job in flight uses stays"`
	KeepEvents      time.Duration `env:"KEEP_EVENTS" envDefault:"168h" help:"how long events of jobs, datasets and schedules are kept, for streams that go on where they were"`
	KeepDryRun      bool          `env:"KEEP_DRY_RUN" help:"remove nothing of that, and only log what would be removed"`
	AuditKeep       time.Duration `env:"AUDIT_KEEP" envDefault:"9600h" help:"how long events stay in the audit trail, at least 720h, which is 30 days"`
	ConsoleIdle     time.Duration `env:"CONSOLE_IDLE" envDefault:"12h" help:"time without use after which a session of the web console ends, at least 15m; with use it lasts a week"`
	RateLimit       float64       `env:"RATE_LIMIT" envDefault:"5000" help:"maximum number of requests per second from one address"`
	TrustedProxies  serve.Proxies `env:"TRUSTED_PROXIES" help:"networks of the proxies that may name their client in X-Forwarded-For, as in 10.0.0.0/8,192.0.2.7; none when it is not set"`
	Requests        int           `env:"MAX_REQUESTS" envDefault:"256" help:"maximum number of requests in flight of one user, or of one address without a token"`
	Bodies          int64         `env:"MAX_BODIES" envDefault:"16777216" help:"maximum sum of the sizes of bodies in flight in bytes, without uploads, which are streamed"`
	MetricsToken    string        `env:"METRICS_TOKEN" secret:"true" help:"token of at least 16 characters that a scrape of /metrics sends as Authorization: Bearer; the metrics are off when it is not set"`
	LogLevel        slog.Level    `env:"LOG_LEVEL" envDefault:"INFO" help:"lowest level that is logged: DEBUG, INFO, WARN or ERROR"`

	certs.Server
	certs.Client

	schema string // of the database; "" for the default
}

// Validate reports every setting that is invalid.
func (c *Config) Validate() error {
	var errs []error
	need := func(ok bool, sentence string) {
		if !ok {
			errs = append(errs, errors.New(sentence))
		}
	}
	address := func(text, name, example string) {
		u, err := url.Parse(text)
		need(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", name+" must be an address such as "+example)
	}
	need(c.Listen != "", "FOLIOCAST_LISTEN must be an address such as 127.0.0.1:8080")
	need(c.StopNotice >= 0, "FOLIOCAST_STOP_NOTICE must not be negative")
	need(c.DatabaseURL != "", "FOLIOCAST_DATABASE_URL must be set, as in postgres://user@host:5432/database")
	_, err := pgxpool.ParseConfig(c.DatabaseURL)
	need(err == nil, "FOLIOCAST_DATABASE_URL is not the address of a PostgreSQL database")
	need(c.AuditKeep >= trail.MinKeep, "FOLIOCAST_AUDIT_KEEP must be at least 720h")
	need(c.Connections >= 2, "FOLIOCAST_DATABASE_CONNECTIONS must be at least 2")
	address(c.AuthURL, "FOLIOCAST_AUTH_URL", "http://127.0.0.1:5000")
	address(c.QueueURL, "FOLIOCAST_QUEUE_URL", "http://127.0.0.1:7500")
	need(c.Issuer != "", "FOLIOCAST_ISSUER must not be empty")
	need(c.ClientID != "", "FOLIOCAST_CLIENT_ID must not be empty")
	need(c.ClientSecret != "", "FOLIOCAST_CLIENT_SECRET must be set: authsvc service add prints it")
	need(c.DataDir != "", "FOLIOCAST_DATA_DIR must not be empty")
	need(c.OpenDatasets >= 1, "FOLIOCAST_OPEN_DATASETS must be at least 1")
	need(c.MaxUpload >= 1, "FOLIOCAST_MAX_UPLOAD must be at least 1")
	need(c.MaxMapped >= max(c.MaxUpload, 1), fmt.Sprintf("FOLIOCAST_MAX_MAPPED must be at least FOLIOCAST_MAX_UPLOAD, %d", c.MaxUpload))
	need(c.ReadMemory >= 1<<20, "FOLIOCAST_READ_MEMORY must be at least 1048576")
	need(c.MaxUploads >= 1, "FOLIOCAST_MAX_UPLOADS must be at least 1")
	need(c.UserUploads >= 1, "FOLIOCAST_USER_UPLOADS must be at least 1")
	need(c.UserJobs >= 1, "FOLIOCAST_USER_JOBS must be at least 1")
	need(c.UserSchedules >= 1, "FOLIOCAST_USER_SCHEDULES must be at least 1")
	need(c.UserWebhooks >= 1, "FOLIOCAST_USER_WEBHOOKS must be at least 1")
	need(c.MaxStreams >= 1, "FOLIOCAST_MAX_STREAMS must be at least 1")
	need(c.UserStreams >= 1, "FOLIOCAST_USER_STREAMS must be at least 1")
	need(c.UserBytes >= 1, "FOLIOCAST_USER_BYTES must be at least 1")
	need(c.UploadTime > 0, "FOLIOCAST_UPLOAD_TIME must be positive")
	need(c.ImportTime > 0, "FOLIOCAST_IMPORT_TIME must be positive")
	need(c.KeepJobs >= 0, "FOLIOCAST_KEEP_JOBS must not be negative")
	need(c.KeepEvents >= time.Minute, "FOLIOCAST_KEEP_EVENTS must be at least 1m")
	need(c.KeepVersions >= 0, "FOLIOCAST_KEEP_VERSIONS must not be negative")
	need(c.ConsoleIdle >= 15*time.Minute, "FOLIOCAST_CONSOLE_IDLE must be at least 15m")
	need(c.RateLimit > 0, "FOLIOCAST_RATE_LIMIT must be positive")
	need(c.MetricsToken == "" || len(c.MetricsToken) >= serve.MinMetricsToken, fmt.Sprintf("FOLIOCAST_METRICS_TOKEN must have at least %d characters", serve.MinMetricsToken))
	need(c.Requests >= 1, "FOLIOCAST_MAX_REQUESTS must be at least 1")
	need(c.Bodies >= 1, "FOLIOCAST_MAX_BODIES must be at least 1")
	return errors.Join(append(errs, c.Server.Check(), c.Client.Check())...)
}
