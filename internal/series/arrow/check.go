package arrow

import (
	"encoding/binary"
	"errors"

	"foliocast/internal/series/guard"
)

// arrowHeaders is what the headers of an Arrow file tell while they are checked.
type arrowHeaders struct {
	dictionaries int // dictionary batches
	views        int // columns of text views, or of other views, outside dictionaries
	wordViews    int // the same within dictionaries
	compressed   bool
}

// flat looks at a FlatBuffers message, in which Arrow writes its headers. The Arrow library makes room for as many
// items as a vector claims to have; checkArrow makes sure before that they are there.
type flat struct{ data []byte }

var errFlat = errors.New("a header is damaged")

// The places of fields in the tables of Arrow's Schema.fbs, File.fbs and Message.fbs.
const (
	footerSchema, footerDictionaries, footerRecords, footerMeta = 1, 2, 3, 4

	schemaFields, schemaMeta, schemaFeatures = 1, 2, 3

	fieldName, fieldTypeKind, fieldType, fieldDictionary, fieldChildren, fieldMeta = 0, 2, 3, 4, 5, 6

	messageKind, messageHeader, messageMeta = 1, 2, 4

	batchNodes, batchBuffers, batchCompression, batchVariadic = 1, 2, 3, 4

	compressionCodec = 0

	dictionaryData = 1
)

const (
	typeUnion        = 14 // the only type that has a vector; no series is one
	typeBinaryView   = 23
	typeTextView     = 24
	headerDictionary = 2
	headerRecord     = 3
	codecZstd        = 1 // the other codec, LZ4, never needs more than 8 MiB
	maxArrowDepth    = 16
	blockSize        = 24 // offset, length of the metadata, length of the body
	structSize       = 16 // of a node and of a buffer
)

// checkArrow checks the headers of an Arrow IPC file.
func checkArrow(data []byte) (arrowHeaders, error) {
	var h arrowHeaders
	const tail = 4 + len(magic)
	end := len(data) - tail
	if end < 8 || string(data[end+4:]) != magic {
		return h, errors.New("it has no footer")
	}
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end)-8 {
		return h, errFlat
	}
	footer := flat{data[int64(end)-size : end]}
	root, err := footer.root()
	if err != nil {
		return h, err
	}
	schema, err := footer.child(root, footerSchema)
	if err != nil || schema == 0 {
		return h, errFlat
	}
	if err := errors.Join(footer.schema(schema, &h), footer.texts(root, footerMeta)); err != nil {
		return h, errFlat
	}
	if h.dictionaries, err = footer.blocks(root, footerDictionaries, data, &h); err == nil {
		_, err = footer.blocks(root, footerRecords, data, &h)
	}
	return h, err
}

// blocks checks the messages that a vector of blocks points to, and tells how many there are.
func (f flat) blocks(table, field int, data []byte, h *arrowHeaders) (int, error) {
	at, n, err := f.vector(table, field, blockSize)
	if err != nil {
		return 0, err
	}
	for k := range n {
		if err := checkBlock(data, f.data[at+blockSize*k:], h); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// checkBlock checks the message that a block of the footer points to.
func checkBlock(data, block []byte, h *arrowHeaders) error {
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
	views := h.views
	switch message.small(root, messageKind) {
	case headerRecord:
	case headerDictionary:
		views = min(h.wordViews, 1)
		if batch, err = message.child(batch, dictionaryData); err != nil || batch == 0 {
			return errFlat
		}
	default:
		return errFlat
	}
	h.compressed = h.compressed || message.field(batch, batchCompression) != 0
	return errors.Join(message.texts(root, messageMeta), message.batch(batch, views, data[from+size:]))
}

// batch checks the vectors of a record batch with so many columns of views, and the buffers in its body.
func (f flat) batch(table, views int, body []byte) error {
	if _, _, err := f.vector(table, batchNodes, structSize); err != nil {
		return err
	}
	buffers, count, err := f.vector(table, batchBuffers, structSize)
	if err != nil {
		return err
	}
	at, n, err := f.vector(table, batchVariadic, 8)
	if err != nil || n < views {
		return errFlat
	}
	for k := range n {
		if binary.LittleEndian.Uint64(f.data[at+8*k:]) > uint64(count) {
			return errFlat
		}
	}
	compression, err := f.child(table, batchCompression)
	if err != nil || compression == 0 || f.small(compression, compressionCodec) != codecZstd {
		return err
	}
	for k := range count {
		from := binary.LittleEndian.Uint64(f.data[buffers+structSize*k:])
		size := binary.LittleEndian.Uint64(f.data[buffers+structSize*k+8:])
		if size == 0 {
			continue
		}
		if from > uint64(len(body)) || size > uint64(len(body))-from || size < 8 {
			return errFlat
		}
		if err := checkZstd(body[from : from+size]); err != nil {
			return err
		}
	}
	return nil
}

// checkZstd checks the memory that a compressed buffer needs: its length when decompressed, then a frame of Zstandard.
func checkZstd(buffer []byte) error {
	length := int64(binary.LittleEndian.Uint64(buffer))
	if length == -1 { // not compressed after all
		return nil
	}
	f, err := guard.ReadZstdFrame(buffer[8:])
	if err != nil || f.Known && f.Content != uint64(length) {
		return errFlat
	}
	if f.Window > guard.MaxZstdWindow {
		return errors.New("its compression needs too much memory")
	}
	return nil
}

// schema checks the vectors of a schema.
func (f flat) schema(table int, h *arrowHeaders) error {
	if _, _, err := f.vector(table, schemaFeatures, 8); err != nil {
		return err
	}
	return errors.Join(f.texts(table, schemaMeta), f.fields(table, schemaFields, maxArrowDepth, h))
}

// fields checks a vector of fields with all that lies within.
func (f flat) fields(table, field, depth int, h *arrowHeaders) error {
	if depth == 0 {
		return errFlat
	}
	return f.each(table, field, func(at int) error {
		dictionary, err := f.child(at, fieldDictionary)
		if err != nil {
			return err
		}
		switch f.small(at, fieldTypeKind) {
		case typeUnion:
			return errors.New("it has a column of a union type")
		case typeBinaryView, typeTextView:
			if dictionary != 0 {
				h.wordViews++
			} else {
				h.views++
			}
		}
		if _, _, err := f.vector(at, fieldName, 1); err != nil {
			return err
		}
		if _, err := f.child(at, fieldType); err != nil {
			return err
		}
		return errors.Join(f.texts(at, fieldMeta), f.fields(at, fieldChildren, depth-1, h))
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
	if list < 0 || list > len(f.data)-4 {
		return 0, errFlat
	}
	if size := int(binary.LittleEndian.Uint16(f.data[list:])); size%2 != 0 || size > len(f.data)-list {
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
