package cli

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/caarlos0/env/v11"
)

// SettingsPrefix begins the name of every setting.
const SettingsPrefix = "FOLIOCAST_"

// Settings reads a program's settings from its environment into config, a
// pointer to a struct whose fields have the tags
//
//	env:"LISTEN"             the name, without the prefix FOLIOCAST_
//	envDefault:"…"           the value when it is not set
//	help:"…"                 what it means, with its unit
//	fallback:"DATABASE_URL"  optional: a variable that is read when it is not set
//	secret:"true"            optional: it may be in a file, which the variable NAME_FILE names
//
// and which may have a method Validate() error. The error has a line for each
// setting at fault, and never the value of one; it is a [*Refusal].
func Settings(config any) error {
	if err := settings(config, env.ToMap(os.Environ())); err != nil {
		return &Refusal{err}
	}
	return nil
}

func settings(config any, environment map[string]string) error {
	var unread []error
	eachSetting(config, func(name string, field reflect.StructField) {
		if field.Tag.Get("secret") != "" {
			unread = append(unread, readSecret(name, environment))
		}
		if other := field.Tag.Get("fallback"); other != "" && environment[name] == "" {
			environment[name] = environment[other]
		}
	})
	if err := errors.Join(unread...); err != nil {
		return err
	}
	err := env.ParseWithOptions(config, env.Options{Environment: environment, Prefix: SettingsPrefix})
	if err != nil {
		return settingErrors(config, err)
	}
	if v, ok := config.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// fileSuffix ends the name of a variable that names a file with a secret.
const fileSuffix = "_FILE"

// readSecret sets a variable to the content of its file, if there is one, without the end of
// its line.
func readSecret(name string, environment map[string]string) error {
	path := environment[name+fileSuffix]
	if path == "" {
		return nil
	}
	if environment[name] != "" {
		return fmt.Errorf("%s and %s%s are both set: set one of them", name, name, fileSuffix)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s%s cannot be read: %w", name, fileSuffix, err)
	}
	environment[name] = strings.TrimRight(string(text), "\r\n")
	if environment[name] == "" {
		return fmt.Errorf("%s%s is empty: %s", name, fileSuffix, path)
	}
	return nil
}

// settingErrors says which variable is at fault, where the library names the
// field and repeats the value.
func settingErrors(config any, err error) error {
	aggregate, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return err
	}
	var all []error
	for _, e := range aggregate.Errors {
		parse, ok := errors.AsType[env.ParseError](e)
		if !ok {
			all = append(all, e)
			continue
		}
		eachSetting(config, func(name string, field reflect.StructField) {
			if field.Name == parse.Name {
				all = append(all, fmt.Errorf("%s cannot be read: it is the %s", name, field.Tag.Get("help")))
			}
		})
	}
	return errors.Join(all...)
}

// SettingsHelp is the table of the settings of config, a struct or a pointer
// to one as in [Settings]: name, default and meaning, a line each.
func SettingsHelp(config any) string {
	var b strings.Builder
	b.WriteString("Settings, from the environment:\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	eachSetting(config, func(name string, field reflect.StructField) {
		meaning := field.Tag.Get("help")
		if field.Tag.Get("secret") != "" {
			meaning += "; or in a file, which " + name + fileSuffix + " names"
		}
		if other := field.Tag.Get("fallback"); other != "" {
			meaning += "; when it is not set, " + other
		}
		if value := field.Tag.Get("envDefault"); value != "" {
			meaning += " (default " + value + ")"
		}
		fmt.Fprintf(w, "  %s\t%s\n", name, meaning)
	})
	w.Flush()
	return b.String()
}

// eachSetting visits the fields that have a name in the environment, also those of embedded
// structs.
func eachSetting(config any, visit func(name string, field reflect.StructField)) {
	t := reflect.TypeOf(config)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	visitSettings(t, visit)
}

func visitSettings(t reflect.Type, visit func(name string, field reflect.StructField)) {
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			visitSettings(field.Type, visit)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		if name != "" {
			visit(SettingsPrefix+name, field)
		}
	}
}
