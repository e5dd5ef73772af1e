package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettingsFile(t *testing.T) {
	t.Parallel()
	want := `# address to listen on
#FOLIOCAST_LISTEN=127.0.0.1:1

# PostgreSQL to use
FOLIOCAST_DATABASE_URL=postgres:///db?host=/run/postgresql

# time to wait
#FOLIOCAST_WAIT=3s

# lowest level that is logged
#FOLIOCAST_LOG_LEVEL=INFO
`
	got, err := settingsFile(sample{}, map[string]string{"FOLIOCAST_DATABASE_URL": "postgres:///db?host=/run/postgresql"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
}

func TestSettingsFileRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ setting, value, want string }{
		"an unknown setting":  {"FOLIOCAST_HATS", "3", "there is no setting FOLIOCAST_HATS"},
		"a value with spaces": {"FOLIOCAST_LISTEN", "a b", "the value of FOLIOCAST_LISTEN would need quotes"},
		"a second line":       {"FOLIOCAST_LISTEN", "a\nFOLIOCAST_WAIT=9s", "the value of FOLIOCAST_LISTEN would need quotes"},
	} {
		if _, err := settingsFile(sample{}, map[string]string{c.setting: c.value}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
