package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"foliocast/queue/message"
)

// Enqueue adds 1 to 1000 messages, all or none, and returns a receipt for each
// in their order. A key that is known already is the same message, and nothing
// is changed. A queue that is full is a problem of kind TooMany.
func (c *Client) Enqueue(ctx context.Context, messages []message.New) ([]message.Receipt, error) {
	answer, err := post[message.Receipts](ctx, c, "/v1/messages", 0, message.Upload{Messages: messages})
	return answer.Messages, err
}

// Status shows up to 1000 messages by their keys and ids, in no order and
// without those that are not known.
func (c *Client) Status(ctx context.Context, lookup message.Lookup) ([]message.Status, error) {
	answer, err := post[message.Statuses](ctx, c, "/v1/messages/status", 0, lookup)
	return answer.Messages, err
}

// Message shows one message, by its id or message.ByKey, with what it carries.
func (c *Client) Message(ctx context.Context, id message.ID) (message.Detail, error) {
	return get[message.Detail](ctx, c, messagePath(id), 0)
}

// Replace changes what a waiting message carries, when its revision is still
// the given one. It is a problem of kind Conflict when the message is leased
// or has ended, and of kind Stale when it has another revision.
func (c *Client) Replace(ctx context.Context, id message.ID, revision int, content message.Content) (message.Detail, error) {
	header := http.Header{"If-Match": {strconv.Quote(strconv.Itoa(revision))}}
	return put[message.Detail](ctx, c, messagePath(id), header, content)
}

// Cancel takes a message back: a waiting one ends, the worker of a leased one
// is told, an ended one stays as it is.
func (c *Client) Cancel(ctx context.Context, id message.ID) (message.Detail, error) {
	return remove[message.Detail](ctx, c, messagePath(id))
}

// Retry brings a message back to wait that ended without a result. One in
// flight stays as it is; a completed one is a problem of kind Conflict.
func (c *Client) Retry(ctx context.Context, id message.ID) (message.Detail, error) {
	return post[message.Detail](ctx, c, messagePath(id)+"/retry", 0, nil)
}

func messagePath(id message.ID) string { return "/v1/messages/" + url.PathEscape(string(id)) }
