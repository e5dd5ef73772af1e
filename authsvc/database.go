package authsvc

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"regexp"
	"strconv"
	"time"

	"foliocast/authsvc/store"
	"foliocast/internal/audit"
	"foliocast/internal/cli"
	"foliocast/internal/postgres"
)

// databaseWait is how long a command waits for PostgreSQL.
const databaseWait = 30 * time.Second

// namePattern matches the names of users and service accounts.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

func checkName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return cli.Refusef("%q is not a name: a name has 2 to 32 lower-case letters, digits, dots, dashes or underscores, and begins with a letter", name)
}

// operator is the actor of a command: the user who runs it, as the system says.
func operator() audit.Actor {
	name := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return audit.Actor{Subject: "operator", Name: name, Client: "authsvc"}
}

// withStore runs f on the database, which may be new.
func (p *program) withStore(ctx context.Context, f func(context.Context, *store.Store) error) error {
	c, err := p.read()
	if err != nil {
		return err
	}
	opening, cancel := context.WithTimeoutCause(ctx, databaseWait, fmt.Errorf("PostgreSQL has not answered for %v: is it running, and is FOLIOCAST_DATABASE_URL right?", databaseWait))
	defer cancel()
	pool, err := postgres.OpenWaiting(opening, cli.Logger("authsvc", c.LogLevel), c.DatabaseURL, store.Schema, store.Migrations(), 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	return f(audit.With(ctx, &audit.Request{Actor: operator()}), store.New(pool))
}

// migrateSchema brings the schema of the service to this version.
func migrateSchema(ctx context.Context, log *slog.Logger, c config) error {
	return postgres.MigrateWaiting(ctx, log, c.DatabaseURL, store.Schema, store.Migrations())
}
