package console

import (
	"net/http"
	"strings"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// usersPage lists the users, and adds one.
type usersPage struct {
	Users    []authclient.User
	Roles    []auth.Role
	Name     string
	Chosen   []string
	Sentence string
	Faults   faults
	Password string // of the user who was just added: it is shown this once
	Added    string
}

func showUsers(v *visit) error { return v.showUsers(http.StatusOK, usersPage{}) }

func (v *visit) showUsers(status int, out usersPage) error {
	var err error
	if out.Users, err = v.identity().Users(v.context()); err != nil {
		return outside(err)
	}
	out.Roles = auth.AllRoles()
	return v.c.pages.show(v, status, "users", "Users", out)
}

// addUser adds a user with a password that is generated, and shows it once.
func addUser(v *visit) error {
	out := usersPage{Name: strings.TrimSpace(v.form.Get("username")), Chosen: v.form["role"]}
	added, err := v.identity().AddUser(v.context(), authclient.NewUser{Username: out.Name, Roles: rolesOf(out.Chosen)})
	if err != nil {
		p := problemOf(outside(err))
		if p.Status == http.StatusUnauthorized || p.Status >= http.StatusInternalServerError {
			return p
		}
		out.Sentence, out.Faults = p.Detail, faultsOf(p)
		return v.showUsers(p.Status, out)
	}
	return v.showUsers(http.StatusCreated, usersPage{Added: added.Username, Password: added.Password})
}

// rolesOf are roles by their names, never nil: the identity service wants a list.
func rolesOf(names []string) []auth.Role {
	roles := []auth.Role{}
	for _, name := range names {
		roles = append(roles, auth.Role(name))
	}
	return roles
}

// changeUser replaces the roles of a user, or removes one.
func changeUser(v *visit) error {
	name := v.g.Param("name")
	var err error
	switch v.form.Get("action") {
	case "roles":
		_, err = v.identity().SetRoles(v.context(), name, rolesOf(v.form["role"])...)
	case "remove":
		if v.form.Get("sure") != name {
			return problem.Newf(problem.Invalid, "to remove %s, type the name", name)
		}
		err = v.identity().RemoveUser(v.context(), name)
	default:
		return problem.New(problem.Invalid, "a user can be given other roles, or removed")
	}
	if err != nil {
		return outside(err)
	}
	return v.see("/users?done=changed")
}
