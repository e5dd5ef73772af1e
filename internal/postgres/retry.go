package postgres

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// attempts is how often work is done that the server undoes because it collides
// with other work.
const attempts = 5

// retried does work on the pool again, a few times and after short waits with
// jitter, when the server has undone it because of a deadlock or a serialization
// failure. Inside a transaction it does it once: only the whole can be repeated.
func retried(ctx context.Context, db DB, work func() error) error {
	if _, whole := db.(*pgxpool.Pool); !whole {
		return work()
	}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := work()
		if err != nil && !collided(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithMaxTries(attempts), backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval: 5 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 100 * time.Millisecond}))
	return err
}

// collided reports whether the server undid work that may succeed if it is done
// again.
func collided(err error) bool {
	code := Code(err)
	return code == SerializationFailure || code == DeadlockDetected
}
