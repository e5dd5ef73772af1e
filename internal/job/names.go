package job

import (
	"encoding/json"
	"errors"
)

// Names are names of assets. In JSON, the string "*" is read as the list of one star, and a list is written.
type Names []string

// UnmarshalJSON reads a list of names, or a star. Anything else is read as no name or as an empty one, which Validate refuses: an
// error would keep what comes after it from being read, and checks would find faults there that the text does not have.
func (n *Names) UnmarshalJSON(text []byte) error {
	*n = nil
	if text[0] == '"' {
		var one string
		if err := json.Unmarshal(text, &one); err == nil && one == "*" {
			*n = Names{"*"}
		}
		return nil
	}
	err := json.Unmarshal(text, (*[]string)(n))
	if _, another := errors.AsType[*json.UnmarshalTypeError](err); another {
		return nil
	}
	return err
}
