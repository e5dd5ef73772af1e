package spmd

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"foliocast/mpicalc/forecast"
)

// costTable is what the leader knows of the cost of series: a first guess for each kind, and by how much the ranks were slower. It is
// safe for concurrent use.
type costTable struct {
	mu       sync.Mutex
	families map[familyKey]*family
}

// familyKey is what options say of the cost.
type familyKey struct {
	model                     string
	errors, explain           bool
	horizon, seasons, periods int // rounded
	step                      bool
}

// family is the series with options that cost alike. They differ in length.
type family struct {
	kinds [lengthClasses]kind
}

// kind is a number of series that cost about the same: the same model at about the same horizon and length. Its cost is the guess
// of the model times a ratio that was measured.
type kind struct {
	family *family
	class  int // of lengths
	model  *costModel
	plain  float64       // the guess for a series of such a length alone
	ratio  atomic.Uint64 // the bits of a float64; 0 when no such series was measured
}

func newCostTable() *costTable { return &costTable{families: make(map[familyKey]*family)} }

// lengthClasses is into how many classes lengths are divided, two for each doubling.
const lengthClasses = 64

func lengthClass(n int) int {
	if n < 2 {
		return 0
	}
	l := bits.Len(uint(n))
	return min(2*l+n>>(l-2)&1, lengthClasses-1)
}

// typicalLength is a length in the middle of a class.
func typicalLength(class int) int {
	low := (2 + class%2) << (class / 2) >> 2
	return low + low/(4+2*(class%2))
}

// maxFamilies bounds the table: what was measured is forgotten beyond.
const maxFamilies = 1000

func (t *costTable) family(o *forecast.Options) *family {
	key := familyKey{model: o.Model, errors: wantsErrors(o), explain: o.Explain, horizon: lengthClass(o.Horizon), step: o.Step > 0}
	for _, m := range o.Seasons {
		key.seasons += lengthClass(m)
	}
	for _, m := range o.Periods {
		key.periods += lengthClass(m)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.families[key]
	if f == nil {
		f = new(family)
		model := costModelOf(o)
		for i := range f.kinds {
			k := &f.kinds[i]
			k.family, k.class, k.model, k.plain = f, i, &model, model.plain(typicalLength(i))
		}
		if len(t.families) >= maxFamilies {
			clear(t.families)
		}
		t.families[key] = f
	}
	return f
}

// guess estimates the cost of a series in nanoseconds, without what was measured.
func (k *kind) guess(s *forecast.Series) float64 { return k.plain + k.model.extra(s) }

// cost estimates the cost of a series in nanoseconds.
func (k *kind) cost(s *forecast.Series) float64 {
	ratio, _ := k.measured()
	return k.guess(s) * ratio
}

// measured is the ratio of the nearest length that was measured; without one, it is 1 and known is false.
func (k *kind) measured() (ratio float64, known bool) {
	if bits := k.ratio.Load(); bits != 0 {
		return math.Float64frombits(bits), true
	}
	f := k.family
	for away := 1; away < len(f.kinds); away++ {
		for _, i := range [...]int{k.class - away, k.class + away} {
			if i < 0 || i >= len(f.kinds) {
				continue
			}
			if bits := f.kinds[i].ratio.Load(); bits != 0 {
				return math.Float64frombits(bits), true
			}
		}
	}
	return 1, false
}

const (
	// learningRate is the weight of a new measurement against those before it.
	learningRate = 0.25
	// surprise bounds how far a new measurement may be from those before it: a rank may have been stopped meanwhile.
	surprise = 4
)

// learn takes what series of the kind took that were estimated by guess. Only one goroutine may call it.
func (k *kind) learn(guess, took float64) {
	if !(guess > 0) || !(took > 0) {
		return
	}
	ratio := took / guess
	if bits := k.ratio.Load(); bits != 0 {
		before := math.Float64frombits(bits)
		ratio = before + learningRate*(min(ratio, surprise*before)-before)
	}
	k.ratio.Store(math.Float64bits(ratio))
}

// cost is what a workload costs, in nanoseconds.
type cost struct {
	total   float64 // of all series
	least   float64 // if every series is as cheap as it may be
	longest float64 // of a single series, if it is as cheap as it may be
}

const (
	// surely is by how much a first guess may be too high.
	surely = 3
	// measuredSurely is by how much a series may be cheaper than those of its kind before it.
	measuredSurely = 1.25
)

// sum estimates the cost of a workload. It fails as Leader.Add does.
func (t *costTable) sum(w Workload) (all cost, err error) {
	var costs costMemo
	var valid *forecast.Options
	for i := range w.Len() {
		s := w.Series(i)
		if s.Options == nil {
			return cost{}, errNoOptions
		}
		if s.Options != valid {
			if err := s.Options.Validate(); err != nil {
				return cost{}, err
			}
			valid = s.Options
		}
		k := costs.kindIn(t, s.Options, len(s.Values))
		ratio, known := k.measured()
		own := k.guess(&s.Series) * ratio
		all.total += own
		if known {
			own /= measuredSurely
		} else {
			own /= surely
		}
		all.least += own
		all.longest = max(all.longest, own)
	}
	return all, nil
}

// Estimate is how long a workload will take.
type Estimate struct {
	Thread time.Duration // a single thread, roughly
	Least  time.Duration // all ranks, if they have nothing else to do and every series is as cheap as it may be
}

// Estimate estimates how long a workload will take, from what the ranks have measured of such series. It fails as Add does, and may
// be called at any time by any goroutine.
func (l *Leader) Estimate(w Workload) (Estimate, error) {
	c, err := l.costs.sum(w)
	least := max(c.least/float64(max(l.Threads(), 1)), c.longest)
	return Estimate{time.Duration(c.total), time.Duration(least)}, err
}
