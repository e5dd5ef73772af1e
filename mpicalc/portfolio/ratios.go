package portfolio

import "foliocast/mpicalc/forecast"

// ratios are how much larger the errors of a portfolio of walks are expected to be now than from each of their origins, nil where there are
// none. Each asset's errors are as large as its own volatility lets expect now, but how the assets move together changes too: in a crisis
// they fall together. So the steps that the portfolio would have made, with the assets' volatilities of now, have a volatility of their
// own, and it is measured as that of an asset is. The steps lie between origins that are a stride apart, up to the last value.
func (s *sum) ratios(m *measure) []float64 {
	if !s.onlyWalks() || len(m.walks.places) == 0 {
		return nil
	}
	if s.ratio != nil {
		return s.ratio
	}
	places, stride, latest := m.walks.places, min(m.stride, s.horizon), m.walks.places[0]
	error := func(o, k int) float64 { return clamped(s.walkErrors[o*s.horizon+k-1].value()) }
	var steps []float64
	before := make([]int, len(places)) // steps that end at an origin or before
	for o := len(places) - 1; o >= 0; o-- {
		before[o] = len(steps)
		if (latest-places[o])%m.stride == 0 && m.all[places[o]+stride] {
			steps = append(steps, error(o, stride))
		}
	}
	for k := 2 * stride; k <= s.horizon; k += stride {
		if m.all[latest+k] && m.all[latest+k-stride] {
			steps = append(steps, error(0, k)-error(0, k-stride))
		}
	}
	after := forecast.VolatilityRatios(steps, max(1, s.horizon/stride))
	s.ratio = make([]float64, len(places))
	for o, n := range before {
		s.ratio[o] = after[n]
	}
	return s.ratio
}

// ratioAt is that of an origin, and 1 without any.
func ratioAt(ratios []float64, o int) float64 {
	if ratios == nil {
		return 1
	}
	return ratios[o]
}
