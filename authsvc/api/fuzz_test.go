package api

import (
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
)

func FuzzOperations(f *testing.F) {
	s := start(f)
	keys, err := s.store.Keys(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	amend := s.issuer(f).Amend
	authtest.FuzzOperations(f, s.door.Router, s.door.API, func(t *testing.T) string {
		issuer := authtest.With(t, keys[0].ID, keys[0].Private)
		issuer.Amend = amend
		return issuer.Token(auth.Administrator)
	})
}
