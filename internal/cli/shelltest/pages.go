package shelltest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Pages fails the test for each command line of a program, in a block of code of the README or of a page of docs, that the program would
// refuse: it knows the command and all flags. The values of arguments and flags may be made up. root makes the program's command
// line anew; repository is the top folder. It returns how many command lines there are.
func Pages(t testing.TB, repository, program string, root func() *cobra.Command) int {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(repository, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, page := range append(pages, filepath.Join(repository, "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range codeBlock.FindAllStringSubmatch(string(text), -1) {
			for _, words := range typed(block[2], program) {
				n++
				if err := known(root(), words); err != nil {
					t.Errorf("%s: %s %s: %v", filepath.Base(page), program, strings.Join(words, " "), err)
				}
			}
		}
	}
	return n
}

// codeBlock is a block of code in Markdown, for a shell or for no language in particular.
var codeBlock = regexp.MustCompile("(?ms)^```(sh|)\n(.*?)^```")

// word is a word of a shell, or what ends a command.
var word = regexp.MustCompile(`'[^']*'|"(?:\\.|[^"\\])*"|[|;&()<>]|(?:\\.|[^\s'"|;&()<>\\])+`)

// others are programs to whom the name of ours is that of an image or a release.
var others = []string{"docker", "kubectl", "helm", "apptainer"}

// typed returns the words after the program's name in each of its command lines.
func typed(block, program string) (all [][]string) {
	for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
		words := word.FindAllString(line, -1)
		if len(words) > 0 && slices.Contains(others, words[0]) {
			continue
		}
		for at := 0; at < len(words); at++ {
			if words[at] == "#" {
				break
			}
			if filepath.Base(words[at]) != program || at+1 < len(words) && strings.HasPrefix(words[at+1], "://") {
				continue
			}
			command := []string{}
			for at++; at < len(words) && words[at] != "#" && !strings.Contains("|;&()<>", words[at]); at++ {
				command = append(command, strings.Trim(words[at], `'"`))
			}
			at-- // it may be a comment
			all = append(all, command)
		}
	}
	return all
}

// known reports the command or flag of a command line that root does not have.
func known(root *cobra.Command, words []string) error {
	c, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	c.InitDefaultHelpFlag()
	c.FParseErrWhitelist.UnknownFlags = false
	// Values are not judged: they may be made up.
	c.Flags().VisitAll(func(f *pflag.Flag) { f.Value = anything{f.Value} })
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	if args := c.Flags().Args(); c.HasSubCommands() && !c.Runnable() && len(args) > 0 {
		return fmt.Errorf("%s has no command %s", c.CommandPath(), args[0])
	}
	return nil
}

// anything is a flag that takes any value.
type anything struct{ pflag.Value }

// Set implements pflag.Value.
func (anything) Set(string) error { return nil }
