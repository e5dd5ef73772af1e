// Package inorder adds up long slices in an order that depends on their length alone: not on their
// addresses, nor on the processor. The same numbers give the same bits on every machine, in
// vectors or one by one.
//
// Fewer than 16 numbers are added from the first to the last. Of more, number i goes to lane
// i mod 16; each lane adds up its own, from 0, and the lanes are added in pairs:
//
//	q(j) = (l(j) + l(j+4)) + (l(j+8) + l(j+12)), j = 0..3;  (q(0) + q(2)) + (q(1) + q(3))
//
// A product is rounded before it is added.
package inorder

const count = 16

// Sum is Σ x(i).
func Sum(x []float64) float64 {
	if len(x) < count {
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		return sum
	}
	return sumOf(x)
}

// Dot is Σ x(i)·y(i). It panics when the lengths differ.
func Dot(x, y []float64) float64 {
	if len(x) != len(y) {
		panic("inorder: the slices differ in length")
	}
	if len(x) < count {
		sum := 0.0
		for i, v := range x {
			sum += float64(v * y[i])
		}
		return sum
	}
	return dotOf(x, y)
}

// SumDot is Sum(y) and Dot(x, y), for which y is read once. It panics when the lengths differ.
func SumDot(x, y []float64) (sum, dot float64) {
	if len(x) != len(y) {
		panic("inorder: the slices differ in length")
	}
	if len(y) < count {
		return Sum(y), Dot(x, y)
	}
	return sumDotOf(x, y)
}
