package worker

import (
	"errors"

	"github.com/google/uuid"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// NameIn is a new name for a worker of a lineage: workers that never live at the same time, such as the worlds that one
// supervisor starts. It sorts after the names of its predecessors.
func NameIn(lineage string) (string, error) {
	birth, err := uuid.NewV7()
	return message.Incarnation(lineage, birth.String()), err
}

// inherit makes what dead predecessors held available again. It returns an error only when the queue is unreachable: then
// it should be called again before anything is leased.
func (w *worker) inherit() error {
	n, err := w.queue.Inherit(w.stopped, w.config.Name)
	switch {
	case err == nil && n > 0:
		w.log.Info("leases inherited", "leases", n)
	case err != nil && unreachable(err):
		return err
	case err != nil:
		w.log.Warn("cannot inherit: the leases of dead predecessors will expire", "err", err)
	}
	return nil
}

// unreachable reports whether a service did not answer, or cannot answer now.
func unreachable(err error) bool {
	_, silent := errors.AsType[*problem.Unreachable](err)
	return silent || problem.Is(err, problem.Unavailable)
}
