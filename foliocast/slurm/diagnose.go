package slurm

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Diagnose says of each part whether it works and, if not, what to do.
func Diagnose(f Facts) []Finding {
	var r report
	f.diagnoseSlurm(&r)
	f.diagnoseNodes(&r)
	f.diagnoseTime(&r)
	f.diagnoseOpenMPI(&r)
	f.diagnoseMpicalc(&r)
	f.diagnoseServices(&r)
	return r
}

// oldestMajor and oldestMinor are the oldest Slurm whose output is read here.
const oldestMajor, oldestMinor = 20, 2

func (f Facts) diagnoseSlurm(r *report) {
	const check = "slurm"
	switch v := f.Slurm; {
	case missing(v.Err):
		r.fault(check, "Install Slurm's client programs, or load their module, and put them on PATH.", "sbatch is not on PATH.")
	case v.Err != nil:
		r.fault(check, "Set SLURM_CONF to the cluster's slurm.conf, or ask its administrator.", "sbatch does not work: %v.", v.Err)
	case !v.Value.AtLeast(oldestMajor, oldestMinor):
		r.warn(check, "Expect differences: Foliocast was made for Slurm 20.02 and later.", "Slurm %s is old.", v.Value.Text)
	default:
		r.ok(check, "Slurm %s is installed.", v.Value.Text)
	}
	switch v := f.Controller; {
	case missing(v.Err):
		r.fault("controller", "Install Slurm's client programs, or load their module, and put them on PATH.", "scontrol is not on PATH.")
	case v.Err != nil:
		r.fault("controller", "Ask the administrator to start slurmctld, and check that SLURM_CONF names the right cluster.",
			"Slurm's controller does not answer: %v.", v.Err)
	default:
		r.ok("controller", "%s.", v.Value)
	}
}

func (f Facts) diagnoseNodes(r *report) {
	const check = "nodes"
	if f.Nodes.Err != nil {
		if f.Nodes.Err != errNotAsked {
			r.fault(check, "Ask the administrator: sinfo must work for everybody.", "sinfo does not list the nodes: %v.", f.Nodes.Err)
		}
		return
	}
	nodes := inPartition(f.Nodes.Value, f.Asked.Partition)
	names := strings.Join(Partitions(f.Nodes.Value), ", ")
	switch {
	case len(nodes) == 0 && f.Asked.Partition != "":
		r.fault(check, "Name one of these with --partition: "+names+".", "There is no partition %q.", f.Asked.Partition)
		return
	case len(nodes) == 0:
		r.fault(check, "Name one of these with --partition: "+names+".", "No partition is the default.")
		return
	}
	f.diagnoseRoom(r, nodes)
}

