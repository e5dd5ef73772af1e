package foliocast

import (
	"io"
	"time"

	"github.com/spf13/cobra"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/cli"
)

func (a *app) serviceCommand() *cobra.Command {
	return cli.Group("service", "Manage service accounts (administrators)",
		tabular(a.serviceList()), a.serviceAdd(), a.serviceScopes(), a.serviceRotate(), a.serviceRemove())
}

func (a *app) serviceList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the service accounts, with the last use of their secrets", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all, err := s.auth.Services(c.Context())
			if err != nil {
				return err
			}
			sheet := newSheet("account,may,last used,old secret until", "old secret last used,changed,created")
			for _, account := range all {
				var until, used time.Time
				if p := account.Previous; p != nil {
					until, used = p.Until, p.UsedAt
				}
				sheet.add(account.Name, joinScopes(account.Scopes), account.UsedAt, until, used, account.ChangedAt, account.CreatedAt)
			}
			return a.list(map[string]any{"items": all, "services": all}, sheet)
		},
	}
}

func (a *app) serviceAdd() *cobra.Command {
	var scopes []string
	c := &cobra.Command{
		Use: "add NAME --scope SCOPE...", Short: "Add a service account",
		Long: `Add a service account, and print its secret on standard output, only this once. A program
sets it with FOLIOCAST_CLIENT_ID and FOLIOCAST_CLIENT_SECRET.

Scopes: ` + joinScopes(auth.AllScopes()),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			account := client.NewService{Name: args[0]}
			var err error
			if account.Scopes, err = readScopes(scopes, auth.AllScopes()); err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			added, err := s.auth.AddService(c.Context(), account)
			if err != nil {
				return err
			}
			a.note("added the service account %s (%s); its secret is shown only once", added.Name, joinScopes(added.Scopes))
			return a.show(added, func(w io.Writer) { line(w, "%s", added.Secret) })
		},
	}
	c.Flags().StringSliceVar(&scopes, "scope", nil, "a right of the account; separate several with commas")
	return c
}

func (a *app) serviceScopes() *cobra.Command {
	return &cobra.Command{
		Use: "scopes NAME SCOPE...", Short: "Replace the scopes of a service account, whose tokens end", Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			scopes, err := readScopes(args[1:], auth.AllScopes())
			if err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			account, err := s.auth.SetServiceScopes(c.Context(), args[0], scopes...)
			if err != nil {
				return err
			}
			return a.show(account, func(w io.Writer) { line(w, "%s may now %s", account.Name, joinScopes(account.Scopes)) })
		},
	}
}

func (a *app) serviceRotate() *cobra.Command {
	var overlap string
	c := &cobra.Command{
		Use: "rotate NAME", Short: "Give a service account a new secret",
		Long: `Give a service account a new secret, and print it on standard output, only this once. For
the overlap the old secret is valid, too: give the new one to the programs meanwhile. With
--overlap 0s it ends at once, and its tokens within ten seconds.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			seconds, err := readLife("overlap", overlap, 0)
			if err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			rotated, err := s.auth.RotateSecret(c.Context(), args[0], time.Duration(seconds)*time.Second)
			if err != nil {
				return err
			}
			if rotated.Previous != nil {
				a.note("the new secret of %s is shown only once; the old one is valid until %s", rotated.Name, when(rotated.Previous.Until))
			} else {
				a.note("the new secret of %s is shown only once; the old one has ended", rotated.Name)
			}
			return a.show(rotated, func(w io.Writer) { line(w, "%s", rotated.Secret) })
		},
	}
	c.Flags().StringVar(&overlap, "overlap", "1h", "time for which the old secret stays valid, as in 12h or 7d, 30d at most")
	return c
}

func (a *app) serviceRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Remove a service account and end its tokens", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			if err := s.auth.RemoveService(c.Context(), args[0]); err != nil {
				return err
			}
			return a.show(map[string]any{"removed": args[0]}, func(w io.Writer) { line(w, "removed %s", args[0]) })
		},
	}
}
