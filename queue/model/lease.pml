/* The lease protocol of the message service: what queue/store does to a message when
 * workers, the sweeper, its producer and a dealing come in any order. Each request is one
 * atomic step, as its transaction is. README.md has the rules, the bounds and what is
 * left out.
 *
 * A message keeps the tokens that were given for it, so that any request under any of
 * them may arrive at any time: late, twice, or from a worker that counts as dead.
 */

#ifndef MESSAGES
#define MESSAGES 1
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 3      /* Policy.MaxAttempts */
#endif
/* How often each disturbance may happen, all workers and messages together. */
#ifndef LOST
#define LOST 1          /* answers that do not arrive */
#endif
#ifndef LATE
#define LATE 1          /* requests that arrive late or once more */
#endif
#ifndef ERRORS
#define ERRORS 1        /* completions with an error */
#endif
#ifndef RELEASES
#define RELEASES 1
#endif
#ifndef BEATS
#define BEATS 1         /* heartbeats that extend a lease */
#endif
#ifndef REPLACES
#define REPLACES 1
#endif
#ifndef CANCELS
#define CANCELS 1
#endif
#ifndef RETRIES
#define RETRIES 1       /* of messages that ended without a result: retry or redrive */
#endif
#ifndef DEALS
#define DEALS 1         /* a queue is removed */
#endif

#define TOKENS 9        /* more than can be given */

mtype = { waiting, leased, ended };
mtype = { none, completed, failed, cancelled, dead };
mtype = { accepted, extended, stop, stale };
mtype = { result, retryable, fatal, release };

/* Statements about a message that must hold; a broken variant names the one it breaks. */
#define RULE(sentence, holds) if :: (holds) :: else -> printf(sentence); assert(false) fi

typedef Message {
    mtype state = waiting;
    mtype outcome = none;
    byte token;         /* the greatest that was given */
    byte settled;       /* tokens up to this one change nothing any more */
    byte attempts;
    byte revision = 1;
    bool cancel;
    bool byHolder;
    byte worker;        /* the holder, or 0 */
    bool asked;         /* the holder did not get the answer, and will repeat its request */
    byte queue = 1;
    byte answer;        /* the revision that the stored result answers, or 0 */
    /* Below is history, which the rules need and the program does not have. */
    byte greatest;      /* token given so far */
    byte content[TOKENS];    /* revision that each token was leased with */
    byte counted;       /* tokens that counted as attempts in this life: a bit each */
    byte home;          /* queue at the claim */
    bool over           /* ended in this life */
}
Message m[MESSAGES];
bool removed[3];        /* queues 1 and 2 */

mtype v = none;         /* the verdict of the present step */
byte lost = LOST, late = LATE, errors = ERRORS, releases = RELEASES, beats = BEATS,
    replaces = REPLACES, cancels = CANCELS, retries = RETRIES, deals = DEALS;

#define BIT(t) (1 << ((t) - 1))
#define ONES(x) (((x) & 1) + (((x) >> 1) & 1) + (((x) >> 2) & 1) + (((x) >> 3) & 1) + \
    (((x) >> 4) & 1) + (((x) >> 5) & 1) + (((x) >> 6) & 1) + (((x) >> 7) & 1))

/* The constraints of the table, and what holds after every step. */
inline check(i) {
    RULE("broken: a lease has a worker and a live token, and only a lease is being cancelled\n",
        (m[i].state == leased) == (m[i].worker != 0) &&
        (m[i].state != leased || m[i].settled < m[i].token) && (m[i].state == leased || !m[i].cancel));
    RULE("broken: each lease counts as one attempt at most, and a returned one as none\n", m[i].attempts == ONES(m[i].counted));
    RULE("broken: a message that waits is in a queue that exists\n", m[i].state != waiting || !removed[m[i].queue]);
    RULE("broken: a leased message stays in its queue\n", m[i].state != leased || m[i].queue == m[i].home);
    v = none
}

