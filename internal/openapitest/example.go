package openapitest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// wrong are the statuses of bodies that are not as the service wants them.
var wrong = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusPreconditionRequired}

// checkExamples sends the example of each operation that takes a body. Each must be answered as the document declares, and
// none be refused for what it says, but for those that Apart names. What an example is about may not be there.
func (s Service) checkExamples(t *testing.T, g *generator) {
	t.Helper()
	var others []string
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch} { // what others change is made first
		for _, op := range g.document.operations {
			if op.method != method || len(op.bodies) == 0 || slices.Contains(s.Bytes, op.id) {
				continue
			}
			media, body := op.example()
			if body == "" {
				t.Errorf("%s takes a body, and its document has no example of it", op.id)
				continue
			}
			r := request{method: op.method, target: op.path, body: body, header: http.Header{"Content-Type": {media}}}
			if open, _ := op.spec["security"].([]any); len(open) == 0 {
				r.token = tokenMissing // it would be another way to sign in
			}
			for _, p := range op.parameters {
				switch {
				case p.in == "path":
					r.target = strings.ReplaceAll(r.target, "{"+p.name+"}", url.PathEscape(s.known(g, op, p.name)))
				case p.in == "header" && p.name == "If-Match":
					r.header.Set("If-Match", "*")
					if tags := g.seen[op.about()+" If-Match"]; len(tags) > 0 && op.about() != "datasets" {
						r.header.Set("If-Match", tags[len(tags)-1])
					}
				}
			}
			limit := answerTime
			if slices.Contains(s.Waiting, op.id) {
				limit = streamTime
			}
			got := s.send(t, r, limit)
			if got == nil { // it is taken, and waits
				continue
			}
			g.remember(op, got)
			if why := g.document.undeclared(op, got); why != "" || slices.Contains(wrong, got.Code) && !slices.Contains(s.Apart, op.id) {
				t.Errorf("the example of %s:\n%s\nis answered with %d %.600s\n%s", op.id, r, got.Code, got.Body, why)
			}
			if got.Code >= 300 {
				others = append(others, fmt.Sprint(op.id, " ", got.Code))
			}
		}
	}
	t.Logf("examples that are answered with another status than 2xx: %s", strings.Join(others, ", "))
}

// example is an example of an operation's body, with its media type.
func (o operation) example() (media, body string) {
	for _, media := range []string{"application/json", "application/x-www-form-urlencoded", "text/csv"} {
		at := any(o.spec)
		for _, name := range []string{"requestBody", "content", media, "example"} {
			fields, _ := at.(map[string]any)
			at = fields[name]
		}
		switch value := at.(type) {
		case nil:
		case string:
			return media, value
		default:
			return media, text(value)
		}
	}
	return "", ""
}

// known is the name of something of the kind that an operation is about: one that an example has made, or a good one.
func (s Service) known(g *generator, op operation, name string) string {
	if seen := g.seen[op.about()+" "+name]; len(seen) > 0 {
		return seen[len(seen)-1]
	}
	if good := s.Values[name]; len(good) > 0 {
		return good[0]
	}
	return "01890a5d-ac96-774b-bcce-b302099a8057"
}
