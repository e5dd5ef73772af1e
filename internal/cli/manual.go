package cli

import (
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manualCommand prints the manual page of the program. It describes all commands of root, and what the program says of its
// exit codes and settings.
func (p Program) manualCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man", Short: "Print the manual page of this program",
		Long: fmt.Sprintf(`Print the manual page of this program, with all commands:

  %[1]s man | man -l -
  %[1]s man > ~/.local/share/man/man1/%[1]s.1`, p.Name),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := io.WriteString(c.OutOrStdout(), p.manual(c.Root()))
			return err
		},
	}
}

// manual is the page in the language of man(7).
func (p Program) manual(root *cobra.Command) string {
	var b strings.Builder
	name := roff(p.Name)
	fmt.Fprintf(&b, ".TH %s 1 %q %q Foliocast\n", strings.ToUpper(name), built(), name+" "+roff(Version()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", name, roff(p.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n[\\fIcommand\\fR] [\\fIflags\\fR]\n", name)
	b.WriteString(".SH DESCRIPTION\n" + prose(p.Long))
	b.WriteString(".SH COMMANDS\n")
	describe(&b, root)
	b.WriteString(".SH OPTIONS\nEvery command takes\n.BR \\-\\-help ")
	if root.HasAvailablePersistentFlags() {
		b.WriteString("\nand these flags:\n")
		flags(&b, root.PersistentFlags())
	} else {
		b.WriteString(".\n")
	}
	before, rest, _ := strings.Cut(strings.TrimSpace(p.Codes), "\n\n")
	_, table, _ := strings.Cut(before, "\n")
	b.WriteString(".SH EXIT STATUS\n" + prose(table))
	if rest != "" {
		b.WriteString(".SH OUTPUT\n" + prose(rest))
	}
	if _, table, _ := strings.Cut(p.Settings, "\n"); table != "" {
		b.WriteString(".SH ENVIRONMENT\n" + prose(table))
	}
	return b.String()
}

// built is the day of the commit that the program was built from; "" if that is unknown.
func built() string {
	if date != "" {
		return date
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if at, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
			return at.Format(time.DateOnly)
		}
	}
	return ""
}

// describe writes a section for each command that does something.
func describe(b *strings.Builder, c *cobra.Command) {
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() || sub.Name() == "help" {
			continue
		}
		if sub.HasSubCommands() {
			describe(b, sub)
			continue
		}
		_, arguments, _ := strings.Cut(sub.Use, " ")
		fmt.Fprintf(b, ".SS %s\n", roff(strings.TrimSpace(sub.CommandPath()+" "+arguments)))
		if sub.Long != "" {
			b.WriteString(prose(sub.Long))
		} else {
			b.WriteString(prose(sub.Short + "."))
		}
		if sub.Example != "" {
			b.WriteString(verbatim(strings.Split(strings.Trim(sub.Example, "\n"), "\n")))
		}
		flags(b, sub.NonInheritedFlags())
	}
}

// flags writes a list of flags.
func flags(b *strings.Builder, set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		b.WriteString(".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fR, ", f.Shorthand)
		}
		fmt.Fprintf(b, "\\fB\\-\\-%s\\fR", roff(f.Name))
		if value != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", roff(value))
		}
		if !slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
			usage += " (default " + f.DefValue + ")"
		}
		b.WriteString("\n" + text(usage) + "\n")
	})
}

// entry is a line of a table: a term, two spaces or more, and what it means.
var entry = regexp.MustCompile(`^ *(\S+(?: \S+)*) {2,}(\S.*)$`)

// prose writes the paragraphs of a help text. What is indented is a table or an example.
func prose(help string) string {
	var b strings.Builder
	lines := strings.Split(strings.Trim(help, "\n"), "\n")
	for i := 0; i < len(lines); {
		start := i
		kind := kindOf(lines[i])
		for i < len(lines) && kindOf(lines[i]) == kind {
			i++
		}
		switch part := lines[start:i]; kind {
		case filled:
			b.WriteString(".PP\n" + text(strings.Join(part, "\n")) + "\n")
		case indented:
			if slices.ContainsFunc(part, func(line string) bool { return !entry.MatchString(line) }) {
				b.WriteString(verbatim(part))
				break
			}
			for _, line := range part {
				cells := entry.FindStringSubmatch(line)
				fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n%s\n", roff(cells[1]), text(cells[2]))
			}
		}
	}
	return strings.TrimPrefix(b.String(), ".PP\n") // the heading before it begins a paragraph
}

// Kinds of lines in a help text.
const (
	empty = iota
	filled
	indented
)

func kindOf(line string) int {
	switch {
	case strings.TrimSpace(line) == "":
		return empty
	case strings.HasPrefix(line, "  "), entry.MatchString(line) && line[0] >= '0' && line[0] <= '9': // 130, among exit codes
		return indented
	}
	return filled
}

// verbatim writes lines as they are.
func verbatim(lines []string) string {
	var b strings.Builder
	b.WriteString(".PP\n.EX\n")
	for _, line := range lines {
		b.WriteString(text(line) + "\n")
	}
	b.WriteString(".EE\n")
	return b.String()
}

// text escapes lines, none of which may begin as a request.
func text(lines string) string {
	var escaped []string
	for line := range strings.Lines(lines) {
		line = roff(strings.TrimRight(line, "\n"))
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		escaped = append(escaped, line)
	}
	return strings.Join(escaped, "\n")
}

// roff escapes what the language gives a meaning, and what is not ASCII.
func roff(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r == '~':
			b.WriteString(`\(ti`)
		case r == '^':
			b.WriteString(`\(ha`)
		case r == '\'':
			b.WriteString(`\(aq`)
		case r == '`':
			b.WriteString(`\(ga`)
		case r > '~':
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