/* end_messages.sql. The answer is the revision that a result is of, or 0. */
inline finish(i, how, holder, rev) {
    RULE("broken: a message ends once\n", !m[i].over);
    RULE("broken: a result is of the content that is shown\n", rev == 0 || rev == m[i].revision);
    RULE("broken: only what completed has a result\n", (how == completed) == (rev != 0));
    RULE("broken: a message is dead after all its attempts\n", how != dead || m[i].attempts == ATTEMPTS);
    m[i].state = ended; m[i].outcome = how; m[i].byHolder = holder; m[i].answer = rev;
    m[i].worker = 0; m[i].asked = false; m[i].cancel = false; m[i].over = true
}

/* requeue_messages.sql */
inline requeue(i, holder, gone) {
    m[i].state = waiting; m[i].worker = 0; m[i].asked = false;
    if :: holder -> m[i].settled = m[i].token :: else fi;
    if :: gone -> m[i].queue = (removed[1] -> 2 : 1) :: else fi
}

/* claim_messages.sql, for one message. */
inline claim(i, w) {
#ifdef TOKEN_KEPT       /* a message whose lease was lost is leased under the same token */
    if :: m[i].settled < m[i].token :: else -> m[i].token++ fi;
#else
    m[i].token++;
#endif
    printf("worker %d leases message %d, content %d, token %d\n", w, i, m[i].revision, m[i].token);
    RULE("broken: a new lease has a greater token than all before\n", m[i].token > m[i].greatest);
    m[i].greatest = m[i].token; m[i].content[m[i].token] = m[i].revision; m[i].home = m[i].queue;
    m[i].state = leased; m[i].worker = w; m[i].asked = false
}

/* Policy.complete in settle.go, and seen.repeat for what has ended. */
inline complete(i, t, kind) {
    printf("message %d gets %e under token %d\n", i, kind, t);
    if
    :: m[i].state == ended ->
        v = ((m[i].byHolder && m[i].token == t && (kind != result) == (m[i].outcome != completed)) -> accepted : stale)
#ifndef NO_FENCING      /* a completion is not compared with the greatest token */
    :: m[i].state != ended && t != m[i].token -> v = stale
    :: m[i].state != ended && t == m[i].token && m[i].settled >= t ->
        v = ((kind != result && m[i].state == waiting) -> accepted : stale)
    :: m[i].state != ended && t == m[i].token && m[i].settled < t ->
#else
    :: m[i].state != ended ->
#endif
        v = accepted;
        RULE("broken: only the greatest token changes a message\n", t == m[i].greatest);
        if
        :: kind == result -> finish(i, completed, true, m[i].content[t])
        :: kind != result ->
#ifdef COUNTED_TWICE    /* an error that comes after its lease expired counts once more */
            m[i].attempts++; m[i].counted = m[i].counted | BIT(t);
#else
            if :: m[i].state == leased -> m[i].attempts++; m[i].counted = m[i].counted | BIT(t) :: else fi;
#endif
            if
            :: m[i].cancel -> finish(i, cancelled, true, 0)
            :: !m[i].cancel && kind == fatal -> finish(i, failed, true, 0)
            :: !m[i].cancel && kind != fatal && m[i].attempts >= ATTEMPTS -> finish(i, dead, true, 0)
            :: else -> requeue(i, true, removed[m[i].queue])
            fi
        fi
    fi
}

/* Policy.release in settle.go */
inline giveBack(i, t) {
    printf("message %d is released under token %d\n", i, t);
    if
    :: m[i].state == ended -> v = ((m[i].byHolder && m[i].token == t && m[i].outcome != completed) -> accepted : stale)
    :: m[i].state != ended && t != m[i].token -> v = stale
#ifndef RELEASE_TWICE   /* a release takes its attempt back, and when it is repeated, another one */
    :: m[i].state != ended && t == m[i].token && m[i].settled >= t -> v = accepted
    :: m[i].state != ended && t == m[i].token && m[i].settled < t ->
        v = accepted;
#else
    :: m[i].state != ended && t == m[i].token ->
        v = accepted;
        if :: m[i].state == waiting && m[i].attempts > 0 -> m[i].attempts--; m[i].counted = m[i].counted & ~BIT(t) :: else fi;
#endif
        if
        :: m[i].cancel -> finish(i, cancelled, true, 0)
        :: else -> requeue(i, true, removed[m[i].queue])
        fi
    fi
}

