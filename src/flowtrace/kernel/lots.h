/* What one place holds: a balance and its taint, as lots where it has several kinds.
 *
 * A place is a dense number for an (address, asset) pair or for a coin. Its taint has labels, one a theft. As
 * long as it has one label, or a queue's parcels are all of one kind, the place says so itself; else its lots
 * hang on it as a list: FIFO from the front, LIFO from the back, the other rules by rising theft. */

#ifndef FLOWTRACE_LOTS_H
#define FLOWTRACE_LOTS_H

#if defined(__linux__)
#define _DEFAULT_SOURCE /* madvise */
#endif

#include <stdlib.h>

#include "wide.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { POISON, PRO_RATA, FIFO, LIFO, DIRTY_FIRST, LIBR, TIHO, TILO, RULES };
enum { DONE, BAD_INDEX, BAD_ORDER, BAD_ENDS, BAD_SUM, TOO_WIDE, NO_MEMORY, BROKEN };
/* NIL is no lot and no mark: 0, so that fresh memory needs no filling. */
enum { NONE = -1, CLEAN = -1, NIL = 0, INLINE_BITS = 128, FEW = 16, GAPS = 1 << 14, AHEAD = 24 };

/* Half a cache line: what every move touches. Under poison taint holds no units but bits, one a theft that ever
 * reached the place. */
typedef struct {
    u128 balance;
    union {
        u128 taint;
        u64 bit[2];
    };
} place;

/* The lots of a place that has taint: none while it is all of one label, under a queue with no clean part. */
typedef struct {
    int32_t head, tail, label;
} list;

typedef struct {
    u128 units;
    int32_t next, label;
} lot;

typedef struct {
    u128 units;
    int32_t label;
} part;

/* What goes from place to place: tainted units in all, and by theft, rising, none of them 0. */
typedef struct {
    u128 total;
    part *parts;
    int64_t count;
} parcel;

/* What a place gave beyond its record. Noted one after the other and added up in batches: scattered additions
 * wait for memory one by one, a batch of them does not. */
typedef struct {
    u128 units;
    int64_t place;
} gap;

typedef struct {
    int32_t rule, thefts, broken, spare;
    int64_t places, words, order, lots_made, lots_room, out_count, out_room, arena_room;
    u128 moved;
    void *memory;
    place *place;
    u128 *missing;                           /* of each place, where kept, but for what is still in gaps */
    gap *gaps;
    int64_t gaps_noted;
    int32_t *mark;                           /* a theft and one, or 0; where no place is marked there is none */
    list *list;                              /* where there is one theft, under a queue only */
    u64 *bits;                               /* under poison with more thefts than fit into taint */
    lot *lots;
    u128 *injected, *left, *overtaken, *sum; /* per theft; the last entry is of all thefts together */
    int32_t *met, *out_theft;                /* met: labels with a sum */
    u128 *out_units, *key;
    int64_t *ranked, *ranked_spare;
    part *arena;
} flow;

static inline int queued(int rule) { return rule == FIFO || rule == LIFO; }

static inline u64 *bits_of(const flow *f, place *p)
{
    return f->bits ? f->bits + (p - f->place) * f->words : p->bit;
}

static inline list *list_of(const flow *f, const place *p) { return f->list + (p - f->place); }

/* Ask for the memory of a place that a later row names. */
INLINE void near_place(const flow *f, int32_t at) { __builtin_prefetch(f->place + (at < 0 ? 0 : at), 1); }

static void add_up_gaps(flow *f)
{
    for (int64_t i = 0; f->missing && i < f->gaps_noted; i++) {
        if (i + 16 < f->gaps_noted)
            __builtin_prefetch(f->missing + f->gaps[i + 16].place, 1);
        f->missing[f->gaps[i].place] += f->gaps[i].units;
    }
    f->gaps_noted = 0;
}

/* Access is random: where there are large pages they are asked for, or the search for pages costs more than the
 * memory does. */
static void ask_large(void *memory, size_t size)
{
#if defined(MADV_HUGEPAGE)
    uintptr_t page = (uintptr_t)1 << 21, from = ((uintptr_t)memory + page - 1) / page * page;
    uintptr_t to = ((uintptr_t)memory + size) / page * page;
    if (memory && to > from)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
    (void)memory, (void)size;
#endif
}

static void *large(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    ask_large(memory, count * size);
    return memory;
}

/* ---- lots ---- */

static int need_lots(flow *f, int64_t count)
{
    if (__builtin_expect(f->lots_made + count <= f->lots_room, 1))
        return 1;
    int64_t room = f->lots_room + f->lots_room / 2 + count + 1024;
    lot *grown = room < INT32_MAX ? realloc(f->lots, (size_t)room * sizeof *grown) : NULL;
    if (!grown)
        return 0;
    f->lots = grown;
    f->lots_room = room;
    ask_large(grown, (size_t)room * sizeof *grown);
    return 1;
}

