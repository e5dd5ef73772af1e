package main

import (
	"fmt"
	"strconv"
	"strings"

	"foliocast/internal/job"
)

// readPairs reads NAME=TEXT pairs of a flag, of which example is one. A name may hold an equals sign. It returns nil when
// the flag is absent.
func readPairs(flag, example string, pairs []string) (map[string]string, error) {
	if pairs == nil {
		return nil, nil
	}
	read := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		at := strings.LastIndexByte(pair, '=')
		if at < 1 {
			return nil, fmt.Errorf("--%s must be like %s, but has %q", flag, example, pair)
		}
		name := pair[:at]
		if _, twice := read[name]; twice {
			return nil, fmt.Errorf("--%s names %q twice", flag, name)
		}
		read[name] = pair[at+1:]
	}
	return read, nil
}

// readNumbers reads NAME=NUMBER pairs as readPairs does.
func readNumbers(flag, example string, pairs []string) (map[string]float64, error) {
	texts, err := readPairs(flag, example, pairs)
	if texts == nil || err != nil {
		return nil, err
	}
	numbers := make(map[string]float64, len(texts))
	for name, text := range texts {
		if numbers[name], err = strconv.ParseFloat(text, 64); err != nil {
			return nil, fmt.Errorf("--%s: %q has %q, which is not a number", flag, name, text)
		}
	}
	return numbers, nil
}

// readScenarios reads scenarios: each a name, a colon, and NAME=NUMBER pairs with commas between them.
func readScenarios(texts []string) (all []job.Scenario, err error) {
	for _, text := range texts {
		name, shocks, found := strings.Cut(text, ":")
		if !found {
			return nil, fmt.Errorf("--scenario %q is not like crash:DAX=-0.1,FTSE=-0.05", text)
		}
		c := job.Scenario{Name: name}
		if c.Shocks, err = readNumbers("scenario", "crash:DAX=-0.1,FTSE=-0.05", strings.Split(shocks, ",")); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}
