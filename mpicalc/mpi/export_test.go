package mpi

// Forget completes the requests that a test has dropped.
func Forget(p *Process) {
	for r := p.requests.oldest(); r != nil; r = p.requests.oldest() {
		if err := r.Wait(); err != nil {
			panic(err)
		}
	}
}
