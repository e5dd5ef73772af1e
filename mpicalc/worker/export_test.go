package worker

import "time"

// SetMemory bounds the memory of open tables.
func (d *Datasets) SetMemory(bytes int64) { d.most = bytes }

// Memory is what open tables take, by estimate.
func (d *Datasets) Memory() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.memory
}

// SetStall bounds the time that a fetch may go without a byte.
func (d *Datasets) SetStall(t time.Duration) { d.cache.stall = t }

// WithClosing bounds the time in which answers are still sent at the end.
func (c Config) WithClosing(t time.Duration) Config {
	c.closing = t
	return c
}

// Late looks, after each of the times, whether ranks that were called at first are late, and returns how many looks it
// took, or 0.
func Late(limit time.Duration, excused func(look int) bool, looks ...time.Duration) int {
	begin := time.Now()
	w := &watch{limit: limit, since: begin, seen: begin}
	for i, at := range looks {
		if w.late(begin.Add(at), excused(i)) {
			return i + 1
		}
	}
	return 0
}
