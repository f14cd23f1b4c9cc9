/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_slab.c - suite slab: caches, kmalloc, and what goes wrong with them
 */
#include "mm/slab.h"

#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sync/rcu.h"
#include "kernel/test/inject.h"
#include "tests/kernel/threads.h"

KTEST_QUICK(slab, kmalloc_gives_what_was_asked_for)
{
	for (size_t size = 1; size <= 3 * PAGE_SIZE; size += size / 3 + 1) {
		u8 *p = KT_GET(kmalloc(size, GFP_KERNEL));

		KT_TRUE(p);
		KT_CHECK_EQ((unsigned long)p % 16, 0);
		KT_CHECK_GE(ksize(p), size);
		memset(p, 0x77, size);
		kfree(p);
	}
	kfree(NULL);
}

KTEST_QUICK(slab, zeroed_and_array_forms)
{
	u8 *p = KT_GET(kmalloc(200, GFP_KERNEL));

	KT_TRUE(p);
	memset(p, 0xff, 200);
	kfree(p);
	p = KT_GET(kzalloc(200, GFP_KERNEL));
	KT_TRUE(p);
	KT_CHECK(!memchr_inv(p, 0, 200));
	kfree(p);
	p = kcalloc(50, 100, GFP_KERNEL);
	KT_TRUE(p);
	KT_CHECK(!memchr_inv(p, 0, 5000));
	kfree(p);
	KT_TRUE(kmalloc_array(1UL << 33, 1UL << 33, GFP_KERNEL) == NULL);
	KT_TRUE(kmalloc(64UL << 20, GFP_KERNEL) == NULL);
}

KTEST_QUICK(slab, kstrdup_copies)
{
	char *s = kstrdup("lockstep", GFP_KERNEL);

	KT_TRUE(s);
	KT_CHECK_EQ(strcmp(s, "lockstep"), 0);
	kfree(s);
}

static atomic_t constructed;

static void count_ctor(void *object)
{
	atomic_inc(&constructed);
	*(u64 *)object = 0xc7;
}

KTEST(slab, ctor_runs_once_for_each_object)
{
	struct kmem_cache *cache;
	u64 *a, *b;
	int after_first;

	atomic_set(&constructed, 0);
	cache = KT_GET(kmem_cache_create("test-ctor", 48, 0, SLAB_TYPESAFE_BY_RCU, count_ctor));
	KT_TRUE(cache);
	a = KT_GET(kmem_cache_alloc(cache, GFP_KERNEL));
	KT_TRUE(a);
	KT_CHECK_EQ(*a, 0xc7);
	after_first = atomic_read(&constructed);
	*a = 0xc7c7;
	kmem_cache_free(cache, a);
	b = KT_GET(kmem_cache_alloc(cache, GFP_KERNEL));
	KT_TRUE(b);
	KT_CHECK_EQ(atomic_read(&constructed), after_first);
	/* type-stable: the old object is still one, whoever has it */
	KT_CHECK(*a == 0xc7 || *a == 0xc7c7);
	kmem_cache_free(cache, b);
	kmem_cache_destroy(cache);
}

