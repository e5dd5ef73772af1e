package series

import "fmt"

// Beside are the values of a column that is known in advance, at the times of the values of asset i and then at the times next,
// which follow its last. x is the table of the column. Its asset of the same name belongs to asset i; that of a wide file, whose
// only asset has the name of the column, belongs to all. Where asset i itself was not observed, a value that the column lacks
// is carried forward. Any other that it lacks is a [FieldError] for x, which names the column, the asset and the time.
func (t *Table) Beside(i int, next []Time, x *Table, column string) ([]float64, error) {
	name := t.names[i]
	j, ok := x.Index(name)
	if !ok {
		if j, ok = x.Index(column); !ok || x.Len() > 1 {
			return nil, &FieldError{"x", fmt.Sprintf("column %q has no value for asset %q", column, name)}
		}
	}
	if x.kind != t.kind {
		return nil, &FieldError{"x", fmt.Sprintf("column %q has %s for times, and the values %s", column, x.kind.withArticle(), t.kind.withArticle())}
	}
	a := &t.assets[i]
	n := a.len()
	out, c, filled := make([]float64, n+len(next)), x.cursor(j), a.filled
	for k := range out {
		own := len(filled) > 0 && int(filled[0]) == k
		if own {
			filled = filled[1:]
		}
		at := int64(0)
		if k < n {
			at = a.axis.times[a.first+k]
		} else {
			at = next[k-n].N
		}
		if out[k], ok = c.at(at, own); !ok {
			return nil, &FieldError{"x", lacking(t, x, i, j, column, k, t.Time(at))}
		}
	}
	return out, nil
}

// lacking says at which time a column lacks a value.
func lacking(t, x *Table, i, j int, column string, k int, at Time) string {
	text := fmt.Sprintf("column %q has no value for asset %q at %s", column, t.names[i], at)
	if k < t.assets[i].len() {
		return text
	}
	step := k - t.assets[i].len() + 1
	if x.assets[j].len() == 0 || x.End(j).Compare(at) < 0 {
		if n := x.assets[j].len(); n > 0 {
			text += fmt.Sprintf(", but only to %s", x.End(j))
		}
	}
	return text + fmt.Sprintf(": the forecast needs its future values, and this is that of step %d", step)
}

// cursor reads the values of one asset in the order of their times.
type cursor struct {
	times  []int64
	values []float64
	filled []int32
	k      int // the next value
	last   int // the value before, or -1
	carry  bool
}

func (t *Table) cursor(i int) cursor {
	a := &t.assets[i]
	return cursor{times: a.axis.times[a.first : a.first+a.len()], values: a.values(), filled: a.filled, last: -1}
}

// at is the value observed at a time, which is later than that of the call before. If nothing was observed then, it is the value
// before, where loose says so, and otherwise false.
func (c *cursor) at(time int64, loose bool) (float64, bool) {
	for c.k < len(c.times) && c.times[c.k] <= time {
		c.carry = len(c.filled) > 0 && int(c.filled[0]) == c.k
		if c.carry {
			c.filled = c.filled[1:]
		}
		c.last = c.k
		c.k++
	}
	if c.last < 0 || !loose && (c.carry || c.times[c.last] != time) {
		return 0, false
	}
	return c.values[c.last], true
}
