package main

import (
	"context"
	"encoding/json"
	"math"

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
	add := &cobra.Command{
		Use: "add NAME --scope SCOPE...", Args: cobra.ExactArgs(1),
		Short: "Add a service account and print its secret, only once",
		Long: "Add a service account and print its secret, only once. An existing account gets a new secret and these scopes.\n\nScopes: " +
			auth.JoinScopes(auth.AllScopes()),
		RunE: func(cmd *cobra.Command, args []string) error { return p.addService(cmd.Context(), args[0], names) },
	}
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

func (p *program) addService(ctx context.Context, name string, names []string) error {
	scopes, err := parseScopes(names)
	if err != nil {
		return err
	}
	if err := checkName(name); err != nil {
		return err
	}
	return p.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		secret := token.NewClientSecret()
		if err := s.SetService(ctx, name, token.Digest(secret), scopes); err != nil {
			return err
		}
		return json.NewEncoder(p.out).Encode(client{name, secret, scopes})
	})
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
