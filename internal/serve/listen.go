package serve

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// listen listens on an address, or on the socket that this process inherited as the
// file descriptor N of "fd:N". The program that starts the service may hold such a socket open
// from one process of the service to the next: callers between them wait, and are not
// refused.
func listen(address string) (net.Listener, error) {
	number, inherited := strings.CutPrefix(address, "fd:")
	if !inherited {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
		return listener, nil
	}
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 3 {
		return nil, fmt.Errorf("listen: %s names no inherited socket: the first one is fd:3", address)
	}
	file := os.NewFile(uintptr(fd), address)
	defer file.Close() // the listener has a copy
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("listen: %s is not a listening socket: %w", address, err)
	}
	return listener, nil
}

// loopback reports whether only this machine reaches an address.
func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}
