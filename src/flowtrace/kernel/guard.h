/* Which transactions of coins several parties may have made together, told from columns, in whole numbers.
 *
 * What fires here keeps the inputs apart until a closer look; what does not fire may be joined, but for a needless
 * input, of which only the union-find knows whether it joins what should be apart. Each test is the detector's own,
 * or fires more often where that needs what no column holds: heights, lists, who a coordinator is. */

#ifndef FLOWTRACE_GUARD_H
#define FLOWTRACE_GUARD_H

#include "union.h"

enum { MARKED = 1, GENERIC = 2, WASABI = 4, WABISABI = 8, WHIRLPOOL = 16, EQUAL = 32, PAYJOIN = 64 };
enum { HOLD = 1, MIXED = 2, UNTOLD = 4 };          /* what a caller marks: held anyway; fingerprints; no values */
enum { WITNESS_KEY = 3, TAPROOT = 5 };             /* kinds of script */
enum { TENTH = 10000000, NEAR_TENTH = 2000000, MINER_FEE = 110000 };

typedef struct {
    int64_t rows;
    const int64_t *ends;
    const int32_t *address; /* -1 where none */
    const int64_t *units;
    const uint8_t *kind;
} side;

typedef struct {
    int64_t count;
    side given, paid;
    const uint8_t *mark; /* may be absent */
} coins;

/* One transaction: the columns of its two sides. */
typedef struct {
    int64_t gives, pays;
    const int32_t *giver, *payee;
    const int64_t *given, *paid; /* given may be absent */
    const uint8_t *give_kind, *pay_kind;
} deal;

/* What its values say: how often the most common one is paid (the largest of several such), how many are repeated,
 * and how many are paid once. */
typedef struct {
    int64_t value, number, repeated, unique;
} tally;

