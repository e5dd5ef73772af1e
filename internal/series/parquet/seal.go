package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
)

// Parquet has checksums for the contents of pages, and none for the headers of pages and the footer, where a single changed
// byte can turn the same bits into other values. So [Seal] puts a checksum of the whole file into the footer, as the build
// in the text created_by, which programs that rewrite a file replace with their own.
const (
	sealText   = "foliocast version 1 (build crc32-"
	sealDigits = "00000000" // takes the checksum's place while it is computed
	sealWithin = 64 << 10   // how far from the end of a file its seal may begin
)

// Seal adds a checksum of the whole file to a Parquet file that is written through it: [Read] refuses the file when any
// byte of it has changed. The writer must be made with [Seal.Option], and closed by [Seal.Close].
type Seal struct {
	out  io.Writer
	sum  uint32
	hold bool
	held []byte // the end of the file, with the footer
}

// NewSeal seals the file that is written to w.
func NewSeal(w io.Writer) *Seal { return &Seal{out: w} }

// Option makes a writer leave room for the checksum.
func (s *Seal) Option() parquetgo.WriterOption {
	return parquetgo.CreatedBy("foliocast", "1 ", "crc32-"+sealDigits)
}

// Write is for the writer of the file.
func (s *Seal) Write(b []byte) (int, error) {
	s.sum = crc32.Update(s.sum, crc32.IEEETable, b)
	if s.hold {
		s.held = append(s.held, b...)
		return len(b), nil
	}
	return s.out.Write(b)
}

// Close closes the writer of the file, and writes the footer with the checksum.
func (s *Seal) Close(writer interface {
	Flush() error
	Close() error
}) error {
	if err := writer.Flush(); err != nil {
		return err
	}
	s.hold = true
	if err := writer.Close(); err != nil {
		return err
	}
	at := bytes.LastIndex(s.held, []byte(sealText+sealDigits))
	if at < 0 || len(s.held)-at > sealWithin {
		return errors.New("the footer has no room for the checksum")
	}
	copy(s.held[at+len(sealText):], fmt.Sprintf("%08x", s.sum))
	_, err := s.out.Write(s.held)
	return err
}

// checkSeal refuses a file whose seal does not match its bytes. A file without a seal passes.
func checkSeal(data []byte) error {
	end := data[max(0, len(data)-sealWithin):]
	at := bytes.LastIndex(end, []byte(sealText))
	if at < 0 {
		return nil
	}
	before, found := data[:len(data)-len(end)+at+len(sealText)], end[at+len(sealText):]
	if len(found) < len(sealDigits) {
		return series.Reject("the Parquet file is cut off")
	}
	sum := crc32.ChecksumIEEE(before)
	sum = crc32.Update(sum, crc32.IEEETable, []byte(sealDigits))
	sum = crc32.Update(sum, crc32.IEEETable, found[len(sealDigits):])
	if string(found[:len(sealDigits)]) != fmt.Sprintf("%08x", sum) {
		return series.Reject("the Parquet file is damaged: its checksum does not match")
	}
	return nil
}
