package authsvc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/cli"
	"foliocast/internal/outfile"
)

// sealer reads the file with the keys under which the signing keys are encrypted. It
// makes a missing file, unless signing keys are encrypted already: then their file was
// lost.
func sealer(ctx context.Context, s *store.Store, log *slog.Logger, file string) (*token.Sealer, error) {
	if file == "" {
		log.Warn("signing keys are stored unencrypted: set FOLIOCAST_KEY_ENCRYPTION_FILE")
		return nil, nil
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		sealed, err := s.Sealed(ctx)
		if err != nil {
			return nil, err
		}
		if sealed {
			return nil, fmt.Errorf("the signing keys are encrypted, and %s does not exist: give their file, or make new signing keys with \"authsvc key reset\"", file)
		}
		if err := newKeyFile(file); err != nil {
			return nil, fmt.Errorf("make %s: %w", file, err)
		}
	} else if err != nil {
		return nil, err
	} else if info.Mode().Perm()&0o077 != 0 {
		log.Warn("others than the owner may read the key file", "file", file, "mode", info.Mode().Perm().String())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	read, err := token.ReadSealer(string(text))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return read, nil
}

// newKeyFile makes a file with a new key that only its owner may read, unless another
// instance was first.
func newKeyFile(file string) error {
	temporary := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+"."+rand.Text())
	if err := outfile.Replace(temporary, []byte(token.NewSealKey()+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(temporary)
	if err := os.Link(temporary, file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return outfile.SyncDir(filepath.Dir(file)) // no signing key may outlive its file
}

func (p *program) keyCommand() *cobra.Command {
	parent := cli.Group("key", "Manage the keys that sign and encrypt")
	rotate := &cobra.Command{
		Use: "rotate", Args: cobra.NoArgs, Short: "Add a key to FOLIOCAST_KEY_ENCRYPTION_FILE",
		Long: `Add a key to FOLIOCAST_KEY_ENCRYPTION_FILE, as its first line. Restart authsvc then: within a minute it
encrypts the signing keys under the new key, and the other lines can be removed.`,
		RunE: func(*cobra.Command, []string) error { return p.rotateKeyFile() },
	}
	reset := &cobra.Command{
		Use: "reset", Args: cobra.NoArgs, Short: "Remove the signing keys, when the key that encrypts them is lost",
		Long: `Remove the signing keys, when the key that encrypts them is lost. authsvc makes new ones when it starts,
and everybody's access token becomes invalid; clients refresh theirs.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withStore(cmd.Context(), func(ctx context.Context, s *store.Store) error { return s.RemoveKeys(ctx) })
		},
	}
	parent.AddCommand(rotate, reset)
	return parent
}

func (p *program) rotateKeyFile() error {
	c, err := p.read()
	if err != nil {
		return err
	}
	if c.KeyFile == "" {
		return cli.Refusef("FOLIOCAST_KEY_ENCRYPTION_FILE is not set")
	}
	text, err := os.ReadFile(c.KeyFile)
	if err != nil {
		return err
	}
	if _, err := token.ReadSealer(string(text)); err != nil {
		return fmt.Errorf("read %s: %w", c.KeyFile, err)
	}
	text = []byte(token.NewSealKey() + "\n" + strings.TrimSpace(string(text)) + "\n")
	return outfile.Replace(c.KeyFile, text, 0o600)
}
