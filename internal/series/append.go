package series

import (
	"math"
	"slices"
	"time"
)

// Onto is the table that the rows of a file are appended to. Reading the file with it gives the table that the rows of both
// together make: with the same zone, and with calendars and axes judged anew, as if all rows were in one file. New assets come
// after the old ones.
//
// A row follows the last value of its asset. One that has the time and the value of an old one changes nothing. Any other row
// at or before the end of its asset is a fault, which names the line.
type Onto struct {
	Table *Table
	// Replace takes the faults instead: such a row replaces the old value, or is one more.
	Replace bool
	// Beside is the table of the values that a column known in advance stands beside, or nil. After their end the column's
	// numbers are plans, which a row may change.
	Beside *Table
	// Replaced counts the old values that got another value.
	Replaced int64
}

// noRow is the number of the row of a value that is not from the file.
const noRow = -1

// AppendTable appends the values of a table to that of o.Onto, for files that are in the stored form.
func AppendTable(t *Table, o Options) (*Table, *Audit, error) {
	s := &source{kind: t.kind, zone: t.zone, zoneFound: t.origin.ZoneFound, long: true, audit: new(Audit), unit: o.unit(), columns: t.columnsUpTo(1 << 62)}
	for i := range s.columns {
		s.rows += int64(len(s.columns[i].values))
	}
	out, audit, err := assemble(s, o)
	if audit != nil {
		audit.Form = "stored"
	}
	return out, audit, err
}

// join puts the table that rows are appended to before the rows of the file, which are in order of time. The error is a
// [RejectError], or that of the budget.
func (s *source) join(o Options) error {
	onto := o.Onto
	old := onto.Table
	if s.kind != old.kind {
		return Reject("the times of the file are of another kind than those of the dataset: %s, and not %s", s.kind.withArticle(), old.kind.withArticle())
	}
	rows := make([]int, old.Len()) // for each old asset the number of its column, from 1
	var added []column
	for k := range s.columns {
		c := &s.columns[k]
		i, known := old.Index(c.name)
		if !s.long && s.audit.Column != "" && old.Len() == 1 && o.AssetName == "" { // the file does not name its asset
			i, known = 0, true
		}
		if known {
			rows[i] = k + 1
		} else {
			added = append(added, *c)
		}
	}
	j := joining{s: s, onto: onto, faults: new(Findings)}
	if err := o.Budget.Hold(j.room(rows)); err != nil {
		return err
	}
	zoneFound := s.zoneFound
	fileZone := s.zone
	s.zone, s.zoneFound = old.zone, old.origin.ZoneFound
	columns := make([]column, old.Len(), old.Len()+len(added))
	for i := range columns {
		var c *column
		if rows[i] > 0 {
			c = &s.columns[rows[i]-1]
		}
		columns[i] = j.asset(i, c)
	}
	if j.faults.Count > 0 {
		j.faults.sort()
		return &RejectError{Faults: j.faults.First, Total: j.faults.Count,
			Advice: "rows are appended after the last value of their asset; replace=true also takes rows that correct earlier values, or add some"}
	}
	s.columns = append(columns, added...)
	if zoneFound && old.origin.ZoneFound && s.kind == Instant && !sameZone(fileZone, old.zone) {
		s.refindZoneOf(fileZone)
	}
	return nil
}

// joining is the state of [source.join].
type joining struct {
	s      *source
	onto   *Onto
	faults *Findings

	// The last times that were joined, and what came out. Most assets have equal times.
	old, more, both []int64
}

// room is how many bytes the columns take that get more values.
func (j *joining) room(rows []int) (bytes int64) {
	for i, k := range rows {
		if k > 0 {
			bytes += 8 * int64(j.onto.Table.Count(i)+len(j.s.columns[k-1].values))
		}
	}
	return bytes
}

// asset is the column of an old asset with the rows that the file has of it; c is nil where it has none.
func (j *joining) asset(i int, c *column) column {
	t := j.onto.Table
	a := t.assets[i]
	times, values := a.observed()
	if i > 0 && len(times) > 0 && len(j.old) > 0 && !sameSlice(times, j.old) && slices.Equal(times, j.old) {
		times = j.old
	}
	out := column{name: t.names[i], times: times, values: values, base: len(times)}
	if c == nil || len(c.times) == 0 {
		return out
	}
	if n := len(times); n > 0 && c.times[0] <= times[n-1] {
		return j.between(out, c)
	}
	if !sameSlice(times, j.old) || !slices.Equal(c.times, j.more) {
		j.old, j.more, j.both = times, c.times, slices.Concat(times, c.times)
	}
	out.times, out.values = j.both, slices.Concat(values, c.values)
	out.first, out.order = c.first, c.order
	return out
}

// between joins rows that are not all after the end of the asset.
func (j *joining) between(old column, c *column) column {
	n := len(old.times)
	end := old.times[n-1]
	plans := j.plansAfter(old.name)
	out := column{name: old.name}
	add := func(time int64, value float64, row int) {
		out.times, out.values, out.order = append(out.times, time), append(out.values, value), append(out.order, uint32(row))
	}
	k := 0
	for p, time := range c.times {
		for ; k < n && old.times[k] < time; k++ {
			add(old.times[k], old.values[k], noRow)
		}
		value := c.values[p]
		same := k < n && old.times[k] == time
		switch {
		case time > end:
			add(time, value, c.row(p))
		case math.IsNaN(value):
			if !j.s.ahead || time <= plans {
				j.s.reportMissing(c, p)
			}
		case same && math.Float64bits(value) == math.Float64bits(old.values[k]):
			j.s.audit.Merged.addLazy(func() Finding {
				return j.s.finding(c, p, "the dataset already has the time %s and the same value", j.s.time(time))
			})
		case j.onto.Replace || time > plans:
			add(time, value, c.row(p))
			if same {
				k++
				j.onto.Replaced++
			}
		case same:
			j.faults.addLazy(func() Finding {
				return j.s.finding(c, p, "the value at %s is %v, and the dataset has %v", j.s.time(time), value, old.values[k])
			})
		default:
			j.faults.addLazy(func() Finding {
				return j.s.finding(c, p, "%s is before the last value of the asset, at %s, and the dataset has no value then", j.s.time(time), j.s.time(end))
			})
		}
	}
	for ; k < n; k++ {
		add(old.times[k], old.values[k], noRow)
	}
	if len(out.times) == n && slices.Equal(out.times, old.times) && !slices.ContainsFunc(out.order, func(row uint32) bool { return row != math.MaxUint32 }) {
		return old // nothing is new
	}
	return out
}

// plansAfter is the time after which the numbers of an asset are plans.
func (j *joining) plansAfter(name string) int64 {
	const never = math.MaxInt64
	t := j.onto.Beside
	if t == nil || t.kind != j.s.kind {
		return never
	}
	if i, known := t.Index(name); known {
		if t.Count(i) == 0 {
			return -never
		}
		return t.End(i).N
	}
	last := int64(-never) // of a wide file, the column belongs to all assets
	for i := range t.Len() {
		if t.Count(i) > 0 {
			last = max(last, t.End(i).N)
		}
	}
	return last
}

// sameZone reports whether two zones have one name; nil is UTC.
func sameZone(a, b *time.Location) bool {
	return newClock(a).zone.String() == newClock(b).zone.String()
}
