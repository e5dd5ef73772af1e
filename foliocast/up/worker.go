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

// WorkerPath returns the path of the file with the service account of worlds that
// run elsewhere, such as pilots under Slurm: client_id and client_secret, readable
// by its owner only.
func WorkerPath(state string) string { return filepath.Join(state, "worker.json") }

// keepWorkerAccount adds that account at the first start. Later starts do not change
// it, because worlds elsewhere keep running while the services restart. If the file
// is removed, or holds no account, the next start makes a new secret, and the old one
// becomes invalid.
func (c *Cluster) keepWorkerAccount(ctx context.Context, database string) error {
	path := WorkerPath(c.config.State)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var known account
	if err == nil {
		if json.Unmarshal(text, &known) == nil && known.ID != "" && known.Secret != "" {
			return nil
		}
		c.say("%s held no account: it gets a new secret; worlds elsewhere need the new file", path)
	}
	a, err := c.addAccount(ctx, database, "worker", workerScopes())
	if err != nil {
		return err
	}
	text, err = json.Marshal(a)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeFile(path, append(text, '\n'), 0o600)
}
