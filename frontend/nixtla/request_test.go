package nixtla

import (
	"errors"
	"testing"

	"foliocast/internal/problem"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	const good = `"series":{"y":[1,2,3,4,5],"sizes":[5]},"h":1,"freq":"D","n_windows":1,"detection_size":1,"level":[90]`
	for _, c := range []struct {
		op      Operation
		body    string
		kind    problem.Kind
		pointer string
	}{
		{Forecast, `{`, problem.Malformed, ""},
		{Forecast, `{"series":{"y":["a"],"sizes":[1]},"h":1,"freq":"D"}`, problem.Malformed, ""},
		{Forecast, `{"series":{"y":[1e999],"sizes":[1]},"h":1,"freq":"D"}`, problem.Malformed, ""},
		{Forecast, `{"series":{"y":[[1]],"sizes":[1]},"h":1,"freq":"D"}`, problem.Malformed, ""},
		{Forecast, `{}`, problem.Invalid, "/series/y"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[3]},"h":1,"freq":"D"}`, problem.Invalid, "/series/sizes/0"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[1]},"h":1,"freq":"D"}`, problem.Invalid, "/series/sizes"},
		{Forecast, `{"series":{"y":[1,2,null],"sizes":[2,1]},"h":1,"freq":"D"}`, problem.Invalid, "/series/sizes/1"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"start_datetime":[]},"h":1,"freq":"D"}`, problem.Invalid, "/series/start_datetime"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"start_datetime":["yesterday"]},"h":1,"freq":"D"}`, problem.Invalid, "/series/start_datetime/0"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"start_datetime":["2024-01-06"]},"h":1,"freq":"B"}`, problem.Invalid, "/series/start_datetime/0"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"start_datetime":["9999-12-01"]},"h":1,"freq":"fortnight"}`, problem.Invalid, "/freq"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2]},"h":0,"freq":"D"}`, problem.Invalid, "/h"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2]},"h":1001,"freq":"D"}`, problem.Invalid, "/h"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2]},"h":1,"freq":"us"}`, problem.Invalid, "/freq"},
		{Forecast, `{` + good + `,"level":[100]}`, problem.Invalid, "/level/0"},
		{Forecast, `{` + good + `,"multivariate":true}`, problem.Invalid, "/multivariate"},
		{Forecast, `{` + good + `,"model_parameters":{"a":1}}`, problem.Invalid, "/model_parameters"},
		{Forecast, `{` + good + `,"finetuned_model_id":"mine"}`, problem.NotFound, ""},
		{Forecast, `{` + good + `,"finetune_steps":5,"finetune_loss":"mape"}`, problem.Invalid, "/finetune_loss"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"X":[[1]]},"h":1,"freq":"D"}`, problem.Invalid, "/series/X/0"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"X":[[1,null]]},"h":1,"freq":"D"}`, problem.Invalid, "/series/X/0"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"X":[["a","b"]]},"h":1,"freq":"D"}`, problem.Invalid, "/series/X/0"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"X":[[1,2]],"X_future":[[1,2]]},"h":1,"freq":"D"}`, problem.Invalid, "/series/X_future/0"},
		{Forecast, `{"series":{"y":[1,2],"sizes":[2],"X":[[1,2]],"X_future":[[1]]},"h":1,"freq":"D","clean_ex_first":false}`, problem.Invalid, "/clean_ex_first"},
		{CrossValidation, `{"series":{"y":[1,2,3],"sizes":[3]},"h":1,"freq":"D","n_windows":4}`, problem.Invalid, "/series/sizes/0"},
		{CrossValidation, `{` + good + `,"n_windows":0}`, problem.Invalid, "/n_windows"},
		{CrossValidation, `{` + good + `,"step_size":0}`, problem.Invalid, "/step_size"},
		{CrossValidation, `{` + good + `,"hist_exog":[0]}`, problem.Invalid, "/hist_exog/0"},
		{OnlineAnomalies, `{` + good + `,"detection_size":5}`, problem.Invalid, "/detection_size"},
		{OnlineAnomalies, `{` + good + `,"threshold_method":"some"}`, problem.Invalid, "/threshold_method"},
		{Anomalies, `{"series":{"y":[1],"sizes":[1]},"freq":"D","level":99}`, problem.Invalid, "/series/sizes"},
	} {
		_, err := New(c.op, []byte(c.body))
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || p.Kind() != c.kind || c.pointer != "" && (len(p.Faults) == 0 || p.Faults[0].Pointer != c.pointer) {
			t.Errorf("%s %s: got %+v, want %s at %q", c.op, c.body, err, c.kind, c.pointer)
		}
	}
}
