package backup

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/jackc/pgx/v5"
)

// Write writes a backup of a site that may be at work. It holds back the removal of files meanwhile, and PostgreSQL from removing
// old rows.
func Write(ctx context.Context, w io.Writer, site Site, program string) (Manifest, error) {
	release, err := keepFiles(ctx, site.Data)
	if err != nil {
		return Manifest{}, err
	}
	defer release()
	m := Manifest{Format: format, Program: program, CreatedAt: time.Now().UTC().Truncate(time.Second), OneMoment: true, Migrations: map[string]int64{}}
	shots, err := snapshots(ctx, site, &m)
	for _, s := range shots {
		defer s.close()
	}
	if err != nil {
		return m, err
	}
	files, err := namedFiles(ctx, shots[0].conn, site.Databases[0].Schema)
	if err != nil {
		return m, err
	}
	m.Files = len(files)
	out := &writer{tar: tar.NewWriter(w), at: m.CreatedAt, end: end{Databases: map[string]string{}}}
	if err := out.write(ctx, site, m, shots, files); err != nil {
		return m, err
	}
	return m, nil
}

// lockFile is the file in the data directory whose lock keeps the data service from removing files.
const lockFile = "collect.lock"

// keepFiles keeps the data service from removing files until release is called.
func keepFiles(ctx context.Context, data string) (release func(), err error) {
	path := filepath.Join(data, lockFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil // nothing was ever stored. The file must belong to the service
	}
	lock := flock.New(path)
	if _, err := lock.TryRLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return func() { _ = lock.Close() }, nil
}

// snapshot is a database as it was at one moment, for as long as the connection is open.
type snapshot struct {
	conn *pgx.Conn
	id   string // for other connections to the same database
}

func (s snapshot) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.conn.Close(ctx)
}

// snapshots returns one for each database, of the same moment where they are schemas of the same one.
func snapshots(ctx context.Context, site Site, m *Manifest) (all []snapshot, err error) {
	ids := map[string]string{}
	for _, d := range site.Databases {
		server, err := d.server()
		if err != nil {
			return all, err
		}
		conn, err := d.connect(ctx)
		if err != nil {
			return all, err
		}
		s := snapshot{conn: conn, id: ids[server]}
		all = append(all, s)
		statements := []string{"SET idle_in_transaction_session_timeout = 0", "SET statement_timeout = 0", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
		if s.id != "" {
			statements = append(statements, "SET TRANSACTION SNAPSHOT '"+s.id+"'")
		} else if len(ids) > 0 {
			m.OneMoment = false
		}
		for _, sql := range statements {
			if err := ask(ctx, func(ctx context.Context) error { _, err := conn.Exec(ctx, sql); return err }); err != nil {
				return all, fmt.Errorf("begin to read the schema %s: %w", d.Schema, err)
			}
		}
		if s.id == "" {
			err := ask(ctx, func(ctx context.Context) error { return conn.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&s.id) })
			if err != nil {
				return all, fmt.Errorf("begin to read the schema %s: %w", d.Schema, err)
			}
			ids[server] = s.id
			all[len(all)-1] = s
		}
		if m.Migrations[d.Schema], err = migration(ctx, conn, d.Schema); err != nil {
			return all, err
		}
	}
	return all, nil
}

func ask(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return do(ctx)
}

// namedFiles lists the files of the versions that are not removed, by their SHA-256.
func namedFiles(ctx context.Context, conn *pgx.Conn, schema string) ([]string, error) {
	version, column := quoted(schema, "dataset_version"), quoted(schema, "dataset_column")
	var files []string
	err := ask(ctx, func(ctx context.Context) error {
		rows, err := conn.Query(ctx, "SELECT sha256 FROM "+version+" WHERE removed_at IS NULL UNION SELECT c.sha256 FROM "+column+" c JOIN "+version+
			" v ON v.name = c.name AND v.version = c.version WHERE v.removed_at IS NULL ORDER BY 1")
		if err == nil {
			files, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the files of the datasets: %w", err)
	}
	return files, nil
}

// writer writes the entries of a backup.
type writer struct {
	tar *tar.Writer
	at  time.Time
	end end
}

func (w *writer) write(ctx context.Context, site Site, m Manifest, shots []snapshot, files []string) error {
	if err := w.json(manifestName, m); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(site.Secrets)) {
		text, err := os.ReadFile(site.Secrets[name])
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = w.entry(secretsDir+name, text)
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", name, err)
		}
	}
	for i, d := range site.Databases {
		dump := &parts{to: w, name: databasesDir + d.Schema + "/", sum: newSum()}
		err := d.run(ctx, nil, dump, "pg_dump", "--format=custom", "--snapshot="+shots[i].id)
		if err == nil {
			err = dump.flush()
		}
		if err != nil {
			return err
		}
		w.end.Databases[d.Schema] = sumOf(dump.sum)
	}
	for _, s := range shots {
		s.close() // copying the files may take long, and PostgreSQL keeps old rows until then
	}
	for _, sum := range files {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := w.file(filepath.Join(site.Data, sum+".arrow"), sum); err != nil {
			return fmt.Errorf("copy the file of a dataset: %w", err)
		}
	}
	return errors.Join(w.json(endName, w.end), w.tar.Close())
}

func (w *writer) header(name string, size int64) error {
	return w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: w.at, Format: tar.FormatPAX})
}

func (w *writer) entry(name string, text []byte) error {
	if err := w.header(name, int64(len(text))); err != nil {
		return err
	}
	_, err := w.tar.Write(text)
	return err
}

func (w *writer) json(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return w.entry(name, append(text, '\n'))
}

// file copies a file that must have the checksum in its name: a backup with a broken file would be found out too late.
func (w *writer) file(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = w.header(filesDir+want+".arrow", info.Size())
	}
	if err != nil {
		return err
	}
	sum := newSum()
	if _, err := io.Copy(w.tar, io.TeeReader(f, sum)); err != nil {
		return err
	}
	if got := sumOf(sum); got != want {
		return fmt.Errorf("%s is damaged: its SHA-256 is %s", path, got)
	}
	w.end.Files++
	w.end.Bytes += info.Size()
	return nil
}

// partBytes is how long the parts of a dump are, whose length nobody knows beforehand, as a tar archive needs it.
const partBytes = 8 << 20

// parts writes a stream as numbered entries.
type parts struct {
	to   *writer
	name string
	sum  hash.Hash
	text []byte
	n    int
}

// Write adds to the stream.
func (p *parts) Write(b []byte) (int, error) {
	p.sum.Write(b)
	p.text = append(p.text, b...)
	if len(p.text) < partBytes {
		return len(b), nil
	}
	return len(b), p.flush()
}

func (p *parts) flush() error {
	if len(p.text) == 0 {
		return nil
	}
	p.n++
	err := p.to.entry(fmt.Sprintf("%s%06d", p.name, p.n), p.text)
	p.text = p.text[:0]
	return err
}
