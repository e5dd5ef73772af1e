package serve

import "mime"

// Attachment is the value of the header Content-Disposition for an answer that a
// browser saves under a name and does not show.
func Attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
