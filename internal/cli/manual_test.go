package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"foliocast/internal/cli/shelltest"
)

func TestManual(t *testing.T) {
	t.Parallel()
	p := Program{Name: "orbit", Short: "Compute orbits", Long: `Orbit computes orbits, of
.planets and 'moons, as in C:\orbit, ~ and ^.

  orbit plan    plans one – with care
  orbit show    shows it

  orbit plan --days 3`, Codes: "\nExit codes:\n  0  done\n130  interrupted\n\nWith care.\n", Settings: "Settings:\n  ORBIT_DIR  the folder (default .)\n"}
	root := p.Root()
	plan := &cobra.Command{Use: "plan STAR...", Short: "Plan an orbit", Example: "  orbit plan '*' \\\n  .hidden", Run: func(*cobra.Command, []string) {}}
	plan.Flags().IntP("days", "d", 7, "`days` to plan")
	plan.Flags().Bool("secret", false, "not for people")
	_ = plan.Flags().MarkHidden("secret")
	root.AddCommand(plan, &cobra.Command{Use: "internal", Hidden: true, Short: "not for people", Run: func(*cobra.Command, []string) {}})
	root.PersistentFlags().String("color", "", "when to colour")
	var out bytes.Buffer
	root.SetOut(&out)
	if code := Run(t.Context(), root, []string{"man"}); code != Done {
		t.Fatal(code)
	}
	got := strings.Join(strings.Fields(shelltest.Manual(t, out.String())), " ")
	for _, want := range []string{
		"NAME orbit - Compute orbits SYNOPSIS",
		`of .planets and 'moons, as in C:\orbit, ~ and ^. orbit plan plans one – with care orbit show shows it orbit plan --days 3 COMMANDS`,
		`orbit plan STAR... Plan an orbit. orbit plan '*' \ .hidden -d, --days days days to plan (default 7)`,
		"--color string when to colour",
		"EXIT STATUS 0 done 130 interrupted OUTPUT With care. ENVIRONMENT ORBIT_DIR the folder (default .)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q: %s", want, got)
		}
	}
	for _, hidden := range []string{"secret", "internal", "not for people"} {
		if strings.Contains(got, hidden) {
			t.Errorf("the page has %q", hidden)
		}
	}
}
