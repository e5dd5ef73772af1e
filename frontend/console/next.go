package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/elnormous/contenttype"
)

// local returns a path of this console that a browser may be sent to, or the first page for
// an address that leads anywhere else. Browsers read a backslash as a slash, and drop tabs and
// line ends.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n\x00") || isAPI(u.Path) {
		return "/"
	}
	return u.RequestURI()
}

// isAPI reports whether a path belongs to programs, and not to people.
func isAPI(path string) bool {
	for _, prefix := range []string{"/v1", "/nixtla"} {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

// wantsPage reports whether a request asks for a page rather than for JSON, which is what a
// program gets that has no preference.
func wantsPage(r *http.Request) bool {
	if strings.TrimSpace(r.Header.Get("Accept")) == "" {
		return false
	}
	offers := []contenttype.MediaType{contenttype.NewMediaType("application/json"), contenttype.NewMediaType("text/html")}
	chosen, _, err := contenttype.GetAcceptableMediaType(r, offers)
	return err == nil && chosen.Subtype == "html"
}
