package authsvc

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/auth"
)

// plainKeys returns how many signing keys a reader of the database can use, and how many
// there are.
func plainKeys(t *testing.T, databaseURL string) (plain, all int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	// A private key as PKCS #8 is a sequence (RFC 5208): its first byte is 48.
	const query = "SELECT count(*) FILTER (WHERE get_byte(private_key, 0) = 48 AND get_byte(private_key, 1) = 129), count(*) FROM authsvc.signing_key"
	if err := conn.QueryRow(t.Context(), query).Scan(&plain, &all); err != nil {
		t.Fatal(err)
	}
	return plain, all
}

// The keys of an earlier version are encrypted at the first start with a key file. They
// stay the same, through a rotation of the file, too.
func TestSigningKeysAreEncrypted(t *testing.T) {
	t.Parallel()
	c := configFor(database(t))
	c.AdminFile = filepath.Join(t.TempDir(), "admin.json")
	base, stop := service(t, c)
	admin := readLogin(t, c.AdminFile)
	tokens, err := authclient.New(base, nil).Login(t.Context(), admin.Username, admin.Password)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if plain, all := plainKeys(t, c.DatabaseURL); plain != 2 || all != 2 {
		t.Fatalf("without a file, %d of %d keys are plain", plain, all)
	}
	c.KeyFile = filepath.Join(t.TempDir(), "signing.key")
	for _, step := range []string{"migrated", "started again", "rotated", "the old line removed"} {
		text, _ := os.ReadFile(c.KeyFile)
		switch step {
		case "rotated":
			p := &program{read: func() (config, error) { return c, nil }}
			if err := p.rotateKeyFile(); err != nil {
				t.Fatal(err)
			}
		case "the old line removed":
			first, _, _ := strings.Cut(string(text), "\n")
			if err := os.WriteFile(c.KeyFile, []byte(first), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		base, stop := service(t, c)
		if _, err := authclient.New(base, auth.Static(tokens.AccessToken)).Whoami(t.Context()); err != nil {
			t.Errorf("%s: a token from before: %v", step, err)
		}
		stop()
		if plain, all := plainKeys(t, c.DatabaseURL); plain != 0 || all != 2 {
			t.Errorf("%s: %d of %d keys are plain", step, plain, all)
		}
		if info, err := os.Stat(c.KeyFile); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", step, info.Mode(), err)
		}
	}
}

// Without the right file the service does not start, and does not make another one.
func TestKeyFileIsLost(t *testing.T) {
	t.Parallel()
	c := configFor(database(t))
	c.AdminFile, c.KeyFile = filepath.Join(t.TempDir(), "admin.json"), filepath.Join(t.TempDir(), "signing.key")
	_, stop := service(t, c)
	stop()
	fails := func(name string) {
		t.Helper()
		err := runService(t.Context(), c, slog.New(slog.DiscardHandler), &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), "authsvc key reset") && !strings.Contains(err.Error(), "signing.key") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := os.Remove(c.KeyFile); err != nil {
		t.Fatal(err)
	}
	fails("no file")
	if _, err := os.Stat(c.KeyFile); err == nil {
		t.Error("a new file was made")
	}
	for _, text := range []string{"", "nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="} {
		if err := os.WriteFile(c.KeyFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fails("the file " + text)
	}
	c.KeyFile = ""
	fails("no setting")
	if _, err := run(t, c.DatabaseURL, "key", "reset"); err != nil {
		t.Fatal(err)
	}
	c.KeyFile = filepath.Join(t.TempDir(), "another.key")
	base, _ := service(t, c)
	admin := readLogin(t, c.AdminFile)
	if _, err := authclient.New(base, nil).Login(t.Context(), admin.Username, admin.Password); err != nil {
		t.Error(err)
	}
}
