package up

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Admin is the first administrator.
type Admin struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Device   string `json:"device"` // with which strangers' wrong passwords do not keep them out
}

// AdminPath returns the path of the file that holds the first administrator of a
// state directory, readable by its owner only.
func AdminPath(state string) string { return filepath.Join(state, "admin.json") }

// ReadAdmin reads the first administrator of a state directory.
func ReadAdmin(state string) (Admin, error) {
	text, err := os.ReadFile(AdminPath(state))
	if err != nil {
		return Admin{}, fmt.Errorf("read the first administrator: %w", err)
	}
	var a Admin
	if err := json.Unmarshal(text, &a); err != nil {
		return Admin{}, fmt.Errorf("read %s: %w", AdminPath(state), err)
	}
	if a.Username == "" || a.Password == "" {
		return Admin{}, errors.New(AdminPath(state) + " does not hold a username and a password")
	}
	return a, nil
}

// mendAdmin gives the first administrator a new password when admin.json is there
// and holds none: an earlier version could leave it empty when the power failed. A
// missing file was removed on purpose.
func (c *Cluster) mendAdmin(ctx context.Context, database string) error {
	_, cause := ReadAdmin(c.config.State)
	if cause == nil || errors.Is(cause, fs.ErrNotExist) {
		return nil
	}
	var a Admin
	if err := c.askAuth(ctx, database, &a, "user", "password", "admin"); err != nil {
		c.say("%v; it could not be made anew: %v", cause, err)
		return nil // the system works without
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	c.say("%v: gave the user admin a new password", cause)
	return writeFile(AdminPath(c.config.State), append(text, '\n'), 0o600)
}
