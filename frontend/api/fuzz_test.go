package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"foliocast/internal/auth/authtest"
)

// knock sends a request straight to the router, and fails the test when the status
// is 500 or above.
func (s *service) knock(t *testing.T, method, target, body string, pairs ...string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://frontend"+target, strings.NewReader(body))
	if err != nil {
		return // no client can send it
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	for i := 0; i < len(pairs); i += 2 {
		req.Header.Set(pairs[i], pairs[i+1])
	}
	w := httptest.NewRecorder()
	s.door.Router.ServeHTTP(w, req)
	if w.Code >= 500 {
		t.Errorf("%s %s: got %d: %s", method, target, w.Code, w.Body)
	}
}

func FuzzOperations(f *testing.F) {
	s := newService(f)
	s.upload("prices", smallCSV)
	authtest.FuzzOperations(f, s.door.Router, s.door.API, func(*testing.T) string { return s.token })
}

func FuzzJobBody(f *testing.F) {
	for _, body := range []string{
		`{"dataset":"prices","assets":["DAX"],"horizon":3}`, `{"dataset":"prices","assets":["*"],"horizon":3,"weights":{"DAX":1e308,"FTSE":1e308}}`,
		`{"dataset":"prices@99999999999","assets":["\ud800"],"horizon":3}`, `{"dataset":"prices","assets":["DAX"],"horizon":3,"from":"9999-12-31T23:59:59Z","to":"\u0000"}`,
		`{"dataset":"prices","assets":["DAX"],"horizon":1e99}`, `{"dataset":"prices","assets":[null],"horizon":null}`, `[]`, `null`, `{`, "\xff",
		`{"DATASET":"prices","Assets":["DAX"],"horizon":3,"horizon":4}`, `{"dataset":"prices","assets":["DAX"],"horizon":3,"from":"99999999999999999999"}`,
		`{"dataset":"prices","assets":["DAX"],"horizon":3,"weights":null,"levels":null,"season":null,"model":null}`,
		`{"dataset":"prices","assets":["*"],"horizon":1000000000,"x":["promo","promo","","close",null,"\u0000"],"resample":"sum"}`,
		`{"dataset":"prices","assets":["DAX"],"horizon":3,"levels":[],"quantiles":[5e-324,1e-400,0.5,1e999,"x",null],"point":null,"integers":null}`,
	} {
		f.Add(body, "key")
	}
	s := newService(f)
	s.upload("prices", smallCSV)
	f.Fuzz(func(t *testing.T, body, key string) {
		s.knock(t, "POST", "/v1/jobs", body, "Content-Type", "application/json", "Idempotency-Key", key)
	})
}

func FuzzAddress(f *testing.F) {
	for _, path := range []string{
		"/v1/datasets?after=a", "/v1/datasets?after=%00", "/v1/datasets?limit=99999999999999999999", "/v1/datasets/a?before=-1", "/v1/datasets/%00",
		"/v1/datasets/prices/assets?offset=2147483647&limit=10000", "/v1/datasets/prices/assets?version=2147483648", "/v1/datasets/prices/versions/1e3",
		"/v1/datasets/prices/versions/1/file", "/v1/datasets/prices/versions/0/file", "/v1/jobs?cursor=MTcwMDAwMDAwMDAwMDAwMCww", "/v1/jobs?owner=%c3%28",
		"/v1/jobs?state=&state=queued", "/v1/jobs/00000000-0000-7000-8000-000000000000?wait=0s", "/v1/jobs/x/result", "/v1/jobs/%2e%2e/result", "/v1//jobs",
	} {
		f.Add(path)
	}
	s := newService(f)
	s.upload("prices", smallCSV)
	f.Fuzz(func(t *testing.T, path string) { s.knock(t, "GET", path, "") })
}

func FuzzUpload(f *testing.F) {
	for media, body := range map[string]string{csvMedia: smallCSV, parquetMedia: "PAR1PAR1", arrowFileMedia: "ARROW1\x00\x00ARROW1", "text/csv;": "a,\x00\n\x00,1"} {
		f.Add(media, body)
	}
	s := newService(f)
	f.Fuzz(func(t *testing.T, media, body string) {
		s.knock(t, "POST", "/v1/datasets/fuzz", body, "Content-Type", media)
	})
}
