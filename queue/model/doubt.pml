/* One job between the data service and the message service: what frontend/store and
 * frontend/relay do when two relays, the collector, a client and the workers come in any
 * order, and answers are lost. Each transaction and each request at the queue is one atomic
 * step. Of the queue there is what lease.pml shows: a message ends once, with a result of
 * its content. README.md has the rules, the bounds and what is left out.
 */

#ifndef RUNS
#define RUNS 2
#endif
/* How often each may happen, all relays together. */
#ifndef PUTS
#define PUTS 2
#endif
#ifndef DELETES
#define DELETES 1
#endif
#ifndef RETRIES
#define RETRIES 0
#endif
#ifndef FAULTS
#define FAULTS 2        /* answers or requests lost, refusals, deaths of a relay */
#endif
#ifndef STALLS
#define STALLS 1        /* a relay counts as dead, and is not: its entry is taken again */
#endif
#ifndef FAILURES
#define FAILURES 1      /* of a calculation */
#endif

mtype = { nothing, there, taken };               /* an entry of the outbox */
mtype = { absent, waiting, leased, ended };      /* a message */
mtype = { queued, done, failed, cancelled };     /* a job, or an outcome */
mtype = { enqueue, cancel };

#define RULE(sentence, holds) if :: (holds) :: else -> printf(sentence); assert(false) fi

/* The job's row. */
mtype state = queued;
byte current = 1;
byte spec = 1;          /* the specification that is shown */
bool cancelling;
byte answer;            /* the specification that the stored result answers, or 0 */

/* What each run has in the outbox and at the queue. Runs count from 1. */
typedef Run {
    mtype send;         /* the entry that enqueues it */
    byte sender;        /* the relay that took the entry last */
    bool doubt;         /* maybe_sent: it may have been sent; never reset */
    mtype drop;         /* the entry that cancels it */
    byte dropper;
    mtype message;
    byte content;       /* the specification in the message */
    bool told;          /* cancel_requested */
    mtype outcome;
    bool filed          /* history: the job has ended in this run */
}
Run r[RUNS + 1];
byte feed[RUNS + 1], fed, read; /* the runs whose messages ended, in order, and how many are applied */

byte puts = PUTS, deletes = DELETES, retries = RETRIES, faults = FAULTS, stalls = STALLS, failures = FAILURES;

#define FREE(n) (r[n].send == there && !r[n].doubt)     /* never sent */
#define MID (RUNS - 1)
#define ANY(p) (p(1) || p(MID) || p(RUNS))
#define PICK(p) if :: p(1) -> n = 1 :: p(MID) -> n = MID :: p(RUNS) -> n = RUNS fi

#define WAITS(n) (r[n].message == waiting)
#define LEASED(n) (r[n].message == leased)
#define OPEN(n) (WAITS(n) || LEASED(n))
/* Nobody waits for this message, and nobody will cancel it. */
#define FORGOTTEN(n) (OPEN(n) && !r[n].told && (n != current || state != queued || cancelling) && \
    r[n].send == nothing && r[n].drop == nothing)

inline check() {
    RULE("broken: the result is of the specification that is shown\n", answer == 0 || answer == spec);
    RULE("broken: only a job that is done has a result\n", (state == done) == (answer != 0));
    RULE("broken: somebody waits for each message, or cancels it\n", !ANY(FORGOTTEN))
}

/* end_jobs.sql: the outcome of another run, or of a job that has ended, changes nothing. */
inline finish(k, how, payload) {
    if
#ifdef ANY_RUN          /* the result of any run counts */
    :: state == queued ->
#else
    :: state == queued && current == k ->
#endif
        RULE("broken: a job ends once in a run\n", !r[k].filed);
        state = how; cancelling = false; r[k].filed = true; answer = payload;
        printf("the job is %e\n", state)
    :: else
    fi
}

inline endMessage(k, how) {
    r[k].message = ended; r[k].outcome = how; r[k].told = false;
    feed[fed] = k; fed++
}

