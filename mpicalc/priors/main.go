// Priors learns from series whose future is known how much each member of the model auto counts before its errors are known,
// and measures how well that works on other parts of them. docs/priors.md says how to use it.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "priors:", err)
		os.Exit(1)
	}
}

func run() error {
	data := flag.String("data", "", "`folder` with the series of docs/priors.md; simulated ones alone when absent")
	output := flag.String("output", "", "Go `file` to write what is learned to; what the engine has learned is measured when absent")
	kinds := flag.String("kinds", "", "how the `names` of the kinds to use begin, separated by commas; all when absent")
	without := flag.String("without", "", "how the `names` of the kinds to leave out begin, separated by commas")
	flag.Parse()
	all, err := load(*data)
	if err != nil {
		return err
	}
	all = choose(all, *kinds, *without)
	if *output == "" {
		return measure(all)
	}
	table, err := learn(all)
	if err != nil {
		return err
	}
	return os.WriteFile(*output, table, 0o644)
}

// choose returns the kinds whose names begin with one of those in only, if there are any, and with none of those in without.
func choose(all []kind, only, without string) []kind {
	var out []kind
	for _, k := range all {
		if (only == "" || beginsWithOne(k.name, only)) && (without == "" || !beginsWithOne(k.name, without)) {
			out = append(out, k)
		}
	}
	return out
}

func beginsWithOne(name, beginnings string) bool {
	for b := range strings.SplitSeq(beginnings, ",") {
		if strings.HasPrefix(name, b) {
			return true
		}
	}
	return false
}
