package api_test

import (
	"strings"
	"testing"

	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
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
	servetest.Until(t, "the messages are counted", func() bool { return strings.Contains(s.scrape(), "foliocast_queue_messages{") })
	text := s.scrape()
	for _, want := range []string{
		`foliocast_queue_messages{queue="default",state="waiting"} 2`,
		`foliocast_queue_messages{queue="default",state="leased"} 1`,
		`foliocast_queue_oldest_age_seconds{queue="default"} `,
		`foliocast_queue_messages_total{event="enqueued"} 3`,
		`foliocast_queue_messages_total{event="leased"} 1`,
		`foliocast_queue_wait_seconds_count 1`,
		`foliocast_worlds{state="idle"} 0`,
		`foliocast_ranks 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
	servetest.LintMetrics(t, text)
}

func TestMetricsOfWorldsAndReaders(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a")
	s.end(message.Completion{Held: s.leaseKey("a", 0), Result: []byte("1")}, nil)
	for _, world := range []struct {
		name  string
		state message.WorkerState
		ranks int
		busy  float64
	}{{"one", message.Working, 4, 1}, {"two", message.Idle, 12, 0}} {
		if _, err := s.Report(t.Context(), message.Report{Worker: world.name, State: world.state, RankCount: world.ranks, Busy: world.busy}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Read(t.Context(), message.Reader{Name: "frontend"}, 0, 10, 0); err != nil {
		t.Fatal(err)
	}
	go s.operations.Sample(t.Context())
	servetest.Until(t, "the messages are counted", func() bool { return strings.Contains(s.scrape(), "foliocast_worlds{") })
	text := s.scrape()
	for _, want := range []string{
		`foliocast_worlds{state="working"} 1`,
		`foliocast_ranks 16`,
		`foliocast_ranks_busy_ratio 0.25`, // four of sixteen
		`reader="frontend"} 1`,            // it has been given the result, and has not come back for the next
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	servetest.LintMetrics(t, text)
}

// Each scrape used to count the table of messages.
func TestAScrapeAsksNoDatabase(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a")
	before := s.pool.Stat().AcquireCount()
	if text := s.scrape(); !strings.Contains(text, `foliocast_queue_messages_total{event="enqueued"} 1`) || strings.Contains(text, "foliocast_queue_messages{") {
		t.Errorf("got %.500s", text)
	}
	if n := s.pool.Stat().AcquireCount() - before; n > 0 {
		t.Errorf("a scrape took a connection to the database %d times", n)
	}
}
