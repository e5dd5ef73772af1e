package api

import (
	"strings"

	"github.com/elnormous/contenttype"

	"foliocast/internal/forecasttable"
)

// resultFormats lists the formats of a result, the default first.
func resultFormats() []forecasttable.Format {
	return []forecasttable.Format{forecasttable.JSON, forecasttable.CSV, forecasttable.ArrowStream, forecasttable.Arrow, forecasttable.Parquet}
}

// resultMedia lists the media types of those formats.
func resultMedia() []string {
	var media []string
	for _, f := range resultFormats() {
		media = append(media, f.MediaType())
	}
	return media
}

// negotiate picks the format that a client prefers by its header Accept (RFC
// 9110, section 12.5.1), or the first offer when it has no preference or sends no
// header. It reports false when the client accepts none of the offers, or the
// header cannot be parsed. Text is in UTF-8, and a client may ask for that charset.
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
