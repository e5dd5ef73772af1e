package cli

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/spf13/cobra"
)

// SettingsCommand prints the settings of config, as of [SettingsHelp], as an environment file.
func SettingsCommand(config any) *cobra.Command {
	return &cobra.Command{
		Use: "settings [NAME=VALUE]...", Short: "Print all settings as an environment file",
		Long: `Print all settings as an environment file, as systemd and containers read it. Each has its meaning above it, and stands
behind a # with its default, but for those that the arguments set.`,
		RunE: func(c *cobra.Command, args []string) error {
			set := map[string]string{}
			for _, arg := range args {
				name, value, ok := strings.Cut(arg, "=")
				if !ok {
					return Refusef("%q is not NAME=VALUE", arg)
				}
				set[name] = value
			}
			text, err := settingsFile(config, set)
			if err != nil {
				return err
			}
			_, err = io.WriteString(c.OutOrStdout(), text)
			return err
		},
	}
}

// settingsFile is an environment file. It refuses what is not a setting, and values that would need quotes.
func settingsFile(config any, set map[string]string) (string, error) {
	var b strings.Builder
	left := len(set)
	eachSetting(config, func(name string, field reflect.StructField) {
		fmt.Fprintf(&b, "# %s\n", field.Tag.Get("help"))
		value, ok := set[name]
		if ok {
			left--
		} else {
			b.WriteString("#")
			value = field.Tag.Get("envDefault")
		}
		fmt.Fprintf(&b, "%s=%s\n\n", name, value)
	})
	if left > 0 {
		known := b.String()
		for name := range set {
			if !strings.Contains(known, "\n"+name+"=") {
				return "", Refusef("there is no setting %s", name)
			}
		}
	}
	for name, value := range set {
		if strings.ContainsAny(value, " \t\n\"'\\#;$`") {
			return "", Refusef("the value of %s would need quotes, which not every reader of such files understands", name)
		}
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
