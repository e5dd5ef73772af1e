package slurm

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Ask is what a job asks of Slurm. A zero field leaves the choice to the script, and
// then to Slurm.
type Ask struct {
	Nodes     int
	Ranks     int // Slurm's tasks
	Limit     Limit
	Partition string
	Account   string
	QOS       string
	Name      string        // of the job in Slurm's lists
	Log       string        // file of its output; %j stands for the job's number
	Warning   time.Duration // how long before its end the pilot is told to stop
	More      []string      // any other flags of sbatch, each --name or --name=value
	// Components are what the further components of a heterogeneous job ask, each as in ntasks=32,partition=large.
	Components []string
}

// maxRanks is the maximum number of tasks of one job in Slurm.
const maxRanks = 1 << 24

// Validate returns all faults, joined.
func (a Ask) Validate() error {
	var faults []error
	count := func(flag string, n int) {
		if n < 0 || n > maxRanks {
			faults = append(faults, fmt.Errorf("--%s must be 1 to %d, is %d", flag, maxRanks, n))
		}
	}
	count("nodes", a.Nodes)
	count("ntasks", a.Ranks)
	if a.Nodes > a.Ranks && a.Ranks > 0 {
		faults = append(faults, fmt.Errorf("--nodes %d is more than --ntasks %d: a node without a rank would be idle", a.Nodes, a.Ranks))
	}
	if a.Limit < 0 {
		faults = append(faults, fmt.Errorf("--time must be positive, is %s", time.Duration(a.Limit)))
	}
	if a.Warning < 0 || a.Warning%time.Second != 0 || a.Warning > maxWarning {
		faults = append(faults, fmt.Errorf("--warning must be whole seconds from 1s to %s, is %s", maxWarning, a.Warning))
	}
	if a.Warning > 0 && a.Limit > 0 && Limit(a.Warning) >= a.Limit {
		faults = append(faults, fmt.Errorf("--warning %s is not before the end of --time %s", a.Warning, a.Limit))
	}
	for _, d := range a.directives() {
		if strings.ContainsFunc(d.value, unwritable) {
			faults = append(faults, fmt.Errorf("--%s must not contain quotes, backslashes or control characters, is %q", d.flag, d.value))
		}
	}
	return errors.Join(slices.Concat(faults, a.moreFaults(), a.componentFaults())...)
}

// maxWarning is the maximum for --signal: 65535 seconds.
const maxWarning = 65535 * time.Second

// unwritable reports whether a #SBATCH line cannot safely contain a character.
func unwritable(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\'' || r == '\\' }

var moreForm = regexp.MustCompile(`^--([a-z][a-z0-9-]*)(?:=(.+))?$`)

// conflicting lists the flags of sbatch that would change what it runs or prints.
var conflicting = []string{"wrap", "parsable", "quiet", "wait", "test-only", "help", "usage", "version", "input", "export"}

func (a Ask) moreFaults() []error {
	var faults []error
	for _, more := range a.More {
		m := moreForm.FindStringSubmatch(more)
		switch {
		case m == nil:
			faults = append(faults, fmt.Errorf("--sbatch takes one flag of sbatch, written --name or --name=value, not %q", more))
		case slices.Contains(own, m[1]):
			faults = append(faults, fmt.Errorf("--sbatch %q: foliocast has a flag of its own for it", more))
		case slices.Contains(conflicting, m[1]):
			faults = append(faults, fmt.Errorf("--sbatch %q conflicts with how foliocast submits", more))
		}
	}
	return faults
}

// directive is one #SBATCH line.
type directive struct {
	flag, value string // without dashes; the value may be empty
}

// own lists the flags of sbatch that have a field in Ask.
var own = []string{"nodes", "ntasks", "time", "partition", "account", "qos", "job-name", "output", "signal"}

func (a Ask) directives() []directive {
	var all []directive
	add := func(flag, value string) {
		if value != "" {
			all = append(all, directive{flag, value})
		}
	}
	add("nodes", number(a.Nodes))
	add("ntasks", number(a.Ranks))
	if a.Limit != 0 {
		add("time", a.Limit.String())
	}
	add("partition", a.Partition)
	add("account", a.Account)
	add("qos", a.QOS)
	add("job-name", a.Name)
	add("output", a.Log)
	if a.Warning != 0 {
		add("signal", "B:USR1@"+strconv.Itoa(int(a.Warning/time.Second)))
	}
	for _, more := range a.More {
		if m := moreForm.FindStringSubmatch(more); m != nil {
			all = append(all, directive{m[1], m[2]})
		}
	}
	return all
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (d directive) String() string {
	if d.value == "" {
		return "#SBATCH --" + d.flag
	}
	value := d.value
	if strings.ContainsAny(value, " #") {
		value = `"` + value + `"`
	}
	return "#SBATCH --" + d.flag + "=" + value
}

// variable is the environment variable that would override the directive.
func (d directive) variable() string {
	switch d.flag {
	case "time":
		return "SBATCH_TIMELIMIT"
	case "mem":
		return "SBATCH_MEM_PER_NODE"
	}
	return "SBATCH_" + strings.ToUpper(strings.ReplaceAll(d.flag, "-", "_"))
}
