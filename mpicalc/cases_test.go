package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The inputs in internal/series/testdata were made after files and bug reports of forecasting programs. The right answers come from
// R's forecast package, pandas or by hand.

// forecastOf runs a model on a file of internal/series/testdata and returns the rows of the assets in its output, and what it
// prints. There are no rows when it fails.
func forecastOf(t *testing.T, name string, args ...string) (rows [][]string, out outcome) {
	t.Helper()
	output := filepath.Join(t.TempDir(), "out.csv")
	out = mpirun(t, 0, append([]string{"run", "--input", filepath.Join("..", "internal", "series", "testdata", name), "--output", output}, args...)...)
	f, err := os.Open(output)
	if err != nil {
		if out.code == 0 {
			t.Fatal(err)
		}
		return nil, out
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%v in %v", err, all)
	}
	return slices.DeleteFunc(all[1:], func(row []string) bool { return row[0] == "" }), out
}

// column returns one column of rows.
func column(rows [][]string, at int) []string {
	var values []string
	for _, row := range rows {
		values = append(values, row[at])
	}
	return values
}

func TestTimesOfForecasts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args  string
		times string
		means string // empty when they do not matter
	}{
		"tokyo.csv": {"--model naive --horizon 6",
			"2024-03-18T00:00:00+09:00 2024-03-19T00:00:00+09:00 2024-03-20T00:00:00+09:00 2024-03-21T00:00:00+09:00 2024-03-22T00:00:00+09:00 2024-03-25T00:00:00+09:00",
			"968.99 968.99 968.99 968.99 968.99 968.99"},
		"dividend_rows.csv":          {"--model seasonal-naive --horizon 3", "2024-01-01 2024-02-01 2024-03-01", "109.7 120.36 127.22"},
		"running_month.csv":          {"--model naive --horizon 3", "2024-06-01 2024-07-01 2024-08-01", "99.85 99.85 99.85"},
		"retail_445.csv":             {"--model seasonal-naive --horizon 3", "2024-08-25 2024-09-22 2024-10-27", "145 150.5 156"},
		"retail_quarters.csv":        {"--model naive --horizon 3", "2024-08-03 2024-11-02 2025-02-01", ""},
		"half_years.csv":             {"--model drift --horizon 4", "2025-06-30 2025-12-31 2026-06-30 2026-12-31", "130 131 132 133"},
		"two_months.csv":             {"--model drift --horizon 4", "2025-01-01 2025-03-01 2025-05-01 2025-07-01", "130 131 132 133"},
		"semi_month.csv":             {"--model drift --horizon 4", "2024-07-01 2024-07-15 2024-08-01 2024-08-15", "160 161 162 163"},
		"yyyymm.csv":                 {"--model naive --horizon 4", "2025-01-01 2025-02-01 2025-03-01 2025-04-01", "93.52 93.52 93.52 93.52"},
		"yyyymm.csv --freq M":        {"--model naive --horizon 2 --freq M", "2025-01-01 2025-02-01", ""},
		"yyyymmdd_ds.csv":            {"--model naive --horizon 4", "2024-01-01 2024-01-02 2024-01-03 2024-01-04", "84.86 84.86 84.86 84.86"},
		"yyyymmdd_ds.csv --freq B":   {"--model naive --horizon 2 --freq B", "2024-01-01 2024-01-02", ""},
		"yearweek.csv":               {"--model naive --horizon 3", "2024-12-30 2025-01-06 2025-01-13", "79.43 79.43 79.43"}, // 202452, 202501
		"yearweek.csv --freq W":      {"--model naive --horizon 1 --freq W", "2024-12-30", ""},
		"stooq.csv":                  {"--model naive --horizon 3", "2024-01-26 2024-01-29 2024-01-30", "99.07 99.07 99.07"},
		"excel_serials.csv":          {"--model naive --horizon 3", "2023-12-28 2023-12-29 2024-01-01", "104.32 104.32 104.32"},
		"excel_serials.csv --freq B": {"--model naive --horizon 3 --freq B", "2023-12-28 2023-12-29 2024-01-01", ""},
		"epoch.csv":                  {"--model naive --horizon 3", "2023-12-28T00:00:00Z 2023-12-29T00:00:00Z 2024-01-01T00:00:00Z", "104.32 104.32 104.32"},
		"epoch.csv --freq B":         {"--model naive --horizon 3 --freq B", "2023-12-28T00:00:00Z 2023-12-29T00:00:00Z 2024-01-01T00:00:00Z", ""},
		"sunday_to_thursday.csv":     {"--model naive --horizon 3", "2023-12-31 2024-01-01 2024-01-02", "102.87 102.87 102.87"},
		"fridays.csv":                {"--model naive --horizon 2", "2024-03-01 2024-03-08", ""},
		"good_friday.csv":            {"--model naive --horizon 3", "2024-04-05 2024-04-12 2024-04-19", ""},
		"trading_hours.csv":          {"--model naive --horizon 3", "2024-02-13_09:30:00 2024-02-13_10:30:00 2024-02-13_11:30:00", "104.71 104.71 104.71"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, _, _ := strings.Cut(name, " ")
			rows, out := forecastOf(t, file, strings.Fields(c.args)...)
			if out.code != 0 {
				t.Fatalf("code %d: %s", out.code, out.stderr)
			}
			times := strings.Fields(c.times)
			for i := range times {
				times[i] = strings.ReplaceAll(times[i], "_", " ")
			}
			if diff := cmp.Diff(column(rows, 1), times); diff != "" {
				t.Errorf("times (-got +want)\n%s", diff)
			}
			if diff := cmp.Diff(column(rows, 3), strings.Fields(c.means)); c.means != "" && diff != "" {
				t.Errorf("means (-got +want)\n%s", diff)
			}
		})
	}
}

