package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	authclient "foliocast/authsvc/client"
	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	queueclient "foliocast/queue/client"
)

// visit is one request for a page by somebody who is signed in.
type visit struct {
	c      *Console
	g      *gin.Context
	secret secret
	who    auth.Principal
	data   *client.Client // the API of this service, in their name
	form   url.Values     // of a POST
}

// The most bytes that a form may have: of somebody who is signed in, with room for a portfolio
// of 100,000 assets, and of others, which is kept while they sign in.
const (
	maxForm = 8 << 20
	maxKept = 1 << 20
)

func mostOf(known bool) int64 {
	if known {
		return maxForm
	}
	return maxKept
}

var errNoPage = problem.New(problem.NotFound, "there is no such page")

// page makes a handler of a page that needs a session. Without one, it asks to sign in and
// comes back: what a form had is kept meanwhile.
func (c *Console) page(do func(*visit) error) gin.HandlerFunc {
	return func(g *gin.Context) {
		protect(g)
		if p := foreign(g.Request); p != nil {
			c.fault(g, nil, p)
			return
		}
		v, err := c.visit(g)
		leave, full := v.enter(err == nil)
		if full != nil {
			c.fault(g, v, full)
			return
		}
		defer leave()
		if form := v.readForm(err == nil); form != nil {
			err = form
		}
		if err == nil {
			err = do(v)
		}
		switch {
		case err == nil:
		case problem.Is(err, problem.Unauthorized):
			c.signInFirst(g, v)
		default:
			c.fault(g, v, err)
		}
	}
}

// visit finds out who sent a request. The visit of an error is that of somebody unknown.
func (c *Console) visit(g *gin.Context) (*visit, error) {
	v := &visit{c: c, g: g}
	of, ok := secretOf(g.Request)
	if !ok {
		return v, errEnded
	}
	ctx := g.Request.Context()
	token, err := c.sessions.token(ctx, of, auth.Frontend)
	if err != nil {
		return v, err
	}
	who, err := c.config.Verifier.Bearer(ctx, "Bearer "+token)
	if err != nil {
		return v, err
	}
	v.secret, v.who = of, who
	v.data = client.New(base, within{c.door.Router, g.Request}, auth.Static(token))
	return v, nil
}

// hasForm reports whether the request has a form that is held in memory. One with a file is
// read by its page.
func (v *visit) hasForm() bool {
	r := v.g.Request
	return r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
}

// enter holds the request to the budget of the door.
func (v *visit) enter(known bool) (leave func(), err error) {
	held := int64(0)
	if v.hasForm() {
		if held = v.g.Request.ContentLength; held < 0 {
			held = mostOf(known)
		}
	}
	return v.c.door.Enter(v.context(), v.g, v.who.Subject, held)
}

// readForm reads the form of a POST.
func (v *visit) readForm(known bool) error {
	if !v.hasForm() {
		return nil
	}
	r := v.g.Request
	r.Body = http.MaxBytesReader(v.g.Writer, r.Body, mostOf(known))
	err := r.ParseForm()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return problem.Newf(problem.TooLarge, "the form is too large: it may have %d bytes", mostOf(known))
	}
	if err != nil {
		return problem.New(problem.Malformed, "the form cannot be read").Because(err)
	}
	for name, values := range r.PostForm {
		for _, value := range append(values, name) {
			if !problem.Storable(value) {
				return problem.New(problem.Invalid, "the form has a character that cannot be kept")
			}
		}
	}
	v.form = r.PostForm
	return nil
}

func (v *visit) context() context.Context { return v.g.Request.Context() }

// identity is the identity service, in the name of who is signed in.
func (v *visit) identity() *authclient.Client {
	return authclient.New(v.c.config.Identity, sessionTokens{v, auth.Authsvc}).Over(v.c.config.Others)
}

// queue is the message service, in their name.
func (v *visit) queue() *queueclient.Client {
	return queueclient.New(v.c.config.Queue, v.c.config.Others, sessionTokens{v, auth.Queue})
}

// sessionTokens are the tokens of a visit's session for another service.
type sessionTokens struct {
	v  *visit
	to auth.Audience
}

// Token returns one that is valid.
func (s sessionTokens) Token(ctx context.Context) (string, error) {
	return s.v.c.sessions.token(ctx, s.v.secret, s.to)
}

// see sends the browser to another page of the console.
func (v *visit) see(path string) error {
	v.g.Redirect(http.StatusSeeOther, path)
	return nil
}

// may reports whether who is signed in has a right, at whichever service. The services decide
// for themselves: this only leaves out what would be refused.
func (v *visit) may(scope auth.Scope) bool {
	for _, role := range v.who.Roles {
		for _, s := range role.Scopes() {
			if s == scope {
				return true
			}
		}
	}
	return false
}
