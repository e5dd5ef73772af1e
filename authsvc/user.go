package authsvc

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/cli"
)

func (p *program) userCommand() *cobra.Command {
	parent := cli.Group("user", "Manage users, directly in the database")
	var names []string
	add := &cobra.Command{
		Use: "add NAME --role ROLE...", Args: cobra.ExactArgs(1), Short: "Add a user and print their generated password, only once",
		RunE: func(cmd *cobra.Command, args []string) error {
			roles, err := parseRoles(names)
			if err != nil {
				return err
			}
			if err := checkName(args[0]); err != nil {
				return err
			}
			return p.withPassword(cmd.Context(), args[0], func(ctx context.Context, s *store.Store, hash string) error {
				_, err := s.AddUser(ctx, args[0], hash, roles)
				return err
			})
		},
	}
	add.Flags().StringArrayVar(&names, "role", nil, "administrator, manager or secretary; may be repeated")
	password := &cobra.Command{
		Use: "password NAME", Args: cobra.ExactArgs(1), Short: "Give a user a generated password, print it only once, and end their sessions and tokens",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withPassword(cmd.Context(), args[0], func(ctx context.Context, s *store.Store, hash string) error {
				return s.SetPassword(ctx, args[0], hash, "")
			})
		},
	}
	parent.AddCommand(add, password)
	return parent
}

// withPassword generates a password, lets set store its hash, and prints the
// password.
func (p *program) withPassword(ctx context.Context, name string, set func(context.Context, *store.Store, string) error) error {
	return p.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		made := login{Username: name, Password: token.NewSecret()}
		hash, err := token.NewHasher().Hash(ctx, made.Password)
		if err != nil {
			return err
		}
		if err := set(ctx, s, hash); err != nil {
			return err
		}
		return json.NewEncoder(p.out).Encode(made)
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
			return nil, cli.Refusef("there is no role %q: the roles are %s", name, strings.Join(known, ", "))
		}
		roles = append(roles, auth.Role(name))
	}
	if len(roles) == 0 {
		return nil, cli.Refusef("give at least one --role: the roles are %s", strings.Join(known, ", "))
	}
	return roles, nil
}
