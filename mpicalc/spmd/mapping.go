package spmd

import (
	"fmt"
	"slices"
)

// maxFiles is how many files the ranks keep mapped.
const maxFiles = 16

// fileTable is the leader's record of which stored files the ranks have mapped.
type fileTable struct {
	last  int                   // the highest number in use or used before
	known []*knownFile          // the least recently used first
	byKey map[string]*knownFile // the same
}

// knownFile is a file that the ranks were asked to map.
type knownFile struct {
	key    string
	number int
	mapped []bool // by rank; false until it has said that it could
	votes  int    // how many ranks have said whether they could
}

func newFileTable() fileTable { return fileTable{byKey: make(map[string]*knownFile)} }

// key is equal for files of the same path and content.
func (f *File) key() string { return f.SHA256 + " " + f.Path }

// number is the number of a file that a rank has mapped, or 0.
func (t *fileTable) number(f *File, rank int) int {
	if f == nil || len(t.byKey) == 0 {
		return 0
	}
	k := t.byKey[f.key()]
	if k == nil || !k.mapped[rank] {
		return 0
	}
	return k.number
}

// vote takes the message in which a rank says whether it could map a file.
func (t *fileTable) vote(rank int, message []byte) error {
	in := reader{rest: message}
	number, can := in.number(maxCount), in.byte() == 1
	if err := in.end(); err != nil {
		return err
	}
	for _, k := range t.known {
		if k.number == number {
			k.mapped[rank] = can
			k.votes++
		}
	}
	return nil
}

// Map asks all ranks to map a stored file, and reports whether all of them could. A rank that could is no longer sent the
// values of series in it. Rank 0 keeps the mapping that it has. When there are many files, the least recently requested one is
// unmapped, and the values of series in it are sent again. Map may be called at any time between two steps. It waits until each
// rank has fitted the chunks that it has.
func (l *Leader) Map(f *File) (bool, error) {
	if l.Ranks() == 1 || l.open == nil {
		return false, nil
	}
	t := &l.files
	key := f.key()
	if k := t.byKey[key]; k != nil {
		t.markUsed(k)
		return k.everywhere(), nil
	}
	seen, err := identify(f)
	if err != nil {
		return false, nil //nolint:nilerr // the ranks are sent the values instead
	}
	if err := l.evictFiles(); err != nil {
		return false, err
	}
	t.last++
	k := &knownFile{key: key, number: t.last, mapped: make([]bool, l.Ranks()), votes: 1}
	k.mapped[0] = true
	t.known, t.byKey[key] = append(t.known, k), k
	message := appendNumber([]byte{messageOpen}, uint64(k.number))
	if err := l.tell(seen.append(message)); err != nil {
		return false, fmt.Errorf("tell the ranks of a file: %w", err)
	}
	for r := 1; r < l.Ranks(); r++ {
		l.await(&l.peers[r]).votes++
	}
	for k.votes < l.Ranks() {
		if err := l.pump(true); err != nil {
			return false, err
		}
	}
	return k.everywhere(), nil
}

// everywhere reports whether all ranks have mapped the file.
func (k *knownFile) everywhere() bool { return !slices.Contains(k.mapped, false) }

// markUsed makes a file the most recently used.
func (t *fileTable) markUsed(k *knownFile) {
	i := slices.Index(t.known, k)
	t.known = append(slices.Delete(t.known, i, i+1), k)
}

// evictFiles makes the ranks unmap the least recently used files until there is room for another.
func (l *Leader) evictFiles() error {
	t := &l.files
	for len(t.known) >= maxFiles {
		oldest := t.known[0]
		t.known = slices.Delete(t.known, 0, 1)
		delete(t.byKey, oldest.key)
		if err := l.tell(appendNumber([]byte{messageClose}, uint64(oldest.number))); err != nil {
			return fmt.Errorf("tell the ranks to unmap a file: %w", err)
		}
	}
	return nil
}