/* Account.Heartbeat in lease.go */
inline heartbeat(i, t) {
    printf("a heartbeat for message %d under token %d\n", i, t);
    if
#ifdef ANY_HEARTBEAT    /* a heartbeat extends the lease that there is, under whatever token */
    :: m[i].state != leased -> v = stale
    :: m[i].state == leased ->
#else
    :: m[i].state != leased || t != m[i].token -> v = stale
    :: m[i].state == leased && t == m[i].token ->
#endif
        v = (m[i].cancel -> stop : extended);
       
        RULE("broken: only the holder of the greatest token is told that it has the lease\n", t == m[i].greatest)
    fi
}

/* Policy.lose in settle.go: the lease expired, or a successor inherits it. */
inline lose(i, gone) {
    printf("message %d loses the lease of token %d\n", i, m[i].token);
    m[i].attempts++; m[i].counted = m[i].counted | BIT(m[i].token);
    if
    :: m[i].cancel -> finish(i, cancelled, false, 0)
    :: !m[i].cancel && m[i].attempts >= ATTEMPTS -> finish(i, dead, false, 0)
    :: else -> requeue(i, false, gone)
    fi
}

/* Some message for which p holds becomes message i; ANY says whether there is one. */
#define LAST (MESSAGES - 1)
#define ANY(p) (p(0) || p(LAST))
#define PICK(p) if :: p(0) -> i = 0 :: p(LAST) -> i = LAST fi

#define ASKED(x) (m[x].state == leased && m[x].worker == w && m[x].asked)
#define READY(x) (m[x].state == waiting && !removed[m[x].queue])
#define FOUND(x) (ASKED(x) || READY(x))
#define LEASED(x) (m[x].state == leased)
#define GIVEN(x) (m[x].token > 0)
#define WAITS(x) (m[x].state == waiting)
#define STOPPABLE(x) (m[x].state != ended && !m[x].cancel)
#define RETRYABLE(x) (m[x].state == ended && m[x].outcome != completed)

/* The worker gets the answer to its call, or it will repeat the call. */
inline answered() {
    if
    :: t = 0; i = 0; sent = none
    :: lost > 0 -> lost--; printf("the answer is lost\n")
    fi
}

/* Worker 2 is the successor of worker 1, and says once that worker 1 is dead; it may be
 * wrong. Worker 1 may die at any time: it then takes no further step. */
proctype Worker(byte w; bool successor) {
    byte i, t;          /* the message and token that it knows to hold, or 0 */
    mtype sent = none;  /* the call that it repeats until it is answered */
end: do
    :: atomic { t == 0 && !successor && ANY(FOUND) ->
        PICK(FOUND);
        if
        :: ASKED(i) ->  /* the request repeated */
            m[i].asked = false; t = m[i].token;
            printf("worker %d repeats its request and gets token %d again\n", w, t)
        :: READY(i) ->
            claim(i, w);
            if
            :: t = m[i].token
            :: lost > 0 -> lost--; m[i].asked = true; printf("the answer is lost\n")
            fi
        fi; check(i); if :: t == 0 -> i = 0 :: else fi }
    :: atomic { t != 0 && (sent == none || sent == result) ->
        sent = result; complete(i, t, result); check(i);
        answered() }
    :: atomic { t != 0 && (sent == none && errors > 0 || sent == retryable) ->
        if :: sent == none -> errors-- :: else fi;
        sent = retryable; complete(i, t, retryable); check(i);
        answered() }
    :: atomic { t != 0 && (sent == none && errors > 0 || sent == fatal) ->
        if :: sent == none -> errors-- :: else fi;
        sent = fatal; complete(i, t, fatal); check(i);
        answered() }
    :: atomic { t != 0 && (sent == none && releases > 0 || sent == release) ->
        if :: sent == none -> releases-- :: else fi;
        sent = release; giveBack(i, t); check(i);
        answered() }
    :: atomic { t != 0 && sent == none && beats > 0 ->
        beats--;
        heartbeat(i, t);
        if :: v == stale -> t = 0 :: v == stop -> sent = fatal :: v == extended fi;
        check(i); if :: t == 0 -> i = 0 :: else fi }
    :: atomic { successor ->
        successor = false;
        printf("worker 2 inherits from worker 1\n");
        i = 0;
        do
        :: i == MESSAGES -> break
        :: i < MESSAGES ->
            /* lock_orphaned.sql: the last attempt is left to expire. */
            if
            :: m[i].state == leased && m[i].worker == 1 && (m[i].attempts + 2 < ATTEMPTS || m[i].cancel) ->
                lose(i, removed[m[i].queue]); check(i)
            :: else
            fi;
            i++
        od; i = 0 }
    :: atomic { w == 1 && !successor -> printf("worker 1 dies\n"); break }
    od
}

