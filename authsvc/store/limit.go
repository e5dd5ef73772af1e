package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// Rate allows some attempts at once, and another one each time that Every has passed.
type Rate struct {
	Burst int
	Every time.Duration
}

// spare is how much time may be used up before an attempt.
func (r Rate) spare() time.Duration { return time.Duration(r.Burst-1) * r.Every }

// Strangers is how many wrong passwords from places where its owner never logged in an
// account takes before it counts as attacked. OWASP's ASVS allows 100 an hour.
var strangers = Rate{Burst: 100, Every: 36 * time.Second}

// Places returns which of the places are known, because the user with the name has
// logged in there, and whether strangers are guessing the user's password. A name that
// no user has is treated as any other.
func (s *Store) Places(ctx context.Context, name string, places []string) (known []string, attacked bool, err error) {
	type found struct {
		Known    []string
		Attacked bool
	}
	f, err := postgres.One(ctx, s.pool, pgx.RowToStructByPos[found], s.sql.FindPlaces, name, places, strangers.spare())
	return f.Known, f.Attacked, err
}

// TakeAttempt counts one attempt on an account at a place. When it is one too many,
// nothing is counted, and wait is the time until the next one is allowed.
func (s *Store) TakeAttempt(ctx context.Context, account, place string, rate Rate) (wait time.Duration, err error) {
	n, err := postgres.Exec(ctx, s.pool, s.sql.TakeAttempt, account, place, rate.Every, rate.spare())
	if err != nil || n == 1 {
		return 0, err
	}
	wait, ok, err := postgres.Find(ctx, s.pool, pgx.RowTo[time.Duration], s.sql.GetWait, account, place, rate.spare())
	if err != nil || !ok {
		return 0, err
	}
	return max(wait, time.Second), nil
}

// ReturnAttempt returns an attempt that does not count.
func (s *Store) ReturnAttempt(ctx context.Context, account, place string, rate Rate) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.ReturnAttempt, account, place, rate.Every)
	return err
}

// TakeStranger counts one attempt on an account from all unknown places, unless they
// have used up all of theirs.
func (s *Store) TakeStranger(ctx context.Context, account string) (counted bool, err error) {
	wait, err := s.TakeAttempt(ctx, account, "", strangers)
	return wait == 0, err
}

// ReturnStranger returns what TakeStranger has counted.
func (s *Store) ReturnStranger(ctx context.Context, account string) error {
	return s.ReturnAttempt(ctx, account, "", strangers)
}

// maxPlaces bounds the places of a user.
const maxPlaces = 50

// AddPlaces keeps places where a user has just logged in.
func (s *Store) AddPlaces(ctx context.Context, user uuid.UUID, places ...string) error {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.AddPlaces, user, places); err != nil {
		return err
	}
	_, err := postgres.Exec(ctx, s.pool, s.sql.TrimPlaces, user, maxPlaces)
	return err
}

// PurgeAttempts deletes what limits nobody any more.
func (s *Store) PurgeAttempts(ctx context.Context) error {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.PurgeAttempts); err != nil {
		return err
	}
	_, err := postgres.Exec(ctx, s.pool, s.sql.PurgePlaces)
	return err
}
