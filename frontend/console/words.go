package console

import (
	"fmt"
	"html/template"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/job"
)

// functions are what templates may call.
func functions(a *assets) template.FuncMap {
	return template.FuncMap{
		"asset": a.address, "when": when, "ago": ago, "iso": iso, "span": span, "number": number, "skill": skill, "lasted": lasted, "percent": percent, "bytes": sizeText, "count": count,
		"plural": plural, "short": short, "states": job.States, "join": strings.Join, "field": newField, "last": func(list []string) int { return len(list) - 1 }, "seconds": func(s float64) string { return rough(time.Duration(s * float64(time.Second))) },
		"jobOf": func(key string) string { id, _, _ := strings.Cut(key, "#"); return id }, "has": func(list []auth.Role, r auth.Role) bool { return slices.Contains(list, r) },
		"contains": func(list []string, one string) bool { return slices.Contains(list, one) }, "hasState": func(list []job.State, s job.State) bool { return slices.Contains(list, s) },
		"events": chosenEvents, "minus": func(a, b int) int { return a - b }, "pointers": func(all ...string) []string { return all },
	}
}

// sorted are the keys of a map in order.
func sorted[K interface{ ~string }, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// moment is a time, as a time or as one that may be absent.
func moment(t any) (time.Time, bool) {
	switch at := t.(type) {
	case time.Time:
		return at, !at.IsZero()
	case *time.Time:
		if at != nil {
			return *at, !at.IsZero()
		}
	}
	return time.Time{}, false
}

// when is a time for people.
func when(t any) string {
	at, ok := moment(t)
	if !ok {
		return "–"
	}
	return at.UTC().Format("2 Jan 2006, 15:04:05 UTC")
}

// iso is a time for programs.
func iso(t any) string {
	at, _ := moment(t)
	return at.UTC().Format(time.RFC3339)
}

// ago says how long ago a time was, or how long it is until then.
func ago(t any) string {
	at, ok := moment(t)
	if !ok {
		return "–"
	}
	past := time.Since(at)
	if past < 0 {
		return "in " + rough(-past)
	}
	if past < 5*time.Second {
		return "just now"
	}
	return rough(past) + " ago"
}

// rough is a duration in its largest unit.
func rough(d time.Duration) string {
	switch {
	case d < time.Minute:
		return plural(int(d.Seconds()), "second")
	case d < time.Hour:
		return plural(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return plural(int(d.Hours()), "hour")
	}
	return plural(int(d.Hours()/24), "day")
}

// span is the time between two others, as for how long a job ran.
func span(from, to any) string {
	a, ok := moment(from)
	b, ended := moment(to)
	if !ok {
		return "–"
	}
	if !ended {
		b = time.Now()
	}
	return lasting(b.Sub(a))
}

// lasting is a duration for people.
func lasting(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", max(d.Milliseconds(), 0))
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

// lasted is a number of seconds for people.
func lasted(seconds float64) string {
	return lasting(time.Duration(seconds * float64(time.Second)))
}

// digits is how many significant digits a page shows of a number; downloads have all.
const digits = 6

// number is a number for people: 1,234.57.
func number(v any) string {
	x, ok := float(v)
	switch {
	case !ok || math.IsNaN(x) || math.IsInf(x, 0):
		return "–"
	case x != 0 && (math.Abs(x) >= 1e15 || math.Abs(x) < 1e-4):
		return strconv.FormatFloat(x, 'g', digits, 64)
	case x == math.Trunc(x):
		return grouped(strconv.FormatFloat(x, 'f', 0, 64))
	}
	decimals := max(0, digits-1-int(math.Floor(math.Log10(math.Abs(x)))))
	if math.Abs(x) >= 1 {
		decimals = min(decimals, 4)
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', decimals, 64), ".")
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		fraction = "." + fraction
	}
	return grouped(whole) + fraction
}

// skill is a ratio of errors: what is beyond its third decimal is chance.
func skill(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(*v, 'f', 3, 64)
}

// aligned are the numbers of a column, all with as many decimals as its largest needs.
func aligned(values []float64) []string {
	most := 0.0
	for _, v := range values {
		if a := math.Abs(v); !math.IsInf(a, 0) && !math.IsNaN(a) {
			most = max(most, a)
		}
	}
	out := make([]string, len(values))
	if most >= 1e15 || most < 1e-4 {
		for k, v := range values {
			out[k] = number(v)
		}
		return out
	}
	decimals := min(max(0, digits-1-int(math.Floor(math.Log10(most)))), digits)
	whole := !slices.ContainsFunc(values, func(v float64) bool { return v != math.Trunc(v) })
	if whole {
		decimals = 0
	}
	for k, v := range values {
		before, after, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals, 64), ".")
		if out[k] = grouped(before); after != "" {
			out[k] += "." + after
		}
	}
	return out
}

func float(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case *float64:
		if x != nil {
			return *x, true
		}
	case int:
		return float64(x), true
	case int64:
		return float64(x), true
	}
	return 0, false
}

// grouped puts a comma between each three digits, and a minus sign that is as wide as a plus.
func grouped(text string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "−", rest
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

func count(n any) string { return number(n) }

// percent is a share for people: 12.5 %.
func percent(v any) string {
	x, ok := float(v)
	if !ok {
		return "–"
	}
	return strconv.FormatFloat(math.Round(1000*x)/10, 'f', -1, 64) + " %"
}

// sizeText is a number of bytes for people.
func sizeText(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	x, unit := float64(n), 0
	for x >= 1000 && unit < len(units)-1 {
		x, unit = x/1000, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d %s", n, units[0])
	}
	return fmt.Sprintf("%.1f %s", x, units[unit])
}

// plural is a number of things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(strconv.Itoa(n)) + " " + thing + "s"
}

// short is the end of an id, which tells ids of one moment apart.
func short(id any) string {
	text := fmt.Sprint(id)
	return text[max(0, len(text)-8):]
}
