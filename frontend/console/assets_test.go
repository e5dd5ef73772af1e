package console

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"
)

// mostScript is how much JavaScript the console may have in all, compressed, in bytes.
const mostScript = 150_000

func TestScriptsAreSmall(t *testing.T) {
	t.Parallel()
	sum := 0
	for name, file := range newAssets().files {
		if path.Ext(name) == ".js" {
			sum += len(file.packed)
		}
	}
	t.Logf("%d bytes of JavaScript, compressed", sum)
	if sum > mostScript {
		t.Errorf("%d bytes of JavaScript, more than %d", sum, mostScript)
	}
}

// The library is the one that its README names.
func TestTheLibraryIsUnchanged(t *testing.T) {
	t.Parallel()
	all := newAssets().files
	said := string(all["uplot/README.md"].plain)
	for _, name := range []string{"uPlot.esm.js", "uPlot.min.css", "LICENSE"} {
		sum := sha256.Sum256(all["uplot/"+name].plain)
		if !strings.Contains(said, "| "+name+" | "+hex.EncodeToString(sum[:])+" |") {
			t.Errorf("%s has the checksum %x, which the README does not", name, sum)
		}
	}
}

func TestAssetsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	page := b.want(b.get("/sign-in"), http.StatusOK)
	sheet := regexp.MustCompile(`/static/[0-9a-f]+/console\.css`).FindString(page.text)
	got := b.want(b.get(sheet), http.StatusOK, ":root {")
	if got.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %v", sheet, got.header)
	}
	old := b.want(b.get("/static/old/console.css"), http.StatusOK)
	if old.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a file of another build is kept: %v", old.header)
	}
	b.want(b.get("/static/old/nothing.js"), http.StatusNotFound)
	b.want(b.get("/static/old/..%2f..%2fconsole.go"), http.StatusNotFound)
}
