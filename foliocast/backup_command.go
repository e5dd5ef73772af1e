package foliocast

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"foliocast/foliocast/backup"
	"foliocast/foliocast/up"
	"foliocast/internal/cli"
	"foliocast/internal/outfile"
)

// backupHelp says which site is meant.
const backupHelp = `

The site is that of foliocast up in its state directory (--state, else FOLIOCAST_STATE), or, where
DATABASE_URL or FOLIOCAST_AUTHSVC_DATABASE_URL, FOLIOCAST_QUEUE_DATABASE_URL and
FOLIOCAST_FRONTEND_DATABASE_URL are set, the one on those databases, with the files in --data.
It needs pg_dump and pg_restore of a PostgreSQL that is not older than the server.`

// siteFlags say where a site has its files.
type siteFlags struct{ data, key string }

func (f *siteFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.data, "data", "", "`directory` of the data service's files (default FOLIOCAST_DATA_DIR, else data in the state directory)")
	c.Flags().StringVar(&f.key, "key", "", "`file` with the key of the identity service's signing keys (default FOLIOCAST_KEY_ENCRYPTION_FILE, else signing.key in the state directory)")
}

// site is the site of the flags on databases.
func (a *app) site(f siteFlags, d up.Databases) backup.Site {
	state := a.upState()
	return backup.Site{
		Databases: []backup.Database{{Schema: "frontend", URL: d.Frontend}, {Schema: "queue", URL: d.Queue}, {Schema: "authsvc", URL: d.Auth}},
		Data:      cmp.Or(f.data, a.env("FOLIOCAST_DATA_DIR"), filepath.Join(state, "data")),
		Secrets: map[string]string{
			"signing.key": cmp.Or(f.key, a.env("FOLIOCAST_KEY_ENCRYPTION_FILE"), filepath.Join(state, "signing.key")),
			"admin.json":  up.AdminPath(state),
		},
	}
}

func (a *app) backupCommand() *cobra.Command {
	var f siteFlags
	c := &cobra.Command{
		Use: "backup FILE | FOLDER | -", Short: "Write everything that a site must not lose into one file", Args: cobra.ExactArgs(1),
		Long: `Write everything that a site must not lose into one file, while the site works: the databases as they
were at one moment, and the files that they name. A folder gets a file with the time in its name; - is standard
output. The file holds secrets: only its owner can read it. One that exists is not replaced.` + backupHelp,
		Example: "  foliocast backup /var/backups\n  foliocast backup - | ssh elsewhere 'umask 077; cat > foliocast.tar'",
		RunE: func(c *cobra.Command, args []string) error {
			databases, err := a.backupDatabases()
			if err != nil {
				return err
			}
			write := func(w io.Writer) (backup.Manifest, error) {
				return backup.Write(c.Context(), w, a.site(f, databases), cli.Version())
			}
			if args[0] == "-" {
				out := bufio.NewWriterSize(a.out, 1<<20)
				_, err := write(out)
				return errors.Join(err, out.Flush())
			}
			path := args[0]
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				path = filepath.Join(path, "foliocast-"+time.Now().UTC().Format("20060102T150405Z")+".tar")
			}
			m, err := toFile(path, write)
			if err != nil {
				return err
			}
			return a.show(map[string]any{"file": path, "manifest": m}, func(w io.Writer) {
				line(w, "wrote %s with %s", path, counted(int64(m.Files), "file of a dataset", "files of datasets"))
				if !m.OneMoment {
					line(w, "the services have databases of their own: each is as it was at a moment of its own")
				}
			})
		},
	}
	f.register(c)
	return c
}

// backupDatabases are the databases of a site that may be at work.
func (a *app) backupDatabases() (up.Databases, error) {
	if d := a.databases(); d != (up.Databases{}) {
		return d, nil
	}
	state := a.upState()
	d, running, err := up.RunningDatabases(state)
	if err == nil && !running {
		err = usagef("foliocast up does not run in %s: start it, name another directory with --state, or set DATABASE_URL", state)
	}
	return d, err
}

// toFile writes a backup into a new file that only its owner can read.
func toFile(path string, write func(io.Writer) (backup.Manifest, error)) (m backup.Manifest, err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return m, usagef("%s exists: a backup does not replace a file", path)
	}
	f, err := outfile.Create(path)
	if err != nil {
		return m, err
	}
	if err = os.Chmod(f.Temporary(), 0o600); err == nil {
		m, err = write(f)
	}
	return m, f.End(err)
}

func (a *app) restoreCommand() *cobra.Command {
	var f siteFlags
	c := &cobra.Command{
		Use: "restore FILE | -", Short: "Restore a backup into an empty site", Args: cobra.ExactArgs(1),
		Long: `Restore what foliocast backup wrote into an empty site, and compare it with the checksums in the backup.
The services must not run. A site that has anything is left as it is.` + backupHelp,
		Example: "  foliocast restore --state /var/lib/foliocast /var/backups/foliocast-20260131T180000Z.tar",
		RunE: func(c *cobra.Command, args []string) error {
			in := io.Reader(a.stdin(c.Context()))
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return usagef("%v", err)
				}
				defer file.Close()
				in = bufio.NewReaderSize(file, 1<<20)
			}
			m, err := a.restore(c.Context(), in, f)
			if err != nil {
				return err
			}
			return a.show(map[string]any{"manifest": m}, func(w io.Writer) {
				line(w, "restored the backup of %s with %s", when(m.CreatedAt), counted(int64(m.Files), "file of a dataset", "files of datasets"))
			})
		},
	}
	f.register(c)
	return c
}

// restore reads a backup into the databases of the environment, or into a new state directory.
func (a *app) restore(ctx context.Context, in io.Reader, f siteFlags) (m backup.Manifest, err error) {
	if d := a.databases(); d != (up.Databases{}) {
		return backup.Restore(ctx, in, a.site(f, d))
	}
	state := a.upState()
	private := filepath.Join(state, "postgres")
	if _, err := os.Lstat(private); !errors.Is(err, fs.ErrNotExist) {
		return m, usagef("%v", &backup.NotEmptyError{What: private + " exists"})
	}
	err = up.OnDatabase(ctx, up.Config{State: state}, func(d up.Databases) error {
		m, err = backup.Restore(ctx, in, a.site(f, d))
		return err
	})
	if err != nil {
		_, running := errors.AsType[*up.Running](err)
		if !running {
			err = errors.Join(err, os.RemoveAll(private)) // so that another try finds the site empty
		}
	}
	return m, err
}
