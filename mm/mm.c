/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mm.c - birth, sharing and death of an address space
 *
 * Concept    Two counts. mm_users are those who work in the user half: threads,
 *            and whoever borrows it for a while. When the last is gone the user
 *            half goes: second MMUs are told first, then mappings, tables, VMAs.
 *            mm_count keeps the bare structure (all users together hold one) for
 *            those who only want to ask whether the user half is still there.
 *
 *            A CPU that goes on with a kernel thread keeps the tables it has
 *            loaded: any tables will do for the kernel half, and most often the
 *            same process comes back. Nobody counts these loans; instead pgd_free()
 *            calls the CPUs in before the root table dies.
 * Owns       struct mm, the list of all mms, init_mm.
 * Locks      mm_list_lock (LOCK_MMLIST), interrupts off, for the list.
 * Invariants When the structure is freed: no VMA, no table, no counted page.
 * Callers    kernel/task (fork, exec, exit), drivers, reclaim, tests.
 * Next       mm/vma.c
 */
#include "mm/mm.h"

#include "arch/x86/mm/kernel_map.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/hooks.h"
#include "kernel/sched/task.h"
#include "mm/coherence.h"
#include "mm/lockorder.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/tlb.h"

static struct kmem_cache *mm_cache;
static atomic64_t mm_last_id;

struct mm init_mm;
LIST_HEAD(mm_list);
DEFINE_SPINLOCK(mm_list_lock, LOCK_MMLIST);

/* ---- birth ---- */

static void mm_init_fields(struct mm *mm)
{
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	mm->id = (u64)atomic64_inc_return(&mm_last_id);
	init_rwsem(&mm->mmap_lock, LOCK_MMAP, "mmap_lock");
	spin_lock_init(&mm->page_table_lock, LOCK_MM_PGD, "page_table_lock");
	mm->vmas = RB_ROOT;
	INIT_LIST_HEAD(&mm->uffd_events);
	mm->mmap_base = MM_USER_TOP;
	mm->as_limit = mm->data_limit = mm->data_limit_max = mm->memlock_limit = ~0UL;
	mm->stack_limit = 8UL << 20;
	coherence_mm_init(mm);
}

void init_mm_setup(void)
{
	mm_init_fields(&init_mm);
	init_mm.pgd = kernel_pgd;
}

int mm_alloc(struct mm **out)
{
	struct mm *mm = kmem_cache_zalloc(mm_cache, GFP_KERNEL);
	unsigned long irq;

	if (!mm)
		return -ENOMEM;
	mm_init_fields(mm);
	if (pgd_alloc(mm)) {
		coherence_mm_free(mm);
		kmem_cache_free(mm_cache, mm);
		return -ENOMEM;
	}
	spin_lock_irqsave(&mm_list_lock, irq);
	list_add_tail(&mm->mmlist, &mm_list);
	spin_unlock_irqrestore(&mm_list_lock, irq);
	*out = mm;
	return 0;
}

/* ---- counts ---- */

void mmgrab(struct mm *mm)
{
	ASSERT(atomic_read(&mm->mm_count) > 0);
	atomic_inc(&mm->mm_count);
}

void mmget(struct mm *mm)
{
	ASSERT(atomic_read(&mm->mm_users) > 0);
	atomic_inc(&mm->mm_users);
}

bool mmget_not_zero(struct mm *mm)
{
	return atomic_inc_not_zero(&mm->mm_users);
}

static void mm_assert_empty(const struct mm *mm)
{
	int i;

	for (i = 0; i < NR_MM_COUNTERS; i++)
		ASSERT_MSG(atomic64_read(&mm->rss[i]) == 0, "mm %llu dies with counter %d at %lld",
			   (unsigned long long)mm->id, i,
			   (long long)atomic64_read(&mm->rss[i]));
	ASSERT(RB_EMPTY_ROOT(&mm->vmas) && !mm->map_count && !mm->total_vm);
	ASSERT(!mm->data_vm && !mm->commit_pocket && list_empty(&mm->uffd_events));
}

/* Interrupts on: the CPUs that still have the root table loaded are called. */
void mmdrop(struct mm *mm)
{
	unsigned long irq;

	if (!atomic_dec_and_test(&mm->mm_count))
		return;
	ASSERT(mm != &init_mm && atomic_read(&mm->mm_users) == 0);
	mm_assert_empty(mm);
	swap_token_put(mm);
	spin_lock_irqsave(&mm_list_lock, irq);
	list_del(&mm->mmlist);
	spin_unlock_irqrestore(&mm_list_lock, irq);
	mmu_notifier_mm_destroy(mm);
	pgd_free(mm);
	coherence_mm_free(mm);
	kmem_cache_free(mm_cache, mm);
}

/* ---- which tables a CPU has loaded ---- */

/* The scheduler's hook: interrupts off. A kernel thread goes on with what is loaded. */
static void mm_switch_task(struct task *prev, struct task *next)
{
	if (next->mm)
		switch_mm(NULL, next->mm);
}

struct mm *current_set_mm(struct mm *mm)
{
	struct task *task = current;
	struct mm *old = task->mm;
	unsigned long irq;

	local_irq_save(irq);
	task->mm = mm;
	if (mm)
		switch_mm(NULL, mm);
	local_irq_restore(irq);
	return old;
}

void kthread_use_mm(struct mm *mm)
{
	ASSERT(!current->mm && atomic_read(&mm->mm_users) > 0);
	(void)current_set_mm(mm);
}

void kthread_unuse_mm(struct mm *mm)
{
	ASSERT(current->mm == mm);
	(void)current_set_mm(NULL);
}

/* ---- death ---- */

/*
 * The order is the contract: a second MMU must have let go of everything before
 * the first page is freed, and keeps hearing of changes until it has.
 */
void mmput(struct mm *mm)
{
	might_sleep();
	ASSERT(mm != &init_mm && atomic_read(&mm->mm_users) > 0);
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	swap_token_put(mm);
	mmu_notifier_release(mm);
	exit_mmap(mm);
	if (mm->exe_file)
		mmap_file_hooks->put(mm->exe_file);
	mm->exe_file = NULL;
	mmdrop(mm);
}

/* ---- all of them ---- */

struct mm *mm_list_next(struct mm *prev)
{
	struct list_head *pos;
	struct mm *found = NULL;
	unsigned long irq;

	spin_lock_irqsave(&mm_list_lock, irq);
	pos = prev ? prev->mmlist.next : mm_list.next;
	for (; pos != &mm_list; pos = pos->next) {
		struct mm *mm = list_entry(pos, struct mm, mmlist);

		/* Zero: waits for the lock to leave the list. */
		if (atomic_inc_not_zero(&mm->mm_count)) {
			found = mm;
			break;
		}
	}
	spin_unlock_irqrestore(&mm_list_lock, irq);
	if (prev)
		mmdrop(prev);
	return found;
}

void mm_init(void)
{
	mm_cache = kmem_cache_create("mm", sizeof(struct mm), 0, SLAB_PANIC, NULL);
	sched_hooks.switch_mm = mm_switch_task;
}
