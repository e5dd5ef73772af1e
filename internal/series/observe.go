package series

import "slices"

// observe leaves in each column the rows that have a value: a time at which nothing was observed is no time of the column.
// Columns with equal times before share their times afterwards, if they lack the same rows.
func (s *source) observe() {
	var read, kept []int64 // the times of the last column with gaps, before and after
	for i := range s.columns {
		c := &s.columns[i]
		c.trim()
		lacking := 0
		for _, v := range c.values {
			if v != v {
				lacking++
			}
		}
		if lacking == 0 {
			continue
		}
		whole := c.times
		c.drop(len(c.values) - lacking)
		if sameSlice(whole, read) && slices.Equal(c.times, kept) {
			c.times = kept
		}
		read, kept = whole, c.times
	}
}

// drop removes the rows without a value, so that n are left. The values move, the times are copied.
func (c *column) drop(n int) {
	times, order, lost := make([]int64, 0, n), make([]uint32, 0, n), make([]uint32, 0, n)
	values := c.values[:0]
	before := uint32(0)
	for k, v := range c.values {
		if v != v {
			before++
			continue
		}
		times, order, lost, values = append(times, c.times[k]), append(order, uint32(c.row(k))), append(lost, before), append(values, v)
		before = 0
	}
	c.rows, c.lost = c.times, lost
	c.times, c.values, c.order, c.base = times, values[:n:n], order, 0
}