/* begin_run.sql, except for the entry that cancels the run before. */
inline beginRun() {
    current++; state = queued; cancelling = false; answer = 0;
    r[current].send = there
}

/* request_cancel.sql */
inline requestCancel() {
    cancelling = true;
    if :: r[current].drop == nothing -> r[current].drop = there :: else fi
}

/* take_entries.sql, for one entry; it marks what was taken before as doubtful. */
#define STALE(entry, relay) (entry == there || entry == taken && (relay == 0 || stalls > 0))
#define TAKES_SEND(n) STALE(r[n].send, r[n].sender)
#ifdef EAGER_CANCEL     /* a cancellation does not wait until its run is sent */
#define TAKES_DROP(n) STALE(r[n].drop, r[n].dropper)
#else
#define TAKES_DROP(n) (r[n].send == nothing && STALE(r[n].drop, r[n].dropper))
#endif

/* A relay takes an entry, sends it, and settles it or gives it back. It may die in between;
 * another or the same relay then takes the entry again. */
proctype Relay(byte me) {
    mtype action = nothing; /* that it has taken */
    byte n, content_;
    bool answered, refused;
end: do
    :: atomic { action == nothing && ANY(TAKES_SEND) ->
        PICK(TAKES_SEND);
        if :: r[n].send == taken ->
            if :: r[n].sender != 0 -> stalls-- :: else fi;
#ifndef NO_DOUBT        /* an entry whose answer was lost counts as unsent */
            r[n].doubt = true
#endif
        :: else fi;
        r[n].send = taken; r[n].sender = me;
        action = enqueue; content_ = spec;
        printf("relay %d takes run %d, specification %d\n", me, n, content_) }
    :: atomic { action == nothing && ANY(TAKES_DROP) ->
        PICK(TAKES_DROP);
        if :: r[n].drop == taken && r[n].dropper != 0 -> stalls-- :: else fi;
        r[n].drop = taken; r[n].dropper = me;
        action = cancel;
        printf("relay %d takes the cancellation of run %d\n", me, n) }
    :: atomic { action == enqueue && !answered && !refused ->   /* POST /v1/messages */
        if
        :: faults > 0 -> faults--; refused = true; printf("the queue refuses run %d for now\n", n)
        :: faults > 0 -> faults--; action = nothing; printf("relay %d dies\n", me);
            if :: r[n].sender == me -> r[n].sender = 0 :: else fi
        :: true ->
            if
            :: r[n].message == absent -> r[n].message = waiting; r[n].content = content_
#ifdef KNOWN_REFUSED    /* a message that the queue has is refused instead of confirmed */
            :: r[n].message != absent -> refused = true; printf("it is refused\n")
#else
            :: else     /* the same key is the same message */
#endif
            fi;
            printf("the queue has run %d with specification %d\n", n, r[n].content);
            if
            :: !refused -> answered = true
            :: refused
            :: faults > 0 -> faults--; printf("the answer is lost\n"); goto lost
            fi
        :: faults > 0 -> faults--; printf("the request is lost\n");
lost:       if :: r[n].send == taken && r[n].sender == me -> r[n].send = there;
#ifndef NO_DOUBT
                r[n].doubt = true
#endif
            :: else fi;
            action = nothing
        fi; if :: action == nothing -> n = 0; content_ = 0 :: else fi; check() }
    :: atomic { action == enqueue && answered ->    /* Settle */
        r[n].send = nothing; action = nothing; answered = false; n = 0; content_ = 0; check() }
    :: atomic { action == enqueue && refused ->     /* Return: the queue says that it did nothing */
        if :: r[n].send == taken && r[n].sender == me -> r[n].send = there :: else fi;
        action = nothing; refused = false; n = 0; content_ = 0; check() }
    :: atomic { action == cancel && !answered ->    /* DELETE /v1/messages/{id} */
        printf("the queue is to cancel run %d\n", n);
        if
        :: faults > 0 -> faults--; action = nothing; printf("relay %d dies\n", me);
            if :: r[n].dropper == me -> r[n].dropper = 0 :: else fi
        :: true ->
            if
            :: r[n].message == waiting -> endMessage(n, cancelled)
            :: r[n].message == leased -> r[n].told = true
            :: r[n].message == ended
            :: r[n].message == absent -> printf("it does not know run %d\n", n); finish(n, cancelled, 0)
            fi;
            if
            :: answered = true
            :: faults > 0 -> faults--; printf("the answer is lost\n"); action = nothing;
                if :: r[n].drop == taken && r[n].dropper == me -> r[n].drop = there :: else fi
            fi
        fi; if :: action == nothing -> n = 0 :: else fi; check() }
    :: atomic { action == cancel && answered ->
        r[n].drop = nothing; action = nothing; answered = false; n = 0; check() }
    od
}

