package portfolio_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
)

// An answer says what of its data nobody observed.
func TestAnAnswerSaysWhatWasMissing(t *testing.T) {
	t.Parallel()
	const text = "date,A,B\n2024-01-01,1,1\n2024-01-02,,2\n2024-01-03,3,3\n2024-01-04,4,4\n2024-01-05,5,\n2024-01-06,6,\n2024-01-07,7,7\n2024-01-08,8,8\n"
	for name, c := range map[string]struct {
		change func(*job.Spec)
		want   [2]string
	}{
		"as it is": {func(*job.Spec) {}, [2]string{"1 value is missing and was carried forward", "2 values are missing and were carried forward"}},
		"linear":   {func(s *job.Spec) { s.Missing = job.MissingLinear }, [2]string{"1 value is missing and was interpolated", "2 values are missing and were interpolated"}},
		"left out": {func(s *job.Spec) { s.Missing = job.MissingDrop }, [2]string{}},
		"resampled": {func(s *job.Spec) { s.Freq, s.Resample = "2D", job.ResampleSum }, [2]string{
			"", "1 value is missing and was carried forward"}},
	} {
		answer, err := compute(t, spec(func(s *job.Spec) {
			s.Assets, s.Model = []string{"A", "B"}, "naive"
			c.change(s)
		}), read(t, text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := [2]string{answer.Assets[0].Note, answer.Assets[1].Note}; got != c.want {
			t.Errorf("%s: the notes are %q, want %q", name, got, c.want)
		}
	}
}

// An exchange's calendar that the job names has closed days. 2024-01-15 and 2024-02-19 were holidays of the New York Stock
// Exchange (nyse.com, holidays and trading hours).
func TestAnAnswerSaysWhatIsNotOnTheCalendar(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("date,A\n")
	for day := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC); day.Month() < 3; day = day.AddDate(0, 0, 1) {
		if w := day.Weekday(); w != time.Saturday && w != time.Sunday {
			fmt.Fprintf(&text, "%s,%d\n", day.Format(time.DateOnly), day.YearDay())
		}
	}
	for freq, want := range map[string]string{
		"":     "",
		"B":    "",
		"XNYS": "the values of 2024-01-15 and 2024-02-19 are not on the calendar of XNYS",
	} {
		answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model, s.Freq = []string{"A"}, "naive", freq }), read(t, text.String()))
		if err != nil {
			t.Fatalf("%s: %v", freq, err)
		}
		if got := answer.Assets[0].Note; got != want {
			t.Errorf("%s: the note is %q, want %q", freq, got, want)
		}
	}
}
