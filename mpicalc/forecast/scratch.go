package forecast

// scratch lends memory to the current problem. What it lends is valid until the next reset, or until what was taken since a
// mark is released. After the first few series it is large enough and allocates no more.
type scratch struct {
	f64        stack[float64]
	integers   stack[int]
	bools      stack[bool]
	problem    problem
	subset     problem // of the origins of problem
	grid       grid    // of the problem
	views      [2]view
	lagSums    lagSums     // of a series that is not a view
	starts     []smoothing // of the smoothers of a problem
	pool       pool        // of a combination
	inSample   Errors      // of naive
	relative   Errors      // see relativeError
	predictive predictive
	volatility volatility
	walk       walkScale
	banded     Errors      // that bands rest on
	critical   []float64   // of the bands
	rows       [][]float64 // quantiles of which a point is made
	counting   counting    // of empirical
	law        law         // likewise
	joined     []Member    // of withCounts
	draws      Draws
	effects    effects // of the regressors
}

// stack lends slices, which are given back in reverse order.
type stack[T any] struct {
	block []T
	used  int // values lent, including those that did not fit in the block
	peak  int // the largest used since the last reset
}

// reset takes back everything that was lent.
func (s *scratch) reset() {
	s.f64.reset()
	s.integers.reset()
	s.bools.reset()
}

// floats returns n arbitrary values; a caller that needs zeros clears them. They begin at a multiple of 16 bytes, for
// the reason that aligned gives.
func (s *scratch) floats(n int) []float64 { return s.f64.take(n) }

// ints returns n arbitrary integers.
func (s *scratch) ints(n int) []int { return s.integers.take(n) }

// flags returns n arbitrary booleans, until the next reset.
func (s *scratch) flags(n int) []bool { return s.bools.take(n) }

// mark is a state of the stacks.
type mark struct{ f64, integers int }

func (s *scratch) mark() mark { return mark{s.f64.used, s.integers.used} }

// release takes back what was lent since m.
func (s *scratch) release(m mark) { s.f64.used, s.integers.used = m.f64, m.integers }

// reset enlarges the block when the need went beyond it.
func (s *stack[T]) reset() {
	if s.peak > len(s.block) {
		s.block = make([]T, s.peak+s.peak/4&^1)
	}
	s.used, s.peak = 0, 0
}

// take returns n values. Each slice begins at an even position, whether it comes from the block or not.
func (s *stack[T]) take(n int) []T {
	even := n + n&1
	from := s.used
	s.used += even
	s.peak = max(s.peak, s.used)
	if s.used > len(s.block) {
		return make([]T, even)[:n]
	}
	return s.block[from : from+n : from+n]
}
