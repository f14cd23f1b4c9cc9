/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_swap_token.c - suite swap_token: who gets it, and whose pages survive
 */
#include "mm/swap.h"

#include "kernel/sched/sched.h"
#include "mm/mm.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/user_memory.h"

#define NR 8

#define NEED_SWAP() do { if (!swap_area_slots(0)) KT_SKIP("there is no swap area"); } while (0)

static bool up(struct user_memory *a, struct user_memory *b)
{
	swap_token_put(NULL);
	if (!user_memory_up(a, NR))
		return false;
	if (user_memory_up(b, NR))
		return true;
	user_memory_down(a);
	return false;
}

static void down(struct user_memory *a, struct user_memory *b)
{
	swap_token_put(NULL);
	user_memory_down(a);
	user_memory_down(b);
}

static unsigned int nr_present(struct user_memory *u)
{
	unsigned int n = 0;

	for (unsigned long i = 0; i < u->nr; i++)
		n += pte_present(user_memory_pte(u, i));
	return n;
}

/* Reclaim looks at each page of @u, often enough for one that nobody uses. */
static void look_at(struct user_memory *u)
{
	for (unsigned int round = 0; round < 4; round++) {
		LIST_HEAD(batch);

		for (unsigned long i = 0; i < u->nr; i++) {
			struct page *page = user_memory_page(u, i);

			if (page && lru_isolate_page(page))
				list_add_tail(&page->lru, &batch);
		}
		reclaim_isolated(&batch);
		while (swap_io_pending())
			page_io_wait(1);
	}
}

KTEST_QUICK(swap_token, who_needs_it_more_often_gets_it)
{
	struct user_memory a, b;

	KT_TRUE(up(&a, &b));
	KT_CHECK(!swap_token_has(a.mm));
	swap_token_grab(a.mm);
	KT_CHECK(swap_token_has(a.mm));
	/* b's reads come once in a while: it gains nothing. */
	for (unsigned int i = 0; i < 8; i++) {
		swap_token_grab(b.mm);
		swap_token_grab(a.mm);
	}
	KT_CHECK(swap_token_has(a.mm));
	/* a stops; b's reads come closer together, once, and then as close as can be. */
	for (unsigned int i = 0; i < 1000 && !swap_token_has(b.mm); i++) {
		b.mm->token.interval = 2;
		swap_token_grab(b.mm);
	}
	KT_CHECK(swap_token_has(b.mm));
	KT_CHECK_GT(b.mm->token.priority, a.mm->token.priority);
	down(&a, &b);
}

/* Who has had it for long has less to say. */
KTEST_QUICK(swap_token, the_holder_ages)
{
	struct user_memory a, b;

	KT_TRUE(up(&a, &b));
	for (unsigned int i = 0; i < 2000; i++)
		swap_token_grab(a.mm);
	KT_CHECK_LE(a.mm->token.priority, 4 * 256U);
	KT_CHECK_GT(a.mm->token.priority, 0);
	down(&a, &b);
}

KTEST(swap_token, a_read_from_swap_asks_for_it)
{
	struct user_memory a, b;

	NEED_SWAP();
	KT_TRUE(up(&a, &b));
	KT_CHECK(user_memory_write(&a, 10));
	KT_CHECK(!swap_token_has(a.mm));
	user_memory_all_out();
	swap_token_put(NULL);
	KT_CHECK_EQ(nr_present(&a), 0);
	KT_CHECK(user_memory_verify(&a, 10));
	KT_CHECK(swap_token_has(a.mm));
	KT_CHECK(user_memory_write(&b, 10));	/* no read */
	KT_CHECK(swap_token_has(a.mm));
	down(&a, &b);
}

/* A fault of the holder's is under way: it has mmap_lock. The other one's pages go. */
KTEST(swap_token, the_holders_pages_survive_ageing)
{
	struct user_memory a, b;

	NEED_SWAP();
	KT_TRUE(up(&a, &b));
	KT_CHECK(user_memory_write(&a, 10));
	KT_CHECK(user_memory_write(&b, 20));
	swap_token_grab(a.mm);
	swap_token_grab(b.mm);
	KT_CHECK(swap_token_has(a.mm));
	down_read(&a.mm->mmap_lock);
	look_at(&a);
	up_read(&a.mm->mmap_lock);
	KT_CHECK_EQ(nr_present(&a), NR);
	down_read(&b.mm->mmap_lock);
	look_at(&b);
	up_read(&b.mm->mmap_lock);
	KT_CHECK_EQ(nr_present(&b), 0);
	/* No fault: the token alone keeps nothing. */
	KT_CHECK(swap_token_has(a.mm));
	look_at(&a);
	KT_CHECK_EQ(nr_present(&a), 0);
	KT_CHECK(user_memory_verify(&a, 10));
	KT_CHECK(user_memory_verify(&b, 20));
	down(&a, &b);
}

/* Nobody else wants anything from swap: what the holder needs next is among its own. */
KTEST(swap_token, alone_it_protects_nothing)
{
	struct user_memory a, b;

	NEED_SWAP();
	KT_TRUE(up(&a, &b));
	KT_CHECK(user_memory_write(&a, 10));
	swap_token_grab(a.mm);
	swap_token_grab(b.mm);
	for (unsigned int i = 0; i < 256; i++)
		swap_token_grab(a.mm);
	KT_CHECK(swap_token_has(a.mm));
	down_read(&a.mm->mmap_lock);
	look_at(&a);
	up_read(&a.mm->mmap_lock);
	KT_CHECK_EQ(nr_present(&a), 0);
	KT_CHECK(user_memory_verify(&a, 10));
	down(&a, &b);
}

KTEST(swap_token, the_last_resort_takes_it_away)
{
	struct user_memory a, b;

	NEED_SWAP();
	KT_TRUE(up(&a, &b));
	KT_CHECK(user_memory_write(&a, 10));
	swap_token_grab(a.mm);
	down_read(&a.mm->mmap_lock);
	(void)reclaim_pages(~0UL >> 1);		/* more than there is: all passes */
	KT_CHECK(!swap_token_has(a.mm));
	up_read(&a.mm->mmap_lock);
	KT_CHECK(user_memory_verify(&a, 10));
	down(&a, &b);
}

/* The next address space may have the same place in memory. */
KTEST_QUICK(swap_token, it_ends_with_its_holder)
{
	struct user_memory a, b;
	struct mm *gone;

	KT_TRUE(up(&a, &b));
	swap_token_grab(a.mm);
	gone = a.mm;
	mmgrab(gone);
	user_memory_down(&a);
	KT_CHECK(!swap_token_has(gone));
	swap_token_grab(gone);			/* a fault that came late */
	mmdrop(gone);
	KT_CHECK(!swap_token_has(gone));
	swap_token_grab(b.mm);
	KT_CHECK(swap_token_has(b.mm));
	down(&a, &b);
}
