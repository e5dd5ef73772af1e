/* Dealing: the waiting messages are spread over the queues again, in steps, while uploads,
 * claims, returns and further changes of the queues go on, and instances die. Each
 * transaction is as many steps as others can come between; its locks are those of
 * queue/store. README.md has the rules, the bounds and what is left out.
 *
 * Message i of the upload order is m[i]. Before anything happens, some have been dealt over
 * the queues 1 and 2.
 */

#ifndef MESSAGES
#define MESSAGES 3
#endif
#ifndef UPLOADS
#define UPLOADS 1       /* messages that come later */
#endif
#ifndef STEP
#define STEP 2          /* messages that a step looks at */
#endif
/* How often each may happen. */
#ifndef CHANGES
#define CHANGES 1       /* a queue is added or removed */
#endif
#ifndef PAUSES
#define PAUSES 1        /* queue 2 is paused or resumed */
#endif
#ifndef CLAIMS
#define CLAIMS 1
#endif
#ifndef RETURNS
#define RETURNS 1       /* a leased message waits again */
#endif
#ifndef DEATHS
#define DEATHS 1        /* of an instance in the middle of a step */
#endif
#ifndef CRASHES
#define CRASHES 1       /* of the server, which undo a step that was not on the disk */
#endif

#define N (MESSAGES + UPLOADS)  /* 6 at most */

mtype = { absent, coming, waiting, leased, ended };

#define RULE(sentence, holds) if :: (holds) :: else -> printf(sentence); assert(false) fi

typedef Message {
    mtype state = absent;
    byte queue;
    byte target;        /* of a message that a step has locked and moves, or 0 */
    byte home;          /* history: the queue at the claim */
    byte was            /* the queue before the last step */
}
Message m[N];
byte uploaded = MESSAGES;
bool there[4], paused;  /* queues 1 to 3; whether queue 2 is paused */
bool third;             /* it was added once: ids are not given twice */

/* The rows deal and dealing, and those that the last step has changed. */
typedef Dealing { bool underWay; byte queues; byte passed; byte dealt; bool last }
Dealing d, old;
byte next = MESSAGES, oldNext;
bool undo;              /* a crash would undo the last step */

/* Locks: who has the row dealing and the row deal; whether claims are kept out; how many share the queues. */
byte dealing, deal, sharing;
bool moving;

bool clean = true;      /* history: nothing was leased, ended or brought back since the last dealing began */
byte changes = CHANGES, pauses = PAUSES, claims = CLAIMS, returns = RETURNS, deaths = DEATHS, crashes = CRASHES;

/* Sets of queues are masks. Messages are dealt over those that are not paused, or over all. */
#define THERE ((there[1] -> 2 : 0) + (there[2] -> 4 : 0) + (there[3] -> 8 : 0))
#define UNPAUSED ((there[1] -> 2 : 0) + (there[2] && !paused -> 4 : 0) + (there[3] -> 8 : 0))
#define ACTIVE (UNPAUSED != 0 -> UNPAUSED : THERE)
#define SIZE(set) ((((set) >> 1) & 1) + (((set) >> 2) & 1) + (((set) >> 3) & 1))
#define NTH(set, k) ((k) == 0 -> (((set) & 2) != 0 -> 2 : (((set) & 4) != 0 -> 4 : 8)) : \
    ((k) == 1 && ((set) & 6) == 6 -> 4 : 8))
/* Queues in messages are masks of one, too. A paused one keeps its messages. */
#define IN(set, q) (((set) & (q)) != 0)
#define KEPT(q, to) (IN(THERE, q) && !IN(to, q))

/* What holds when no dealing is under way: see ARCHITECTURE.md. */
inline settled() {
    j = 0; k = 0;
    do
    :: j == N -> break
    :: j < N ->
        RULE("broken: no message waits in a queue that was removed\n", m[j].state != waiting || IN(THERE, m[j].queue));
        if
        :: clean && m[j].state == waiting && !KEPT(m[j].queue, ACTIVE) ->
            RULE("broken: message i of the upload order is in queue i mod n\n", m[j].queue == NTH(ACTIVE, k % SIZE(ACTIVE)));
            k++
        :: else
        fi;
        j++
    od;
    RULE("broken: the next upload goes to the queue whose turn it is\n", !clean || next % SIZE(ACTIVE) == k % SIZE(ACTIVE));
    j = 0; k = 0
}

