/* One transaction with several inputs and outputs: what the inputs bring is divided among the outputs. */

#ifndef FLOWTRACE_SPEND_H
#define FLOWTRACE_SPEND_H

#include "checks.h"
#include "purse.h"

typedef struct {
    u128 units;
    parcel gone;
} given;

/* What is still to be divided: for a queue the pieces as they lie, else the sum of each theft. */
typedef struct {
    u128 total;
    part *parts;
    int64_t count, at;
} pool;

/* The rows of one group. */
typedef struct {
    int64_t in, in_end, out, out_end;
} span;

typedef struct {
    void *tainted;
    int64_t *part_ends;
} answer;

typedef struct {
    given *given;
    u128 *share;
    int64_t *order, *spare;
    u128 *key;
} desk;

static int make_desk(desk *d, int64_t inputs, int64_t outputs)
{
    d->given = malloc((size_t)(inputs + 1) * sizeof *d->given);
    d->share = malloc((size_t)(outputs + 1) * sizeof *d->share);
    d->key = malloc((size_t)(outputs + 1) * sizeof *d->key);
    d->order = malloc((size_t)(outputs + 1) * sizeof *d->order);
    d->spare = malloc((size_t)(outputs + 1) * sizeof *d->spare);
    return d->given && d->share && d->key && d->order && d->spare;
}

static void clear_desk(desk *d)
{
    free(d->given);
    free(d->share);
    free(d->key);
    free(d->order);
    free(d->spare);
}

static int need_arena(flow *f, int64_t count)
{
    if (count <= f->arena_room)
        return 1;
    part *grown = realloc(f->arena, (size_t)(count * 2) * sizeof *grown);
    if (!grown)
        return 0;
    f->arena = grown;
    f->arena_room = count * 2;
    return 1;
}

/* Take what the inputs give; where thefts are told apart, their parts lie end to end in the arena. Returns how
 * many parts, or -1. */
INLINE int64_t take_inputs(flow *f, const groups *g, int64_t from, int64_t to, given *got, const int rule,
                           const int single)
{
    int64_t used = 0, rows = g->input_ends[g->count - 1];
    for (int64_t row = from; row < to; row++) {
        given *one = got + (row - from);
        one->units = read_wide(g->input_units, row);
        one->gone = (parcel){0, f->arena + used, 0};
        if (row + AHEAD < rows)
            near_place(f, g->input_place[row + AHEAD]);
        if (g->input_place[row] == NONE)
            continue;
        /* A marked place may need a lot for what is missing; draw works in twice the thefts. */
        if ((queued(rule) || !single) && !need_lots(f, 3))
            return -1;
        if (!single && !need_arena(f, used + 2 * (int64_t)f->thefts + 2))
            return -1;
        one->gone.parts = f->arena + used;
        take(f, f->place + g->input_place[row], one->units, &one->gone, rule, single);
        used += one->gone.count;
    }
    return used;
}

/* Lay the inputs end to end, each with its tainted part first. */
INLINE void lay_out(const given *got, int64_t inputs, pool *all, const int rule, const int single)
{
    for (int64_t i = 0; i < inputs; i++) {
        const given *one = got + (rule == LIFO ? inputs - 1 - i : i);
        u128 clean = one->units - one->gone.total;
        if (single && one->gone.total)
            all->parts[all->count++] = (part){one->gone.total, 0};
        for (int64_t k = 0; !single && k < one->gone.count; k++)
            all->parts[all->count++] = one->gone.parts[k];
        if (clean)
            all->parts[all->count++] = (part){clean, CLEAN};
    }
}

static void sum_up(flow *f, const given *got, int64_t inputs, pool *all)
{
    int64_t met = 0;
    for (int64_t i = 0; i < inputs; i++)
        for (int64_t k = 0; k < got[i].gone.count; k++)
            meet(f, got[i].gone.parts[k].label, got[i].gone.parts[k].units, &met);
    parcel sums = {0, all->parts, 0};
    gather(f, met, &sums);
    all->count = sums.count;
}

INLINE void cut(flow *f, pool *all, u128 units, parcel *gone, const int single)
{
    int64_t met = 0;
    gone->total = 0;
    while (units) {
        part *first = all->parts + all->at;
        u128 piece = first->units < units ? first->units : units;
        units -= piece;
        first->units -= piece;
        if (first->label != CLEAN) {
            gone->total += piece;
            if (!single)
                meet(f, first->label, piece, &met);
        }
        all->at += !first->units;
    }
    if (!single)
        gather(f, met, gone);
}

