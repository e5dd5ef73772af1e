package series

import (
	"strconv"
	"strings"
)

// Quote writes a text from a file for a message: in quotes, on one line, and cut off after 40 bytes.
func Quote(text string) string {
	const limit = 40
	text = strings.ToValidUTF8(text, "?")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return strconv.Quote(text)
}
