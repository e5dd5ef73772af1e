package backup

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"foliocast/internal/outfile"
)

// NotEmptyError says that a site has something already, which a restore would mix with what it brings.
type NotEmptyError struct{ What string }

func (e *NotEmptyError) Error() string {
	return e.What + ": a backup is restored into an empty site only"
}

// DamagedError says that a backup is not what was written.
type DamagedError struct{ Detail string }

func (e *DamagedError) Error() string { return "the backup is damaged: " + e.Detail }

// Restore reads a backup into an empty site, whose services do not run. It writes nothing before it has seen that the site is empty, and
// nothing into the databases before it has read the whole backup and compared the checksums of everything in it. After an error
// the files are removed again. Schemas that were filled by then must be emptied before another try; the error names them.
func Restore(ctx context.Context, r io.Reader, site Site) (m Manifest, err error) {
	if err := checkEmpty(ctx, site); err != nil {
		return Manifest{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, empty(site))
		}
	}()
	if err := outfile.MakeDir(site.Data, 0o700); err != nil {
		return Manifest{}, fmt.Errorf("make the data directory: %w", err)
	}
	spool, err := os.MkdirTemp(site.Data, ".restore-")
	if err != nil {
		return Manifest{}, err
	}
	defer os.RemoveAll(spool)
	in := &reader{tar: tar.NewReader(r), site: site, spool: spool}
	if err := in.read(ctx); err != nil {
		return in.manifest, err
	}
	var filled []string
	for _, d := range site.Databases {
		if err = in.load(ctx, d); err != nil {
			break
		}
		filled = append(filled, d.Schema)
	}
	if err == nil {
		err = check(ctx, site, in.manifest)
	}
	if err != nil && filled != nil {
		err = fmt.Errorf("%w\ndrop what was restored before you try again: %s", err, strings.Join(filled, ", "))
	}
	return in.manifest, err
}

// empty removes the files of a site that was empty.
func empty(site Site) error {
	files, err := filepath.Glob(filepath.Join(site.Data, "*.arrow"))
	for _, path := range site.Secrets {
		files = append(files, path)
	}
	for _, path := range files {
		if removed := os.Remove(path); !errors.Is(removed, os.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}

// checkEmpty returns a *NotEmptyError when a part of the site has something.
func checkEmpty(ctx context.Context, site Site) error {
	files, err := filepath.Glob(filepath.Join(site.Data, "*.arrow"))
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return &NotEmptyError{site.Data + " has files of datasets"}
	}
	for _, path := range site.Secrets {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			return &NotEmptyError{path + " exists"}
		}
	}
	for _, d := range site.Databases {
		conn, err := d.connect(ctx)
		if err != nil {
			return err
		}
		var things int
		err = ask(ctx, func(ctx context.Context) error {
			return conn.QueryRow(ctx, "SELECT count(*) FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)", d.Schema).Scan(&things)
		})
		snapshot{conn: conn}.close()
		if err != nil {
			return fmt.Errorf("look at the schema %s: %w", d.Schema, err)
		}
		if things > 0 {
			return &NotEmptyError{"the schema " + d.Schema + " has tables"}
		}
	}
	return nil
}

// reader reads the entries of a backup.
type reader struct {
	tar      *tar.Reader
	site     Site
	spool    string // directory for the dumps until everything has come
	manifest Manifest
	files    int
	bytes    int64
	ended    bool
	done     end
}

// maxSmall bounds the entries that are read into memory.
const maxSmall = 1 << 20

var fileName = regexp.MustCompile(`^` + filesDir + `([0-9a-f]{64})\.arrow$`)

// read takes the whole stream: files go to their place, dumps beside it.
func (r *reader) read(ctx context.Context) error {
	for n := 0; ; n++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		h, err := r.tar.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &DamagedError{err.Error()}
		}
		if n == 0 && h.Name != manifestName {
			return &DamagedError{"it does not begin with " + manifestName + ", so it may be no backup of Foliocast"}
		}
		if err := r.take(h); err != nil {
			return err
		}
	}
	if !r.ended {
		return &DamagedError{"it ends too early"}
	}
	if r.files != r.done.Files || r.bytes != r.done.Bytes || r.files != r.manifest.Files {
		return &DamagedError{fmt.Sprintf("it has %d files of datasets and should have %d", r.files, r.done.Files)}
	}
	return outfile.SyncDir(r.site.Data)
}

