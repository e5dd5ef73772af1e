/* Owners take turns: what claim_messages.sql leases when some owners always have messages
 * waiting, and one has a single message. Each worker asks an instance of its own. README.md
 * has the rules, the bounds and what is left out.
 *
 * Owners are numbered in the order of their names. All but SINGLE send without end.
 */

#ifndef OWNERS
#define OWNERS 2        /* or 3 */
#endif
#ifndef SINGLE
#define SINGLE 1
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef BATCH
#define BATCH 2         /* messages that a worker has at once */
#endif
#ifndef LOOK
#define LOOK OWNERS     /* owners that a claim looks at */
#endif
#ifndef WEIGHT
#define WEIGHT 1        /* of those who send without end */
#endif
#ifndef MAXIMUM
#define MAXIMUM 0       /* of their leased messages, each; 0 for none */
#endif

#define FLOOD BATCH     /* waiting messages that are kept count of: a claim does not take more */

#define RULE(sentence, holds) if :: (holds) :: else -> printf(sentence); assert(false) fi

byte waiting[OWNERS], leased[OWNERS];
bool came, served;      /* the single message was uploaded, and leased */
byte passed[WORKERS];   /* history: claims that began since, took something, and left it there */
bool claiming;          /* the lock on the shares */

#ifdef COUNTS_ITSELF    /* a turn counts the message that it would take */
#define TURN(o) (counted[o] + taken[o] + 1)
#else
#define TURN(o) (counted[o] + taken[o])
#endif
#define WEIGHT_OF(o) ((o) == SINGLE -> 1 : WEIGHT)
#define MAY(o, n) ((o) == SINGLE || MAXIMUM == 0 || (n) < MAXIMUM)
#define ANYTHING (waiting[0] > 0 || waiting[1] > 0 || waiting[OWNERS - 1] > 0)

/* Which of those that a claim looks at comes next: the one with the fewest leased for its
 * weight, and of equals the first in the circle. */
inline choose() {
    best = OWNERS; k = 0; looked = 0;
#ifdef NO_CIRCLE        /* each claim begins with the first owner */
    o = 0;
#else
    o = (after + 1) % OWNERS;
#endif
    do
    :: k == OWNERS || looked == LOOK -> break
    :: else ->
        if
        :: there[o] > 0 ->
            looked++;
            if
            :: there[o] > taken[o] && MAY(o, counted[o] + taken[o]) ->
                if
                :: best == OWNERS -> best = o
#ifdef PRIORITIES       /* the priorities of all are compared: those of the flood are greater */
                :: best != OWNERS && best == SINGLE -> best = o
#else
#ifdef EARLIEST         /* of equals, the one whose message was uploaded first */
                :: best != OWNERS && best == SINGLE && TURN(o) * WEIGHT_OF(best) == TURN(best) * WEIGHT_OF(o) -> best = o
#endif
                :: best != OWNERS && TURN(o) * WEIGHT_OF(best) < TURN(best) * WEIGHT_OF(o) -> best = o
#endif
                :: else
                fi
            :: else
            fi
        :: else
        fi;
        o = (o + 1) % OWNERS; k++
    od;
    o = 0; k = 0; looked = 0
}

/* lock_shares.sql: claims wait for each other while anybody has a maximum. */
#if MAXIMUM > 0 && !defined(TOGETHER)
#define TURN !claiming
#else                   /* TOGETHER: they do not */
#define TURN true
#endif

proctype Worker(byte me) {
    byte held[OWNERS];      /* messages that it has */
    byte there[OWNERS], counted[OWNERS], taken[OWNERS]; /* what a claim has seen, and means to take */
    byte after = OWNERS - 1, room = BATCH;
    byte o, k, looked, best;
    bool since, some;
end: do
    :: atomic { room > 0 && ANYTHING && TURN ->
        claiming = true; since = came && !served;
        do
        :: o == OWNERS -> break
        :: o < OWNERS -> there[o] = waiting[o]; counted[o] = leased[o]; o++
        od; o = 0;
        /* Of each owner it takes as many as are its turn. */
        do
        :: some -> break
        :: !some ->
            choose();
            if
            :: best == OWNERS -> some = true
            :: else -> taken[best]++; room--; if :: room == 0 -> some = true :: else fi
            fi
        od; some = false; best = 0 };
        atomic {
        /* Others may have taken them meanwhile. */
        looked = after;
        do
        :: k == OWNERS -> break
        :: k < OWNERS ->
            o = (looked + 1 + k) % OWNERS;
            if :: taken[o] > waiting[o] -> room = room + taken[o] - waiting[o]; taken[o] = waiting[o] :: else fi;
            if
            :: taken[o] > 0 ->
                printf("worker %d gets %d of owner %d\n", me, taken[o], o);
                waiting[o] = waiting[o] - taken[o]; leased[o] = leased[o] + taken[o]; held[o] = held[o] + taken[o];
                some = true; after = o;
                RULE("broken: no more than the maximum of an owner is leased\n", MAXIMUM == 0 || o == SINGLE || leased[o] <= MAXIMUM);
                if :: o == SINGLE -> served = true :: else fi
            :: else
            fi;
            there[o] = 0; counted[o] = 0; taken[o] = 0; k++
        od;
        claiming = false; o = 0; k = 0; looked = 0;
        if
        :: since && some && !served ->
            if :: passed[me] < OWNERS -> passed[me]++ :: else fi;
            RULE("broken: a single message waits for one claim, at most, for each other owner\n", passed[me] < OWNERS)
        :: else
        fi;
        since = false; some = false;
        if :: served -> passed[me] = 0 :: else fi }
    :: atomic { room < BATCH ->     /* it ends one */
        if :: held[0] > 0 -> o = 0 :: held[1] > 0 -> o = 1 :: held[OWNERS - 1] > 0 -> o = OWNERS - 1 fi;
        held[o]--; leased[o]--; room++; o = 0 }
    od
}

proctype Producers() {
    byte o;
end: do
    :: atomic { !came -> came = true; waiting[SINGLE] = 1; printf("the single message of owner %d comes\n", SINGLE) }
    :: atomic { waiting[0] < FLOOD && SINGLE != 0 -> waiting[0]++ }
    :: atomic { waiting[1] < FLOOD && SINGLE != 1 -> waiting[1]++ }
    :: atomic { waiting[OWNERS - 1] < FLOOD && SINGLE != OWNERS - 1 -> waiting[OWNERS - 1]++ }
    od
}

init {
    atomic {
        run Worker(0);
#if WORKERS > 1
        run Worker(1);
#endif
        run Producers()
    }
}

ltl ends { [] (came -> <> served) }
