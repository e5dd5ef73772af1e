package forecast

import "gonum.org/v1/gonum/floats"

// trendSeason is the least-squares line with an intercept for each phase of the shortest season m:
//
//	z(t) = α(t mod m) + b·t
//	b    = Σ (t - t̄(p))·(z(t) - z̄(p)) / Σ (t - t̄(p))²,  α(p) = z̄(p) - b·t̄(p),  p = t mod m
//
// with z̄(p) and t̄(p) the means over phase p: a regression on a trend and seasonal dummies, solved phase by phase. Source:
// Draper and Smith, Applied Regression Analysis, chapter 14. It needs two periods.
type trendSeason struct{}

func (trendSeason) forecast(e *Engine, p *problem, log bool) fit {
	out, m := e.newPaths(p), p.season()
	if m < 2 {
		return fit{paths: out}
	}
	v := e.view(p, log)
	count, times, values := e.mem.floats(m), e.mem.floats(m), e.mem.floats(m)
	for o, n := range p.ends {
		if n < 2*m {
			continue
		}
		z := v.z[:n]
		clear(count)
		clear(times)
		clear(values)
		for i, y := range z {
			count[i%m]++
			times[i%m] += float64(i)
			values[i%m] += y
		}
		floats.Div(times, count)
		floats.Div(values, count)
		across, along := 0.0, 0.0
		for i, y := range z {
			d := float64(i) - times[i%m]
			across += d * (y - values[i%m])
			along += d * d
		}
		slope := across / along
		row := out.row(o)
		for k := range row {
			phase := (n + k) % m
			row[k] = values[phase] + slope*(float64(n+k)-times[phase])
		}
		v.back(row)
		p.clip(o, row)
	}
	return fit{paths: out}
}
