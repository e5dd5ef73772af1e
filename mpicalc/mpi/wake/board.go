package wake

import (
	"encoding/binary"
	"sync/atomic"
	"time"
)

// board is memory of a node in which its leader publishes one message after the other, and each of
// the readers reads every message once. All accesses are atomic, since the processes that share it
// know no other order. Both counters may wrap: they are only compared for being equal, and the
// leader is never more than one message ahead of a reader.
type board struct {
	words    []uint32
	readers  uint32
	number   uint32       // of the last message that this process has published or read
	progress func() error // is called at times while this process waits
}

// The words of a board. Counters that different processes write are on different cache lines.
const (
	boardNumber  = 0  // of the last message
	boardReads   = 32 // of all messages by all readers
	boardMessage = 64
	boardWords   = boardMessage + Limit/4
)

// publish waits until all readers have read the message before, and wakes them for this one.
func (b *board) publish(message []byte) error {
	number, reads := &b.words[boardNumber], &b.words[boardReads]
	if err := b.await(reads, func(n uint32) bool { return n == b.number*b.readers }); err != nil {
		return err
	}
	var bytes [Limit]byte
	copy(bytes[:], message)
	for i := range Limit / 4 {
		atomic.StoreUint32(&b.words[boardMessage+i], binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	b.number++
	atomic.StoreUint32(number, b.number)
	if b.readers == 0 {
		return nil
	}
	return futexWake(number)
}

// read waits for the message after the last one.
func (b *board) read(message []byte) error {
	number, reads := &b.words[boardNumber], &b.words[boardReads]
	if err := b.await(number, func(n uint32) bool { return n != b.number }); err != nil {
		return err
	}
	b.number++
	var bytes [Limit]byte
	for i := range Limit / 4 {
		binary.LittleEndian.PutUint32(bytes[4*i:], atomic.LoadUint32(&b.words[boardMessage+i]))
	}
	copy(message, bytes[:])
	if atomic.AddUint32(reads, 1) == b.number*b.readers {
		return futexWake(reads) // the last reader wakes the leader
	}
	return nil
}

// The first and the longest time for which await sleeps without a call of progress.
const (
	firstPause   = time.Millisecond
	longestPause = time.Second
)

// await sleeps until the word is what the caller waits for.
func (b *board) await(word *uint32, ready func(uint32) bool) error {
	pause := firstPause
	for {
		now := atomic.LoadUint32(word)
		if ready(now) {
			return nil
		}
		begin := time.Now()
		if err := futexWait(word, now, pause); err != nil {
			return err
		}
		if time.Since(begin) < pause {
			continue
		}
		if err := b.progress(); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}
