package series

import "time"

// knownZones are the zones that [zoneFinder] compares with offsets in a file. Of zones with the same rules the first is
// found. Zones without summer time are not among them: their offset is constant.
var knownZones = [...]string{
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage", "America/Halifax",
	"America/St_Johns", "America/Sao_Paulo", "America/Santiago", "America/Mexico_City", "America/Havana",
	"Europe/London", "Europe/Berlin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Moscow", "Atlantic/Azores",
	"Africa/Cairo", "Africa/Casablanca", "Asia/Jerusalem", "Asia/Beirut", "Asia/Tehran",
	"Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland",
}

// zoneFinder finds the zone of times that carry their offset from UTC: the offset itself if it is constant, otherwise the
// first of the known zones that has the offset of each time.
type zoneFinder struct {
	some     bool // a time was seen
	constant bool // all times had the offset
	offset   int64
	newest   int64 // the newest time, and its offset
	last     int64
	zones    []*clock
	from, to int64 // between these, all zones that are left have the offset
}

// see takes a time and its offset into account.
func (f *zoneFinder) see(at int64, zone *time.Location) {
	offset := f.offset
	if zone != nil {
		_, seconds := time.UnixMicro(at).In(zone).Zone()
		offset = int64(seconds) * 1_000_000
	}
	f.seeOffset(at, offset)
}

func (f *zoneFinder) seeOffset(at, offset int64) {
	if !f.some {
		f.some, f.constant, f.newest = true, true, at
		f.offset, f.last = offset, offset
		f.zones = make([]*clock, 0, len(knownZones))
		for _, name := range knownZones {
			if zone, err := time.LoadLocation(name); err == nil {
				f.zones = append(f.zones, newClock(zone))
			}
		}
	}
	if at >= f.newest {
		f.newest, f.last = at, offset
	}
	if offset == f.offset && at >= f.from && at < f.to {
		return
	}
	f.constant = f.constant && offset == f.offset
	f.offset, f.from, f.to = offset, -1<<62, 1<<62
	left := f.zones[:0]
	for _, c := range f.zones {
		if c.offsetAt(at) == offset {
			left = append(left, c)
			f.from, f.to = max(f.from, c.from), min(f.to, c.to)
		}
	}
	f.zones = left
}

// found is the zone of all times, and a remark on how it was found where that is not obvious. It is nil without times.
func (f *zoneFinder) found() (zone *time.Location, remark string) {
	switch {
	case !f.some:
		return nil, ""
	case f.constant:
		return fixedZone(int(f.last / 1_000_000)), ""
	case len(f.zones) > 0:
		zone = f.zones[0].zone
		return zone, "the times have several offsets from UTC, and all of them are those of " + zone.String() + ": name the zone if it is another"
	}
	zone = fixedZone(int(f.last / 1_000_000))
	return zone, "the times have several offsets from UTC, which are those of no zone that is known here: that of the last time, " +
		zone.String() + ", was taken for all; name the zone if it is another"
}
