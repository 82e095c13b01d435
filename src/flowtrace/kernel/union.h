/* Who spends together: union-find over the inputs of transactions, with the row that made each union.
 *
 * The inputs of transaction g are the rows from ends[g - 1] (0 for the first) up to ends[g]; an address is a dense
 * number, -1 where there is none. A root is the smallest address of its component, so no way up ever rises, and
 * one pass from below leaves every address at its root. A row makes a union where no row before it has joined its
 * address with the first of its transaction: which rows those are depends on no detail of the search. */

#ifndef FLOWTRACE_UNION_H
#define FLOWTRACE_UNION_H

#include "lots.h"

enum { JOIN_AHEAD = 128, NEEDLESS = 128 };
#define MET 0x80000000u /* beside an address's way up: it gave together with another before */

typedef struct {
    int64_t count, rows, addresses;
    const int64_t *ends;
    const int32_t *address;
    const uint8_t *held; /* of each transaction what the guard says; may be absent */
    int32_t fresh, strict;
} inputs;

/* above: of each address the smallest it is joined with. made: the rows that made a union. met: of each address
 * whether it gave together with another; absent where nothing is held. doubted: the transactions with an input
 * that they did not need and that would have joined two components of addresses that had met others before. */
typedef struct {
    uint32_t *above;
    int64_t *made, *doubted;
    uint8_t *met;
    int64_t unions, doubts;
} components;

static int rows_end_well(const int64_t *ends, int64_t count, int64_t rows, int64_t *at)
{
    int64_t last = 0;
    for (int64_t g = 0; g < count; last = ends[g], g++) {
        *at = g;
        if (ends[g] < last || ends[g] > rows)
            return 0;
    }
    return last == rows;
}

static int addresses_known(const int32_t *address, int64_t rows, int64_t addresses, int64_t *at)
{
    int32_t least = NONE, most = NONE;
    for (int64_t row = 0; row < rows; row++) {
        least = address[row] < least ? address[row] : least;
        most = address[row] > most ? address[row] : most;
    }
    if (least == NONE && most < addresses)
        return 1;
    for (*at = 0; address[*at] >= NONE && address[*at] < addresses; ++*at)
        continue;
    return 0;
}

static inline uint32_t up_from(const uint32_t *above, uint32_t at) { return above[at] & ~MET; }

static inline uint32_t root_of(uint32_t *above, uint32_t at)
{
    uint32_t up = up_from(above, at);
    while (up != at) {
        uint32_t further = up_from(above, up);
        above[at] = (above[at] & MET) | further; /* halves the way for the next time */
        at = further;
        up = up_from(above, at);
    }
    return at;
}

/* Bring near what a later row will look up, and for a less distant one what that leads to. */
static inline void look_up(const inputs *in, const uint32_t *above, int64_t row)
{
    if (row + JOIN_AHEAD >= in->rows)
        return;
    int32_t far = in->address[row + JOIN_AHEAD], nearer = in->address[row + JOIN_AHEAD / 2];
    __builtin_prefetch(above + (far < 0 ? 0 : far), 1);
    __builtin_prefetch(above + up_from(above, nearer < 0 ? 0 : (uint32_t)nearer), 1);
}

/* Note who gives together; one address alone meets nobody. */
static void note_met(const inputs *in, uint32_t *above, int64_t row, int64_t end)
{
    int32_t first = NONE;
    for (; row < end; row++) {
        int32_t at = in->address[row];
        if (at < 0 || at == first)
            continue;
        if (first == NONE) {
            first = at;
            continue;
        }
        above[first] |= MET;
        above[at] |= MET;
    }
}

/* Tell whether two addresses of different components have each met others before. */
static int is_doubtful(const inputs *in, uint32_t *above, int64_t row, int64_t end)
{
    int64_t seen = NONE;
    for (; row < end; row++) {
        int32_t at = in->address[row];
        if (at < 0 || !(above[at] & MET))
            continue;
        int64_t root = root_of(above, (uint32_t)at);
        if (seen != NONE && root != seen)
            return 1;
        seen = root;
    }
    return 0;
}

INLINE void join_rows(const inputs *in, components *c, int64_t row, int64_t end)
{
    int64_t root = NONE;
    for (; row < end; row++) {
        int32_t given = in->address[row];
        look_up(in, c->above, row);
        if (given < 0)
            continue;
        int64_t at = root_of(c->above, (uint32_t)given);
        if (root != NONE && at != root) {
            int64_t low = at < root ? at : root, high = at < root ? root : at;
            c->above[high] = (c->above[high] & MET) | (uint32_t)low;
            c->made[c->unions++] = row;
            at = low;
        }
        root = at;
    }
}

INLINE void join_all(const inputs *in, components *c, const int wary)
{
    int64_t row = 0, end;
    for (int64_t g = 0; g < in->count; row = end, g++) {
        end = in->ends[g];
        if (end - row < 2) {
            if (end > row)
                look_up(in, c->above, row); /* what stands behind it is joined with others */
            continue;
        }
        int held = wary && in->held[g] & ~NEEDLESS;
        if (wary && !held && in->held[g] && is_doubtful(in, c->above, row, end)) {
            c->doubted[c->doubts++] = g;
            held = 1;
        }
        if (!held)
            join_rows(in, c, row, end);
        if (wary && (!held || in->strict))
            note_met(in, c->above, row, end);
    }
}

static void begin(const inputs *in, const components *c)
{
    for (int64_t at = 0; in->fresh && at < in->addresses; at++)
        c->above[at] = (uint32_t)at;
    for (int64_t at = 0; !in->fresh && c->met && at < in->addresses; at++)
        c->above[at] |= c->met[at] ? MET : 0;
}

static void level(const inputs *in, const components *c)
{
    for (int64_t at = 0; at < in->addresses; at++) {
        if (c->met)
            c->met[at] = (c->above[at] & MET) != 0;
        c->above[at] = c->above[up_from(c->above, (uint32_t)at)] & ~MET;
    }
}

/* Join the inputs of transactions. Where not fresh, above and met hold an earlier answer. On refusal nothing is
 * changed and at says which row. */
PUBLIC int32_t flow_join(const inputs *in, components *c, int64_t *at)
{
    if (in->addresses < 0 || in->addresses > INT32_MAX)
        return BAD_INDEX;
    if (!rows_end_well(in->ends, in->count, in->rows, at))
        return BAD_ENDS;
    if (!addresses_known(in->address, in->rows, in->addresses, at))
        return BAD_INDEX;
    for (int64_t one = 0; !in->fresh && one < in->addresses; one++) {
        *at = one;
        if (c->above[one] > one)
            return BAD_ORDER;
    }
    begin(in, c);
    c->unions = c->doubts = 0;
    if (in->held)
        join_all(in, c, 1);
    else
        join_all(in, c, 0);
    level(in, c);
    return DONE;
}

#endif
