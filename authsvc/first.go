package authsvc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/outfile"
)

// firstName is the name of the first administrator.
const firstName = "admin"

// login is a name and a password, as they are printed once.
type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Device   string `json:"device,omitzero"` // with which strangers' wrong passwords do not keep the user out
}

// firstAdministrator adds an administrator with a generated password when there
// has never been a user. It writes the password to the file, or prints it on a terminal,
// before the user exists: if the program dies in between, the next start shows another
// password, and the last one shown is valid. Without a file and a terminal it adds
// nobody, because what is printed elsewhere ends in logs.
func firstAdministrator(ctx context.Context, s *store.Store, log *slog.Logger, file string, out io.Writer) error {
	some, err := s.HasUsers(ctx)
	if err != nil || some {
		return err
	}
	if file == "" && !terminal(out) {
		log.Warn("there is no administrator yet: add one with \"authsvc user add NAME --role administrator\", or set FOLIOCAST_ADMIN_FILE and start again")
		return nil
	}
	first := login{Username: firstName, Password: token.NewSecret()}
	if file != "" {
		first.Device = token.NewSecret()
	}
	hash, err := token.NewHasher().Hash(ctx, first.Password)
	if err != nil {
		return err
	}
	err = s.AddFirstUser(ctx, first.Username, hash, func() error {
		if file == "" {
			return json.NewEncoder(out).Encode(first)
		}
		return writeSecret(file, first)
	})
	if errors.Is(err, store.ErrNotFirst) {
		return nil // another instance was first
	}
	if err != nil {
		return fmt.Errorf("add the first administrator: %w", err)
	}
	if first.Device != "" {
		if err := addDevice(ctx, s, first); err != nil {
			return err
		}
	}
	log.Info("first administrator added", "user", first.Username, "file", file)
	return nil
}

// terminal reports whether a person reads what is written.
func terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// addDevice makes the device of a login known.
func addDevice(ctx context.Context, s *store.Store, l login) error {
	user, err := s.User(ctx, l.Username)
	if err == nil {
		err = s.AddPlaces(ctx, user.ID, token.Device(l.Device))
	}
	if err != nil {
		return fmt.Errorf("add the device of %s: %w", l.Username, err)
	}
	return nil
}

// writeSecret writes v as JSON to a file that only its owner may read. After a
// crash of the machine the file has the new content.
func writeSecret(file string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return outfile.Replace(file, append(text, '\n'), 0o600)
}
