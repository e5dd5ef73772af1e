package inorder

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The order of the package comment, one number at a time.
func inOrder(x []float64) float64 {
	if len(x) < 16 {
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		return sum
	}
	var l [16]float64
	for i, v := range x {
		l[i%16] += v
	}
	q := func(j int) float64 { return (l[j] + l[j+4]) + (l[j+8] + l[j+12]) }
	return (q(0) + q(2)) + (q(1) + q(3))
}

func same(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b }

// Vectors and plain Go give the bits of the order that the package promises, for every length and
// at every address, of numbers of all sizes, zeros of both signs, infinities and none.
func TestSameBits(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	draw := func() float64 {
		switch random.IntN(40) {
		case 0:
			return math.Copysign(0, random.Float64()-0.5)
		case 1:
			return math.Ldexp(random.Float64()-0.5, random.IntN(2000)-1000)
		}
		return math.Ldexp(random.NormFloat64(), random.IntN(40)-20)
	}
	memory := make([]float64, 2*(2048+8))
	for n := range 2049 {
		for i := range memory {
			memory[i] = draw()
		}
		if random.IntN(20) == 0 {
			memory[random.IntN(len(memory))] = math.Inf(1 - 2*random.IntN(2))
		}
		at, beside := random.IntN(8), 2056+random.IntN(8)
		x, y := memory[at:at+n], memory[beside:beside+n]
		products := make([]float64, n)
		for i := range x {
			products[i] = x[i] * y[i]
		}
		sum, dot := inOrder(y), inOrder(products)
		if got := Sum(y); !same(got, sum) {
			t.Fatalf("Sum of %d numbers: got %v, want %v", n, got, sum)
		}
		if got := Dot(x, y); !same(got, dot) {
			t.Fatalf("Dot of %d numbers: got %v, want %v", n, got, dot)
		}
		if gotSum, gotDot := SumDot(x, y); !same(gotSum, sum) || !same(gotDot, dot) {
			t.Fatalf("SumDot of %d numbers: got %v and %v, want %v and %v", n, gotSum, gotDot, sum, dot)
		}
		if n < count {
			continue
		}
		if got := sumPortable(y); !same(got, sum) {
			t.Fatalf("sumPortable of %d numbers: got %v, want %v", n, got, sum)
		}
		if got := dotPortable(x, y); !same(got, dot) {
			t.Fatalf("dotPortable of %d numbers: got %v, want %v", n, got, dot)
		}
	}
}

// Nothing beyond the slices is read into the sums.
func TestNeighboursDoNotCount(t *testing.T) {
	t.Parallel()
	memory := make([]float64, 80)
	for n := range 64 {
		for i := range memory {
			memory[i] = math.NaN()
		}
		x := memory[8 : 8+n]
		for i := range x {
			x[i] = 1
		}
		if sum, dot := SumDot(x, x); Sum(x) != float64(n) || Dot(x, x) != float64(n) || sum != float64(n) || dot != float64(n) {
			t.Fatalf("%d ones: %v, %v, %v, %v", n, Sum(x), Dot(x, x), sum, dot)
		}
	}
}

func TestLengthsMustBeEqual(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(){
		"Dot":    func() { Dot(make([]float64, 20), make([]float64, 21)) },
		"SumDot": func() { SumDot(make([]float64, 3), make([]float64, 2)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			call()
		}()
	}
}

func BenchmarkDot(b *testing.B) {
	for name, dot := range map[string]func(x, y []float64) float64{"vectors": dotOf, "portable": dotPortable} {
		b.Run(name, func(b *testing.B) {
			x, y := make([]float64, 800), make([]float64, 801)[1:]
			b.SetBytes(800 * 8)
			for b.Loop() {
				dot(x, y)
			}
		})
	}
}
