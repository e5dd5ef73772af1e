package authsvc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// database makes a database of the test's own and returns its URL.
func database(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("db%d", time.Now().UnixNano())
	run := func(statement string) {
		conn, err := pgx.Connect(context.Background(), pgtest.URL(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), statement+pgx.Identifier{name}.Sanitize()); err != nil {
			t.Error(err)
		}
	}
	run("CREATE DATABASE ")
	t.Cleanup(func() { run("DROP DATABASE ") })
	u, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func configFor(databaseURL string) config {
	return config{Listen: "127.0.0.1:0", DatabaseURL: databaseURL, Issuer: auth.DefaultIssuer, KeyAge: time.Hour, AccessLife: 10 * time.Minute, TokenLife: time.Hour, UserTokens: 50, MaxConns: 4, Requests: 100, AuditKeep: 720 * time.Hour}
}

// run runs one command line on a database, and returns what it printed. The error
// is its message when the exit code is not 0.
func run(t *testing.T, databaseURL string, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	p := &program{out: &out, errs: &errs, read: func() (config, error) { return configFor(databaseURL), nil }}
	if code := p.run(t.Context(), args); code != 0 {
		return out.String(), fmt.Errorf("exit code %d: %s", code, errs.String())
	}
	return out.String(), nil
}

// service runs the service until the test, or stop, ends it; what it prints is
// there after stop.
func service(t *testing.T, c config) (base string, stop func() string) {
	t.Helper()
	var out bytes.Buffer
	s := servetest.Start(t, func(ctx context.Context, log *slog.Logger) error { return runService(ctx, c, log, &out) })
	return s.URL, func() string {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		return out.String()
	}
}

func TestFirstStartWritesThePassword(t *testing.T) {
	t.Parallel()
	c := configFor(database(t))
	c.AdminFile = filepath.Join(t.TempDir(), "admin.json")
	base, stop := service(t, c)
	first, err := os.ReadFile(c.AdminFile)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(c.AdminFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	var made login
	if err := json.Unmarshal(first, &made); err != nil || made.Username != "admin" {
		t.Fatalf("%s: %v", first, err)
	}
	tokens, err := authclient.New(base, nil).LoginWith(t.Context(),
		authclient.Credentials{Username: made.Username, Password: made.Password, Device: made.Device, Remember: true})
	if err != nil || made.Device == "" || tokens.Device != "" {
		t.Fatalf("the device %q is not known: %q, %v", made.Device, tokens.Device, err)
	}
	if printed := stop(); strings.Contains(printed, made.Password) {
		t.Errorf("printed %q too", printed)
	}
	// The second start keeps user, session and keys, and shows nothing.
	base, stop = service(t, c)
	if _, err := authclient.New(base, auth.Static(tokens.AccessToken)).Whoami(t.Context()); err != nil {
		t.Errorf("a token from before the restart: %v", err)
	}
	if again, err := os.ReadFile(c.AdminFile); err != nil || !bytes.Equal(again, first) {
		t.Errorf("the file has changed (%v)", err)
	}
	if printed := stop(); printed != "" {
		t.Errorf("printed %q", printed)
	}
}

// A file that others could read must not keep its mode.
func TestWriteSecretIsReadableByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]os.FileMode{"new": 0, "readable by all": 0o644, "executable": 0o755} {
		file := filepath.Join(t.TempDir(), "admin.json")
		if before != 0 {
			if err := os.WriteFile(file, nil, before); err != nil {
				t.Fatal(err)
			}
		}
		if err := writeSecret(file, login{Username: "admin", Password: "secret"}); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got mode %v, %v, want 0600", name, info.Mode(), err)
		}
	}
}

func TestFirstStartWithoutAPlaceForThePasswordMakesNoUser(t *testing.T) {
	t.Parallel()
	c := configFor(database(t))
	c.AdminFile = filepath.Join(t.TempDir(), "missing", "admin.json")
	err := runService(t.Context(), c, slog.New(slog.DiscardHandler), &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "add the first administrator") {
		t.Errorf("got %v", err)
	}
	c.AdminFile = filepath.Join(t.TempDir(), "admin.json")
	service(t, c)
	if _, err := os.Stat(c.AdminFile); err != nil {
		t.Errorf("the next start makes none: %v", err)
	}
}

