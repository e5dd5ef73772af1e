package serve

import (
	"bytes"
	"hash/maphash"
)

// distinct begins a set of texts inside the text, such as the names of an object.
func (p *pass) distinct() distinct { return distinct{pass: p, begin: len(p.names)} }

// distinct is a set of texts. The few of most objects are compared. Of many, only the
// hashes are kept: two texts that have the same one are taken to be equal.
type distinct struct {
	*pass
	begin int
	many  map[uint64]struct{}
}

// few is how many texts are compared.
const few = 16

var seed = maphash.MakeSeed()

// add reports whether a text is not in the set, and adds it.
func (d *distinct) add(text []byte) bool {
	if d.many != nil {
		return d.hash(text)
	}
	for _, other := range d.names[d.begin:] {
		if bytes.Equal(other, text) {
			return false
		}
	}
	d.names = append(d.names, text)
	if len(d.names)-d.begin < few {
		return true
	}
	d.many = make(map[uint64]struct{})
	for _, other := range d.names[d.begin:] {
		if !d.hash(other) {
			return false
		}
	}
	return true
}

func (d *distinct) hash(text []byte) bool {
	n := len(d.many)
	d.many[maphash.Bytes(seed, text)] = struct{}{}
	return len(d.many) > n
}

// end forgets the set.
func (d *distinct) end() bool {
	d.names = d.names[:d.begin]
	return true
}
