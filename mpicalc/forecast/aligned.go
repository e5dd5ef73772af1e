package forecast

import "unsafe"

// aligned returns y at an address that is a multiple of 16: as it is, or copied. gonum adds the values of a slice in
// another order when it begins elsewhere, and the same numbers must give the same bits wherever they lie: in a mapped
// file, in a message, in a slice of a caller.
func (e *Engine) aligned(y []float64) []float64 {
	if uintptr(unsafe.Pointer(unsafe.SliceData(y)))%16 == 0 {
		return y
	}
	copied := e.mem.floats(len(y))
	copy(copied, y)
	return copied
}
