package foliocast

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/internal/cli/shelltest"
)

// The manual page has every command and every flag that is not hidden, and no program complains about it.
func TestTheManualIsComplete(t *testing.T) {
	t.Parallel()
	p := newPerson(t, newScript(t, nil))
	got := p.types("", "man")
	got.check(t, exitOK, ".TH FOLIOCAST 1", "")
	page := strings.Join(strings.Fields(shelltest.Manual(t, got.out)), " ")
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden {
			return
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
		if !c.HasSubCommands() && !strings.Contains(page, c.CommandPath()) {
			t.Errorf("the page lacks %s", c.CommandPath())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(page, "--"+f.Name+" ") {
				t.Errorf("the page lacks --%s of %s", f.Name, c.CommandPath())
			}
		})
	}
	walk((&app{env: func(string) string { return "" }}).root())
	for _, want := range []string{"EXIT STATUS 0 done", "130 interrupted OUTPUT", "ENVIRONMENT FOLIOCAST_URL data service"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
