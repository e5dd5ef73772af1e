package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"foliocast/queue/message"
)

// Enqueue adds 1 to 1000 messages, all or nothing, and returns a receipt for each
// in their order. A key that was used before names the earlier message, which is
// not changed. The error is a problem of kind TooMany when a queue is full.
func (c *Client) Enqueue(ctx context.Context, messages []message.New) ([]message.Receipt, error) {
	answer, err := post[message.Receipts](ctx, c, "/v1/messages", 0, message.Upload{Messages: messages})
	return answer.Messages, err
}

// Status returns the status of up to 1000 messages: by their keys and ids, in no
// order and without those that do not exist, or those that have been leased for some time.
func (c *Client) Status(ctx context.Context, lookup message.Lookup) ([]message.Status, error) {
	answer, err := post[message.Statuses](ctx, c, "/v1/messages/status", 0, lookup)
	return answer.Messages, err
}

// Message returns one message with its payload, by its id or message.ByKey.
func (c *Client) Message(ctx context.Context, id message.ID) (message.Detail, error) {
	return get[message.Detail](ctx, c, messagePath(id), 0)
}

// Replace replaces the payload of a waiting message that still has the given
// revision. The error is a problem of kind Conflict when the message is leased or
// has ended, and of kind Stale when it has another revision.
func (c *Client) Replace(ctx context.Context, id message.ID, revision int, content message.Content) (message.Detail, error) {
	header := http.Header{"If-Match": {strconv.Quote(strconv.Itoa(revision))}}
	return put[message.Detail](ctx, c, messagePath(id), header, content)
}

// Cancel cancels a message: a waiting one ends, the worker of a leased one is told
// at its next heartbeat, and an ended one is not changed.
func (c *Client) Cancel(ctx context.Context, id message.ID) (message.Detail, error) {
	return remove[message.Detail](ctx, c, messagePath(id))
}

// Retry requeues a message that ended without a result. A message in flight is
// not changed; a completed one is a problem of kind Conflict.
func (c *Client) Retry(ctx context.Context, id message.ID) (message.Detail, error) {
	return post[message.Detail](ctx, c, messagePath(id)+"/retry", 0, nil)
}

func messagePath(id message.ID) string { return "/v1/messages/" + url.PathEscape(string(id)) }
