package store

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

func addUser(t testing.TB, s *Store, name string, roles ...auth.Role) User {
	t.Helper()
	u, err := s.AddUser(t.Context(), name, "hash of "+name, roles)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantKind(t testing.TB, err error, kind problem.Kind) {
	t.Helper()
	if !problem.Is(err, kind) {
		t.Errorf("got %v, want a problem of the kind %s", err, kind)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := addUser(t, s, "ada", auth.Administrator)
	bob := addUser(t, s, "bob", auth.Manager, auth.Secretary)
	got, err := s.User(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, bob); d != "" {
		t.Error(d)
	}
	_, err = s.AddUser(t.Context(), "ada", "x", []auth.Role{auth.Manager})
	wantKind(t, err, problem.Conflict)
	if _, err := s.AddUser(t.Context(), "eve", "x", []auth.Role{"porter"}); err == nil {
		t.Error("an unknown role was accepted")
	}
	for after, want := range map[string]string{"": "ada", "ada": "bob", "bob": ""} {
		page, err := s.Users(t.Context(), after, 1)
		if err != nil || len(page) > 1 || len(page) == 1 && page[0].Name != want || len(page) == 0 && want != "" {
			t.Errorf("after %q: %v, %v", after, page, err)
		}
	}
	if err := s.RemoveUser(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, s.RemoveUser(t.Context(), "bob"), problem.NotFound)
	_, err = s.User(t.Context(), "bob")
	wantKind(t, err, problem.NotFound)
	if again := addUser(t, s, "bob", auth.Secretary); again.ID == bob.ID || ada.ID == bob.ID {
		t.Error("ids are not new")
	}
}

func TestLastAdministratorStays(t *testing.T) {
	t.Parallel()
	s := open(t)
	addUser(t, s, "ada", auth.Administrator)
	addUser(t, s, "bob", auth.Manager)
	wantKind(t, s.RemoveUser(t.Context(), "ada"), problem.Conflict)
	_, err := s.SetRoles(t.Context(), "ada", []auth.Role{auth.Manager})
	wantKind(t, err, problem.Conflict)
	if _, err := s.SetRoles(t.Context(), "ada", []auth.Role{auth.Manager, auth.Administrator}); err != nil {
		t.Error(err)
	}
	if _, err := s.SetRoles(t.Context(), "bob", []auth.Role{auth.Administrator}); err != nil {
		t.Error(err)
	}
	if err := s.RemoveUser(t.Context(), "ada"); err != nil {
		t.Error(err)
	}
}

// All of several administrators are removed or demoted at the same time, and one of
// them always stays.
func TestOneAdministratorAlwaysStays(t *testing.T) {
	t.Parallel()
	s := open(t)
	names := strings.Fields("a1 a2 a3 a4 a5 a6")
	for _, name := range names {
		addUser(t, s, name, auth.Administrator)
	}
	var refused atomic.Int32
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			var err error
			if i%2 == 0 {
				err = s.RemoveUser(t.Context(), name)
			} else {
				_, err = s.SetRoles(t.Context(), name, []auth.Role{auth.Secretary})
			}
			if problem.Is(err, problem.Conflict) {
				refused.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := refused.Load(); n != 1 {
		t.Errorf("%d were refused, want 1", n)
	}
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := addUser(t, s, "ada", auth.Administrator)
	if err := s.SetPassword(t.Context(), "ada", "second", ada.PasswordHash); err != nil {
		t.Fatal(err)
	}
	wantKind(t, s.SetPassword(t.Context(), "ada", "third", ada.PasswordHash), problem.NotFound)
	if err := s.SetPassword(t.Context(), "ada", "fourth", ""); err != nil {
		t.Fatal(err)
	}
	if u, err := s.User(t.Context(), "ada"); err != nil || u.PasswordHash != "fourth" {
		t.Errorf("got %v, %v", u, err)
	}
}

// Of many instances that start at once, one adds the first administrator, and no
// password is shown before it is written.
func TestFirstUserIsAddedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	broken := errors.New("the disk is full")
	if err := s.AddFirstUser(t.Context(), "admin", "x", func() error { return broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if some, err := s.HasUsers(t.Context()); some || err != nil {
		t.Errorf("a user was added although their password could not be shown: %v", err)
	}
	var shown atomic.Int32
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			err := s.AddFirstUser(t.Context(), "admin", "x", func() error { shown.Add(1); return nil })
			if err != nil && !errors.Is(err, ErrNotFirst) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := shown.Load(); n != 1 {
		t.Errorf("shown %d times", n)
	}
	addUser(t, s, "ada", auth.Administrator)
	if err := s.RemoveUser(t.Context(), "admin"); err != nil {
		t.Fatal(err)
	}
	if err := s.AddFirstUser(t.Context(), "admin", "x", func() error { return nil }); !errors.Is(err, ErrNotFirst) {
		t.Errorf("the removed first administrator comes back: %v", err)
	}
}

// The connection breaks after the password was shown. There is no user then, and the
// next attempt shows another password.
func TestFirstUserAfterALostCommit(t *testing.T) {
	t.Parallel()
	s := open(t)
	err := s.AddFirstUser(t.Context(), "admin", "x", func() error {
		_, err := s.pool.Exec(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND application_name = current_setting('application_name')`)
		return err
	})
	if !postgres.Unavailable(err) {
		t.Errorf("got %v, want that the server cannot be reached", err)
	}
	shown := false
	if err := s.AddFirstUser(t.Context(), "admin", "y", func() error { shown = true; return nil }); err != nil || !shown {
		t.Errorf("got %v, shown %v", err, shown)
	}
	if u, err := s.User(t.Context(), "admin"); err != nil || u.PasswordHash != "y" {
		t.Errorf("got %v, %v", u, err)
	}
}
