package mpi

// The calls with a derived type. They are those of the same name for numbers, for n
// types in buf; counts of a Status are in types.

// Send is Send of n types (MPI 3.1, section 3.2.1).
func (t *Type[E]) Send(c *Comm, buf []E, n int, dest Rank, tag Tag) error {
	b, err := t.buffer("Send", buf, n)
	if err != nil {
		return err
	}
	return c.send(b, dest, tag)
}

// Isend is Isend of n types (MPI 3.1, section 3.7.2).
func (t *Type[E]) Isend(c *Comm, buf []E, n int, dest Rank, tag Tag) (*Request, error) {
	b, err := t.buffer("Isend", buf, n)
	if err != nil {
		return nil, err
	}
	return c.isend(b, dest, tag)
}

// Recv is Recv of at most n types (MPI 3.1, section 3.2.4).
func (t *Type[E]) Recv(c *Comm, buf []E, n int, source Rank, tag Tag) (Status, error) {
	b, err := t.buffer("Recv", buf, n)
	if err != nil {
		return Status{}, err
	}
	return c.recv(b, source, tag)
}

// Irecv is Irecv of at most n types (MPI 3.1, section 3.7.2).
func (t *Type[E]) Irecv(c *Comm, buf []E, n int, source Rank, tag Tag) (*Request, error) {
	b, err := t.buffer("Irecv", buf, n)
	if err != nil {
		return nil, err
	}
	return c.irecv(b, source, tag)
}

// Sendrecv is Sendrecv of n types, and of at most as many that are received (MPI 3.1,
// section 3.10). They may be different elements of one array.
func (t *Type[E]) Sendrecv(c *Comm, send []E, dest Rank, sendTag Tag, recv []E, source Rank, recvTag Tag, n int) (Status, error) {
	out, err := t.buffer("Sendrecv", send, n)
	if err != nil {
		return Status{}, err
	}
	in, err := t.buffer("Sendrecv", recv, n)
	if err != nil {
		return Status{}, err
	}
	return c.sendrecv(out, dest, sendTag, in, source, recvTag)
}

// Bcast is Bcast of n types (MPI 3.1, section 5.4). All ranks of c must call it.
func (t *Type[E]) Bcast(c *Comm, buf []E, n int, root Rank) error {
	b, err := t.buffer("Bcast", buf, n)
	if err != nil {
		return err
	}
	return c.bcast("Bcast", nil, &b, root)
}

// Gather is Gather of n types from each rank (MPI 3.1, section 5.5), never in place. All
// ranks of c must call it; only root has recv.
func (t *Type[E]) Gather(c *Comm, send, recv []E, n int, root Rank) error {
	own, whole, err := t.both("Gather", c, send, recv, n, root)
	if err != nil {
		return err
	}
	return c.gather("Gather", nil, &own, &whole, root)
}

// Scatter is Scatter of n types to each rank (MPI 3.1, section 5.6), never in place. All
// ranks of c must call it; only root has send.
func (t *Type[E]) Scatter(c *Comm, send, recv []E, n int, root Rank) error {
	own, whole, err := t.both("Scatter", c, recv, send, n, root)
	if err != nil {
		return err
	}
	return c.scatter("Scatter", nil, &whole, &own, root)
}

// both are the n types of each rank, and at root the types of all ranks.
func (t *Type[E]) both(op string, c *Comm, own, whole []E, n int, root Rank) (block, all buffer, err error) {
	if err := c.exists(op); err != nil {
		return buffer{}, buffer{}, err
	}
	if block, err = t.buffer(op, own, n); err != nil || c.rank != root {
		return block, buffer{}, err
	}
	all, err = t.buffer(op, whole, n*c.size)
	return block, all, err
}