func TestServiceCommands(t *testing.T) {
	t.Parallel()
	db := database(t)
	var one, two client
	for _, c := range []struct {
		into *client
		args []string
	}{
		{&one, []string{"service", "add", "worker", "--scope", "queue:lease", "--scope", "datasets:read"}},
		{&two, []string{"service", "add", "worker", "--scope", "queue:lease"}},
	} {
		out, err := run(t, db, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(out), c.into); err != nil || c.into.ID != "worker" || c.into.Secret == "" {
			t.Fatalf("%q: %v", out, err)
		}
	}
	conn, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var changes int
	const recorded = "SELECT count(*) FROM authsvc.audit WHERE action = 'set-service' AND object_id = 'worker' AND actor = 'operator' AND name <> ''"
	if err := conn.QueryRow(t.Context(), recorded).Scan(&changes); err != nil || changes != 2 {
		t.Errorf("%d changes are in the audit trail, want 2 (%v)", changes, err)
	}
	base, _ := service(t, configFor(db))
	open := authclient.New(base, nil)
	if _, err := open.Credentials(t.Context(), "worker", one.Secret, auth.Queue); err == nil {
		t.Error("the old secret holds")
	}
	tokens, err := open.Credentials(t.Context(), "worker", two.Secret, auth.Queue)
	if err != nil || tokens.Scope != "queue:lease" {
		t.Errorf("got %q, %v", tokens.Scope, err)
	}
	file := filepath.Join(t.TempDir(), "secret")
	chosen := strings.Repeat("0f", 16)
	if err := os.WriteFile(file, []byte(chosen+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as at each start of an installation
		out, err := run(t, db, "service", "add", "worker", "--scope", "queue:lease", "--secret-file", file)
		if want := `{"client_id":"worker","scopes":["queue:lease"]}` + "\n"; err != nil || out != want {
			t.Errorf("got %q, %v, want %q", out, err, want)
		}
	}
	if _, err := open.Credentials(t.Context(), "worker", chosen, auth.Queue); err != nil {
		t.Errorf("the secret of the file: %v", err)
	}
	if out, err := run(t, db, "service", "list"); err != nil || out != `{"client_id":"worker","scopes":["queue:lease"]}`+"\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if _, err := run(t, db, "service", "remove", "worker"); err != nil {
		t.Error(err)
	}
	if _, err := open.Credentials(t.Context(), "worker", chosen, auth.Queue); err == nil {
		t.Error("the removed account logs in")
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	db := database(t)
	for range 2 { // the second finds nothing to do
		if out, err := run(t, db, "migrate"); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	conn, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var users int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM authsvc.users").Scan(&users); err != nil || users != 0 {
		t.Errorf("%d users, %v: want a schema that nobody has used", users, err)
	}
}

func TestUserCommands(t *testing.T) {
	t.Parallel()
	db := database(t)
	var made, again login
	for _, c := range []struct {
		into *login
		args []string
	}{
		{&made, []string{"user", "add", "ada", "--role", "manager", "--role", "secretary"}},
		{&again, []string{"user", "password", "ada"}},
	} {
		out, err := run(t, db, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(out), c.into); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
	}
	base, stop := service(t, configFor(db))
	open := authclient.New(base, nil)
	if _, err := open.Login(t.Context(), "ada", made.Password); err == nil {
		t.Error("the old password holds")
	}
	if tokens, err := open.Login(t.Context(), "ada", again.Password); err != nil || len(tokens.Roles) != 2 {
		t.Errorf("got %+v, %v", tokens.Roles, err)
	}
	if printed := stop(); printed != "" {
		t.Errorf("a first administrator was made beside a user: %q", printed)
	}
}

func TestBadCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		short + " must have one line of at least 32":          {"service", "add", "worker", "--scope", "queue:lease", "--secret-file", short},
		"read the secret: open " + short + "er: no such file": {"service", "add", "worker", "--scope", "queue:lease", "--secret-file", short + "er"},
		`there is no scope "queue:all"`:                       {"service", "add", "worker", "--scope", "queue:all"},
		"give at least one --scope":                           {"service", "add", "worker"},
		`"Worker" is not a name`:                              {"service", "add", "Worker", "--scope", "queue:lease"},
		`there is no role "porter"`:                           {"user", "add", "ada", "--role", "porter"},
		"give at least one --role":                            {"user", "add", "ada"},
		`"a" is not a name`:                                   {"user", "add", "a", "--role", "manager"},
		`authsvc has no command "sevre": did you mean serve?`: {"sevre"},
		"user password takes NAME, but was given nothing":     {"user", "password"},
	} {
		if _, err := run(t, "postgres://127.0.0.1:1/none", args...); err == nil || !strings.HasPrefix(err.Error(), "exit code 2: authsvc: "+want) {
			t.Errorf("%v: got %v, want %s and exit code 2", args, err, want)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	good := configFor("postgres://127.0.0.1/x")
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	bad := config{Issuer: "here", KeyAge: time.Second, DatabaseURL: "postgres://user:first:second@["}
	err := bad.Validate()
	if strings.Contains(err.Error(), "first") || strings.Contains(err.Error(), "second") {
		t.Errorf("a password is in: %v", err)
	}
	for _, name := range []string{"DATABASE_URL", "ISSUER", "KEY_AGE", "DATABASE_CONNECTIONS", "ACCESS_LIFE", "TOKEN_LIFE", "USER_TOKENS"} {
		if err == nil || !strings.Contains(err.Error(), "FOLIOCAST_"+name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
	help := (&program{}).command().Long
	if !strings.Contains(help, "(default "+auth.DefaultIssuer+")") {
		t.Errorf("the default issuer is not that of the verifiers: %s", help)
	}
}

func TestTheDoorHasItsSettings(t *testing.T) {
	t.Parallel()
	c := configFor(database(t))
	c.AdminFile = filepath.Join(t.TempDir(), "admin.json")
	c.MetricsToken, c.StopNotice = servetest.MetricsToken, servetest.StopNotice
	c.TrustedProxies = serve.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	c.Issuer = "https://id.example"
	s := servetest.Start(t, func(ctx context.Context, log *slog.Logger) error { return runService(ctx, c, log, io.Discard) })
	text, err := os.ReadFile(c.AdminFile)
	var made login
	if err != nil || json.Unmarshal(text, &made) != nil {
		t.Fatalf("%s: %v", text, err)
	}
	tokens, err := authclient.New(s.URL, nil).Login(t.Context(), made.Username, made.Password)
	if err != nil {
		t.Fatal(err)
	}
	_, published := servetest.Send(t, http.MethodGet, s.URL+"/.well-known/oauth-authorization-server", nil)
	var m authclient.Metadata
	if err := json.Unmarshal([]byte(published), &m); err != nil || m.Issuer != c.Issuer || m.Token != c.Issuer+"/v1/token" || m.JWKS != c.Issuer+"/.well-known/jwks.json" {
		t.Errorf("the metadata are %s, %v", published, err)
	}
	s.KeepsItsDoor(t, "/v1/users", tokens.AccessToken)
}
