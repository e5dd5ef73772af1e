package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"foliocast/internal/serve/servetest"
)

// pacedService runs a door with a pace and few connections, until the test ends.
func pacedService(t *testing.T, pace Pace, limit int, routes func(*Door)) *servetest.Service {
	t.Helper()
	return servetest.Start(t, func(ctx context.Context, log *slog.Logger) error {
		d := NewDoor(Config{Name: "test", Version: "0", Log: log, Pace: pace})
		huma.Post(d.API, "/echo", func(context.Context, *echoInput) (*struct{}, error) { return nil, nil })
		if routes != nil {
			routes(d)
		}
		return run(ctx, log, Listening{Address: "127.0.0.1:0"}, d.Router, limit)
	})
}

// dial opens a connection that the test closes at its end, and writes text to it.
func dial(t *testing.T, s *servetest.Service, text string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// ended waits until the service has closed a connection, and returns what it sent.
func ended(t *testing.T, c net.Conn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(c)
	if netErr, ok := errors.AsType[net.Error](err); ok && netErr.Timeout() {
		t.Fatalf("the connection is still open; the service sent %q", text)
	}
	return string(text)
}

// The bodies that these requests announce never come. Before the door had a
// pace, such a connection stayed open for ever, for want of a read deadline.
func TestABodyThatNeverComesIsDropped(t *testing.T) {
	t.Parallel()
	s := pacedService(t, Pace{Idle: 2 * time.Second, Rest: 50 * time.Millisecond}, 1000, nil)
	for request, status := range map[string]string{
		"POST /nope":       "404",
		"POST /nope/":      "404",
		"POST /echo/":      "404",
		"DELETE /echo":     "405",
		"POST /healthz":    "405",
		"GET /healthz":     "200",
		"GET /metrics":     "404",
		"GET /readyz":      "200",
		"GET /docs":        "200",
		"POST /echo":       "408",
		"BREW /echo":       "405",
		"HEAD /openapi.js": "404",
	} {
		for _, length := range []string{"Content-Length: 10", "Transfer-Encoding: chunked"} {
			t.Run(request+" "+length, func(t *testing.T) {
				t.Parallel()
				answer := ended(t, dial(t, s, request+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+length+"\r\n\r\n"))
				if !strings.HasPrefix(answer, "HTTP/1.1 "+status) {
					t.Errorf("got %.80q, want %s", answer, status)
				}
			})
		}
	}
}

func TestHalfOpenRequestsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	s := pacedService(t, Pace{Idle: time.Second, Rest: 100 * time.Millisecond}, 100, nil)
	var open []net.Conn
	for i := range 300 {
		path := []string{"/nope", "/echo", "/healthz"}[i%3]
		open = append(open, dial(t, s, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"))
	}
	if !s.Answers("/healthz", http.StatusOK) {
		t.Error("an ordinary request was not answered")
	}
	for _, c := range open {
		ended(t, c)
	}
}

func TestIdleConnectionsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	const limit = 8
	s := pacedService(t, Pace{}, limit, nil)
	for range limit {
		c := dial(t, s, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Answers("/healthz", http.StatusOK) {
		t.Error("a request was not answered while others keep their connections")
	}
}

// Connections beyond the limit wait, and take no descriptor.
func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	t.Parallel()
	const limit, callers = 4, 12
	entered, leave := make(chan struct{}, callers), make(chan struct{})
	var inside, most atomic.Int32
	s := pacedService(t, Pace{}, limit, func(d *Door) {
		d.Router.GET("/hold", func(*gin.Context) {
			for n := inside.Add(1); n > most.Load(); {
				most.CompareAndSwap(most.Load(), n)
			}
			entered <- struct{}{}
			<-leave
			inside.Add(-1)
		})
	})
	var open []net.Conn
	for range callers {
		open = append(open, dial(t, s, "GET /hold HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
	}
	for range limit {
		<-entered
	}
	close(leave)
	for _, c := range open {
		if answer := ended(t, c); !strings.HasPrefix(answer, "HTTP/1.1 200") {
			t.Errorf("got %.80q", answer)
		}
	}
	if got := most.Load(); got > limit {
		t.Errorf("%d connections were served at once, want at most %d", got, limit)
	}
}

func TestASlowBodyPassesAndACrawlingOneDoesNot(t *testing.T) {
	t.Parallel()
	// A step of the sender is a tenth of the longest silence, and the whole body takes
	// three times as long as that.
	const step, steps = 100 * time.Millisecond, 30
	s := pacedService(t, Pace{Idle: 10 * step, Rate: 500}, 100, func(d *Door) {
		d.Router.POST("/upload", func(g *gin.Context) {
			n, err := io.Copy(io.Discard, g.Request.Body)
			if err != nil {
				g.String(http.StatusRequestTimeout, "%v", err)
				return
			}
			g.String(http.StatusOK, "%d", n)
		})
	})
	for _, c := range []struct {
		name string
		each int // bytes a step: the first is 1,000 a second, the other 100
		want string
	}{{"slow", 100, "200"}, {"crawling", 10, "408"}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, s, fmt.Sprintf("POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", c.each*steps))
			tick := time.NewTicker(step)
			defer tick.Stop()
			for range steps {
				<-tick.C
				if _, err := conn.Write(make([]byte, c.each)); err != nil {
					break // the answer says why
				}
			}
			if answer := ended(t, conn); !strings.HasPrefix(answer, "HTTP/1.1 "+c.want) {
				t.Errorf("got %.80q, want %s", answer, c.want)
			}
		})
	}
}

func TestAnAnswerThatNobodyReadsEnds(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	s := pacedService(t, Pace{Idle: 100 * time.Millisecond}, 100, func(d *Door) {
		d.Router.GET("/endless", func(g *gin.Context) {
			for piece := make([]byte, 1<<20); ; {
				if _, err := g.Writer.Write(piece); err != nil {
					failed <- err
					return
				}
			}
		})
	})
	dial(t, s, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case <-failed:
	case <-time.After(firstTime / 2): // less than a connection may take without a pace
		t.Error("the handler still writes to a caller that does not read")
	}
}

func TestAStreamMayPauseForLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	const idle = 500 * time.Millisecond
	s := pacedService(t, Pace{Idle: idle}, 100, func(d *Door) {
		d.Router.GET("/events", func(g *gin.Context) {
			for i := range 2 {
				if i > 0 {
					<-time.After(3 * idle) // the work between two events
				}
				_, _ = fmt.Fprintf(g.Writer, "data: %d\n\n", i)
				g.Writer.Flush()
			}
		})
	})
	_, text := servetest.Send(t, http.MethodGet, s.URL+"/events", nil)
	if want := "data: 0\n\ndata: 1\n\n"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
}

// Readers with a buffer read once more behind the end. Before that was noticed, it gave
// the connection a deadline at which the request of a handler that was still at work
// ended.
func TestReadingBehindTheEndEndsNoRequest(t *testing.T) {
	t.Parallel()
	const idle = 200 * time.Millisecond
	s := pacedService(t, Pace{Idle: idle}, 100, func(d *Door) {
		d.Router.POST("/work", func(g *gin.Context) {
			for range 2 {
				if _, err := io.Copy(io.Discard, g.Request.Body); err != nil {
					t.Error(err)
				}
			}
			select {
			case <-g.Request.Context().Done():
				t.Error("the request ended during the work")
			case <-time.After(3 * idle): // the work
			}
			g.Status(http.StatusNoContent)
		})
	})
	if resp, _ := servetest.Send(t, http.MethodPost, s.URL+"/work", strings.NewReader("body")); resp.StatusCode != http.StatusNoContent {
		t.Errorf("got %d", resp.StatusCode)
	}
}
