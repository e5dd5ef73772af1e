package foliocast

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"foliocast/foliocast/up"
	"foliocast/internal/certs"
	"foliocast/internal/cli"
)

// where holds the flags that say where the services are.
type where struct {
	url, authURL, queueURL string // flags
	caFile                 string // flag
	state                  string // flag
}

// addresses are the base URLs of the services, without a slash at the end.
type addresses struct {
	Frontend string `json:"url"`
	Auth     string `json:"auth_url"`
	Queue    string `json:"queue_url"`
	CAFile   string `json:"ca_file,omitzero"` // with the authorities to trust; empty means those of the system
}

func (w *where) flags(f *pflag.FlagSet) {
	f.StringVar(&w.url, "url", "", "address of the data service")
	f.StringVar(&w.authURL, "auth-url", "", "address of the identity service")
	f.StringVar(&w.queueURL, "queue-url", "", "address of the message service")
	f.StringVar(&w.caFile, "ca-file", "", "PEM `file` with the authorities to trust at services whose addresses begin with https://")
	f.StringVar(&w.state, "state-dir", "", "state `directory` of foliocast up")
	f.StringVar(&w.state, "state", "", "short for --state-dir `directory`; for job list, the states of jobs")
}

// check refuses an empty state directory, which would mean the default.
func (w *where) check(f *pflag.FlagSet) error {
	for _, name := range []string{"state", "state-dir"} {
		if f.Changed(name) && w.state == "" {
			return usagef("--%s must name a directory, but is empty", name)
		}
	}
	return nil
}

// args are the flags that were given, as one would type them again in a shell.
func (w *where) args() string {
	var b strings.Builder
	for _, f := range []struct{ flag, value string }{
		{"state-dir", w.state}, {"url", w.url}, {"auth-url", w.authURL}, {"queue-url", w.queueURL}, {"ca-file", w.caFile},
	} {
		if f.value != "" {
			b.WriteString(" --" + f.flag + " " + cli.Quoted(f.value))
		}
	}
	return b.String()
}

// defaultAddresses are those of foliocast up without a flag.
func defaultAddresses() addresses {
	p := up.DefaultPorts()
	return addresses{
		Frontend: fmt.Sprintf("http://127.0.0.1:%d", p.Frontend),
		Auth:     fmt.Sprintf("http://127.0.0.1:%d", p.Auth),
		Queue:    fmt.Sprintf("http://127.0.0.1:%d", p.Queue),
	}
}

// resolve finds the addresses. A flag wins over the state directory of
// --state, that over the variable of the service, that over the state
// directory of FOLIOCAST_STATE, and that over fallback.
func (w *where) resolve(env func(string) string, fallback addresses) (addresses, error) {
	near, err := runOf(w.state)
	if err != nil {
		return addresses{}, err
	}
	var far up.Run
	if w.state == "" && (env("FOLIOCAST_URL") == "" || env("FOLIOCAST_AUTH_URL") == "" || env("FOLIOCAST_QUEUE_URL") == "") {
		if far, err = runOf(env("FOLIOCAST_STATE")); err != nil {
			return addresses{}, err
		}
	}
	var found addresses
	for _, a := range []struct {
		into                     *string
		flag, part, variable, or string
	}{
		{&found.Frontend, w.url, "frontend", "FOLIOCAST_URL", fallback.Frontend},
		{&found.Auth, w.authURL, "authsvc", "FOLIOCAST_AUTH_URL", fallback.Auth},
		{&found.Queue, w.queueURL, "queue", "FOLIOCAST_QUEUE_URL", fallback.Queue},
	} {
		*a.into = cmp.Or(a.flag, near.URL(a.part), env(a.variable), far.URL(a.part), a.or)
		u, err := url.Parse(*a.into)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return addresses{}, usagef("%q is not the address of a service: it must be like http://127.0.0.1:8080", *a.into)
		}
		*a.into = strings.TrimRight(*a.into, "/")
	}
	found.CAFile = cmp.Or(w.caFile, near.CAFile, env("FOLIOCAST_TLS_CA_FILE"), far.CAFile, fallback.CAFile)
	if found.CAFile != "" {
		if found.CAFile, err = filepath.Abs(found.CAFile); err != nil { // the sign-in keeps it
			return addresses{}, err
		}
	}
	return found, nil
}

// secure is the configuration of TLS for the services.
func (a *app) secure(at addresses) (*tls.Config, error) {
	config, err := certs.Client{CA: at.CAFile, Cert: a.env("FOLIOCAST_TLS_CLIENT_CERT_FILE"), Key: a.env("FOLIOCAST_TLS_CLIENT_KEY_FILE")}.Config(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, usagef("%w", err)
	}
	return config, nil
}

// runOf returns what runs in a state directory; nothing for "".
func runOf(state string) (up.Run, error) {
	if state == "" {
		return up.Run{}, nil
	}
	run, err := up.ReadRun(state)
	if errors.Is(err, fs.ErrNotExist) {
		return run, usagef("nothing runs in %s: start it with foliocast up --state %s", state, cli.Quoted(state))
	}
	return run, err
}

// serviceName names the service that a request went to, for a sentence. base
// is the address of the request without its path.
func (a addresses) serviceName(request string) (name, base string) {
	u, err := url.Parse(request)
	if err != nil {
		return "the service", request
	}
	switch base = u.Scheme + "://" + u.Host; base {
	case a.Frontend:
		return "the data service (frontend)", base
	case a.Auth:
		return "the identity service (authsvc)", base
	case a.Queue:
		return "the message service (queue)", base
	}
	return "the service", base
}
