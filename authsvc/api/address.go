package api

import (
	"context"
	"net"

	"github.com/danielgtaylor/huma/v2"
)

type addressKey struct{}

// withAddress keeps the client's address for the throttle. It trusts no
// header: a client that guesses passwords could write any.
func withAddress(ctx huma.Context, next func(huma.Context)) {
	host, _, err := net.SplitHostPort(ctx.RemoteAddr())
	if err != nil {
		host = ctx.RemoteAddr()
	}
	next(huma.WithValue(ctx, addressKey{}, host))
}

func address(ctx context.Context) string {
	host, _ := ctx.Value(addressKey{}).(string)
	return host
}
