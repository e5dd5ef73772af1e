package api_test

import (
	"strings"
	"testing"
)

func TestMetricsCountTheMessagesInTheQueues(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a", "b", "c")
	s.lease()
	_, text := s.send("GET", "/metrics", "")
	for _, want := range []string{
		`queue_messages{queue="default",state="waiting"} 2`,
		`queue_messages{queue="default",state="leased"} 1`,
		`queue_oldest_age_seconds{queue="default"} `,
		`queue_messages_total{event="enqueued"} 3`,
		`queue_messages_total{event="leased"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
}
