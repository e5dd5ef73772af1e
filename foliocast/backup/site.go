// Package backup writes everything that a site must not lose into one stream, while the site works, and restores such a stream
// into an empty site. It knows where the services keep what: a schema of PostgreSQL each, and a directory with the files of
// the datasets.
//
// The databases are read as they were at one moment. The files come after them: a file never changes and is named by its
// SHA-256, so that those that the databases name are still there, as long as none is removed meanwhile.
//
// A stream is a tar archive. The entry manifest.json says what follows, and end.json, the last, what must have come:
//
//	manifest.json  secrets/NAME  database/SCHEMA/000001 …  files/SHA256.arrow …  end.json
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// Site says where a site keeps its state.
type Site struct {
	// Databases are those of the services. The first is the data service's, which names the files.
	Databases []Database
	Data      string            // directory of the files
	Secrets   map[string]string // paths of small files that belong to the databases, by their names in the backup; those that do not exist are left out
}

// Database is the schema of one service.
type Database struct {
	Schema string
	URL    string // of PostgreSQL, for a role that owns the schema
}

// format is the form of a backup. A reader refuses one that it does not know.
const format = 1

// Manifest is what a backup says of itself.
type Manifest struct {
	Format     int              `json:"format"`
	Program    string           `json:"program"` // version of the program that wrote it
	CreatedAt  time.Time        `json:"created_at"`
	OneMoment  bool             `json:"one_moment"` // all databases are as at the same moment, because they are schemas of one
	Migrations map[string]int64 `json:"migrations"` // the last of each schema
	Files      int              `json:"files"`
}

// end is what must have come before it.
type end struct {
	Databases map[string]string `json:"databases"` // SHA-256 of each dump
	Files     int               `json:"files"`
	Bytes     int64             `json:"bytes"` // of the files
}

const (
	manifestName = "manifest.json"
	endName      = "end.json"
	filesDir     = "files/"
	databasesDir = "database/"
	secretsDir   = "secrets/"
)

// askTime bounds each question to a database.
const askTime = 30 * time.Second

// migration returns the number of the last migration of a schema.
func migration(ctx context.Context, conn *pgx.Conn, schema string) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	err = conn.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM "+quoted(schema, "goose_db_version")).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read the version of the schema %s: %w", schema, err)
	}
	return n, nil
}

// connect opens a connection. The caller closes it.
func (d Database) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, d.URL)
	if err != nil {
		return nil, fmt.Errorf("connect to the database of %s: %w", d.Schema, err)
	}
	return conn, nil
}

// server names the database that the schema is in, to tell whether two schemas are in the same.
func (d Database) server() (string, error) {
	c, err := pgx.ParseConfig(d.URL)
	if err != nil {
		return "", fmt.Errorf("the address of the database of %s is invalid", d.Schema) // the driver's error may have its password
	}
	return fmt.Sprintf("%s %d %s", c.Host, c.Port, c.Database), nil
}

// withoutPassword is the address for a command line, which everybody can read, and the password for its environment.
func (d Database) withoutPassword() (address, password string, err error) {
	u, err := url.Parse(d.URL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", "", fmt.Errorf("the address of the database of %s must begin with postgres://", d.Schema)
	}
	if u.User != nil {
		password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
	}
	return u.String(), password, nil
}

func quoted(name ...string) string { return pgx.Identifier(name).Sanitize() }

func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func newSum() hash.Hash { return sha256.New() }
