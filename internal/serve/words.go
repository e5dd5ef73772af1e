package serve

import (
	"regexp"
	"strconv"
	"strings"

	"foliocast/internal/problem"
)

// phrase is one of the router's phrases about a field, and what we say.
type phrase struct {
	theirs *regexp.Regexp
	ours   string
}

func phrases(pairs ...string) []phrase {
	var all []phrase
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, phrase{regexp.MustCompile("^" + pairs[i] + "$"), pairs[i+1]})
	}
	return all
}

var fieldPhrases = phrases(
	`expected number >= (\S+)`, "must be at least $1",
	`expected number <= (\S+)`, "must be at most $1",
	`expected number`, "must be a number",
	`expected integer`, "must be a whole number",
	`expected boolean`, "must be true or false",
	`expected string`, "must be a string",
	`expected array`, "must be a list",
	`expected object`, "must be an object",
	`expected value to be one of "(.*)"`, "must be one of $1",
	`expected string to match pattern (.*)`, "must match $1",
	`expected string to be (.*)`, "must be $1",
	`expected length >= (\d+)`, "must have at least $1 characters",
	`expected length <= (\d+)`, "must have at most $1 characters",
	`expected array length >= 1`, "must have at least 1 item",
	`expected array length >= (\d+)`, "must have at least $1 items",
	`expected array length <= (\d+)`, "must have at most $1 items",
	`unexpected property`, problem.UnknownField,
	`invalid integer`, "must be a whole number",
	`invalid float(?:ing value)?`, "must be a number",
	`invalid boolean`, "must be true or false",
	`unexpected end of JSON input`, "ends in the middle of the JSON",
	`invalid character .* exceeded max depth`, "is nested too deeply",
	`invalid character ('\\?.[^']*').*`, "is not valid JSON: the character $1 is out of place",
	`expected array items to be unique`, "must not have the same item twice",
	`unknown content type: (.*)`, "must be application/json, is $1",
)

// plain is a sentence of ours for one of the router's.
func plain(message string) string {
	for _, p := range fieldPhrases {
		if p.theirs.MatchString(message) {
			return exponentPattern.ReplaceAllStringFunc(p.theirs.ReplaceAllString(message, p.ours), written)
		}
	}
	return message
}

// exponentPattern is a bound as Go writes large numbers.
var exponentPattern = regexp.MustCompile(`\b[0-9.]+e\+[0-9]+$`)

// written is a number without an exponent.
func written(number string) string {
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

var tooLargePattern = regexp.MustCompile(`^request body is too large limit=(\d+) bytes$`)

// unreadBody is the router's phrase for a body that broke off.
const unreadBody = "cannot read request body"

// sentence replaces the router's standard phrases by ones that say what to do.
func sentence(status int, detail string) string {
	switch {
	case detail == unreadBody:
		return "the body did not arrive whole"
	case status == 500:
		return "the service failed: this is a fault of ours, and it is logged under the request id"
	case detail == "validation failed":
		return "the request has faults"
	case detail == "request body is required":
		return "the request has no body, and needs one"
	case detail == "request body read timeout":
		return "the body did not arrive in time"
	case strings.HasPrefix(detail, "request body is too large"):
		return tooLargePattern.ReplaceAllString(detail, "the body is too large: it may have fewer than $1 bytes")
	}
	return detail
}
