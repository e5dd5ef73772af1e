package store

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// A line is the waiting messages of one owner at one priority in one queue that were never
// leased, in upload order. Messages come at its end and, mostly, leave at its beginning, where
// the index keeps what is gone for a while, and as long as any transaction of the server
// is open that is older. So a store remembers where its lines begin, as the latest claims saw them.
//
// Nothing makes such a beginning wrong: uploads get their seq under the lock of the
// deal, so that none appears before one that was seen; whatever else begins to wait has a
// token, and is not in a line; and a dealing, which moves messages between lines, has a
// time by which a claim notices that it does not know the lines, and finds them anew.
// Instances of the version before give no token to a message that they change or bring back: it
// is found once the lines are older than linesTime.
type line struct {
	Queue    int64
	Owner    string
	Priority int16
}

// compare orders lines by owner first: owners take turns.
func (l line) compare(other line) int {
	return cmp.Or(cmp.Compare(l.Owner, other.Owner), cmp.Compare(l.Queue, other.Queue), cmp.Compare(other.Priority, l.Priority))
}

const (
	// linesTime is for how long lines are believed without being read from the index.
	linesTime = time.Minute
	// maxLines is how many lines one claim looks at.
	maxLines = 1000
	// maxRecent is how many new messages a claim looks at to learn of new lines.
	maxRecent = 10_000
)

// place is what is known of a line, or what a claim saw of it.
type place struct {
	line
	First int64 // seq before which nothing waits, for a claim of the first message, or 0 when none waits
	Last  int64 // seq of a message that was seen in it, for a claim of the last new one, or 0 without any
}

// lines are the lines of all queues as of a moment. Safe for concurrent use.
type lines struct {
	mu      sync.Mutex
	dealing time.Time // the latest dealing; zero before the lines are known
	read    time.Time
	seen    int64   // the seq after which there may be more of them
	all     []place // in their order
}

// known is what a claim is told of the lines.
type known struct {
	Dealing time.Time
	Alone   bool // no step of a dealing happens meanwhile
	Seen    int64
	Places  []place
}

// after returns the lines in the queues, or of all with nil, those of the owners after one first,
// or false when they are not known.
func (l *lines) after(owner string, queues []int64) (known, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dealing.IsZero() || time.Since(l.read) > linesTime {
		return known{}, false
	}
	return known{Dealing: l.dealing, Seen: l.seen, Places: around(l.all, owner, queues)}, true
}

// many reports whether there are more lines than one claim looks at.
func (l *lines) many() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all) > maxLines
}

// around returns at most maxLines places in the queues, those of the owners after one first.
func around(all []place, owner string, queues []int64) []place {
	begin, _ := slices.BinarySearchFunc(all, owner, func(p place, owner string) int {
		if p.Owner <= owner {
			return -1
		}
		return 1
	})
	var some []place
	for _, half := range [][]place{all[begin:], all[:begin]} {
		for _, p := range half {
			if len(some) == maxLines {
				return some
			}
			if queues == nil || slices.Contains(queues, p.Queue) {
				some = append(some, p)
			}
		}
	}
	return some
}

// found sets what find_lines returned.
func (l *lines) found(k known) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dealing, l.read, l.seen, l.all = k.Dealing, time.Now(), k.Seen, slices.Clone(k.Places)
}

// saw learns from a claim that was told of the lines of a dealing and saw messages up to a seq.
// Another claim may have seen more meanwhile.
func (l *lines) saw(dealing time.Time, top int64, looks []place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.dealing.Equal(dealing) {
		return
	}
	for _, s := range looks {
		i, ok := slices.BinarySearchFunc(l.all, s.line, func(p place, other line) int { return p.compare(other) })
		switch {
		case ok && s.First == 0 && max(l.all[i].Last, s.Last) <= top:
			l.all = slices.Delete(l.all, i, i+1)
		case ok:
			l.all[i].First, l.all[i].Last = max(l.all[i].First, s.First), max(l.all[i].Last, s.Last)
		case s.First > 0 && s.Last > 0:
			l.all = slices.Insert(l.all, i, s)
		}
	}
	l.seen = max(l.seen, top)
}

// forget is called when the lines are not what they were, or the database may have lost what it had told.
func (l *lines) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dealing, l.all = time.Time{}, nil
}
