package spmd

import "slices"

// maxFiles is how many files the ranks keep mapped.
const maxFiles = 16

// fileTable is what the leader knows of stored files: which of them all ranks have mapped.
type fileTable struct {
	last  int            // number given last
	known []knownFile    // the one used last at the end
	byKey map[string]int // number of each known file; 0 when a rank could not map it
}

type knownFile struct {
	key    string
	number int
}

func newFileTable() fileTable { return fileTable{byKey: make(map[string]int)} }

// key is the same for the same content in the same place.
func (f *File) key() string { return f.SHA256 + " " + f.Path }

// number is that of a file which all ranks have mapped, or 0.
func (t *fileTable) number(f *File) int {
	if f == nil || len(t.byKey) == 0 {
		return 0
	}
	return t.byKey[f.key()]
}

// Map asks all ranks to map a stored file, and reports whether all of them could. From then on the series that lie
// in it are not sent. Rank 0 itself keeps its own mapping. The file that was asked for longest ago gives way when there
// are many; the series of works that lie in it are then sent. It may be called at any time between two steps.
func (l *Leader) Map(f *File) (bool, error) {
	if l.Ranks() == 1 || l.open == nil {
		return false, nil
	}
	t := &l.files
	key := f.key()
	if number, known := t.byKey[key]; known {
		t.used(key)
		return number > 0, nil
	}
	seen, err := see(f)
	if err != nil {
		return false, nil //nolint:nilerr // a file that is gone is not mapped
	}
	if err := l.makeRoom(); err != nil {
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

// used moves a file to the end of the line of those that give way.
func (t *fileTable) used(key string) {
	i := slices.IndexFunc(t.known, func(k knownFile) bool { return k.key == key })
	k := t.known[i]
	t.known = append(slices.Delete(t.known, i, i+1), k)
}

// makeRoom lets the ranks unmap the files that were used longest ago.
func (l *Leader) makeRoom() error {
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
