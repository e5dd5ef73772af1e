package arrow

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"

	"foliocast/internal/series/guard"
)

// headers is what checkHeaders learns of an Arrow file.
type headers struct {
	dictionaries    int           // dictionary batches
	views           int           // columns of text views and binary views
	dictionaryViews map[int64]int // the same, in each dictionary by its number
	compressed      bool
}

// The places of fields in the tables of Arrow's Schema.fbs, File.fbs and Message.fbs.
const (
	footerSchema, footerDictionaries, footerRecords, footerMeta = 1, 2, 3, 4

	schemaFields, schemaMeta, schemaFeatures = 1, 2, 3

	fieldName, fieldTypeKind, fieldType, fieldDictionary, fieldChildren, fieldMeta = 0, 2, 3, 4, 5, 6

	messageKind, messageHeader, messageBody, messageMeta = 1, 2, 3, 4

	batchNodes, batchBuffers, batchCompression, batchVariadic = 1, 2, 3, 4

	compressionCodec = 0

	dictionaryID, dictionaryData = 0, 1 // the number has the same place in the field and in the batch

	timestampZone = 1
)

const (
	continuation     = 0xFFFFFFFF // the marker in front of a message, in newer versions of the format
	typeTimestamp    = 10
	typeUnion        = 14 // the only type with a vector of its own
	typeBinaryView   = 23
	typeTextView     = 24
	headerSchema     = 1
	headerDictionary = 2
	headerRecord     = 3
	codecZstd        = 1 // the other codec, LZ4, needs 8 MiB at most
	maxArrowDepth    = 16
	blockSize        = 24 // offset, length of the metadata, length of the body
	structSize       = 16 // of a node and of a buffer
)

// checkHeaders checks the headers of an Arrow IPC file. The library makes room for as many items as a vector in them claims
// to have, so checkHeaders makes sure that the file has these items.
func checkHeaders(data []byte) (headers, error) {
	var h headers
	const tail = 4 + len(magic)
	end := len(data) - tail
	if end < 8 || string(data[end+4:]) != magic {
		return h, errors.New("it has no footer")
	}
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end)-8 {
		return h, errHeader
	}
	footer := flatbuffer{data[int64(end)-size : end]}
	root, err := footer.root()
	if err != nil {
		return h, err
	}
	schema, err := footer.child(root, footerSchema)
	if err != nil || schema == 0 {
		return h, errHeader
	}
	if err := cmp.Or(footer.schema(schema, &h), footer.texts(root, footerMeta)); err != nil {
		return h, err
	}
	if h.dictionaries, err = footer.blocks(root, footerDictionaries, data, &h); err == nil {
		_, err = footer.blocks(root, footerRecords, data, &h)
	}
	return h, err
}

