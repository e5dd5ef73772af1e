package up

import (
	"slices"
	"testing"
)

// Every service names the identity service by its address, and only that one gets the
// file with the key of the signing keys.
func TestServicesAgreeOnTheIssuer(t *testing.T) {
	t.Parallel()
	c := &Cluster{config: Config{State: "/state", Listen: "127.0.0.1", Ports: PortsFrom(15000)}}
	for _, p := range c.services(Databases{}, accounts{}) {
		cmd, err := p.command()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(cmd.Env, "FOLIOCAST_ISSUER=http://127.0.0.1:15000") {
			t.Errorf("%s has another issuer", p.name)
		}
		if got := slices.Contains(cmd.Env, "FOLIOCAST_KEY_ENCRYPTION_FILE=/state/signing.key"); got != (p.name == "authsvc") {
			t.Errorf("%s has the key file: %v", p.name, got)
		}
	}
}
