package postgres

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Role is the role of one service: it owns its schema and may do nothing else on the
// server.
type Role struct {
	Name     string
	Schema   string
	Password string
}

//go:embed confine.sql
var confine string

// Confine makes the roles on the server at url, a superuser's, or gives those that
// exist their new passwords, and gives them their schemas with all that is in them,
// also what another role made. No role but these and a superuser can connect to the database
// afterwards.
func Confine(ctx context.Context, url string, roles ...Role) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, r := range roles {
			_, err := tx.Exec(ctx, `SELECT set_config('foliocast.role', $1, true), set_config('foliocast.schema', $2, true), set_config('foliocast.password', $3, true)`,
				r.Name, r.Schema, r.Password)
			if err == nil {
				_, err = tx.Exec(ctx, confine)
			}
			if err != nil {
				return fmt.Errorf("confine role %s to schema %s: %w", r.Name, r.Schema, err)
			}
		}
		return nil
	})
}

// Superuser reports whether the role of a URL may do everything on its server.
func Superuser(ctx context.Context, url string) (bool, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var super bool
	err = conn.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&super)
	return super, err
}
