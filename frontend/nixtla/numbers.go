package nixtla

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// numbers is a JSON list of numbers, in which null stands for NaN.
type numbers []float64

// UnmarshalJSON reads the list. The decoder has seen that it is JSON.
func (n *numbers) UnmarshalJSON(text []byte) error {
	inside, ok := listed(text)
	if !ok {
		if string(text) == "null" {
			*n = nil
			return nil
		}
		return fmt.Errorf("a list of numbers is needed in place of %.20q", text)
	}
	out := make([]float64, 0, bytes.Count(inside, []byte(","))+1)
	for len(inside) > 0 {
		item, rest, _ := bytes.Cut(inside, []byte(","))
		v, err := number(bytes.TrimSpace(item))
		if err != nil {
			return err
		}
		out, inside = append(out, v), rest
	}
	*n = out
	return nil
}

// listed is what is between the brackets of a list.
func listed(text []byte) ([]byte, bool) {
	text = bytes.TrimSpace(text)
	if len(text) < 2 || text[0] != '[' {
		return nil, false
	}
	return bytes.TrimSpace(text[1 : len(text)-1]), true
}

func number(text []byte) (float64, error) {
	if string(text) == "null" {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, fmt.Errorf("%.20q is not a number, or is too large", text)
	}
	return v, nil
}

// appendNumbers appends the JSON list of numbers; what is not finite becomes null.
func appendNumbers(b []byte, values []float64) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		if v-v != 0 {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	return append(b, ']')
}

// column is an exogenous column: numbers, or the words of categories.
type column struct {
	numbers numbers
	words   []string // nil for numbers
}

// UnmarshalJSON reads a list of numbers, or of numbers, texts and truth values that name categories.
func (c *column) UnmarshalJSON(text []byte) error {
	if !bytes.ContainsAny(text, `"tf`) {
		return c.numbers.UnmarshalJSON(text)
	}
	var items []any
	if err := json.Unmarshal(text, &items); err != nil {
		return err
	}
	c.words = make([]string, len(items))
	for i, item := range items {
		c.words[i] = fmt.Sprint(item)
	}
	return nil
}

func (c *column) len() int { return max(len(c.numbers), len(c.words)) }

// word is the name of the category at a place.
func (c *column) word(i int) string {
	if c.words != nil {
		return c.words[i]
	}
	return strconv.FormatFloat(c.numbers[i], 'g', -1, 64)
}
