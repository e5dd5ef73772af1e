package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/queue/message"
)

// partMedia is the media type of a part: bytes that the queue does not interpret.
const partMedia = "application/octet-stream"

// maxPart bounds one part, in bytes, because a part is held in memory whole.
const maxPart = 16 << 20

func (a *API) registerParts(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPut, Path: "/v1/leases/{id}/parts/{index}", OperationID: "put-part",
		Summary:      "Send a part of a result before its completion; sending a part again replaces it",
		MaxBodyBytes: maxPart, BodyReadTimeout: bodyTime}, auth.QueueLease, a.putPart)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/leases/{id}/parts/{index}", OperationID: "held-part",
		Summary:   "Read a part of a leased message, of the latest lease that sent one with this index, so that a worker goes on from what an earlier one has saved",
		Responses: partAnswer()}, auth.QueueLease, a.heldPart)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/results/{position}/parts/{index}", OperationID: "part",
		Summary: "Read one part of a result", Responses: partAnswer()}, auth.ResultsRead, a.part)
}

// partAnswer describes an answer that is a part.
func partAnswer() map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "The part as it was sent",
		Content:     map[string]*huma.MediaType{partMedia: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
}

type putPartInput struct {
	ID      message.ID    `path:"id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a UUID in lower case"`
	Index   int           `path:"index" minimum:"0" maximum:"99999"`
	Token   message.Token `query:"token" required:"true" minimum:"1"`
	RawBody []byte        `contentType:"application/octet-stream"`
}

func (a *API) putPart(ctx context.Context, b *Backend, in *putPartInput) (*bodied[message.HeldVerdict], error) {
	held := message.Held{ID: in.ID, Token: in.Token}
	v, err := account(ctx, b).PutPart(ctx, message.Part{Held: held, Index: in.Index, Body: in.RawBody})
	if err != nil {
		return nil, err
	}
	a.judged(v, "parts")
	return &bodied[message.HeldVerdict]{message.HeldVerdict{Held: held, Verdict: v}}, nil
}

type heldPartInput struct {
	ID    message.ID    `path:"id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a UUID in lower case"`
	Index int           `path:"index" minimum:"0" maximum:"99999"`
	Token message.Token `query:"token" required:"true" minimum:"1"`
}

func (a *API) heldPart(ctx context.Context, b *Backend, in *heldPartInput) (*rawPart, error) {
	body, err := account(ctx, b).HeldPart(ctx, message.Held{ID: in.ID, Token: in.Token}, in.Index)
	return &rawPart{partMedia, body}, err
}

type partInput struct {
	Position int64 `path:"position" minimum:"1"`
	Index    int   `path:"index" minimum:"0"`
}

// rawPart is a part as it was sent.
type rawPart struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *API) part(ctx context.Context, b *Backend, in *partInput) (*rawPart, error) {
	body, err := b.Store.Part(ctx, message.Position(in.Position), in.Index)
	return &rawPart{partMedia, body}, err
}
