package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
)

// registerFlatFacts adds what the clients ask beside forecasts.
func (a *API) registerFlatFacts(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: flatBase + "/model_params", OperationID: "flat-model-params",
		Summary: "Say how many values a request in the flat form may have"}, auth.JobsRead, requestTime, flatParams)
	for _, path := range []string{"validate_api_key", "validate_token"} {
		operation(a, api, huma.Operation{Method: http.MethodGet, Path: flatBase + "/" + path, OperationID: "flat-" + strings.ReplaceAll(path, "_", "-"),
			Summary: "Say whether a token is valid for requests in the flat form"}, auth.JobsRead, requestTime, flatValid)
	}
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: flatBase + "/usage", OperationID: "flat-usage",
		Summary: "Say what a user has in flight and may have"}, auth.JobsRead, requestTime, a.flatUsage)
}

// flatSize is what a client may send of each series: clients cut series that are longer, and so would not get the numbers of the
// whole series.
const (
	flatSize    = 100_000
	flatHorizon = 1000
	// nixtlarSize is that of the client for R, which refuses to ask for intervals of shorter series, and to cross-validate them.
	nixtlarSize    = 64
	nixtlarHorizon = 1
)

type flatParamsInput struct {
	Model     string `query:"model" maxLength:"200"`
	Freq      string `query:"freq" maxLength:"200"`
	UserAgent string `header:"User-Agent"`
}

type flatParamsAnswer struct {
	Detail struct {
		InputSize int `json:"input_size"`
		Horizon   int `json:"horizon"`
	} `json:"detail"`
}

func flatParams(_ context.Context, _ *Backend, in *flatParamsInput) (*bodied[flatParamsAnswer], error) {
	out := &bodied[flatParamsAnswer]{}
	out.Body.Detail.InputSize, out.Body.Detail.Horizon = flatSize, flatHorizon
	if strings.HasPrefix(in.UserAgent, "nixtlar") {
		out.Body.Detail.InputSize, out.Body.Detail.Horizon = nixtlarSize, nixtlarHorizon
	}
	return out, nil
}

type flatDetail struct {
	Detail string `json:"detail"`
}

func flatValid(ctx context.Context, _ *Backend, _ *struct{}) (*bodied[flatDetail], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return &bodied[flatDetail]{flatDetail{"the token of " + who.Name + " is valid"}}, nil
}

type flatUsage struct {
	Jobs  flatShare `json:"jobs"`
	Bytes flatShare `json:"bytes"`
}

type flatShare struct {
	Used  int64 `json:"used"`
	Limit int64 `json:"limit" doc:"0 when there is none"`
}

func (a *API) flatUsage(ctx context.Context, b *Backend, _ *struct{}) (*bodied[flatUsage], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := b.Store.InFlight(ctx, who.Subject)
	if err != nil {
		return nil, err
	}
	bytes, err := b.Store.Bytes(ctx, who.Name)
	return &bodied[flatUsage]{flatUsage{flatShare{int64(jobs), int64(a.limits.Jobs)}, flatShare{bytes, a.limits.Bytes}}}, err
}
