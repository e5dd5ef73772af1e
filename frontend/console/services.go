package console

import (
	"net/http"
	"strings"
	"time"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// servicesPage lists the service accounts, and adds one.
type servicesPage struct {
	Accounts []account
	Scopes   []scopeChoice
	Name     string
	Sentence string
	Faults   faults
	Shown    *authclient.ServiceSecret // of an account that just got its secret, which is shown this once
	Rotated  bool

	chosen []string
}

// account is a service account with its rights among all.
type account struct {
	authclient.Service
	Choices []scopeChoice
}

func showServices(v *visit) error { return v.showServices(http.StatusOK, servicesPage{}) }

func (v *visit) showServices(status int, out servicesPage) error {
	found, err := v.identity().Services(v.context())
	if err != nil {
		return outside(err)
	}
	for _, a := range found {
		var has []string
		for _, s := range a.Scopes {
			has = append(has, string(s))
		}
		out.Accounts = append(out.Accounts, account{a, choices(auth.AllScopes(), has)})
	}
	out.Scopes = choices(auth.AllScopes(), out.chosen)
	return v.c.pages.show(v, status, "services", "Service accounts", out)
}

// addService adds a service account, and shows its secret once.
func addService(v *visit) error {
	out := servicesPage{Name: strings.TrimSpace(v.form.Get("name")), chosen: v.form["scope"]}
	added, err := v.identity().AddService(v.context(), authclient.NewService{Name: out.Name, Scopes: scopesOf(out.chosen)})
	if err != nil {
		p, again := formFault(err)
		if !again {
			return p
		}
		out.Sentence, out.Faults = p.Detail, faultsOf(p)
		return v.showServices(p.Status, out)
	}
	return v.showServices(http.StatusCreated, servicesPage{Shown: &added})
}

// changeService rotates the secret of a service account, sets its rights, or removes it.
func changeService(v *visit) error {
	name := v.g.Param("name")
	var err error
	switch v.form.Get("action") {
	case "rotate":
		overlap, bad := time.ParseDuration(v.form.Get("overlap"))
		if bad != nil {
			return problem.New(problem.Invalid, "the overlap is a time, as in 24h")
		}
		rotated, err := v.identity().RotateSecret(v.context(), name, overlap)
		if err != nil {
			return outside(err)
		}
		return v.showServices(http.StatusCreated, servicesPage{Shown: &rotated, Rotated: true})
	case "scopes":
		_, err = v.identity().SetServiceScopes(v.context(), name, scopesOf(v.form["scope"])...)
	case "remove":
		if v.form.Get("sure") != name {
			return problem.Newf(problem.Invalid, "to remove %s, type the name", name)
		}
		err = v.identity().RemoveService(v.context(), name)
	default:
		return problem.New(problem.Invalid, "a service account can be given a new secret or other rights, or removed")
	}
	if err != nil {
		return outside(err)
	}
	return v.see("/services?done=changed")
}
