/* The taint loops, compiled: every rule over columns of moves in chain order, exact to the last unit.
 *
 * No function here knows Python. Every column is checked to its end before anything is changed; a total that
 * reaches 2^126 is refused, never cut, so that no sum of a run can leave 128 bits. Nothing is shared between
 * runs: each may have a thread of its own. */

#include "checks.h"
#include "purse.h"
#include "spend.h"
#include "state.h"

#if defined(_WIN32)
#define PUBLIC __declspec(dllexport)
#else
#define PUBLIC __attribute__((visibility("default")))
#endif

enum { VERSION = 3 };

PUBLIC int32_t flow_version(void) { return VERSION; }

PUBLIC void flow_free(flow *f)
{
    if (!f)
        return;
    void *owned[] = {f->memory, f->missing, f->gaps, f->mark, f->list,         f->bits,  f->lots,
                     f->injected, f->left,  f->overtaken, f->sum,       f->met,   f->key,
                     f->ranked, f->ranked_spare, f->arena, f->out_theft, f->out_units, f};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
}

/* No place lies across two cache lines. */
static place *new_places(flow *f, int64_t count)
{
    f->memory = large((size_t)count + 1, sizeof(place));
    if (!f->memory)
        return NULL;
    return (place *)(((uintptr_t)f->memory + sizeof(place) - 1) / sizeof(place) * sizeof(place));
}

/* Begin a run. Without missing it does not keep what each place gave beyond its record, and saves memory. */
PUBLIC flow *flow_new(int32_t rule, int64_t places, int32_t thefts, int32_t missing)
{
    if (rule < 0 || rule >= RULES || places < 0 || places > INT32_MAX || thefts < 1 || thefts >= 1 << 24)
        return NULL;
    flow *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    size_t each = (size_t)thefts + 1;
    f->rule = rule;
    f->thefts = thefts;
    f->places = places;
    f->words = (thefts + 63) / 64;
    f->order = INT64_MIN;
    f->lots_made = 1;
    f->place = new_places(f, places);
    f->missing = missing ? large((size_t)places + 1, sizeof *f->missing) : NULL;
    f->gaps = malloc((GAPS + 1) * sizeof *f->gaps);
    if (queued(rule) || (rule != POISON && thefts > 1))
        f->list = large((size_t)places + 1, sizeof *f->list);
    f->injected = calloc(each, sizeof(u128));
    f->left = calloc(each, sizeof(u128));
    f->overtaken = calloc(each, sizeof(u128));
    f->sum = calloc(each, sizeof(u128));
    f->key = calloc(each, sizeof(u128));
    f->met = calloc(each, sizeof(int32_t));
    f->ranked = calloc(each, sizeof(int64_t));
    f->ranked_spare = calloc(each, sizeof(int64_t));
    if (rule == POISON && thefts > INLINE_BITS)
        f->bits = calloc((size_t)places + 1, (size_t)f->words * sizeof(u64));
    int kinds = rule == POISON ? f->bits || thefts <= INLINE_BITS : f->list || (thefts == 1 && !queued(rule));
    if (kinds && f->place && (f->missing || !missing) && f->gaps && f->injected && f->left && f->overtaken && f->sum && f->key &&
        f->met && f->ranked && f->ranked_spare && need_arena(f, 2 * (int64_t)each) && need_lots(f, 1))
        return f;
    flow_free(f);
    return NULL;
}

