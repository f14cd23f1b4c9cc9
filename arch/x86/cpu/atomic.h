/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/atomic.h - counters and words that several CPUs change at once
 *
 * Linux's names and ordering: an operation that returns a value is a full
 * barrier, one that returns nothing orders nothing by contract (on x86 the
 * locked instruction does order). Read and set are plain, never torn.
 */
#ifndef ARCH_X86_CPU_ATOMIC_H
#define ARCH_X86_CPU_ATOMIC_H

#include "include/types.h"
#include "arch/x86/cpu/barrier.h"

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;

#define ATOMIC_INIT(i) { (i) }
#define ATOMIC64_INIT(i) { (i) }

/* Exchange; full barrier. Return: the old value. */
#define xchg(ptr, val) \
	__atomic_exchange_n((ptr), (val), __ATOMIC_SEQ_CST)

/* Store @new if *@ptr is @old; full barrier. Return: the value found. */
#define cmpxchg(ptr, old, new)						\
({									\
	__typeof__(*(ptr)) _cxo = (old);				\
	__atomic_compare_exchange_n((ptr), &_cxo, (new), false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);\
	_cxo;								\
})

/* The same; on failure *@oldp becomes the value found. Return: true if stored. */
#define try_cmpxchg(ptr, oldp, new) \
	__atomic_compare_exchange_n((ptr), (oldp), (new), false, \
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define ATOMIC_OPS(prefix, type, value)					\
static inline value prefix##_read(const type *v)			\
{									\
	return READ_ONCE(v->counter);					\
}									\
static inline void prefix##_set(type *v, value i)			\
{									\
	WRITE_ONCE(v->counter, i);					\
}									\
static inline void prefix##_set_release(type *v, value i)		\
{									\
	smp_store_release(&v->counter, i);				\
}									\
static inline value prefix##_read_acquire(const type *v)		\
{									\
	return smp_load_acquire(&v->counter);				\
}									\
static inline value prefix##_add_return(value i, type *v)		\
{									\
	return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline value prefix##_sub_return(value i, type *v)		\
{									\
	return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline value prefix##_fetch_add(value i, type *v)		\
{									\
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline value prefix##_fetch_sub(value i, type *v)		\
{									\
	return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline value prefix##_fetch_or(value i, type *v)			\
{									\
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline value prefix##_fetch_and(value i, type *v)		\
{									\
	return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline void prefix##_add(value i, type *v)			\
{									\
	(void)prefix##_add_return(i, v);				\
}									\
static inline void prefix##_sub(value i, type *v)			\
{									\
	(void)prefix##_sub_return(i, v);				\
}									\
static inline void prefix##_inc(type *v)				\
{									\
	(void)prefix##_add_return(1, v);				\
}									\
static inline void prefix##_dec(type *v)				\
{									\
	(void)prefix##_sub_return(1, v);				\
}									\
static inline void prefix##_or(value i, type *v)			\
{									\
	(void)prefix##_fetch_or(i, v);					\
}									\
static inline void prefix##_and(value i, type *v)			\
{									\
	(void)prefix##_fetch_and(i, v);					\
}									\
static inline value prefix##_inc_return(type *v)			\
{									\
	return prefix##_add_return(1, v);				\
}									\
static inline value prefix##_dec_return(type *v)			\
{									\
	return prefix##_sub_return(1, v);				\
}									\
static inline bool prefix##_inc_and_test(type *v)			\
{									\
	return prefix##_add_return(1, v) == 0;				\
}									\
static inline bool prefix##_dec_and_test(type *v)			\
{									\
	return prefix##_sub_return(1, v) == 0;				\
}									\
static inline bool prefix##_sub_and_test(value i, type *v)		\
{									\
	return prefix##_sub_return(i, v) == 0;				\
}									\
static inline bool prefix##_add_negative(value i, type *v)		\
{									\
	return prefix##_add_return(i, v) < 0;				\
}									\
static inline value prefix##_xchg(type *v, value i)			\
{									\
	return xchg(&v->counter, i);					\
}									\
static inline value prefix##_cmpxchg(type *v, value old, value new)	\
{									\
	return cmpxchg(&v->counter, old, new);				\
}									\
static inline bool prefix##_try_cmpxchg(type *v, value *old, value new)	\
{									\
	return try_cmpxchg(&v->counter, old, new);			\
}									\
/* Add @i unless the value is @u. Return: true if added. */		\
static inline bool prefix##_add_unless(type *v, value i, value u)	\
{									\
	value old = prefix##_read(v);					\
									\
	do {								\
		if (old == u)						\
			return false;					\
	} while (!prefix##_try_cmpxchg(v, &old, old + i));		\
	return true;							\
}									\
static inline bool prefix##_inc_not_zero(type *v)			\
{									\
	return prefix##_add_unless(v, 1, 0);				\
}									\
/* Subtract one unless that makes it negative. Return: the new value or -1. */ \
static inline value prefix##_dec_if_positive(type *v)			\
{									\
	value old = prefix##_read(v);					\
									\
	do {								\
		if (old <= 0)						\
			return -1;					\
	} while (!prefix##_try_cmpxchg(v, &old, old - 1));		\
	return old - 1;							\
}

ATOMIC_OPS(atomic, atomic_t, int)
ATOMIC_OPS(atomic64, atomic64_t, s64)
#undef ATOMIC_OPS

#endif
