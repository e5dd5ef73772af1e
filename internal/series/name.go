package series

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest name of an asset, in bytes.
const maxName = 256

// nameFault is the reason why a text cannot be the name of an asset, or empty.
func nameFault(name string) string {
	switch {
	case name == "":
		return "the asset's name is empty"
	case len(name) > maxName:
		return fmt.Sprintf("the asset's name has %d bytes, more than %d", len(name), maxName)
	case !utf8.ValidString(name):
		return "the asset's name is not valid UTF-8"
	case name == "*":
		return "the asset's name is *, which stands for every asset in a job"
	}
	if strings.TrimSpace(name) != name {
		return "the asset's name begins or ends with a space"
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return fmt.Sprintf("the asset's name has the control character %U", r)
		}
	}
	return ""
}
