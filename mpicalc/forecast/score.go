package forecast

import "math"

// Score is how one forecast of one series did. Scores travel between ranks and are put together by Summarize.
type Score struct {
	Points                  int // steps scored
	SMAPE, MASE             float64
	Naive2SMAPE, Naive2MASE float64
	Inside                  []float64 // per level, the share of the values in the interval
}

// NewScore compares the answer r with the values that came, whose number is the horizon; m is the season of the
// measures, 1 for none.
func NewScore(train, actual []float64, r *Result, m int) Score {
	benchmark := Naive2(train, len(actual), m)
	s := Score{
		Points:      len(actual),
		SMAPE:       SMAPE(actual, r.Mean),
		MASE:        MASE(train, actual, r.Mean, m),
		Naive2SMAPE: SMAPE(actual, benchmark),
		Naive2MASE:  MASE(train, actual, benchmark, m),
	}
	for i := range r.Lo {
		s.Inside = append(s.Inside, Coverage(actual, r.Lo[i], r.Hi[i]))
	}
	return s
}

// Accuracy is how a method did on a set of series.
type Accuracy struct {
	Series      int
	SMAPE, MASE float64 // means over the series
	OWA         float64
	PointSMAPE  float64   // mean over all points, as in the tables of the M3 and the tourism competition
	Coverage    []float64 // per level, the share of all points in their intervals
}

// Summarize puts scores together, in their order, so that equal scores give equal bits. A series whose MASE is not
// defined is left out of the mean of MASE. Without any score everything is NaN.
func Summarize(scores []Score) Accuracy {
	a := Accuracy{Series: len(scores)}
	var smape, mase, smape2, mase2, points average
	var inside []average
	for _, s := range scores {
		n := float64(s.Points)
		smape.add(s.SMAPE, 1)
		mase.add(s.MASE, 1)
		smape2.add(s.Naive2SMAPE, 1)
		mase2.add(s.Naive2MASE, 1)
		points.add(s.SMAPE, n)
		for i, share := range s.Inside {
			if i == len(inside) {
				inside = append(inside, average{})
			}
			inside[i].add(share, n)
		}
	}
	a.SMAPE, a.MASE, a.PointSMAPE = smape.mean(), mase.mean(), points.mean()
	a.OWA = OWA(a.SMAPE, a.MASE, smape2.mean(), mase2.mean())
	for _, v := range inside {
		a.Coverage = append(a.Coverage, v.mean())
	}
	return a
}

type average struct{ sum, weight float64 }

func (a *average) add(v, weight float64) {
	if !math.IsNaN(v) {
		a.sum += v * weight
		a.weight += weight
	}
}

func (a average) mean() float64 { return a.sum / a.weight }
