/* Replays a history on the message of message.pml: is there an order of the requests in which
 * each happens between its beginning and its end, and is answered by the model as it was by
 * the queue? What a history does not show may happen at any time: a lease expires, a request
 * without an answer arrives, or a claim happens whose answer nobody got, and is given back.
 *
 * One message is replayed on its own in each run that the search tries, because nothing in
 * message.pml depends on another message. When the search ends, replay.h names the messages
 * that no order explains.
 */

#define MESSAGES 1
#define TOKENS 32
#define ATTEMPTS limit
byte limit;
#include "message.pml"

c_decl {
\#include "replay.h"
}

/* The requests, as in trace.go. */
#define ENQUEUE 1
#define CLAIM 2
#define BEAT 3
#define COMPLETE 4
#define RELEASE 5
#define CANCEL 6
#define SEE 7           /* what the answer to a cancellation says, which is read after it */
#define END 8           /* a reader of the feed sees how the message ended */
#define INHERIT 9
#define UNKNOWN 10      /* the queue does not know the message */
#define LOSE 11         /* a claim without an answer, of a request that was repeated */
#define REDRIVE 12      /* as a reader of the feed sees it */

/* Verdicts, states and outcomes, as in trace.go. */
#define CODE(x) ((x == accepted) + (x == extended) * 2 + (x == stop) * 3 + (x == stale) * 4 + \
    (x == waiting) * 5 + (x == leased) * 6 + (x == ended) * 7 + \
    (x == completed) * 8 + (x == failed) * 9 + (x == cancelled) * 10 + (x == dead) * 11)

short life;             /* the message that is replayed */
short first;            /* answered requests before this one have happened, */
int window;             /* and of the 31 from it on those whose bit is set */
byte unseen;            /* claims whose answer nobody got */
byte name;              /* the request that has leased the message, or 0 */
bool unheard;           /* nobody got the answer to the claim that leased it, at first */
bool there;             /* the message was uploaded */
short i;                /* the request that happens now, and what it says: */
hidden byte op, token, answer, kind, attempt, worker, until, as;

#define GIVEN (m[0].content[token] != 0)    /* somebody knows the token */
#define ANSWERED(x) (answer == 0 || answer == CODE(x))
#define WAITS (there && m[0].state == waiting)
#define NOBODY 255      /* the worker of a claim whose answer nobody got */

inline read() {
    op = c_expr { REQUEST.op }; token = c_expr { REQUEST.token }; answer = c_expr { REQUEST.answer }; kind = c_expr { REQUEST.kind };
    attempt = c_expr { REQUEST.attempt }; worker = c_expr { REQUEST.worker }; until = c_expr { REQUEST.until }; as = c_expr { REQUEST.name }
}

/* Request i happens, and is answered as it was. */
inline happen() {
    if
    :: op == ENQUEUE -> there = true
    :: op == UNKNOWN && !there
    :: op == CLAIM && WAITS ->
        attempt == m[0].attempts + 1;
        claim(0, worker); name = as;
        token == m[0].token
    :: op == CLAIM && m[0].state == leased && token == m[0].token && attempt == m[0].attempts + 1 && name == as && name != 0   /* repeated */
    :: op == LOSE && WAITS && c_expr { UNHEARD } ->
        unseen++; claim(0, worker); name = as; unheard = true
    :: op == BEAT && GIVEN -> heartbeat(0, token); ANSWERED(v)
    :: op == COMPLETE && GIVEN && kind == 1 -> complete(0, token, result); ANSWERED(v)
    :: op == COMPLETE && GIVEN && kind == 2 -> complete(0, token, retryable); ANSWERED(v)
    :: op == COMPLETE && GIVEN && kind == 3 -> complete(0, token, fatal); ANSWERED(v)
    :: op == RELEASE && GIVEN -> giveBack(0, token); ANSWERED(v)
    :: op == CANCEL && there -> stopIt(0)
    :: op == SEE && answer == CODE(m[0].state)
    :: op == END && m[0].state == ended && answer == CODE(m[0].outcome)
    :: op == REDRIVE && m[0].state == ended && m[0].outcome != completed -> redrive(0)
    :: op == INHERIT ->
        if
        :: ORPHANED(0) && m[0].worker >= worker && m[0].worker < until -> lose(0)
        :: else
        fi
    fi
}

inline after() {
    if :: m[0].state == leased :: else -> name = 0; unheard = false fi;
    check(0);
    i = 0
}

active proctype Replay() {
    atomic {
        c_code { read_history(); };
        limit = c_expr { attempts };
        c_expr { lives > 0 };
        do
        :: c_expr { now.life + 1 < lives } -> life++
        :: break
        od
    }
    do
    :: atomic { c_expr { OPEN } ->
        i = first;
        do
        :: c_expr { NEXT } -> break
        :: c_expr { now.i + 1 < COUNT } -> i++
        od;
        read();
        happen();
        if
        :: c_expr { now.i >= life_[now.life].answered }
        :: else ->
            window = window | (1 << (i - first));
            do
            :: (window & 1) -> window = window >> 1; first++
            :: else -> break
            od;
            c_code { note(now.life, now.first); }
        fi;
        after() }
    :: atomic { c_expr { OPEN } && m[0].state == leased -> lose(0); after() }
    :: atomic { c_expr { OPEN } && WAITS && c_expr { UNHEARD } -> unseen++; claim(0, NOBODY); unheard = true; after() }
    /* The queue gives back the leases of a caller that has disconnected, as it sees perhaps later. */
    :: atomic { c_expr { OPEN } && unheard -> token = m[0].token; giveBack(0, token); after() }
    od
}
