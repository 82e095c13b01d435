/* Unsigned 128-bit integers: what the taint loops need of them, exactly, and nothing more. */

#ifndef FLOWTRACE_WIDE_H
#define FLOWTRACE_WIDE_H

#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;
typedef uint64_t u64;

/* Loops are written once with the rule as a parameter, and compiled once a rule. */
#define INLINE static inline __attribute__((always_inline))

/* Columns come from other libraries, whose buffers need not lie on 16-byte borders: hence memcpy. */
static inline u128 read_wide(const void *column, int64_t row)
{
    u128 value;
    memcpy(&value, (const char *)column + 16 * row, 16);
    return value;
}

static inline void write_wide(void *column, int64_t row, u128 value)
{
    memcpy((char *)column + 16 * row, &value, 16);
}

/* top / by and what is left, where the quotient fits 64 bits. One instruction, or a call of the compiler's own;
 * PORTABLE asks for the latter, so that it can be tried on a machine that has the former. */
static inline u64 divided(u128 top, u64 by, u64 *left)
{
#if defined(__x86_64__) && !defined(PORTABLE)
    u64 quotient;
    __asm__("divq %4" : "=a"(quotient), "=d"(*left) : "a"((u64)top), "d"((u64)(top >> 64)), "r"(by) : "cc");
    return quotient;
#else
    u64 quotient = (u64)(top / by);
    *left = (u64)top - quotient * by;
    return quotient;
#endif
}

/* One digit, base 2^64, of (top * 2^64 + low) / divisor, where top < divisor and divisor's first bit is set.
 * Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D: the guess is at most two too large, which is
 * mended without a branch, for no branch could be foreseen. Leaves the remainder in top. */
static inline u64 digit(u128 *top, u64 low, u128 divisor)
{
    u64 high = (u64)(divisor >> 64), rest = (u64)divisor, guess = UINT64_MAX, over;
    u128 left, product;
    if (__builtin_expect((u64)(*top >> 64) < high, 1)) {
        guess = divided(*top, high, &over);
        product = (u128)guess * rest;
        left = ((u128)over << 64 | low) - product;
        u64 large = ((u128)over << 64 | low) < product;
        u128 mended = left + (divisor & -(u128)large);
        u64 twice = large & (mended >= left); /* no carry: still below zero */
        guess -= large + twice;
        *top = mended + (divisor & -(u128)twice);
        return guess;
    }
    left = (u128)(u64)*top + high;
    product = (u128)guess * rest;
    while (!(left >> 64) && product > (left << 64 | low)) {
        guess--;
        product -= rest;
        left += high;
    }
    *top = (left << 64 | low) - product;
    return guess;
}

/* floor(a * b / whole) and what is left over; a and b are at most whole, and 0 < whole < 2^127. */
static inline u128 scaled(u128 a, u128 b, u128 whole, u128 *left)
{
    u64 a0 = (u64)a, a1 = (u64)(a >> 64), b0 = (u64)b, b1 = (u64)(b >> 64);
    if (!(whole >> 64)) {
        u64 over, quotient = divided((u128)a0 * b0, (u64)whole, &over); /* at most a, so it fits */
        *left = over;
        return quotient;
    }
    u128 low = (u128)a0 * b0, high = (u128)a1 * b1;
    u128 cross = (u128)a1 * b0 + (low >> 64), other = (u128)a0 * b1 + (u64)cross;
    high += (cross >> 64) + (other >> 64);
    low = (u64)low | other << 64;
    int shift = __builtin_clzll((u64)(whole >> 64));
    high = high << shift | low >> (128 - shift); /* shift >= 1, since whole < 2^127 */
    low <<= shift;
    whole <<= shift;
    u64 first = 0; /* most shares fit 64 bits */
    if (high >> 64 || (high << 64 | low >> 64) >= whole)
        first = digit(&high, (u64)(low >> 64), whole);
    else
        high = high << 64 | low >> 64;
    u64 second = digit(&high, (u64)low, whole);
    *left = high >> shift;
    return (u128)first << 64 | second;
}

/* Put the rows 0 .. count-1 in order of falling key, equal keys as they stand. */
static inline void rank(const u128 *key, int64_t *order, int64_t *spare, int64_t count)
{
    if (count <= 8) { /* as most transactions have it */
        for (int64_t row = 0, at; row < count; row++) {
            for (at = row; at && key[order[at - 1]] < key[row]; at--)
                order[at] = order[at - 1];
            order[at] = row;
        }
        return;
    }
    for (int64_t row = 0; row < count; row++)
        order[row] = row;
    for (int64_t width = 1; width < count; width *= 2) {
        for (int64_t start = 0; start < count; start += 2 * width) {
            int64_t middle = start + width < count ? start + width : count;
            int64_t end = middle + width < count ? middle + width : count;
            int64_t left = start, right = middle;
            for (int64_t row = start; row < end; row++) {
                int from_right = left == middle || (right < end && key[order[right]] > key[order[left]]);
                spare[row] = from_right ? order[right++] : order[left++];
            }
        }
        memcpy(order, spare, (size_t)count * sizeof *order);
    }
}

#endif
