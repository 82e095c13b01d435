/* The columns as they are handed in, and the reading of them to the end before anything is changed. */

#ifndef FLOWTRACE_CHECKS_H
#define FLOWTRACE_CHECKS_H

#include "lots.h"

typedef struct {
    int64_t count;
    const int64_t *order;
    const int32_t *source, *target;
    const void *units;
    const int32_t *theft;
} moves;

/* Inputs and outputs of group g are the rows from ends[g - 1] (0 for the first) up to ends[g]. */
typedef struct {
    int64_t count;
    const int64_t *order, *input_ends, *output_ends;
    const int32_t *input_place;
    const void *input_units;
    const int32_t *output_place;
    const void *output_units;
    const int32_t *output_theft;
} groups;

static inline int inside(int32_t index, int64_t end) { return index >= NONE && index < end; }

/* Add to a total that must stay under 2^126; once it is over, it stays over. */
static inline void add_checked(u128 *total, u128 units)
{
    u128 most = (u128)1 << 126;
    *total = units >= most || *total >= most ? most : *total + units;
}

static int check_moves(const flow *f, const moves *m, u128 *total, int64_t *at)
{
    int64_t last = f->order;
    *total = f->moved;
    for (int64_t i = 0; i < m->count; i++) {
        *at = i;
        if (!inside(m->source[i], f->places) || !inside(m->target[i], f->places) ||
            (m->theft && !inside(m->theft[i], f->thefts)))
            return BAD_INDEX;
        if (m->order && m->order[i] < last)
            return BAD_ORDER;
        last = m->order ? m->order[i] : last;
        add_checked(total, read_wide(m->units, i));
    }
    return *total >> 126 ? TOO_WIDE : DONE;
}

static int check_legs(const flow *f, const int32_t *at_place, const int32_t *theft, int64_t from, int64_t to)
{
    for (int64_t row = from; row < to; row++)
        if (!inside(at_place[row], f->places) || (theft && !inside(theft[row], f->thefts)))
            return 0;
    return 1;
}

static u128 sum_legs(const void *units, int64_t from, int64_t to)
{
    u128 sum = 0;
    for (int64_t row = from; row < to; row++)
        add_checked(&sum, read_wide(units, row));
    return sum;
}

static int check_ends(const groups *g, int64_t inputs, int64_t outputs, int64_t *at)
{
    int64_t in = 0, out = 0;
    for (int64_t i = 0; i < g->count; in = g->input_ends[i], out = g->output_ends[i], i++) {
        *at = i;
        if (g->input_ends[i] <= in || g->input_ends[i] > inputs || g->output_ends[i] <= out ||
            g->output_ends[i] > outputs)
            return BAD_ENDS;
    }
    return in == inputs && out == outputs ? DONE : BAD_ENDS;
}

static int check_groups(const flow *f, const groups *g, u128 *total, int64_t *widest, int64_t *at)
{
    int64_t in = 0, out = 0, last = f->order;
    *total = f->moved;
    for (int64_t i = 0; i < g->count; in = g->input_ends[i], out = g->output_ends[i], i++) {
        int64_t in_end = g->input_ends[i], out_end = g->output_ends[i];
        *at = i;
        if (!check_legs(f, g->input_place, NULL, in, in_end) ||
            !check_legs(f, g->output_place, g->output_theft, out, out_end))
            return BAD_INDEX;
        if (g->order && g->order[i] < last)
            return BAD_ORDER;
        last = g->order ? g->order[i] : last;
        u128 given = sum_legs(g->input_units, in, in_end), got = sum_legs(g->output_units, out, out_end);
        add_checked(total, given);
        if (!(*total >> 126) && given != got)
            return BAD_SUM;
        widest[0] = in_end - in > widest[0] ? in_end - in : widest[0];
        widest[1] = out_end - out > widest[1] ? out_end - out : widest[1];
    }
    return *total >> 126 ? TOO_WIDE : DONE;
}

#endif
