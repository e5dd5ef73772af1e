package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

// counted is a CSV file of the asset A with the values 0, 1, 2 and so on at daily times from 2024-01-01, those of the given
// kind of day. The lines from number "from" on are the last n.
func counted(from, n int, layout string, skip func(time.Time) bool) string {
	var text strings.Builder
	text.WriteString("unique_id,ds,y\n")
	value := 0
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); value < from+n; day = day.AddDate(0, 0, 1) {
		if skip != nil && skip(day) {
			continue
		}
		if value >= from {
			fmt.Fprintf(&text, "A,%s,%d\n", day.Format(layout), value)
		}
		value++
	}
	return text.String()
}

func weekend(d time.Time) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// backtested is what backtest --json prints about naive and drift.
type backtested struct {
	Scores  []job.Score
	Omitted int `json:"series_omitted"`
	Remarks []string
}

func backtestActual(t *testing.T, input, actual string, args ...string) (naive, drift job.Score, all backtested) {
	t.Helper()
	args = append([]string{"backtest", "--json", "--models", "naive,drift", "--season", "1", "--input", write(t, "in.csv", input), "--actual", write(t, "actual.csv", actual)}, args...)
	out := mpirun(t, 0, args...)
	if err := json.Unmarshal([]byte(out.stdout), &all); err != nil || out.code != 0 {
		t.Fatalf("%v: code %d, stdout %q, stderr %q", err, out.code, out.stdout, out.stderr)
	}
	return all.Scores[0], all.Scores[1], all
}

// The values count their times, so that drift is exact and naive is off by the number of steps: by hand, its scaled error is
// the mean number of the steps that are scored.
func TestActualValuesAreMatchedByTime(t *testing.T) {
	t.Parallel()
	days := counted(0, 100, time.DateOnly, nil)        // ends on 2024-04-09
	weekdays := counted(0, 20, time.DateOnly, weekend) // ends on Friday 2024-01-26
	tokyo := counted(0, 20, "2006-01-02T00:00:00+09:00", weekend)
	months := "unique_id,ds,y\nA,2023-08-31,-4\nA,2023-09-29,-3\nA,2023-10-31,-2\nA,2023-11-30,-1\nA,2023-12-29,0\nA,2024-01-31,1\nA,2024-02-29,2\n"
	fridays := "unique_id,ds,y\nA,2024-02-16,-1\nA,2024-02-23,0\nA,2024-03-01,1\nA,2024-03-08,2\nA,2024-03-15,3\nA,2024-03-22,4\n"
	for name, c := range map[string]struct {
		input, actual string
		naive         float64
		remarks       []string
	}{
		"all":                {days, counted(100, 5, time.DateOnly, nil), 3, nil},
		"the first missing":  {days, "unique_id,ds,y\nA,2024-04-10,\nA,2024-04-11,101\nA,2024-04-12,102\nA,2024-04-13,103\nA,2024-04-14,104\n", 3.5, nil},
		"inner ones missing": {days, "unique_id,ds,y\nA,2024-04-10,100\nA,2024-04-11,\nA,2024-04-12,\nA,2024-04-13,103\nA,2024-04-14,104\n", 10.0 / 3, nil},
		"the last missing":   {days, "unique_id,ds,y\nA,2024-04-10,100\nA,2024-04-11,101\nA,2024-04-12,\n", 1.5, nil},
		"rows missing":       {days, "unique_id,ds,y\nA,2024-04-12,102\nA,2024-04-14,104\nA,2024-04-20,110\n", (3.0 + 5 + 11) / 3, nil},
		"one, much later":    {days, "unique_id,ds,y\nA,2024-05-09,129\n", 30, nil},
		"out of order":       {days, "unique_id,ds,y\nA,2024-04-13,103\nA,2024-04-10,100\n", 2.5, nil},
		"across weekends":    {weekdays, "unique_id,ds,y\nA,2024-01-30,21\nA,2024-02-05,25\n", 4, nil},
		"the zone as written": {tokyo, "unique_id,ds,y\nA,2024-01-30T00:00:00+09:00,21\nA,2024-02-05T00:00:00+09:00,25\n", 4,
			nil},
		"the same moments in UTC": {tokyo, "unique_id,ds,y\nA,2024-01-29T15:00:00Z,21\nA,2024-02-04T15:00:00Z,25\n", 4, nil},
		"months that end earlier": {months, "unique_id,ds,y\nA,2024-03-28,3\nA,2024-04-30,4\n", 1.5, // 29 March is Good Friday
			[]string{"1 value of --actual was compared with the forecast for its period: A at 2024-03-28."}},
		"days for months": {months, "unique_id,ds,y\nA,2024-03-27,7\nA,2024-03-28,7\nA,2024-04-30,4\n", 2,
			[]string{"2 values of --actual are at times that are not steps of the forecast: A at 2024-03-27, A at 2024-03-28."}},
		"Good Friday": {fridays, "unique_id,ds,y\nA,2024-03-28,5\nA,2024-04-05,6\n", 1.5,
			[]string{"1 value of --actual was compared with the forecast for its period: A at 2024-03-28."}},
		"rows inside the training": {days, "unique_id,ds,y\nA,2024-04-08,7\nA,2024-04-09,7\nA,2024-04-10,100\n", 1,
			[]string{"2 values of --actual are not after the end of --input: A at 2024-04-08, A at 2024-04-09."}},
		"a time of no step": {weekdays, "unique_id,ds,y\nA,2024-01-27,7\nA,2024-01-29,20\n", 1,
			[]string{"1 value of --actual is at a time that is not a step of the forecast: A at 2024-01-27."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			naive, drift, all := backtestActual(t, c.input, c.actual)
			if !near(naive.MASE, c.naive) {
				t.Errorf("MASE of naive %v, want %v", *naive.MASE, c.naive)
			}
			if !near(drift.MASE, 0) || !near(drift.SMAPE, 0) || !near(drift.Coverage["80"], 1) || !near(drift.Coverage["95"], 1) {
				t.Errorf("drift: MASE %v, sMAPE %v, coverage %v and %v", *drift.MASE, *drift.SMAPE, *drift.Coverage["80"], *drift.Coverage["95"])
			}
			if diff := cmp.Diff(all.Remarks, c.remarks); diff != "" {
				t.Errorf("remarks (-got +want)\n%s", diff)
			}
		})
	}
}

