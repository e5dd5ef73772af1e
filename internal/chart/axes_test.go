package chart

import (
	"fmt"
	"image/color"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		low, high float64
		count     int
		unit      Unit
		want      string
	}{
		{0, 10, 5, Plain, "0 2 4 6 8 10"},
		{5233, 5678, 5, Plain, "5,300 5,400 5,500 5,600"},
		{-0.031, 0.042, 4, Percent, "−2 % 0 % 2 % 4 %"},
		{0.001, 0.0042, 4, Percent, "0.1 % 0.2 % 0.3 % 0.4 %"},
		{1.2e6, 3.9e6, 3, Plain, "2M 3M"},
		{127_000, 172_000, 4, Plain, "140,000 160,000"},
		{-2.5e9, 1e9, 3, Plain, "−2G 0G"},
		{2e-9, 7e-9, 3, Plain, "2.00e−09 4.00e−09 6.00e−09"},
		{0, 0.7, 4, Plain, "0.0 0.2 0.4 0.6"},
		{-3, -1, 4, Plain, "−3.0 −2.5 −2.0 −1.5 −1.0"},
	} {
		_, texts := ticks(span{c.low, c.high, true}, c.count, c.unit)
		if got := strings.Join(texts, " "); got != c.want {
			t.Errorf("from %v to %v: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

// Ticks ascend, lie inside the span, and no two of them have the same text.
func TestTicksOfAnySpan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1e9, 1e9).Draw(t, "low")
		s := span{low, low + rapid.SampledFrom([]float64{1e-3, 0.07, 1, 33, 1e5, 1e12}).Draw(t, "width")*rapid.Float64Range(1, 10).Draw(t, "times"), true}
		at, texts := ticks(s, rapid.IntRange(2, 10).Draw(t, "count"), Plain)
		seen := map[string]bool{}
		for i, v := range at {
			if i > 0 && v <= at[i-1] || v < s.low-1e-6*(s.high-s.low) || v > s.high+1e-6*(s.high-s.low) {
				t.Errorf("ticks %v of %v", at, s)
			}
			if seen[texts[i]] {
				t.Errorf("two ticks are %s: %v", texts[i], at)
			}
			seen[texts[i]] = true
		}
	})
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{Number(-5473.204, 2), "−5,473.20"}, {Number(-0.001, 2), "0.00"}, {Number(1234567, 0), "1,234,567"}, {Number(999, 0), "999"},
		{Significant(5473.204, 130, Plain), "5,473"}, {Significant(5473.204, 1.3, Plain), "5,473.20"}, {Significant(0.01234, 0.05, Percent), "1.23 %"}, {Significant(0.5, 0, Plain), "0.500"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestTimeTicks(t *testing.T) {
	t.Parallel()
	hours := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("2024-03-%02dT%02d:00:00Z", 1+i/24, i%24))
		}
		return all
	}
	months := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("%d-%02d-01", 2010+i/12, 1+i%12))
		}
		return all
	}
	steps := func(from, n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprint(from+i))
		}
		return all
	}
	for name, c := range map[string]struct {
		ds    []string
		width float64 // in characters
		want  string
	}{
		"a week of days":   {days(5), 60, "6 Mar/2023 7 Mar 8 Mar 9 Mar 10 Mar"},
		"a quarter":        {days(62), 60, "13 Mar/2023 27 Mar 10 Apr 24 Apr 8 May 22 May"},
		"a year of days":   {days(260), 60, "Apr/2023 Jul Oct Jan/2024"},
		"two days":         {hours(48), 60, "06:00/1 Mar 2024 12:00 18:00 00:00/2 Mar 2024 06:00 12:00 18:00"},
		"months":           {months(120), 40, "2012 2014 2016 2018"},
		"one":              {[]string{"2024-03-01"}, 40, "1 Mar 2024"},
		"steps":            {steps(1841, 40), 40, "1850 1860 1870 1880"},
		"words":            {[]string{"first", "second"}, 40, "first second"},
		"no room for both": {[]string{"2024-03-01", "2024-03-04"}, 6, "4 Mar 2024"},
	} {
		times := ParseTimes(c.ds)
		r := room{func(i int) float64 { return c.width * float64(i) / float64(max(len(c.ds)-1, 1)) }, func(s string) float64 { return float64(len(s)) }, 2}
		var got []string
		for _, m := range times.ticks(r) {
			if text := m.text; m.under != "" {
				got = append(got, text+"/"+m.under)
			} else {
				got = append(got, text)
			}
		}
		if all := strings.Join(got, " "); all != c.want {
			t.Errorf("%s: %s, want %s", name, all, c.want)
		}
	}
}

func TestTimesAsText(t *testing.T) {
	t.Parallel()
	for ds, want := range map[string]string{"2024-12-31": "31 Dec 2024", "2024-12-31 16:30:00": "31 Dec 2024 16:30", "2024-12-31T16:30:05+01:00": "31 Dec 2024 16:30:05", "17": "17"} {
		if got := ParseTimes([]string{ds}).Text(0); got != want {
			t.Errorf("%s is %s, want %s", ds, got, want)
		}
	}
}

// Text has a contrast of 4.5 to 1 with what it stands on, and every line and area that tells something 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
// A band is told by its place, and has text beside it; the paths are told by their quantiles.
func TestContrast(t *testing.T) {
	t.Parallel()
	for _, theme := range []Theme{Light, Dark} {
		behind := ground.look().color[theme]
		for r := range roles {
			least := 3.0
			switch r {
			case ground, grid, band, path:
				continue
			case ink, faint, ahead, joint, usual, naive, harm, third: // also of labels
				least = 4.5
			}
			if got := contrast(r.look().color[theme], behind); got < least {
				t.Errorf("theme %d: %s has a contrast of %.2f, want %v", theme, r.name(), got, least)
			}
		}
		for s := tint(1); s <= tints; s++ {
			if got := contrast(s.text(theme), s.color(theme)); got < 4.5 {
				t.Errorf("theme %d: text on tint %d has a contrast of %.2f", theme, s, got)
			}
		}
	}
	if got := contrast(color.NRGBA{0x77, 0x77, 0x77, 255}, color.NRGBA{255, 255, 255, 255}); got < 4.47 || got > 4.49 { // WebAIM's contrast checker
		t.Errorf("the contrast of #777777 and white is %.2f, want 4.48", got)
	}
}
