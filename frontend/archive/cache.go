package archive

import (
	"slices"
	"sync"

	"foliocast/internal/series"
)

// cache keeps the tables that were used most recently. A table is unmapped when
// it is neither kept nor in use.
type cache struct {
	size   int
	assets int // of all kept tables but the newest: names and axes are in memory, values are not

	mu      sync.Mutex
	entries []*entry // the most recently used at the end
}

type entry struct {
	sha256 string
	once   sync.Once // opens the table
	table  *series.Table
	err    error

	users  int  // guarded by the cache's lock, as are the others
	kept   bool // the cache has it
	opened bool // table is set
}

// maxAssets is how many assets all kept tables may have: some 300 bytes each.
const maxAssets = 200_000

func newCache(size int) *cache { return &cache{size: max(size, 1), assets: maxAssets} }

// take finds or makes the entry of a table, and counts the caller as a user.
func (c *cache) take(sha256 string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.entries, func(e *entry) bool { return e.sha256 == sha256 })
	var e *entry
	if i >= 0 {
		e = c.entries[i]
		c.entries = slices.Delete(c.entries, i, i+1)
	} else {
		e = &entry{sha256: sha256, kept: true}
	}
	e.users++
	c.entries = append(c.entries, e)
	for len(c.entries) > c.size {
		c.forget(c.entries[0])
	}
	return e
}

// opened makes room for a table that was opened.
func (c *cache) opened(opened *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	total := 0
	for _, e := range c.entries {
		if e == opened || e.opened {
			total += e.table.Len()
		}
	}
	opened.opened = true
	for total > c.assets && len(c.entries) > 0 && c.entries[0] != opened {
		if e := c.entries[0]; e.opened {
			total -= e.table.Len()
		}
		c.forget(c.entries[0])
	}
}

// release ends one use.
func (c *cache) release(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.users--
	e.close()
}

// drop is release for an entry that could not be opened. The next caller tries
// again.
func (c *cache) drop(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.users--
	if e.kept {
		c.forget(e)
	}
}

// forget removes an entry from the cache. The caller holds the lock.
func (c *cache) forget(e *entry) {
	c.entries = slices.DeleteFunc(c.entries, func(other *entry) bool { return other == e })
	e.kept = false
	e.close()
}

// close unmaps the table if it is neither kept nor in use. The caller holds the
// lock.
func (e *entry) close() {
	if !e.kept && e.users == 0 && e.table != nil {
		_ = e.table.Close() // unmapping fails only for an address that is not mapped
		e.table = nil
	}
}
