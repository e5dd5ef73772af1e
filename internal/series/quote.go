package series

import (
	"strconv"
	"strings"
)

// Quote shows a text of a file in a message: in quotes, on one line, and cut off when it is long.
func Quote(text string) string {
	const limit = 40
	text = strings.ToValidUTF8(text, "?")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return strconv.Quote(text)
}
