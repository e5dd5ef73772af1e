/* The life of a message: what queue/store does to one when its workers, the sweeper and its
 * producer come in any order. Each inline is one transaction. lease.pml goes through all
 * orders of them, and replay.pml looks for the one that a history has seen.
 *
 * MESSAGES and ATTEMPTS are how many there are, and TOKENS more than can be given for one.
 */

mtype = { waiting, leased, ended };
mtype = { none, completed, failed, cancelled, dead };
mtype = { accepted, extended, stop, stale };
mtype = { result, retryable, fatal, release };

/* Statements about a message that must hold; a broken variant names the one it breaks. */
#define RULE(sentence, holds) if :: (holds) :: else -> printf(sentence); assert(false) fi

#if TOKENS > 9          /* 32 at most */
#define MASK int
#else
#define MASK byte
#endif
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
    byte answer;        /* the revision that the stored result answers, or 0 */
    /* Below is history, which the rules need and the program does not have. */
    byte greatest;      /* token given so far */
    byte content[TOKENS];    /* revision that each token was leased with */
    MASK counted;       /* tokens that counted as attempts in this life: a bit each */
    bool over           /* ended in this life */
}
Message m[MESSAGES];

mtype v = none;         /* the verdict of the present step */

#define BIT(t) (1 << ((t) - 1))
#define BYTE(x) (((x) & 1) + (((x) >> 1) & 1) + (((x) >> 2) & 1) + (((x) >> 3) & 1) + \
    (((x) >> 4) & 1) + (((x) >> 5) & 1) + (((x) >> 6) & 1) + (((x) >> 7) & 1))
#if TOKENS > 9
#define ONES(x) (BYTE(x) + BYTE((x) >> 8) + BYTE((x) >> 16) + BYTE((x) >> 24))
#else
#define ONES(x) BYTE(x)
#endif

/* The constraints of the table, and what holds after every step. */
inline check(i) {
    RULE("broken: a lease has a worker and a live token, and only a lease is being cancelled\n",
        (m[i].state == leased) == (m[i].worker != 0) &&
        (m[i].state != leased || m[i].settled < m[i].token) && (m[i].state == leased || !m[i].cancel));
    RULE("broken: each lease counts as one attempt at most, and a returned one as none\n", m[i].attempts == ONES(m[i].counted));
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
inline requeue(i, holder) {
    m[i].state = waiting; m[i].worker = 0; m[i].asked = false;
    if :: holder -> m[i].settled = m[i].token :: else fi
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
    m[i].greatest = m[i].token; m[i].content[m[i].token] = m[i].revision;
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
            :: else -> requeue(i, true)
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
        :: else -> requeue(i, true)
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
inline lose(i) {
    printf("message %d loses the lease of token %d\n", i, m[i].token);
    m[i].attempts++; m[i].counted = m[i].counted | BIT(m[i].token);
    if
    :: m[i].cancel -> finish(i, cancelled, false, 0)
    :: !m[i].cancel && m[i].attempts >= ATTEMPTS -> finish(i, dead, false, 0)
    :: else -> requeue(i, false)
    fi
}

/* Store.Cancel: what waits ends, and what is leased is to be stopped. */
inline stopIt(i) {
    if
    :: m[i].state == waiting -> finish(i, cancelled, false, 0)
    :: m[i].state == leased -> m[i].cancel = true
    :: m[i].state == ended
    fi
}

/* What is replaced or redriven has a token, though perhaps one that nobody was given. */
inline mark(i) {
    if :: m[i].token == 0 -> m[i].token = 1 :: else fi
}

/* replace_message.sql, for a message that waits */
inline replace(i) {
    m[i].revision++; mark(i);
#ifndef UNSETTLED       /* replacing leaves the last token as it is */
    m[i].settled = m[i].token;
#endif
    printf("message %d is replaced by content %d\n", i, m[i].revision)
}

/* redrive_messages.sql, for a message that ended without a result */
inline redrive(i) {
    mark(i);
    m[i].state = waiting; m[i].outcome = none; m[i].attempts = 0; m[i].settled = m[i].token; m[i].byHolder = false;
    m[i].counted = 0; m[i].over = false
}

/* lock_orphaned.sql: the last attempt is left to expire. */
#define ORPHANED(i) (m[i].state == leased && (m[i].attempts + 2 < ATTEMPTS || m[i].cancel))
