package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// The one-step errors u of exponential smoothing follow from the series and each other. In one such recursion each value waits for
// the one before; several sets of parameters side by side take hardly longer than one. Sums of products of the errors are then dot
// products, which run at memory speed.

// lanes are the errors for four sets of parameters.
type lanes [4][]float64

func (e *Engine) newLanes(n int) (u lanes) {
	for i := range u {
		u[i] = e.mem.floats(n)
	}
	return u
}

// first writes u(t) = v(t) + c·u(t-1), t >= 1, after u(0) = 0.
func (u *lanes) first(v []float64, c *[4]float64) {
	n := len(v)
	u0, u1, u2, u3 := u[0][:n], u[1][:n], u[2][:n], u[3][:n]
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	u0[0], u1[0], u2[0], u3[0] = 0, 0, 0, 0
	var a0, a1, a2, a3 float64
	for t := 1; t < n; t++ {
		a0 = v[t] + c0*a0
		a1 = v[t] + c1*a1
		a2 = v[t] + c2*a2
		a3 = v[t] + c3*a3
		u0[t], u1[t], u2[t], u3[t] = a0, a1, a2, a3
	}
}

// second continues u(t) = v(t) + c·u(t-1) - g·u(t-2) over t = from..to-1, from >= 2, in each lane with a v of its own.
func (u *lanes) second(v *lanes, c, g *[4]float64, from, to int) {
	for i := 0; i < len(u); i += 2 { // four at once do not fit into the registers
		u0, u1 := u[i][from:to], u[i+1][from:to]
		v0, v1 := v[i][from:to][:len(u0)], v[i+1][from:to][:len(u0)]
		a0, a1, b0, b1 := u[i][from-1], u[i+1][from-1], u[i][from-2], u[i+1][from-2]
		c0, c1, g0, g1 := c[i], c[i+1], g[i], g[i+1]
		u1 = u1[:len(u0)]
		for t := range u0 {
			a0, b0 = v0[t]-g0*b0+c0*a0, a0
			a1, b1 = v1[t]-g1*b1+c1*a1, a1
			u0[t], u1[t] = a0, a1
		}
	}
}

// negligible is the size below which what a first state adds to later errors is no longer followed.
const negligible = 1e-12

// powers writes c^0, c^1 and so on into p, for 0 < c < 1 and until they are negligible, and returns those. Each pass doubles how
// many there are.
func powers(p []float64, c float64) []float64 {
	n := min(len(p), 2+int(math.Log(negligible)/math.Log(c)))
	p = p[:n]
	p[0] = 1
	for known := 1; known < n; known *= 2 {
		floats.ScaleTo(p[known:min(2*known, n)], c, p[:min(known, n-known)])
		c *= c
	}
	return p
}
