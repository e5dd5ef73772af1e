package forecast

// Rolling origins: the series is cut off at several points of its past, each model forecasts what followed, and the
// errors are what intervals and weights are made of (Tashman 2000, International Journal of Forecasting 16, 437-450).
//
// The layout is counted back from the end of the series and depends on nothing but the horizon: origin k cuts off
// h + k·stride points. So origin k of two series of one job means the same date, and their errors can be added up to
// those of a portfolio. The length of a series decides only how many origins it has.
const (
	maxOrigins    = 40  // more cost time and move a quantile by little
	minOrigins    = 8   // what a long horizon gets all the same
	enoughErrors  = 240 // steps of all origins together
	leastTraining = 4   // points
)

// Origins returns how many rolling origins a series of n points has at horizon h; it may be 0.
func Origins(n, h int) int {
	count := min(maxOrigins, max(minOrigins, enoughErrors/h))
	left := n - h - max(leastTraining, n/3)
	if left < 0 {
		return 0
	}
	return min(count, 1+left/originStride(h))
}

// OriginLength returns the training length of rolling origin k, where origin 0 is the latest.
func OriginLength(n, h, k int) int { return n - h - k*originStride(h) }

// originStride spaces the origins so that they neither repeat each other nor reach back too far.
func originStride(h int) int { return max(1, h/4) }

// innerOrigins is how many of the rolling origins weigh the members of a combination: one, and more when the horizon
// is short, for some sixteen errors together.
func innerOrigins(h int) int { return max(1, min(maxOrigins, 16/h)) }
