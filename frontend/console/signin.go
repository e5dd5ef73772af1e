package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/serve"
)

func (c *Console) registerSession() {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		c.door.Router.Handle(method, "/", c.front)
		c.door.Router.Handle(method, "/sign-in", c.open(c.askSignIn))
	}
	c.door.Router.POST("/sign-in", c.open(c.signIn))
	c.door.Router.POST("/sign-out", c.open(c.signOut))
	c.door.Router.POST("/theme", c.open(c.setTheme))
}

// front answers at the address of the service: a browser gets the first page, and a program
// learns what there is.
func (c *Console) front(g *gin.Context) {
	if wantsPage(g.Request) {
		c.page(showOverview)(g)
		return
	}
	g.JSON(http.StatusOK, gin.H{"service": c.door.Name, "version": c.config.Version, "openapi": "/openapi.json", "docs": "/docs", "api": "/v1"})
}

// open makes a handler of a page that needs no session.
func (c *Console) open(do func(*visit) error) gin.HandlerFunc {
	return func(g *gin.Context) {
		protect(g)
		v := &visit{c: c, g: g}
		leave, err := v.enter(false)
		if err != nil {
			c.fault(g, nil, err)
			return
		}
		defer leave()
		if p := foreign(g.Request); p != nil {
			err = p
		} else if err = v.readForm(false); err == nil {
			err = do(v)
		}
		if err != nil {
			c.fault(g, nil, err)
		}
	}
}

// signInPage asks for a name and a password.
type signInPage struct {
	Username string
	Next     string // where to go then
	Kept     string // a form that was sent without a session, to be shown again at Next
	Sentence string // what is wrong with the last attempt
	Faults   faults
	Lost     bool // a session has ended meanwhile
}

// signInFirst asks somebody to sign in who wants a page, or has sent a form, without a
// session. The form is in the page, so that nothing typed is lost.
func (c *Console) signInFirst(g *gin.Context, v *visit) {
	r := g.Request
	if of, had := secretOf(r); had {
		c.sessions.forget(r.Context(), of)
		setCookie(g, sessionCookie, "", -1, http.SameSiteLaxMode)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		to := "/sign-in"
		if here := local(r.URL.RequestURI()); here != "/" {
			to += "?next=" + url.QueryEscape(here)
		}
		g.Redirect(http.StatusSeeOther, to)
		return
	}
	v.who = auth.Principal{}
	ask := signInPage{Next: formPage(r.URL.Path), Lost: true}
	if v.form != nil {
		ask.Kept = v.form.Encode()
	}
	c.pages.show(v, http.StatusUnauthorized, "signin", "Sign in", ask)
}

// formPage is the page that a form belongs to, by the path that it is sent to.
func formPage(path string) string {
	for _, action := range []string{"/cancel", "/retry", "/remove"} {
		path = strings.TrimSuffix(path, action)
	}
	for _, list := range []string{"/tokens", "/services", "/users", "/queues"} { // whose rows have no page of their own
		if strings.HasPrefix(path, list+"/") {
			path = list
		}
	}
	if path == "/dead" {
		path = "/queues"
	}
	return local(path)
}

func (c *Console) askSignIn(v *visit) error {
	return c.pages.show(v, http.StatusOK, "signin", "Sign in", signInPage{Next: local(v.g.Query("next"))})
}

// signIn begins a session.
func (c *Console) signIn(v *visit) error {
	ctx := v.context()
	ask := signInPage{Username: strings.TrimSpace(v.form.Get("username")), Next: local(v.form.Get("next")), Kept: v.form.Get("kept")}
	made, device, err := c.sessions.begin(ctx, authclient.Credentials{Username: ask.Username, Password: v.form.Get("password"),
		Device: cookie(v.g.Request, deviceCookie), Remember: true, Source: serve.Source(ctx)})
	if err != nil {
		p := problemOf(err)
		if p.Status >= http.StatusInternalServerError {
			c.config.Log.Error("nobody can sign in", "request_id", serve.RequestID(ctx), "err", errors.Unwrap(p))
		}
		retryAfter(v.g, p)
		ask.Sentence, ask.Faults = p.Detail, faultsOf(p)
		return c.pages.show(v, p.Status, "signin", "Sign in", ask)
	}
	if old, had := secretOf(v.g.Request); had {
		c.sessions.end(ctx, old)
	}
	setCookie(v.g, sessionCookie, made.String(), 0, http.SameSiteLaxMode)
	if device != "" {
		setCookie(v.g, deviceCookie, device, deviceLife, http.SameSiteStrictMode)
	}
	if form, err := url.ParseQuery(ask.Kept); err == nil && len(form) > 0 {
		if again, known := restorable(ask.Next); known {
			return c.restore(v, made, form, again)
		}
	}
	return v.see(ask.Next)
}

// restore shows a form again that was sent without a session, as it was.
func (c *Console) restore(v *visit, of secret, form url.Values, again func(*visit, url.Values) error) error {
	// The request has no cookie of the new session yet.
	v.g.Request.Header.Del("Cookie")
	v.g.Request.AddCookie(&http.Cookie{Name: cookieName(v.g.Request, sessionCookie), Value: of.String()})
	in, err := c.visit(v.g)
	if err != nil {
		return err
	}
	return again(in, form)
}

// restorable is what shows the form of a page again. Others only have buttons.
func restorable(path string) (func(*visit, url.Values) error, bool) {
	switch path {
	case "/jobs/new":
		return restoreJob, true
	}
	return nil, false
}

// signOut ends the session, and says so even if the identity service does not answer.
func (c *Console) signOut(v *visit) error {
	if of, had := secretOf(v.g.Request); had {
		c.sessions.end(v.context(), of)
		setCookie(v.g, sessionCookie, "", -1, http.SameSiteLaxMode)
	}
	return v.see("/sign-in?done=signed-out")
}

// setTheme chooses light or dark, or what the browser prefers.
func (c *Console) setTheme(v *visit) error {
	theme := v.form.Get("theme")
	if theme != "light" && theme != "dark" {
		setCookie(v.g, themeCookie, "", -1, http.SameSiteLaxMode)
	} else {
		setCookie(v.g, themeCookie, theme, deviceLife, http.SameSiteLaxMode)
	}
	return v.see(local(v.form.Get("next")))
}
