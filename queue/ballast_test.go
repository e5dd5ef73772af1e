package queue

import (
	"runtime"
	"testing"
)

// Not parallel: it counts the collections of the whole process.
func TestTheBallastPostponesCollections(t *testing.T) {
	collections := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumGC
	}
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	kept := ballast()
	runtime.GC()
	before := collections()
	for range besides / 2 >> 16 { // half of what may lie about
		garbage = make([]byte, 1<<16)
	}
	if n := collections() - before; n > 0 {
		t.Errorf("there were %d collections", n)
	}
	runtime.KeepAlive(kept)
	t.Setenv("GOMEMLIMIT", "1GiB")
	if ballast() != nil {
		t.Error("there is a ballast beside GOMEMLIMIT")
	}
}

// garbage is not kept on the stack.
var garbage []byte