/* Begin anew, under another rule, in the memory there is: fresh memory costs more than the run itself. */
PUBLIC int32_t flow_restart(flow *f, int32_t rule)
{
    size_t each = (size_t)f->thefts + 1, places = (size_t)f->places;
    int lists = queued(rule) || (rule != POISON && f->thefts > 1), wide = rule == POISON && f->thefts > INLINE_BITS;
    if (rule < 0 || rule >= RULES)
        return BAD_INDEX;
    f->broken = 1;
    if (!f->list && lists)
        f->list = large(places + 1, sizeof *f->list);
    else if (f->list)
        memset(f->list, 0, (places + 1) * sizeof *f->list);
    if (!f->bits && wide)
        f->bits = calloc(places + 1, (size_t)f->words * sizeof(u64));
    else if (f->bits)
        memset(f->bits, 0, (places + 1) * (size_t)f->words * sizeof(u64));
    if ((lists && !f->list) || (wide && !f->bits))
        return NO_MEMORY;
    memset(f->place, 0, places * sizeof *f->place);
    if (f->missing)
        memset(f->missing, 0, places * sizeof *f->missing);
    f->gaps_noted = 0;
    memset(f->sum, 0, each * sizeof *f->sum);
    memset(f->injected, 0, each * sizeof *f->injected);
    memset(f->left, 0, each * sizeof *f->left);
    memset(f->overtaken, 0, each * sizeof *f->overtaken);
    f->rule = rule;
    f->moved = 0;
    f->order = INT64_MIN;
    f->lots_made = 1;
    f->spare = NIL;
    f->broken = 0;
    return DONE;
}

/* All that a place spends beyond its record is of this theft. */
PUBLIC int32_t flow_mark(flow *f, int32_t at, int32_t theft)
{
    if (at < 0 || at >= f->places || theft < 0 || theft >= f->thefts)
        return BAD_INDEX;
    if (!f->mark && !(f->mark = calloc((size_t)f->places, sizeof *f->mark)))
        return NO_MEMORY;
    f->mark[at] = theft + 1;
    return DONE;
}

/* ---- moves ---- */

/* Bring the places of a later move near, and, where there are lots, the lots of a less distant one. */
INLINE void look_ahead(const flow *f, const moves *m, int64_t i, const int rule)
{
    if (i + AHEAD < m->count) {
        near_place(f, m->source[i + AHEAD]);
        near_place(f, m->target[i + AHEAD]);
    }
    if (queued(rule) && i + AHEAD / 2 < m->count) {
        int32_t source = m->source[i + AHEAD / 2], target = m->target[i + AHEAD / 2];
        if (source >= 0 && f->place[source].taint)
            __builtin_prefetch(f->list + source, 1);
        if (target >= 0 && f->place[target].taint)
            __builtin_prefetch(f->list + target, 1);
    }
    if (queued(rule) && i + AHEAD / 4 < m->count) {
        int32_t source = m->source[i + AHEAD / 4], target = m->target[i + AHEAD / 4];
        if (source >= 0 && f->place[source].taint)
            __builtin_prefetch(f->lots + f->list[source].head, 1);
        if (target >= 0 && f->place[target].taint)
            __builtin_prefetch(f->lots + (rule == FIFO ? f->list[target].tail : f->list[target].head), 1);
    }
}

INLINE int run(flow *f, const moves *m, void *tainted, int64_t *part_ends, const int rule, const int single)
{
    for (int64_t i = 0; i < m->count; i++) {
        int32_t source = m->source[i], target = m->target[i], theft = m->theft ? m->theft[i] : NONE;
        u128 units = read_wide(m->units, i);
        parcel gone = {0, f->arena, 0};
        look_ahead(f, m, i, rule);
        if (source != target || theft != NONE) {
            if ((queued(rule) || !single) && !need_lots(f, 3))
                return NO_MEMORY;
            if (source != NONE)
                take(f, f->place + source, units, &gone, rule, single);
            if (theft != NONE)
                steal(f, units, &gone, theft, rule, single);
            if ((queued(rule) || !single) && !need_lots(f, gone.count + 3))
                return NO_MEMORY;
            if (target != NONE)
                put(f, f->place + target, units, &gone, rule, single);
            else
                leave(f, &gone, single);
        }
        write_wide(tainted, i, gone.total);
        if (!single && part_ends) {
            if (!emit(f, &gone))
                return NO_MEMORY;
            part_ends[i] = f->out_count;
        }
    }
    return DONE;
}

INLINE int run_groups(flow *f, const groups *g, const desk *d, const answer *to, const int rule, const int single)
{
    span r = {0};
    for (int64_t i = 0; i < g->count; i++) {
        r = (span){r.in_end, g->input_ends[i], r.out_end, g->output_ends[i]};
        int code = spend(f, g, &r, d, to, rule, single);
        if (code != DONE)
            return code;
    }
    return DONE;
}