func TestIntervalsDoNotDependOnTheZone(t *testing.T) {
	t.Parallel()
	args := []string{"--model", "naive", "--horizon", "6", "--levels", "80"}
	zoned, _ := forecastOf(t, "tokyo.csv", args...)
	plain, _ := forecastOf(t, "tokyo_plain.csv", args...)
	if len(zoned) != 6 {
		t.Fatalf("got %d rows, want 6", len(zoned))
	}
	for _, at := range []int{3, 4, 5} { // mean, lo-80, hi-80
		if diff := cmp.Diff(column(zoned, at), column(plain, at)); diff != "" {
			t.Errorf("(-with a zone +without)\n%s", diff)
		}
	}
}

func TestEmptyRowsAreNoTimes(t *testing.T) {
	t.Parallel()
	args := []string{"--model", "seasonal-naive", "--horizon", "3", "--levels", "80"}
	with, _ := forecastOf(t, "dividend_rows.csv", args...)
	without, _ := forecastOf(t, "dividend_rows_plain.csv", args...)
	if len(with) != 3 {
		t.Fatalf("got %d rows, want 3", len(with))
	}
	if diff := cmp.Diff(with, without); diff != "" {
		t.Errorf("(-with empty rows +without)\n%s", diff)
	}
}

// The closed days are those of the exchanges' published lists, by hand.
func TestNextSessionsOfExchanges(t *testing.T) {
	t.Parallel()
	workweek := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	for name, c := range map[string]struct {
		first, last string
		open        []time.Weekday
		closed      string
		next        string
	}{
		"XNYS": {"2024-02-01", "2024-03-28", workweek, "2024-02-19 2024-03-29", "2024-04-01 2024-04-02 2024-04-03"},
		"XETR": {"2017-09-01", "2017-10-30", workweek, "2017-10-03 2017-10-31", "2017-11-01 2017-11-02 2017-11-03"},
		"XTKS": {"2019-03-01", "2019-04-26", workweek, "2019-03-21", "2019-05-07 2019-05-08 2019-05-09"},
		"XLON": {"2022-08-01", "2022-09-16", workweek, "2022-08-29", "2022-09-20 2022-09-21 2022-09-22"},
		"XTAE": {"2025-11-02", "2026-01-01", []time.Weekday{0, 1, 2, 3, 4}, "", "2026-01-05 2026-01-06 2026-01-07"},
	} {
		input := "date,A\n"
		first, _ := time.Parse(time.DateOnly, c.first)
		for day := first; day.Format(time.DateOnly) <= c.last; day = day.AddDate(0, 0, 1) {
			if date := day.Format(time.DateOnly); slices.Contains(c.open, day.Weekday()) && !strings.Contains(c.closed, date) {
				input += date + ",1\n"
			}
		}
		output := filepath.Join(t.TempDir(), "out.csv")
		succeed(t, 0, "run", "--input", write(t, "in.csv", input), "--output", output, "--freq", name, "--model", "naive", "--horizon", "3")
		var times []string
		for line := range strings.Lines(read(t, output)) {
			if cells := strings.Split(line, ","); cells[0] != "" { // else it is of the portfolio
				times = append(times, cells[1])
			}
		}
		if got := strings.Join(times[1:], " "); got != c.next {
			t.Errorf("%s: %s, want %s", name, got, c.next)
		}
	}
}

