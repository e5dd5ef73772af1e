package foliocast

import (
	"cmp"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/cli"
)

func (a *app) tokenCommand() *cobra.Command {
	return cli.Group("token", "Make, list and end your personal access tokens, for scripts and other programs",
		a.tokenCreate(), tabular(a.tokenList()), a.tokenRevoke())
}

// personScopes are the rights that a personal access token may have.
func personScopes() []auth.Scope { return auth.Administrator.Scopes() }

func (a *app) tokenCreate() *cobra.Command {
	var scopes []string
	var life string
	c := &cobra.Command{
		Use: "create NAME --scope SCOPE...", Short: "Make a personal access token",
		Long: `Make a personal access token, and print it on standard output, only this once.
Programs send it as Authorization: Bearer to every service, and foliocast takes it from
FOLIOCAST_TOKEN. It has those of its scopes that you have, until it expires or you end it.

Scopes: ` + joinScopes(personScopes()),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			made := client.NewPersonalToken{Name: args[0]}
			var err error
			if made.Scopes, err = readScopes(scopes, personScopes()); err != nil {
				return err
			}
			if made.ExpiresIn, err = readLife("expires", life, time.Minute); err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			added, err := s.auth.AddPersonalToken(c.Context(), made)
			if err != nil {
				return err
			}
			a.note("made the token %s (%s), valid until %s; it is shown only once", added.Name, joinScopes(added.Scopes), when(added.ExpiresAt))
			return a.show(added, func(w io.Writer) { line(w, "%s", added.Token) })
		},
	}
	c.Flags().StringSliceVar(&scopes, "scope", nil, "a right of the token; separate several with commas")
	c.Flags().StringVar(&life, "expires", "", "time until it expires, as in 12h or 30d (default 90d, or the most that the service allows)")
	return c
}

// readScopes checks names of scopes, which must be among the allowed ones.
func readScopes(names []string, allowed []auth.Scope) ([]auth.Scope, error) {
	if len(names) == 0 {
		return nil, usagef("--scope is missing: it must be one or more of %s", joinScopes(allowed))
	}
	var scopes []auth.Scope
	for _, n := range names {
		s := auth.Scope(strings.TrimSpace(n))
		if !(auth.Principal{Scopes: allowed}).May(s) {
			return nil, usagef("%q is not a scope: it must be one of %s", n, joinScopes(allowed))
		}
		scopes = append(scopes, s)
	}
	return scopes, nil
}

// readLife reads a time such as 30d or 12h, in seconds; 0 for "".
func readLife(flag, text string, least time.Duration) (int64, error) {
	if text == "" {
		return 0, nil
	}
	const mostDays = 36500
	life, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		if n, err = strconv.Atoi(days); err == nil && n >= 0 && n <= mostDays {
			life = time.Duration(n) * 24 * time.Hour
		}
	}
	if err != nil || life < least || life > mostDays*24*time.Hour {
		return 0, usagef("--%s must be a time of at least %s, as in 12h or 30d, is %q", flag, cmp.Or(strings.TrimSuffix(least.String(), "0s"), "0"), text)
	}
	return int64(life.Seconds()), nil
}

func (a *app) tokenList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List your personal access tokens, the latest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all, err := s.auth.PersonalTokens(c.Context())
			if err != nil {
				return err
			}
			sheet := newSheet("token,may,state,expires,last used", "created,id")
			for _, t := range all.Tokens {
				state := status("valid")
				if t.ExpiresAt.Before(time.Now()) {
					state = "expired"
				}
				sheet.add(t.Name, joinScopes(t.Scopes), state, t.ExpiresAt, t.UsedAt, t.CreatedAt, t.ID)
			}
			return a.list(all, sheet)
		},
	}
}

func (a *app) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke TOKEN", Short: "End a personal access token, by its name or its id",
		Long: "End a personal access token of yours, by its name or its id. Every service refuses it within ten seconds.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := personalToken(c.Context(), s, args[0])
			if err != nil {
				return err
			}
			if err := s.auth.EndPersonalToken(c.Context(), id); err != nil {
				return err
			}
			return a.show(map[string]string{"revoked": args[0], "id": id}, func(w io.Writer) { line(w, "revoked the token %s", args[0]) })
		},
	}
}

// personalToken finds the id of a token by its name or its id. A token that ends itself is
// not asked for its name.
func personalToken(ctx context.Context, s services, name string) (string, error) {
	if who, err := s.auth.Whoami(ctx); err != nil || who.Token == name {
		return name, err
	}
	all, err := s.auth.PersonalTokens(ctx)
	if err != nil {
		return "", err
	}
	for _, t := range all.Tokens {
		if t.Name == name || t.ID == name {
			return t.ID, nil
		}
	}
	return "", notFoundf("you have no token %s", name)
}
