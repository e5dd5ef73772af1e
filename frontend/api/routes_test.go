package api

import (
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
)

// The table route × scope of this service.
func TestRoutes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	needs := func(scopes ...auth.Scope) []auth.Scope { return scopes }
	authtest.Walk(t, s.issuer, s.door.Router, s.door.API, []authtest.Route{
		{Method: "GET", Path: "/v1/audit", Needs: needs(auth.AuditRead)},
		{Method: "GET", Path: "/v1/datasets", Needs: needs(auth.DatasetsRead)},
		{Method: "GET", Path: "/v1/datasets/{name}", Needs: needs(auth.DatasetsRead)},
		{Method: "DELETE", Path: "/v1/datasets/{name}", Needs: needs(auth.DatasetsWrite)},
		{Method: "DELETE", Path: "/v1/datasets/{name}/versions/{version}", Needs: needs(auth.DatasetsWrite)},
		{Method: "DELETE", Path: "/v1/jobs/{id}/record", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/v1/datasets/{name}", Needs: needs(auth.DatasetsWrite)},
		{Method: "POST", Path: "/v1/datasets/{name}/import", Needs: needs(auth.DatasetsWrite)},
		{Method: "PATCH", Path: "/v1/datasets/{name}", Needs: needs(auth.DatasetsWrite)},
		{Method: "GET", Path: "/v1/datasets/{name}/next", Needs: needs(auth.DatasetsRead)},
		{Method: "GET", Path: "/v1/datasets/{name}/assets", Needs: needs(auth.DatasetsRead)},
		{Method: "GET", Path: "/v1/datasets/{name}/versions/{version}", Needs: needs(auth.DatasetsRead)},
		{Method: "GET", Path: "/v1/datasets/{name}/versions/{version}/file", Needs: needs(auth.DatasetsRead)},
		{Method: "GET", Path: "/v1/batches", Needs: needs(auth.JobsRead)},
		{Method: "POST", Path: "/v1/batches", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/batches/{id}", Needs: needs(auth.JobsRead)},
		{Method: "DELETE", Path: "/v1/batches/{id}", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/batches/{id}/output", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/batches/{id}/errors", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/schedules", Needs: needs(auth.JobsRead)},
		{Method: "POST", Path: "/v1/schedules", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/schedules/{name}", Needs: needs(auth.JobsRead)},
		{Method: "PUT", Path: "/v1/schedules/{name}", Needs: needs(auth.JobsWrite)},
		{Method: "DELETE", Path: "/v1/schedules/{name}", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/webhooks", Needs: needs(auth.JobsRead)},
		{Method: "POST", Path: "/v1/webhooks", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/webhooks/{name}", Needs: needs(auth.JobsRead)},
		{Method: "PATCH", Path: "/v1/webhooks/{name}", Needs: needs(auth.JobsWrite)},
		{Method: "DELETE", Path: "/v1/webhooks/{name}", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/v1/webhooks/{name}/rotate", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/v1/webhooks/{name}/test", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/v1/webhooks/{name}/redeliver", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/webhooks/{name}/deliveries", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/jobs", Needs: needs(auth.JobsRead)},
		{Method: "POST", Path: "/v1/jobs", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/jobs/{id}", Needs: needs(auth.JobsRead)},
		{Method: "PUT", Path: "/v1/jobs/{id}", Needs: needs(auth.JobsWrite)},
		{Method: "DELETE", Path: "/v1/jobs/{id}", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/v1/jobs/{id}/retry", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/v1/jobs/{id}/events", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/jobs/{id}/trace", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/usage", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/events", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/jobs/{id}/result", Needs: needs(auth.JobsRead)},
		{Method: "POST", Path: "/nixtla/v2/forecast", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/nixtla/v2/cross_validation", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/nixtla/v2/historic_forecast", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/nixtla/v2/anomaly_detection", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/nixtla/v2/online_anomaly_detection", Needs: needs(auth.JobsWrite)},
		{Method: "POST", Path: "/nixtla/v2/forecast/async", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/nixtla/v2/forecast/jobs/{id}", Needs: needs(auth.JobsRead)},
		{Method: "POST", Path: "/nixtla/v2/cross_validation/async", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/nixtla/v2/cross_validation/jobs/{id}", Needs: needs(auth.JobsRead)},
		{Method: "POST", Path: "/nixtla/v2/async/jobs/{id}/cancel", Needs: needs(auth.JobsWrite)},
		{Method: "GET", Path: "/nixtla/model_params", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/nixtla/validate_api_key", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/nixtla/validate_token", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/nixtla/usage", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/jobs/{id}/answer", Needs: needs(auth.JobsRead)},
		{Method: "GET", Path: "/v1/jobs/{id}/history", Needs: needs(auth.JobsRead)},
	})
}
