package forecast

// lagSums holds the running sums from which the normal equations of every autoregression on a series follow by two
// look-ups an entry, whatever its lags, window and origin:
//
//	product(i, j, a, b) = Σ z(t-i)·z(t-j),  t = a..b-1  =  P(|i-j|, b-min(i,j)) - P(|i-j|, a-min(i,j))
//	P(d, t)             = Σ z(s)·z(s-d),    s = d..t-1
//
// So each product of the series with its own past is summed once for all models, windows and origins.
type lagSums struct {
	z      []float64
	slot   []int32   // slot[d] is 1 + the row of distance d in sums, 0 for a distance that was not requested
	rows   int       // distances requested
	summed int       // those of sums
	sums   []float64 // rows × (n+1): P(d, 0..n)
	period []int     // the periods of phase
	phase  [][]float64
}

// reset replaces the series by z, which l keeps, and forgets all requests.
func (l *lagSums) reset(z []float64) {
	clear(l.slot)
	l.z, l.rows, l.summed, l.sums = z, 0, 0, nil
	l.period, l.phase = l.period[:0], l.phase[:0]
}

// reserve makes room for requests of distances up to d.
func (l *lagSums) reserve(d int) {
	for len(l.slot) <= d {
		l.slot = append(l.slot, 0)
	}
}

// request asks for the products at distance d, for which there is room. It must come before compute.
func (l *lagSums) request(d int) {
	if l.slot[d] == 0 && d < len(l.z) {
		l.rows++
		l.slot[d] = int32(l.rows)
	}
}

// compute forms the running sums of all distances requested, unless it has done so before.
func (l *lagSums) compute(mem *scratch) {
	if l.summed == l.rows {
		return
	}
	l.summed = l.rows
	width := len(l.z) + 1
	l.sums = mem.floats(l.rows * width)
	var four [4]int
	pending := 0
	for d, slot := range l.slot {
		if slot == 0 {
			continue
		}
		four[pending] = d
		if pending++; pending == 4 {
			l.accumulate4(four)
			pending = 0
		}
	}
	for _, d := range four[:pending] {
		l.accumulate(d)
	}
}

func (l *lagSums) row(d int) []float64 {
	width := len(l.z) + 1
	start := (int(l.slot[d]) - 1) * width
	return l.sums[start : start+width : start+width]
}

// accumulate forms the running sum of distance d.
func (l *lagSums) accumulate(d int) {
	p := l.row(d)
	clear(p[:d+1])
	sum := 0.0
	for s, v := range l.z[d:] {
		sum += v * l.z[s]
		p[d+1+s] = sum
	}
}

// accumulate4 does the work of accumulate for four ascending distances in one pass. Each addition to a running sum
// depends on the one before; four sums hide that latency.
func (l *lagSums) accumulate4(d [4]int) {
	p0, p1, p2, p3 := l.row(d[0]), l.row(d[1]), l.row(d[2]), l.row(d[3])
	clear(p0[:d[0]+1])
	clear(p1[:d[1]+1])
	clear(p2[:d[2]+1])
	clear(p3[:d[3]+1])
	var s0, s1, s2, s3 float64
	z, last := l.z, d[3]
	for t := d[0]; t < last; t++ {
		v := z[t]
		s0 += v * z[t-d[0]]
		p0[t+1] = s0
		if t >= d[1] {
			s1 += v * z[t-d[1]]
			p1[t+1] = s1
		}
		if t >= d[2] {
			s2 += v * z[t-d[2]]
			p2[t+1] = s2
		}
	}
	now := z[last:]
	z0, z1, z2, z3 := z[last-d[0]:][:len(now)], z[last-d[1]:][:len(now)], z[last-d[2]:][:len(now)], z[:len(now)]
	p0, p1, p2, p3 = p0[last+1:][:len(now)], p1[last+1:][:len(now)], p2[last+1:][:len(now)], p3[last+1:][:len(now)]
	for t, v := range now {
		s0 += v * z0[t]
		s1 += v * z1[t]
		s2 += v * z2[t]
		s3 += v * z3[t]
		p0[t], p1[t], p2[t], p3[t] = s0, s1, s2, s3
	}
}

// product returns Σ z(t-i)·z(t-j) over t = a..b-1, for max(i, j) <= a <= b <= n and a requested distance.
func (l *lagSums) product(i, j, a, b int) float64 {
	if i > j {
		i, j = j, i
	}
	start := (int(l.slot[j-i])-1)*(len(l.z)+1) - i
	return l.sums[start+b] - l.sums[start+a]
}

// requestPhases asks for the running sums within the phases of a period; period 1 gives the plain running sum.
func (l *lagSums) requestPhases(mem *scratch, period int) {
	for _, p := range l.period {
		if p == period {
			return
		}
	}
	c := mem.floats(len(l.z) + period)
	clear(c[:period])
	for t, v := range l.z {
		c[t+period] = v + c[t]
	}
	l.period, l.phase = append(l.period, period), append(l.phase, c)
}

// phaseSums writes into dst, of the length of the period, Σ z(t-lag) over the t = a..b-1 of each phase (t-a) mod
// period. It needs a >= lag and a requested period.
func (l *lagSums) phaseSums(dst []float64, lag, a, b int) {
	period := len(dst)
	var c []float64
	for i, p := range l.period {
		if p == period {
			c = l.phase[i]
		}
	}
	cycles, rest := (b-a)/period, (b-a)%period
	for r := range dst {
		end := a + r + cycles*period
		if r < rest {
			end += period
		}
		dst[r] = c[end-lag] - c[a+r-lag]
	}
}
