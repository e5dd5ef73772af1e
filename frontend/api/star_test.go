package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A star in place of the list stands for all assets, and is answered as a list, wherever a job is described.
func TestAStarForAllAssets(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	const star = `{"dataset":"prices","assets":"*","horizon":3}`
	for path, body := range map[string]string{
		"/v1/jobs": star, "/v1/batches": `{"jobs":[` + star + `]}`,
		"/v1/schedules": `{"name":"nightly","job":` + star + `,"cron":"0 6 * * *"}`,
	} {
		got := s.send("POST", path, body, "Content-Type", "application/json")
		if got.status >= 300 || path != "/v1/batches" && !strings.Contains(got.body, `"assets":["*"]`) {
			t.Errorf("%s: got %d: %s", path, got.status, got.body)
		}
	}
	for value, detail := range map[string]string{`"FTSE"`: `must be a list of names, or "*" for all assets`, `""`: `must be a list of names, or "*" for all assets`, `7`: "must be a list", `{}`: "must be a list"} {
		got := s.send("POST", "/v1/jobs", strings.Replace(star, `"*"`, value, 1), "Content-Type", "application/json")
		if got.status != http.StatusUnprocessableEntity || cmp.Diff([]string{"/assets"}, got.pointers()) != "" || got.problem.Faults[0].Detail != detail {
			t.Errorf("%s: got %d: %s", value, got.status, got.body)
		}
	}
}

func TestTheDocumentHasTheStar(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, path := range []string{"/openapi.json", "/openapi-3.0.json"} {
		var document struct {
			Components struct {
				Schemas struct {
					Spec struct {
						Properties struct {
							Assets struct {
								OneOf []struct{ Type, Pattern string }
							}
						}
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(s.send("GET", path, "").body), &document); err != nil {
			t.Fatal(err)
		}
		got := document.Components.Schemas.Spec.Properties.Assets.OneOf
		if len(got) != 2 || got[0].Type != "array" || got[1].Type != "string" || got[1].Pattern != "^[*]$" {
			t.Errorf("%s: got %+v", path, got)
		}
	}
}
