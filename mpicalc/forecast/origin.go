package forecast

// Rolling origins: the series is cut off at several points of its past and each model forecasts what followed. Intervals
// and weights come from the errors (Tashman 2000, International Journal of Forecasting 16, 437-450).
//
// Origins are counted back from the end of the series, and their places depend on the horizon alone: origin k cuts off
// h + k·stride points. So origin k of two series that end together means the same date, and their errors can be added
// up to those of a portfolio. The length of a series decides only how many origins it has.
const (
	maxOrigins   = 40  // more would cost time and hardly move a quantile
	minOrigins   = 8   // for long horizons
	enoughErrors = 240 // steps, over all origins
	minTraining  = 4   // points
)

// MinOrigins is how many rolling origins intervals rest on at least. With fewer, they would be so uncertain of the size of
// the errors that the in-sample errors of naive, of which a series has more, cover better and are far narrower: of simulated
// series of 5 values, one step ahead, one true error gave the nominal 80 and 95 % 63 and 79 %, and four in-sample ones 86 and 95.
const MinOrigins = 5

// Origins returns how many rolling origins a series of n points has at horizon h. A short series has 0.
func Origins(n, h int) int {
	count := min(maxOrigins, max(minOrigins, enoughErrors/h))
	left := n - h - max(minTraining, n/3)
	if left < 0 {
		return 0
	}
	return min(count, 1+left/originStride(h))
}

// OriginLength returns the training length of rolling origin k, where origin 0 is the latest.
func OriginLength(n, h, k int) int { return n - h - k*originStride(h) }

// originStride is the distance between neighbouring origins, a quarter of the horizon: closer origins would share most of
// their values, and wider ones would reach too far back.
func originStride(h int) int { return max(1, h/4) }

// innerOrigins is how many of the rolling origins weigh the members of a combination: one, or as many as give about
// sixteen errors when the horizon is short.
func innerOrigins(h int) int { return max(1, min(maxOrigins, 16/h)) }
