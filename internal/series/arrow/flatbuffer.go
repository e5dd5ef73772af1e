package arrow

import (
	"encoding/binary"
	"errors"
)

// flatbuffer is a message in the format of FlatBuffers, in which Arrow writes its headers. Its methods check every
// reference before they follow it. Places are offsets in data.
type flatbuffer struct{ data []byte }

var errHeader = errors.New("a header is damaged")

// each calls a function with the tables in a vector.
func (f flatbuffer) each(table, field int, do func(at int) error) error {
	at, n, err := f.vector(table, field, 4)
	if err != nil {
		return err
	}
	for k := range n {
		item, err := f.table(at + 4*k)
		if err == nil {
			err = do(item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// root is the place of the table that is the message.
func (f flatbuffer) root() (int, error) { return f.table(0) }

// table follows the reference at a place to a table, and checks that the message has its list of fields.
func (f flatbuffer) table(at int) (int, error) {
	if at < 0 || at > len(f.data)-4 {
		return 0, errHeader
	}
	to := at + int(binary.LittleEndian.Uint32(f.data[at:]))
	if to > len(f.data)-4 {
		return 0, errHeader
	}
	list := to - int(int32(binary.LittleEndian.Uint32(f.data[to:])))
	if list < 0 || list > len(f.data)-4 {
		return 0, errHeader
	}
	if size := int(binary.LittleEndian.Uint16(f.data[list:])); size%2 != 0 || size > len(f.data)-list {
		return 0, errHeader
	}
	return to, nil
}

// field is the place of a field of a table, or 0 if the table does not have the field.
func (f flatbuffer) field(table, field int) int {
	list := table - int(int32(binary.LittleEndian.Uint32(f.data[table:])))
	entry := 4 + 2*field
	if entry+2 > int(binary.LittleEndian.Uint16(f.data[list:])) {
		return 0
	}
	offset := int(binary.LittleEndian.Uint16(f.data[list+entry:]))
	if offset == 0 {
		return 0
	}
	return table + offset
}

// child is the place of the table in a field, or 0 if the field is absent.
func (f flatbuffer) child(table, field int) (int, error) {
	at := f.field(table, field)
	if at == 0 {
		return 0, nil
	}
	return f.table(at)
}

// byteField is a field of one byte, or 0 if the table does not have the field.
func (f flatbuffer) byteField(table, field int) byte {
	at := f.field(table, field)
	if at == 0 || at >= len(f.data) {
		return 0
	}
	return f.data[at]
}

// number is a field of eight bytes, or 0 if the table does not have the field.
func (f flatbuffer) number(table, field int) int64 {
	at := f.field(table, field)
	if at == 0 || at > len(f.data)-8 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(f.data[at:]))
}

// vector is the place and the number of the items in a field, each of the given size. It checks that the message has them.
func (f flatbuffer) vector(table, field, size int) (at, n int, err error) {
	ref := f.field(table, field)
	if ref == 0 {
		return 0, 0, nil
	}
	if ref > len(f.data)-4 {
		return 0, 0, errHeader
	}
	at = ref + int(binary.LittleEndian.Uint32(f.data[ref:]))
	if at > len(f.data)-4 {
		return 0, 0, errHeader
	}
	n = int(binary.LittleEndian.Uint32(f.data[at:]))
	at += 4
	if n > (len(f.data)-at)/size {
		return 0, 0, errHeader
	}
	return at, n, nil
}

// text is the text in a field, or empty if the field is absent.
func (f flatbuffer) text(table, field int) (string, error) {
	at, n, err := f.vector(table, field, 1)
	if err != nil {
		return "", err
	}
	return string(f.data[at : at+n]), nil
}
