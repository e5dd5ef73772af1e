package worker

import (
	"errors"

	"github.com/google/uuid"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// NameIn is a new name for a worker of a lineage: workers of which no two live at the same time, such as the worlds that
// one supervisor starts. It sorts behind those of its predecessors.
func NameIn(lineage string) (string, error) {
	birth, err := uuid.NewV7()
	return message.Incarnation(lineage, birth.String()), err
}

// inherit frees what dead predecessors held. The error is that the service is away: only then is it of use to ask
// again, and not to lease before.
func (w *worker) inherit() error {
	n, err := w.queue.Inherit(w.stopped, w.config.Name)
	switch {
	case err == nil && n > 0:
		w.log.Info("inherited", "leases", n)
	case err != nil && away(err):
		return err
	case err != nil:
		w.log.Warn("leases of dead predecessors have to expire", "err", err)
	}
	return nil
}

// away reports whether a service did not answer, or cannot now.
func away(err error) bool {
	_, silent := errors.AsType[*problem.Unreachable](err)
	return silent || problem.Is(err, problem.Unavailable)
}
