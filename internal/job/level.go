package job

import (
	"fmt"
	"strconv"
)

// Level is the text form of the level of a prediction interval: 80, 95, 99.5.
func Level(percent float64) string { return strconv.FormatFloat(percent, 'g', -1, 64) }

// LevelFault says what is wrong with the level of a prediction interval, as the
// end of a sentence that begins with the name of its field, or "". A level is
// in percent. R takes a level below 1 as a proportion, so the fault of such a
// level asks whether a percentage was meant.
func LevelFault(percent float64) string {
	switch {
	case percent > 1 && percent < 100:
		return ""
	case percent > 0 && percent < 1:
		return fmt.Sprintf("must be a percentage above 1 and below 100, is %s: did you mean %.6g?", Level(percent), 100*percent)
	}
	return fmt.Sprintf("must be a percentage above 1 and below 100, is %s", Level(percent))
}

// Quantile is the text form of the probability of a quantile: 0.1, 0.5, 0.975.
func Quantile(probability float64) string { return strconv.FormatFloat(probability, 'g', -1, 64) }

// QuantileFault says what is wrong with the probability of a quantile, as
// LevelFault does. Levels are in percent, so the fault of a probability of 1 and
// more asks whether that was meant.
func QuantileFault(probability float64) string {
	const rule = "must be a probability above 0 and below 1, is "
	switch {
	case probability > 0 && probability < 1:
		return ""
	case probability >= 1 && probability < 100:
		return fmt.Sprintf("%s%s: did you mean %.6g?", rule, Quantile(probability), probability/100)
	}
	return rule + Quantile(probability)
}