static inline int32_t new_lot(flow *f, u128 units, int32_t label, int32_t next)
{
    int32_t made = f->spare;
    if (made != NIL)
        f->spare = f->lots[made].next;
    else
        made = (int32_t)f->lots_made++;
    f->lots[made] = (lot){units, next, label};
    return made;
}

/* Give back a whole list at once; a full sweep of a long queue costs no walk. */
static inline void free_lots(flow *f, list *p)
{
    if (p->head == NIL)
        return;
    f->lots[p->tail].next = f->spare;
    f->spare = p->head;
    p->head = p->tail = NIL;
}

static inline void pop_lot(flow *f, list *p)
{
    int32_t gone = p->head;
    p->head = gone == p->tail ? NIL : f->lots[gone].next;
    if (p->head == NIL)
        p->tail = NIL;
    f->lots[gone].next = f->spare;
    f->spare = gone;
}

static inline void append_lot(flow *f, list *p, u128 units, int32_t label)
{
    int32_t made = new_lot(f, units, label, NIL);
    if (p->head == NIL)
        p->head = made;
    else
        f->lots[p->tail].next = made;
    p->tail = made;
}

/* Lay a parcel of a queue behind the others (FIFO) or on top of them (LIFO). */
static inline void push_lot(flow *f, list *p, u128 units, int32_t label, const int rule)
{
    int32_t last = rule == FIFO ? p->tail : p->head;
    if (last != NIL && f->lots[last].label == label) {
        f->lots[last].units += units;
    } else if (rule == FIFO || p->head == NIL) {
        append_lot(f, p, units, label);
    } else {
        p->head = new_lot(f, units, label, p->head);
    }
}

/* ---- parts by theft ---- */

static inline void meet(flow *f, int32_t label, u128 units, int64_t *count)
{
    if (!f->sum[label])
        f->met[(*count)++] = label;
    f->sum[label] += units;
}

static int by_label(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Write the sums that were met as parts, by rising theft, and forget them. */
static void gather(flow *f, int64_t count, parcel *into)
{
    if (count > 1)
        qsort(f->met, (size_t)count, sizeof *f->met, by_label);
    for (int64_t i = 0; i < count; i++) {
        into->parts[i] = (part){f->sum[f->met[i]], f->met[i]};
        f->sum[f->met[i]] = 0;
    }
    into->count = count;
}

/* Divide units among weights that sum to whole by largest remainder; ties to the lower row. */
static void apportion(flow *f, u128 units, u128 whole, part *parts, int64_t count)
{
    u128 given = 0;
    for (int64_t i = 0; i < count; i++) {
        parts[i].units = scaled(units, parts[i].units, whole, &f->key[i]);
        given += parts[i].units;
    }
    for (; count <= FEW && given < units; given++) { /* mostly one unit, of few thefts */
        int64_t most = 0;
        for (int64_t i = 1; i < count; i++)
            most = f->key[i] > f->key[most] ? i : most;
        f->key[most] = 0;
        parts[most].units++;
    }
    if (given == units)
        return;
    rank(f->key, f->ranked, f->ranked_spare, count);
    for (int64_t i = 0; given < units; i++, given++)
        parts[f->ranked[i]].units++;
}

/* Take units of the taint in a pool, from each theft in proportion; the pool keeps the rest. */
static void draw(flow *f, u128 units, u128 whole, part *pool, int64_t *pooled, parcel *into)
{
    int64_t kept = 0;
    into->count = 0;
    if (!units)
        return;
    memcpy(into->parts, pool, (size_t)*pooled * sizeof *pool);
    if (units < whole)
        apportion(f, units, whole, into->parts, *pooled);
    for (int64_t i = 0; i < *pooled; i++) {
        part gone = into->parts[i], rest = {pool[i].units - gone.units, gone.label};
        if (gone.units)
            into->parts[into->count++] = gone;
        if (rest.units)
            pool[kept++] = rest;
    }
    *pooled = kept;
}

/* Note down a parcel's parts for the caller; they are told apart only where there are several thefts. */
static inline int emit(flow *f, const parcel *gone)
{
    if (f->out_count + gone->count > f->out_room) {
        int64_t room = f->out_room * 2 + gone->count + 1024;
        int32_t *thefts = realloc(f->out_theft, (size_t)room * sizeof *thefts);
        f->out_theft = thefts ? thefts : f->out_theft;
        u128 *units = thefts ? realloc(f->out_units, (size_t)room * sizeof *units) : NULL;
        f->out_units = units ? units : f->out_units;
        if (!units)
            return 0;
        f->out_room = room;
    }
    for (int64_t i = 0; i < gone->count; i++, f->out_count++) {
        f->out_theft[f->out_count] = gone->parts[i].label;
        f->out_units[f->out_count] = gone->parts[i].units;
    }
    return 1;
}

#endif
