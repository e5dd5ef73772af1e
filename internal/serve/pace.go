package serve

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// Pace is how fast a caller must send a body and take an answer. The time that
// the service itself needs in between does not count.
type Pace struct {
	// Idle is the longest time without a byte, and the time that a body or an
	// answer may take in addition to Rate. 0 means 15 s.
	Idle time.Duration
	// Rate is the least number of bytes a second, on average. 0 means 4096.
	Rate float64
	// Rest is how long the service waits for the rest of a body that no handler
	// wants before it answers and closes the connection. 0 means 1 s.
	Rest time.Duration
}

func (p Pace) orDefault() Pace {
	if p.Idle == 0 {
		p.Idle = 15 * time.Second
	}
	if p.Rate == 0 {
		p.Rate = 4096
	}
	if p.Rest == 0 {
		p.Rest = time.Second
	}
	return p
}

// progress is how far a body or an answer has come.
type progress struct {
	bytes int64
	spent time.Duration // waiting for the caller
}

// left is how long the next bytes may take.
func (p Pace) left(done progress) time.Duration {
	whole := p.Idle + time.Duration(float64(done.bytes)/p.Rate*float64(time.Second))
	return min(p.Idle, whole-done.spent)
}

// paced holds the caller of a request to the pace of the door, in both
// directions: no request can hold a connection by silence.
func (p Pace) paced(g *gin.Context) {
	connection := http.NewResponseController(g.Writer)
	body := &pacedBody{ReadCloser: g.Request.Body, pace: p, connection: connection,
		over: g.Request.Body == nil || g.Request.Body == http.NoBody}
	if !body.over {
		g.Request.Body = body
	}
	w := &pacedWriter{ResponseWriter: g.Writer, pace: p, connection: connection, body: body}
	g.Writer = w
	g.Next()
	w.WriteHeaderNow()
	w.extend() // what is still buffered is sent after the handler
}

// pacedBody moves the read deadline before each read.
type pacedBody struct {
	io.ReadCloser
	pace       Pace
	connection *http.ResponseController
	done       progress
	end        time.Time // of the whole body, whatever its pace; zero for none
	err        error     // with which reading ended
	over       bool
}

// hurry gives the whole body of a request a time limit, in addition to its pace.
// 0 means none.
func hurry(g *gin.Context, limit time.Duration) {
	if body, ok := g.Request.Body.(*pacedBody); ok && limit > 0 {
		body.end = time.Now().Add(limit)
	}
}

func (b *pacedBody) Read(into []byte) (int, error) {
	if b.err != nil {
		// From now on the server waits for the caller to hang up. A deadline would
		// look like that, and end the request.
		return 0, b.err
	}
	begin := time.Now()
	deadline := begin.Add(b.pace.left(b.done))
	if !b.end.IsZero() && b.end.Before(deadline) {
		deadline = b.end
	}
	// In some tests the connection does not support deadlines. The write
	// deadline is for "100 Continue".
	_ = b.connection.SetReadDeadline(deadline)
	_ = b.connection.SetWriteDeadline(begin.Add(b.pace.Idle))
	n, err := b.ReadCloser.Read(into)
	b.done.bytes += int64(n)
	b.done.spent += time.Since(begin)
	if err != nil {
		b.err, b.over = err, true
	}
	return n, err
}

// abandon bounds how long the server reads what the handler did not: it does so
// before it sends an answer.
func (b *pacedBody) abandon() {
	if !b.over {
		b.over = true
		_ = b.connection.SetReadDeadline(time.Now().Add(b.pace.Rest))
	}
}

// maxWrite is how much is written under one deadline.
const maxWrite = 64 << 10

// pacedWriter moves the write deadline before each write.
type pacedWriter struct {
	gin.ResponseWriter
	pace       Pace
	connection *http.ResponseController
	body       *pacedBody
	done       progress
}

// Unwrap is for http.ResponseController.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *pacedWriter) extend() {
	_ = w.connection.SetWriteDeadline(time.Now().Add(w.pace.left(w.done)))
}

// timed does what sends n bytes or fewer.
func (w *pacedWriter) timed(send func() (n int, err error)) (int, error) {
	if !w.Written() {
		w.body.abandon()
	}
	w.extend()
	begin := time.Now()
	n, err := send()
	w.done.bytes += int64(n)
	w.done.spent += time.Since(begin)
	return n, err
}

// WriteHeaderNow sends the status and the headers.
func (w *pacedWriter) WriteHeaderNow() {
	_, _ = w.timed(func() (int, error) { w.ResponseWriter.WriteHeaderNow(); return 0, nil })
}

func (w *pacedWriter) Write(b []byte) (n int, err error) {
	for first := true; first || len(b) > 0; first = false {
		part := b[:min(len(b), maxWrite)]
		b = b[len(part):]
		wrote, err := w.timed(func() (int, error) { return w.ResponseWriter.Write(part) })
		n += wrote
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// WriteString writes as Write does.
func (w *pacedWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Flush sends what is buffered.
func (w *pacedWriter) Flush() {
	_, _ = w.timed(func() (int, error) { w.ResponseWriter.Flush(); return 0, nil })
}
