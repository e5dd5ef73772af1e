package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stream is a backup without databases, with the entries that change makes of the right ones.
func stream(t *testing.T, change func([]entry) []entry) []byte {
	t.Helper()
	text := "the values of a dataset"
	sum := newSum()
	sum.Write([]byte(text))
	all := []entry{
		{manifestName, `{"format":1,"program":"v1","files":1}`},
		{secretsDir + "signing.key", "a key"},
		{filesDir + sumOf(sum) + ".arrow", text},
		{endName, `{"files":1,"bytes":23}`},
	}
	if change != nil {
		all = change(all)
	}
	var b bytes.Buffer
	out := &writer{tar: tar.NewWriter(&b), at: time.Now()}
	for _, e := range all {
		if err := out.entry(e.name, []byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.tar.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type entry struct{ name, text string }

func emptySite(t *testing.T) Site {
	dir := t.TempDir()
	return Site{Data: filepath.Join(dir, "data"), Secrets: map[string]string{"signing.key": filepath.Join(dir, "signing.key")}}
}

// left lists what a site has.
func left(t *testing.T, s Site) (all []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Dir(s.Data), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestADamagedBackupLeavesTheSiteEmpty(t *testing.T) {
	t.Parallel()
	replace := func(i int, old, new string) func([]entry) []entry {
		return func(all []entry) []entry {
			all[i].text = strings.Replace(all[i].text, old, new, 1)
			return all
		}
	}
	for _, test := range []struct {
		name, want string
		stream     []byte
	}{
		{"nothing", "it ends too early", nil},
		{"another file", "unexpected EOF", []byte("PK\x03\x04")},
		{"another archive", "it does not begin with manifest.json", stream(t, func(all []entry) []entry { return all[1:] })},
		{"an unreadable manifest", "manifest.json", stream(t, replace(0, "{", "["))},
		{"a later format", "restore it with the version that wrote it, v1", stream(t, replace(0, `"format":1`, `"format":2`))},
		{"a changed file", "has the SHA-256", stream(t, replace(2, "values", "Values"))},
		{"a missing file", "it has 0 files", stream(t, func(all []entry) []entry { return append(all[:2:2], all[3]) })},
		{"no end", "it ends too early", stream(t, func(all []entry) []entry { return all[:3] })},
		{"cut in an entry", "unexpected EOF", stream(t, nil)[:1060]},
		{"more after the end", "something follows its end", stream(t, func(all []entry) []entry { return append(all, all[1]) })},
		{"an unknown entry", `the unknown entry "../etc/passwd"`, stream(t, func(all []entry) []entry { return append(all[:1:1], entry{"../etc/passwd", "x"}) })},
		{"a file elsewhere", `the unknown entry "files/../x.arrow"`, stream(t, func(all []entry) []entry { return append(all[:1:1], entry{"files/../x.arrow", "x"}) })},
		{"an unknown schema", `the unknown schema ".."`, stream(t, func(all []entry) []entry { return append(all[:1:1], entry{"database/../x", "x"}) })},
		{"a large manifest", "manifest.json has 1048577 bytes", stream(t, func(all []entry) []entry { return []entry{{manifestName, strings.Repeat(" ", maxSmall+1)}} })},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			site := emptySite(t)
			_, err := Restore(t.Context(), bytes.NewReader(test.stream), site)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if got := left(t, site); len(got) > 0 {
				t.Errorf("it left %v", got)
			}
		})
	}
}

func TestRestoreRefusesASiteWithFiles(t *testing.T) {
	t.Parallel()
	site := emptySite(t)
	whole := stream(t, nil)
	if _, err := Restore(t.Context(), bytes.NewReader(whole), site); err != nil {
		t.Fatal(err)
	}
	had := left(t, site)
	if text, err := os.ReadFile(site.Secrets["signing.key"]); string(text) != "a key" || len(had) != 2 {
		t.Errorf("restored %v with %q, %v", had, text, err)
	}
	if info, err := os.Stat(site.Secrets["signing.key"]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key has the mode %v, %v", info.Mode(), err)
	}
	for range 2 {
		_, err := Restore(t.Context(), bytes.NewReader(whole), site)
		if _, ok := errors.AsType[*NotEmptyError](err); !ok || len(left(t, site)) != len(had) {
			t.Errorf("a second restore: %v, and %v is left", err, left(t, site))
		}
		files, _ := filepath.Glob(filepath.Join(site.Data, "*.arrow"))
		for _, f := range files { // the key alone is enough to refuse
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
		had = left(t, site)
	}
}

func TestAnInterruptEndsARestore(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	site := emptySite(t)
	if _, err := Restore(ctx, bytes.NewReader(stream(t, nil)), site); !errors.Is(err, context.Canceled) || len(left(t, site)) > 0 {
		t.Errorf("got %v, and %v is left", err, left(t, site))
	}
}

// Nobody reads the password of a database among the processes.
func TestThePasswordIsNotOnTheCommandLine(t *testing.T) {
	t.Parallel()
	address, password, err := Database{"queue", "postgres://ann:s3cret@db:5432/f?sslmode=require"}.withoutPassword()
	if address != "postgres://ann@db:5432/f?sslmode=require" || password != "s3cret" || err != nil {
		t.Errorf("got %q and %q, %v", address, password, err)
	}
	if _, _, err := (Database{"queue", "host=db password=s3cret"}).withoutPassword(); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}
