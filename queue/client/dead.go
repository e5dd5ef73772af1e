package client

import (
	"context"

	"foliocast/queue/message"
)

// Dead lists the messages whose attempts are used up, after a position of the
// feed. A limit of 0 means the service's default.
func (c *Client) Dead(ctx context.Context, from message.Position, limit int) ([]message.DeadLetter, error) {
	answer, err := get[message.DeadLetters](ctx, c, "/v1/dead?"+after(int64(from), limit).Encode(), 0)
	if answer.Dead == nil { // from a service that has the name before
		answer.Dead = answer.Before
	}
	return answer.Dead, err
}

// Redrive requeues dead letters, and returns how many.
func (c *Client) Redrive(ctx context.Context, which message.Selection) (int, error) {
	answer, err := post[message.Count](ctx, c, "/v1/dead/redrive", 0, which)
	return answer.Messages, err
}

// Purge deletes the payloads of dead letters, and returns how many there were.
func (c *Client) Purge(ctx context.Context, which message.Selection) (int, error) {
	answer, err := post[message.Count](ctx, c, "/v1/dead/purge", 0, which)
	return answer.Messages, err
}