// diagnoseRoom compares what is asked with what the partition has.
func (f Facts) diagnoseRoom(r *report, nodes []Node) {
	const check = "nodes"
	var working, slots, idle, free int
	var out []string
	for _, n := range nodes {
		if !n.Works() {
			out = append(out, strings.TrimSpace(n.Name+" is "+n.State+" "+parenthesis(n.Reason)))
			continue
		}
		working, slots, idle = working+1, slots+n.CPUs, idle+n.IdleCPUs
		if n.IdleCPUs > 0 {
			free++
		}
	}
	wanted := max(f.Asked.Ranks, f.Asked.Nodes, 1)
	name, gone := nodes[0].Partition, strings.Join(out[:min(len(out), 5)], ", ")
	have := fmt.Sprintf("%d of %d nodes work, with %d CPUs, of which %d on %d nodes are free", working, len(nodes), slots, idle, free)
	switch {
	case working == 0:
		r.fault(check, "Ask the administrator to bring them back: scontrol update nodename=NODE state=resume.", "No node of partition %s works: %s.", name, gone)
	case wanted > slots || f.Asked.Nodes > working:
		r.fault(check, "Ask for less with --ntasks and --nodes, or name another partition.",
			"Partition %s is too small for %d ranks on %d nodes, and the job would wait forever: %s.", name, wanted, max(f.Asked.Nodes, 1), have)
	case wanted > idle || f.Asked.Nodes > free:
		r.warn(check, "Wait, ask for less, or name another partition.", "In partition %s the job would wait for others to end: %s.", name, have)
	case len(out) > 0:
		r.warn(check, "Tell the administrator.", "Partition %s has room, but %s; %s.", name, gone, have)
	default:
		r.ok(check, "Partition %s: %s.", name, have)
	}
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

const (
	// defaultWarning is what pilot.sbatch asks for.
	defaultWarning = 120 * time.Second
	// shortWarning is the shortest that leaves enough time: Slurm looks every
	// 30 s, and the ranks have to finish what they have begun.
	shortWarning = 60 * time.Second
)

// diagnoseTime looks at the wall time and at the warning before its end.
func (f Facts) diagnoseTime(r *report) {
	const check = "time"
	if nodes := inPartition(f.Nodes.Value, f.Asked.Partition); len(nodes) > 0 && f.Asked.Limit > nodes[0].Limit {
		r.fault(check, "Ask for less with --time, or name another partition.",
			"Partition %s takes jobs of at most %s, and one of %s would wait forever.", nodes[0].Partition, nodes[0].Limit, f.Asked.Limit)
	}
	warning := f.Asked.Warning
	if warning == 0 {
		warning = defaultWarning
	}
	switch {
	case f.Asked.Limit > 0 && Limit(warning) >= f.Asked.Limit:
		r.fault(check, "Give the pilot more --time, or a smaller --warning.",
			"In a job of %s a warning %s before the end comes at once, and the pilot would stop as soon as it begins.", f.Asked.Limit, warning)
	case warning < shortWarning:
		r.warn(check, "Use --warning 120s, or at least 60s.",
			"A warning %s before the end is short: Slurm looks every 30 s, so it may come late or never.", warning)
	}
	if f.Settings.Err == nil {
		r.ok(check, "A pilot that requeues itself waits %s or longer, until Slurm's credential of the first run has expired.", f.requeueWait())
	}
}

// requeueWait is how long Slurm holds back a job that was requeued: the lifetime
// of a credential, which is cred_expire in AuthInfo, or 120 s.
func (f Facts) requeueWait() time.Duration {
	m := credentialLife.FindStringSubmatch(f.Settings.Value["AuthInfo"])
	if m == nil {
		return 120 * time.Second
	}
	n, _ := strconv.Atoi(m[1]) // four digits
	return time.Duration(n) * time.Second
}

var credentialLife = regexp.MustCompile(`\bcred_expire=(\d{1,4})\b`)

func (f Facts) diagnoseOpenMPI(r *report) {
	const check = "openmpi"
	switch v := f.OpenMPI; {
	case missing(v.Err):
		r.fault(check, "Install Open MPI, or load its module, here and on the nodes.", "mpirun is not on PATH.")
		return
	case v.Err != nil:
		r.fault(check, "Run mpirun --version to see why.", "mpirun does not print its version: %v.", v.Err)
		return
	case !v.Value.AtLeast(4, 0):
		r.warn(check, "Use Open MPI 4.1 or newer.", "Open MPI %s is old.", v.Value.Text)
	default:
		r.ok(check, "Open MPI %s is installed.", v.Value.Text)
	}
	if f.Root && !f.RootAllowed {
		r.fault("root", "Submit as an ordinary user, or set OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1.",
			"You are root, and mpirun refuses to run as root.")
	}
	f.diagnoseLaunch(r, f.OpenMPI.Value)
}

// diagnoseLaunch looks at how the ranks are started on the nodes.
func (f Facts) diagnoseLaunch(r *report, v Version) {
	const check = "launch"
	c := f.Components
	switch {
	case v.Major >= 5:
		r.ok(check, "Open MPI %d starts ranks through PRRTE, which knows Slurm.", v.Major)
	case c.Err != nil:
		r.warn(check, "Install ompi_info to see how Open MPI was built.", "ompi_info does not say how Open MPI was built: %v.", c.Err)
	case !slices.Contains(c.Value["ras"], "slurm") || !slices.Contains(c.Value["plm"], "slurm"):
		r.fault(check, "Use an Open MPI that was built --with-slurm.",
			"This Open MPI was built without Slurm: mpirun would not know the nodes of its job.")
	default:
		r.ok(check, "mpirun takes nodes and slots from Slurm.")
	}
	switch t := f.MPITypes; {
	case t.Err != nil:
		return
	case !slices.ContainsFunc(t.Value, func(name string) bool { return strings.HasPrefix(name, "pmix") }):
		r.warn(check, "Start the ranks with mpirun, as the scripts do.", "This Slurm has no PMIx, so srun cannot start ranks.")
	default:
		r.ok(check, "srun --mpi=pmix starts ranks too.")
	}
}
