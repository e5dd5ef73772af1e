package cli

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Listen   string        `env:"LISTEN" envDefault:"127.0.0.1:1" help:"address to listen on"`
	Database string        `env:"DATABASE_URL" fallback:"DATABASE_URL" secret:"true" help:"PostgreSQL to use"`
	Wait     time.Duration `env:"WAIT" envDefault:"3s" help:"time to wait"`
	Level    slog.Level    `env:"LOG_LEVEL" envDefault:"INFO" help:"lowest level that is logged"`
	Other    string        // no setting
}

func (s *sample) Validate() error {
	if s.Wait < 0 {
		return errors.New("FOLIOCAST_WAIT must not be negative")
	}
	return nil
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		environment map[string]string
		want        sample
	}{
		{"defaults", map[string]string{}, sample{Listen: "127.0.0.1:1", Wait: 3 * time.Second}},
		{"fallback", map[string]string{"DATABASE_URL": "b"}, sample{Listen: "127.0.0.1:1", Database: "b", Wait: 3 * time.Second}},
		{"own name before fallback", map[string]string{"DATABASE_URL": "b", "FOLIOCAST_DATABASE_URL": "a"},
			sample{Listen: "127.0.0.1:1", Database: "a", Wait: 3 * time.Second}},
		{"values", map[string]string{"FOLIOCAST_WAIT": "1m", "FOLIOCAST_LOG_LEVEL": "warn"},
			sample{Listen: "127.0.0.1:1", Wait: time.Minute, Level: slog.LevelWarn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got sample
			if err := settings(&got, c.environment); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(got, c.want); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSettingsNameEachFaultAndNoValue(t *testing.T) {
	t.Parallel()
	err := settings(&sample{}, map[string]string{"FOLIOCAST_WAIT": "hunter2", "FOLIOCAST_LOG_LEVEL": "hunter2"})
	if err == nil {
		t.Fatal("no error")
	}
	want := "FOLIOCAST_WAIT cannot be read: it is the time to wait\nFOLIOCAST_LOG_LEVEL cannot be read: it is the lowest level that is logged"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if err := settings(&sample{}, map[string]string{"FOLIOCAST_WAIT": "-1s"}); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Errorf("Validate was not asked: %v", err)
	}
}

func TestSecretsInFiles(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for _, c := range []struct {
		name        string
		environment map[string]string
		want, fault string
	}{
		{"a line", map[string]string{"FOLIOCAST_DATABASE_URL_FILE": file("hunter2\n")}, "hunter2", ""},
		{"before the fallback", map[string]string{"FOLIOCAST_DATABASE_URL_FILE": file("hunter2"), "DATABASE_URL": "b"}, "hunter2", ""},
		{"both", map[string]string{"FOLIOCAST_DATABASE_URL_FILE": file("hunter2"), "FOLIOCAST_DATABASE_URL": "a"}, "",
			"FOLIOCAST_DATABASE_URL and FOLIOCAST_DATABASE_URL_FILE are both set: set one of them"},
		{"empty", map[string]string{"FOLIOCAST_DATABASE_URL_FILE": file("\n")}, "", "FOLIOCAST_DATABASE_URL_FILE is empty: "},
		{"missing", map[string]string{"FOLIOCAST_DATABASE_URL_FILE": missing}, "", "FOLIOCAST_DATABASE_URL_FILE cannot be read: open " + missing},
		{"of no secret", map[string]string{"FOLIOCAST_LISTEN_FILE": missing}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got sample
			err := settings(&got, c.environment)
			if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.HasPrefix(err.Error(), c.fault)) {
				t.Fatalf("got the error %v, want %q", err, c.fault)
			}
			if got.Database != c.want {
				t.Errorf("got %q, want %q", got.Database, c.want)
			}
		})
	}
}

func TestSettingsHelp(t *testing.T) {
	t.Parallel()
	want := `Settings, from the environment:
  FOLIOCAST_LISTEN        address to listen on (default 127.0.0.1:1)
  FOLIOCAST_DATABASE_URL  PostgreSQL to use; or in a file, which FOLIOCAST_DATABASE_URL_FILE names; when it is not set, DATABASE_URL
  FOLIOCAST_WAIT          time to wait (default 3s)
  FOLIOCAST_LOG_LEVEL     lowest level that is logged (default INFO)
`
	if d := cmp.Diff(SettingsHelp(sample{}), want); d != "" {
		t.Error(d)
	}
}
