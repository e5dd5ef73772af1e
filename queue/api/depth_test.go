package api_test

import (
	"strings"
	"testing"

	"foliocast/internal/serve/servetest"
)

const metricsToken = "a token for the metrics"

// scrape reads the metrics.
func (s *service) scrape() string {
	s.t.Helper()
	_, text := servetest.Send(s.t, "GET", s.url+"/metrics", nil, "Authorization", "Bearer "+metricsToken)
	return text
}

func TestMetricsCountTheMessagesInTheQueues(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a", "b", "c")
	s.lease()
	go s.operations.Sample(t.Context())
	servetest.Until(t, "the messages are counted", func() bool { return strings.Contains(s.scrape(), "queue_messages{") })
	text := s.scrape()
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

// Each scrape used to count the table of messages.
func TestAScrapeAsksNoDatabase(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a")
	before := s.pool.Stat().AcquireCount()
	if text := s.scrape(); !strings.Contains(text, `queue_messages_total{event="enqueued"} 1`) || strings.Contains(text, "queue_messages{") {
		t.Errorf("got %.500s", text)
	}
	if n := s.pool.Stat().AcquireCount() - before; n > 0 {
		t.Errorf("a scrape took a connection to the database %d times", n)
	}
}
