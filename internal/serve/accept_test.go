package serve

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// every is a body with a field for each thing that a shape knows.
type every struct {
	Flag    bool                  `json:"flag"`
	Maybe   *bool                 `json:"maybe"`
	Whole   int                   `json:"whole,omitzero" minimum:"-100" maximum:"100"`
	Wide    int64                 `json:"wide,omitzero"`
	Count   uint32                `json:"count,omitzero"`
	Part    float64               `json:"part,omitzero" exclusiveMinimum:"0" exclusiveMaximum:"1"`
	Number  *float32              `json:"number,omitzero"`
	Word    string                `json:"word,omitzero" minLength:"2" maxLength:"4"`
	ID      string                `json:"id,omitzero" pattern:"^[0-9a-f]{4}(-[0-9a-f]{2}){2}$"`
	Mode    string                `json:"mode,omitzero" enum:"a,b"`
	When    time.Time             `json:"when,omitzero"`
	UUID    string                `json:"uuid,omitzero" format:"uuid"`
	Bytes   []byte                `json:"bytes,omitzero"`
	List    []everyItem           `json:"list,omitzero" minItems:"1" maxItems:"3"`
	Modes   []string              `json:"modes,omitzero" uniqueItems:"true" enum:"a,b,c"`
	Null    []int                 `json:"null,omitzero" nullable:"true"`
	Map     map[string]float64    `json:"map,omitzero"`
	Deep    map[string][]*EveryID `json:"deep,omitzero"`
	Inside  *everyItem            `json:"inside,omitzero"`
	Again   *every                `json:"again,omitzero"`
	Either  starOrWords           `json:"either,omitzero"`
	Star    starOrWords           `json:"star,omitzero"`
	Raw     json.RawMessage       `json:"raw,omitzero"`
	Any     any                   `json:"any,omitzero"`
	Private string                `json:"-"`
}

// starOrWords is a list of words, or a star.
type starOrWords []string

func (w *starOrWords) UnmarshalJSON(text []byte) error {
	if string(text) == `"*"` {
		*w = starOrWords{"*"}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(w))
}

func (starOrWords) Schema(huma.Registry) *huma.Schema {
	two := 2
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}, MaxItems: &two}, {Type: huma.TypeString, Pattern: "^[*]$"}}}
}

type everyItem struct {
	EveryID
	Keep json.RawMessage `json:"keep"`
}

type EveryID struct {
	Token int `json:"token" minimum:"1"`
}

// everything is a valid body.
const everything = `{"flag":true,"maybe":null,"whole":-7,"wide":9007199254740993,"count":1,"part":0.5,"number":-1.5e-3,"word":"abé","id":"00af-ff-01",` +
	`"mode":"a","when":"2026-01-02T03:04:05.6Z","uuid":"01890a5d-ac96-774b-bcce-b302099a8057","bytes":"YQ==","list":[ {"token":1,"keep":{"a":[1,{"b":"\u0000\ud800"}],"b":{}}} , {"keep":null,"token":2} ],` +
	`"modes":["a","c"],"null":null,"map":{"x/y":1,"é":2,"":3},"deep":{"a":[],"b":[{"token":3}]},"inside":{"token":1e2,"keep":[]},"again":{"flag":false,"maybe":true,"word":"\u00e9\n"},` +
	`"either":["a","b"],"star":"*","raw":{"a":[null,true,false,"\"\\\/\b\f\n\r\t\u12aF",0,-0.0e+1]},"any":[[],{},"x"]}`

// aBody is the check of a body of the operation that takes it.
func aBody[T any](t testing.TB) *checked {
	t.Helper()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	var c *checked
	huma.Register(documenting{d.API, func(made *checked) { c = made }}, huma.Operation{Method: http.MethodPost, Path: "/"},
		func(context.Context, *struct{ Body T }) (*struct{}, error) { return nil, nil })
	c.prepare()
	return c
}

// documenting hands out the check of the operation that is registered.
type documenting struct {
	huma.API
	check func(*checked)
}

func (d documenting) DocumentOperation(op *huma.Operation) {
	c := &checked{API: d.API}
	c.DocumentOperation(op)
	d.check(c)
}

// unfit is why a body is not fit for its operation, by everything but the pass: strict JSON,
// the check of a body and the router's own check. What then cannot be decoded is left to the decoder
// here and there.
func unfit(c *checked, body []byte) error {
	var v any
	slow := &checked{API: c.API, schema: c.schema}
	if err := slow.unmarshal(mediaType, body, &v); err != nil {
		return err
	}
	var router huma.ValidateResult
	huma.Validate(c.OpenAPI().Components.Schemas, c.schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, v, &router)
	return errors.Join(router.Errors...)
}

