package forecast

// scratch hands out slices that all live until the next reset. After the first few series it has seen the largest
// need and allocates no more.
type scratch struct {
	block []float64 // the memory handed out from
	used  int
	spill int // floats handed out beyond the block since the last reset
}

// reset takes back everything. A need that did not fit enlarges the block once.
func (s *scratch) reset() {
	if s.spill > 0 {
		s.block = make([]float64, (s.used+s.spill)*5/4)
	}
	s.used, s.spill = 0, 0
}

// floats returns n values that are arbitrary: whoever needs zeros clears them.
func (s *scratch) floats(n int) []float64 {
	if s.used+n > len(s.block) {
		s.spill += n
		return make([]float64, n)
	}
	p := s.block[s.used : s.used+n : s.used+n]
	s.used += n
	return p
}

// mark and release free in the order of a stack what was taken in between.
func (s *scratch) mark() int        { return s.used }
func (s *scratch) release(mark int) { s.used = mark }
