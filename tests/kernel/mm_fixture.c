/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/mm_fixture.c - an address space to try things on
 */
#include "tests/kernel/mm_fixture.h"

#include "kernel/block/block.h"
#include "kernel/lib/list.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/rcu.h"
#include "kernel/test/ktest.h"
#include "mm/anon.h"
#include "mm/fork.h"
#include "mm/gup.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/shmem.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/uaccess.h"
#include "mm/vma.h"

/* The area that a test made; -1: none, or the machine has one of its own. */
static int fx_swap_area = -1;

static void fx_swap_down(void)
{
	if (fx_swap_area >= 0)
		KT_CHECK_EQ(swap_area_remove((unsigned int)fx_swap_area), 0);
	fx_swap_area = -1;
}

struct mm *fx_mm(void)
{
	struct mm *mm;

	if (!KT_CHECK_EQ(mm_alloc(&mm), 0))
		return NULL;
	kthread_use_mm(mm);
	return mm;
}

struct mm *fx_mm_with(unsigned long pages, int (*open)(struct mm *mm))
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	if (fx_map(mm, FX_BASE, pages, FX_RW) && KT_CHECK_EQ(open(mm), 0))
		return mm;
	fx_drop(mm);
	return NULL;
}

void fx_drop(struct mm *mm)
{
	if (current->mm == mm)
		kthread_unuse_mm(mm);
	mmput(mm);
	fx_swap_down();
}

unsigned long fx_map(struct mm *mm, unsigned long va, unsigned long pages, unsigned long prot)
{
	unsigned long flags = MAP_PRIVATE | MAP_ANONYMOUS | (va ? MAP_FIXED : 0), out = 0;

	KT_CHECK_EQ(vm_mmap(mm, NULL, va, pages * PAGE_SIZE, prot, flags, 0, &out), 0);
	return out;
}

bool fx_put(unsigned long va, u64 value)
{
	return KT_CHECK_EQ(put_user(value, (u64 *)va), 0);
}

u64 fx_get(unsigned long va)
{
	u64 value = ~0UL;

	KT_CHECK_EQ(get_user(value, (u64 *)va), 0);
	return value;
}

bool fx_put_in(struct mm *mm, unsigned long va, u64 value)
{
	return access_remote_vm(mm, va, &value, sizeof(value), FOLL_WRITE) == sizeof(value);
}

u64 fx_get_in(struct mm *mm, unsigned long va)
{
	u64 value = ~0UL;

	KT_CHECK_EQ(access_remote_vm(mm, va, &value, sizeof(value), 0), sizeof(value));
	return value;
}

pte_t fx_pte(struct mm *mm, unsigned long va)
{
	pte_t pte;

	rcu_read_lock();
	pte = pte_read_lockless(mm, va);
	rcu_read_unlock();
	return pte;
}

struct page *fx_page(struct mm *mm, unsigned long va)
{
	pte_t pte = fx_pte(mm, va);

	return pte_mapped(pte) ? pfn_to_page(pfn_make(pte_pfn(pte))) : NULL;
}

unsigned int fx_nr_vmas(struct mm *mm)
{
	return READ_ONCE(mm->map_count);
}

bool fx_valid(struct mm *mm)
{
	bool valid;

	down_read(&mm->mmap_lock);
	valid = vma_validate(mm);
	up_read(&mm->mmap_lock);
	return valid;
}

unsigned int fx_chain_length(struct mm *mm, unsigned long va)
{
	struct vma *vma;
	unsigned int length = 0;

	down_read(&mm->mmap_lock);
	vma = find_vma(mm, va);
	if (vma && vma->start <= va)
		length = (unsigned int)list_count(&vma->anon_vma_chain);
	up_read(&mm->mmap_lock);
	return length;
}

struct mm *fx_fork(struct mm *mm)
{
	struct mm *child = NULL;

	KT_CHECK_EQ(dup_mm(mm, &child), 0);
	return child;
}

