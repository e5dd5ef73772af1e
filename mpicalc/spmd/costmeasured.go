package spmd

// costs are what a series takes, in microseconds of one core, at the lengths of costLengths: point forecasts, and forecasts with
// levels at a horizon of 1 step, which has the most origins, and at costHorizon.
type costs [3]lengthCosts

// lengthCosts are what series of the lengths of costLengths take.
type lengthCosts [4]float64

// costHorizon has as few origins as long horizons have.
const costHorizon = 24

// costLengths are the lengths of costs.
func costLengths() [4]float64 { return [...]float64{20, 120, 1000, 16_384} }

// measuredCosts is what a model took on one core of a virtual AMD EPYC: the middle of series with and without seasons, with and
// without a trend, whose costs are up to three times as high or low.
func measuredCosts(model string) costs {
	switch model {
	case "naive":
		return costs{{0.35, 1.4, 9.1, 140}, {2.2, 12, 100, 510}, {6.1, 16, 200, 1000}}
	case "seasonal-naive":
		return costs{{3.3, 5.5, 27, 230}, {3.5, 12, 35, 280}, {6.8, 19, 51, 310}}
	case "drift":
		return costs{{0.32, 1.3, 8.7, 150}, {2.3, 11, 100, 510}, {5.4, 13, 200, 1000}}
	case "mean":
		return costs{{0.44, 1.3, 13, 140}, {2.5, 7.3, 22, 260}, {5.4, 11, 25, 190}}
	case "trend":
		return costs{{0.13, 0.16, 0.35, 4.2}, {2.5, 7.8, 28, 2300}, {5.7, 11, 28, 250}}
	case "trend-season":
		return costs{{2.3, 6.4, 50, 440}, {4.3, 24, 190, 3500}, {7, 20, 89, 1000}}
	case "ar":
		return costs{{2.3, 11, 50, 720}, {8.8, 56, 84, 710}, {8.6, 45, 91, 790}}
	case "ar-season":
		return costs{{7.5, 20, 100, 990}, {17, 60, 115, 1100}, {12, 59, 190, 1300}}
	case "ar-diff":
		return costs{{3.2, 13, 70, 910}, {12, 39, 86, 810}, {8.9, 42, 110, 990}}
	case "harmonic":
		return costs{{6.2, 25, 220, 890}, {14, 120, 310, 910}, {9.6, 84, 310, 1000}}
	case "theta":
		return costs{{3.9, 15, 61, 420}, {19, 89, 560, 760}, {10, 46, 220, 630}}
	case "theta-dynamic":
		return costs{{7.2, 21, 130, 580}, {30, 150, 1200, 850}, {14, 74, 340, 800}}
	case "damped":
		return costs{{8, 31, 110, 480}, {34, 240, 950, 1000}, {13, 81, 570, 750}}
	case "holt-winters":
		return costs{{9.7, 38, 210, 620}, {45, 180, 1300, 1100}, {25, 150, 710, 1100}}
	case "level-shape":
		return costs{{7.6, 11, 69, 420}, {25, 86, 290, 760}, {13, 45, 240, 740}}
	case "empirical":
		return costs{{15, 160, 1000, 5700}, {29, 300, 870, 5300}, {34, 300, 1300, 5900}}
	case "croston-sba":
		return costs{{0.72, 3.9, 35, 340}, {6.5, 110, 960, 9000}, {8.9, 35, 210, 2300}}
	case "tsb":
		return costs{{0.76, 3.7, 31, 290}, {6.4, 85, 780, 8100}, {8.2, 36, 220, 2600}}
	case "auto":
		return costs{{110, 1200, 1400, 6100}, {350, 1500, 1600, 6700}, {72, 660, 1300, 4500}}
	}
	return measuredCosts("auto")
}
