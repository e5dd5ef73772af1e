package main

import (
	"reflect"
	"testing"

	"foliocast/authsvc"
	"foliocast/foliocast"
	"foliocast/frontend"
	"foliocast/queue"
)

func TestTheNameIsTheProgram(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]func() int{"authsvc": authsvc.Main, "frontend": frontend.Main, "queue": queue.Main, "foliocast": foliocast.Main, "other": foliocast.Main} {
		if reflect.ValueOf(program(name)).Pointer() != reflect.ValueOf(want).Pointer() {
			t.Errorf("%s is another program", name)
		}
	}
}
