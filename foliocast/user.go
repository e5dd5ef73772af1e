package foliocast

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/cli"
)

func (a *app) userCommand() *cobra.Command {
	return cli.Group("user", "Manage users (administrators), or change your own password",
		tabular(a.userList()), a.userAdd(), a.userRemove(), a.userRole(), a.userPassword())
}

func (a *app) userList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the users", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			users, err := s.auth.Users(c.Context())
			if err != nil {
				return err
			}
			sheet := newSheet("user,roles,created", "id")
			for _, u := range users {
				sheet.add(u.Username, joinRoles(u.Roles), u.CreatedAt, u.ID)
			}
			return a.list(map[string]any{"items": users, "users": users}, sheet)
		},
	}
}

func (a *app) userAdd() *cobra.Command {
	var roles []string
	var stdin bool
	c := &cobra.Command{
		Use: "add NAME --role ROLE", Short: "Add a user",
		Long: "Add a user. Without --password-stdin a password is generated and shown only once.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			user := client.NewUser{Username: args[0]}
			var err error
			if user.Roles, err = readRoles(roles); err != nil {
				return err
			}
			if stdin {
				if user.Password, err = a.secret(c.Context(), "", true); err != nil {
					return err
				}
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			added, err := s.auth.AddUser(c.Context(), user)
			if err != nil {
				return err
			}
			return a.show(added, func(w io.Writer) {
				line(w, "added %s (%s)", added.Username, joinRoles(added.Roles))
				if added.Password != "" {
					line(w, "The password, shown only once: %s", added.Password)
				}
			})
		},
	}
	c.Flags().StringSliceVar(&roles, "role", nil, "administrator, manager or secretary; separate several with commas")
	c.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from the first line of standard input")
	return c
}

// readRoles checks names of roles.
func readRoles(names []string) ([]auth.Role, error) {
	if len(names) == 0 {
		return nil, usagef("--role is missing: it must be one of %s", joinRoles(auth.AllRoles()))
	}
	var roles []auth.Role
	for _, n := range names {
		r := auth.Role(strings.TrimSpace(n))
		if !r.Known() {
			return nil, usagef("%q is not a role: it must be one of %s", n, joinRoles(auth.AllRoles()))
		}
		roles = append(roles, r)
	}
	return roles, nil
}

func (a *app) userRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Remove a user and end their sessions and tokens", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			if err := s.auth.RemoveUser(c.Context(), args[0]); err != nil {
				return err
			}
			return a.show(map[string]any{"removed": args[0]}, func(w io.Writer) { line(w, "removed %s", args[0]) })
		},
	}
}

func (a *app) userRole() *cobra.Command {
	return &cobra.Command{
		Use: "role NAME ROLE...", Short: "Replace a user's roles and end their sessions", Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			roles, err := readRoles(args[1:])
			if err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			user, err := s.auth.SetRoles(c.Context(), args[0], roles...)
			if err != nil {
				return err
			}
			return a.show(user, func(w io.Writer) { line(w, "%s is now %s", user.Username, joinRoles(user.Roles)) })
		},
	}
}

func (a *app) userPassword() *cobra.Command {
	var stdin bool
	c := &cobra.Command{
		Use: "password [NAME]", Short: "Replace your own password, or as an administrator that of NAME",
		Long: `Replace your own password, or as an administrator that of NAME. All sessions of
that user end. With --password-stdin the first line of standard input is the new
password; to replace your own, the first line is the old one, the second the new.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			name, whose := "you", "your"
			if len(args) == 1 {
				name, whose = args[0], args[0]+"'s"
				password, err := a.secret(c.Context(), "New password of "+name+": ", stdin)
				if err != nil {
					return err
				}
				err = s.auth.SetPassword(c.Context(), name, password)
				if err != nil {
					return err
				}
			} else if err := a.ownPassword(c, s, stdin); err != nil {
				return err
			}
			return a.show(map[string]any{"user": name, "changed": true}, func(w io.Writer) {
				line(w, "%s password is changed, and all sessions and tokens have ended", whose)
			})
		},
	}
	c.Flags().BoolVar(&stdin, "password-stdin", false, "read the passwords from standard input")
	return c
}

func (a *app) ownPassword(c *cobra.Command, s services, stdin bool) error {
	if stdin {
		text, err := io.ReadAll(io.LimitReader(a.stdin(c.Context()), 1000))
		if err != nil {
			return err
		}
		old, next, ok := strings.Cut(strings.ReplaceAll(strings.TrimRight(string(text), "\r\n"), "\r", ""), "\n")
		if !ok {
			return usagef("standard input must hold two lines: the old password and the new one")
		}
		return s.auth.ChangePassword(c.Context(), old, next)
	}
	old, err := a.secret(c.Context(), "Old password: ", false)
	if err != nil {
		return err
	}
	next, err := a.secret(c.Context(), "New password: ", false)
	if err != nil {
		return err
	}
	return s.auth.ChangePassword(c.Context(), old, next)
}
