package serve

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/internal/problem"
)

// checkQuery refuses a query that the router would silently read in part: one
// that cannot be parsed, or that repeats a parameter which is not a list.
func checkQuery(ctx huma.Context, next func(huma.Context)) {
	g := humagin.Unwrap(ctx)
	values, err := url.ParseQuery(g.Request.URL.RawQuery)
	if err != nil {
		abort(g, problem.New(problem.Malformed, "the query string cannot be parsed: two hexadecimal digits must follow each %, and & separates parameters"))
		return
	}
	var faults []problem.Fault
	for _, p := range ctx.Operation().Parameters {
		if n := len(values[p.Name]); p.In == "query" && n > 1 && (p.Schema == nil || p.Schema.Type != huma.TypeArray) {
			faults = append(faults, problem.Fault{Pointer: p.Name, Detail: fmt.Sprintf("is given %d times, and must be given once", n)})
		}
	}
	if len(faults) > 0 {
		abort(g, problem.New(problem.Invalid, sentence(http.StatusUnprocessableEntity, "validation failed"), faults...))
		return
	}
	next(ctx)
}
