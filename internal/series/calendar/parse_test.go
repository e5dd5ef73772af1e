package calendar_test

import (
	"strings"
	"testing"

	"foliocast/internal/series/calendar"
)

// Old and short spellings are those of pandas 0.x to 2.2.
func TestParse(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"H": "h", "4H": "4h", "T": "min", "15T": "15min", "MIN": "min", "60min": "h", "S": "s", "3600s": "h", "d": "D", "b": "B", "w": "W", "W-fri": "W-FRI", " ME ": "ME",
		"M": "M", "Q": "Q", "Y": "Y", "A": "Y", "BM": "BME", "CBME": "BME", "SM": "SME", "Q-DEC": "QE-DEC", "QS": "QS-JAN", "QE": "QE-DEC", "QS-OCT": "QS-JAN", "QE-MAR": "QE-DEC",
		"BQ": "BQE-DEC", "BQS": "BQS-JAN", "A-JUN": "YE-JUN", "Y-DEC": "YE-DEC", "AS": "YS-JAN", "AS-APR": "YS-APR", "YE": "YE-DEC", "BA": "BYE-DEC", "BY": "BYE-DEC", "BAS-JUL": "BYS-JUL",
		"2Q": "6M", "2QE": "6ME", "4QS": "YS-JAN", "12ME": "YE-DEC", "24MS": "2YS", "M-31": "ME", "M-1": "MS", "M-1-F": "BMS", "M-31-P": "BME", "B-MON,TUE,WED,THU,FRI": "B",
		"B-THU,SUN,MON,TUE,WED": "B-SUN,MON,TUE,WED,THU", "W-SUN": "W-SUN", "14D": "14D", "xnys": "XNYS", "REQ-N-JAN-SAT": "REQ-N-JAN-SAT-4", "30min@9:30": "", "30min@09:30-16:00": "30min@09:30-16:00",
	} {
		c, err := calendar.Parse(name)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is read as %s", name, c)
		case want != "" && err != nil:
			t.Errorf("%q: %v", name, err)
		case want != "" && c.String() != want:
			t.Errorf("%q: got %s, want %s", name, c, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                            "not a known frequency: known are s, 30s, min",
		"fortnight":                   "not a known frequency",
		"0D":                          "not a known frequency",
		"-1D":                         "not a known frequency",
		"1.5h":                        "not a known frequency",
		"XPAR":                        "XNYS, XETR, XTKS, XLON, XTAE",
		"ms":                          "below one second: the shortest step is one second",
		"250ms":                       "below one second",
		"us":                          "below one second",
		"5m":                          "not clear: write min for minutes, ME or MS for months",
		"2B":                          "not supported",
		"B-MON,MON":                   "not a working week",
		"W-XYZ":                       "not a known frequency",
		"M-32":                        "not a known frequency",
		"M-30,31":                     "not a known frequency",
		"M-1,31-P":                    "not a known frequency",
		"WOM-5FRI":                    "not a known frequency",
		"QE-XXX":                      "not a known frequency",
		"500YE":                       "longer than a century",
		"D@09:30":                     "sessions need a step of minutes or hours",
		"h@15:30-09:30":               "are not hours of a session",
		"h@09:30-15:00":               "not a whole number of steps of 60 minutes",
		"h@10:00,09:00":               "ascend",
		"h@h/10:00":                   "not a rule of days",
		"h@MON/10:00;MON/12:00":       "names Monday twice",
		"B|2024-01-01":                "written with the day between",
		"B|1.1.2024|B-MON":            "dates that ascend",
		"ME|2024-01-01|B":             "only business days and hours of sessions may change",
		"B|2024-02-01|B|2024-01-01|B": "dates that ascend",
	} {
		if c, err := calendar.Parse(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want an error with %q", name, c, err, want)
		}
	}
}
