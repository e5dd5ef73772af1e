package csv

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
)

// pow10 are the powers of ten that float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseValue reads a decimal number, correctly rounded. A missing value, an empty text or one of the words of parseWord, is
// NaN; infinities are infinities. For any other text it returns false.
func parseValue(b []byte) (float64, bool) {
	if v, _, ok := parseShort(b); ok {
		return v, true
	}
	return parseLong(b)
}

// parseShort reads numbers of up to 15 digits without an exponent. A float64 holds the digits and the power of ten exactly,
// so one division rounds correctly (Clinger, 1990). Places is the number of decimals, or -1 without a point.
func parseShort(b []byte) (v float64, places int, ok bool) {
	i, negative := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		i = 1
	}
	if len(b)-i > 16 {
		return 0, 0, false
	}
	var mantissa uint64
	digits, point := 0, -1
	for ; i < len(b); i++ {
		c := b[i] - '0'
		switch {
		case c <= 9:
			mantissa = mantissa*10 + uint64(c)
			digits++
		case b[i] == '.' && point < 0:
			point = digits
		default:
			return 0, 0, false
		}
	}
	if digits == 0 || digits > 15 {
		return 0, 0, false
	}
	v, places = float64(mantissa), -1
	if point >= 0 {
		places = digits - point
		v /= pow10[places]
	}
	if negative {
		v = -v
	}
	return v, places, true
}

// parseLong reads all other values.
func parseLong(b []byte) (float64, bool) {
	b = bytes.TrimSpace(b)
	if !decimal(b) || len(b) <= 2 && len(bytes.Trim(b, "-.")) == 0 {
		return parseWord(string(b))
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return v, true // a number out of range is an infinity
}

// decimal reports whether a text has only characters of decimal numbers. ParseFloat also takes hexadecimal numbers and
// underscores.
func decimal(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	return len(b) > 0
}

// parseWord reads the words for missing values and infinities.
func parseWord(s string) (float64, bool) {
	switch strings.ToLower(s) {
	case "", "na", "n/a", "n.a.", "nan", "-nan", "null", "none", "nil", "missing", "<na>", "-", "--", ".", "?",
		"#n/a", "#na", "#n/a n/a", "#value!", "#div/0!", "#num!", "#ref!", "#name?", "#null!":
		return math.NaN(), true
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	}
	return 0, false
}
