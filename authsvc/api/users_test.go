package api

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

func TestUsersOverHTTP(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	added, err := admin.AddUser(t.Context(), client.NewUser{Username: "ada", Roles: []auth.Role{auth.Manager}})
	if err != nil || added.Password == "" || added.Username != "ada" {
		t.Fatalf("got %+v, %v", added, err)
	}
	ada, _ := f.as(t, "ada", added.Password)
	_, err = ada.AddUser(t.Context(), client.NewUser{Username: "eve", Roles: []auth.Role{auth.Administrator}})
	wantKind(t, err, problem.Forbidden)
	_, err = admin.AddUser(t.Context(), client.NewUser{Username: "ada", Password: "ten letters", Roles: []auth.Role{auth.Manager}})
	wantKind(t, err, problem.Conflict)
	got, err := admin.User(t.Context(), "ada")
	if err != nil || got.ID != added.ID {
		t.Errorf("got %+v, %v", got, err)
	}
	wantKind(t, admin.RemoveUser(t.Context(), "admin"), problem.Conflict)
	if err := admin.RemoveUser(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	_, err = ada.Whoami(t.Context())
	wantKind(t, err, problem.Unauthorized)
	_, err = admin.User(t.Context(), "ada")
	wantKind(t, err, problem.NotFound)
}

func TestUsersAreListedInPages(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	want := []string{"admin"}
	for i := range 205 {
		name := fmt.Sprintf("user%03d", i)
		if _, err := f.store.AddUser(t.Context(), name, "x", []auth.Role{auth.Secretary}); err != nil {
			t.Fatal(err)
		}
		want = append(want, name)
	}
	users, err := admin.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range users {
		got = append(got, u.Username)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d users", len(got))
	}
}

func TestRolesChange(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	if _, err := admin.AddUser(t.Context(), client.NewUser{Username: "ada", Password: "ada's password", Roles: []auth.Role{auth.Administrator}}); err != nil {
		t.Fatal(err)
	}
	ada, _ := f.as(t, "ada", "ada's password")
	if u, err := admin.SetRoles(t.Context(), "ada", auth.Manager, auth.Secretary); err != nil || len(u.Roles) != 2 {
		t.Errorf("got %+v, %v", u, err)
	}
	_, err := ada.Users(t.Context())
	wantKind(t, err, problem.Unauthorized)
	_, tokens := f.as(t, "ada", "ada's password")
	if want := "datasets:read datasets:write jobs:read jobs:write"; tokens.Scope != want {
		t.Errorf("got %s, want %s", tokens.Scope, want)
	}
	_, err = admin.SetRoles(t.Context(), "nobody", auth.Manager)
	wantKind(t, err, problem.NotFound)
}

func TestPasswordsChange(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	err := admin.ChangePassword(t.Context(), "not the password", "a new password")
	wantKind(t, err, problem.Invalid)
	if err := admin.ChangePassword(t.Context(), adminPassword, "a new password"); err != nil {
		t.Fatal(err)
	}
	_, err = admin.Whoami(t.Context())
	wantKind(t, err, problem.Unauthorized)
	_, err = client.New(f.url, nil).Login(t.Context(), "admin", adminPassword)
	wantKind(t, err, problem.Unauthorized)
	admin, _ = f.as(t, "admin", "a new password")
	if _, err := admin.AddUser(t.Context(), client.NewUser{Username: "ada", Password: "ada's password", Roles: []auth.Role{auth.Manager}}); err != nil {
		t.Fatal(err)
	}
	if err := admin.SetPassword(t.Context(), "ada", "ada's other password"); err != nil {
		t.Fatal(err)
	}
	f.as(t, "ada", "ada's other password")
	wantKind(t, admin.SetPassword(t.Context(), "ada", "too short"), problem.Invalid)
	wantKind(t, admin.SetPassword(t.Context(), "nobody", "long enough"), problem.NotFound)
}

func TestServiceAccountIsNoPerson(t *testing.T) {
	t.Parallel()
	f := start(t)
	worker := client.New(f.url, client.ServiceTokens(f.url, "worker", "secret", auth.Authsvc))
	me, err := worker.Whoami(t.Context())
	if err != nil || !me.Service || me.Username != "worker" {
		t.Errorf("got %+v, %v", me, err)
	}
	wantKind(t, worker.Logout(t.Context()), problem.Conflict)
	wantKind(t, worker.ChangePassword(t.Context(), "secret", "long enough"), problem.Conflict)
	if err := f.store.RemoveService(t.Context(), "worker"); err != nil {
		t.Fatal(err)
	}
	_, err = worker.Whoami(t.Context())
	wantKind(t, err, problem.Unauthorized)
}

func TestCommonPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	if _, err := admin.AddUser(t.Context(), client.NewUser{Username: "ada-lovelace", Roles: []auth.Role{auth.Manager}}); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"1234567890", "Password123", "Ada-Lovelace"} {
		_, added := admin.AddUser(t.Context(), client.NewUser{Username: "ada-lovelace", Password: password, Roles: []auth.Role{auth.Manager}})
		for _, err := range []error{added, admin.SetPassword(t.Context(), "ada-lovelace", password), admin.ChangePassword(t.Context(), adminPassword, "admin12345")} {
			p, ok := errors.AsType[*problem.Problem](err)
			if !ok || p.Kind() != problem.Invalid || len(p.Faults) != 1 || p.Faults[0].Pointer != "/password" {
				t.Errorf("%s: got %v", password, err)
			}
		}
	}
}

func TestRightsOfUsers(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	added, err := admin.AddUser(t.Context(), client.NewUser{Username: "ada", Password: "ada's password", Roles: []auth.Role{auth.Secretary}})
	if err != nil {
		t.Fatal(err)
	}
	worker := client.New(f.url, client.ServiceTokens(f.url, "worker", "secret", auth.Authsvc))
	if got, err := worker.Rights(t.Context(), added.ID); err != nil || !slices.Equal(got, auth.Secretary.Scopes()) {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = admin.Rights(t.Context(), added.ID)
	wantKind(t, err, problem.Forbidden)
	if err := admin.RemoveUser(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	if got, err := worker.Rights(t.Context(), added.ID); err != nil || len(got) > 0 {
		t.Errorf("after the removal: got %v, %v", got, err)
	}
	_, err = worker.Rights(t.Context(), "worker")
	wantKind(t, err, problem.Invalid)
}
