package client

import (
	"context"
	"net/url"
	"strconv"

	"foliocast/queue/message"
)

// Queues lists the queues, in the order in which messages are dealt to them, and says how
// far a dealing is.
func (c *Client) Queues(ctx context.Context) (message.Queues, error) {
	all, err := get[message.Queues](ctx, c, "/v1/queues", 0)
	if all.Queues == nil { // from a service that has the name before
		all.Queues = all.Before
	}
	all.Before = all.Queues
	return all, err
}

// AddQueue adds a queue and deals the waiting messages out again, or begins to when there
// are many; a dry run changes nothing and returns what would move.
func (c *Client) AddQueue(ctx context.Context, q message.NewQueue, dry bool) (message.Dealing, error) {
	return post[message.Dealing](ctx, c, "/v1/queues"+dryRun(dry), 0, q)
}

// RemoveQueue removes a queue and deals the waiting messages out again, or begins to when
// there are many; a dry run changes nothing and returns what would move.
func (c *Client) RemoveQueue(ctx context.Context, name string, dry bool) (message.Dealing, error) {
	return remove[message.Dealing](ctx, c, queuePath(name)+dryRun(dry))
}

// PauseQueue stops leasing messages from a queue until it is resumed.
func (c *Client) PauseQueue(ctx context.Context, name string) (message.Queue, error) {
	return post[message.Queue](ctx, c, queuePath(name)+"/pause", 0, nil)
}

// ResumeQueue resumes a paused queue.
func (c *Client) ResumeQueue(ctx context.Context, name string) (message.Queue, error) {
	return post[message.Queue](ctx, c, queuePath(name)+"/resume", 0, nil)
}

// LimitQueue changes how many messages may wait in a queue; 0 is no limit.
func (c *Client) LimitQueue(ctx context.Context, name string, maxLength int) (message.Queue, error) {
	return put[message.Queue](ctx, c, queuePath(name)+"/limit", nil, message.QueueLimit{MaxLength: maxLength})
}

// ShareQueue changes which share of the leases a queue gets.
func (c *Client) ShareQueue(ctx context.Context, name string, share message.QueueShare) (message.Queue, error) {
	return patch[message.Queue](ctx, c, queuePath(name), share)
}

// Owners lists the owners who have messages in flight, or a share of their own, by name, after
// one of them; "" begins at the first.
func (c *Client) Owners(ctx context.Context, after string, limit int) ([]message.Owner, error) {
	query := url.Values{"after": {after}, "limit": {strconv.Itoa(limit)}}
	answer, err := get[message.Owners](ctx, c, "/v1/owners?"+query.Encode(), 0)
	if answer.Owners == nil { // from a service that has the name before
		answer.Owners = answer.Before
	}
	return answer.Owners, err
}

// SetShare changes which share of the leases an owner gets.
func (c *Client) SetShare(ctx context.Context, owner string, share message.Share) error {
	_, err := put[message.Share](ctx, c, "/v1/owners/"+url.PathEscape(owner), nil, share)
	return err
}

func queuePath(name string) string { return "/v1/queues/" + url.PathEscape(name) }
