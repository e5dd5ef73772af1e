package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

func login(t testing.TB, s *Store, u User, refresh string) Session {
	t.Helper()
	session, err := s.AddSession(t.Context(), u, token.Digest(refresh))
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func anyScope(Session) ([]auth.Scope, error) { return nil, nil }

func refresh(t testing.TB, s *Store, from, to string) error {
	t.Helper()
	_, err := s.Refresh(t.Context(), token.Digest(from), anyScope, func([]byte) []byte { return token.Digest(to) })
	return err
}

// age moves a time in a table into the past, because a test cannot wait.
func age(t testing.TB, s *Store, column, table string, by time.Duration) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), fmt.Sprintf("UPDATE %s SET %s = %s - $1::interval", table, column, column), by); err != nil {
		t.Fatal(err)
	}
}

func live(t testing.TB, s *Store, session Session) bool {
	t.Helper()
	ok, err := s.Live(t.Context(), auth.Principal{Subject: session.UserID.String(), Session: session.ID.String()})
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	s := open(t)
	session := login(t, s, addUser(t, s, "ada", auth.Manager), "r1")
	got, err := s.Refresh(t.Context(), token.Digest("r1"), anyScope, func([]byte) []byte { return token.Digest("r2") })
	if err != nil || got.ID != session.ID || got.Name != "ada" || len(got.Roles) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if err := refresh(t, s, "r2", "r3"); err != nil {
		t.Fatal(err)
	}
	if err := refresh(t, s, "never seen", "r4"); !errors.Is(err, ErrNoSession) {
		t.Errorf("got %v, want ErrNoSession", err)
	}
	if !live(t, s, session) {
		t.Error("the session has ended")
	}
}

func TestRefreshAgainWithinTheGrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	session := login(t, s, addUser(t, s, "ada", auth.Manager), "r0")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if err := refresh(t, s, "r0", fmt.Sprint("n", i)); err != nil {
				t.Errorf("refresh at the same time: %v", err)
			}
		})
	}
	all.Wait()
	age(t, s, "rotated_at", "refresh_token", 19*time.Second)
	if err := refresh(t, s, "r0", "late"); err != nil {
		t.Errorf("after 19 s: %v", err)
	}
	if !live(t, s, session) {
		t.Error("the session has ended")
	}
}

