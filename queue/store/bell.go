package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Bell wakes the long polls of one process: one connection listens, and every
// notice on it goes to all who wait. A notice may be missed while the
// connection is away, so a waiter looks again on his own now and then.
type Bell struct {
	store *Store
	log   *slog.Logger
	mu    sync.Mutex
	rings map[topic]chan struct{}
}

// NewBell returns a bell that rings once Listen runs.
func (s *Store) NewBell(log *slog.Logger) *Bell {
	return &Bell{store: s, log: log, rings: map[topic]chan struct{}{messageTopic: make(chan struct{}), resultTopic: make(chan struct{})}}
}

// Messages is closed the next time that a message may be there to lease. Take
// it before you look, and what comes after the look is not missed.
func (b *Bell) Messages() <-chan struct{} { return b.next(messageTopic) }

// Results is closed the next time that a message has ended.
func (b *Bell) Results() <-chan struct{} { return b.next(resultTopic) }

func (b *Bell) next(t topic) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rings[t]
}

// ring wakes all who wait for a topic. Topics that are not known are another
// version's.
func (b *Bell) ring(t topic) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.rings[t]; ok {
		close(c)
		b.rings[t] = make(chan struct{})
	}
}

// Bounds on the wait before the listener connects again.
const (
	minReconnect = 50 * time.Millisecond
	maxReconnect = 5 * time.Second
)

// Listen rings the bell for what the database tells, until ctx ends. It
// connects again when the connection breaks.
func (b *Bell) Listen(ctx context.Context) {
	wait := minReconnect
	for ctx.Err() == nil {
		begin := time.Now()
		err := b.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begin) > maxReconnect {
			wait = minReconnect
		}
		b.log.Warn("listening for messages broke, will connect again", "err", err, "wait_ms", wait.Milliseconds())
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, maxReconnect)
	}
}

// listen connects and listens until something breaks.
func (b *Bell) listen(ctx context.Context) error {
	config := b.store.pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] = "foliocast-queue-bell"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var channel string
	if err := conn.QueryRow(ctx, b.store.sql["channel"]).Scan(&channel); err != nil {
		return fmt.Errorf("ask for the channel: %w", err)
	}
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	// What was told before this connection listened is lost: let all look.
	b.ring(messageTopic)
	b.ring(resultTopic)
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("wait for a notice: %w", err)
		}
		b.ring(topic(n.Payload))
	}
}
