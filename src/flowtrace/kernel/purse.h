/* What comes to a place and what of it leaves under each rule: flowtrace.kernel.plain in C, unit for unit. */

#ifndef FLOWTRACE_PURSE_H
#define FLOWTRACE_PURSE_H

#include "lots.h"

/* ---- in ---- */

INLINE void put_bits(flow *f, place *p, const parcel *come, const int single)
{
    if (single) {
        p->taint |= come->total > 0;
        return;
    }
    u64 *bits = bits_of(f, p);
    for (int64_t i = 0; i < come->count; i++)
        bits[come->parts[i].label >> 6] |= (u64)1 << (come->parts[i].label & 63);
}

INLINE void put_queue(flow *f, place *p, u128 units, const parcel *come, const int rule, const int single)
{
    u128 clean = units - come->total;
    int64_t count = single ? come->total > 0 : come->count;
    if (!units || (!count && !p->taint))
        return;
    list *lots = list_of(f, p);
    int plain = !p->taint || lots->head == NIL, whole = count + (clean > 0) == 1;
    int32_t held = p->taint ? lots->label : CLEAN;
    int32_t label = !count ? CLEAN : single ? 0 : come->parts[0].label;
    if (whole && plain && (!p->balance || held == label)) {
        lots->label = label;
        return;
    }
    if (plain && p->balance)
        append_lot(f, lots, p->balance, held);
    for (int64_t i = 0; i < count; i++)
        push_lot(f, lots, single ? come->total : come->parts[i].units, single ? 0 : come->parts[i].label, rule);
    if (clean)
        push_lot(f, lots, clean, CLEAN, rule);
}

static void merge_lots(flow *f, list *p, const parcel *come)
{
    int32_t last = NIL, here = p->head;
    for (int64_t i = 0; i < come->count; i++) {
        part one = come->parts[i];
        while (here != NIL && f->lots[here].label < one.label) {
            last = here;
            here = f->lots[here].next;
        }
        if (here != NIL && f->lots[here].label == one.label) {
            f->lots[here].units += one.units;
            continue;
        }
        int32_t made = new_lot(f, one.units, one.label, here);
        if (last == NIL)
            p->head = made;
        else
            f->lots[last].next = made;
        if (here == NIL)
            p->tail = made;
        last = made;
    }
}

INLINE void put_labels(flow *f, place *p, const parcel *come)
{
    if (!come->count)
        return;
    list *lots = list_of(f, p);
    int plain = !p->taint || lots->head == NIL;
    if (plain && come->count == 1 && (!p->taint || lots->label == come->parts[0].label)) {
        lots->label = come->parts[0].label;
        return;
    }
    if (plain && p->taint)
        append_lot(f, lots, p->taint, lots->label);
    merge_lots(f, lots, come);
}

/* Receive units, the parcel's taint among them. need_lots(count + 2) comes before. */
INLINE void put(flow *f, place *p, u128 units, const parcel *come, const int rule, const int single)
{
    if (rule == POISON) {
        put_bits(f, p, come, single);
        p->balance += units;
        return;
    }
    if (queued(rule))
        put_queue(f, p, units, come, rule, single);
    else if (!single && f->list)
        put_labels(f, p, come);
    p->balance += units;
    p->taint += come->total;
}

/* ---- out ---- */

INLINE void take_bits(flow *f, place *p, u128 units, parcel *gone, const int single)
{
    if (single) {
        gone->total = p->taint ? units : 0;
        return;
    }
    const u64 *bits = bits_of(f, p);
    gone->count = 0;
    for (int64_t word = 0; units && word < f->words; word++)
        for (u64 left = bits[word]; left; left &= left - 1)
            gone->parts[gone->count++] = (part){units, (int32_t)(word * 64 + __builtin_ctzll(left))};
    gone->total = gone->count ? units : 0;
}

static void walk_queue(flow *f, list *lots, u128 units, parcel *gone, const int single)
{
    int64_t met = 0;
    u128 total = 0;
    while (units) {
        lot *first = &f->lots[lots->head];
        int32_t label = first->label;
        u128 piece = first->units < units ? first->units : units;
        units -= piece;
        if (label != CLEAN) {
            total += piece;
            if (!single)
                meet(f, label, piece, &met);
        }
        if (piece < first->units)
            first->units -= piece;
        else
            pop_lot(f, lots);
    }
    gone->total = total;
    if (!single)
        gather(f, met, gone);
    if (lots->head != NIL && lots->head == lots->tail) {
        lots->label = f->lots[lots->head].label;
        free_lots(f, lots);
    }
}

INLINE void take_queue(flow *f, place *p, u128 units, parcel *gone, const int single)
{
    gone->total = gone->count = 0;
    if (!p->taint)
        return;
    list *lots = list_of(f, p);
    if (lots->head == NIL || (single && units == p->balance)) {
        gone->total = units < p->balance ? units : p->taint;
        if (!single && (gone->count = gone->total > 0))
            gone->parts[0] = (part){gone->total, lots->label};
        free_lots(f, lots);
    } else if (units == p->balance) {
        int64_t met = 0;
        for (int32_t here = lots->head; here != NIL; here = f->lots[here].next)
            if (f->lots[here].label != CLEAN)
                meet(f, f->lots[here].label, f->lots[here].units, &met);
        gone->total = p->taint;
        gather(f, met, gone);
        free_lots(f, lots);
    } else {
        walk_queue(f, lots, units, gone, single);
    }
}