/* Share the taint over the outputs: in proportion, or filling the largest or the smallest first, the fee last. */
INLINE void share_out(const desk *d, u128 taint, u128 whole, int64_t count, const int rule)
{
    if (rule == PRO_RATA) {
        u128 given = 0;
        for (int64_t i = 0; i < count; i++) {
            u128 units = d->share[i];
            d->share[i] = scaled(taint, units, whole, &d->key[i]);
            given += d->share[i];
        }
        if (given < taint)
            rank(d->key, d->order, d->spare, count);
        for (int64_t i = 0; given < taint; i++, given++)
            d->share[d->order[i]]++;
        return;
    }
    for (int64_t i = 0; i < count - 1; i++)
        d->key[i] = rule == TILO || rule == LIBR ? ~d->share[i] : d->share[i];
    rank(d->key, d->order, d->spare, count - 1);
    d->order[count - 1] = count - 1;
    for (int64_t i = 0; i < count; i++) {
        int64_t row = d->order[i];
        d->share[row] = d->share[row] < taint ? d->share[row] : taint;
        taint -= d->share[row];
    }
}

/* What one of several outputs gets of taint that is there. */
INLINE void get_part(flow *f, pool *all, u128 units, u128 share, parcel *gone, const int rule, const int single)
{
    gone->count = 0;
    gone->total = 0;
    if (queued(rule)) {
        cut(f, all, units, gone, single);
    } else if (rule != POISON) {
        gone->total = share;
        if (!single)
            draw(f, share, all->total, all->parts, &all->count, gone);
        all->total -= share;
    } else if (units) {
        gone->total = units;
        for (int64_t i = 0; !single && i < all->count; i++)
            gone->parts[gone->count++] = (part){units, all->parts[i].label};
    }
}

/* Add up what the inputs brought, and prepare its division. Returns where the outputs' parts may lie, or NULL. */
INLINE part *pool_up(flow *f, const groups *g, const desk *d, const span *r, pool *all, const int rule,
                     const int single)
{
    int64_t inputs = r->in_end - r->in, outputs = r->out_end - r->out;
    int64_t used = take_inputs(f, g, r->in, r->in_end, d->given, rule, single);
    /* pieces: at most the parts and a clean one each; and room for one parcel and draw's work beside it */
    int64_t pieces = single ? 2 * inputs : used + inputs + f->thefts + 2;
    if (used < 0 || !need_arena(f, used + pieces + 2 * (int64_t)f->thefts + 2))
        return NULL;
    u128 whole = 0;
    all->parts = f->arena + used;
    for (int64_t i = 0, at = 0; i < inputs; at += d->given[i++].gone.count) {
        d->given[i].gone.parts = f->arena + at; /* the arena may have moved */
        all->total += d->given[i].gone.total;
        whole += d->given[i].units;
    }
    if (!all->total)
        return all->parts;
    if (queued(rule) && outputs > 1)
        lay_out(d->given, inputs, all, rule, single);
    else if (!single)
        sum_up(f, d->given, inputs, all);
    if (outputs > 1 && !queued(rule) && rule != POISON) {
        for (int64_t i = 0; i < outputs; i++)
            d->share[i] = read_wide(g->output_units, r->out + i);
        share_out(d, all->total, whole, outputs, rule);
    }
    return all->parts + pieces;
}

/* Carry out one group. Writes the tainted units of each output, and of each theft where part_ends is given. */
INLINE int spend(flow *f, const groups *g, const span *r, const desk *d, const answer *to, const int rule,
                 const int single)
{
    int64_t outputs = r->out_end - r->out, all_rows = g->output_ends[g->count - 1];
    int32_t first_theft = g->output_theft ? g->output_theft[r->out] : NONE;
    pool all = {0};
    if (r->in_end - r->in == 1 && outputs == 1 && first_theft == NONE &&
        g->input_place[r->in] == g->output_place[r->out]) {
        write_wide(to->tainted, r->out, 0);
        if (!single && to->part_ends)
            to->part_ends[r->out] = f->out_count;
        return DONE;
    }
    part *free_parts = pool_up(f, g, d, r, &all, rule, single);
    if (!free_parts)
        return NO_MEMORY;
    int any = all.total > 0; /* of all the outputs together; TIHO may leave none for the last */
    for (int64_t row = r->out; row < r->out_end; row++) {
        u128 units = read_wide(g->output_units, row);
        parcel gone = {all.total, all.parts, all.count};
        if (row + AHEAD < all_rows)
            near_place(f, g->output_place[row + AHEAD]);
        if (outputs > 1) {
            gone = (parcel){0, free_parts, 0};
            if (any)
                get_part(f, &all, units, d->share[row - r->out], &gone, rule, single);
        }
        if (g->output_theft && g->output_theft[row] != NONE)
            steal(f, units, &gone, g->output_theft[row], rule, single);
        write_wide(to->tainted, row, gone.total);
        if ((queued(rule) || !single) && !need_lots(f, gone.count + 3))
            return NO_MEMORY;
        if (!single && to->part_ends) {
            if (!emit(f, &gone))
                return NO_MEMORY;
            to->part_ends[row] = f->out_count;
        }
        if (g->output_place[row] == NONE)
            leave(f, &gone, single);
        else
            put(f, f->place + g->output_place[row], units, &gone, rule, single);
    }
    return DONE;
}

#endif
