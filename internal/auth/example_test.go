package auth_test

import (
	"fmt"

	"foliocast/internal/auth"
)

func ExampleRole_Scopes() {
	fmt.Println(auth.JoinScopes(auth.Manager.Scopes()))
	// Output: datasets:read jobs:read jobs:write
}

func ExamplePrincipal_May() {
	worker := auth.Principal{Name: "worker", Service: true, Scopes: auth.SplitScopes("datasets:read queue:lease")}
	fmt.Println(worker.May(auth.QueueLease), worker.May(auth.QueueLease, auth.JobsWrite))
	// Output: true false
}

func ExampleNeeds() {
	fmt.Println(auth.Needs(auth.JobsRead, auth.DatasetsRead))
	// Output: [map[bearer:[jobs:read datasets:read]]]
}
