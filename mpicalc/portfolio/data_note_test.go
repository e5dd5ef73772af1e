package portfolio_test

import (
	"testing"

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
