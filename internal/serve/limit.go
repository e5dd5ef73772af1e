package serve

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"foliocast/internal/problem"
)

// maxHeader is how many bytes the first line and the headers of a request may
// have. The server itself ends the connection at brokenHeader, with an answer
// that is not a problem document.
const (
	maxHeader    = 64 << 10
	brokenHeader = 4 * maxHeader
)

// boundHeader refuses requests with too much before the body.
func boundHeader(g *gin.Context) {
	r := g.Request
	size := len(r.Method) + len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if size <= maxHeader {
		g.Next()
		return
	}
	p := problem.Newf(problem.TooLarge, "the headers of the request have %d bytes, and may have %d", size, maxHeader)
	p.Status = http.StatusRequestHeaderFieldsTooLarge
	p.Title = http.StatusText(p.Status)
	abort(g, p)
}

// maxClients bounds how many addresses a limiter remembers.
const maxClients = 10_000

// limiter bounds the rate of each client address, as Network counts them.
type limiter struct {
	perSecond float64
	mu        sync.Mutex
	clients   map[string]*client
}

type client struct {
	bucket *rate.Limiter
	seen   time.Time
}

func newLimiter(perSecond float64) *limiter {
	return &limiter{perSecond: perSecond, clients: map[string]*client{}}
}

// limit counts a request, and tells its caller how many more may follow, as
// draft-ietf-httpapi-ratelimit-headers says it.
func (l *limiter) limit(g *gin.Context) {
	bucket := l.bucket(Network(Source(g.Request.Context())), time.Now())
	ok := bucket.Allow()
	g.Header("RateLimit-Policy", fmt.Sprintf(`"address";q=%d;w=1`, int(math.Ceil(l.perSecond))))
	g.Header("RateLimit", fmt.Sprintf(`"address";r=%d;t=1`, max(int(bucket.Tokens()), 0)))
	if ok {
		g.Next()
		return
	}
	abort(g, problem.Newf(problem.TooMany, "more than %.0f requests a second from one address: try again in a second", l.perSecond))
}

func (l *limiter) bucket(address string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.clients[address]
	if c == nil {
		if len(l.clients) >= maxClients {
			l.forget(now)
		}
		c = &client{bucket: rate.NewLimiter(rate.Limit(l.perSecond), int(2*l.perSecond)+1)}
		l.clients[address] = c
	}
	c.seen = now
	return c.bucket
}

// forget drops the clients that were quiet for a minute: their buckets are full
// again. When all were busy, it drops all.
func (l *limiter) forget(now time.Time) {
	for a, c := range l.clients {
		if now.Sub(c.seen) > time.Minute {
			delete(l.clients, a)
		}
	}
	if len(l.clients) >= maxClients {
		clear(l.clients)
	}
}
