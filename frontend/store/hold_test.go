package store

import (
	"testing"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// A job cannot end between the moment at which another one finds it in flight and the moment
// at which that one waits for it, also when others wait for it already.
func TestAnAwaitedJobCannotEndUnseen(t *testing.T) {
	t.Parallel()
	s := open(t)
	head := submit(t, s, prices(t, s), "", 1)
	for _, awaited := range []bool{false, true} {
		err := postgres.Tx(t.Context(), s.pool, func(tx postgres.Transaction) error {
			after, _, err := s.await(t.Context(), tx, []job.Predecessor{{ID: head.ID}})
			if err != nil || len(after) != 1 {
				t.Fatalf("awaited before: %v: got %v, %v", awaited, after, err)
			}
			if _, err := s.pool.Exec(t.Context(), "SELECT FROM job WHERE id = $1 FOR NO KEY UPDATE NOWAIT", head.ID); err == nil {
				t.Errorf("awaited before: %v: another transaction may end the job", awaited)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
