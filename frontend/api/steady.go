package api

import (
	"net/http"
	"time"
)

// idleDownload is how long a client may take nothing of a stream.
const idleDownload = time.Minute

// steady writes a stream for as long as the client takes it.
type steady struct {
	http.ResponseWriter
	connection *http.ResponseController
}

func newSteady(w http.ResponseWriter) steady {
	return steady{w, http.NewResponseController(w)}
}

func (s steady) Write(b []byte) (int, error) {
	// A connection without deadlines, as in some tests, has none to set.
	_ = s.connection.SetWriteDeadline(time.Now().Add(idleDownload))
	return s.ResponseWriter.Write(b)
}

// end lifts the deadline: the connection may serve another request.
func (s steady) end() { _ = s.connection.SetWriteDeadline(time.Time{}) }
