package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/authsvc/token"
	"foliocast/internal/postgres"
)

// storedKey is a row of signing_key.
type storedKey struct {
	ID         string
	State      token.State
	Since      time.Time
	PrivateKey []byte
}

// Keys returns every signing key.
func (s *Store) Keys(ctx context.Context) ([]token.Key, error) {
	return s.keys(ctx, s.pool)
}

func (s *Store) keys(ctx context.Context, db postgres.DB) ([]token.Key, error) {
	stored, err := postgres.Collect(ctx, db, pgx.RowToStructByPos[storedKey], s.sql.ListKeys)
	if err != nil {
		return nil, err
	}
	var keys []token.Key
	for _, k := range stored {
		private, err := token.DecodeKey(k.PrivateKey)
		if err != nil {
			return nil, err
		}
		keys = append(keys, token.Key{ID: k.ID, State: k.State, Since: k.Since, Private: private})
	}
	return keys, nil
}

// RotateKeys rotates the signing keys as the policy asks for at the server's time,
// one instance after another, and reports whether any changed.
func (s *Store) RotateKeys(ctx context.Context, policy token.Policy) (changed bool, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.LockKeys); err != nil {
			return err
		}
		before, err := s.keys(ctx, tx)
		if err != nil {
			return err
		}
		now, err := postgres.One(ctx, tx, pgx.RowTo[time.Time], s.sql.GetTime)
		if err != nil {
			return err
		}
		after, err := token.Rotate(before, now, policy)
		if err != nil {
			return err
		}
		changed = !slices.Equal(before, after)
		return s.replaceKeys(ctx, tx, before, after)
	})
	return changed && err == nil, err
}

// replaceKeys writes the difference, previous keys first: at no time may two keys
// be current, or two be next.
func (s *Store) replaceKeys(ctx context.Context, tx pgx.Tx, before, after []token.Key) error {
	for _, k := range before {
		if !slices.ContainsFunc(after, func(a token.Key) bool { return a.ID == k.ID }) {
			if _, err := postgres.Exec(ctx, tx, s.sql.RemoveKey, k.ID); err != nil {
				return err
			}
		}
	}
	for _, state := range []token.State{token.Previous, token.Current, token.Next} {
		for _, k := range after {
			if k.State != state || slices.Contains(before, k) {
				continue
			}
			text, err := token.EncodeKey(k.Private)
			if err != nil {
				return err
			}
			if _, err := postgres.Exec(ctx, tx, s.sql.PutKey, k.ID, k.State, k.Since, text); err != nil {
				return err
			}
		}
	}
	return nil
}
