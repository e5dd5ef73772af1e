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
