package api_test

import (
	"testing"

	"foliocast/internal/openapitest"
)

func TestAnswersAreDeclared(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("one", "two", "three")
	openapitest.Check(t, openapitest.Service{Handler: s.door.Router, Token: func() string { return s.token }, Bytes: []string{"put-part"}, Values: map[string][]string{
		"key": {"one", "two", "fresh"}, "queue": {"default", "jobs"}, "name": {"default", "jobs"}, "worker": {"w1", "w2"}, "wait": {"0s", "1ms"}, "owner": {"ada"},
	}})
}
