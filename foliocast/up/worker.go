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
// is removed, the next start makes a new secret, and the old one becomes invalid.
func (c *Cluster) keepWorkerAccount(ctx context.Context, database string) error {
	path := WorkerPath(c.config.State)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	a, err := c.addAccount(ctx, database, "worker", workerScopes())
	if err != nil {
		return err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeFile(path, append(text, '\n'), 0o600)
}