static int by_value(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

static tally count_values(const deal *d, int64_t *sorted)
{
    tally t = {0, 0, 0, 0};
    memcpy(sorted, d->paid, (size_t)d->pays * sizeof *sorted);
    qsort(sorted, (size_t)d->pays, sizeof *sorted, by_value);
    for (int64_t from = 0, to; from < d->pays; from = to) {
        for (to = from + 1; to < d->pays && sorted[to] == sorted[from]; to++)
            continue;
        if (!sorted[from]) /* data pays nothing: no value */
            continue;
        if (to - from >= t.number)
            t.number = to - from, t.value = sorted[from];
        t.repeated += to - from > 1;
        t.unique += to - from == 1;
    }
    return t;
}

static int are_distinct(const int32_t *address, int64_t count, int64_t least, int64_t *sorted)
{
    int64_t found = count > 0;
    for (int64_t i = 0; i < count; i++)
        sorted[i] = address[i];
    qsort(sorted, (size_t)count, sizeof *sorted, by_value);
    for (int64_t i = 1; i < count; i++)
        found += sorted[i] != sorted[i - 1];
    return found >= least;
}

static int all_of(const uint8_t *kind, int64_t count, int also)
{
    for (int64_t i = 0; i < count; i++)
        if (kind[i] != WITNESS_KEY && kind[i] != also)
            return 0;
    return 1;
}

static int falls(const int64_t *units, int64_t count)
{
    for (int64_t i = 1; i < count; i++)
        if (units[i] > units[i - 1])
            return 0;
    return 1;
}

/* 2^k, 3^k, 2 * 3^k, and 1, 2, 5 * 10^k, from 5,000 to 134,375,000,000. */
static int is_standard(int64_t units)
{
    const int64_t power_of_3 = 4052555153018976267; /* the largest below 2^63 */
    if (units < 5000 || units > 134375000000)
        return 0;
    if (!(units & (units - 1)) || power_of_3 % (units & 1 ? units : units / 2) == 0)
        return 1;
    while (units % 10 == 0)
        units /= 10;
    return units == 1 || units == 2 || units == 5;
}

static int is_wabisabi(const deal *d)
{
    int64_t standard = 0;
    if (!all_of(d->give_kind, d->gives, TAPROOT) || !falls(d->paid, d->pays))
        return 0;
    if (d->given && !falls(d->given, d->gives))
        return 0;
    for (int64_t i = 0; i < d->pays; i++)
        standard += is_standard(d->paid[i]);
    return standard * 5 > d->pays * 4;
}

static int is_mix(const deal *d)
{
    int64_t pool = d->paid[0], same = 0;
    if (pool != 100000 && pool != 1000000 && pool != 5000000 && pool != 50000000 && pool != 2500000 && pool != 25000000)
        return 0;
    for (int64_t i = 1; i < d->pays; i++)
        if (d->paid[i] != pool)
            return 0;
    for (int64_t i = 0; d->given && i < d->gives; i++) {
        same += d->given[i] == pool;
        if (d->given[i] > pool + MINER_FEE || d->given[i] < pool - MINER_FEE)
            return 0;
    }
    return (same || !d->given) && all_of(d->give_kind, d->gives, WITNESS_KEY); /* it may pay out to any kind */
}

/* An input that two outputs did not need: a PayJoin's, where inputs are of several kinds or fingerprints. */
static int needless_input(const deal *d, int mixed)
{
    int64_t least = d->paid[0] < d->paid[1] ? d->paid[0] : d->paid[1];
    int needless = 0;
    mixed = mixed != 0;
    for (int64_t i = 0; d->given && i < d->gives; i++) {
        needless |= d->given[i] <= least;
        mixed |= d->give_kind[i] != d->give_kind[0];
    }
    return needless ? NEEDLESS | (mixed ? PAYJOIN : 0) : 0;
}

/* Half of the outputs equal, by as many givers: D0, and D5 without its sums; then D2. */
static int by_values(const deal *d, int64_t *sorted)
{
    int64_t half = (d->pays + 1) / 2;
    int found = 0;
    if (d->pays < 3 || (half > d->gives && d->gives < 10))
        return 0;
    tally t = count_values(d, sorted);
    if (t.number == half && are_distinct(d->giver, d->gives, half, sorted)) {
        found |= t.value != 546 && t.value != 2730 ? GENERIC : 0;
        found |= t.repeated == 1 && are_distinct(d->payee, d->pays, half, sorted) ? EQUAL : 0;
    }
    if (t.number >= 10 && t.number <= d->gives && t.unique >= 2 && t.value >= TENTH - NEAR_TENTH &&
        t.value <= TENTH + NEAR_TENTH && all_of(d->give_kind, d->gives, WITNESS_KEY) &&
        all_of(d->pay_kind, d->pays, WITNESS_KEY))
        found |= WASABI;
    return found;
}

static int fired(const deal *d, int mark, int64_t *sorted)
{
    int found = mark & HOLD ? MARKED : 0;
    if (d->gives < 2)
        return found;
    if (d->pays == 2)
        found |= needless_input(d, mark & MIXED);
    if (d->gives >= 5 && is_wabisabi(d))
        found |= WABISABI;
    if (d->gives >= 5 && d->gives <= 10 && d->gives == d->pays && is_mix(d))
        found |= WHIRLPOOL;
    return found | by_values(d, sorted);
}

static deal deal_of(const coins *c, int64_t g, const int64_t *from)
{
    int told = c->given.units && !(c->mark && c->mark[g] & UNTOLD);
    return (deal){c->given.ends[g] - from[0],
                  c->paid.ends[g] - from[1],
                  c->given.address + from[0],
                  c->paid.address + from[1],
                  told ? c->given.units + from[0] : NULL,
                  c->paid.units + from[1],
                  c->given.kind + from[0],
                  c->paid.kind + from[1]};
}

static int64_t widest_of(const coins *c)
{
    int64_t widest = 0, from[2] = {0, 0};
    for (int64_t g = 0; g < c->count; from[0] = c->given.ends[g], from[1] = c->paid.ends[g], g++) {
        int64_t gives = c->given.ends[g] - from[0], pays = c->paid.ends[g] - from[1];
        widest = gives > widest ? gives : widest;
        widest = pays > widest ? pays : widest;
    }
    return widest;
}

/* Write what fires of each transaction, 0 where nothing does. On refusal nothing is written and at says which. */
PUBLIC int32_t flow_guard(const coins *c, uint8_t *held, int64_t *at)
{
    int64_t from[2] = {0, 0};
    if (!rows_end_well(c->given.ends, c->count, c->given.rows, at) ||
        !rows_end_well(c->paid.ends, c->count, c->paid.rows, at))
        return BAD_ENDS;
    int64_t *sorted = malloc(((size_t)widest_of(c) + 1) * sizeof *sorted);
    if (!sorted)
        return NO_MEMORY;
    for (int64_t g = 0; g < c->count; from[0] = c->given.ends[g], from[1] = c->paid.ends[g], g++) {
        deal d = deal_of(c, g, from);
        held[g] = (uint8_t)fired(&d, c->mark ? c->mark[g] : 0, sorted);
    }
    free(sorted);
    return DONE;
}

#endif