#define RUN(RULE, WHAT, ...) \
    return f->thefts == 1 ? WHAT(f, __VA_ARGS__, RULE, 1) : WHAT(f, __VA_ARGS__, RULE, 0)

static int run_rule(flow *f, const moves *m, void *tainted, int64_t *ends)
{
    switch (f->rule) {
    case POISON: RUN(POISON, run, m, tainted, ends);
    case PRO_RATA: RUN(PRO_RATA, run, m, tainted, ends);
    case FIFO: RUN(FIFO, run, m, tainted, ends);
    case LIFO: RUN(LIFO, run, m, tainted, ends);
    case LIBR: RUN(LIBR, run, m, tainted, ends);
    default: RUN(DIRTY_FIRST, run, m, tainted, ends); /* of one payee TIHO and TILO say no more */
    }
}

static int run_group_rule(flow *f, const groups *g, const desk *d, const answer *to)
{
    switch (f->rule) {
    case POISON: RUN(POISON, run_groups, g, d, to);
    case PRO_RATA: RUN(PRO_RATA, run_groups, g, d, to);
    case FIFO: RUN(FIFO, run_groups, g, d, to);
    case LIFO: RUN(LIFO, run_groups, g, d, to);
    case LIBR: RUN(LIBR, run_groups, g, d, to);
    case TILO: RUN(TILO, run_groups, g, d, to);
    default: RUN(DIRTY_FIRST, run_groups, g, d, to); /* of several payees it is TIHO */
    }
}

static int finish(flow *f, int code, u128 total, const int64_t *order, int64_t count)
{
    f->broken = code != DONE;
    f->moved = total;
    if (order && count)
        f->order = order[count - 1];
    return code;
}

/* Carry out moves. Writes the tainted units of each, and, where part_ends is given, keeps those of each theft
 * for flow_parts. On refusal nothing is changed and at says which row. */
PUBLIC int32_t flow_moves(flow *f, const moves *m, void *tainted, int64_t *part_ends, int64_t *at)
{
    u128 total;
    if (f->broken)
        return BROKEN;
    int code = check_moves(f, m, &total, at);
    if (code != DONE)
        return code;
    f->out_count = 0;
    return finish(f, run_rule(f, m, tainted, part_ends), total, m->order, m->count);
}

/* Carry out transactions of inputs and outputs, of which the last is the fee; as flow_moves, per output. */
PUBLIC int32_t flow_groups(flow *f, const groups *g, const int64_t *rows, void *tainted, int64_t *part_ends,
                           int64_t *at)
{
    u128 total;
    int64_t widest[2] = {0, 0};
    desk d;
    if (f->broken)
        return BROKEN;
    int code = check_ends(g, rows[0], rows[1], at);
    if (code == DONE)
        code = check_groups(f, g, &total, widest, at);
    if (code != DONE)
        return code;
    f->out_count = 0;
    code = make_desk(&d, widest[0], widest[1]) ? DONE : NO_MEMORY;
    if (code == DONE)
        code = run_group_rule(f, g, &d, &(answer){tainted, part_ends});
    clear_desk(&d);
    return finish(f, code, total, g->order, g->count);
}

/* ---- reading ---- */

PUBLIC int64_t flow_parts(const flow *f, const int32_t **theft, const void **units)
{
    *theft = f->out_theft;
    *units = f->out_units;
    return f->out_count;
}

PUBLIC void flow_forget_parts(flow *f)
{
    free(f->out_theft);
    free(f->out_units);
    f->out_theft = NULL;
    f->out_units = NULL;
    f->out_count = f->out_room = 0;
}

