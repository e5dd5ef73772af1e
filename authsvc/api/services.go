package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/serve"
)

type servicesOutput struct{ Body client.Services }
type serviceOutput struct{ Body client.Service }

type secretOutput struct {
	Location     string `header:"Location"`
	CacheControl string `header:"Cache-Control"`
	Body         client.ServiceSecret
}

type addServiceInput struct{ Body client.NewService }

type scopesInput struct {
	Target
	Body client.NewScopes
}

type rotateInput struct {
	Target
	Body client.Rotation
}

// registerServices registers the routes of service accounts. They need the right to give
// rights: who may add an administrator may add an account with every scope.
func (s *service) registerServices(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary,
			Security: auth.Needs(auth.UsersWrite), Tags: []string{"services"}}
	}
	register(api, op("list-services", http.MethodGet, "/v1/services", "The service accounts, by name"), s.listServices)
	add := op("add-service", http.MethodPost, "/v1/services", "Add a service account")
	add.DefaultStatus, add.Description = http.StatusCreated, "The answer has its secret, only once."
	register(api, add, s.addService)
	register(api, op("get-service", http.MethodGet, "/v1/services/{name}", "One service account"), s.getService)
	register(api, op("set-service-scopes", http.MethodPut, "/v1/services/{name}/scopes", "Replace the scopes of a service account, whose tokens end"), s.setServiceScopes)
	rotate := op("rotate-secret", http.MethodPost, "/v1/services/{name}/secret", "Give a service account a new secret")
	rotate.DefaultStatus = http.StatusCreated
	rotate.Description = "The answer has the secret, only once. The present secret stays valid for the overlap, so that programs can be given the new one; a secret from before that ends now."
	register(api, rotate, s.rotateSecret)
	remove := op("remove-service", http.MethodDelete, "/v1/services/{name}", "Remove a service account and end its tokens")
	remove.DefaultStatus = http.StatusNoContent
	register(api, remove, s.removeService)
}

func serviceWire(a store.Service) client.Service {
	out := client.Service{Name: a.Name, Scopes: append([]auth.Scope{}, a.Scopes...), CreatedAt: wireTime(a.CreatedAt), ChangedAt: wireTime(a.ChangedAt), UsedAt: wireTimeOrZero(a.UsedAt)}
	if a.Previous.Until != nil {
		out.Previous = &client.PreviousSecret{Until: wireTime(*a.Previous.Until), UsedAt: wireTimeOrZero(a.Previous.UsedAt)}
	}
	return out
}

func wireTimeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return wireTime(*t)
}

func (s *service) listServices(ctx context.Context, in *listInput) (*servicesOutput, error) {
	found, err := s.store.Services(ctx, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &servicesOutput{Body: client.Services{Services: []client.Service{}}}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		out.Body.Next = found[in.Limit-1].Name
	}
	for _, a := range found {
		out.Body.Services = append(out.Body.Services, serviceWire(a))
	}
	out.Body.Before = out.Body.Services
	return out, nil
}

func (s *service) addService(ctx context.Context, in *addServiceInput) (*secretOutput, error) {
	secret := token.NewClientSecret()
	added, err := s.store.AddService(ctx, in.Body.Name, token.Digest(secret), in.Body.Scopes)
	if err != nil {
		return nil, err
	}
	s.changedService(ctx, "service account added", added)
	return &secretOutput{Location: "/v1/services/" + added.Name, CacheControl: noStore, Body: client.ServiceSecret{Service: serviceWire(added), Secret: secret}}, nil
}

func (s *service) getService(ctx context.Context, in *Target) (*serviceOutput, error) {
	found, err := s.store.NamedService(ctx, in.Name)
	return &serviceOutput{Body: serviceWire(found)}, err
}

func (s *service) setServiceScopes(ctx context.Context, in *scopesInput) (*serviceOutput, error) {
	changed, err := s.store.SetServiceScopes(ctx, in.Name, in.Body.Scopes)
	if err != nil {
		return nil, err
	}
	s.changedService(ctx, "scopes of a service account changed", changed)
	return &serviceOutput{Body: serviceWire(changed)}, nil
}

func (s *service) rotateSecret(ctx context.Context, in *rotateInput) (*secretOutput, error) {
	secret := token.NewClientSecret()
	changed, err := s.store.RotateSecret(ctx, in.Name, token.Digest(secret), time.Duration(in.Body.Overlap)*time.Second)
	if err != nil {
		return nil, err
	}
	s.changedService(ctx, "secret of a service account rotated", changed)
	return &secretOutput{Location: "/v1/services/" + changed.Name, CacheControl: noStore, Body: client.ServiceSecret{Service: serviceWire(changed), Secret: secret}}, nil
}

func (s *service) removeService(ctx context.Context, in *Target) (*struct{}, error) {
	if err := s.store.RemoveService(ctx, in.Name); err != nil {
		return nil, err
	}
	s.changedService(ctx, "service account removed", store.Service{Name: in.Name})
	return nil, nil
}

// changedService logs a change of a service account, and who made it.
func (s *service) changedService(ctx context.Context, what string, a store.Service) {
	s.log.Info(what, "request_id", serve.RequestID(ctx), "service_account", a.Name, "scope", auth.JoinScopes(a.Scopes), "by", principal(ctx).Name)
}
