package slurm

import (
	"slices"
	"strconv"
	"strings"
)

// ours begins the version line of Foliocast's mpicalc: libgcrypt has a program
// of the same name.
const ours = "mpicalc version "

func (f Facts) diagnoseMpicalc(r *report) {
	const check = "mpicalc"
	name := f.Asked.Mpicalc
	version, mine := strings.CutPrefix(f.Here.Value, ours)
	switch {
	case f.Here.Err != nil && f.There.Err == nil:
		// What the nodes have is reported below.
	case missing(f.Here.Err):
		r.fault(check, "Build it with make build, and name it with --mpicalc or MPICALC.", "There is no program %s.", name)
	case f.Here.Err != nil:
		r.fault(check, "Run it with --version to see why.", "%s does not run: %v.", name, f.Here.Err)
	case !mine:
		r.fault(check, "Name Foliocast's own with --mpicalc or MPICALC: libgcrypt has a program of the same name.",
			"%s is not Foliocast's mpicalc.", name)
	case known(version) && known(f.Asked.Version) && version != f.Asked.Version:
		r.warn(check, "Use programs of one build.", "%s is version %s, and foliocast is %s.", name, version, f.Asked.Version)
	default:
		r.ok(check, "%s is version %s.", name, version)
	}
	switch {
	case f.There.Err == errNotAsked:
	case f.There.Err == errNoneFree:
		r.warn(check, "Run this again when a node is free.", "No node is free, so %s was not looked for on one.", name)
	case f.There.Err != nil:
		r.fault(check, "Try it by hand: srun --ntasks=1 "+name+" --version.", "The doctor's job on a node failed: %v.", f.There.Err)
	default:
		f.diagnoseThere(r)
	}
}

// known reports whether a version was given at build time.
func known(version string) bool { return version != "" && version != "unknown" }

// diagnoseThere compares the programs of the nodes with each other and with
// those here.
func (f Facts) diagnoseThere(r *report) {
	const share = "Put the programs on storage that the nodes see, at the same path, with Open MPI's libraries."
	calc, run := versions{}, versions{}
	for _, s := range f.There.Value {
		if version, mine := strings.CutPrefix(s.Mpicalc, ours); mine {
			calc.add(version, s.Host)
		} else {
			r.fault("mpicalc", share, "%s on node %s is not Foliocast's mpicalc: %s.", f.Asked.Mpicalc, s.Host, orNothing(s.Mpicalc))
		}
		if v, err := ParseVersion(s.MPIRun); err == nil {
			run.add(v.Text, s.Host)
		} else {
			r.fault("openmpi", "Install Open MPI on the nodes, or load its module before you submit.",
				"mpirun does not run on node %s: %s.", s.Host, orNothing(s.MPIRun))
		}
	}
	if here, mine := strings.CutPrefix(f.Here.Value, ours); mine && len(calc) > 0 {
		calc.add(here, "this machine")
	}
	if f.OpenMPI.Err == nil && len(run) > 0 {
		run.add(f.OpenMPI.Value.Text, "this machine")
	}
	calc.compare(r, "mpicalc", share)
	run.compare(r, "openmpi", "Use one version everywhere.")
}

// versions maps each version to the places that have it.
type versions map[string][]string

func (v versions) add(version, place string) { v[version] = append(v[version], place) }

func (v versions) compare(r *report, check, advice string) {
	var list []string
	for version, places := range v {
		list = append(list, version+" on "+strings.Join(places, ", "))
	}
	slices.Sort(list)
	switch len(list) {
	case 0:
	case 1:
		r.ok(check, "The nodes have %s.", list[0])
	default:
		r.fault(check, advice, "There are several versions of %s: %s.", check, strings.Join(list, "; "))
	}
}

func orNothing(text string) string {
	if text == "" {
		return "it prints nothing"
	}
	return "it prints " + strconv.Quote(short(text))
}

func (f Facts) diagnoseServices(r *report) {
	const check = "services"
	if f.Asked.Services == nil {
		return
	}
	var dead, near []string
	for _, s := range f.Reached {
		if s.Fault != "" {
			dead = append(dead, s.Service)
			r.fault(check, "Start it, or name its address.", "%s at %s does not answer from here: %s.", s.Service, s.URL, s.Fault)
		}
		if loopback(s.URL) {
			near = append(near, s.Service)
		}
	}
	if len(dead) == 0 {
		r.ok(check, "All services answer from here.")
	}
	switch {
	case f.Asked.Probe == nil && len(near) > 0:
		r.warn(check, "Name addresses that the nodes can reach, and check them with --from-node.",
			"The address of %s leads to this machine only: other nodes cannot reach it.", strings.Join(near, ", "))
	case f.Asked.Probe == nil:
	case f.FromNode.Err == errNotAsked:
	case f.FromNode.Err == errNoneFree:
		r.warn(check, "Run this again when a node is free.", "No node is free, so the services were not asked from one.")
	case f.FromNode.Err != nil:
		r.fault(check, "Put foliocast on storage that the nodes see, at the same path.", "The services could not be asked from a node: %v.", f.FromNode.Err)
	default:
		f.diagnoseFromNode(r, dead)
	}
}

// diagnoseFromNode reports the services that answer here but not on a node.
func (f Facts) diagnoseFromNode(r *report, dead []string) {
	var hosts []string
	all := true
	for _, p := range f.FromNode.Value {
		hosts = append(hosts, p.Host)
		for _, s := range p.Services {
			if s.Fault == "" {
				continue
			}
			all = false
			if !slices.Contains(dead, s.Service) {
				r.fault("services", "Let the service listen on an address of the nodes' network, and name that one.",
					"%s at %s answers here but not on node %s: %s.", s.Service, s.URL, p.Host, s.Fault)
			}
		}
	}
	if all {
		r.ok("services", "All services answer from %s.", strings.Join(hosts, ", "))
	}
}
