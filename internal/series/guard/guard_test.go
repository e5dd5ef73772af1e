package guard

import (
	"context"
	"errors"
	"strings"
	"testing"

	"foliocast/internal/series"
)

func TestRecover(t *testing.T) {
	t.Parallel()
	read := func(panics bool) (result []int, err error) {
		defer Recover(&result, &err)
		result = []int{1}
		if panics {
			panic("the library trusts a count")
		}
		return result, nil
	}
	if got, err := read(false); err != nil || len(got) != 1 {
		t.Errorf("without a panic: got %v, %v", got, err)
	}
	got, err := read(true)
	if rejected, ok := errors.AsType[*series.RejectError](err); !ok || got != nil || !strings.Contains(rejected.Error(), "trusts a count") {
		t.Errorf("got %v, %v, want a RejectError with the reason of the panic", got, err)
	}
}

// What Go says of a fault in the code of a library is for nobody who sends a file, and what a reader of ours says stays as it is.
func TestRecoverSpeaksPlainly(t *testing.T) {
	t.Parallel()
	read := func(cause func()) (result []int, err error) {
		defer Recover(&result, &err)
		cause()
		return result, nil
	}
	none := make([]int, 0)
	_, err := read(func() { _ = none[len(none):][: 2 : 1+len(none)] })
	if err == nil || strings.Contains(err.Error(), "runtime error") || !strings.Contains(err.Error(), "damaged, or written in a way that is not supported") {
		t.Errorf("a fault of the library: got %v", err)
	}
	for name, own := range map[string]error{"busy": &series.BusyError{}, "cancelled": context.Canceled, "rejected": series.Reject("too large")} {
		if _, err := read(func() { panic(own) }); !errors.Is(err, own) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The frames are written by hand after RFC 8878, section 3.1.1.
func TestZstdSize(t *testing.T) {
	t.Parallel()
	const magic = "\x28\xB5\x2F\xFD"
	tests := map[string]struct {
		frames string
		want   int64 // -1 for a damaged frame
	}{
		"nothing":            {"", 0},
		"a raw block":        {magic + "\x20\x03" + "\x19\x00\x00abc", 3},        // single segment of 3 bytes, last block
		"a run":              {magic + "\x20\x05" + "\x2B\x00\x00a", 5},          // one byte, five times
		"a compressed block": {magic + "\x00\x00" + "\x15\x00\x00ab", 128 << 10}, // as much as a block can be
		"two frames":         {magic + "\x20\x03" + "\x19\x00\x00abc" + magic + "\x20\x01" + "\x09\x00\x00a", 4},
		"a checksum":         {magic + "\x24\x01" + "\x09\x00\x00a" + "\x00\x00\x00\x00", 1},
		"content too large":  {magic + "\x20\x04" + "\x19\x00\x00abc", -1}, // the header claims one byte more
		"cut off":            {magic + "\x20\x03" + "\x19\x00\x00ab", -1},
		"no magic number":    {"abcdefgh", -1},
	}
	for name, test := range tests {
		got, err := ZstdSize([]byte(test.frames))
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, test.want)
		}
	}
}