// A schema with something that a shape does not know is left to the router, and the
// document has every schema.
func TestBodiesWithoutAShape(t *testing.T) {
	t.Parallel()
	type multiple struct {
		N int `json:"n" multipleOf:"3"`
	}
	type known struct {
		N int `json:"n" maximum:"3"`
	}
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/multiple"}, func(context.Context, *struct{ Body multiple }) (*struct{}, error) { return nil, nil })
	Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/known"}, func(context.Context, *struct{ Body known }) (*struct{}, error) { return nil, nil })
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	for _, path := range []string{"/multiple", "/known"} {
		if p := send(t, server.URL+path, mediaType, `{"n":3}`); p.Status != http.StatusNoContent {
			t.Errorf("%s: got %+v for 3", path, p)
		}
		if p := send(t, server.URL+path, mediaType, `{"n":4}`); p.Status != http.StatusUnprocessableEntity || len(p.Faults) != 1 || p.Faults[0].Pointer != "/n" {
			t.Errorf("%s: got %+v for 4", path, p)
		}
	}
	for _, path := range []string{"/multiple", "/known"} {
		schema := d.API.OpenAPI().Paths[path].Post.RequestBody.Content[mediaType].Schema
		if schema.Ref == "" {
			t.Errorf("the document has lost the schema of %s", path)
		}
	}
}

// What the pass accepts, nothing else finds a fault in.
func FuzzAccepts(f *testing.F) {
	c := aBody[every](f)
	if c.shape == nil {
		f.Fatal("the schema has no shape")
	}
	if !accepts(c.shape, []byte(everything)) {
		f.Fatal("the valid body is not accepted")
	}
	puts := []string{"", "0", "null", `"`, `\`, "\xff", ",", "]", "}", `\u0000`, " ", "[", "{", "é", ".", "-", "e", `"a":1,`}
	for i := range everything {
		if i%3 == 0 {
			f.Add(everything, uint16(i), uint16(i/3%4), puts[i/3%len(puts)])
		}
	}
	for _, body := range []string{`{"flag":true,"maybe":true}`, `{"flag":null,"maybe":null}`, `{"Flag":true,"maybe":true}`, `{"flag":true,"flag":true,"maybe":null}`,
		`{"flag":true,"maybe":null,"raw":{"a":1,"a":2}}`, `{"flag":true,"maybe":null,"raw":"` + "\xff" + `"}`, `{"flag":true,"maybe":null,"map":{"a":1,"a":1}}`,
		`{"flag":true,"maybe":null,"word":"\u0000\u0000"}`, `{"flag":true,"maybe":null,"map":{"\u0000":1}}`, `{"flag":true,"maybe":null,"whole":01}`, `{"flag":true,"maybe":null,"part":1e999}`,
		`{"flag":true,"maybe":null,"null":null,"modes":["a","\u0061"]}`, `{"flag":true,"maybe":null,"raw":[` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `]}`,
		`{"flag":true,"maybe":null,"map":{` + strings.TrimPrefix(fields(20), ",") + `,"f3":1}}`, `{"flag":true,"maybe":null} {}`,
		`{"flag":true,"maybe":null,"word":"a` + "\x01" + `b"}`, `{"flag":true,"maybe":null,"word":"é"}`, `{"flag":true,"maybe":null,"word":"éééé"}`, `{"flag":true,"maybe":null,"part":1}`, `{"flag":true,"maybe":null,"part":0}`,
		`{"flag":true,"maybe":null,"raw":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, `{"flag":true,"maybe":null,"whole":101}`, `{"flag":true,"maybe":null,"whole":1.5}`,
		`{"flag":true,"maybe":null,"raw":{"a":1,"\u0061":2}}`, `{"flag":true,"maybe":null,"number":1e400}`, `{"flag":true,"maybe":null,"count":-1}`, `{"flag":true,"maybe":null,}`, ``, `null`, `[]`} {
		f.Add(body, uint16(0), uint16(0), "")
	}
	f.Fuzz(func(t *testing.T, body string, at, n uint16, put string) {
		begin := min(int(at), len(body))
		text := []byte(body[:begin] + put + body[min(begin+int(n), len(body)):])
		if len(text) == 0 || !accepts(c.shape, text) {
			return
		}
		if found := unfit(c, text); found != nil {
			t.Errorf("%s: accepted, and %v", text, found)
		}
	})
}
