package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Completer lists what a word of a command line may be, best first. What is typed of it is word; the list may hold words
// that do not begin so.
type Completer func(c *cobra.Command, word string) []cobra.Completion

// Words completes a word to one of several.
func Words(words ...string) Completer {
	return func(*cobra.Command, string) []cobra.Completion { return words }
}

// Completion adds the command completion to root, and tells the shells what flags and arguments of all its commands may be:
// a flag that takes one of several words ([Choice]) is one of these; what flag and argument return for others may be nil.
// An argument has the name that the command's usage gives it, as in JOB. A flag whose value is called `file`, and the argument
// FILE, are completed to the names of files.
func Completion(root *cobra.Command, flag func(*cobra.Command, *pflag.Flag) Completer, argument func(c *cobra.Command, name string) Completer) {
	root.AddCommand(completionCommand(root))
	complete(root, flag, argument)
}

func complete(c *cobra.Command, flag func(*cobra.Command, *pflag.Flag) Completer, argument func(*cobra.Command, string) Completer) {
	for _, sub := range c.Commands() {
		complete(sub, flag, argument)
	}
	for _, set := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
		set.VisitAll(func(f *pflag.Flag) {
			list := flag(c, f)
			if choice, ok := f.Value.(Choice); ok {
				list = Words(choice.Choices()...)
			}
			_ = c.RegisterFlagCompletionFunc(f.Name, completeFlag(f, list)) // fails for a flag that has one already, from the other set
		})
	}
	if c.ValidArgs != nil || c.HasSubCommands() {
		return
	}
	names := strings.Fields(c.Use)[1:]
	c.ValidArgsFunction = func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		name, ok := argumentAt(names, len(args))
		switch {
		case !ok:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case name == "FILE":
			return nil, cobra.ShellCompDirectiveDefault
		}
		return matching(c, argument(c, name), "", word), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// argumentAt is the name of the argument at a position, of those that the usage of a command lists.
func argumentAt(names []string, at int) (string, bool) {
	for i, name := range names {
		name = strings.Trim(name, "[]")
		bare, repeats := strings.CutSuffix(name, "...")
		bare, _, _ = strings.Cut(bare, "[") // NAME[@VERSION]
		if bare == "" || bare != strings.ToUpper(bare) || strings.HasPrefix(bare, "-") || bare == "|" {
			return "", false
		}
		if i == at || repeats {
			return bare, true
		}
	}
	return "", false
}

// completeFlag completes the value of a flag, or the last of its values if it takes several with commas between them.
func completeFlag(f *pflag.Flag, list Completer) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		value, _ := pflag.UnquoteUsage(f)
		switch {
		case list == nil && value == "file":
			return nil, cobra.ShellCompDirectiveDefault
		case list == nil && value == "directory":
			return nil, cobra.ShellCompDirectiveFilterDirs
		case !strings.HasSuffix(f.Value.Type(), "Slice"):
			return matching(c, list, "", word), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		}
		before := word[:strings.LastIndex(word, ",")+1]
		return matching(c, list, before, word), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder | cobra.ShellCompDirectiveNoSpace
	}
}

// matching are the words of a list that begin as the word that is typed, behind the values before it, none of which comes twice.
func matching(c *cobra.Command, list Completer, before, word string) (found []cobra.Completion) {
	if list == nil {
		return nil
	}
	typed := strings.TrimPrefix(word, before)
	for _, one := range list(c, typed) {
		value, _, _ := strings.Cut(one, "\t")
		if strings.HasPrefix(value, typed) && !slices.Contains(strings.Split(before, ","), value) {
			if before != "" {
				one = value // bash drops a word that has both a comma and a description
			}
			found = append(found, before+one)
		}
	}
	return found
}

// bashWords stands in for the package bash-completion where it is not installed: it joins the words that bash has split at
// = and :, and takes from the answers what bash keeps. With or without it, it takes the escapes from commas.
const bashWords = `
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref() {
        local i
        words=("${COMP_WORDS[0]}")
        for ((i = 1; i <= COMP_CWORD; i++)); do
            if [[ ${COMP_WORDS[i]} == [=:]* || ${COMP_WORDS[i-1]} == *[=:] ]]; then
                words[${#words[@]}-1]+=${COMP_WORDS[i]}
            else
                words+=("${COMP_WORDS[i]}")
            fi
        done
        cword=$((${#words[@]} - 1))
        cur=${words[cword]} prev=${words[cword-1]}
    }
fi
if ! declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions() {
        [[ $1 == *:* && $COMP_WORDBREAKS == *:* ]] || return 0
        local i
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]=${COMPREPLY[i]#"${1%%"${1##*:}"}"}
        done
    }
fi
# printf %%q writes a comma as \,
__%[1]s_with_commas() { __start_%[1]s; COMPREPLY=("${COMPREPLY[@]//\\,/,}"); }
complete -o default -F __%[1]s_with_commas %[1]s
`

func completionCommand(root *cobra.Command) *cobra.Command {
	name := root.Name()
	scripts := map[string]func(io.Writer) error{
		"bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"zsh":  root.GenZshCompletion,
		"fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
	}
	return &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "Print the script that completes this command line in a shell",
		Long: fmt.Sprintf(`Print the script that completes this command line in a shell: its commands and flags, and what they take.
For every new shell:

  bash  %[1]s completion bash > ~/.local/share/bash-completion/completions/%[1]s
        or, without the package bash-completion, in ~/.bashrc: source <(%[1]s completion bash)
  zsh   in ~/.zshrc, after compinit: source <(%[1]s completion zsh)
  fish  %[1]s completion fish > ~/.config/fish/completions/%[1]s.fish`, name),
		Args: cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs), ValidArgs: []string{"bash", "zsh", "fish"},
		RunE: func(c *cobra.Command, args []string) error {
			var script bytes.Buffer
			if err := scripts[args[0]](&script); err != nil {
				return err
			}
			if args[0] == "bash" {
				fmt.Fprintf(&script, bashWords, name)
			}
			_, err := script.WriteTo(c.OutOrStdout())
			return err
		},
	}
}
