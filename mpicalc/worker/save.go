package worker

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
	"time"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// What the ranks have answered to a long job is saved at the message service while the job goes on, as parts of its message
// that are no parts of the result. A worker that leases the message after this one, in another world of any size, goes on from
// there. The parts of a job go with its end.
const (
	// firstSaved is the index of the first saved part. Results have fewer parts.
	firstSaved = 50_000
	// mostSaved bounds the saved parts of a job. What comes after them is not saved.
	mostSaved = 4096
	// saveBytes is how large a saved part becomes.
	saveBytes = 1 << 20
	// mostPart is the most that the service takes as one part.
	mostPart = 15 << 20
	// unsavedBytes bounds the answers that all jobs together keep until they are old enough to be saved. A job with answers for
	// which there is no room is not saved: it answers so fast that it soon ends.
	unsavedBytes = 64 << 20
	// shortBy is by how much an estimate may be too low: a job that is estimated to end so much sooner than it would be saved is
	// spared the encoding of its answers.
	shortBy = 30
)

// saver keeps the answers to one job and saves them. Only the goroutine that leads the ranks uses it, once the job is prepared.
type saver struct {
	every   time.Duration // between two parts, and the age from which a job is saved
	unsaved *atomic.Int64 // bytes of all jobs
	job     *leasedJob
	outbox  *outbox
	digest  [sha256.Size]byte
	begun   time.Time
	last    time.Time // when something was saved
	parts   int       // saved so far
	blocks  []block   // to be saved
	off     bool
}

// block is what becomes a saved part.
type block struct {
	from, count int // series
	answers     []byte
}

// digestOf identifies a question and the program that answers it: what is saved under another digest is of no use.
func digestOf(program string, payload []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte("saved answers 1\n"+program+"\n"), payload...))
}

// encode is the body of a saved part.
func (b *block) encode(digest []byte) []byte {
	body := append(make([]byte, 0, len(digest)+2*binary.MaxVarintLen64+len(b.answers)), digest...)
	body = binary.AppendUvarint(body, uint64(b.from))
	body = binary.AppendUvarint(body, uint64(b.count))
	return append(body, b.answers...)
}

// parseBlock reads what encode wrote. It reports false for anything else, and under another digest.
func parseBlock(body, digest []byte) (b block, ok bool) {
	rest, ok := bytes.CutPrefix(body, digest)
	for _, number := range []*int{&b.from, &b.count} {
		n, size := binary.Uvarint(rest)
		if !ok || size <= 0 || n > 1<<40 {
			return block{}, false
		}
		*number, rest = int(n), rest[size:]
	}
	b.answers = rest
	return b, true
}

// begin says that the job is with the ranks from now on.
func (s *saver) begin(now time.Time) { s.begun, s.last = now, now }

// take keeps the answer to series i, and saves what is due.
func (s *saver) take(i int, series *spmd.Series, r *forecast.Result, fault error) {
	if s.off {
		return
	}
	if n := len(s.blocks); n == 0 || len(s.blocks[n-1].answers) >= saveBytes {
		s.blocks = append(s.blocks, block{from: i})
	}
	b := &s.blocks[len(s.blocks)-1]
	before := len(b.answers)
	b.answers = spmd.AppendAnswer(b.answers, series, r, fault)
	b.count++
	grown := len(b.answers) - before
	if s.unsaved.Add(int64(grown)) > unsavedBytes || len(b.answers) > mostPart {
		s.giveUp()
		return
	}
	now := time.Now()
	if now.Sub(s.begun) >= s.every && (now.Sub(s.last) >= s.every || len(b.answers) >= saveBytes) {
		s.flush(now)
	}
}

// flush hands what is kept to the outbox, unless that is full.
func (s *saver) flush(now time.Time) {
	for len(s.blocks) > 0 && !s.outbox.full() {
		if s.parts == mostSaved || s.job.saveRefused.Load() {
			s.giveUp()
			return
		}
		b := &s.blocks[0]
		s.outbox.save(s.job, message.Part{Index: firstSaved + s.parts, Body: b.encode(s.digest[:])})
		s.unsaved.Add(-int64(len(b.answers)))
		s.blocks = s.blocks[1:]
		s.parts++
		s.last = now
	}
}

// giveUp saves no more. What was saved stays useful.
func (s *saver) giveUp() {
	for _, b := range s.blocks {
		s.unsaved.Add(-int64(len(b.answers)))
	}
	s.blocks, s.off = nil, true
}
