package serve

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/internal/problem"
)

// checkQuery refuses a query of which the router would leave out a part in
// silence: one that cannot be read, and a parameter that is given twice and is
// no list.
func checkQuery(ctx huma.Context, next func(huma.Context)) {
	g := humagin.Unwrap(ctx)
	values, err := url.ParseQuery(g.Request.URL.RawQuery)
	if err != nil {
		abort(g, problem.New(problem.Malformed, "the query of the address cannot be read: % begins two hexadecimal digits, and & stands between parameters"))
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
