package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/postgres"
)

// storedKey is a row of signing_key.
type storedKey struct {
	ID         string
	State      token.State
	Since      time.Time
	PrivateKey []byte
	SealedWith string // "" when the private key is not encrypted
}

// Sealing returns a store that encrypts the signing keys with a sealer.
func (s *Store) Sealing(with *token.Sealer) *Store {
	sealing := *s
	sealing.sealer = with
	return &sealing
}

// Sealed reports whether any signing key is encrypted.
func (s *Store) Sealed(ctx context.Context) (bool, error) {
	return postgres.One(ctx, s.pool, pgx.RowTo[bool], s.sql.CheckSealed)
}

// RemoveKeys removes every signing key, without reading them.
func (s *Store) RemoveKeys(ctx context.Context) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		n, err := postgres.Exec(ctx, tx, s.sql.RemoveKeys)
		if err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "reset-keys", Object: audit.Object{Kind: "key"}, Before: audit.Detail(map[string]int64{"keys": n})})
	})
}

// Keys returns every signing key.
func (s *Store) Keys(ctx context.Context) ([]token.Key, error) {
	keys, _, err := s.keys(ctx, s.pool)
	return keys, err
}

// keys returns every signing key, and the ids of those that are not encrypted as they
// should be now.
func (s *Store) keys(ctx context.Context, db postgres.DB) (keys []token.Key, stale []string, err error) {
	stored, err := postgres.Collect(ctx, db, pgx.RowToStructByPos[storedKey], s.sql.ListKeys)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range stored {
		text, err := s.sealer.Open(k.ID, k.SealedWith, k.PrivateKey)
		if err != nil {
			return nil, nil, err
		}
		private, err := token.DecodeKey(text)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, token.Key{ID: k.ID, State: k.State, Since: k.Since, Private: private})
		if k.SealedWith != s.sealer.Current() {
			stale = append(stale, k.ID)
		}
	}
	return keys, stale, nil
}

// RotateKeys rotates the signing keys as the policy asks for at the server's time,
// one instance after another, and reports whether any changed. It encrypts those that
// are stored otherwise than the sealer does now.
func (s *Store) RotateKeys(ctx context.Context, policy token.Policy) (changed bool, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.LockKeys); err != nil {
			return err
		}
		before, stale, err := s.keys(ctx, tx)
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
		if err := s.replaceKeys(ctx, tx, before, after, stale); err != nil || !changed && len(stale) == 0 {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "rotate-keys", Object: audit.Object{Kind: "key"}, Before: keysDetail(before), After: keysDetail(after)})
	})
	return changed && err == nil, err
}

// keysDetail is what the audit trail says of the signing keys: the states by id.
func keysDetail(keys []token.Key) json.RawMessage {
	states := map[string]token.State{}
	for _, k := range keys {
		states[k.ID] = k.State
	}
	return audit.Detail(states)
}

// replaceKeys writes the difference and the stale keys, previous keys first: at no time
// may two keys be current, or two be next.
func (s *Store) replaceKeys(ctx context.Context, tx postgres.Transaction, before, after []token.Key, stale []string) error {
	for _, k := range before {
		if !slices.ContainsFunc(after, func(a token.Key) bool { return a.ID == k.ID }) {
			if _, err := postgres.Exec(ctx, tx, s.sql.RemoveKey, k.ID); err != nil {
				return err
			}
		}
	}
	for _, state := range []token.State{token.Previous, token.Current, token.Next} {
		for _, k := range after {
			if k.State != state || slices.Contains(before, k) && !slices.Contains(stale, k.ID) {
				continue
			}
			text, err := token.EncodeKey(k.Private)
			if err != nil {
				return err
			}
			if _, err := postgres.Exec(ctx, tx, s.sql.PutKey, k.ID, k.State, k.Since, s.sealer.Seal(k.ID, text), s.sealer.Current()); err != nil {
				return err
			}
		}
	}
	return nil
}