bool fx_have_swap(void)
{
	struct block_device *bdev;
	struct swap_info info;

	swap_slot_info(&info);
	if (info.total)
		return info.total > info.used + 64;
	bdev = block_find("ram0");
	if (bdev)
		fx_swap_area = KT_TRY(swap_area_add(bdev, 0));
	return fx_swap_area >= 0;
}

u64 fx_slots_used(void)
{
	struct swap_info info;

	swap_slot_info(&info);
	return info.used - shmem_swapped_pages();
}

/* The page at @va, locked and with a reference, in the swap cache. */
static struct page *fx_isolate(struct mm *mm, unsigned long va)
{
	struct page *page = NULL;
	swp_entry_t entry;

	if (get_user_pages_unlocked(mm, va, 1, 0, &page) != 1 || page == zero_page)
		return NULL;
	page_lock(page);
	if (page_test(page, PG_swapcache))
		return page;
	if (!swap_slot_alloc(&entry)) {
		page_set(page, PG_dirty);
		if (!swap_cache_add(page, entry))
			return page;
		swap_slot_put(entry);
	}
	page_unlock(page);
	put_page(page);
	return NULL;
}

int fx_referenced(struct mm *mm, unsigned long va)
{
	struct page *page = fx_page(mm, va);
	unsigned long vm_flags;
	int found;

	page_lock(page);
	found = page_referenced(page, &vm_flags);
	page_unlock(page);
	return found;
}

bool fx_unmap_to_swap_cache(struct mm *mm, unsigned long va)
{
	struct page *page = fx_isolate(mm, va);
	enum ttu_result result;

	if (!page)
		return false;
	result = try_to_unmap(page, TTU_IGNORE_ACCESS);
	page_unlock(page);
	swap_cache_put_page(page);
	return result == SWAP_SUCCESS;
}

bool fx_swap_out(struct mm *mm, unsigned long va)
{
	struct page *page = fx_isolate(mm, va);
	bool ok = false;

	if (!page)
		return false;
	if (try_to_unmap(page, TTU_IGNORE_ACCESS | TTU_BATCH_FLUSH) != SWAP_SUCCESS)
		goto out;
	tlb_batch_flush();
	page_wait_writeback(page);	/* reclaim may have had the same idea */
	swap_write(page);
	page_wait_writeback(page);
	page_lock(page);
	/* Unlocked meanwhile: it may be used, or being written, again. */
	if (page_test(page, PG_swapcache) && !page_mapped(page) &&
	    !page_test(page, PG_dirty) && !page_test(page, PG_writeback)) {
		swap_cache_del(page);
		ok = true;
	}
out:
	page_unlock(page);
	swap_cache_put_page(page);
	return ok;
}

void fx_range_init(struct mmu_notifier_range *range, enum mmu_notifier_event event,
		   unsigned int flags, struct mm *mm, unsigned long start, unsigned long end)
{
	struct lock_class *class = LOCK_CLASS_HERE("a test's rmap lock", LOCK_I_MMAP);

	lock_check_taken(class, range, 0);
	mmu_notifier_range_init(range, event, flags, mm, start, end);
	lock_check_release(class, range);
}

static int fx_thread_main(void *data)
{
	struct fx_thread *t = data;

	if (t->mm)
		kthread_use_mm(t->mm);
	t->result = t->fn(t->arg);
	if (t->mm)
		kthread_unuse_mm(t->mm);
	complete(&t->done);
	return 0;
}

bool fx_start(struct fx_thread *t, struct mm *mm, int (*fn)(void *arg), void *arg)
{
	*t = (struct fx_thread){ .mm = mm, .fn = fn, .arg = arg };
	init_completion(&t->done);
	return KT_CHECK_EQ(kthread_run(NULL, fx_thread_main, t, "fx"), 0);
}

int fx_join(struct fx_thread *t)
{
	wait_for_completion(&t->done);
	return t->result;
}
