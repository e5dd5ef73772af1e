package series

import (
	"fmt"
	"sync"
	"time"

	"foliocast/internal/series/calendar"
)

// Table holds the series of a file, one for each asset, in the order in which the file first names them. It is immutable and
// safe for concurrent use, except for [Table.Close].
type Table struct {
	names  []string
	assets []Asset
	kind   Kind
	zone   *time.Location // of instants
	freq   Freq
	shared bool // see [Table.Shared]
	origin Origin
	// release unmaps the file that the values are in; nil when they are in memory of their own.
	release func() error

	indexOnce sync.Once
	index     map[string]int
}

// NewTable makes a table of assets and their names. The axes must be of the given kind; for zone see [Table.Zone], for shared
// [Table.Shared]. The slices become the table's.
func NewTable(kind Kind, zone *time.Location, shared bool, names []string, assets []Asset) *Table {
	if len(names) != len(assets) {
		panic(fmt.Sprintf("series: %d names for %d assets", len(names), len(assets)))
	}
	return &Table{names: names, assets: assets, kind: kind, zone: zone, freq: commonFreq(assets), shared: shared || kind != Step}
}

// commonFreq is the frequency of all assets that have values, or empty when they differ.
func commonFreq(assets []Asset) Freq {
	var last *Axis
	var freq Freq
	for _, a := range assets {
		if a.axis == last || a.len() == 0 {
			continue
		}
		own := a.axis.rule.freq()
		if last != nil && own != freq {
			return ""
		}
		last, freq = a.axis, own
	}
	return freq
}

// Origin is what a table remembers of how its file was read, so that [Table.AsOf] can judge a part of it anew.
type Origin struct {
	// ZoneFound says that the zone was found from the offsets of the times, and not named.
	ZoneFound bool
	// Freq is the frequency that was asked for, or empty.
	Freq Freq
}

// Origin is how the table's file was read.
func (t *Table) Origin() Origin { return t.origin }

// SetOrigin sets what Origin returns. It is for readers of tables that were stored.
func (t *Table) SetOrigin(o Origin) { t.origin = o }

// derived is a table with other assets of the same names, kind, zone and origin.
func (t *Table) derived(assets []Asset) *Table {
	out := NewTable(t.kind, t.zone, t.shared, t.names, assets)
	out.origin = t.origin
	return out
}

// Len is the number of assets.
func (t *Table) Len() int { return len(t.assets) }

// Names are the assets' names in file order. The caller must not change them.
func (t *Table) Names() []string { return t.names }

// Index finds an asset by its exact name.
func (t *Table) Index(name string) (int, bool) {
	t.indexOnce.Do(func() {
		t.index = make(map[string]int, len(t.names))
		for i, n := range t.names {
			t.index[n] = i
		}
	})
	i, ok := t.index[name]
	return i, ok
}

// Values are the values of asset i from its first to its last, all finite. The slice may be part of a mapped file: writing to
// it faults, and it is gone after [Table.Close]. It is empty for an asset without any value. Values that are in two files are
// copied at each call.
func (t *Table) Values(i int) []float64 { return t.assets[i].values() }

// Pieces are the values of asset i in the one or two pieces in which they are stored, without a copy.
func (t *Table) Pieces(i int) (head, tail []float64) { return t.assets[i].head, t.assets[i].tail }

// Count is the number of values of asset i.
func (t *Table) Count(i int) int { return t.assets[i].len() }

// Kind is how the table counts time.
func (t *Table) Kind() Kind { return t.kind }

// Zone is the zone of the table's times, in which days begin and times are written. It is nil for a table whose times are
// not instants, and for instants in UTC.
func (t *Table) Zone() *time.Location { return t.zone }

// Time is the time with a number in the unit of the table's kind, as [Axis.Times] has them.
func (t *Table) Time(n int64) Time { return Time{t.kind, n, t.zone} }

// Freq is the frequency that all assets have in common, or empty when it is unknown or they differ.
func (t *Table) Freq() Freq { return t.freq }

// FreqOf is the frequency of asset i.
func (t *Table) FreqOf(i int) Freq { return t.assets[i].axis.rule.freq() }

// CalendarOf is the calendar of asset i, or nil for integer steps and for times without a rule.
func (t *Table) CalendarOf(i int) *calendar.Calendar { return t.assets[i].axis.rule.calendar }

// Filled counts the values of asset i that were missing in the file and carried forward.
func (t *Table) Filled(i int) int { return len(t.assets[i].filled) }

// At is the time of value k of asset i.
func (t *Table) At(i, k int) Time {
	a := &t.assets[i]
	return t.Time(a.axis.times[a.first+k])
}

// Start is the time of the first value of asset i, which must have one.
func (t *Table) Start(i int) Time { return t.At(i, 0) }

// End is the time of the last value of asset i, which must have one.
func (t *Table) End(i int) Time { return t.At(i, t.assets[i].len()-1) }

// Shared reports whether equal times of two assets mean the same moment. They do for dates and times of day, and for
// the integer steps of a wide file; in a long file of steps each asset may count from its own beginning.
func (t *Table) Shared() bool { return t.shared }

// OnClose makes [Table.Close] call release once. It is for readers that leave the values in a mapped file.
func (t *Table) OnClose(release func() error) { t.release = release }

// Close unmaps the file that the values are in; they are gone then. A table without a mapped file needs no Close.
func (t *Table) Close() error {
	if t.release == nil {
		return nil
	}
	release := t.release
	t.release = nil
	return release()
}