/* The workers: lease.pml in one step. */
proctype Worker() {
    byte n;
end: do
    :: atomic { ANY(WAITS) ->
        PICK(WAITS);
        r[n].message = leased; printf("run %d is leased\n", n); n = 0 }
    :: atomic { ANY(LEASED) ->
        PICK(LEASED);
        if
        :: printf("run %d is completed, specification %d\n", n, r[n].content); endMessage(n, done)
        :: r[n].told -> endMessage(n, cancelled)
        :: failures > 0 -> failures--; printf("run %d fails\n", n); endMessage(n, failed)
        fi; n = 0; check() }
    od
}

/* Relay.collect: one result of the feed, in the transaction that moves the position. */
proctype Collector() {
    byte n, answers;
    mtype how_ = nothing;
end: do
    :: atomic { read < fed ->
        n = feed[read]; read++;
        printf("the result of run %d arrives\n", n);
        how_ = r[n].outcome; answers = (how_ == done -> r[n].content : 0);
        finish(n, how_, answers);
        n = 0; how_ = nothing; answers = 0; check() }
    od
}

/* PUT /v1/jobs/{id}: in place when the message was never sent; otherwise the queue is asked
 * first, and then the next run begins. */
proctype Changer() {
    byte seen;          /* the version that it saw */
end: do
    :: atomic { puts > 0 && state == queued && !cancelling && current < RUNS ->
        puts--;
        if
        :: FREE(current) -> spec++; printf("PUT: specification %d, in place\n", spec)
        :: else ->
            if
            :: r[current].message == leased || r[current].message == ended ->
                printf("PUT: refused, it runs\n")
            :: else -> seen = spec
            fi
        fi; check() }
    :: atomic { seen > 0 ->
        if
        :: state != queued || cancelling || seen != spec
        :: else ->
            spec++;
            if
            :: FREE(current)
            :: else -> requestCancel(); beginRun()
            fi;
            printf("PUT: specification %d in run %d\n", spec, current)
        fi; seen = 0; check() }
    od
}

/* DELETE and POST …/retry. */
proctype Canceller() {
end: do
    :: atomic { deletes > 0 && state == queued ->
        deletes--; printf("DELETE\n");
        if
        :: FREE(current) ->
            r[current].send = nothing; r[current].drop = nothing;
            state = cancelled; cancelling = false; r[current].filed = true
        :: else -> requestCancel()
        fi; check() }
    :: atomic { retries > 0 && current < RUNS && (state == failed || state == cancelled) ->
        retries--; beginRun(); printf("retry: run %d\n", current); check() }
    od
}

/* When nobody can do anything any more, everything has ended. */
#define BUSY(n) (OPEN(n) || r[n].send != nothing || r[n].drop != nothing)
proctype Close() {
    timeout;
    RULE("broken: everything ends at last\n", state != queued && read == fed && !ANY(BUSY))
}

init {
    atomic {
        byte n = 1;
        do
        :: n > RUNS -> break
        :: n <= RUNS -> r[n].send = nothing; r[n].drop = nothing; r[n].message = absent; n++
        od;
        n = 0; r[1].send = there;
        run Relay(1); run Relay(2); run Worker(); run Collector(); run Changer(); run Canceller(); run Close()
    }
}

ltl ends { <> [] (state != queued && read == fed && !ANY(BUSY)) }
