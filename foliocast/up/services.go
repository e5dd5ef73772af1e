package up

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// account is the service account of a part, with a new secret at each start.
type account struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// accounts maps the names of parts to their service accounts.
type accounts map[string]account

// addAccounts adds the service accounts of the parts that call others. It needs only
// the database, so it can run before the first service starts.
func (c *Cluster) addAccounts(ctx context.Context, database string) (accounts, error) {
	made := accounts{}
	for name, scopes := range map[string][]string{
		"frontend": {"queue:enqueue", "results:read", "logins:forward"},
		"mpicalc":  workerScopes(),
	} {
		a, err := c.addAccount(ctx, database, name, scopes)
		if err != nil {
			return nil, err
		}
		made[name] = a
	}
	return made, nil
}

// workerScopes returns the scopes of a world.
func workerScopes() []string { return []string{"queue:lease", "datasets:read"} }

// addAccount adds a service account, or gives it a new secret.
func (c *Cluster) addAccount(ctx context.Context, database, name string, scopes []string) (account, error) {
	args := []string{"service", "add", name}
	for _, scope := range scopes {
		args = append(args, "--scope", scope)
	}
	var a account
	if err := c.askAuth(ctx, database, &a, args...); err != nil {
		return a, fmt.Errorf("add the service account %s: %w", name, err)
	}
	if a.ID == "" || a.Secret == "" {
		return a, fmt.Errorf("add the service account %s: %w", name, errors.New("authsvc printed an empty account"))
	}
	return a, nil
}

// askAuth runs a command of authsvc on the database and reads what it prints.
func (c *Cluster) askAuth(ctx context.Context, database string, into any, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.programs.authsvc, args...)
	cmd.Env = append(c.environment(), "FOLIOCAST_DATABASE_URL="+database)
	var out, fault bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fault
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(fault.Bytes()))
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return fmt.Errorf("authsvc did not print JSON: %w", err)
	}
	return nil
}

// services returns the three services, each after those that it needs.
func (c *Cluster) services(databases Databases, known accounts) []part {
	auth := c.service("authsvc", c.programs.authsvc, c.config.Ports.Auth,
		"FOLIOCAST_DATABASE_URL="+databases.Auth,
		"FOLIOCAST_KEY_ENCRYPTION_FILE="+filepath.Join(c.config.State, "signing.key"),
		"FOLIOCAST_ADMIN_FILE="+AdminPath(c.config.State))
	queue := c.service("queue", c.programs.queue, c.config.Ports.Queue,
		"FOLIOCAST_DATABASE_URL="+databases.Queue,
		"FOLIOCAST_AUTH_URL="+auth.url)
	frontend := c.service("frontend", c.programs.frontend, c.config.Ports.Frontend,
		"FOLIOCAST_DATABASE_URL="+databases.Frontend,
		"FOLIOCAST_AUTH_URL="+auth.url,
		"FOLIOCAST_QUEUE_URL="+queue.url,
		"FOLIOCAST_DATA_DIR="+c.dataDir(),
		"FOLIOCAST_CLIENT_ID="+known["frontend"].ID,
		"FOLIOCAST_CLIENT_SECRET="+known["frontend"].Secret)
	return []part{auth, queue, frontend}
}

func (c *Cluster) service(name, program string, port int, settings ...string) part {
	url := c.url(port)
	return part{
		name: name,
		url:  url,
		command: func() (*exec.Cmd, error) {
			cmd := exec.Command(program, "serve")
			cmd.Dir = c.config.State
			cmd.ExtraFiles = []*os.File{c.sockets[name]} // descriptor 3
			// Nobody balances over one instance, which another replaces at once.
			cmd.Env = append(c.environment(), "FOLIOCAST_LISTEN=fd:3", "FOLIOCAST_STOP_NOTICE=0s",
				"FOLIOCAST_ISSUER="+c.issuer())
			cmd.Env = append(append(cmd.Env, c.secured.settings()...), settings...)
			if c.config.Plain {
				cmd.Env = append(cmd.Env, "FOLIOCAST_PLAIN_HTTP=true")
			}
			return cmd, nil
		},
		ready:    c.probes.answers(url),
		alive:    c.probes.responds(url),
		stop:     []step{{syscall.SIGTERM, 15 * time.Second}},
		orphaned: syscall.SIGTERM,
	}
}

// issuer returns the address of the identity service in tokens and in its metadata: the
// user's setting, such as that of a proxy, or its own.
func (c *Cluster) issuer() string {
	return cmp.Or(os.Getenv("FOLIOCAST_ISSUER"), c.url(c.config.Ports.Auth))
}

// dataDir returns the directory in which the data service keeps the datasets.
func (c *Cluster) dataDir() string { return filepath.Join(c.config.State, "data") }

// environment returns the environment of the parts. It has the user's settings of
// Foliocast, but not those that this package sets itself, and not Slurm's: with
// them, mpirun would start its ranks on the nodes of an allocation.
func (c *Cluster) environment() []string {
	ours := []string{"DATABASE_URL", "FOLIOCAST_DATABASE_URL", "FOLIOCAST_AUTHSVC_DATABASE_URL", "FOLIOCAST_QUEUE_DATABASE_URL", "FOLIOCAST_FRONTEND_DATABASE_URL", "FOLIOCAST_CLIENT_ID", "FOLIOCAST_CLIENT_SECRET", "FOLIOCAST_CLIENT_FILE",
		"FOLIOCAST_DATABASE_URL_FILE", "FOLIOCAST_CLIENT_SECRET_FILE",
		"FOLIOCAST_LINEAGE", "FOLIOCAST_READY_FILE", "FOLIOCAST_TLS_CERT_FILE", "FOLIOCAST_TLS_KEY_FILE", "FOLIOCAST_TLS_CA_FILE", "FOLIOCAST_TLS_CLIENT_CA_FILE",
		"FOLIOCAST_TLS_CLIENT_CERT_FILE", "FOLIOCAST_TLS_CLIENT_KEY_FILE", "FOLIOCAST_PLAIN_HTTP", markVariable}
	return slices.DeleteFunc(os.Environ(), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains(ours, name) || strings.HasPrefix(name, "SLURM_")
	})
}
