package api

import (
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/openapitest"
)

func TestAnswersAreDeclared(t *testing.T) {
	t.Parallel()
	s := start(t)
	keys, err := s.store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	issuer := authtest.With(t, keys[0].ID, keys[0].Private)
	issuer.Amend = s.issuer(t).Amend
	tokens := func() string {
		if _, err := s.store.User(t.Context(), "admin"); err != nil { // a request has removed them
			if _, err := s.store.AddUser(t.Context(), "admin", s.hash(t, adminPassword), []auth.Role{auth.Administrator}); err != nil {
				t.Fatal(err)
			}
		}
		return issuer.Token(auth.Administrator)
	}
	openapitest.Check(t, openapitest.Service{Handler: s.door.Router, Token: tokens, Apart: []string{"change-password"}, // the old password is another
		Values: map[string][]string{
			"username": {"admin", "ada", "bert"}, "name": {"admin", "ada", "worker", "fresh"}, "password": {adminPassword, "correct horse battery"}, "client_id": {"worker"}, "client_secret": {"secret"},
			"grant_type": {"client_credentials", "refresh_token"}, "resource": {string(auth.Queue), string(auth.Frontend)}, "scope": {string(auth.QueueLease)}, "scopes": {string(auth.QueueLease), string(auth.DatasetsRead)},
			"roles": {string(auth.Manager), string(auth.Secretary)},
		}})
}
