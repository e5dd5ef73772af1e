package serve

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// freeBody lifts the deadline for reading a body once the body is read. Left
// in place, it would end the request's context while its answer is still being
// worked on: a long poll would break off after the seconds meant for its body.
func freeBody(g *gin.Context) {
	if g.Request.Body != nil && g.Request.Body != http.NoBody {
		g.Request.Body = &freeingBody{g.Request.Body, http.NewResponseController(g.Writer)}
	}
	g.Next()
}

type freeingBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (b *freeingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		// A connection that has no deadlines has none to lift.
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}
