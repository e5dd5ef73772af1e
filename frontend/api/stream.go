package api

import (
	"net/http"
	"time"
)

// idleDownload is how long a client may go without reading from a stream.
const idleDownload = time.Minute

// streamWriter writes a stream for as long as the client keeps reading.
type streamWriter struct {
	http.ResponseWriter
	connection *http.ResponseController
}

func newStreamWriter(w http.ResponseWriter) streamWriter {
	return streamWriter{w, http.NewResponseController(w)}
}

func (s streamWriter) Write(b []byte) (int, error) {
	// In some tests the connection does not support deadlines.
	_ = s.connection.SetWriteDeadline(time.Now().Add(idleDownload))
	return s.ResponseWriter.Write(b)
}

// end lifts the deadline: the connection may serve another request.
func (s streamWriter) end() { _ = s.connection.SetWriteDeadline(time.Time{}) }
