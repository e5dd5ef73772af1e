package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"foliocast/internal/certs"
)

// Config is the settings of serve, read from variables that begin with FOLIOCAST_ at rank 0. The other ranks need none.
type Config struct {
	AuthURL      string        `env:"AUTH_URL" envDefault:"http://127.0.0.1:5000" help:"identity service that gives this worker its tokens"`
	QueueURL     string        `env:"QUEUE_URL" envDefault:"http://127.0.0.1:7500" help:"message service to lease jobs from"`
	FrontendURL  string        `env:"FRONTEND_URL" envDefault:"http://127.0.0.1:8080" help:"data service to fetch datasets from"`
	ClientID     string        `env:"CLIENT_ID" help:"service account of this worker"`
	ClientSecret string        `env:"CLIENT_SECRET" secret:"true" help:"secret of that account"`
	ClientFile   string        `env:"CLIENT_FILE" help:"JSON file with both, as authsvc service add prints them, in place of the two; only its owner may have access"`
	Lineage      string        `env:"LINEAGE" help:"name shared by worlds that replace each other and never run at the same time: each takes over its predecessors' jobs at once; up to 160 printable ASCII characters, no space and no #"`
	DataDir      string        `env:"DATA_DIR" help:"the data service's directory of datasets, if this machine can read it: datasets are then mapped from there instead of being fetched"`
	CacheDir     string        `env:"CACHE_DIR" help:"directory for fetched datasets; when it is not set, foliocast in the user's cache directory; nobody else may own it, nor everybody write into it"`
	CacheBytes   int64         `env:"CACHE_BYTES" envDefault:"10737418240" help:"bytes that fetched datasets may take; the least recently used are deleted first"`
	ReadyFile    string        `env:"READY_FILE" help:"file to write, as JSON, once all ranks have joined and jobs are leased; rank 0 touches it each second and removes it at the end"`
	StuckAfter   time.Duration `env:"STUCK_AFTER" envDefault:"10m" help:"time after which a world ends itself when a rank has not answered: more than the longest fit of one series takes"`
	SaveEvery    time.Duration `env:"SAVE_EVERY" envDefault:"10s" help:"how often the answers to a job that takes longer are saved at the message service, so that another world goes on from them when this one ends; 0s saves none"`
	Metrics      string        `env:"METRICS_LISTEN" help:"address at which rank 0 serves its metrics, as in 127.0.0.1:9105; it serves none when it is not set"`
	MetricsToken string        `env:"METRICS_TOKEN" secret:"true" help:"token of at least 16 characters that a scrape of /metrics sends as Authorization: Bearer; needed with METRICS_LISTEN"`
	LogLevel     slog.Level    `env:"LOG_LEVEL" envDefault:"INFO" help:"lowest level that is logged: DEBUG, INFO, WARN or ERROR"`

	certs.Client
}

// lineage matches what a worker's name may begin with. A name has 200 characters at most.
var lineage = regexp.MustCompile(`^[!"$-~]{0,160}$`)

// Validate reports every setting that is invalid.
func (c *Config) Validate() error {
	var errs []error
	for _, u := range []struct{ name, value string }{
		{"FOLIOCAST_AUTH_URL", c.AuthURL}, {"FOLIOCAST_QUEUE_URL", c.QueueURL}, {"FOLIOCAST_FRONTEND_URL", c.FrontendURL},
	} {
		parsed, err := url.Parse(u.value)
		if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
			errs = append(errs, errors.New(u.name+" must be an address such as http://127.0.0.1:7500"))
		}
	}
	switch named := c.ClientID != "" && c.ClientSecret != ""; {
	case c.ClientFile == "" && !named:
		errs = append(errs, errors.New("FOLIOCAST_CLIENT_ID and FOLIOCAST_CLIENT_SECRET must name a service account: authsvc service add makes one"))
	case c.ClientFile != "" && (c.ClientID != "" || c.ClientSecret != ""):
		errs = append(errs, errors.New("FOLIOCAST_CLIENT_FILE takes the place of FOLIOCAST_CLIENT_ID and FOLIOCAST_CLIENT_SECRET: set one or the other"))
	}
	if !lineage.MatchString(c.Lineage) {
		errs = append(errs, errors.New("FOLIOCAST_LINEAGE must be at most 160 printable ASCII characters without spaces and without #"))
	}
	if c.Metrics != "" && len(c.MetricsToken) < minMetricsToken {
		errs = append(errs, fmt.Errorf("FOLIOCAST_METRICS_LISTEN needs a FOLIOCAST_METRICS_TOKEN of at least %d characters", minMetricsToken))
	}
	if c.StuckAfter < time.Second {
		errs = append(errs, errors.New("FOLIOCAST_STUCK_AFTER must be at least 1s"))
	}
	if c.SaveEvery < 0 {
		errs = append(errs, errors.New("FOLIOCAST_SAVE_EVERY must not be negative"))
	}
	if c.CacheBytes < 0 {
		errs = append(errs, errors.New("FOLIOCAST_CACHE_BYTES must not be negative"))
	}
	return errors.Join(append(errs, c.Client.Check())...)
}

// cacheDir is the directory for fetched datasets. Without a home it is one of this user's own among temporary files, where
// everybody may make directories.
func (c *Config) cacheDir() string {
	if c.CacheDir != "" {
		return c.CacheDir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("foliocast-%d", os.Geteuid()))
	}
	return filepath.Join(dir, "foliocast")
}
