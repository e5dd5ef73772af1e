package slurm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Seen is what the doctor saw on a node.
type Seen struct {
	Host    string
	MPIRun  string // the first line of mpirun --version
	Mpicalc string // the first line of mpicalc --version
}

// seenScript prints what ParseSeen reads, for the mpicalc that is its argument.
// As another rank than 0, mpicalc would print nothing.
const seenScript = `printf '%s|%s|%s\n' "$(hostname)" "$(mpirun --version 2>&1 | head -n 1)" "$(SLURM_PROCID=0 "$1" --version 2>&1 | head -n 1)"`

// ParseSeen reads one line for each node, and sorts by their names.
func ParseSeen(out string) ([]Seen, error) {
	var all []Seen
	for text := range strings.Lines(out) {
		fields := strings.SplitN(strings.TrimSpace(text), "|", 3)
		if len(fields) < 3 || fields[0] == "" {
			return nil, fmt.Errorf("a node printed %q", short(text))
		}
		all = append(all, Seen{fields[0], fields[1], fields[2]})
	}
	if len(all) == 0 {
		return nil, errors.New("the nodes printed nothing")
	}
	slices.SortFunc(all, func(a, b Seen) int { return strings.Compare(a.Host, b.Host) })
	return all, nil
}
