package cli_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/cli"
)

type settings struct {
	Port int `env:"PORT" envDefault:"80" help:"port to listen on"`
}

// shop is a service that fails with the error.
func shop(err error, read func() (settings, error)) cli.Service[settings] {
	return cli.Service[settings]{
		Program: cli.Program{Name: "shop", Short: "Sell hats", Long: "shop sells hats."},
		Level:   func(settings) slog.Level { return slog.LevelError },
		Serve:   func(context.Context, *slog.Logger, settings) error { return err },
		Read:    read,
	}
}

func TestService(t *testing.T) {
	t.Parallel()
	good := func() (settings, error) { return settings{Port: 1}, nil }
	bad := func() (settings, error) { return settings{}, cli.Refusef("FOLIOCAST_PORT is wrong") }
	for name, c := range map[string]struct {
		args      []string
		read      func() (settings, error)
		err       error
		code      int
		out, errs string
	}{
		"no command":      {nil, good, nil, cli.Done, "", ""},
		"serve":           {[]string{"serve"}, good, nil, cli.Done, "", ""},
		"version":         {[]string{"--version"}, bad, nil, cli.Done, "shop version unknown\n", ""},
		"failure":         {[]string{"serve"}, good, errors.New("no hats"), cli.Failed, "", "shop: no hats\n"},
		"wrong settings":  {[]string{"serve"}, bad, nil, cli.Refused, "", "shop: FOLIOCAST_PORT is wrong\n"},
		"unknown command": {[]string{"buy"}, good, nil, cli.Refused, "", "shop: shop has no command \"buy\": shop --help lists them\n"},
		"unknown flag":    {[]string{"serve", "--now"}, good, nil, cli.Refused, "", "shop: serve has no flag --now\n"},
	} {
		var out, errs bytes.Buffer
		root := shop(c.err, c.read).Root()
		root.SetOut(&out)
		root.SetErr(&errs)
		if code := cli.Run(t.Context(), root, c.args); code != c.code || out.String() != c.out || errs.String() != c.errs {
			t.Errorf("%s: got %d, %q, %q, want %d, %q, %q", name, code, out.String(), errs.String(), c.code, c.out, c.errs)
		}
	}
}

func TestHelpShowsExitCodesAndSettings(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	root := shop(nil, nil).Root()
	root.SetOut(&out)
	if code := cli.Run(t.Context(), root, []string{"--help"}); code != cli.Done {
		t.Errorf("got %d", code)
	}
	help, _, _ := strings.Cut(out.String(), "\nUsage:")
	want := `shop sells hats.

Exit codes:
  0  done
  1  something failed that is not the caller's fault
  2  wrong arguments, settings or input

Settings, from the environment:
  FOLIOCAST_PORT  port to listen on (default 80)
`
	if diff := cmp.Diff(help, want); diff != "" {
		t.Errorf("help (-got +want)\n%s", diff)
	}
}

// A program with exit codes of its own decides about each error.
func TestRunWithOwnExitCodes(t *testing.T) {
	t.Parallel()
	root := shop(errors.New("no hats"), func() (settings, error) { return settings{}, nil }).Root()
	root.SetErr(new(bytes.Buffer))
	if code := cli.RunWith(t.Context(), root, nil, func(error) int { return 7 }); code != 7 {
		t.Errorf("got %d, want 7", code)
	}
}
