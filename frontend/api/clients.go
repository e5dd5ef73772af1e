package api

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"foliocast/clients"
	"foliocast/internal/serve"
)

// registerClients hands out the clients for other languages to everybody: they are code, and know nothing.
func registerClients(d *serve.Door) {
	for _, c := range []struct {
		path, media string
		text        []byte
	}{
		{"/clients/foliocast.py", "text/x-python; charset=utf-8", clients.Python},
		{"/clients/foliocast.R", "text/plain; charset=utf-8", clients.R},
	} {
		tag := fmt.Sprintf(`"%x"`, sha256.Sum256(c.text))
		d.Router.Match([]string{http.MethodGet, http.MethodHead}, c.path, func(g *gin.Context) {
			g.Header("Content-Type", c.media)
			g.Header("ETag", tag)
			g.Header("Cache-Control", "no-cache")
			http.ServeContent(g.Writer, g.Request, "", time.Time{}, bytes.NewReader(c.text))
		})
	}
}
