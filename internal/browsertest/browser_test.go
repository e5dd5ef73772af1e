package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"foliocast/internal/browsertest"
)

// site answers with pages by path.
func site(t *testing.T, pages map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const good = `<!DOCTYPE html><html lang="en"><head><title>Good</title><link rel="icon" href="data:,">
<style>@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } }</style></head>
<body><main><h1>Good</h1><p>A page.</p></main></body></html>`

func TestBrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	t.Run("a good page", func(t *testing.T) {
		p := b.Page(t)
		address := site(t, map[string]string{"/": good}) + "/"
		p.Open(address)
		if faults, barriers := p.Faults(), p.Barriers(); faults != nil || len(barriers) != 0 {
			t.Errorf("faults %q, barriers %q", faults, barriers)
		}
		if got := p.Requests(); !slices.Equal(got, []string{address}) {
			t.Errorf("requests %q, want %q", got, address)
		}
	})
	t.Run("barriers", func(t *testing.T) {
		p := b.Page(t)
		p.Open(site(t, map[string]string{"/": strings.Replace(good, "<p>", `<p style="color: #ccc; background: #ddd">`, 1)}))
		if got := p.Barriers(); len(got) != 1 || !strings.HasPrefix(got[0], "color-contrast: p: ") {
			t.Errorf("barriers %q, want the contrast of the paragraph", got)
		}
	})
	t.Run("faults", func(t *testing.T) {
		p := b.Page(t)
		p.Open(site(t, map[string]string{"/": good + `<script src="/missing.js"></script><img alt="" src="http://elsewhere.example/x.png">
			<script>console.error("wrong", 3); setTimeout(() => { throw new Error("thrown") })</script>`}))
		browsertest.Eval[bool](p, `new Promise(done => setTimeout(() => done(true), 50))`) // after what the page has put off
		all := strings.Join(p.Faults(), "\n")
		for _, want := range []string{`console: "wrong" 3`, "Error: thrown", "404", "a request failed: net::ERR_NAME_NOT_RESOLVED"} {
			if !strings.Contains(all, want) {
				t.Errorf("the faults lack %q:\n%s", want, all)
			}
		}
		if !slices.Contains(p.Requests(), "http://elsewhere.example/x.png") {
			t.Errorf("requests %q lack that to another host", p.Requests())
		}
	})
	t.Run("scheme and size", func(t *testing.T) {
		p := b.Page(t)
		p.Open(site(t, map[string]string{"/": good}))
		p.Resize(320, 640)
		p.Scheme("dark")
		got := browsertest.Eval[struct {
			Dark  bool
			Width int
		}](p, `({Dark: matchMedia("(prefers-color-scheme: dark)").matches, Width: innerWidth})`)
		if !got.Dark || got.Width != 320 {
			t.Errorf("got %+v, want a dark page 320 wide", got)
		}
	})
}