/* Enqueue. */
proctype Uploader(byte me) {
    byte i, turn, j, k;
end: do
    :: atomic { uploaded < N &&
#ifndef UNLOCKED        /* uploads wait neither for each other nor for the last step */
        deal == 0 &&
#endif
        true ->
        deal = me; i = uploaded; uploaded++; turn = next;
        m[i].state = coming; m[i].queue = NTH(ACTIVE, turn % SIZE(ACTIVE));
        printf("an upload of message %d begins\n", i) };
        atomic {
        m[i].state = waiting; next = turn + 1; deal = 0; undo = false;
        printf("message %d is uploaded to queue %d\n", i, m[i].queue / 2 - m[i].queue / 8);
        if :: !d.underWay -> settled() :: else fi;
        i = 0; turn = 0 }
    od
}

/* redeal: the queues change, and a dealing begins. ChangeQueue pauses one. */
proctype Operator() {
end: do
    :: atomic { changes > 0 && dealing == 0 && deal == 0 && sharing == 0 ->
        changes--;
        if
        :: !third -> third = true; there[3] = true; printf("queue 3 is added\n")
        :: there[1] && SIZE(THERE) > 1 -> there[1] = false; printf("queue 1 is removed\n")
        fi;
        d.underWay = true; d.queues = 0; d.passed = 0; d.dealt = 0; undo = false;
        if :: d.last = true :: d.last = false fi }
    :: atomic { pauses > 0 && dealing == 0 && deal == 0 ->
        pauses--; paused = !paused; undo = false;
        printf("queue 2 is paused or resumed\n");
        if :: !d.underWay -> clean = false :: else fi }
    od
}

/* Store.Deal, of one instance. */
proctype Dealer(byte me) {
    byte to, passed, dealt, seen, j, k;
    bool last;
end: do
    :: atomic { d.underWay && dealing == 0 ->
        dealing = me; to = ACTIVE;
        if
#ifdef OLD_QUEUES       /* a step deals to the queues that there were when the dealing began */
        :: d.queues != 0 -> to = d.queues; passed = d.passed; dealt = d.dealt; last = d.last
        :: d.queues == 0 -> last = d.last
#else
#ifdef ALWAYS_ANEW      /* each step finds that the queues have changed */
        :: true -> last = d.last && d.passed == 0
#else
        :: d.queues == to -> passed = d.passed; dealt = d.dealt; last = d.last
        :: d.queues != to -> last = d.last && d.passed == 0
#ifdef TURN_KEPT        /* a dealing goes on with the queue whose turn it is */
            ; dealt = next
#endif
#endif
#endif
        fi };
        if
#ifndef LAST_UNLOCKED   /* the last step does not keep uploads out */
        :: atomic { last && deal == 0 -> deal = me }
        :: !last
#else
        :: true
#endif
        fi;
        atomic { moving = true;
        if :: passed == 0 -> clean = true :: else fi;
        j = passed;
        do
        :: j == N || seen == STEP -> break
        :: j < N && seen < STEP ->
            if
#ifdef DEAL_LEASED      /* what is leased moves, too */
            :: m[j].state == waiting || m[j].state == leased ->
#else
            :: m[j].state == waiting ->
#endif
                seen++; passed = j + 1;
                if
                :: !KEPT(m[j].queue, to) -> m[j].target = NTH(to, dealt % SIZE(to)); dealt++
                :: else
                fi
            :: else
            fi;
            j++
        od; j = 0;
#ifdef CURSOR_FIRST     /* the cursor moves in a transaction of its own, before the messages */
        d.queues = to; d.passed = passed; d.dealt = dealt
#endif
        };
        atomic {
        if
        :: deaths > 0 -> deaths--; printf("instance %d dies in a step\n", me);
            do
            :: j == N -> break
            :: j < N -> m[j].target = 0; j++
            od;
            dealing = 0; moving = false; if :: deal == me -> deal = 0 :: else fi; j = 0; seen = 0; to = 0; passed = 0; dealt = 0; last = false;
            break
        :: true
        fi;
        old.underWay = d.underWay; old.queues = d.queues; old.passed = d.passed; old.dealt = d.dealt; old.last = d.last;
        oldNext = next; undo = true;
        do
        :: j == N -> break
        :: j < N ->
            m[j].was = m[j].queue;
            if :: m[j].target != 0 && m[j].state != ended -> m[j].queue = m[j].target :: else fi;
            m[j].target = 0;
            RULE("broken: a leased message stays in its queue\n", m[j].state != leased || m[j].queue == m[j].home);
            j++
        od;
        d.queues = to; d.passed = passed; d.dealt = dealt;
        printf("a step of instance %d deals up to message %d\n", me, passed - 1);
        if
        :: last && seen < STEP -> d.underWay = false; next = dealt
        :: else
        fi;
        d.last = (seen < STEP);
        dealing = 0; moving = false; if :: deal == me -> deal = 0 :: else fi;
        seen = 0; to = 0; passed = 0; dealt = 0; last = false; j = 0;
        if :: !d.underWay -> printf("the dealing ends\n"); settled() :: else fi }
    od
}

