package slurm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// common lists the flags that all components of a heterogeneous job share here.
var common = []string{"job-name", "time", "account", "qos", "requeue", "no-requeue"}

// parseComponent reads what a component asks: flags of sbatch without their dashes, as in ntasks=32,partition=large,exclusive.
func parseComponent(text string) ([]directive, error) {
	var all []directive
	for part := range strings.SplitSeq(text, ",") {
		m := moreForm.FindStringSubmatch("--" + part)
		switch {
		case m == nil:
			return nil, fmt.Errorf("--component %q: write flags of sbatch as in ntasks=32,partition=large", text)
		case slices.Contains(common, m[1]), slices.Contains([]string{"output", "signal", "array", "open-mode"}, m[1]), slices.Contains(conflicting, m[1]):
			return nil, fmt.Errorf("--component %q: --%s is for the whole job", text, m[1])
		case strings.ContainsFunc(m[2], unwritable):
			return nil, fmt.Errorf("--component: --%s must not contain quotes, backslashes or control characters, is %q", m[1], m[2])
		case (m[1] == "ntasks" || m[1] == "nodes" || m[1] == "cpus-per-task") && !counts(m[2]):
			return nil, fmt.Errorf("--component: --%s must be 1 to %d, is %q", m[1], maxRanks, m[2])
		}
		all = append(all, directive{m[1], m[2]})
	}
	return all, nil
}

func counts(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= maxRanks
}

func (a Ask) componentFaults() []error {
	var faults []error
	for _, c := range a.Components {
		if _, err := parseComponent(c); err != nil {
			faults = append(faults, err)
		}
	}
	if array := slices.ContainsFunc(a.More, func(more string) bool { return flagOf("#SBATCH "+more) == "array" }); array && len(a.Components) > 0 {
		faults = append(faults, errors.New("--array and --component exclude each other: Slurm has no arrays of heterogeneous jobs"))
	}
	return faults
}

// components are the #SBATCH lines of the further components, after those of the first.
func components(head, asked []string) []string {
	var all []string
	for _, c := range asked {
		all = append(all, "#SBATCH hetjob")
		for _, l := range head {
			flag, _, _ := strings.Cut(strings.TrimPrefix(l, directiveMark), "=")
			if strings.HasPrefix(l, directiveMark) && slices.Contains(common, flag) {
				all = append(all, l)
			}
		}
		own, _ := parseComponent(c) // validated
		for _, d := range own {
			all = append(all, d.String())
		}
	}
	return all
}

// Cores is how many cores a script asks of Slurm: its ranks, or as many of its nodes as have none, with the cores of each, in all components.
func Cores(script string) int {
	sum, ranks, nodes, each := 0, 0, 1, 1
	end := func() { sum, ranks, nodes, each = sum+max(ranks, nodes)*each, 0, 1, 1 }
	for text := range strings.Lines(script) {
		text = strings.TrimSpace(text)
		if text == "#SBATCH hetjob" {
			end()
		}
		_, value, _ := strings.Cut(text, "=")
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			continue
		}
		switch flagOf(text) {
		case "ntasks":
			ranks = n
		case "nodes":
			nodes = n
		case "cpus-per-task":
			each = n
		}
	}
	end()
	return sum
}
