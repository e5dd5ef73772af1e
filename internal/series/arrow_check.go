package series

import (
	"encoding/binary"
	"errors"
)

// flat looks at a FlatBuffers message, in which Arrow writes its headers. The Arrow library makes room for as many
// items as a vector claims to have; checkArrow makes sure before that they are there.
type flat struct{ data []byte }

var errFlat = errors.New("a header is damaged")

// The places of fields in the tables of Arrow's Schema.fbs, File.fbs and Message.fbs.
const (
	footerSchema, footerDictionaries, footerRecords, footerMeta = 1, 2, 3, 4

	schemaFields, schemaMeta, schemaFeatures = 1, 2, 3

	fieldName, fieldTypeKind, fieldType, fieldChildren, fieldMeta = 0, 2, 3, 5, 6

	messageKind, messageHeader, messageMeta = 1, 2, 4

	batchNodes, batchBuffers, batchVariadic = 1, 2, 4

	dictionaryData = 1
)

const (
	typeUnion        = 14 // the only type that has a vector; no series is one
	headerDictionary = 2
	headerRecord     = 3
	maxArrowDepth    = 16
	blockSize        = 24 // offset, length of the metadata, length of the body
	structSize       = 16 // of a node and of a buffer
)

// checkArrow checks the headers of an Arrow IPC file, and tells how many dictionaries it has.
func checkArrow(data []byte) (dictionaries int, err error) {
	const tail = 4 + len(arrowMagic)
	end := len(data) - tail
	if end < 8 || string(data[end+4:]) != arrowMagic {
		return 0, errors.New("it has no footer")
	}
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end)-8 {
		return 0, errFlat
	}
	footer := flat{data[int64(end)-size : end]}
	root, err := footer.root()
	if err != nil {
		return 0, err
	}
	schema, err := footer.child(root, footerSchema)
	if err != nil || schema == 0 {
		return 0, errFlat
	}
	if err := errors.Join(footer.schema(schema), footer.texts(root, footerMeta)); err != nil {
		return 0, errFlat
	}
	for _, field := range []int{footerDictionaries, footerRecords} {
		at, n, err := footer.vector(root, field, blockSize)
		if err != nil {
			return 0, err
		}
		for k := range n {
			if err := checkBlock(data, footer.data[at+blockSize*k:]); err != nil {
				return 0, err
			}
		}
		if field == footerDictionaries {
			dictionaries = n
		}
	}
	return dictionaries, nil
}

// checkBlock checks the message that a block of the footer points to.
func checkBlock(data, block []byte) error {
	from := int64(binary.LittleEndian.Uint64(block))
	size := int64(int32(binary.LittleEndian.Uint32(block[8:])))
	if from < 0 || size < 8 || from > int64(len(data))-size {
		return errFlat
	}
	head := data[from : from+size]
	if binary.LittleEndian.Uint32(head) == 0xFFFFFFFF { // the marker that newer versions of the format put in front
		head = head[4:]
	}
	message := flat{head[4:]}
	root, err := message.root()
	if err != nil {
		return err
	}
	batch, err := message.child(root, messageHeader)
	if err != nil || batch == 0 {
		return errFlat
	}
	kind := message.small(root, messageKind)
	if kind == headerDictionary {
		if batch, err = message.child(batch, dictionaryData); err != nil || batch == 0 {
			return errFlat
		}
	} else if kind != headerRecord {
		return errFlat
	}
	return errors.Join(message.texts(root, messageMeta), message.batch(batch))
}

// batch checks the vectors of a record batch.
func (f flat) batch(table int) error {
	_, _, err := f.vector(table, batchNodes, structSize)
	if err != nil {
		return err
	}
	_, buffers, err := f.vector(table, batchBuffers, structSize)
	if err != nil {
		return err
	}
	at, n, err := f.vector(table, batchVariadic, 8)
	if err != nil {
		return err
	}
	for k := range n {
		if binary.LittleEndian.Uint64(f.data[at+8*k:]) > uint64(buffers) {
			return errFlat
		}
	}
	return nil
}

// schema checks the vectors of a schema.
func (f flat) schema(table int) error {
	if _, _, err := f.vector(table, schemaFeatures, 8); err != nil {
		return err
	}
	return errors.Join(f.texts(table, schemaMeta), f.fields(table, schemaFields, maxArrowDepth))
}

// fields checks a vector of fields with all that lies within.
func (f flat) fields(table, field, depth int) error {
	if depth == 0 {
		return errFlat
	}
	return f.each(table, field, func(at int) error {
		if f.small(at, fieldTypeKind) == typeUnion {
			return errors.New("it has a column of a union type")
		}
		if _, _, err := f.vector(at, fieldName, 1); err != nil {
			return err
		}
		if _, err := f.child(at, fieldType); err != nil {
			return err
		}
		return errors.Join(f.texts(at, fieldMeta), f.fields(at, fieldChildren, depth-1))
	})
}

// texts checks a vector of keys and values.
func (f flat) texts(table, field int) error {
	return f.each(table, field, func(at int) error {
		_, _, err := f.vector(at, 0, 1)
		_, _, err2 := f.vector(at, 1, 1)
		return errors.Join(err, err2)
	})
}

// each calls a function with the tables in a vector.
func (f flat) each(table, field int, do func(at int) error) error {
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

// root is the place of the message's table.
func (f flat) root() (int, error) { return f.table(0) }

// table follows the reference at a place to a table, and checks that its list of fields is there.
func (f flat) table(at int) (int, error) {
	if at < 0 || at > len(f.data)-4 {
		return 0, errFlat
	}
	to := at + int(binary.LittleEndian.Uint32(f.data[at:]))
	if to > len(f.data)-4 {
		return 0, errFlat
	}
	list := to - int(int32(binary.LittleEndian.Uint32(f.data[to:])))
	if list < 0 || list > len(f.data)-4 || list+int(binary.LittleEndian.Uint16(f.data[list:])) > len(f.data) {
		return 0, errFlat
	}
	return to, nil
}

// field is the place of a field of a table, or 0 when the table does not have it.
func (f flat) field(table, field int) int {
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

// child is the place of a table in a field, or 0.
func (f flat) child(table, field int) (int, error) {
	at := f.field(table, field)
	if at == 0 {
		return 0, nil
	}
	return f.table(at)
}

// small is a field of one byte, or 0.
func (f flat) small(table, field int) byte {
	at := f.field(table, field)
	if at == 0 || at >= len(f.data) {
		return 0
	}
	return f.data[at]
}

// vector is the place and the number of the items in a field, each of the given size.
func (f flat) vector(table, field, size int) (at, n int, err error) {
	ref := f.field(table, field)
	if ref == 0 {
		return 0, 0, nil
	}
	if ref > len(f.data)-4 {
		return 0, 0, errFlat
	}
	at = ref + int(binary.LittleEndian.Uint32(f.data[ref:]))
	if at > len(f.data)-4 {
		return 0, 0, errFlat
	}
	n = int(binary.LittleEndian.Uint32(f.data[at:]))
	at += 4
	if n > (len(f.data)-at)/size {
		return 0, 0, errFlat
	}
	return at, n, nil
}
