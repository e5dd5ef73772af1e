package store

import (
	"context"
	"log/slog"
	"sync"

	"foliocast/internal/postgres"
)

// topic is what a long poll waits for, and the payload of a notification.
type topic string

const (
	messageTopic topic = "message" // a message may be there to lease
	resultTopic  topic = "result"  // a message has ended
)

// Notifier wakes the long polls of one process: one connection listens, and
// every notification on it wakes all polls for its topic. Notifications are lost while
// that connection is broken, so a poll also looks again from time to time.
type Notifier struct {
	listener postgres.Listener
	mu       sync.Mutex
	next     map[topic]chan struct{} // closed by the next notification
}

// NewNotifier returns a notifier that wakes polls while Run runs.
func (s *Store) NewNotifier(log *slog.Logger) *Notifier {
	n := &Notifier{next: map[topic]chan struct{}{messageTopic: make(chan struct{}), resultTopic: make(chan struct{})}}
	n.listener = postgres.Listener{Pool: s.pool, Log: log, Notify: n.notify}
	return n
}

// Run listens until ctx ends, and reconnects when the connection breaks.
func (n *Notifier) Run(ctx context.Context) { n.listener.Run(ctx) }

// Messages returns a channel that is closed the next time that a message may be
// there to lease. A poll that takes the channel before it looks misses nothing
// that comes after the look.
func (n *Notifier) Messages() <-chan struct{} { return n.wait(messageTopic) }

// Results returns a channel that is closed the next time that a message ends.
func (n *Notifier) Results() <-chan struct{} { return n.wait(resultTopic) }

func (n *Notifier) wait(t topic) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.next[t]
}

// notify wakes the polls that wait for the topic of a payload. A payload of "",
// which says that the listener has connected, wakes all of them; a topic that only
// another version of this program knows wakes none.
func (n *Notifier) notify(payload string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for t, c := range n.next {
		if payload == "" || payload == string(t) {
			close(c)
			n.next[t] = make(chan struct{})
		}
	}
}
