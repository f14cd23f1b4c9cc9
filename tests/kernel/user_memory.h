/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/user_memory.h - an address space of a test's own, with some memory
 */
#ifndef TESTS_KERNEL_USER_MEMORY_H
#define TESTS_KERNEL_USER_MEMORY_H

#include "include/uapi/mman.h"
#include "kernel/test/ktest.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/page_io.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/uaccess.h"

struct user_memory {
	struct mm *mm;
	unsigned long va;
	unsigned long nr; /* pages at va, anonymous, read and write */
};

/* Make the address space; pages are absent until touched. Return: whether it worked. */
static inline bool user_memory_up(struct user_memory *u, unsigned long nr)
{
	*u = (struct user_memory){.nr = nr};
	if (KT_TRY(mm_alloc(&u->mm)))
		return false;
	if (!KT_TRY(vm_mmap(u->mm, NULL, 0, nr * PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, 0, &u->va)))
		return true;
	mmput(u->mm);
	u->mm = NULL;
	return false;
}

static inline void user_memory_down(struct user_memory *u)
{
	if (u->mm)
		mmput(u->mm);
	u->mm = NULL;
}

static inline unsigned long user_memory_va(const struct user_memory *u, unsigned long i)
{
	return u->va + i * PAGE_SIZE;
}

/* Write @value + i into page i of each, as the mm's own thread would. */
static inline bool user_memory_write(struct user_memory *u, u64 value)
{
	bool ok = true;

	kthread_use_mm(u->mm);
	for (unsigned long i = 0; i < u->nr && ok; i++)
		ok = !KT_TRY(put_user(value + i, (u64 __user *)user_memory_va(u, i)));
	kthread_unuse_mm(u->mm);
	return ok;
}

/* Does page i of each read as @value + i? */
static inline bool user_memory_verify(struct user_memory *u, u64 value)
{
	bool ok = true;

	kthread_use_mm(u->mm);
	for (unsigned long i = 0; i < u->nr && ok; i++) {
		u64 seen = 0;

		ok = !KT_TRY(get_user(seen, (u64 __user *)user_memory_va(u, i))) &&
		     seen == value + i;
	}
	kthread_unuse_mm(u->mm);
	return ok;
}

/*
 * Swap out all that can be, pages of files too: whoever counts I/O counts his own then.
 * Nothing is free before its writing has ended, so a round that only wrote counts, too.
 */
static inline void user_memory_all_out(void)
{
	for (unsigned int round = 0, idle = 0; round < 200 && idle < 3; round++) {
		s64 out = atomic64_read(&vmstat.pswpout);
		bool freed = reclaim_pages(256) > 0;

		while (swap_io_pending())
			page_io_wait(1);
		idle = freed || atomic64_read(&vmstat.pswpout) != out ? 0 : idle + 1;
	}
}

/* The entry of page @i now. */
static inline pte_t user_memory_pte(struct user_memory *u, unsigned long i)
{
	pte_t pte;

	rcu_read_lock();
	pte = pte_read_lockless(u->mm, user_memory_va(u, i));
	rcu_read_unlock();
	return pte;
}

/* The page behind page @i, or NULL. No reference. */
static inline struct page *user_memory_page(struct user_memory *u, unsigned long i)
{
	pte_t pte = user_memory_pte(u, i);

	return pte_present(pte) ? pfn_to_page(pfn_make(pte_pfn(pte))) : NULL;
}

#endif
