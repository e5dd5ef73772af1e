package api

import (
	"context"
	"slices"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// checkAfter finds predecessors that do not exist, and those after whose end the job could
// never begin.
func checkAfter(ctx context.Context, b *Backend, spec job.Spec) ([]problem.Fault, error) {
	all := slices.DeleteFunc(spec.Predecessors(), func(p job.Predecessor) bool { return !p.ID.Valid() })
	if len(all) == 0 {
		return nil, nil
	}
	ids := make([]job.ID, len(all))
	for i, p := range all {
		ids[i] = p.ID
	}
	found, err := b.Store.CurrentRuns(ctx, ids)
	if err != nil {
		return nil, err
	}
	var faults []problem.Fault
	for _, p := range all {
		switch at, ok := found[p.ID]; {
		case !ok:
			faults = problem.Addf(faults, p.Pointer, "there is no job %s", p.ID)
		case at.State.Final() && !p.MetBy(at.State):
			faults = problem.Addf(faults, p.Pointer, "job %s has ended as %s: retry it first, or name it in after_any", p.ID, at.State)
		}
	}
	return faults, nil
}

// checkAdded finds predecessors that a change would add to those of the job. Without that no
// job can come to wait for itself: when a job is created, nothing can wait for it yet.
func checkAdded(old, changed job.Spec) []problem.Fault {
	var faults []problem.Fault
	before := old.Predecessors()
	for _, p := range changed.Predecessors() {
		if !slices.ContainsFunc(before, func(q job.Predecessor) bool { return q.ID == p.ID }) {
			faults = problem.Addf(faults, p.Pointer, "cannot be added to a job: cancel it, and submit another that follows job %s", p.ID)
		}
	}
	return faults
}
