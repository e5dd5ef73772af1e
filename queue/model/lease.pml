/* The lease protocol of the message service: workers, the sweeper and the producer of
 * messages in any order. Each request is one atomic step, as its transaction is; message.pml
 * has what it does. README.md has the rules, the bounds and what is left out.
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
#define BEATS 1         /* heartbeats that extend a lease; 255 for without end */
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

#ifndef TOKENS
#define TOKENS 12       /* more than can be given */
#endif
#include "message.pml"

byte lost = LOST, late = LATE, errors = ERRORS, releases = RELEASES, beats = BEATS,
    replaces = REPLACES, cancels = CANCELS, retries = RETRIES;

/* Some message for which p holds becomes message i; ANY says whether there is one. */
#define LAST (MESSAGES - 1)
#define ANY(p) (p(0) || p(LAST))
#define PICK(p) if :: p(0) -> i = 0 :: p(LAST) -> i = LAST fi

#define ASKED(x) (m[x].state == leased && m[x].worker == w && m[x].asked)
#define FOUND(x) (ASKED(x) || WAITS(x))
#define LEASED(x) (m[x].state == leased)
#define GIVEN(x) (m[x].greatest > 0)
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
        :: WAITS(i) ->
            claim(i, w);
            if
            :: t = m[i].token
            :: lost > 0 -> lost--; printf("the answer is lost\n");
                if
                :: m[i].asked = true
                :: printf("the queue sees it\n"); t = m[i].token; giveBack(i, t); t = 0
                fi
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
        if :: beats < 255 -> beats-- :: else fi;
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
            if
            :: ORPHANED(i) && m[i].worker == 1 -> lose(i); check(i)
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
#ifdef NO_SWEEPER       /* expired leases are not taken back */
endless: false;
#endif
end: do
    :: atomic { ANY(LEASED) -> PICK(LEASED);
        lose(i); check(i); i = 0 }
    od
}

/* A request under a token that was given once arrives, or arrives again. */
proctype Network() {
    byte i, t;
end: do
    :: atomic { late > 0 && ANY(GIVEN) ->
        PICK(GIVEN);
        late--; t = 1;
        do :: t < m[i].greatest -> t++ :: m[i].content[t] != 0 -> break od;
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
        replaces--; replace(i); check(i); i = 0 }
    :: atomic { cancels > 0 && ANY(STOPPABLE) -> PICK(STOPPABLE);
        cancels--; printf("message %d is cancelled\n", i);
        stopIt(i); check(i); i = 0 }
    :: atomic { retries > 0 && ANY(RETRYABLE) -> PICK(RETRYABLE);
        retries--; printf("message %d is retried\n", i);
        redrive(i); check(i); i = 0 }
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
    atomic { run Worker(1, false); run Worker(2, true); run Sweeper(); run Network(); run Producer(); run Close() }
}

ltl ends { <> [] ALL_ENDED }