func TestAuditsOfCases(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"running_month.csv":      {"2024-05-01 and 2024-05-17 fall into one period", "months, on the first day"},
		"dividend_rows.csv":      {"80 rows", "60 values", "20 missing values", "0 values carried forward"},
		"good_friday.csv":        {"weeks, on Friday", "2024-03-28 is not on the calendar"},
		"trading_hours.csv":      {"hours of sessions from 09:30 to 15:30"},
		"tokyo.csv":              {"120 values", "business days", "+09:00", "0 values carried forward"},
		"sunday_to_thursday.csv": {"150 values", "Sunday to Thursday", "0 values carried forward"},
		"semi_month.csv":         {"60 values", "15th"},
		"yearweek.csv":           {`"date"`, "ISO 8601"},
		"excel_serials.csv":      {`"Date"`, "Excel"},
		"bars_one.csv":           {"1 asset, 40 values", "bars of one asset", `"Close"`},
		"bars_two.csv":           {"2 assets, 80 values", "bars of 2 assets", `"Close"`},
		"bars_flat.csv":          {"1 asset, 40 values", "bars of one asset", `"Close"`, `not read: "Open"`},
	} {
		out := succeed(t, 0, "convert", "--input", filepath.Join("..", "internal", "series", "testdata", name))
		for _, text := range want {
			if !strings.Contains(out.stdout, text) {
				t.Errorf("%s: %q lacks %q", name, out.stdout, text)
			}
		}
	}
}

func TestOverallForecastOfDifferentEnds(t *testing.T) {
	t.Parallel()
	_, out := forecastOf(t, "different_ends.csv", "--model", "drift", "--horizon", "3")
	var answer struct {
		Overall struct {
			DS   []string
			Mean []float64
		}
	}
	if err := json.Unmarshal([]byte(out.stdout), &answer); err != nil {
		t.Fatalf("%v: %s%s", err, out.stdout, out.stderr)
	}
	if !slices.Equal(answer.Overall.DS, []string{"2023-08-24", "2023-08-25", "2023-08-28"}) || !slices.Equal(answer.Overall.Mean, []float64{240, 241.5, 243}) {
		t.Errorf("overall %v at %v", answer.Overall.Mean, answer.Overall.DS)
	}
}

// A month, a quarter and a day have no date in common: there is no overall forecast, and nothing that needs one is done.
func TestMixedFrequenciesHaveNoOverallForecast(t *testing.T) {
	t.Parallel()
	rows, out := forecastOf(t, "mixed_frequencies.csv", "--model", "drift", "--horizon", "2")
	var answer struct {
		Overall json.RawMessage
		Error   struct{ Detail string }
	}
	if err := json.Unmarshal([]byte(out.stdout), &answer); err != nil {
		t.Fatalf("%v: %s%s", err, out.stdout, out.stderr)
	}
	if string(answer.Overall) != "null" || len(rows) != 6 || !strings.Contains(answer.Error.Detail, "D: calendar days") || !strings.Contains(answer.Error.Detail, "Q: quarters") {
		t.Errorf("%d rows, overall %s, error %q", len(rows), answer.Overall, answer.Error.Detail)
	}
	_, out = forecastOf(t, "mixed_frequencies.csv", "--model", "drift", "--weights", "M=2,Q=1,D=1")
	if out.code != 2 || out.stdout != "" || !strings.Contains(out.stderr, "different frequencies") {
		t.Errorf("with weights: code %d, stdout %q, stderr %q", out.code, out.stdout, out.stderr)
	}
}
