package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// healthTime is how long a service may take to say that it is ready.
const healthTime = 5 * time.Second

// healthCommand asks a service on this machine whether it is ready, for the health checks of
// containers, in which there is no other program that could. address is where it listens by
// its settings.
func healthCommand(address func() (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: "health [URL]", Args: cobra.MaximumNArgs(1), Short: "Ask the service on this machine whether it is ready",
		Long: `Ask the service on this machine whether it is ready, with the settings of the service or at a URL
such as http://127.0.0.1:8080. The exit code is 0 when it is. The certificate is not verified:
nothing is sent that somebody could use.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return askHealth(cmd.Context(), cmd.OutOrStdout(), args[0])
			}
			at, err := address()
			if err != nil {
				return err
			}
			base, err := ownURL(at, os.Getenv(SettingsPrefix+"TLS_CERT_FILE") != "")
			if err != nil {
				return err
			}
			return askHealth(cmd.Context(), cmd.OutOrStdout(), base)
		},
	}
}

// ownURL returns the URL at which a program reaches a service of its own machine that listens
// on an address.
func ownURL(address string, secure bool) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "fd" {
		return "", Refusef("name the URL of the service: %s has no host and port", address)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port), nil
}

// askHealth returns nil when the service at base is ready.
func askHealth(ctx context.Context, out io.Writer, base string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, healthTime, fmt.Errorf("no answer within %s", healthTime))
	defer cancel()
	at, err := url.JoinPath(base, "readyz")
	if err != nil {
		return Refusef("%s is not a URL", base)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return Refusef("%s is not a URL", base)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s answers %s", at, answer.Status)
	}
	_, err = fmt.Fprintln(out, "ready")
	return err
}
