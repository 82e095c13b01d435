/* A run laid out in columns, so that another can go on from it: in C, in Python, on another machine.
 *
 * Lots of place p are the rows from ends[p - 1] (0 for the first) up to ends[p]: under FIFO and LIFO parcels
 * in the order they came, clean ones with theft -1, none where nothing is tainted; else tainted units by
 * rising theft (under poison each theft claims the whole balance). */

#ifndef FLOWTRACE_STATE_H
#define FLOWTRACE_STATE_H

#include "purse.h"

typedef struct {
    int64_t places, lots;
    int32_t thefts;
    void *balance, *missing;
    int64_t *ends;
    int32_t *theft;
    void *units;
} columns;

static int64_t count_bits(const flow *f, place *p)
{
    int64_t count = 0;
    for (int64_t word = 0; word < f->words; word++)
        count += __builtin_popcountll(bits_of(f, p)[word]);
    return count;
}

static int64_t count_lots(const flow *f, place *p)
{
    int64_t count = 0;
    if (f->rule == POISON)
        return count_bits(f, p);
    if (!p->taint || !f->list || list_of(f, p)->head == NIL)
        return p->taint > 0;
    for (int32_t here = list_of(f, p)->head; here != NIL; here = f->lots[here].next)
        count++;
    return count;
}

static void write_lots(const flow *f, place *p, const columns *to, int64_t from, int64_t end)
{
    if (f->rule == POISON) {
        for (int32_t theft = 0; theft < f->thefts; theft++)
            if (bits_of(f, p)[theft >> 6] >> (theft & 63) & 1) {
                to->theft[from] = theft;
                write_wide(to->units, from++, p->balance);
            }
    } else if (!f->list || list_of(f, p)->head == NIL) {
        to->theft[from] = f->list ? list_of(f, p)->label : 0;
        write_wide(to->units, from, p->taint);
    } else {
        int32_t here = list_of(f, p)->head;
        for (int64_t i = 0; i < end - from; i++, here = f->lots[here].next) {
            int64_t row = f->rule == LIFO ? end - 1 - i : from + i; /* the last comes first in the list */
            to->theft[row] = f->lots[here].label;
            write_wide(to->units, row, f->lots[here].units);
        }
    }
}

/* Tell whether the lots of a saved place are what a run could have left there. */
static int sound(const flow *f, const columns *from, int64_t row)
{
    int64_t first = row ? from->ends[row - 1] : 0, end = from->ends[row];
    u128 balance = read_wide(from->balance, row), sum = 0, taint = 0;
    for (int64_t i = first; i < end; i++) {
        int32_t theft = from->theft[i], before = i > first ? from->theft[i - 1] : NONE - 1;
        u128 units = read_wide(from->units, i);
        int rises = queued(f->rule) ? theft != before : theft > before && theft != CLEAN;
        if (theft < NONE || theft >= f->thefts || !rises || units > balance || (!units && f->rule != POISON))
            return 0;
        if (f->rule == POISON ? units != balance : units > balance - sum)
            return 0;
        sum += f->rule == POISON ? 0 : units;
        taint += theft == CLEAN ? 0 : units;
    }
    if (queued(f->rule) && end > first)
        return sum == balance && taint;
    return 1;
}

static int check_columns(const flow *f, const columns *from, int64_t *at)
{
    int64_t last = 0;
    if (from->places > f->places || from->thefts > f->thefts || from->places < 0 || from->lots < 0)
        return BAD_INDEX;
    for (int64_t row = 0; row < from->places; row++, last = from->ends[row - 1]) {
        *at = row;
        if (from->ends[row] < last || from->ends[row] > from->lots)
            return BAD_ENDS;
    }
    if (last != from->lots)
        return BAD_ENDS;
    u128 most = (u128)1 << 126, sum = 0;
    for (int64_t row = 0; row < from->places; row++) {
        u128 balance = read_wide(from->balance, row), missing = read_wide(from->missing, row);
        *at = row;
        if (balance >= most || missing >= most || (sum += balance) >= 2 * most)
            return TOO_WIDE;
        if (!sound(f, from, row))
            return BAD_SUM;
    }
    return DONE;
}

static int read_lots(flow *f, place *p, const columns *from, int64_t row)
{
    int64_t first = row ? from->ends[row - 1] : 0, end = from->ends[row];
    if (!need_lots(f, end - first))
        return 0;
    for (int64_t i = first; i < end; i++) {
        int32_t theft = from->theft[i];
        u128 units = read_wide(from->units, i);
        if (f->rule == POISON) {
            bits_of(f, p)[theft >> 6] |= (u64)1 << (theft & 63);
            continue;
        }
        p->taint += theft == CLEAN ? 0 : units;
        if (!f->list)
            continue;
        if (end - first == 1)
            list_of(f, p)->label = theft;
        else if (f->rule == LIFO)
            push_lot(f, list_of(f, p), units, theft, LIFO);
        else
            append_lot(f, list_of(f, p), units, theft);
    }
    return 1;
}

#endif
