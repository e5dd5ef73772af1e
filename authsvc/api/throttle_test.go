package api

import (
	"fmt"
	"testing"
	"time"

	"foliocast/internal/problem"
)

// throttled is a throttle with its clock, and a function that counts how many
// of n wrong passwords it takes.
func throttled(t *testing.T) (th *throttle, now *time.Time, fail func(n int, account, address string) int) {
	clock := time.Unix(1_000_000, 0)
	th = newThrottle(func() time.Time { return clock })
	return th, &clock, func(n int, account, address string) (taken int) {
		for range n {
			if err := th.take(account, address); err == nil {
				taken++
			} else if !problem.Is(err, problem.TooMany) {
				t.Error(err)
			}
		}
		return taken
	}
}

func TestThrottleCountsWrongPasswords(t *testing.T) {
	t.Parallel()
	_, now, fail := throttled(t)
	if n := fail(100, "ada", "1.1.1.1"); n != 10 {
		t.Errorf("an account at one address: %d attempts, want 10", n)
	}
	*now = now.Add(10 * time.Second)
	if n := fail(100, "ada", "1.1.1.1"); n != 1 {
		t.Errorf("after ten seconds: %d attempts, want 1", n)
	}
	for i := range 20 {
		fail(5, "bob", fmt.Sprint("2.2.2.", i))
	}
	if n := fail(1, "bob", "3.3.3.3"); n != 0 {
		t.Error("an account can be guessed from many addresses")
	}
	taken := 0
	for i := range 300 {
		taken += fail(1, fmt.Sprint("user", i), "4.4.4.4")
	}
	if taken != 200 {
		t.Errorf("many accounts at one address: %d attempts, want 200", taken)
	}
}

func TestThrottleTakesANetworkOfIPv6AsOneAddress(t *testing.T) {
	t.Parallel()
	_, _, fail := throttled(t)
	for i := range 20 {
		fail(5, "carol", fmt.Sprintf("2001:db8:1:2::%d", i))
	}
	if n := fail(1, "carol", "2001:db8:1:2:ffff::1%eth0"); n != 0 {
		t.Error("each address of a network has attempts of its own")
	}
	if n := fail(1, "carol", "2001:db8:1:3::1"); n != 1 {
		t.Error("one network locks the others out")
	}
	fail(100, "dave", "::ffff:192.0.2.1")
	if n := fail(1, "dave", "192.0.2.1"); n != 0 {
		t.Error("an address of IPv4 has two forms")
	}
	if n := fail(1, "dave", "::ffff:192.0.2.2"); n != 1 {
		t.Error("all of IPv4 is one address")
	}
}

func TestThrottleForgets(t *testing.T) {
	t.Parallel()
	th, now, _ := throttled(t)
	for range 100 {
		if err := th.take("eve", "5.5.5.5"); err != nil {
			t.Fatalf("right passwords are throttled: %v", err)
		}
		th.giveBack("eve", "5.5.5.5")
	}
	for i := range 3 * maxBuckets {
		th.take(fmt.Sprint(i), fmt.Sprint(i))
		*now = now.Add(time.Second)
	}
	if n := len(th.buckets); n > maxBuckets+3 {
		t.Errorf("%d buckets are remembered", n)
	}
}
