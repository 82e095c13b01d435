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

/* Take what the inputs give; their parts lie end to end in the arena. Returns how many, or -1. */
static int64_t take_inputs(flow *f, const groups *g, int64_t from, int64_t to, given *got)
{
    int64_t used = 0;
    for (int64_t row = from; row < to; row++) {
        given *one = got + (row - from);
        one->units = read_wide(g->input_units, row);
        one->gone = (parcel){0};
        if (g->input_place[row] == NONE)
            continue;
        /* A marked place may need a lot for what is missing; draw works in twice the thefts. */
        if (!need_lots(f, 3) || !need_arena(f, used + 2 * (int64_t)f->thefts + 2))
            return -1;
        one->gone.parts = f->arena + used;
        take(f, f->place + g->input_place[row], one->units, &one->gone, f->rule, 0);
        used += one->gone.count;
    }
    return used;
}

/* Lay the inputs end to end, each with its tainted part first. */
static void lay_out(const given *got, int64_t inputs, int last_first, pool *all)
{
    for (int64_t i = 0; i < inputs; i++) {
        const given *one = got + (last_first ? inputs - 1 - i : i);
        u128 clean = one->units - one->gone.total;
        memcpy(all->parts + all->count, one->gone.parts, (size_t)one->gone.count * sizeof *all->parts);
        all->count += one->gone.count;
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

static void cut(flow *f, pool *all, u128 units, parcel *gone)
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
            meet(f, first->label, piece, &met);
        }
        all->at += !first->units;
    }
    gather(f, met, gone);
}

/* Share the taint over the outputs: in proportion, or filling the largest or the smallest first, the fee last. */
static void share_out(const desk *d, int rule, u128 taint, u128 whole, int64_t count)
{
    if (rule == PRO_RATA && taint) {
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
    rank(d->key, d->order, d->spare, taint ? count - 1 : 0);
    d->order[count - 1] = count - 1;
    for (int64_t i = 0, any = taint > 0; i < count; i++) {
        int64_t row = any ? d->order[i] : i;
        d->share[row] = d->share[row] < taint ? d->share[row] : taint;
        taint -= d->share[row];
    }
}

/* What one of the outputs gets. */
static void get_part(flow *f, pool *all, u128 units, u128 share, parcel *gone)
{
    gone->count = 0;
    gone->total = 0;
    if (queued(f->rule)) {
        cut(f, all, units, gone);
    } else if (f->rule != POISON) {
        gone->total = share;
        draw(f, share, all->total, all->parts, &all->count, gone);
        all->total -= share;
    } else if (all->total && units) {
        gone->total = units;
        for (int64_t i = 0; i < all->count; i++)
            gone->parts[gone->count++] = (part){units, all->parts[i].label};
    }
}

/* Carry out group g. Writes the tainted units of each output, and of each theft where part_ends is given. */
static int spend(flow *f, const groups *g, int64_t group, const desk *d, void *tainted, int64_t *part_ends)
{
    int64_t in = group ? g->input_ends[group - 1] : 0, in_end = g->input_ends[group];
    int64_t out = group ? g->output_ends[group - 1] : 0, out_end = g->output_ends[group];
    int64_t inputs = in_end - in, outputs = out_end - out;
    int32_t first_theft = g->output_theft ? g->output_theft[out] : NONE;
    if (inputs == 1 && outputs == 1 && first_theft == NONE && g->input_place[in] == g->output_place[out]) {
        write_wide(tainted, out, 0);
        if (part_ends)
            part_ends[out] = f->out_count;
        return DONE;
    }
    int64_t used = take_inputs(f, g, in, in_end, d->given);
    /* pieces: at most the parts and a clean one each; and room for one parcel and draw's work beside it */
    int64_t most = used + inputs + 3 * (int64_t)f->thefts + 4;
    if (used < 0 || !need_arena(f, used + most))
        return NO_MEMORY;
    for (int64_t i = 0, at = 0; i < inputs; at += d->given[i++].gone.count) /* the arena may have moved */
        d->given[i].gone.parts = f->arena + at;
    pool all = {0, f->arena + used, 0, 0};
    u128 whole = 0;
    for (int64_t i = 0; i < inputs; i++) {
        all.total += d->given[i].gone.total;
        whole += d->given[i].units;
    }
    if (queued(f->rule) && outputs > 1)
        lay_out(d->given, inputs, f->rule == LIFO, &all);
    else
        sum_up(f, d->given, inputs, &all);
    for (int64_t i = 0; i < outputs; i++)
        d->share[i] = read_wide(g->output_units, out + i);
    if (outputs > 1 && !queued(f->rule) && f->rule != POISON)
        share_out(d, f->rule, all.total, whole, outputs);
    for (int64_t row = out; row < out_end; row++) {
        u128 units = read_wide(g->output_units, row);
        parcel gone = {all.total, all.parts, all.count};
        if (outputs > 1) {
            gone.parts = f->arena + used + (used + inputs + f->thefts + 2);
            get_part(f, &all, units, d->share[row - out], &gone);
        }
        if (g->output_theft && g->output_theft[row] != NONE)
            steal(f, units, &gone, g->output_theft[row], f->rule, 0);
        write_wide(tainted, row, gone.total);
        if (!need_lots(f, gone.count + 2) || (part_ends && !emit(f, &gone)))
            return NO_MEMORY;
        if (part_ends)
            part_ends[row] = f->out_count;
        if (g->output_place[row] == NONE)
            leave(f, &gone, 0);
        else
            put(f, f->place + g->output_place[row], units, &gone, f->rule, 0);
    }
    return DONE;
}

#endif
