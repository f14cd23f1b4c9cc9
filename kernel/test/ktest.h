/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/ktest.h - how a test inside the kernel is written
 *
 *	KTEST_QUICK(rmap, unmap_clears_every_pte)
 *	{
 *		struct page *page = alloc_page(GFP_KERNEL);
 *
 *		KT_TRUE(page);
 *		KT_EQ(page_mapcount(page), 0);
 *		put_page(page);
 *	}
 *
 * Suite rmap is tests/kernel/test_rmap.c; the test's id is
 * rmap.unmap_clears_every_pte. Tests run one after the other in a kernel thread with
 * interrupts on, no lock held and no mm; they may sleep. A test fails if an assertion
 * fails, if a checker reports during it, or if a hook (leak check, world check)
 * reports after it.
 *
 * KT_TRUE and its like return from the test when they fail; they may stand only
 * in the test function or in void helpers. Where something must be undone, use
 * KT_CHECK..., which records the failure and goes on, and `goto out`.
 * All but KT_SKIP may be used by threads that the test started, as long as the
 * test has not returned.
 */
#ifndef KERNEL_TEST_KTEST_H
#define KERNEL_TEST_KTEST_H

#include "arch/x86/cpu/percpu.h"
#include "include/types.h"

enum ktest_flags {
	KTEST_F_QUICK = 1 << 0,		/* part of ktest=quick */
	KTEST_F_PLANTED = 1 << 1,	/* fails on purpose: only when named */
};

struct ktest {
	const char *suite;
	const char *name;
	void (*run)(void);
	const char *file;
	int line;		/* the order of a suite's tests */
	unsigned int flags;
};

#define KTEST_DEFINE(s, n, f)						\
	static void ktest_##s##_##n(void);				\
	static const struct ktest ktest_record_##s##_##n		\
	__used __section("ktests") __aligned(8) = {			\
		.suite = #s, .name = #n, .run = ktest_##s##_##n,	\
		.file = __FILE__, .line = __LINE__, .flags = (f)	\
	};								\
	static void ktest_##s##_##n(void)

#define KTEST(suite, name) KTEST_DEFINE(suite, name, 0)
#define KTEST_QUICK(suite, name) KTEST_DEFINE(suite, name, KTEST_F_QUICK)

/* For tests of the tests: runs only if an element of ktest= begins with @suite. */
#define KTEST_PLANTED(suite, name) KTEST_DEFINE(suite, name, KTEST_F_PLANTED)

/*
 * Run the tests that ktest= selects and print KTAP.
 * Context: a kernel thread; sleeps.
 * Return: how many tests failed; -ENOENT if the option selects no test at all.
 */
int ktest_run_all(void);

/*
 * The exit code for the machine: whether all tests that ran passed, no checker
 * has reported anything since boot, and ktest= made sense.
 */
bool ktest_passed(void);

/* Record a failure of the running test. Context: any. */
void ktest_fail(const char *file, int line, const char *fmt, ...) __printf(3, 4);

/* Record that the running test cannot be run here. @why is a constant. */
void ktest_skip(const char *why);

/* Tell whether the running test has failed already. */
bool ktest_failed(void);

/* Record the failure of a comparison, with both values. Context: any. */
void ktest_fail_compare(const char *file, int line, const char *a_text,
			const char *op, const char *b_text, s64 a, s64 b);

/*
 * For the checks: has the sweep (ktest.sweep=) made an allocation fail? Shall an
 * expression be evaluated again, because its own allocation did? @before: what the first
 * said before it. Context: any.
 */
bool ktest_sweep_fired(void);
bool ktest_sweep_again(bool before);
/* Note that the test does not want it. Return: whether it runs for its sake only. */
bool ktest_sweep_refuse(const char *why);

/* The pointer that @p gives; NULL that the sweep made is asked for again. */
#define KT_GET(p) \
	({ bool _ktf = ktest_sweep_fired(); \
	   __auto_type _ktp = (p); \
	   if (unlikely(!_ktp) && ktest_sweep_again(_ktf)) \
		_ktp = (p); \
	   _ktp; })

