package api

import (
	"testing"

	"foliocast/internal/openapitest"
)

// Bodies of the flat form.
const (
	flat        = `{"series":{"y":[1,1,1,1,1,1,1,1,1,9,1,1],"sizes":[12]},"freq":"MS"}`
	flatWindows = `{"series":{"y":[1,2,3,4,5,6,7,8],"sizes":[8]},"h":1,"n_windows":1,"freq":"MS"}`
	flatOnline  = `{"series":{"y":[1,1,1,1,1,1,1,1,1,9,1,1],"sizes":[12]},"freq":"MS","h":1,"detection_size":2}`
)

func TestAnswersAreDeclared(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	s.upload("spare", smallCSV)
	openapitest.Check(t, openapitest.Service{Handler: s.door.Router, Token: func() string { return s.token },
		Apart:   []string{"import-dataset"}, // its bucket is not there
		Waiting: []string{"flat-forecast", "flat-historic-forecast", "flat-anomaly-detection", "flat-online-anomaly-detection", "flat-cross-validation"}, Values: map[string][]string{
			"dataset": {"prices", "prices@1", "spare"}, "name": {"prices", "spare", "fresh"}, "assets": {"DAX", "FTSE", "*"}, "model": {"auto", "naive"}, "wait": {"0s", "1ms"}, "url": {"http://127.0.0.1:1/hook"},
			"flat-forecast": {flatForecast}, "flat-forecast-async": {flatForecast}, "flat-historic-forecast": {flat}, "flat-anomaly-detection": {flat}, "flat-cross-validation": {flatWindows}, "flat-cross-validation-async": {flatWindows},
			"flat-online-anomaly-detection": {flatOnline}, "create-job": {`{"dataset":"prices","assets":"*","horizon":3}`, `{"dataset":"prices","assets":["DAX"],"horizon":1,"model":"naive","levels":[80]}`},
			"create-batch": {`{"jobs":[{"dataset":"prices","assets":["DAX"],"horizon":2}]}`}, "create-schedule": {`{"cron":"0 18 * * *","job":{"dataset":"prices","assets":["*"],"horizon":2}}`},
			csvMedia: {smallCSV}, "freq": {"B", "D"}, "cron": {"0 18 * * *"}, "timezone": {"Europe/Berlin"}, "zone": {"Europe/Berlin"},
		}})
}