#define AT(x) m[((x) < N -> (x) : 0)]
#define FREE(x) (AT(x).state == waiting && AT(x).target == 0)
/* A worker that asks for all queues, and then ends its message, or not. */
proctype Worker() {
    byte i, to;
end: do
    :: atomic { claims > 0 &&
#ifndef CLAIMS_COME_BETWEEN     /* a claim does not wait for a step, and passes over what it has locked */
        !moving &&
#endif
        (FREE(0) || FREE(1) || FREE(2) || FREE(3) || FREE(4) || FREE(5)) ->
        do
        :: FREE(i) -> break
        :: else -> RULE("broken: a claim takes what was uploaded first\n", m[i].state != waiting); i++
        od;
        claims--; clean = false; undo = false; m[i].state = leased; m[i].home = m[i].queue;
        printf("message %d is leased\n", i) };
        if
        :: atomic { m[i].state = ended; undo = false; i = 0 }
        :: atomic { returns > 0 -> returns--;       /* requeue_messages.sql */
#ifndef UNSHARED        /* the queues may change within the transaction */
            sharing++;
#endif
            to = (IN(THERE, m[i].queue) -> m[i].queue : NTH(ACTIVE, i % SIZE(ACTIVE))) };
            atomic { m[i].state = waiting; m[i].queue = to; clean = false; undo = false;
#ifndef UNSHARED
            sharing--;
#endif
            printf("message %d waits again\n", i);
            RULE("broken: no message waits in a queue that was removed\n", d.underWay || IN(THERE, to));
            i = 0; to = 0 }
        fi
    od
}

/* The server crashes. What was under way then is rolled back, as when an instance dies. */
proctype Crash() {
    byte j;
end: do
    :: atomic { crashes > 0 && undo && dealing == 0 && deal == 0 && sharing == 0 ->
        crashes--; undo = false; printf("a crash undoes the last step\n");
        do
        :: j == N -> break
        :: j < N -> m[j].queue = m[j].was; j++
        od;
        j = 0; next = oldNext;
        d.underWay = old.underWay; d.queues = old.queues; d.passed = old.passed; d.dealt = old.dealt; d.last = old.last }
    od
}

/* When nobody can do anything any more, no dealing is under way. */
proctype Close() {
    timeout;
    RULE("broken: a dealing ends\n", !d.underWay)
}

init {
    atomic {
        byte i;
        there[1] = true; there[2] = true;
        do
        :: i == MESSAGES -> break
        :: i < MESSAGES -> m[i].state = waiting; m[i].queue = (i % 2 == 0 -> 2 : 4); i++
        od;
        i = 0;
        run Dealer(1);
#ifndef ONE_INSTANCE    /* only the instance that was asked takes the steps */
        run Dealer(2);
#endif
        run Uploader(3); run Uploader(4); run Operator(); run Worker(); run Crash(); run Close()
    }
}

ltl ends { [] <> !d.underWay }
