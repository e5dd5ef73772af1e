package portfolio

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// The sum of numbers of very different sizes is the one that arithmetic with 3,000 bits gives, in any order.
func TestExactSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
			return math.Ldexp(rapid.Float64Range(-1, 1).Draw(t, "mantissa"), rapid.IntRange(-1074, 1020).Draw(t, "exponent"))
		}), 0, 30).Draw(t, "terms")
		want := new(big.Float).SetPrec(3000)
		var sum exact
		for _, x := range terms {
			want.Add(want, new(big.Float).SetPrec(3000).SetFloat64(x))
			sum.add(x)
		}
		nearest, _ := want.Float64()
		if got := sum.value(); got != nearest {
			t.Fatalf("%v has the sum %v, want %v", terms, got, nearest)
		}
		var other exact
		for _, i := range rand.New(rand.NewPCG(1, uint64(len(terms)))).Perm(len(terms)) {
			other.add(terms[i])
		}
		if got := other.value(); got != nearest {
			t.Fatalf("%v has the sum %v in another order, want %v", terms, got, nearest)
		}
	})
}

func TestExactSumsBeyondTheNumbers(t *testing.T) {
	t.Parallel()
	row := make(exactRow, 3)
	for range 4 {
		for k, v := range []float64{math.MaxFloat64, -math.MaxFloat64, 1} {
			row[k].add(v)
		}
	}
	if got := row.values(); got[0] != math.MaxFloat64 || got[1] != -math.MaxFloat64 || got[2] != 4 {
		t.Errorf("got %v", got)
	}
}

// BenchmarkExactSum adds errors of the usual sizes to as many sums as a monthly portfolio has.
func BenchmarkExactSum(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	terms := make([]float64, 10_007)
	for i := range terms {
		terms[i] = math.Exp(3*random.NormFloat64()) * random.NormFloat64()
	}
	sums := make(exactRow, 288)
	for i := range b.N {
		sums[i%len(sums)].add(terms[i%len(terms)])
	}
}
