package job

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Names{
		`"*"`: {"*"}, `"\u002a"`: {"*"}, `["*"]`: {"*"}, `["A","B"]`: {"A", "B"}, `[]`: {}, `null`: nil,
		`"A"`: nil, `""`: nil, `7`: nil, `{"A":1}`: nil, `[7,"A"]`: {"", "A"},
	} {
		var got Spec
		if err := json.Unmarshal([]byte(`{"assets":`+text+`,"horizon":3}`), &got); err != nil || got.Horizon != 3 {
			t.Errorf("%s: got horizon %d, %v", text, got.Horizon, err)
		}
		if d := cmp.Diff(want, got.Assets); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
	written, err := json.Marshal(Spec{Assets: Names{"*"}})
	if err != nil || !strings.Contains(string(written), `"assets":["*"]`) {
		t.Errorf("got %s, %v", written, err)
	}
}
