package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Speak makes a program's commands refuse flags and arguments in the words of
// this package. Call it once, when root has all of its commands; [Run] does.
func Speak(root *cobra.Command) {
	root.SetFlagErrorFunc(flagFault)
	for _, c := range root.Commands() {
		speakArgs(c)
	}
	speakArgs(root)
}

func speakArgs(c *cobra.Command) {
	for _, sub := range c.Commands() {
		speakArgs(sub)
	}
	check := c.Args
	if check == nil {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if check(c, args) == nil {
			return nil
		}
		return argsFault(c, args, check)
	}
}

// argsFault is the error that says which arguments a command takes, and which
// it was given.
func argsFault(c *cobra.Command, args []string, check cobra.PositionalArgs) error {
	path := name(c)
	if c.HasSubCommands() && len(args) > 0 {
		return Refusef("%s has no command %s: %s", path, quote(args[0]), suggestion(c, args[0]))
	}
	given := "nothing"
	if len(args) > 0 {
		quoted := make([]string, len(args))
		for i, a := range args {
			quoted[i] = quote(a)
		}
		given = strings.Join(quoted, " ")
	}
	if len(c.ValidArgs) > 0 {
		return Refusef("%s takes one of %s, but was given %s", path, strings.Join(c.ValidArgs, ", "), given)
	}
	_, wanted, _ := strings.Cut(c.Use, " ")
	if takesNone := check(c, nil) == nil && check(c, []string{"x"}) != nil; takesNone || wanted == "" {
		wanted = "no arguments"
	}
	return Refusef("%s takes %s, but was given %s", path, wanted, given)
}

// name is a command without the program, which begins the line anyway.
func name(c *cobra.Command) string {
	if _, rest, found := strings.Cut(c.CommandPath(), " "); found {
		return rest
	}
	return c.Name()
}

// suggestion names the commands that are spelt like an unknown one, or says
// where all are listed.
func suggestion(c *cobra.Command, unknown string) string {
	c.SuggestionsMinimumDistance = 2
	if like := c.SuggestionsFor(unknown); len(like) > 0 {
		return "did you mean " + strings.Join(like, " or ") + "?"
	}
	return c.CommandPath() + " --help lists them"
}

// flagFault turns an error of the flag library into a sentence.
func flagFault(c *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		flag := e.GetFlag().Name
		if errors.Is(err, strconv.ErrRange) {
			return Refusef("--%s must be %s, and %s is too large", flag, wanted(e.GetFlag()), quote(e.GetValue()))
		}
		return Refusef("--%s must be %s, is %s", flag, wanted(e.GetFlag()), quote(e.GetValue()))
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return Refusef("--%s needs a value: %s", e.GetFlag().Name, wanted(e.GetFlag()))
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		flag := "--" + e.GetSpecifiedName()
		if short := e.GetSpecifiedShortnames(); short != "" {
			flag = "-" + short
		}
		return Refusef("%s has no flag %s", name(c), strings.Trim(quote(flag), `"`))
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return Refusef("%s is not a flag: a flag is like --name or --name=value", quote(e.GetSpecifiedFlag()))
	}
	return &Refusal{err}
}

// Choice is the value of a flag that takes one of several words.
type Choice interface {
	pflag.Value
	Choices() []string
}

// wanted says what a flag takes.
func wanted(f *pflag.Flag) string {
	if c, ok := f.Value.(Choice); ok {
		return "one of " + strings.Join(c.Choices(), ", ")
	}
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number"
	case "uint", "uint64":
		return "a whole number of at least 0"
	case "float64":
		return "a number"
	case "duration":
		return "a duration, as in 30s"
	case "intSlice":
		return "whole numbers separated by commas"
	case "float64Slice":
		return "numbers separated by commas"
	case "stringSlice":
		return `texts separated by commas, with double quotes around a text that has a comma`
	}
	return "a text"
}

// quote shows what was given, cut where it is long.
func quote(s string) string {
	const limit = 60
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return strconv.Quote(s)
}