KTEST(slab, alignment_is_kept)
{
	struct kmem_cache *cache = KT_GET(kmem_cache_create("test-align", 72, 64, 0, NULL));
	void *object[20];

	KT_TRUE(cache);
	for (unsigned int i = 0; i < ARRAY_SIZE(object); i++) {
		object[i] = KT_GET(kmem_cache_alloc(cache, GFP_KERNEL));
		KT_CHECK_EQ((unsigned long)object[i] % 64, 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(object); i++)
		kmem_cache_free(cache, object[i]);
	kmem_cache_destroy(cache);
}

KTEST(slab, empty_slabs_go_back)
{
	struct kmem_cache *cache = KT_GET(kmem_cache_create("test-shrink", 500, 0, 0, NULL));
	void *object[100];
	struct slab_info info;
	u64 pages = 0;

	KT_TRUE(cache);
	for (unsigned int i = 0; i < ARRAY_SIZE(object); i++)
		KT_CHECK((object[i] = kmem_cache_alloc(cache, GFP_KERNEL)) != NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(object); i++)
		kmem_cache_free(cache, object[i]);
	kmem_cache_shrink(cache);
	for (unsigned int n = 0; slab_info(n, &info); n++)
		if (info.name && !strcmp(info.name, "test-shrink"))
			pages = info.pages;
	KT_CHECK_LE(pages, 16);		/* other CPUs' magazines may keep some */
	kmem_cache_destroy(cache);
}

/* ---- negative controls ---- */

KTEST(slab, double_free_is_reported)
{
#ifdef CONFIG_CHECKS
	void *p = KT_GET(kmalloc(100, GFP_KERNEL));

	KT_TRUE(p);
	kfree(p);
	check_expect(CHECK_CHECK);
	kfree(p);
	KT_EQ(check_expected(), 1);
#else
	KT_SKIP("needs CHECKS");
#endif
}

KTEST(slab, double_free_of_whole_pages_is_reported)
{
	void *p = KT_GET(kmalloc(3 * PAGE_SIZE, GFP_KERNEL));

	KT_TRUE(p);
	kfree(p);
	check_expect(CHECK_CHECK);
	kfree(p);
	KT_EQ(check_expected(), 1);
}

KTEST(slab, overrun_by_one_byte_is_reported)
{
#ifdef CONFIG_CHECKS
	u8 *p = KT_GET(kmalloc(100, GFP_KERNEL));

	KT_TRUE(p);
	p[100] = 0;
	check_expect(CHECK_CHECK);
	kfree(p);
	KT_EQ(check_expected(), 1);
#else
	KT_SKIP("needs CHECKS");
#endif
}

KTEST(slab, overrun_of_a_full_object_is_reported)
{
#ifdef CONFIG_CHECKS
	u8 *p = KT_GET(kmalloc(128, GFP_KERNEL));

	KT_TRUE(p);
	p[128] = 0;
	check_expect(CHECK_CHECK);
	KT_CHECK_GE(slab_check(), 1);
	kfree(p);
	KT_GE(check_expected(), 2);
#else
	KT_SKIP("needs CHECKS");
#endif
}

KTEST(slab, use_after_free_is_reported)
{
#ifdef CONFIG_CHECKS
	struct kmem_cache *cache = KT_GET(kmem_cache_create("test-uaf", 64, 0, 0, NULL));
	u64 *p, *q;
	unsigned int n = 0;

	KT_TRUE(cache);
	p = KT_GET(kmem_cache_alloc(cache, GFP_KERNEL));
	KT_TRUE(p);
	kmem_cache_free(cache, p);
	p[3] = 1;
	/* The quarantine gives it back some frees later; whoever gets it finds out. */
	check_expect(CHECK_CHECK);
	do {
		q = KT_GET(kmem_cache_alloc(cache, GFP_KERNEL));
		KT_CHECK(q != NULL);
		kmem_cache_free(cache, q);
	} while (q != p && ++n < 1000);
	KT_CHECK(q == p);
	KT_CHECK_EQ(check_expected(), 1);
	kmem_cache_destroy(cache);
#else
	KT_SKIP("needs CHECKS");
#endif
}

KTEST(slab, destroy_with_objects_in_use_is_reported)
{
	struct kmem_cache *cache = KT_GET(kmem_cache_create("test-busy", 64, 0,
							    SLAB_NOLEAKTRACE, NULL));
	void *p;

	KT_TRUE(cache);
	p = KT_GET(kmem_cache_alloc(cache, GFP_KERNEL));
	KT_TRUE(p);
	check_expect(CHECK_CHECK);
	kmem_cache_destroy(cache);
	KT_CHECK_EQ(check_expected(), 1);
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
}

/* ---- failure and concurrency ---- */

KTEST_QUICK(slab, injected_failure_is_clean)
{
	void *p;

	inject_arm(INJECT_SLAB_ALLOC, 1, 1, current);
	p = KT_GET(kmalloc(64, GFP_KERNEL));
	KT_CHECK(p == NULL);
	kfree(p);
	p = KT_GET(kmalloc(64, GFP_KERNEL));
	KT_CHECK(p != NULL);
	kfree(p);
	KT_EQ(inject_disarm(INJECT_SLAB_ALLOC), 1);
}

#define POOL 64
static void *pool[POOL];	/* objects on their way from one CPU to another */

/* Each slot's object carries its own address; whoever takes it out frees it. */
static int exchange_objects(void *arg, unsigned int n)
{
	struct rand_state rnd;

	(void)arg;
	rand_seed(&rnd, n + 1);
	for (unsigned int i = 0; i < 3000; i++) {
		size_t size = 16 + rand_below(&rnd, 300);
		void **fresh = KT_GET(kmalloc(size, GFP_KERNEL)), **old;

		if (!fresh)
			continue;
		*fresh = fresh;
		old = xchg(&pool[rand_below(&rnd, POOL)], fresh);
		if (old) {
			KT_CHECK(*old == old);
			kfree(old);
		}
	}
	return 0;
}

KTEST(slab, objects_may_be_freed_on_another_cpu)
{
	KT_CHECK_EQ(test_threads(4, exchange_objects, NULL), 0);
	for (unsigned int i = 0; i < POOL; i++) {
		kfree(pool[i]);
		pool[i] = NULL;
	}
	KT_EQ(slab_check(), 0);
}
