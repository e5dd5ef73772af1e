package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// countingStatements are the settings of a server that counts statements.
var countingStatements = []string{"shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on"}

// listed is how many statements are listed.
const listed = 10

// countStatements begins to count.
func (t *turn) countStatements(ctx context.Context) error {
	if err := t.server.exec(ctx, t.database, "CREATE EXTENSION pg_stat_statements"); err != nil {
		return err
	}
	return t.server.exec(ctx, t.database, "SELECT pg_stat_statements_reset()")
}

// listStatements writes what the dearest statements on the database have taken.
func (t *turn) listStatements(ctx context.Context, out io.Writer) error {
	conn, err := pgx.Connect(ctx, t.server.url(t.database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT query, calls, total_plan_time, total_exec_time, rows
		FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
		ORDER BY total_plan_time + total_exec_time DESC LIMIT $1`, listed)
	if err != nil {
		return err
	}
	report := newTable(out, fmt.Sprintf("Statements of %s (%s)", t.name, t.database), "", "calls", "rows", "planned", "executed")
	var query string
	var calls, count int64
	var planned, executed float64
	_, err = pgx.ForEachRow(rows, []any{&query, &calls, &planned, &executed, &count}, func() error {
		report.add(short(query), calls, count, milliseconds(planned), milliseconds(executed))
		return nil
	})
	if err != nil {
		return err
	}
	return report.end()
}

func milliseconds(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// short returns the beginning of a statement, for a cell.
func short(query string) string {
	const most = 90
	text := []rune(strings.ReplaceAll(strings.Join(strings.Fields(query), " "), "|", "\\|"))
	return string(text[:min(len(text), most)])
}
