package spmd

import (
	"fmt"
	"testing"
)

func TestTheCacheForgetsTheOldestAnswers(t *testing.T) {
	t.Parallel()
	const limit, each = 10_000, 100
	c := newAnswerCache(limit)
	answer := make([]byte, each)
	used := "used"
	c.keep(used, answer)
	for i := range 1000 {
		c.keep(fmt.Sprint(i), answer)
		if c.find(used) == nil {
			t.Fatalf("an answer that is found again and again was forgotten after %d others", i)
		}
	}
	if c.find("0") != nil {
		t.Error("the first of 1000 answers is still there")
	}
	if n := len(c.young) + len(c.old); n > limit/each+2 {
		t.Errorf("%d answers of %d bytes are kept, want at most %d bytes", n, each, limit)
	}
}

func TestManyTextsAreNotKept(t *testing.T) {
	t.Parallel()
	var d decoder
	for i := range 5000 {
		d.intern(fmt.Append(nil, i))
	}
	if n := len(d.interned); n > 1001 {
		t.Errorf("%d texts are kept", n)
	}
}

// A count beyond the bytes that are left must not make a parser allocate for it.
func TestCountsAreBoundedByTheBytes(t *testing.T) {
	t.Parallel()
	in := reader{rest: append(appendNumber(nil, 3), make([]byte, 40)...)}
	if n := in.count(16); n != 0 || in.err() == nil {
		t.Errorf("read a count of %d elements of 16 bytes from 40 bytes", n)
	}
	in = reader{rest: append(appendNumber(nil, 3), make([]byte, 48)...)}
	if n := in.count(16); n != 3 || in.err() != nil {
		t.Errorf("read a count of %d, %v, want 3", n, in.err())
	}
}
