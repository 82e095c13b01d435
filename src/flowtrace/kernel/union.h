/* Who spends together: union-find over the inputs of transactions, with the row that made each union.
 *
 * The inputs of transaction g are the rows from ends[g - 1] (0 for the first) up to ends[g]; an address is a dense
 * number, -1 where there is none. A root is the smallest address of its component, so no way up ever rises, and
 * one pass from below leaves every address at its root. A row makes a union where no row before it has joined its
 * address with the first of its transaction: which rows those are depends on no detail of the search. */

#ifndef FLOWTRACE_UNION_H
#define FLOWTRACE_UNION_H

#include "lots.h"

enum { JOIN_AHEAD = 32 };

typedef struct {
    int64_t count, rows, addresses;
    const int64_t *ends;
    const int32_t *address;
    const uint8_t *held; /* of each transaction, not 0 where its inputs are not to be joined; may be absent */
} inputs;

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

static inline int32_t root_of(int32_t *above, int32_t at)
{
    int32_t up = above[at];
    while (up != at) {
        int32_t further = above[up];
        above[at] = further; /* halves the way for the next time */
        at = further;
        up = above[at];
    }
    return at;
}

/* Bring near what a later row will look up, and for a less distant one what that leads to. */
static inline void look_up(const inputs *in, const int32_t *above, int64_t row)
{
    if (row + JOIN_AHEAD >= in->rows)
        return;
    int32_t far = in->address[row + JOIN_AHEAD], nearer = in->address[row + JOIN_AHEAD / 2];
    __builtin_prefetch(above + (far < 0 ? 0 : far), 1);
    __builtin_prefetch(above + above[nearer < 0 ? 0 : nearer], 1);
}

/* Write into made, if given, the rows that make a union, and return how many there are. */
static int64_t join_all(const inputs *in, int32_t *above, int64_t *made)
{
    int64_t unions = 0, row = 0;
    for (int64_t g = 0; g < in->count; g++) {
        int64_t end = in->ends[g];
        int32_t root = NONE;
        if (end - row < 2 || (in->held && in->held[g])) {
            row = end;
            continue;
        }
        for (; row < end; row++) {
            int32_t at = in->address[row];
            look_up(in, above, row);
            if (at < 0)
                continue;
            at = root_of(above, at);
            if (root == NONE || at == root) {
                root = at;
                continue;
            }
            int32_t low = at < root ? at : root, high = at < root ? root : at;
            above[high] = low;
            root = low;
            if (made)
                made[unions] = row;
            unions++;
        }
    }
    return unions;
}

static void level(int32_t *above, int64_t addresses)
{
    for (int64_t at = 0; at < addresses; at++)
        above[at] = above[above[at]];
}

/* Join the inputs of transactions. above holds an earlier answer, or, where fresh, nothing yet; it becomes the
 * smallest address of each one's component. On refusal nothing is changed and at says which row. */
PUBLIC int32_t flow_join(const inputs *in, int32_t *above, int32_t fresh, int64_t *made, int64_t *unions, int64_t *at)
{
    if (in->addresses < 0 || in->addresses > INT32_MAX)
        return BAD_INDEX;
    if (!rows_end_well(in->ends, in->count, in->rows, at))
        return BAD_ENDS;
    if (!addresses_known(in->address, in->rows, in->addresses, at))
        return BAD_INDEX;
    for (int64_t one = 0; !fresh && one < in->addresses; one++) {
        *at = one;
        if (above[one] < 0 || above[one] > one)
            return BAD_ORDER;
    }
    for (int64_t one = 0; fresh && one < in->addresses; one++)
        above[one] = (int32_t)one;
    *unions = join_all(in, above, made);
    level(above, in->addresses);
    return DONE;
}

#endif
