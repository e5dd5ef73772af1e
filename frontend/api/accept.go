package api

import (
	"mime"
	"strconv"
	"strings"
)

// negotiate picks the offer that a client likes best by its header Accept (RFC
// 9110, section 12.5.1), the first among equals, or "" when it takes none.
// Without the header anything will do.
func negotiate(accept string, offers []string) string {
	if strings.TrimSpace(accept) == "" {
		return offers[0]
	}
	best, liking := "", 0.0
	for _, offer := range offers {
		if q := quality(accept, offer); q > liking {
			best, liking = offer, q
		}
	}
	return best
}

// quality is how much a client likes a media type: that of the most specific
// range that it falls into.
func quality(accept, media string) float64 {
	kind, _, _ := strings.Cut(media, "/")
	q, found := 0.0, -1
	for item := range strings.SplitSeq(accept, ",") {
		// What cannot be read counts for nothing.
		name, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		specific := map[string]int{"*/*": 0, kind + "/*": 1, media: 2}
		at, ok := specific[name]
		if !ok || at < found {
			continue
		}
		weight := 1.0
		if text, given := params["q"]; given {
			if weight, err = strconv.ParseFloat(text, 64); err != nil || !(weight >= 0 && weight <= 1) {
				continue
			}
		}
		if at > found {
			q = weight
		} else {
			q = max(q, weight)
		}
		found = at
	}
	return q
}
