package spmd

import "slices"

// maxFiles is how many files the ranks keep mapped.
const maxFiles = 16

// fileTable is the leader's record of which stored files all ranks have mapped.
type fileTable struct {
	last  int            // the highest number in use or used before
	known []knownFile    // the least recently used first
	byKey map[string]int // number of each known file; 0 when some rank could not map it
}

type knownFile struct {
	key    string
	number int
}

func newFileTable() fileTable { return fileTable{byKey: make(map[string]int)} }

// key is equal for files of the same path and content.
func (f *File) key() string { return f.SHA256 + " " + f.Path }

// number is the number of a file that all ranks have mapped, or 0.
func (t *fileTable) number(f *File) int {
	if f == nil || len(t.byKey) == 0 {
		return 0
	}
	return t.byKey[f.key()]
}

// Map asks all ranks to map a stored file, and reports whether all of them could; then the values of series in it are no
// longer sent. Rank 0 keeps the mapping that it has. When there are many files, the least recently requested one is
// unmapped, and the values of series in it are sent again. Map may be called at any time between two steps.
func (l *Leader) Map(f *File) (bool, error) {
	if l.Ranks() == 1 || l.open == nil {
		return false, nil
	}
	t := &l.files
	key := f.key()
	if number, known := t.byKey[key]; known {
		t.markUsed(key)
		return number > 0, nil
	}
	seen, err := identify(f)
	if err != nil {
		return false, nil //nolint:nilerr // the ranks are sent the values instead
	}
	if err := l.evictFiles(); err != nil {
		return false, err
	}
	t.last++
	number := t.last
	if err := l.command(controlOpen, seen.append(appendNumber(nil, uint64(number)))); err != nil {
		return false, err
	}
	all, err := agree(l.comm, true)
	if err != nil {
		return false, err
	}
	if !all {
		number = 0
	}
	t.byKey[key] = number
	t.known = append(t.known, knownFile{key, number})
	return all, nil
}

// markUsed makes a file the most recently used.
func (t *fileTable) markUsed(key string) {
	i := slices.IndexFunc(t.known, func(k knownFile) bool { return k.key == key })
	k := t.known[i]
	t.known = append(slices.Delete(t.known, i, i+1), k)
}

// evictFiles makes the ranks unmap the least recently used files until there is room for another.
func (l *Leader) evictFiles() error {
	t := &l.files
	for len(t.known) >= maxFiles {
		oldest := t.known[0]
		t.known = slices.Delete(t.known, 0, 1)
		delete(t.byKey, oldest.key)
		if oldest.number == 0 {
			continue
		}
		if err := l.command(controlClose, appendNumber(nil, uint64(oldest.number))); err != nil {
			return err
		}
	}
	return nil
}