/* Time passes as fast as it likes, also by a jump of the clock: any lease may have expired. */
proctype Sweeper() {
    byte i;
    bool gone;
#ifdef NO_SWEEPER       /* expired leases are not taken back */
endless: false;
#endif
end: do
    :: atomic { ANY(LEASED) -> PICK(LEASED);
        gone = removed[m[i].queue];
#ifdef UNSHARED         /* share_queues.sql is missing: a dealing may happen in between */
        } atomic { if :: LEASED(i) :: else -> gone = false; i = 0; goto end fi;
#endif
        lose(i, gone); check(i); gone = false; i = 0 }
    od
}

/* A request under a token that was given once arrives, or arrives again. */
proctype Network() {
    byte i, t;
end: do
    :: atomic { late > 0 && ANY(GIVEN) ->
        PICK(GIVEN);
        late--; t = 1;
        do :: t < m[i].token -> t++ :: break od;
        printf("late:\n");
        if
        :: complete(i, t, result) :: complete(i, t, retryable) :: complete(i, t, fatal)
        :: giveBack(i, t) :: heartbeat(i, t)
        fi;
        check(i); t = 0; i = 0 }
    od
}

/* What the producer and the operators do. */
proctype Producer() {
    byte i;
end: do
    :: atomic { replaces > 0 && ANY(WAITS) -> PICK(WAITS);
        replaces--; m[i].revision++;
#ifndef UNSETTLED       /* replacing leaves the last token as it is */
        m[i].settled = m[i].token;
#endif
        printf("message %d is replaced by content %d\n", i, m[i].revision); check(i); i = 0 }
    :: atomic { cancels > 0 && ANY(STOPPABLE) -> PICK(STOPPABLE);
        cancels--; printf("message %d is cancelled\n", i);
        if :: m[i].state == leased -> m[i].cancel = true :: else -> finish(i, cancelled, false, 0) fi; check(i); i = 0 }
    :: atomic { retries > 0 && ANY(RETRYABLE) -> PICK(RETRYABLE);
        retries--; printf("message %d is retried\n", i);
        m[i].state = waiting; m[i].outcome = none; m[i].attempts = 0; m[i].settled = m[i].token; m[i].byHolder = false;
        m[i].queue = (removed[1] -> 2 : 1); m[i].counted = 0; m[i].over = false; check(i); i = 0 }
    od
}

/* A queue is removed: what waits moves, what is leased stays. Here that is one step, which the
 * program takes in several. */
proctype Dealer() {
    byte i;
    do
    :: atomic { deals > 0 ->
        deals--; removed[1] = true; printf("queue 1 is removed\n");
        do
        :: i == MESSAGES -> break
        :: i < MESSAGES ->
            if
#ifdef DEAL_LEASED      /* what is leased moves, too */
            :: m[i].state != ended -> m[i].queue = 2
#else
            :: m[i].state == waiting -> m[i].queue = 2
#endif
            :: else
            fi;
            check(i); i++
        od }
    :: atomic { deals == 0 -> break }
    od
}

#define ENDED0 (m[0].state == ended)
#if MESSAGES > 1
#define ALL_ENDED (ENDED0 && m[1].state == ended)
#else
#define ALL_ENDED ENDED0
#endif
/* When nobody can do anything any more, everything has ended. */
proctype Close() {
    timeout;
    RULE("broken: everything ends at last\n", ALL_ENDED)
}

init {
    atomic { run Worker(1, false); run Worker(2, true); run Sweeper(); run Network(); run Producer(); run Dealer(); run Close() }
}

ltl ends { <> [] ALL_ENDED }
