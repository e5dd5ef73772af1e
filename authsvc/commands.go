package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/serve"
)

// databaseWait is how long a command waits for PostgreSQL.
const databaseWait = 30 * time.Second

// namePattern is what names of users and service accounts look like.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

func checkName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return fmt.Errorf("%q is no name: it has 2 to 32 small letters, digits, dots, dashes or underscores, and begins with a letter", name)
}

// withStore runs f on the database, which need not have been used before.
func withStore(ctx context.Context, f func(context.Context, *store.Store) error) error {
	c, err := settings()
	if err != nil {
		return err
	}
	opening, cancel := context.WithTimeoutCause(ctx, databaseWait, fmt.Errorf("PostgreSQL does not answer for %v: is it running, and is FOLIOCAST_DATABASE_URL right?", databaseWait))
	defer cancel()
	pool, err := postgres.OpenWaiting(opening, serve.Logger("authsvc", c.LogLevel), c.DatabaseURL, store.Schema, store.Migrations(), 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	return f(ctx, store.New(pool))
}

// client is what a service logs in with.
type client struct {
	ID     string       `json:"client_id"`
	Secret string       `json:"client_secret,omitzero"`
	Scopes []auth.Scope `json:"scopes"`
}

func serviceCommand(out io.Writer) *cobra.Command {
	parent := &cobra.Command{Use: "service", Short: "Manage service accounts, straight on the database"}
	var names []string
	add := &cobra.Command{
		Use: "add NAME --scope SCOPE...", Args: cobra.ExactArgs(1),
		Short: "Add a service account and print its secret, once",
		Long: "Add a service account and print its secret, once. An account that exists gets a new secret and these scopes.\n\nScopes: " +
			auth.JoinScopes(auth.AllScopes()),
		RunE: func(cmd *cobra.Command, args []string) error {
			scopes, err := parseScopes(names)
			if err != nil {
				return err
			}
			if err := checkName(args[0]); err != nil {
				return err
			}
			return withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				secret := token.NewSecret()
				if err := s.SetService(ctx, args[0], token.Digest(secret), scopes); err != nil {
					return err
				}
				return json.NewEncoder(out).Encode(client{args[0], secret, scopes})
			})
		},
	}
	add.Flags().StringArrayVar(&names, "scope", nil, "a right of the account; give it once for each")
	remove := &cobra.Command{
		Use: "remove NAME", Args: cobra.ExactArgs(1), Short: "Remove a service account",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error { return s.RemoveService(ctx, args[0]) })
		},
	}
	list := &cobra.Command{
		Use: "list", Args: cobra.NoArgs, Short: "List the service accounts, one JSON object a line",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				all, err := s.Services(ctx)
				for _, a := range all {
					if err == nil {
						err = json.NewEncoder(out).Encode(client{ID: a.Name, Scopes: a.Scopes})
					}
				}
				return err
			})
		},
	}
	parent.AddCommand(add, remove, list)
	return parent
}

func parseScopes(names []string) ([]auth.Scope, error) {
	var scopes []auth.Scope
	for _, name := range names {
		scope := auth.Scope(name)
		if !scope.Known() {
			return nil, fmt.Errorf("there is no scope %q: there are %s", name, auth.JoinScopes(auth.AllScopes()))
		}
		scopes = append(scopes, scope)
	}
	if len(scopes) == 0 {
		return nil, fmt.Errorf("give at least one --scope: there are %s", auth.JoinScopes(auth.AllScopes()))
	}
	return scopes, nil
}

func userCommand(out io.Writer) *cobra.Command {
	parent := &cobra.Command{Use: "user", Short: "Manage users, straight on the database"}
	var names []string
	add := &cobra.Command{
		Use: "add NAME --role ROLE...", Args: cobra.ExactArgs(1), Short: "Add a user and print their generated password, once",
		RunE: func(cmd *cobra.Command, args []string) error {
			roles, err := parseRoles(names)
			if err != nil {
				return err
			}
			if err := checkName(args[0]); err != nil {
				return err
			}
			return withPassword(cmd.Context(), out, args[0], func(ctx context.Context, s *store.Store, hash string) error {
				_, err := s.AddUser(ctx, args[0], hash, roles)
				return err
			})
		},
	}
	add.Flags().StringArrayVar(&names, "role", nil, "administrator, manager or secretary; may be given several times")
	password := &cobra.Command{
		Use: "password NAME", Args: cobra.ExactArgs(1), Short: "Give a user a generated password, print it once, and end their sessions",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPassword(cmd.Context(), out, args[0], func(ctx context.Context, s *store.Store, hash string) error {
				return s.SetPassword(ctx, args[0], hash, "")
			})
		},
	}
	parent.AddCommand(add, password)
	return parent
}

// withPassword makes a password, lets set store its hash, and prints it.
func withPassword(ctx context.Context, out io.Writer, name string, set func(context.Context, *store.Store, string) error) error {
	return withStore(ctx, func(ctx context.Context, s *store.Store) error {
		made := login{name, token.NewSecret()}
		hash, err := token.NewHasher().Hash(ctx, made.Password)
		if err != nil {
			return err
		}
		if err := set(ctx, s, hash); err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(made)
	})
}

func parseRoles(names []string) ([]auth.Role, error) {
	known := make([]string, 0, len(auth.AllRoles()))
	for _, role := range auth.AllRoles() {
		known = append(known, string(role))
	}
	var roles []auth.Role
	for _, name := range names {
		if !auth.Role(name).Known() {
			return nil, fmt.Errorf("there is no role %q: there are %s", name, strings.Join(known, ", "))
		}
		roles = append(roles, auth.Role(name))
	}
	if len(roles) == 0 {
		return nil, fmt.Errorf("give at least one --role: there are %s", strings.Join(known, ", "))
	}
	return roles, nil
}
