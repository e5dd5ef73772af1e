package slurm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Node is one node in one partition.
type Node struct {
	Name      string
	State     string // in Slurm's words: idle, mixed, allocated, drained, down …, without marks
	CPUs      int
	IdleCPUs  int
	Partition string
	Default   bool   // whether the partition takes the jobs that name none
	Limit     Limit  // the longest job that the partition takes
	Reason    string // why an administrator or Slurm took it out of service; may be empty
}

// nodeFormat makes sinfo print what ParseNodes reads.
const nodeFormat = "%N|%T|%c|%C|%P|%l|%E"

// marks are what sinfo writes after a state. outMarks are those of a node that
// takes no job now: it does not respond, is in maintenance, or will be rebooted.
// The others are about saving power and about planning.
const (
	marks    = "*~#!%$@^-+"
	outMarks = "*$@^"
)

// ParseNodes reads sinfo -h -N in nodeFormat.
func ParseNodes(out string) ([]Node, error) {
	var all []Node
	for text := range strings.Lines(out) {
		if text = strings.TrimRight(text, "\n"); text == "" {
			continue
		}
		n, err := parseNode(text)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

func parseNode(text string) (Node, error) {
	fields := strings.SplitN(text, "|", 7)
	if len(fields) < 7 || fields[0] == "" {
		return Node{}, fmt.Errorf("sinfo printed no node, but %q", short(text))
	}
	n := Node{Name: fields[0], Reason: fields[6]}
	n.State = strings.ToLower(strings.TrimRight(fields[1], marks))
	if strings.ContainsAny(fields[1], outMarks) && n.Works() {
		n.State = "unavailable"
	}
	n.Partition, n.Default = strings.CutSuffix(fields[4], "*")
	if n.Reason == "none" {
		n.Reason = ""
	}
	// allocated/idle/other/total
	parts := strings.Split(fields[3], "/")
	var err error
	if n.CPUs, err = strconv.Atoi(fields[2]); err == nil && len(parts) == 4 {
		n.IdleCPUs, err = strconv.Atoi(parts[1])
	}
	if err != nil || len(parts) != 4 || n.CPUs < 0 || n.IdleCPUs < 0 {
		return Node{}, fmt.Errorf("sinfo printed no CPUs for node %s, but %q", n.Name, short(text))
	}
	if n.Limit, err = ParseLimit(fields[5]); err != nil {
		return Node{}, fmt.Errorf("sinfo gave partition %s the time limit %w", n.Partition, err)
	}
	return n, nil
}

// works lists the states of a node that takes jobs, now or once others have ended.
var works = []string{"idle", "mixed", "allocated", "completing", "planned"}

// Works reports whether the node takes jobs at all.
func (n Node) Works() bool { return slices.Contains(works, n.State) }

// Partitions returns the names of the nodes' partitions, each once, in order.
func Partitions(nodes []Node) []string {
	var names []string
	for _, n := range nodes {
		if !slices.Contains(names, n.Partition) {
			names = append(names, n.Partition)
		}
	}
	return names
}

// inPartition returns the nodes of a partition, or of the default one for "".
func inPartition(nodes []Node, name string) []Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n Node) bool {
		return name == "" && !n.Default || name != "" && n.Partition != name
	})
}
