package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
)

// What a check of ours finds joins what the router found, each field once.
func TestFaultsOfRouterAndCheck(t *testing.T) {
	t.Parallel()
	ours := problem.New(problem.Invalid, "", problem.Fault{Pointer: "/horizon", Detail: "must be 1 to 1000"},
		problem.Fault{Pointer: "/weights/A.B", Detail: "must not be negative"}, problem.Fault{Pointer: "/season/1", Detail: "too short"},
		problem.Fault{Pointer: "/season", Detail: "too many"})
	err := newError(422, "validation failed", &huma.ErrorDetail{Location: "body.horizon", Message: "expected integer"},
		&huma.ErrorDetail{Location: "body.season", Message: "expected array"}, fmt.Errorf("checked: %w", ours))
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want := []problem.Fault{{Pointer: "/horizon", Detail: "must be a whole number"}, {Pointer: "/season", Detail: "must be a list"},
		{Pointer: "/weights/A.B", Detail: "must not be negative"}}
	if d := cmp.Diff(want, p.Faults); d != "" {
		t.Error(d)
	}
	// A body that is not JSON has no other fault.
	err = newError(400, "validation failed", &huma.ErrorDetail{Location: "body", Message: "unexpected end"}, fmt.Errorf("checked: %w", ours))
	if p, _ = errors.AsType[*problem.Problem](err); len(p.Faults) != 1 || p.Status != 400 {
		t.Errorf("got %+v", p)
	}
}

// Go's decoder names the field, in words that do not help a caller.
func TestFaultOfTheDecoder(t *testing.T) {
	t.Parallel()
	type spec struct {
		Weights map[string]float64 `json:"weights"`
		Steps   int                `json:"steps"`
	}
	var in struct {
		Spec spec `json:"spec"`
	}
	const unfit = "has a number that does not fit: it is too large, or is not a whole number"
	for body, want := range map[string]problem.Fault{
		`{"spec":{"weights":{"A":"much"}}}`:       {Pointer: "/spec/weights", Detail: "must not be of type string"},
		`{"spec":{"steps":1e2}}`:                  {Pointer: "/spec/steps", Detail: unfit},
		`{"spec":{"steps":99999999999999999999}}`: {Pointer: "/spec/steps", Detail: unfit},
	} {
		err := json.Unmarshal([]byte(body), &in)
		if d := cmp.Diff(want, fault(&huma.ErrorDetail{Location: "body", Message: err.Error()})); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
	var loose map[string]any // as the router reads a body first
	err := json.Unmarshal([]byte(`{"a":1e999}`), &loose)
	if d := cmp.Diff(problem.Fault{Detail: unfit}, fault(&huma.ErrorDetail{Location: "body", Message: err.Error()})); d != "" {
		t.Error(d)
	}

}
