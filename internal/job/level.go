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