func TestActualValuesOfOtherAssets(t *testing.T) {
	t.Parallel()
	input := "date,A,B,C,D\n2024-01-06,0,100,5,1\n2024-01-07,1,110,5,2\n2024-01-08,2,120,6,3\n2024-01-09,3,130,5,4\n"
	actual := "date,E,B,A,D\n2024-01-10,9,140,4,\n2024-01-11,9,150,5,\n"
	naive, drift, all := backtestActual(t, input, actual)
	// naive is off by 1 and 2 steps in both, which are 1 in A and 10 in B: MASE 1.5 in each.
	if !near(naive.MASE, 1.5) || !near(drift.MASE, 0) || naive.Series != 2 || all.Omitted != 2 {
		t.Errorf("MASE of naive %v, of drift %v, %d series, %d omitted", *naive.MASE, *drift.MASE, naive.Series, all.Omitted)
	}
	want := []string{
		"1 asset of --actual has no values in --input: E.",
		"2 assets of --input have no values in --actual: C, D.",
	}
	if diff := cmp.Diff(all.Remarks, want); diff != "" {
		t.Errorf("remarks (-got +want)\n%s", diff)
	}
}

func TestActualSteps(t *testing.T) {
	t.Parallel()
	input := "series_id,step,value\nA,1,0\nA,2,1\nA,3,2\nA,4,3\nA,5,4\n"
	again := "The steps of --actual begin at 1 again and were counted from the end of --input."
	for name, c := range map[string]struct {
		actual  string
		naive   float64
		remarks []string
	}{
		"go on":          {"series_id,step,value\nA,7,6\nA,9,8\n", 3, nil},
		"begin again":    {"series_id,step,value\nA,1,\nA,2,6\nB,1,1\n", 2, nil},
		"repeat it all":  {"series_id,step,value\nA,1,0\nA,2,1\nA,3,2\nA,4,3\nA,5,4\nA,6,5\nA,7,6\n", 1.5, []string{"5 values of --actual are not after the end of --input: A at 1, A at 2, A at 3, …."}},
		"overlap":        {"series_id,step,value\nA,4,7\nA,6,5\n", 1, []string{"1 value of --actual is not after the end of --input: A at 4."}},
		"begin at zero":  {"series_id,step,value\nA,0,5\nA,2,7\n", 2, []string{strings.Replace(again, "1", "0", 1)}},
		"begin at first": {"series_id,step,value\nA,1,5\nA,3,7\n", 2, []string{again}},
	} {
		if name == "begin again" {
			c.remarks = []string{again, "1 asset of --actual has no values in --input: B."}
		}
		naive, drift, all := backtestActual(t, input, c.actual)
		if !near(naive.MASE, c.naive) || !near(drift.MASE, 0) {
			t.Errorf("%s: MASE of naive %v, want %v; of drift %v", name, *naive.MASE, c.naive, *drift.MASE)
		}
		if diff := cmp.Diff(all.Remarks, c.remarks); diff != "" {
			t.Errorf("%s: remarks (-got +want)\n%s", name, diff)
		}
	}
}

