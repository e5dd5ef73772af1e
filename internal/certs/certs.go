// Package certs holds what a program needs to speak TLS: the certificate that it shows, read again
// when its files change, and the authorities that it trusts. It makes no certificates: its subpackage
// authority does.
package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
)

// Server has the settings of a service.
type Server struct {
	Cert     string `env:"TLS_CERT_FILE" help:"PEM file with the certificate that this service shows, and those between it and its authority: it then speaks TLS 1.2 or newer, and nothing else; a file that changes is read again"`
	Key      string `env:"TLS_KEY_FILE" help:"PEM file with the key of that certificate, which others than its owner and group may not read"`
	ClientCA string `env:"TLS_CLIENT_CA_FILE" help:"PEM file with authorities: every caller must then show a certificate that one of them has signed"`
	Plain    bool   `env:"PLAIN_HTTP" help:"speak HTTP without TLS although other machines reach the address, as behind a proxy that ends TLS"`
}

// Check returns a sentence about each invalid setting.
func (s Server) Check() error {
	var errs []error
	if (s.Cert == "") != (s.Key == "") {
		errs = append(errs, errors.New("FOLIOCAST_TLS_CERT_FILE and FOLIOCAST_TLS_KEY_FILE belong together: set both, or neither"))
	}
	if s.ClientCA != "" && s.Cert == "" {
		errs = append(errs, errors.New("FOLIOCAST_TLS_CLIENT_CA_FILE needs FOLIOCAST_TLS_CERT_FILE: only TLS has certificates of clients"))
	}
	if s.Plain && s.Cert != "" {
		errs = append(errs, errors.New("FOLIOCAST_PLAIN_HTTP and FOLIOCAST_TLS_CERT_FILE contradict each other: set one of them"))
	}
	return errors.Join(errs...)
}

// Config reads the files. It returns nil when the service has no certificate.
func (s Server) Config(log *slog.Logger) (*tls.Config, error) {
	if err := s.Check(); err != nil || s.Cert == "" {
		return nil, err
	}
	own, err := open(s.Cert, s.Key, log)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return own.get(), nil }}
	if s.ClientCA != "" {
		if config.ClientCAs, err = pool(s.ClientCA); err != nil {
			return nil, err
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config, nil
}

// Client has the settings of a program that calls services.
type Client struct {
	CA   string `env:"TLS_CA_FILE" help:"PEM file with the authorities whose certificates this program trusts at other services, in place of those of the system"`
	Cert string `env:"TLS_CLIENT_CERT_FILE" help:"PEM file with the certificate that this program shows to services that ask for one; a file that changes is read again"`
	Key  string `env:"TLS_CLIENT_KEY_FILE" help:"PEM file with the key of that certificate, which others than its owner and group may not read"`
}

// Check returns a sentence about each invalid setting.
func (c Client) Check() error {
	if (c.Cert == "") != (c.Key == "") {
		return errors.New("FOLIOCAST_TLS_CLIENT_CERT_FILE and FOLIOCAST_TLS_CLIENT_KEY_FILE belong together: set both, or neither")
	}
	return nil
}

// Config reads the files. It returns nil when nothing is set, which means the authorities of
// the system. The log may be nil.
func (c Client) Config(log *slog.Logger) (*tls.Config, error) {
	if err := c.Check(); err != nil || c == (Client{}) {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	var err error
	if c.CA != "" {
		if config.RootCAs, err = pool(c.CA); err != nil {
			return nil, err
		}
	}
	if c.Cert != "" {
		own, err := open(c.Cert, c.Key, log)
		if err != nil {
			return nil, err
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own.get(), nil }
	}
	return config, nil
}

// Transport is http.DefaultTransport with another configuration of TLS; nil means the same.
func Transport(config *tls.Config) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	if config != nil {
		t.TLSClientConfig = config.Clone()
	}
	return t
}

// pool reads authorities.
func pool(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the authorities: %w", err)
	}
	found := x509.NewCertPool()
	if !found.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("read the authorities: %s has no certificate in PEM", path)
	}
	return found, nil
}