/* The same for a call that answers -errno. */
#define KT_TRY(e) \
	({ bool _ktf = ktest_sweep_fired(); \
	   __auto_type _kte = (e); \
	   if (unlikely(_kte < 0) && ktest_sweep_again(_ktf)) \
		_kte = (e); \
	   _kte; })

/* ---- record and go on: expressions of type bool ---- */

#define KT_CHECK(c) \
	({ bool _ktf = ktest_sweep_fired(), _ktc = (c); \
	   if (unlikely(!_ktc) && ktest_sweep_again(_ktf)) \
		_ktc = (c); \
	   if (unlikely(!_ktc)) \
		ktest_fail(__FILE__, __LINE__, "expected %s", #c); \
	   _ktc; })

#define KT_COMPARE(a, op, b) \
	({ bool _ktf = ktest_sweep_fired(); \
	   __auto_type _kta = (a); __auto_type _ktb = (b); \
	   bool _ktc = _kta op _ktb; \
	   if (unlikely(!_ktc) && ktest_sweep_again(_ktf)) { \
		_kta = (a); \
		_ktb = (b); \
		_ktc = _kta op _ktb; \
	   } \
	   if (unlikely(!_ktc)) \
		ktest_fail_compare(__FILE__, __LINE__, #a, #op, #b, \
				   (s64)_kta, (s64)_ktb); \
	   _ktc; })

#define KT_CHECK_EQ(a, b) KT_COMPARE(a, ==, b)
#define KT_CHECK_NE(a, b) KT_COMPARE(a, !=, b)
#define KT_CHECK_LT(a, b) KT_COMPARE(a, <, b)
#define KT_CHECK_LE(a, b) KT_COMPARE(a, <=, b)
#define KT_CHECK_GT(a, b) KT_COMPARE(a, >, b)
#define KT_CHECK_GE(a, b) KT_COMPARE(a, >=, b)

/* ---- record and return from the (void) function ---- */

#define KT_OR_RETURN(check) do { if (!(check)) return; } while (0)

#define KT_TRUE(c) KT_OR_RETURN(KT_CHECK(c))
#define KT_FALSE(c) KT_OR_RETURN(KT_CHECK(!(c)))
#define KT_EQ(a, b) KT_OR_RETURN(KT_CHECK_EQ(a, b))
#define KT_NE(a, b) KT_OR_RETURN(KT_CHECK_NE(a, b))
#define KT_LT(a, b) KT_OR_RETURN(KT_CHECK_LT(a, b))
#define KT_LE(a, b) KT_OR_RETURN(KT_CHECK_LE(a, b))
#define KT_GT(a, b) KT_OR_RETURN(KT_CHECK_GT(a, b))
#define KT_GE(a, b) KT_OR_RETURN(KT_CHECK_GE(a, b))

/* A validator's answer: NULL or a sentence. */
#define KT_VALID(sentence) \
	do { \
		const char *_ktv = (sentence); \
		if (_ktv) { \
			ktest_fail(__FILE__, __LINE__, "%s: %s", #sentence, _ktv); \
			return; \
		} \
	} while (0)

#define KT_FAIL(...) \
	do { \
		ktest_fail(__FILE__, __LINE__, __VA_ARGS__); \
		return; \
	} while (0)

#define KT_SKIP(why) \
	do { \
		ktest_skip(why); \
		return; \
	} while (0)

/* A test of a checker is skipped where there is none. */
#ifdef CONFIG_CHECKS
#define KT_NEED_CHECKS() do { } while (0)
#else
#define KT_NEED_CHECKS() KT_SKIP("built without CHECKS: nobody reports")
#endif

/* Where no allocation shall be made to fail from outside: say why. */
#define KT_NO_SWEEP(why) \
	do { \
		if (ktest_sweep_refuse(why)) \
			return; \
	} while (0)

/* A test that needs several CPUs is skipped on a smaller machine. */
#define KT_NEED_CPUS(n) \
	do { \
		if (nr_cpus_online < (n)) \
			KT_SKIP("needs " #n " CPUs"); \
	} while (0)

#endif
