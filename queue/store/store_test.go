package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres/pgtest"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// testPolicy gives the tests time: leases are long and there is no back-off.
func testPolicy() store.Policy {
	return store.Policy{Lease: time.Hour, MaxAttempts: 3, BackOff: time.Nanosecond, MaxBackOff: time.Nanosecond}
}

// fixture is a store with its own schema, and helpers.
type fixture struct {
	*store.Store
	store.Account // of the worker
	t             testing.TB
	pool          *pgxpool.Pool
}

func open(t testing.TB, policy store.Policy) *fixture {
	t.Helper()
	pool := pgtest.Open(t, store.Migrations())
	s := store.New(pool, policy)
	return &fixture{Store: s, Account: s.Account("worker"), t: t, pool: pool}
}

// Claim is that of the account, for tests that want no more than the leases.
func (f *fixture) Claim(ctx context.Context, queues []string, max int, worker string, request message.Request) ([]message.Lease, error) {
	got, err := f.Account.Claim(ctx, queues, max, worker, request)
	return got.Leases, err
}

// exec runs a statement that makes time pass, or that no method of the store has.
func (f *fixture) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.pool.Exec(context.Background(), sql, args...); err != nil {
		f.t.Fatal(err)
	}
}

// add enqueues messages with the keys from, from+1, … to-1.
func (f *fixture) add(from, to int) []message.Receipt {
	f.t.Helper()
	var all []message.New
	for i := from; i < to; i++ {
		all = append(all, message.New{Key: fmt.Sprint(i), Payload: json.RawMessage(fmt.Sprintf(`{"n": %d}`, i))})
	}
	receipts, err := f.Enqueue(f.t.Context(), all)
	if err != nil {
		f.t.Fatal(err)
	}
	return receipts
}

func (f *fixture) claim(max int, queues ...string) []message.Lease {
	f.t.Helper()
	leases, err := f.Claim(f.t.Context(), queues, max, "w", "")
	if err != nil {
		f.t.Fatal(err)
	}
	return leases
}

// claimOne leases exactly one message.
func (f *fixture) claimOne() message.Lease {
	f.t.Helper()
	leases := f.claim(1)
	if len(leases) != 1 {
		f.t.Fatalf("got %d leases, want 1", len(leases))
	}
	return leases[0]
}

// complete ends one lease and returns the verdict.
func (f *fixture) complete(c message.Completion) message.Verdict {
	f.t.Helper()
	v, err := f.Complete(f.t.Context(), []message.Completion{c})
	if err != nil {
		f.t.Fatal(err)
	}
	return v[0].Verdict
}

func (f *fixture) release(l message.Lease) message.Verdict {
	f.t.Helper()
	v, err := f.Release(f.t.Context(), []message.Held{held(l)})
	if err != nil {
		f.t.Fatal(err)
	}
	return v[0].Verdict
}

// expireAll makes every lease expire, and sweeps.
func (f *fixture) expireAll() []store.Lost {
	f.t.Helper()
	f.exec("UPDATE message SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL")
	lost, err := f.Expire(f.t.Context(), time.Now())
	if err != nil {
		f.t.Fatal(err)
	}
	return lost
}

func (f *fixture) feed() []message.Result {
	f.t.Helper()
	all, err := f.Results(f.t.Context(), 0, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	return all.Results
}

func (f *fixture) message(id message.ID) message.Detail {
	f.t.Helper()
	d, err := f.Message(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func held(l message.Lease) message.Held { return message.Held{ID: l.ID, Token: l.Token} }

func done(l message.Lease) message.Completion {
	return message.Completion{Held: held(l), Result: json.RawMessage(`{"ok":true}`)}
}

func failed(l message.Lease, retryable bool) message.Completion {
	return message.Completion{Held: held(l), Error: "no luck", Retryable: retryable}
}

func keysOf(leases []message.Lease) []string {
	keys := []string{}
	for _, l := range leases {
		keys = append(keys, l.Key)
	}
	return keys
}

func TestStoreIsBuiltLikeTheOthers(t *testing.T) {
	t.Parallel()
	pgtest.CheckStore(t, open(t, testPolicy()).pool)
}

// On tables that were never analysed, or only while they were empty, and for whatever parameters, a claim reads no more than it takes.
func TestClaimReadsTheFrontByIndex(t *testing.T) {
	t.Parallel()
	for _, analyse := range []string{"SELECT", "ANALYZE message"} {
		f := open(t, testPolicy())
		f.exec(analyse)
		f.add(0, 1000)
		byQueue := f.query("claim_messages")
		for plan, leased := range map[string]int{f.plan(store.Plainly(byQueue)): 2, f.plan(byQueue): 3} {
			for index, want := range map[string]int{"message_line_idx": 2, "message_back_idx": 4, "message_seq_idx": 1, "message_request_idx": 1, "message_worker_idx": 1, "message_leased_until_idx": leased} {
				if n := strings.Count(plan, "using "+index+" on message"); n != want {
					t.Errorf("%d scans of %s, want %d, after %s:\n%s", n, index, want, analyse, plan)
				}
			}
			if n := strings.Count(plan, "Tid Scan on message"); n != 1 {
				t.Errorf("%d of the places where the rows are, want 1, after %s:\n%s", n, analyse, plan)
			}
			if strings.Contains(plan, "Seq Scan on message") || strings.Contains(plan, "Bitmap") || strings.Contains(plan, "HashAggregate") {
				t.Errorf("the plan after %s is\n%s", analyse, plan)
			}
		}
	}
}

// Whatever the tables were when the plan was made, the end of a message is found by its id.
func TestEndsAreFoundByID(t *testing.T) {
	t.Parallel()
	for _, analyse := range []string{"SELECT", "ANALYZE ended"} {
		f := open(t, testPolicy())
		f.exec(analyse)
		for _, statement := range []string{"find_ended", "find_positions"} {
			if plan := f.plan(f.query(statement)); !strings.Contains(plan, "using ended_id_idx") || strings.Contains(plan, "Filter: (id") {
				t.Errorf("%s after %s:\n%s", statement, analyse, plan)
			}
		}
	}
}

// query is the text of a statement, without the comment on top.
func (f *fixture) query(name string) string {
	f.t.Helper()
	text, err := os.ReadFile("queries/" + name + ".sql")
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimSpace(regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(string(text), "")), ";")
}

// plan is the generic plan of a statement, as a claim plans.
func (f *fixture) plan(sql string) string {
	f.t.Helper()
	parameters := 0
	for _, n := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(sql, -1) {
		i, _ := strconv.Atoi(n[1])
		parameters = max(parameters, i)
	}
	conn, err := f.pool.Acquire(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	defer conn.Release()
	tx, err := conn.Begin(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	plan := "EXPLAIN EXECUTE planned(" + strings.TrimSuffix(strings.Repeat("NULL,", parameters), ",") + ")"
	rows, err := tx.Conn().PgConn().Exec(f.t.Context(), f.query("plan_by_index")+"; PREPARE planned AS "+sql+"; "+plan+"; DEALLOCATE planned").ReadAll()
	if err != nil {
		f.t.Fatal(err)
	}
	var lines []string
	for _, r := range rows[2].Rows {
		lines = append(lines, string(r[0]))
	}
	return strings.Join(lines, "\n")
}
