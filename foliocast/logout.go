package foliocast

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "End the session, here and at the identity service", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			if s.source.given != "" {
				return usagef("%s is set, and is no session: unset it, or end the token with foliocast token revoke", tokenVariable)
			}
			all, err := s.source.vault.read()
			if err != nil {
				return err
			}
			was := false
			var ended error
			if all.ByAuth[s.source.auth].Personal == "" { // else the token goes on where it is used elsewhere
				ended = s.auth.Logout(c.Context())
			}
			err = s.source.vault.change(func(all *sessions) error {
				_, was = all.ByAuth[s.source.auth]
				delete(all.ByAuth, s.source.auth)
				return nil
			})
			// A session that the service no longer knows has ended.
			if ended != nil && !problem.Is(ended, problem.Unauthorized) {
				a.note("The session was removed from this machine. At the service it ends when it expires.")
				err = errors.Join(err, ended)
			}
			if err != nil {
				return err
			}
			return a.show(map[string]any{"signed_out": was, "auth_url": s.source.auth}, func(w io.Writer) {
				if was {
					line(w, "signed out at %s", s.source.auth)
				} else {
					line(w, "you were not signed in at %s", s.source.auth)
				}
			})
		},
	}
}

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Show who is signed in, and what they may do", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			who, err := s.auth.Whoami(c.Context())
			if err != nil {
				return err
			}
			return a.record(who, recordOf("user", who.Username, "roles", joinRoles(who.Roles), "may", joinScopes(who.Scopes),
				"at", s.source.auth, "token until", who.Expires))
		},
	}
}

func joinScopes(scopes []auth.Scope) string {
	return strings.ReplaceAll(auth.JoinScopes(scopes), " ", ", ")
}
