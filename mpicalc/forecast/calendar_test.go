package forecast

import "time"

// day is the step of a calendar of days.
const day = 24 * time.Hour