INLINE u128 chosen(const place *p, u128 units, const int rule)
{
    u128 taint = p->taint, clean = p->balance - taint, left;
    if (rule == LIBR)
        return units > clean ? units - clean : 0;
    if (rule != PRO_RATA)
        return units < taint ? units : taint;
    if (!((taint > 0) & (clean > 0) & (units > 0) & (units < p->balance))) /* one branch instead of four */
        return !clean ? units : units == p->balance ? taint : 0;
    u128 share = scaled(taint, units, p->balance, &left);
    return share + (left && left >= p->balance - left); /* the odd unit by largest remainder, a tie leaves */
}

static void take_labels(flow *f, place *p, parcel *gone)
{
    list *lots = f->list ? list_of(f, p) : NULL;
    if (!gone->total || !lots || lots->head == NIL) {
        gone->count = gone->total > 0;
        if (gone->count)
            gone->parts[0] = (part){gone->total, lots ? lots->label : 0};
        return;
    }
    int64_t count = 0;
    part *pool = gone->parts + f->thefts;
    for (int32_t here = lots->head; here != NIL; here = f->lots[here].next)
        pool[count++] = (part){f->lots[here].units, f->lots[here].label};
    draw(f, gone->total, p->taint, pool, &count, gone);
    int32_t here = lots->head, last = NIL;
    for (int64_t i = 0; i < count; i++, last = here, here = f->lots[here].next) {
        f->lots[here].units = pool[i].units;
        f->lots[here].label = pool[i].label;
    }
    if (here != NIL) { /* thefts that left altogether */
        list rest = {here, lots->tail, 0};
        free_lots(f, &rest);
        lots->tail = last;
        if (last == NIL)
            lots->head = NIL;
        else
            f->lots[last].next = NIL;
    }
    if (lots->head != NIL && lots->head == lots->tail) {
        lots->label = f->lots[lots->head].label;
        free_lots(f, lots);
    }
}

/* What a marked place gives beyond its record was received just before and is of its theft. */
static void top_up(flow *f, place *p, u128 missing, const int rule, const int single)
{
    int32_t theft = f->mark[p - f->place] - 1;
    part marked = {missing, theft};
    parcel come = {missing, &marked, 1};
    f->injected[theft] += missing;
    if (!single)
        f->injected[f->thefts] += missing;
    put(f, p, missing, &come, rule, single);
}

/* Give units; the parcel gets what of them is tainted. What is missing was received just before, clean. */
INLINE void take(flow *f, place *p, u128 units, parcel *gone, const int rule, const int single)
{
    u128 balance = p->balance, missing = units - balance;
    int over = units > balance; /* often, and without a pattern: hence no branch */
    f->gaps[f->gaps_noted] = (gap){missing, p - f->place};
    f->gaps_noted += over;
    if (__builtin_expect(f->gaps_noted == GAPS, 0))
        add_up_gaps(f);
    if (__builtin_expect(f->mark && over && f->mark[p - f->place], 0))
        top_up(f, p, missing, rule, single);
    else /* all is given at once: where in a queue the clean part lies makes no difference */
        p->balance = balance + (missing & -(u128)over);
    if (rule == POISON) {
        take_bits(f, p, units, gone, single);
        p->balance -= units;
        return;
    }
    if (queued(rule)) {
        take_queue(f, p, units, gone, single);
    } else {
        gone->total = chosen(p, units, rule);
        if (!single)
            take_labels(f, p, gone);
    }
    p->balance -= units;
    p->taint -= gone->total;
}

/* ---- the theft itself, and what leaves all places ---- */

/* Make all units tainted by one theft; poison lets the others keep their claim too. */
INLINE void steal(flow *f, u128 units, parcel *gone, int32_t theft, const int rule, const int single)
{
    u128 own = 0;
    if (single) {
        f->injected[0] += units - gone->total;
        gone->total = units;
        return;
    }
    int64_t at = 0;
    for (int64_t i = 0; i < gone->count; i++) {
        part one = gone->parts[i];
        if (one.label == theft)
            own = one.units;
        else if (rule != POISON)
            f->overtaken[one.label] += one.units;
        at += one.label < theft;
    }
    f->injected[theft] += units - own;
    f->injected[f->thefts] += units - gone->total;
    gone->total = units;
    if (rule != POISON) {
        gone->count = units > 0;
        gone->parts[0] = (part){units, theft};
    } else if (own) {
        gone->parts[at].units = units;
    } else if (units) {
        memmove(gone->parts + at + 1, gone->parts + at, (size_t)(gone->count - at) * sizeof *gone->parts);
        gone->parts[at] = (part){units, theft};
        gone->count++;
    }
}

INLINE void leave(flow *f, const parcel *gone, const int single)
{
    f->left[single ? 0 : f->thefts] += gone->total;
    if (!single)
        for (int64_t i = 0; i < gone->count; i++)
            f->left[gone->parts[i].label] += gone->parts[i].units;
}

#endif
