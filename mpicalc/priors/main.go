// Priors learns from series whose future is known how much each member of the model auto counts before its errors are known,
// and measures how well that works on other parts of them.
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
	data := flag.String("data", "", "folder with series, see docs/priors.md")
	output := flag.String("output", "", "Go file to write the table to; without it, the table in use is measured")
	kinds := flag.String("kinds", "", "kinds to use, separated by commas; all when absent")
	skip := flag.String("without", "", "kinds to leave out of learning, separated by commas")
	penalty := flag.Float64("penalty", 0.002, "weight of the squared coefficients")
	flag.Float64Var(&walkWeight, "walk", walkWeight, "weight of the kinds of walks in learning")
	flag.Parse()
	all, err := load(*data)
	if err != nil {
		return err
	}
	if *kinds != "" {
		all = choose(all, strings.Split(*kinds, ","))
	}
	if *output != "" {
		table, err := learn(all, strings.Split(*skip, ","), *penalty)
		if err != nil {
			return err
		}
		if err := os.WriteFile(*output, table, 0o644); err != nil {
			return err
		}
		return nil
	}
	return measure(all)
}

func choose(all []kind, names []string) []kind {
	var out []kind
	for _, k := range all {
		for _, n := range names {
			if strings.HasPrefix(k.name, n) {
				out = append(out, k)
				break
			}
		}
	}
	return out
}
