package console

import (
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"foliocast/internal/serve"
)

// The cookies of the console.
const (
	sessionCookie = "foliocast-session" // the secret of the session
	deviceCookie  = "foliocast-device"  // of a browser that has signed in before, for authsvc
	themeCookie   = "foliocast-theme"
)

// deviceLife is how long a browser remembers that it has signed in before.
const deviceLife = 400 * 24 * time.Hour // the most that browsers keep a cookie

// cookieName is the name of a cookie in the browser. Over TLS it has the prefix with which
// browsers take it from this host only. Cookies do not know ports, so that services on
// several ports of one machine need several names.
func cookieName(r *http.Request, name string) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		name += "-" + port
	}
	if serve.Secure(r.Context()) {
		name = "__Host-" + name
	}
	return name
}

// setCookie sets a cookie, for as long as the browser runs when life is 0, or removes it when
// life is negative.
func setCookie(g *gin.Context, name, value string, life time.Duration, same http.SameSite) {
	http.SetCookie(g.Writer, &http.Cookie{Name: cookieName(g.Request, name), Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: serve.Secure(g.Request.Context()), SameSite: same})
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(cookieName(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// secretOf is the secret of the session in a request's cookie.
func secretOf(r *http.Request) (secret, bool) { return parseSecret(cookie(r, sessionCookie)) }
