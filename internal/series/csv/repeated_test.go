package csv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// repeated makes a long file of assets that all have the same times, and of one more asset with other times.
func repeated(assets int, times, last []string) []byte {
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for i := range assets {
		for k, at := range times {
			fmt.Fprintf(&b, "A%d,%s,%d\n", i, at, k+1)
		}
	}
	for k, at := range last {
		fmt.Fprintf(&b, "last,%s,%d\n", at, k+1)
	}
	return []byte(b.String())
}

// TestRepeatedTimesMeanTheSame reads the same times again and again. Each asset of a large file has the times that a file of two
// assets gives it.
func TestRepeatedTimesMeanTheSame(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ times, last []string }{
		"dates":                        {[]string{"2024-01-31", "2024-02-29", "2024-03-31"}, []string{"2024-04-30", "2024-05-31"}},
		"short":                        {[]string{"2024Q1", "2024Q2", "2024Q3"}, []string{"2024Q4"}},
		"steps":                        {[]string{"1", "2", "3"}, []string{"100000001", "100000002"}},
		"the last shows the order":     {[]string{"01/02/2024", "02/02/2024", "03/02/2024"}, []string{"12/02/2024", "13/02/2024"}},
		"offsets of summer and winter": {[]string{"2024-03-30T12:00:00+01:00", "2024-03-31T12:00:00+02:00", "2024-04-01T12:00:00+02:00"}, []string{"2024-12-01T12:00:00+01:00"}},
		"a zone by name":               {[]string{"2024-03-30T12:00:00[Europe/Berlin]", "2024-03-31T12:00:00[Europe/Berlin]"}, []string{"2024-04-01T12:00:00[Europe/Berlin]"}},
		"times of day":                 {[]string{"2024-01-01 09:30:00", "2024-01-01 09:31:00", "2024-01-01 09:32:00"}, []string{"2024-01-01 09:33:00.5"}},
		"long texts":                   {[]string{"Wed 31 January 2024 12:30:00 +0100"}, []string{"Thu 1 February 2024 12:30:00 +0100"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			small, _, err := csv.Read(repeated(1, test.times, test.last), series.Options{})
			if err != nil {
				t.Fatal(err)
			}
			const assets = 9000
			large, _, err := csv.Read(repeated(assets, test.times, test.last), series.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, pair := range [][2]int{{0, 0}, {assets / 2, 0}, {assets - 1, 0}, {assets, 1}} {
				if diff := cmp.Diff(timesOf(small, pair[1]), timesOf(large, pair[0])); diff != "" {
					t.Errorf("asset %d: -of two +of many\n%s", pair[0], diff)
				}
			}
		})
	}
}

func timesOf(t *series.Table, asset int) (times []string) {
	for k := range t.Values(asset) {
		times = append(times, t.At(asset, k).String())
	}
	return times
}

// TestATimeOfAnotherKindAmongMany finds the one row that does not fit.
func TestATimeOfAnotherKindAmongMany(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{"2024-01-01 10:00:00", "soon", "17"} {
		_, _, err := csv.Read(repeated(9000, []string{"2024-01-01", "2024-01-02"}, []string{"2024-01-01", odd}), series.Options{})
		if err == nil || !strings.Contains(err.Error(), "line 18003") {
			t.Errorf("%q: %v", odd, err)
		}
	}
}
