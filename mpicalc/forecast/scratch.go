package forecast

// scratch hands out slices that all live until the next reset, or until what was taken since a mark is released. After
// the first few series it has seen the largest need and allocates no more. Every slice begins at a multiple of 16
// bytes, whether it comes from the block or not, because gonum's sums depend on that (see aligned).
type scratch struct {
	block []float64
	used  int // floats handed out; beyond the block they come from elsewhere, but count as well
	peak  int // the largest used since the last reset
}

// reset takes back everything. A need that went beyond the block enlarges it.
func (s *scratch) reset() {
	if s.peak > len(s.block) {
		s.block = make([]float64, s.peak+s.peak/4&^1)
	}
	s.used, s.peak = 0, 0
}

// floats returns n values that are arbitrary: whoever needs zeros clears them. They begin at a multiple of 16 bytes,
// see aligned.
func (s *scratch) floats(n int) []float64 {
	even := n + n&1
	from := s.used
	s.used += even
	s.peak = max(s.peak, s.used)
	if s.used > len(s.block) {
		return make([]float64, even)[:n]
	}
	return s.block[from : from+n : from+n]
}

// mark and release give back, in the order of a stack, what was taken in between.
func (s *scratch) mark() int        { return s.used }
func (s *scratch) release(mark int) { s.used = mark }
