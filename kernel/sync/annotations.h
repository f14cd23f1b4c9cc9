/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/annotations.h - lock contracts that a compiler can read
 *
 * gcc sees nothing here. Under clang -Wthread-safety every lock is a
 * capability, and a function says on its declaration what it takes, drops,
 * needs or must not hold; an unbalanced path or a call without the lock is then
 * a warning. Locks reached under two names, or taken in a loop, are beyond the
 * analysis: such a function says __no_lock_check and why, and the run-time
 * ranks (lock_check.h) cover it.
 */
#ifndef KERNEL_SYNC_ANNOTATIONS_H
#define KERNEL_SYNC_ANNOTATIONS_H

#if defined(__clang__)
#define __lock_attr(x) __attribute__((x))
#else
#define __lock_attr(x)
#endif

/* On a struct: objects of this type are locks. */
#define __lock_type(name)	__lock_attr(capability(name))

#define __acquires(...)		__lock_attr(acquire_capability(__VA_ARGS__))
#define __acquires_shared(...)	__lock_attr(acquire_shared_capability(__VA_ARGS__))
#define __releases(...)		__lock_attr(release_capability(__VA_ARGS__))
#define __releases_shared(...)	__lock_attr(release_shared_capability(__VA_ARGS__))
/* The lock is held afterwards if the function returned @value. */
#define __try_acquires(value, ...) \
	__lock_attr(try_acquire_capability(value, __VA_ARGS__))
#define __try_acquires_shared(value, ...) \
	__lock_attr(try_acquire_shared_capability(value, __VA_ARGS__))
#define __must_hold(...)	__lock_attr(requires_capability(__VA_ARGS__))
#define __must_hold_shared(...)	__lock_attr(requires_shared_capability(__VA_ARGS__))
#define __excludes(...)		__lock_attr(locks_excluded(__VA_ARGS__))
/* From here on the analysis believes that the lock is held (assert_held). */
#define __asserts_held(...)	__lock_attr(assert_capability(__VA_ARGS__))
#define __no_lock_check		__lock_attr(no_thread_safety_analysis)

/*
 * At the head of a file that tests locks: it takes them in ways (conditionally,
 * twice, out of order, by another thread) that the analysis refuses on purpose.
 */
#if defined(__clang__)
#define NO_LOCK_CHECK_IN_THIS_FILE \
	_Pragma("clang diagnostic ignored \"-Wthread-safety-analysis\"")
#else
#define NO_LOCK_CHECK_IN_THIS_FILE
#endif

/* On a member: parses only from clang 22 on. */
#if defined(__clang__) && __clang_major__ >= 22
#define __guarded_by(x)		__attribute__((guarded_by(x)))
#else
#define __guarded_by(x)
#endif

#endif
