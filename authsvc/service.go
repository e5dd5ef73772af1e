package authsvc

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/cli"
)

// client holds the credentials of a service.
type client struct {
	ID     string       `json:"client_id"`
	Secret string       `json:"client_secret,omitzero"`
	Scopes []auth.Scope `json:"scopes"`
}

func (p *program) serviceCommand() *cobra.Command {
	parent := cli.Group("service", "Manage service accounts, directly in the database")
	var names []string
	var file string
	add := &cobra.Command{
		Use: "add NAME --scope SCOPE...", Args: cobra.ExactArgs(1),
		Short: "Add a service account and print its secret, only once",
		Long: `Add a service account and print its secret, only once. An existing account gets a new secret and these scopes.
With --secret-file the secret is the one in the file, which is not printed; the service itself
reads the same file with FOLIOCAST_CLIENT_SECRET_FILE.

Scopes: ` + auth.JoinScopes(auth.AllScopes()),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.addService(cmd.Context(), args[0], names, file)
		},
	}
	add.Flags().StringVar(&file, "secret-file", "", "a `file` with the secret, a line of at least 32 characters")
	add.Flags().StringArrayVar(&names, "scope", nil, "a scope of the account; may be repeated")
	remove := &cobra.Command{
		Use: "remove NAME", Args: cobra.ExactArgs(1), Short: "Remove a service account",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error { return s.RemoveService(ctx, args[0]) })
		},
	}
	list := &cobra.Command{
		Use: "list", Args: cobra.NoArgs, Short: "List the service accounts, one JSON object per line",
		RunE: func(cmd *cobra.Command, _ []string) error { return p.withStore(cmd.Context(), p.listServices) },
	}
	parent.AddCommand(add, remove, list)
	return parent
}

func (p *program) addService(ctx context.Context, name string, names []string, file string) error {
	scopes, err := parseScopes(names)
	if err != nil {
		return err
	}
	if err := checkName(name); err != nil {
		return err
	}
	secret := token.NewClientSecret()
	shown := secret
	if file != "" {
		if secret, err = readSecret(file); err != nil {
			return err
		}
		shown = ""
	}
	return p.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		if err := s.SetService(ctx, name, token.Digest(secret), scopes); err != nil {
			return err
		}
		return json.NewEncoder(p.out).Encode(client{name, shown, scopes})
	})
}

// minSecret is the least length of a secret from a file: that of 128 random bits as
// hexadecimal digits.
const minSecret = 32

// readSecret reads a secret from a file, without the end of its line.
func readSecret(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", cli.Refusef("read the secret: %w", err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if len(secret) < minSecret || strings.ContainsAny(secret, "\r\n") {
		return "", cli.Refusef("%s must have one line of at least %d characters", file, minSecret)
	}
	return secret, nil
}

func (p *program) listServices(ctx context.Context, s *store.Store) error {
	all, err := s.Services(ctx, "", math.MaxInt32)
	if err != nil {
		return err
	}
	for _, a := range all {
		if err := json.NewEncoder(p.out).Encode(client{ID: a.Name, Scopes: a.Scopes}); err != nil {
			return err
		}
	}
	return nil
}

func parseScopes(names []string) ([]auth.Scope, error) {
	var scopes []auth.Scope
	for _, name := range names {
		scope := auth.Scope(name)
		if !scope.Known() {
			return nil, cli.Refusef("there is no scope %q: the scopes are %s", name, auth.JoinScopes(auth.AllScopes()))
		}
		scopes = append(scopes, scope)
	}
	if len(scopes) == 0 {
		return nil, cli.Refusef("give at least one --scope: the scopes are %s", auth.JoinScopes(auth.AllScopes()))
	}
	return scopes, nil
}
