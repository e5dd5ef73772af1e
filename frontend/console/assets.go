package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"foliocast/internal/chart"
)

//go:embed static templates
var files embed.FS

// assets are the files that pages use. Their address has a digest of all of them, so that a
// browser may keep them for good.
type assets struct {
	build string
	files map[string]asset
}

type asset struct {
	kind          string
	plain, packed []byte
}

// newAssets reads the files. It panics when they cannot be read, which is a mistake in the build.
func newAssets() *assets {
	a := &assets{files: map[string]asset{}}
	sum := sha256.New()
	err := fs.WalkDir(files, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		sum.Write([]byte(name))
		sum.Write(text)
		a.files[strings.TrimPrefix(name, "static/")] = asset{kind: kindOf(name), plain: text, packed: pack(text)}
		return nil
	})
	if err != nil {
		panic(err)
	}
	pictures := []byte(chart.SchemeStyleSheet())
	sum.Write(pictures)
	a.files["chart.css"] = asset{kind: kindOf("chart.css"), plain: pictures, packed: pack(pictures)}
	a.build = hex.EncodeToString(sum.Sum(nil)[:8])
	return a
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "text/plain; charset=utf-8"
}

func pack(text []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level exists
	_, _ = w.Write(text)                                  // into memory
	_ = w.Close()
	return b.Bytes()
}

// address is where a page finds a file.
func (a *assets) address(name string) string { return "/static/" + a.build + "/" + name }

// serve serves a file. One of another build, which a page of another version of the service
// asks for, is not kept.
func (a *assets) serve(g *gin.Context) {
	protect(g)
	file, found := a.files[strings.TrimPrefix(g.Param("name"), "/")]
	if !found {
		g.Status(http.StatusNotFound)
		return
	}
	h := g.Writer.Header()
	if g.Param("build") == a.build {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", file.kind)
	h.Set("Vary", "Accept-Encoding")
	text := file.plain
	if strings.Contains(g.GetHeader("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		text = file.packed
	}
	g.Status(http.StatusOK)
	_, _ = g.Writer.Write(text) // the browser is gone otherwise
}