// blocks checks the messages that a vector of blocks points to, and returns their number.
func (f flatbuffer) blocks(table, field int, data []byte, h *headers) (int, error) {
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
func checkBlock(data, block []byte, h *headers) error {
	from := int64(binary.LittleEndian.Uint64(block))
	size := int64(int32(binary.LittleEndian.Uint32(block[8:])))
	if from < 0 || size < 8 || from > int64(len(data))-size {
		return errHeader
	}
	head := data[from : from+size]
	if binary.LittleEndian.Uint32(head) == continuation {
		head = head[4:]
	}
	message := flatbuffer{head[4:]}
	root, err := message.root()
	if err != nil {
		return err
	}
	return message.batchMessage(root, data[from+size:], h)
}

// schemaMessage checks a message with a schema.
func (f flatbuffer) schemaMessage(root int, h *headers) error {
	schema, err := f.child(root, messageHeader)
	if err != nil || schema == 0 {
		return errHeader
	}
	return cmp.Or(f.texts(root, messageMeta), f.schema(schema, h))
}

// batchMessage checks a message with a record or a dictionary, whose body is at the beginning of body.
func (f flatbuffer) batchMessage(root int, body []byte, h *headers) error {
	batch, err := f.child(root, messageHeader)
	if err != nil || batch == 0 {
		return errHeader
	}
	views := h.views
	switch f.byteField(root, messageKind) {
	case headerRecord:
	case headerDictionary:
		views = min(h.dictionaryViews[f.number(batch, dictionaryID)], 1) // fields may share a dictionary
		if batch, err = f.child(batch, dictionaryData); err != nil || batch == 0 {
			return errHeader
		}
	default:
		return errHeader
	}
	h.compressed = h.compressed || f.field(batch, batchCompression) != 0
	return cmp.Or(f.texts(root, messageMeta), f.batch(batch, views, body))
}

// batch checks the vectors of a record batch, which must have at least the given number of views, and the buffers in its
// body.
func (f flatbuffer) batch(table, views int, body []byte) error {
	if _, _, err := f.vector(table, batchNodes, structSize); err != nil {
		return err
	}
	buffers, count, err := f.vector(table, batchBuffers, structSize)
	if err != nil {
		return err
	}
	at, n, err := f.vector(table, batchVariadic, 8)
	if err != nil || n < views {
		return errHeader
	}
	for k := range n {
		if binary.LittleEndian.Uint64(f.data[at+8*k:]) > uint64(count) {
			return errHeader
		}
	}
	compression, err := f.child(table, batchCompression)
	if err != nil || compression == 0 || f.byteField(compression, compressionCodec) != codecZstd {
		return err
	}
	for k := range count {
		from := binary.LittleEndian.Uint64(f.data[buffers+structSize*k:])
		size := binary.LittleEndian.Uint64(f.data[buffers+structSize*k+8:])
		if size == 0 {
			continue
		}
		if from > uint64(len(body)) || size > uint64(len(body))-from || size < 8 {
			return errHeader
		}
		if err := checkZstd(body[from : from+size]); err != nil {
			return err
		}
	}
	return nil
}

// checkZstd checks how much memory a compressed buffer needs. The buffer has its decompressed length and a frame of Zstandard.
func checkZstd(buffer []byte) error {
	length := int64(binary.LittleEndian.Uint64(buffer))
	if length == -1 { // the buffer is not compressed
		return nil
	}
	f, err := guard.ReadZstdFrame(buffer[8:])
	if err != nil || f.Known && f.Content != uint64(length) {
		return errHeader
	}
	if f.Window > guard.MaxZstdWindow {
		return errors.New("its compression needs too much memory")
	}
	return nil
}

// schema checks the vectors of a schema.
func (f flatbuffer) schema(table int, h *headers) error {
	if _, _, err := f.vector(table, schemaFeatures, 8); err != nil {
		return err
	}
	return cmp.Or(f.texts(table, schemaMeta), f.fields(table, schemaFields, maxArrowDepth, h))
}

// fields checks a vector of fields and their children.
func (f flatbuffer) fields(table, field, depth int, h *headers) error {
	if depth == 0 {
		return errHeader
	}
	return f.each(table, field, func(at int) error {
		dictionary, err := f.child(at, fieldDictionary)
		if err != nil {
			return err
		}
		switch f.byteField(at, fieldTypeKind) {
		case typeUnion:
			name, _ := f.text(at, fieldName)
			return fmt.Errorf("column %q has a union type: write the file without it", name)
		case typeBinaryView, typeTextView:
			if dictionary == 0 {
				h.views++
				break
			}
			if h.dictionaryViews == nil {
				h.dictionaryViews = make(map[int64]int)
			}
			h.dictionaryViews[f.number(dictionary, dictionaryID)]++
		}
		if _, _, err := f.vector(at, fieldName, 1); err != nil {
			return err
		}
		if _, err := f.child(at, fieldType); err != nil {
			return err
		}
		return cmp.Or(f.texts(at, fieldMeta), f.fields(at, fieldChildren, depth-1, h))
	})
}

// texts checks a vector of keys and values.
func (f flatbuffer) texts(table, field int) error {
	return f.each(table, field, func(at int) error {
		_, _, err := f.vector(at, 0, 1)
		_, _, err2 := f.vector(at, 1, 1)
		return cmp.Or(err, err2)
	})
}
