package calendar

import (
	"fmt"
	"strconv"
	"strings"
)

// hours is the times of day of a session in minutes, ascending.
type hours []int

// bridged adds the minutes that lack a quote by chance: those between two steps that are less than a quarter of an hour apart.
func (h hours) bridged(step int) hours {
	var out hours
	for i, m := range h {
		if i > 0 && m-h[i-1] < 15 && (m-h[i-1])%step == 0 {
			for b := h[i-1] + step; b < m; b += step {
				out = append(out, b)
			}
		}
		out = append(out, m)
	}
	return out
}

// plain reports whether the hours are few ranges, as those of sessions are.
func (h hours) plain(step int) bool { return strings.Count(h.text(step), ",") < 4 }

// text writes ranges of equal steps: 09:00-11:00,12:30-14:30.
func (h hours) text(step int) string {
	var out []string
	for from := 0; from < len(h); {
		to := from
		for to+1 < len(h) && h[to+1]-h[to] == step {
			to++
		}
		text := minuteText(h[from])
		if to > from {
			text += "-" + minuteText(h[to])
		}
		out = append(out, text)
		from = to + 1
	}
	return strings.Join(out, ",")
}

// words is text for a person: "from 09:00 to 11:00 and from 12:30 to 14:30".
func (h hours) words(step int) string {
	var out []string
	for part := range strings.SplitSeq(h.text(step), ",") {
		if from, to, ok := strings.Cut(part, "-"); ok {
			out = append(out, "from "+from+" to "+to)
		} else {
			out = append(out, "at "+part)
		}
	}
	return listed(out)
}

func minuteText(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

// parseHours reads what text writes.
func parseHours(text string, step int) (hours, error) {
	var out hours
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(part, "-")
		from, ok := parseMinute(first)
		to := from
		if ok && ranged {
			to, ok = parseMinute(last)
		}
		switch {
		case !ok || to < from:
			return nil, fmt.Errorf("%q are not hours of a session: write them as 09:30-15:30", part)
		case (to-from)%step != 0:
			return nil, fmt.Errorf("%q is not a whole number of steps of %d minutes: the second time is that of the last value", part, step)
		case len(out) > 0 && from <= out[len(out)-1]:
			return nil, fmt.Errorf("%q: the hours of a session ascend", text)
		}
		for m := from; m <= to; m += step {
			out = append(out, m)
		}
	}
	return out, nil
}

func parseMinute(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	if !ok || len(h) != 2 || len(m) != 2 {
		return 0, false
	}
	hour, err1 := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	return int(hour*60 + minute), err1 == nil && err2 == nil && hour < 24 && minute < 60
}
