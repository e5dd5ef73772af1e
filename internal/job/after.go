package job

import (
	"fmt"
	"regexp"
	"slices"
)

var idPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Valid reports whether id has the form of a job's id.
func (id ID) Valid() bool { return idPattern.MatchString(string(id)) }

// Predecessor is a job that another one follows.
type Predecessor struct {
	ID      ID
	Anyhow  bool   // however it ends; otherwise it must end well
	Pointer string // to where a specification names it
}

// Predecessors lists the jobs that the job follows, those of After first.
func (s Spec) Predecessors() []Predecessor {
	var all []Predecessor
	for i, id := range s.After {
		all = append(all, Predecessor{id, false, fmt.Sprintf("/after/%d", i)})
	}
	for i, id := range s.AfterAny {
		all = append(all, Predecessor{id, true, fmt.Sprintf("/after_any/%d", i)})
	}
	return all
}

// MetBy reports whether an end of the predecessor lets the job begin that follows it.
func (p Predecessor) MetBy(end State) bool {
	return p.Anyhow && end.Final() || end == Done || end == Partial
}

// validateAfter checks the jobs that this one follows.
func (s Spec) validateAfter(f *faults) {
	all := s.Predecessors()
	if len(all) > maxAfter {
		f.add("/after_any", "must name at most %d jobs together with after, and they name %d", maxAfter, len(all))
		return
	}
	for i, p := range all {
		switch {
		case !p.ID.Valid():
			f.add(p.Pointer, "must be the id of a job, is %q", p.ID)
		case slices.ContainsFunc(all[:i], func(other Predecessor) bool { return other.ID == p.ID }):
			f.add(p.Pointer, "names job %s twice", p.ID)
		}
	}
}
