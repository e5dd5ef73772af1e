/* The history that replay.pml replays, as trace.go writes it: for each message the requests
 * about it that were answered, in the order in which they began, and those that were not,
 * which may have happened at any time after they began, or never.
 */
#include <stdio.h>
#include <stdlib.h>

struct request {
    int op, token, answer, kind, attempt, worker, until, name;
    int after;                  /* whether it comes after the request before it in this order */
    long long begin, end;
};
struct life {
    int answered, unanswered;
    int most;                   /* the greatest token that a claim without an answer gives */
    struct request *requests;   /* the answered ones first */
    int first, passed;          /* how far the search came */
};

static int attempts;            /* Policy.MaxAttempts */
static int lives;
static struct life *life_;
static int claims;              /* requests for leases that were not answered */
static long long *claim_;       /* when each began, in order */

static void number(FILE *f, int *n)
{
    if (fscanf(f, "%d", n) != 1) {
        fprintf(stderr, "the history is cut off\n");
        exit(1);
    }
}

/* report says at the end of the search which messages have no explanation. */
static void report(void)
{
    for (int i = 0; i < lives; i++)
        if (!life_[i].passed)
            printf("life %d stops at %d\n", i, life_[i].first);
}

static void read_history(void)
{
    FILE *f = fopen("history", "r");
    if (f == NULL) {
        perror("history");
        exit(1);
    }
    number(f, &attempts);
    number(f, &claims);
    claim_ = calloc(claims + 1, sizeof *claim_);
    for (int i = 0; i < claims; i++)
        if (fscanf(f, "%lld", &claim_[i]) != 1)
            exit(1);
    number(f, &lives);
    life_ = calloc(lives + 1, sizeof *life_);
    for (int i = 0; i < lives; i++) {
        struct life *l = &life_[i];
        number(f, &l->answered);
        number(f, &l->unanswered);
        number(f, &l->most);
        l->requests = calloc(l->answered + l->unanswered + 1, sizeof *l->requests);
        for (struct request *r = l->requests; r < l->requests + l->answered + l->unanswered; r++)
            if (fscanf(f, "%d%d%d%d%d%d%d%d%d%lld%lld", &r->op, &r->token, &r->answer, &r->kind, &r->attempt,
                    &r->worker, &r->until, &r->name, &r->after, &r->begin, &r->end) != 11)
                exit(1);
    }
    fclose(f);
    atexit(report);
}

/* began tells whether something that began at a time may have happened: every request that
 * was answered before has. Of the answered ones those before first have happened, and those
 * from first on whose bit in window is set. */
static int began(struct life *l, int first, int window, long long begin)
{
    for (int i = first; i < l->answered && l->requests[i].begin <= begin; i++)
        if (!(i - first < 31 && window >> (i - first) & 1) && l->requests[i].end < begin)
            return 0;
    return 1;
}

/* next tells whether request i may be what happens next. */
static int next(int life, int first, int window, int i)
{
    struct life *l = &life_[life];
    if (i < l->answered && (i < first || i - first >= 31 || window >> (i - first) & 1))
        return 0;
    if (l->requests[i].after && i > first && !(window >> (i - first - 1) & 1))
        return 0;
    return began(l, first, window, l->requests[i].begin);
}

/* unheard tells whether one more claim may have happened whose answer nobody got. */
static int unheard(int life, int first, int window, int unseen)
{
    return unseen < claims && began(&life_[life], first, window, claim_[unseen]);
}

/* note notes how far the search came. */
static void note(int life, int first)
{
    if (first > life_[life].first)
        life_[life].first = first;
    if (first == life_[life].answered)
        life_[life].passed = 1;
}

/* What replay.pml asks, at the state now: Spin takes no calls in a guard. */
#define LIFE life_[now.life]
#define COUNT (LIFE.answered + LIFE.unanswered)
#define REQUEST LIFE.requests[now.i]
#define OPEN (!LIFE.passed)
#define NEXT (now.i < COUNT && next(now.life, now.first, now.window, now.i))
#define UNHEARD (now.m[0].token < LIFE.most && unheard(now.life, now.first, now.window, now.unseen))