/* Write the sums per theft, the last of all together: injected, left, overtaken, resting. */
PUBLIC void flow_sums(flow *f, void *sums)
{
    int64_t each = f->thefts + 1;
    u128 *resting = f->key;
    memset(resting, 0, (size_t)each * sizeof *resting);
    for (int64_t row = 0; row < f->places; row++) {
        place *p = f->place + row;
        if (f->rule == POISON) {
            int64_t count = count_bits(f, p);
            for (int32_t theft = 0; count && theft < f->thefts; theft++)
                if (bits_of(f, p)[theft >> 6] >> (theft & 63) & 1)
                    resting[theft] += p->balance;
            resting[f->thefts] += count ? p->balance : 0;
        } else if (p->taint) {
            resting[f->thefts] += p->taint;
            int32_t head = f->list ? list_of(f, p)->head : NIL;
            if (head == NIL)
                resting[f->list ? list_of(f, p)->label : 0] += p->taint;
            for (int32_t here = head; here != NIL; here = f->lots[here].next)
                if (f->lots[here].label != CLEAN)
                    resting[f->lots[here].label] += f->lots[here].units;
        }
    }
    const u128 *from[] = {f->injected, f->left, f->overtaken, resting};
    for (int64_t i = 0; i < 4; i++)
        for (int64_t theft = 0; theft < each; theft++) /* of one theft the sum of all is not kept apart */
            write_wide(sums, i * each + theft, from[i][f->thefts == 1 ? 0 : theft]);
}

PUBLIC int64_t flow_lots(const flow *f)
{
    int64_t count = 0;
    for (int64_t row = 0; row < f->places; row++)
        count += count_lots(f, f->place + row);
    return count;
}

PUBLIC void flow_save(flow *f, const columns *to, void *moved, int64_t *order)
{
    int64_t end = 0;
    add_up_gaps(f);
    for (int64_t row = 0; row < f->places; row++) {
        place *p = f->place + row;
        int64_t from = end;
        end += count_lots(f, p);
        write_wide(to->balance, row, p->balance);
        write_wide(to->missing, row, f->missing ? f->missing[row] : 0);
        to->ends[row] = end;
        if (end > from)
            write_lots(f, p, to, from, end);
    }
    write_wide(moved, 0, f->moved);
    *order = f->order;
}

/* Go on from a saved run: in a new flow only, of the same rule and at least its places and thefts. */
PUBLIC int32_t flow_load(flow *f, const columns *from, const void *sums, const void *moved, int64_t order,
                         int64_t *at)
{
    u128 total = read_wide(moved, 0);
    if (f->moved || f->broken)
        return BROKEN;
    if (total >> 126)
        return TOO_WIDE;
    int code = check_columns(f, from, at);
    if (code != DONE)
        return code;
    for (int64_t row = 0; row < from->places; row++) {
        place *p = f->place + row;
        p->balance = read_wide(from->balance, row);
        if (f->missing)
            f->missing[row] = read_wide(from->missing, row);
        if (!read_lots(f, p, from, row))
            return finish(f, NO_MEMORY, total, NULL, 0);
    }
    u128 *to[] = {f->injected, f->left, f->overtaken};
    for (int64_t i = 0; i < 3; i++) {
        for (int64_t theft = 0; theft < from->thefts; theft++)
            to[i][theft] = read_wide(sums, i * (from->thefts + 1) + theft);
        to[i][f->thefts] = read_wide(sums, i * (from->thefts + 1) + from->thefts);
    }
    f->moved = total;
    f->order = order;
    return DONE;
}

/* Let the least and the most of each row take in what another rule says of it. */
PUBLIC void flow_widen(void *low, void *high, const void *found, int64_t count)
{
    for (int64_t row = 0; row < count; row++) {
        u128 here = read_wide(found, row), least = read_wide(low, row), most = read_wide(high, row);
        write_wide(low, row, here < least ? here : least);
        write_wide(high, row, here > most ? here : most);
    }
}

/* What no rule can be faster than: to read and write both places of every move, with no arithmetic at all. */
PUBLIC void flow_touch(const moves *m, void *sixteens)
{
    u64 *memory = sixteens;
    for (int64_t i = 0; i < m->count; i++) {
        if (i + AHEAD < m->count) {
            __builtin_prefetch(memory + 4 * (int64_t)(m->source[i + AHEAD] < 0 ? 0 : m->source[i + AHEAD]), 1);
            __builtin_prefetch(memory + 4 * (int64_t)(m->target[i + AHEAD] < 0 ? 0 : m->target[i + AHEAD]), 1);
        }
        if (m->source[i] >= 0)
            memory[4 * (int64_t)m->source[i]] ^= (u64)i;
        if (m->target[i] >= 0)
            memory[4 * (int64_t)m->target[i] + 2] ^= (u64)i;
    }
}

#include "guard.h"
