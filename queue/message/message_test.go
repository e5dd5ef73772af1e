package message_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"foliocast/queue/message"
)

func ExampleByKey() {
	id := message.ByKey("job 7")
	key, ok := id.Key()
	fmt.Println(id, key, ok)
	_, ok = message.ID("01890a5d-ac96-774b-bcce-b302099a8057").Key()
	fmt.Println(ok)
	// Output:
	// key:job 7 job 7 true
	// false
}

// TestWireForm holds the JSON that workers in other languages rely on.
func TestWireForm(t *testing.T) {
	t.Parallel()
	held := message.Held{ID: "i", Token: 3}
	for _, c := range []struct {
		value any
		want  string
	}{
		{message.Beat{Held: held, Progress: 0.5}, `{"id":"i","token":3,"progress":0.5}`},
		{message.Completion{Held: held, Result: json.RawMessage(`{"a":1}`)}, `{"id":"i","token":3,"result":{"a":1}}`},
		{message.Completion{Held: held, Error: "e", Retryable: true}, `{"id":"i","token":3,"error":"e","retryable":true}`},
		{message.HeldVerdict{Held: held, Verdict: message.Stop}, `{"id":"i","token":3,"verdict":"cancelled"}`},
		{message.New{Key: "k", Payload: json.RawMessage(`1`)}, `{"key":"k","payload":1}`},
	} {
		got, err := json.Marshal(c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("%T: got %s, %v, want %s", c.value, got, err, c.want)
		}
	}
}
