package foliocast

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/authsvc/client"
	"foliocast/foliocast/up"
	"foliocast/internal/auth"
	"foliocast/internal/certs"
	"foliocast/internal/cli"
	"foliocast/internal/problem"
)

func (a *app) loginCommand() *cobra.Command {
	var username string
	var stdin, token bool
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in, and keep the session for the next commands",
		Long: `Sign in, and keep the session for the next commands in session.json, which only you
can read. They then use the addresses of this sign-in, unless you name others.

With --state or FOLIOCAST_STATE and no --username, the first administrator of
that state directory is signed in. With --token-stdin a personal access token is kept
instead of a session; for one command or a job of CI, FOLIOCAST_TOKEN needs no sign-in.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if token {
				return a.loginToken(c.Context(), username != "" || stdin)
			}
			name, password, device, err := a.credentials(c.Context(), username, stdin)
			if err != nil {
				return err
			}
			who, err := a.login(c.Context(), name, password, device)
			if err != nil {
				return err
			}
			return a.show(who, func(w io.Writer) {
				line(w, "signed in as %s (%s) at %s", who.Username, joinRoles(who.Roles), who.Addresses.Auth)
			})
		},
	}
	c.Flags().StringVar(&username, "username", "", "user to sign in as")
	c.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from the first line of standard input")
	c.Flags().BoolVar(&token, "token-stdin", false, "read a personal access token from the first line of standard input")
	return c
}

// loginToken keeps a personal access token from standard input instead of a session.
func (a *app) loginToken(ctx context.Context, more bool) error {
	if more {
		return usagef("--token-stdin needs neither --username nor --password-stdin")
	}
	token, err := firstLine(a.stdin(ctx))
	if err == nil {
		err = checkToken("standard input", token)
	}
	if err == nil && !strings.HasPrefix(token, auth.PersonalPrefix) {
		err = usagef("standard input has no personal access token: they begin with %s", auth.PersonalPrefix)
	}
	if err != nil {
		return err
	}
	v, err := a.vault()
	if err != nil {
		return err
	}
	known, err := a.addresses(v)
	if err != nil {
		return err
	}
	secure, err := a.secure(known)
	if err != nil {
		return err
	}
	who, err := client.New(known.Auth, auth.Static(token)).Over(certs.Transport(secure)).Whoami(ctx)
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Kind() == problem.Unauthorized {
		return problem.New(problem.Forbidden, p.Detail) // not Unauthorized, as for a password
	}
	if err != nil {
		return err
	}
	err = v.change(func(all *sessions) error {
		all.Current = known.Auth
		all.ByAuth[known.Auth] = session{Addresses: known, Username: who.Username, Personal: token}
		return nil
	})
	if err != nil {
		return err
	}
	return a.show(signedIn{Username: who.Username, Roles: who.Roles, Addresses: known}, func(w io.Writer) {
		line(w, "signed in as %s with a token (%s) at %s", who.Username, joinScopes(who.Scopes), known.Auth)
	})
}

// signedIn is what login says of a new session.
type signedIn struct {
	Username  string      `json:"username"`
	Roles     []auth.Role `json:"roles"`
	Addresses addresses   `json:"addresses"`
}

// login begins a session and keeps it. The device is used when this client has none of
// the user yet; it may be empty.
func (a *app) login(ctx context.Context, name, password, device string) (signedIn, error) {
	v, err := a.vault()
	if err != nil {
		return signedIn{}, err
	}
	known, err := a.addresses(v)
	if err != nil {
		return signedIn{}, err
	}
	all, err := v.read()
	if err != nil {
		return signedIn{}, err
	}
	secure, err := a.secure(known)
	if err != nil {
		return signedIn{}, err
	}
	key := deviceKey(known.Auth, name)
	begin := time.Now()
	tokens, err := client.New(known.Auth, nil).Over(certs.Transport(secure)).LoginWith(ctx, client.Credentials{
		Username: name, Password: password, Device: cmp.Or(all.Devices[key], device), Remember: true})
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Kind() == problem.Unauthorized {
		// Not Unauthorized: the advice to sign in would not help.
		return signedIn{}, problem.New(problem.Forbidden, p.Detail)
	}
	if err != nil {
		return signedIn{}, err
	}
	err = v.change(func(all *sessions) error {
		all.Current = known.Auth
		if tokens.Device != "" {
			if all.Devices == nil {
				all.Devices = map[string]string{}
			}
			all.Devices[key] = tokens.Device
		}
		all.ByAuth[known.Auth] = session{Addresses: known, Username: tokens.Username}.renewed(tokens, auth.Authsvc, begin)
		return nil
	})
	return signedIn{Username: tokens.Username, Roles: tokens.Roles, Addresses: known}, err
}

// credentials asks for what the command line does not say.
func (a *app) credentials(ctx context.Context, username string, stdin bool) (name, password, device string, err error) {
	state := cmp.Or(a.where.state, a.env("FOLIOCAST_STATE"))
	if username == "" && !stdin && state != "" {
		admin, err := up.ReadAdmin(state)
		if errors.Is(err, fs.ErrNotExist) {
			err = usagef("there is no administrator in %s yet: start Foliocast with foliocast up --state %s, or give --username", state, cli.Quoted(state))
		}
		return admin.Username, admin.Password, admin.Device, err
	}
	if !stdin && !terminal(a.in) {
		return "", "", "", usagef("standard input is not a terminal: give --username and --password-stdin")
	}
	if username == "" {
		if stdin {
			return "", "", "", usagef("--password-stdin needs --username")
		}
		if username, err = a.ask(ctx, "Username: "); err != nil {
			return "", "", "", err
		}
	}
	password, err = a.secret(ctx, "Password: ", stdin)
	return username, password, "", err
}

func joinRoles(roles []auth.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}
