package slurm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Setting is one environment variable that a script sets. It must not be a
// secret: others may be able to read the script.
type Setting struct{ Name, Value string }

// Script completes a batch script of the hostfiles folder: its #SBATCH lines say
// what is asked, and the settings and the arguments follow them, so that sbatch
// needs nothing else. The error names every fault.
func Script(template string, ask Ask, settings []Setting, args []string) (string, error) {
	faults := []error{ask.Validate()}
	for _, s := range settings {
		if strings.ContainsRune(s.Value, 0) {
			faults = append(faults, fmt.Errorf("%s contains a zero byte", s.Name))
		}
	}
	for _, arg := range args {
		if strings.ContainsRune(arg, 0) {
			faults = append(faults, fmt.Errorf("the argument %q contains a zero byte", arg))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return "", err
	}
	head, body, err := split(template)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	head = merge(head, ask.directives())
	for _, l := range append(head, components(head, ask.Components)...) {
		b.WriteString(l + "\n")
	}
	if len(settings)+len(args) > 0 {
		b.WriteString("\n# Written by foliocast slurm submit.\n")
	}
	for _, s := range settings {
		b.WriteString("export " + s.Name + "=" + quote(s.Value) + "\n")
	}
	if len(args) > 0 {
		b.WriteString("set --")
		for _, arg := range args {
			b.WriteString(" " + quote(arg))
		}
		b.WriteString("\n")
	}
	return b.String() + "\n" + body, nil
}

const directiveMark = "#SBATCH --"

// split splits a script after its last #SBATCH line.
func split(script string) (head []string, body string, err error) {
	at := strings.LastIndex(script, "\n"+directiveMark)
	if at < 0 {
		return nil, "", errors.New("the script has no #SBATCH lines")
	}
	end := strings.IndexByte(script[at+1:], '\n')
	if end < 0 {
		return nil, "", errors.New("the script ends in its #SBATCH lines")
	}
	end += at + 1
	return strings.Split(script[:end], "\n"), script[end+1:], nil
}

// merge replaces each directive whose flag is asked for, and appends the other asked
// ones.
func merge(head []string, asked []directive) []string {
	merged := slices.Clone(head)
	for _, d := range asked {
		i := slices.IndexFunc(merged, func(l string) bool { return flagOf(l) == positive(d.flag) })
		if i >= 0 {
			merged[i] = d.String()
		} else {
			merged = append(merged, d.String())
		}
	}
	return merged
}

// flagOf returns the flag of a #SBATCH line, without a leading no-, or "".
func flagOf(line string) string {
	rest, ok := strings.CutPrefix(line, directiveMark)
	if !ok {
		return ""
	}
	flag, _, _ := strings.Cut(rest, "=")
	return positive(flag)
}

// positive returns the flag without a leading no-, which would turn it off.
func positive(flag string) string { return strings.TrimPrefix(flag, "no-") }

// quote quotes a word for a shell.
func quote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Environment returns environ for sbatch, without the variables that would override
// what is asked, and without the hidden ones.
func Environment(environ []string, ask Ask, hidden ...string) []string {
	// With another export than all, the job would lose its account.
	dropped := map[string]bool{"SBATCH_EXPORT": true}
	asked := ask.directives()
	for _, c := range ask.Components {
		more, _ := parseComponent(c)
		asked = append(asked, more...)
	}
	for _, d := range asked {
		dropped[d.variable()] = true
	}
	for _, name := range hidden {
		dropped[name] = true
	}
	return slices.DeleteFunc(slices.Clone(environ), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return dropped[name]
	})
}
