package api

import (
	"strings"

	"github.com/elnormous/contenttype"

	"foliocast/internal/forecasttable"
)

// resultFormats lists how a result can be written, the default first.
func resultFormats() []forecasttable.Format {
	return []forecasttable.Format{forecasttable.JSON, forecasttable.CSV, forecasttable.ArrowStream, forecasttable.Arrow, forecasttable.Parquet}
}

// resultMedia are the media types of the formats.
func resultMedia() []string {
	var media []string
	for _, f := range resultFormats() {
		media = append(media, f.MediaType())
	}
	return media
}

// negotiate picks the format that a client prefers by its header Accept (RFC
// 9110, section 12.5.1), and the first of them when it has no preference or
// sends no header. It reports false when the client accepts none of them, or the
// header cannot be read. Text is UTF-8, and a client may say so.
func negotiate(accept string, offers []forecasttable.Format) (forecasttable.Format, bool) {
	if strings.TrimSpace(accept) == "" {
		return offers[0], true
	}
	types := make([]contenttype.MediaType, len(offers))
	for i, f := range offers {
		types[i] = contenttype.NewMediaType(f.MediaType() + ";charset=utf-8")
	}
	chosen, _, err := contenttype.GetAcceptableMediaTypeFromHeader(accept, types)
	if err != nil {
		return "", false
	}
	for _, f := range offers {
		if f.MediaType() == chosen.MIME() {
			return f, true
		}
	}
	return "", false
}