func (r *reader) take(h *tar.Header) error {
	if r.ended {
		return &DamagedError{"something follows its end"}
	}
	switch name := h.Name; {
	case name == manifestName:
		if err := r.json(h, &r.manifest); err != nil {
			return err
		}
		if r.manifest.Format != format {
			return fmt.Errorf("the backup has the format %d, and this program knows %d: restore it with the version that wrote it, %s", r.manifest.Format, format, r.manifest.Program)
		}
		return nil
	case name == endName:
		r.ended = true
		return r.json(h, &r.done)
	case strings.HasPrefix(name, secretsDir):
		path := r.site.Secrets[strings.TrimPrefix(name, secretsDir)]
		if path == "" {
			return nil // this site keeps it elsewhere
		}
		text, err := r.small(h)
		if err != nil {
			return err
		}
		return outfile.Replace(path, text, 0o600)
	case strings.HasPrefix(name, databasesDir):
		return r.dump(strings.TrimPrefix(name, databasesDir))
	case fileName.MatchString(name):
		return r.file(fileName.FindStringSubmatch(name)[1])
	}
	return &DamagedError{fmt.Sprintf("it has the unknown entry %q", h.Name)}
}

func (r *reader) small(h *tar.Header) ([]byte, error) {
	if h.Size > maxSmall {
		return nil, &DamagedError{fmt.Sprintf("%s has %d bytes", h.Name, h.Size)}
	}
	text, err := io.ReadAll(r.tar)
	if err != nil {
		return nil, &DamagedError{err.Error()}
	}
	return text, nil
}

func (r *reader) json(h *tar.Header, into any) error {
	text, err := r.small(h)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &DamagedError{h.Name + ": " + err.Error()}
	}
	return nil
}

// dump adds a part to a dump.
func (r *reader) dump(name string) error {
	schema, _, _ := strings.Cut(name, "/")
	known := false
	for _, d := range r.site.Databases {
		known = known || d.Schema == schema
	}
	if !known {
		return &DamagedError{fmt.Sprintf("it has the unknown schema %q", schema)}
	}
	f, err := os.OpenFile(filepath.Join(r.spool, schema), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(r.copy(f), f.Close())
}

// copy copies an entry. What is wrong with the entry is a *DamagedError, and what is wrong with the disk is not.
func (r *reader) copy(to io.Writer) error {
	buf := make([]byte, 256<<10)
	for {
		n, err := r.tar.Read(buf)
		if _, failed := to.Write(buf[:n]); failed != nil {
			return failed
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &DamagedError{err.Error()}
		}
	}
}

// file puts a file into its place once it has the checksum in its name.
func (r *reader) file(want string) error {
	f, err := os.CreateTemp(r.spool, "file-")
	if err != nil {
		return err
	}
	defer f.Close()
	sum := newSum()
	if err := r.copy(io.MultiWriter(f, sum)); err != nil {
		return err
	}
	if got := sumOf(sum); got != want {
		return &DamagedError{fmt.Sprintf("the file %s.arrow has the SHA-256 %s", want, got)}
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Chmod(0o644), f.Sync()); err != nil {
		return err
	}
	r.files++
	r.bytes += info.Size()
	return os.Rename(f.Name(), filepath.Join(r.site.Data, want+".arrow"))
}

// load fills a database from its dump, which has come whole.
func (r *reader) load(ctx context.Context, d Database) error {
	path := filepath.Join(r.spool, d.Schema)
	f, err := os.Open(path)
	if err != nil {
		return &DamagedError{"it lacks the schema " + d.Schema}
	}
	defer f.Close()
	sum := newSum()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := sumOf(sum); got != r.done.Databases[d.Schema] {
		return &DamagedError{fmt.Sprintf("the dump of the schema %s has another checksum than was written", d.Schema)}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := d.create(ctx); err != nil {
		return err
	}
	return d.run(ctx, f, nil, "pg_restore", "--single-transaction", "--exit-on-error")
}

// create creates the schema, unless its owner has been given one.
func (d Database) create(ctx context.Context) error {
	conn, err := d.connect(ctx)
	if err != nil {
		return err
	}
	defer snapshot{conn: conn}.close()
	return ask(ctx, func(ctx context.Context) error {
		var exists bool
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", d.Schema).Scan(&exists)
		if err == nil && !exists {
			_, err = conn.Exec(ctx, "CREATE SCHEMA "+quoted(d.Schema))
		}
		if err != nil {
			return fmt.Errorf("create the schema %s: %w", d.Schema, err)
		}
		return nil
	})
}

// check compares what was restored with what the backup says.
func check(ctx context.Context, site Site, m Manifest) error {
	for i, d := range site.Databases {
		conn, err := d.connect(ctx)
		if err != nil {
			return err
		}
		defer snapshot{conn: conn}.close()
		last, err := migration(ctx, conn, d.Schema)
		if err != nil {
			return err
		}
		if want := m.Migrations[d.Schema]; last != want {
			return &DamagedError{fmt.Sprintf("the schema %s is at migration %d and should be at %d", d.Schema, last, want)}
		}
		if i > 0 {
			continue
		}
		files, err := namedFiles(ctx, conn, d.Schema)
		if err != nil {
			return err
		}
		for _, sum := range files {
			if _, err := os.Stat(filepath.Join(site.Data, sum+".arrow")); err != nil {
				return &DamagedError{fmt.Sprintf("the file %s.arrow of a dataset is missing", sum)}
			}
		}
	}
	return nil
}
