package foliocast

import (
	"math"
	"strconv"
	"strings"

	"foliocast/internal/job"
)

// readPairs reads NAME=TEXT pairs of a flag, of which example is one. A name may
// hold an equals sign.
func readPairs(flag, example string, pairs []string) (map[string]string, error) {
	read := map[string]string{}
	for _, pair := range pairs {
		cut := strings.LastIndex(pair, "=")
		if cut < 1 {
			return nil, usagef("--%s: %q is not like %s", flag, pair, example)
		}
		name := pair[:cut]
		if _, twice := read[name]; twice {
			return nil, usagef("--%s names %s twice", flag, name)
		}
		read[name] = pair[cut+1:]
	}
	return read, nil
}

// readNumbers reads NAME=NUMBER pairs as readPairs does.
func readNumbers(flag, example string, pairs []string) (map[string]float64, error) {
	texts, err := readPairs(flag, example, pairs)
	if err != nil {
		return nil, err
	}
	numbers := make(map[string]float64, len(texts))
	for name, text := range texts {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			return nil, usagef("--%s: %s has %q, which is not a finite number", flag, name, text)
		}
		numbers[name] = number
	}
	return numbers, nil
}

// readScenarios reads scenarios: each a name, a colon, and NAME=NUMBER pairs with commas between them.
func readScenarios(texts []string) (all []job.Scenario, err error) {
	for _, text := range texts {
		name, shocks, found := strings.Cut(text, ":")
		if !found {
			return nil, usagef("--scenario: %q is not like crash:DAX=-0.1,FTSE=-0.05", text)
		}
		c := job.Scenario{Name: name}
		if c.Shocks, err = readNumbers("scenario", "crash:DAX=-0.1,FTSE=-0.05", strings.Split(shocks, ",")); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}
