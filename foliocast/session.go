package foliocast

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"foliocast/internal/auth"
	"foliocast/internal/outfile"
)

// session is one sign-in, as session.json keeps it.
type session struct {
	Addresses    addresses                `json:"addresses"`
	Username     string                   `json:"username"`
	Access       map[auth.Audience]access `json:"access"` // by the service that the token is for
	RefreshToken string                   `json:"refresh_token"`
	Personal     string                   `json:"personal_token,omitempty"` // instead of the other two
}

// access is an access token for one service.
type access struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
}

// sessions is the file of all sign-ins, by the address of the identity
// service, so that several systems can be used side by side.
type sessions struct {
	Current string             `json:"current"` // the last sign-in; other addresses are used only when they are named
	ByAuth  map[string]session `json:"by_auth"`
	Devices map[string]string  `json:"devices,omitempty"` // by deviceKey; they outlive the sign-in
}

// deviceKey names the secret that an identity service gave to this device for a user:
// with it, the wrong passwords of others do not keep the user out.
func deviceKey(auth, username string) string { return username + " at " + auth }

// vault is the file session.json and the lock beside it. Without a path it is empty.
type vault struct{ path string }

// vault is in XDG_CONFIG_HOME or ~/.config. os.UserConfigDir would refuse a
// relative XDG_CONFIG_HOME, which the specification says to ignore.
func (a *app) vault() (vault, error) {
	dir := a.env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		home := a.env("HOME")
		if home == "" {
			return vault{}, usagef("neither XDG_CONFIG_HOME nor HOME is set: there is nowhere to keep the session")
		}
		dir = filepath.Join(home, ".config")
	}
	return vault{path: filepath.Join(dir, "foliocast", "session.json")}, nil
}

// read returns the sign-ins, which are empty without a file.
func (v vault) read() (sessions, error) {
	s := sessions{ByAuth: map[string]session{}}
	if v.path == "" {
		return s, nil
	}
	text, err := os.ReadFile(v.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the session: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s does not hold sessions: remove it and sign in again", v.path)
	}
	if s.ByAuth == nil {
		s.ByAuth = map[string]session{}
	}
	return s, nil
}

// change reads, changes and writes the file while no other process does.
func (v vault) change(do func(*sessions) error) error {
	if err := os.MkdirAll(filepath.Dir(v.path), 0o700); err != nil {
		return fmt.Errorf("save the session: %w", err)
	}
	lock := flock.New(v.path+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("save the session: %w", err)
	}
	defer lock.Close()
	s, err := v.read()
	if err != nil {
		return err
	}
	if err := do(&s); err != nil {
		return err
	}
	return v.write(s)
}

// write replaces the file atomically. The tokens are never in a file that
// others can read.
func (v vault) write(s sessions) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := outfile.Replace(v.path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("save the session: %w", err)
	}
	return nil
}
