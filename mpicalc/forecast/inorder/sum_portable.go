package inorder

// The sums in plain Go, for at least count numbers. They take four lanes at a time, as many as
// stay in registers. float64(…) around a product keeps the compiler from adding it unrounded,
// where the processor could.

func sumPortable(x []float64) float64 {
	var l [count]float64
	for from := 0; from < count; from += 4 {
		var a, b, c, d float64
		for i := from; i+3 < len(x); i += count {
			v := (*[4]float64)(x[i:])
			a, b, c, d = a+v[0], b+v[1], c+v[2], d+v[3]
		}
		l[from], l[from+1], l[from+2], l[from+3] = a, b, c, d
	}
	for i := len(x) &^ 3; i < len(x); i++ {
		l[i%count] += x[i]
	}
	return join(&l)
}

func dotPortable(x, y []float64) float64 {
	var l [count]float64
	for from := 0; from < count; from += 4 {
		var a, b, c, d float64
		for i := from; i+3 < len(x); i += count {
			v, w := (*[4]float64)(x[i:]), (*[4]float64)(y[i:])
			a, b = a+float64(v[0]*w[0]), b+float64(v[1]*w[1])
			c, d = c+float64(v[2]*w[2]), d+float64(v[3]*w[3])
		}
		l[from], l[from+1], l[from+2], l[from+3] = a, b, c, d
	}
	for i := len(x) &^ 3; i < len(x); i++ {
		l[i%count] += float64(x[i] * y[i])
	}
	return join(&l)
}

func join(l *[count]float64) float64 {
	var q [4]float64
	for j := range q {
		q[j] = (l[j] + l[j+4]) + (l[j+8] + l[j+12])
	}
	return (q[0] + q[2]) + (q[1] + q[3])
}
