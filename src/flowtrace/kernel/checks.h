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

static int all_inside(const int32_t *column, int64_t from, int64_t to, int64_t end)
{
    int32_t least = NONE, most = NONE;
    for (int64_t row = from; column && row < to; row++) {
        least = column[row] < least ? column[row] : least;
        most = column[row] > most ? column[row] : most;
    }
    return least == NONE && most < end;
}

static u64 high_bits(const void *units, int64_t count)
{
    u64 bits = 0;
    for (int64_t row = 0; row < count; row++)
        bits |= (u64)(read_wide(units, row) >> 64);
    return bits;
}

/* Narrow: so many rows of at most 2^94 cannot reach 2^126. */
INLINE u128 sum_legs(const void *units, int64_t from, int64_t to, const int narrow)
{
    u128 sum = 0;
    for (int64_t row = from; row < to; row++)
        if (narrow)
            sum += read_wide(units, row);
        else
            add_checked(&sum, read_wide(units, row));
    return sum;
}

static int rises(const int64_t *order, int64_t count, int64_t last)
{
    int falls = count && order[0] < last;
    for (int64_t row = 1; row < count; row++)
        falls |= order[row] < order[row - 1];
    return !falls;
}

/* The whole columns at once, which the machine reads several rows at a time. */
static int sound_moves(const flow *f, const moves *m)
{
    return all_inside(m->source, 0, m->count, f->places) && all_inside(m->target, 0, m->count, f->places) &&
           all_inside(m->theft, 0, m->count, f->thefts) && (!m->order || rises(m->order, m->count, f->order)) &&
           m->count < INT32_MAX && !(high_bits(m->units, m->count) >> 30);
}

static int check_moves(const flow *f, const moves *m, u128 *total, int64_t *at)
{
    int64_t last = f->order;
    *total = f->moved;
    if (sound_moves(f, m)) {
        add_checked(total, sum_legs(m->units, 0, m->count, 1));
        return *total >> 126 ? TOO_WIDE : DONE;
    }
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

static int check_legs(const flow *f, const groups *g, const int64_t *from, const int64_t *to)
{
    return all_inside(g->input_place, from[0], to[0], f->places) &&
           all_inside(g->output_place, from[1], to[1], f->places) &&
           all_inside(g->output_theft, from[1], to[1], f->thefts);
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
    int64_t from[2] = {0, 0}, last = f->order;
    int64_t rows[2] = {g->count ? g->input_ends[g->count - 1] : 0, g->count ? g->output_ends[g->count - 1] : 0};
    int within = check_legs(f, g, from, rows); /* the whole columns at once; one by one only to say which row */
    u64 high = high_bits(g->input_units, rows[0]) | high_bits(g->output_units, rows[1]);
    int narrow = !(high >> 30) && rows[0] < INT32_MAX && rows[1] < INT32_MAX;
    *total = f->moved;
    for (int64_t i = 0; i < g->count; i++) {
        int64_t to[2] = {g->input_ends[i], g->output_ends[i]};
        *at = i;
        if (!within && !check_legs(f, g, from, to))
            return BAD_INDEX;
        if (g->order && g->order[i] < last)
            return BAD_ORDER;
        last = g->order ? g->order[i] : last;
        u128 given = narrow ? sum_legs(g->input_units, from[0], to[0], 1) : sum_legs(g->input_units, from[0], to[0], 0);
        u128 got = narrow ? sum_legs(g->output_units, from[1], to[1], 1) : sum_legs(g->output_units, from[1], to[1], 0);
        add_checked(total, given);
        if (!(*total >> 126) && given != got)
            return BAD_SUM;
        for (int64_t side = 0; side < 2; side++) {
            widest[side] = to[side] - from[side] > widest[side] ? to[side] - from[side] : widest[side];
            from[side] = to[side];
        }
    }
    return *total >> 126 ? TOO_WIDE : DONE;
}

#endif
