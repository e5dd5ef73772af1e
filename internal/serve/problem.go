package serve

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"foliocast/internal/problem"
)

// newError turns what the router found wrong into a problem: every fault with a
// pointer to its field, and never the value, which may be a password.
func newError(status int, detail string, errs ...error) huma.StatusError {
	if detail == unreadBody { // the router takes it for a failure of ours
		status, errs = http.StatusBadRequest, nil
	}
	if slices.ContainsFunc(errs, strict) { // the body could be read
		status = http.StatusUnprocessableEntity
	}
	p := problem.New(problem.KindOf(status), sentence(status, detail))
	p.Status, p.Title = status, http.StatusText(status)
	enough := slices.ContainsFunc(errs, saysEnough)
	for _, err := range errs {
		var inner *problem.Problem
		switch {
		case err == nil, enough && !saysEnough(err):
		case errors.As(err, &inner):
			p.Faults = appendNew(p.Faults, inner.Faults)
		default:
			if d, ok := err.(huma.ErrorDetailer); ok {
				p.Faults = append(p.Faults, faultsOf(d.ErrorDetail())...)
			} else if status >= 500 {
				p = p.Because(err)
			} else {
				p.Faults = append(p.Faults, problem.Fault{Detail: err.Error()})
			}
		}
	}
	p.Faults = problem.Bounded(p.Faults)
	return p
}

// faultsOf are the faults in an error of the router: those of a body that was checked,
// or one.
func faultsOf(d *huma.ErrorDetail) []problem.Fault {
	if faults := faultsIn(d.Message); faults != nil {
		return faults
	}
	return []problem.Fault{fault(d)}
}

// strict reports whether an error is that of a body that is JSON, but not strict JSON
// or not what the operation takes.
func strict(err error) bool {
	d, ok := err.(huma.ErrorDetailer)
	return ok && (strings.HasPrefix(d.ErrorDetail().Message, strictWords) || faultsIn(d.ErrorDetail().Message) != nil)
}

// saysEnough reports whether an error is that of a body which no other check could read.
func saysEnough(err error) bool {
	d, ok := err.(huma.ErrorDetailer)
	return ok && strings.HasPrefix(d.ErrorDetail().Message, enoughWords)
}

// appendNew adds the faults that a check of ours found to those that the router
// found, except those inside a field that the router rejected: what our check
// says about such a field is known already, or wrong.
func appendNew(faults, more []problem.Fault) []problem.Fault {
	named := make(map[string]bool, len(faults))
	for _, f := range faults {
		named[f.Pointer] = true
	}
	some := false // of them are known
	for _, f := range more {
		switch {
		case f.More > 0 && some: // and so may be those that it counts
		case covered(named, f.Pointer):
			some = true
		default:
			faults = append(faults, f)
		}
	}
	return faults
}

// covered reports whether a pointer, or one to something around it, is named.
func covered(named map[string]bool, pointer string) bool {
	for !named[pointer] {
		cut := strings.LastIndexByte(pointer, '/')
		if cut < 0 {
			return false
		}
		pointer = pointer[:cut]
	}
	return true
}

var missingPattern = regexp.MustCompile(`^expected required property (.+) to be present$`)

// typePattern is what the JSON decoder says of a value that no check of the
// router has found.
var typePattern = regexp.MustCompile(`^json: cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type \S+$`)

// numberPattern is what it says of a number that is too large, or of one with
// an exponent where a whole number must stand. It does not say where in the
// body the former is.
var numberPattern = regexp.MustCompile(`^json: cannot unmarshal number \S+ into Go (?:struct field \w+\.(\S+)|value) of type \S+$`)

// fault points at the field itself, even where the router names the object that
// lacks it.
func fault(e *huma.ErrorDetail) problem.Fault {
	if m := missingPattern.FindStringSubmatch(e.Message); m != nil {
		return problem.Fault{Pointer: pointer(e.Location) + "/" + problem.Escape(m[1]), Detail: "is required"}
	}
	if m := typePattern.FindStringSubmatch(e.Message); m != nil {
		inside := "/" + strings.ReplaceAll(m[2], ".", "/")
		return problem.Fault{Pointer: pointer(e.Location) + inside, Detail: "must not be of type " + m[1]}
	}
	if m := numberPattern.FindStringSubmatch(e.Message); m != nil {
		inside := ""
		if m[1] != "" {
			inside = "/" + strings.ReplaceAll(m[1], ".", "/")
		}
		return problem.Fault{Pointer: pointer(e.Location) + inside, Detail: "has a number that does not fit: it is too large, or is not a whole number"}
	}
	if f, is := strictFault(e.Message); is {
		return f
	}
	if strings.HasPrefix(e.Message, huma.ErrUnknownContentType.Error()) {
		return problem.Fault{Pointer: "Content-Type", Detail: plain(e.Message)}
	}
	return problem.Fault{Pointer: pointer(e.Location), Detail: plain(e.Message)}
}

var indexPattern = regexp.MustCompile(`\[(\d+)\]`)

// pointer turns the router's "body.a[0].b" into the JSON pointer /a/0/b, and
// leaves the name of a parameter or header.
func pointer(location string) string {
	rest, isBody := strings.CutPrefix(location, "body")
	if !isBody {
		_, name, _ := strings.Cut(location, ".")
		return name
	}
	rest = indexPattern.ReplaceAllString(rest, ".$1")
	return strings.ReplaceAll(rest, ".", "/")
}

// finish adds the request id to a problem on its way out, and logs its cause.
func (d *Door) finish(ctx huma.Context, _ string, body any) (any, error) {
	p, ok := body.(*problem.Problem)
	if !ok {
		if err, failed := body.(error); failed { // in another form, as OAuth has one
			humagin.Unwrap(ctx).Set(reasonKey, err.Error())
		}
		return body, nil
	}
	return d.report(humagin.Unwrap(ctx), p), nil
}

// report returns a copy of p under the request's id and logs what only the
// operator may see.
func (d *Door) report(g *gin.Context, p *problem.Problem) *problem.Problem {
	q := *p
	q.RequestID = RequestID(g.Request.Context())
	retryAfter(g, p)
	g.Set(reasonKey, p.Detail)
	if cause := p.Unwrap(); cause != nil {
		d.log.Error("request failed", "request_id", q.RequestID, "status", p.Status, "detail", p.Detail, "err", cause)
	}
	return &q
}

const reasonKey = "reason"

// Answer returns the status with which a request was answered and, when it was not done,
// the sentence that says why.
func Answer(ctx huma.Context) (status int, reason string) {
	g := humagin.Unwrap(ctx)
	return g.Writer.Status(), g.GetString(reasonKey)
}

// retryAfter says when to try again, where the caller may.
func retryAfter(g *gin.Context, p *problem.Problem) {
	again := p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests
	if again && g.Writer.Header().Get("Retry-After") == "" {
		g.Header("Retry-After", "1")
	}
}

// abort ends a request outside the typed API with a problem.
func abort(g *gin.Context, p *problem.Problem) {
	q := *p
	q.RequestID = RequestID(g.Request.Context())
	retryAfter(g, p)
	text, err := json.Marshal(&q)
	if err != nil {
		g.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	g.Abort()
	g.Data(q.Status, problem.ContentType, text)
}
