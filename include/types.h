/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/types.h - the words every file of the kernel speaks
 *
 * Fixed-width integers, the compiler's attributes under short names, and the
 * few arithmetic helpers that no folder owns. It includes nothing but the
 * compiler's own freestanding headers and the errno list.
 */
#ifndef INCLUDE_TYPES_H
#define INCLUDE_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/uapi/errno.h"

#ifndef LOCKSTEP_HOST_TEST
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef long ssize_t;
typedef s64 loff_t;
typedef s64 off_t;
typedef int pid_t;
#else
#include <sys/types.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
#endif

#define static_assert _Static_assert

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#ifndef LOCKSTEP_HOST_TEST
#define __must_check __attribute__((warn_unused_result))
#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __noreturn __attribute__((noreturn))
#define __printf(a, b) __attribute__((format(printf, a, b)))
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define __used __attribute__((used))
#define __unused __attribute__((unused))
#define __section(s) __attribute__((section(s)))
#define __weak __attribute__((weak))
#else
#undef __must_check
#define __must_check __attribute__((warn_unused_result))
#ifndef __packed
#define __packed __attribute__((packed))
#endif
#ifndef __aligned
#define __aligned(n) __attribute__((aligned(n)))
#endif
#define __noreturn __attribute__((noreturn))
#define __printf(a, b) __attribute__((format(printf, a, b)))
#define noinline __attribute__((noinline))
#define __used __attribute__((used))
#define __section(s) __attribute__((section(s)))
#define __weak __attribute__((weak))
#endif

/* A pointer into user space: never dereferenced, only given to mm/uaccess.h. */
#define __user

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n) (1UL << (n))

#define min(a, b) ({ __typeof__(a) _mna = (a); __typeof__(b) _mnb = (b); \
		     _mna < _mnb ? _mna : _mnb; })
#define max(a, b) ({ __typeof__(a) _mxa = (a); __typeof__(b) _mxb = (b); \
		     _mxa > _mxb ? _mxa : _mxb; })
#define clamp(v, lo, hi) min(max(v, lo), hi)

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define round_down(x, align) ((x) & ~((__typeof__(x))(align) - 1))
#define round_up(x, align) \
	((((x) - 1) | ((__typeof__(x))(align) - 1)) + 1)
#define is_aligned(x, align) (((x) & ((__typeof__(x))(align) - 1)) == 0)

/* One load or store that the compiler neither splits, repeats nor drops. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#ifndef PAGE_SHIFT
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#endif
#define PAGE_ALIGN(x) round_up((unsigned long)(x), PAGE_SIZE)

#endif
