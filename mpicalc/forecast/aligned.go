package forecast

import "unsafe"

// aligned returns y, or a copy of it, at an address that is a multiple of 16. The order in which gonum adds up a slice
// depends on its alignment, and the same numbers must give the same bits wherever they are stored: in a mapped file, in a
// message, or in a caller's slice.
func (e *Engine) aligned(y []float64) []float64 {
	if uintptr(unsafe.Pointer(unsafe.SliceData(y)))%16 == 0 {
		return y
	}
	copied := e.mem.floats(len(y))
	copy(copied, y)
	return copied
}
