package arrow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"foliocast/internal/series"
)

// isStream reports whether the data begin as an Arrow IPC stream does: with a schema, not with the name of a format.
func isStream(data []byte) bool {
	head, _, err := nextMessage(data)
	if err != nil || head.data == nil {
		return false
	}
	root, err := head.root()
	return err == nil && head.byteField(root, messageKind) == headerSchema
}

// streamRecords are the records of a stream.
type streamRecords struct{ *ipc.Reader }

// newStream reads the schema of a stream in memory, whose messages it has checked.
func newStream(data []byte, b *series.Budget) (*streamRecords, error) {
	err := checkStream(data)
	var s *ipc.Reader
	if err == nil {
		s, err = ipc.NewReader(bytes.NewReader(data), ipc.WithAllocator(newBounded(len(data), b)), ipc.WithBodySizeLimit(0))
	}
	if err != nil {
		return nil, series.Reject("not a readable Arrow stream: %v", err)
	}
	return &streamRecords{s}, nil
}

func (s *streamRecords) next() (apache.RecordBatch, error) {
	record, err := s.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return record, err
}

// checkStream does for the messages of a stream what checkHeaders does for those of a file.
func checkStream(data []byte) error {
	var h headers
	for first := true; len(data) > 0; first = false {
		head, rest, err := nextMessage(data)
		if err != nil {
			return err
		}
		if head.data == nil { // the end of the stream
			return nil
		}
		root, err := head.root()
		if err != nil {
			return err
		}
		size := head.number(root, messageBody)
		if size < 0 || size > int64(len(rest)) {
			return errors.New("it is cut off")
		}
		isSchema := head.byteField(root, messageKind) == headerSchema
		switch {
		case isSchema != first:
			return errHeader
		case isSchema:
			err = head.schemaMessage(root, &h)
		default:
			err = head.batchMessage(root, rest[:size], &h)
		}
		if err != nil {
			return err
		}
		data = rest[size:]
	}
	return nil
}

// nextMessage is the metadata of the message at the beginning of b, and what follows them. The end of a stream, whose
// metadata have no bytes, has none.
func nextMessage(b []byte) (flatbuffer, []byte, error) {
	if len(b) >= 4 && binary.LittleEndian.Uint32(b) == continuation {
		b = b[4:]
	}
	if len(b) < 4 {
		return flatbuffer{}, nil, errors.New("it is cut off")
	}
	size := binary.LittleEndian.Uint32(b)
	b = b[4:]
	switch {
	case size == 0:
		return flatbuffer{}, b, nil
	case uint64(size) > uint64(len(b)):
		return flatbuffer{}, nil, errors.New("it is cut off")
	}
	return flatbuffer{b[:size]}, b[size:], nil
}
