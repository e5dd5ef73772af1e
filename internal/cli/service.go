package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Service is a program that serves until it is told to stop, with settings of
// the type C.
type Service[C any] struct {
	Program
	Level  func(C) slog.Level                           // of the log
	Listen func(C) string                               // the address to listen on
	Serve  func(context.Context, *slog.Logger, C) error // until the context ends
	// Migrate brings the schema in the database to the version of the program.
	Migrate func(context.Context, *slog.Logger, C) error
	Read    func() (C, error) // reads the settings; nil means [Settings]
}

// Root is the root command of the service. It serves, and so does its command
// serve; its commands health and migrate are for those who run it. The help lists the settings of C.
func (s Service[C]) Root() *cobra.Command {
	var config C
	s.Program.Settings = SettingsHelp(config)
	if s.Read == nil {
		s.Read = read[C]
	}
	root := s.Program.Root()
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := s.Read()
		if err != nil {
			return err
		}
		return s.Serve(cmd.Context(), Logger(s.Name, s.Level(config)), config)
	}
	root.AddCommand(SettingsCommand(config), &cobra.Command{Use: "serve", Short: "Serve until SIGINT or SIGTERM, as without a command", Args: cobra.NoArgs, RunE: root.RunE},
		healthCommand(func() (string, error) {
			config, err := s.Read()
			return s.Listen(config), err
		}),
		&cobra.Command{
			Use: "migrate", Args: cobra.NoArgs, Short: "Bring the schema in the database to this version, and end",
			Long: "Bring the schema in the database to the version of this program, and end. The service does so by itself when it starts; before an upgrade, a migration that fails leaves the old version running.",
			RunE: func(cmd *cobra.Command, _ []string) error {
				config, err := s.Read()
				if err != nil {
					return err
				}
				return s.Migrate(cmd.Context(), Logger(s.Name, s.Level(config)), config)
			},
		})
	return root
}

func read[C any]() (config C, err error) {
	err = Settings(&config)
	return config, err
}

// Signals ends on SIGINT or SIGTERM, for the main function of a service.
func Signals() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// Logger writes JSON lines to standard error under the program's name.
func Logger(program string, level slog.Level) *slog.Logger {
	return newLogger(os.Stderr, program, level)
}

func newLogger(w io.Writer, program string, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: shorten})).With("service", program)
}

// maxField is how many bytes of one value a log line has: a message or an error may
// contain what somebody sent.
const maxField = 8 << 10

// shorten cuts a value of a log line.
func shorten(_ []string, a slog.Attr) slog.Attr {
	text := ""
	switch v := a.Value.Any().(type) {
	case string:
		text = v
	case error:
		text = v.Error()
	}
	if len(text) > maxField {
		a.Value = slog.StringValue(strings.ToValidUTF8(text[:maxField], "") + "…")
	}
	return a
}
