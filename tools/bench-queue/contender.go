package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// contender is a queue on a database of its own.
type contender interface {
	// add adds n messages, numbered from first on, in batches.
	add(ctx context.Context, first, n int) error
	// addOne adds one message.
	addOne(ctx context.Context, number int) error
	// work takes messages and ends them, until stop is called.
	work(ctx context.Context, s seen) (stop func() error, err error)
	// claim takes one waiting message, which end ends. Nobody may work at the same time.
	claim(ctx context.Context) (end func() error, err error)
	// pid is the process of a service, or 0.
	pid() int
	close() error
}

// seen is told what happens to messages. Safe for concurrent use.
type seen struct {
	taken func(number int) // a worker has a message
	ended func(n int)      // so many more messages have ended
}

// entrant is a contender with its server.
type entrant struct {
	name      string
	server    *server
	databases int
	open      opener
	details   *strings.Builder // what statements took, or nil
}

// bench is one run of this program.
type bench struct {
	options
	out      io.Writer
	entrants []*entrant
	details  strings.Builder // tables for the end
}

// enter starts the server of a contender.
func (b *bench) enter(ctx context.Context, name string) error {
	e := &entrant{name: name}
	switch name {
	case "foliocast":
		e.open = openFoliocast
	case "before":
		e.open = func(ctx context.Context, o options, url string) (contender, error) {
			o.queue = o.before
			return openFoliocast(ctx, o, url)
		}
	case "river":
		e.open = openRiver
	default:
		return errors.New("there are foliocast, before and river")
	}
	var settings []string
	if b.statements {
		settings = countingStatements
		e.details = &b.details
	}
	var err error
	if e.server, err = startServer(ctx, settings...); err != nil {
		return err
	}
	b.entrants = append(b.entrants, e)
	return nil
}

func (b *bench) close() {
	for _, e := range b.entrants {
		e.server.stop()
	}
}

// with lets a contender do something on an empty database, which is dropped then.
func (e *entrant) with(ctx context.Context, o options, do func(*turn) error) (err error) {
	e.databases++
	database := fmt.Sprintf("bench_%d", e.databases)
	if err := e.server.exec(ctx, "postgres", "CREATE DATABASE "+database); err != nil {
		return err
	}
	defer func() {
		drop := e.server.exec(context.WithoutCancel(ctx), "postgres", "DROP DATABASE "+database+" WITH (FORCE)")
		if err == nil {
			err = drop
		}
	}()
	c, err := e.open(ctx, o, e.server.url(database))
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	err = e.server.exec(ctx, database, "CHECKPOINT")
	t := &turn{contender: c, entrant: e, database: database}
	if err == nil && e.details != nil {
		err = t.countStatements(ctx)
	}
	if err == nil {
		err = do(t)
	}
	if err == nil && e.details != nil {
		err = t.listStatements(ctx, e.details)
	}
	if closed := c.close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	return nil
}

// together lets contenders do something, each on an empty database.
func (b *bench) together(ctx context.Context, do func([]*turn) error) error {
	var open func(rest []*entrant, turns []*turn) error
	open = func(rest []*entrant, turns []*turn) error {
		if len(rest) == 0 {
			return do(turns)
		}
		return rest[0].with(ctx, b.options, func(t *turn) error { return open(rest[1:], append(turns, t)) })
	}
	return open(b.entrants, nil)
}

// turn is the turn of one contender.
type turn struct {
	contender
	*entrant
	database string
}

// vacuum brings the tables into the state that autovacuum leaves them in.
func (t *turn) vacuum(ctx context.Context) error {
	return t.server.exec(ctx, t.database, "VACUUM ANALYZE")
}

// hold leaves a transaction open that sees the database as it is now.
func (t *turn) hold(ctx context.Context) (release func(), err error) {
	conn, err := pgx.Connect(ctx, t.server.url(t.database))
	if err != nil {
		return nil, err
	}
	release = func() { conn.Close(context.WithoutCancel(ctx)) }
	if _, err = conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ"); err == nil {
		_, err = conn.Exec(ctx, "SELECT count(*) FROM pg_class") // takes the snapshot
	}
	if err != nil {
		release()
	}
	return release, err
}

// working does something while the contender's workers take messages and end them.
func (t *turn) working(ctx context.Context, s seen, do func() error) error {
	stop, err := t.work(ctx, s)
	if err != nil {
		return err
	}
	err = do()
	return errors.Join(err, stop())
}

// opener opens a contender on an empty database.
type opener func(ctx context.Context, o options, url string) (contender, error)