func TestActualValuesThatCannotBeMatched(t *testing.T) {
	t.Parallel()
	days := counted(0, 20, time.DateOnly, weekend)
	for name, c := range map[string]struct{ input, actual, want string }{
		"another kind of time": {days, "unique_id,ds,y\nA,2024-01-29 00:00:00,20\nA,2024-01-30 09:00:00,20\n",
			`--input has times of the kind "date" and --actual of the kind "time without a zone"`},
		"a zone in one file": {counted(0, 20, "2006-01-02T00:00:00Z", nil), counted(20, 5, "2006-01-02 15:04:05", nil),
			`--input has times of the kind "time with a zone" and --actual of the kind "time without a zone"`},
		"steps and dates":  {days, "series_id,step,value\nA,21,20\nA,22,21\n", `"date" and --actual of the kind "integer step"`},
		"nothing after":    {days, "unique_id,ds,y\nA,2024-01-25,18\nA,2024-01-26,19\n", "--actual has no values after the end of --input: A"},
		"only weekends":    {days, "unique_id,ds,y\nA,2024-01-27,20\nA,2024-01-28,20\n", "no value of --actual is at a step of the forecast: A at 2024-01-27, A at 2024-01-28"},
		"too far":          {days, "unique_id,ds,y\nA,2024-01-29,20\nA,2034-01-30,20\n", `--actual has "A" until 2034-01-30, more than the 1000 steps after the end of its --input, 2024-01-26`},
		"no asset in both": {days, "unique_id,ds,y\nB,2024-01-29,20\nB,2024-01-30,20\n", "no asset of --actual has values in --input: B"},
	} {
		out := mpirun(t, 0, "backtest", "--input", write(t, "in.csv", c.input), "--actual", write(t, "actual.csv", c.actual))
		if out.code != 2 || out.stdout != "" || !strings.Contains(out.stderr, c.want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q, want 2 and %q", name, out.code, out.stdout, out.stderr, c.want)
		}
	}
}

func TestOnlyObservedValuesAreHeldOutAndScaled(t *testing.T) {
	t.Parallel()
	// The last but one of five held-out values is missing. drift is exact for the others.
	held := strings.Replace(counted(0, 30, time.DateOnly, nil), "A,2024-01-29,28", "A,2024-01-29,", 1)
	got := scores(t, 0, "--input", write(t, "in.csv", held), "--origins", "1", "--horizon", "5", "--models", "naive,drift", "--season", "1")
	if s := got["drift"]; !near(s.MASE, 0) || !near(s.Coverage["80"], 1) {
		t.Errorf("drift: MASE %v, coverage %v", *s.MASE, *s.Coverage["80"])
	}
	if s := got["naive"]; !near(s.MASE, (1.0+2+3+5)/4) {
		t.Errorf("naive: MASE %v, want 2.75", *s.MASE)
	}
	// All observed neighbors differ by 10. With the fourth value carried forward, the mean difference were 40/6.
	naive, _, _ := backtestActual(t, "date,A\n2024-01-01,10\n2024-01-02,0\n2024-01-03,10\n2024-01-04,\n2024-01-05,10\n2024-01-06,0\n2024-01-07,10\n",
		"date,A\n2024-01-08,20\n")
	if !near(naive.MASE, 1) {
		t.Errorf("naive: MASE %v, want 1", *naive.MASE)
	}
}

// Each weekday has its own value. Juneteenth and Independence Day, both in the middle of a week, shift nothing: seasonal-naive
// is exact after them.
func TestHolidaysDoNotShiftTheWeek(t *testing.T) {
	t.Parallel()
	closed := []string{"2024-05-27", "2024-06-19", "2024-07-04"}
	input, actual := "unique_id,ds,y\n", "unique_id,ds,y\n"
	for day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC); day.Before(time.Date(2024, 7, 13, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		line := fmt.Sprintf("A,%s,%d\n", date, 10*day.Weekday())
		switch {
		case weekend(day) || slices.Contains(closed, date):
		case date <= "2024-07-03":
			input += line
		default:
			actual += line
		}
	}
	for _, freq := range []string{"XNYS", "B"} {
		got := scores(t, 0, "--input", write(t, "in.csv", input), "--actual", write(t, "actual.csv", actual), "--freq", freq, "--models", "seasonal-naive", "--model-season", "5", "--season", "5")
		if s := got["seasonal-naive"]; !near(s.SMAPE, 0) || s.Series != 1 {
			t.Errorf("%s: sMAPE %v of %d series", freq, *s.SMAPE, s.Series)
		}
	}
}