func TestReuseEndsTheSession(t *testing.T) {
	t.Parallel()
	s := open(t)
	u := addUser(t, s, "ada", auth.Manager)
	session, other := login(t, s, u, "r0"), login(t, s, u, "other")
	if err := refresh(t, s, "r0", "r1"); err != nil {
		t.Fatal(err)
	}
	age(t, s, "rotated_at", "refresh_token", 21*time.Second)
	if err := refresh(t, s, "r0", "r2"); !errors.Is(err, ErrReused) {
		t.Errorf("got %v, want ErrReused", err)
	}
	for _, old := range []string{"r0", "r1", "r2"} {
		if err := refresh(t, s, old, "r3"); !errors.Is(err, ErrNoSession) {
			t.Errorf("%s: got %v, want ErrNoSession", old, err)
		}
	}
	if live(t, s, session) || !live(t, s, other) {
		t.Error("not exactly the session of the reused token has ended")
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *Store, Session) error{
		"logout":       func(t *testing.T, s *Store, at Session) error { return s.Logout(t.Context(), at.ID) },
		"removal":      func(t *testing.T, s *Store, _ Session) error { return s.RemoveUser(t.Context(), "ada") },
		"new password": func(t *testing.T, s *Store, _ Session) error { return s.SetPassword(t.Context(), "ada", "new", "") },
		"new roles": func(t *testing.T, s *Store, _ Session) error {
			_, err := s.SetRoles(t.Context(), "ada", []auth.Role{auth.Secretary})
			return err
		},
		"age": func(t *testing.T, s *Store, _ Session) error {
			age(t, s, "expires_at", "session", sessionLife)
			return nil
		},
		"disuse": func(t *testing.T, s *Store, _ Session) error {
			age(t, s, "expires_at", "refresh_token", refreshLife)
			return nil
		},
		"logouts": func(t *testing.T, s *Store, at Session) error {
			return errors.Join(s.Logout(t.Context(), at.ID), s.Logout(t.Context(), at.ID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			session := login(t, s, addUser(t, s, "ada", auth.Manager), "r0")
			if err := end(t, s, session); err != nil {
				t.Fatal(err)
			}
			if err := refresh(t, s, "r0", "r1"); !errors.Is(err, ErrNoSession) {
				t.Errorf("got %v, want ErrNoSession", err)
			}
			if live(t, s, session) && name != "disuse" {
				t.Error("the session has not ended")
			}
		})
	}
}

func TestSessionNeedsThePasswordThatWasChecked(t *testing.T) {
	t.Parallel()
	s := open(t)
	checked := addUser(t, s, "ada", auth.Manager)
	if err := s.SetPassword(t.Context(), "ada", "new", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddSession(t.Context(), checked, token.Digest("r")); !errors.Is(err, ErrNoSession) {
		t.Errorf("got %v, want ErrNoSession", err)
	}
}

func TestPurgeForgetsOldSessionsOnly(t *testing.T) {
	t.Parallel()
	s := open(t)
	u := addUser(t, s, "ada", auth.Manager)
	login(t, s, u, "old")
	age(t, s, "expires_at", "session", sessionLife+25*time.Hour)
	session := login(t, s, u, "young")
	if n, err := s.PurgeSessions(t.Context()); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	if !live(t, s, session) {
		t.Error("the young session is gone")
	}
}

// However many sessions have expired, no statement deletes more than it can in its time.
func TestSessionsArePurgedInSteps(t *testing.T) {
	t.Parallel()
	s := open(t)
	u := addUser(t, s, "ada", auth.Manager)
	const expired = 2*purgeBatch + 1
	if _, err := s.pool.Exec(t.Context(), fmt.Sprintf(`
		INSERT INTO session (id, user_id, expires_at) SELECT gen_random_uuid(), '%s', now() - interval '2 days' FROM generate_series(1, %d);
		CREATE FUNCTION bound() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN IF (SELECT count(*) FROM gone) > %d THEN RAISE 'too many at once'; END IF; RETURN NULL; END $$;
		CREATE TRIGGER bound AFTER DELETE ON session REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION bound()`,
		u.ID, expired, purgeBatch)); err != nil {
		t.Fatal(err)
	}
	if n, err := s.PurgeSessions(t.Context()); n != expired || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.SetService(t.Context(), "worker", token.Digest("one"), []auth.Scope{auth.QueueLease}); err != nil {
		t.Fatal(err)
	}
	first, _, err := s.Service(t.Context(), "worker")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetService(t.Context(), "worker", token.Digest("two"), []auth.Scope{auth.QueueLease, auth.DatasetsRead}); err != nil {
		t.Fatal(err)
	}
	got, ok, err := s.Service(t.Context(), "worker")
	if err != nil || !ok || !token.SameDigest(got.SecretDigest, "two") || len(got.Scopes) != 2 {
		t.Errorf("got %+v, %v, %v", got, ok, err)
	}
	if all, err := s.Services(t.Context(), "", 10); err != nil || len(all) != 1 {
		t.Errorf("got %v, %v", all, err)
	}
	worker := auth.Principal{Subject: "worker", Service: true}
	for session, want := range map[string]bool{got.SessionID.String(): true, first.SessionID.String(): false, "": false} {
		worker.Session = session
		if ok, err := s.Live(t.Context(), worker); ok != want || err != nil {
			t.Errorf("a token of session %q: %v, %v", session, ok, err)
		}
	}
	worker.Session = got.SessionID.String()
	wantKind(t, s.SetService(t.Context(), "No Name", token.Digest("x"), nil), problem.Invalid)
	if err := s.RemoveService(t.Context(), "worker"); err != nil {
		t.Error(err)
	}
	wantKind(t, s.RemoveService(t.Context(), "worker"), problem.NotFound)
	if ok, err := s.Live(t.Context(), worker); ok || err != nil {
		t.Errorf("a removed account: %v, %v", ok, err)
	}
	if ended, err := s.EndedSessions(t.Context(), time.Minute); len(ended) != 2 || err != nil {
		t.Errorf("ended sessions: %v, %v", ended, err)
	}
	age(t, s, "ended_at", "ended_service_session", 25*time.Hour)
	if _, err := s.PurgeSessions(t.Context()); err != nil {
		t.Error(err)
	}
	if ended, err := s.EndedSessions(t.Context(), 30*time.Hour); len(ended) != 0 || err != nil {
		t.Errorf("after the purge: %v, %v", ended, err)
	}
}

// A login that began before a change of roles gets the new roles. The old ones would
// let a former administrator take the role back.
func TestLoginGetsTheNewRoles(t *testing.T) {
	t.Parallel()
	s := open(t)
	addUser(t, s, "first", auth.Administrator)
	u := addUser(t, s, "ada", auth.Administrator)
	if _, err := s.SetRoles(t.Context(), "ada", []auth.Role{auth.Secretary}); err != nil {
		t.Fatal(err)
	}
	session := login(t, s, u, "r0")
	if len(session.Roles) != 1 || session.Roles[0] != auth.Secretary || session.Name != "ada" || session.UserID != u.ID || !live(t, s, session) {
		t.Errorf("got %+v, want a secretary's session", session)
	}
}
