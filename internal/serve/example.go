package serve

import (
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
)

// Examples gives the description of an API an example of the body of each operation that takes one. The text is a JSON object with the
// examples by the operations' ids; one that is a string is a body of text or a form. It panics where it names no operation, which is a
// fault of the program.
func Examples(api huma.API, text []byte) {
	var examples map[string]any
	if err := json.Unmarshal(text, &examples); err != nil {
		panic(fmt.Sprintf("the examples of the API: %v", err))
	}
	for _, item := range api.OpenAPI().Paths {
		for _, op := range operationsAt(item) {
			example, is := examples[op.OperationID]
			if !is || op.RequestBody == nil {
				continue
			}
			media := []string{"application/json"}
			if _, plain := example.(string); plain {
				media = []string{"application/x-www-form-urlencoded", "text/csv"}
			}
			for _, name := range media {
				if content := op.RequestBody.Content[name]; content != nil {
					content.Example = example
					delete(examples, op.OperationID)
				}
			}
		}
	}
	if len(examples) > 0 {
		panic(fmt.Sprintf("examples of operations that do not take them: %v", examples))
	}
}
