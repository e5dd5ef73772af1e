package console

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// policy is the Content-Security-Policy of every page: all that a page uses comes from this
// service, in files of their own, and no other page may show it in a frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// protect sets the headers with which browsers protect a page.
func protect(g *gin.Context) {
	h := g.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

// foreign refuses a request that changes something and was caused by another site. Browsers
// say in Sec-Fetch-Site, or at least in Origin, which site has caused a request, and no script
// can change that. So there are no tokens in forms, which would end with a session while
// somebody still types. A request without either is from no browser: it must send an access
// token, and not a cookie.
func foreign(r *http.Request) *problem.Problem {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return problem.New(problem.Forbidden, "a request with a cookie must say in Sec-Fetch-Site or Origin which site caused it: programs send an access token")
	}
	var check http.CrossOriginProtection
	if err := check.Check(r); err != nil {
		return problem.New(problem.Forbidden, "the request was caused by another site").Because(err)
	}
	return nil
}

// admit lets a browser use the API with the cookie of its session: it adds the access token
// that the session has, and the guard of the API does the rest. A request with a token of
// its own passes unchanged, and so does one whose session has ended, which the guard refuses.
func (c *Console) admit(g *gin.Context) {
	r := g.Request
	if !strings.HasPrefix(r.URL.Path, "/v1/") || r.Header.Get("Authorization") != "" {
		return
	}
	of, ok := secretOf(r)
	if !ok {
		return
	}
	if p := foreign(r); p != nil {
		c.door.Refuse(g, p)
		return
	}
	token, err := c.sessions.token(r.Context(), of, auth.Frontend)
	switch {
	case problem.Is(err, problem.Unauthorized):
	case err != nil:
		c.door.Refuse(g, problemOf(err))
	default:
		r.Header.Set("Authorization", "Bearer "+token)
	}
}
