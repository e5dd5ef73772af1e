package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// account returns the worker's service account, from the settings or from the file that they name.
func (c *Config) account() (id, secret string, err error) {
	if c.ClientFile == "" {
		return c.ClientID, c.ClientSecret, nil
	}
	f, err := os.Open(c.ClientFile)
	if err != nil {
		return "", "", fmt.Errorf("FOLIOCAST_CLIENT_FILE: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", "", fmt.Errorf("FOLIOCAST_CLIENT_FILE: %w", err)
	}
	if mode := info.Mode(); !mode.IsRegular() || mode.Perm()&0o077 != 0 {
		return "", "", fmt.Errorf("FOLIOCAST_CLIENT_FILE: %s must be a file that only its owner can read: chmod 600", c.ClientFile)
	}
	var a struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := json.NewDecoder(f).Decode(&a); err != nil {
		return "", "", fmt.Errorf("FOLIOCAST_CLIENT_FILE: %s does not hold an account as authsvc service add prints it: %w", c.ClientFile, err)
	}
	if a.ID == "" || a.Secret == "" {
		return "", "", errors.New("FOLIOCAST_CLIENT_FILE: " + c.ClientFile + " lacks client_id or client_secret")
	}
	return a.ID, a.Secret, nil
}
