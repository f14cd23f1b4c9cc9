/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/gup.c - the pages behind user addresses
 *
 * Concept    get_user_pages() looks an address up, faults it in until the entry
 *            allows the access, and takes a reference under the table lock. The
 *            reference keeps the frame, not the mapping: reclaim may still unmap
 *            the page (it then stays in memory because of the reference), and
 *            fork and COW go on. A second MMU therefore drops its reference at
 *            once and relies on its notifier.
 *
 *            get_user_page_fast() takes no lock. The table cannot go away under
 *            it (freeing one waits for RCU readers), but the page can:
 *
 *                fast                            unmap
 *                entry -> page                   clear the entry
 *                reference, unless zero          flush, drop the reference
 *                entry still the same? yes
 *
 *            If the entry is the same after the reference was counted, the
 *            mapping still had its own reference at that time.
 * Owns       Nothing.
 * Locks      mmap_lock for reading; table locks; or RCU alone.
 * Invariants A page is returned for writing only from a writable entry, or forced from
 *            one whose page is nobody else's: COW has been broken, and the caller writes
 *            where the program will read.
 * Callers    drivers, futex, exec, /proc
 * Next       mm/rmap.c
 */
#include "mm/gup.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "mm/anon.h"
#include "mm/fault.h"
#include "mm/gfp.h"
#include "mm/pgtable.h"
#include "mm/vma.h"
#include "mm/writeback.h"

/*
 * A debugger writes where the program may not: only into a private page that nobody
 * else has, and that is marked as written; if it is not, a fault will make it so, and
 * mmap_lock keeps fork out until the page is had. Table lock held.
 */
static bool gup_may_force(const struct vma *vma, pte_t pte)
{
	struct page *page = pte_mapped(pte) ? vm_normal_page(vma, pte) : NULL;
	bool alone;

	if (!vma_is_cow(vma) || !page || !page_is_anon(page) || pte_uffd_wp(pte))
		return false;
	if (!pte_mapped_dirty(pte) || !pte_soft_dirty(pte) || !page_trylock(page))
		return false;
	alone = !page_test(page, PG_swapcache) && anon_page_sole_owner(page, 0);
	page_unlock(page);
	return alone;
}

/* Does the entry allow the access as it stands? Table lock held. */
static bool gup_pte_ok(const struct vma *vma, pte_t pte, unsigned int flags)
{
	if (flags & FOLL_WRITE && flags & FOLL_FORCE && !(vma->flags & VM_WRITE))
		return gup_may_force(vma, pte);
	if (flags & FOLL_WRITE)
		return pte_present(pte) && pte_write(pte);
	return pte_present(pte) || (flags & FOLL_FORCE && pte_mapped(pte));
}

/* The page of a present entry with a reference. The zero page is one to read, too. */
static struct page *gup_follow(struct vma *vma, unsigned long va, unsigned int flags)
{
	struct page *page = NULL;
	struct spinlock *ptl;
	pte_t *ptep = pte_offset_lock(vma->mm, va, &ptl);

	if (!ptep)
		return NULL;
	if (gup_pte_ok(vma, pte_read(ptep), flags)) {
		pte_t pte = pte_read(ptep);

		page = pte_pfn(pte) == page_to_pfn(zero_page).v ? zero_page
								 : vm_normal_page(vma, pte);
		if (page)
			get_page(page);
	}
	pte_unmap_unlock(ptep, ptl);
	return page;
}

static unsigned int gup_fault_flags(unsigned int flags)
{
	return FAULT_REMOTE | (flags & FOLL_WRITE ? FAULT_WRITE : 0) |
	       (flags & FOLL_FORCE ? FAULT_FORCE : 0) | (flags & FOLL_NOASK ? FAULT_NOASK : 0);
}

static int gup_one(struct vma *vma, unsigned long va, unsigned int flags, struct page **out)
{
	unsigned int fault_flags = gup_fault_flags(flags);
	int result;

	if (vma->flags & VM_PFNMAP || fault_check_access(vma, fault_flags) != FAULT_DONE)
		return -EFAULT;
	for (;;) {
		*out = gup_follow(vma, va, flags);
		if (*out)
			return 0;
		if (flags & FOLL_NOFAULT)
			return -EFAULT;
		result = fault_handle(vma, va, fault_flags);
		if (result != FAULT_DONE && result != FAULT_RETRY)
			return fault_errno(result);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/* As get_user_pages(), but -EAGAIN if the first page is a userfaultfd's to supply. */
static long gup_pages(struct mm *mm, unsigned long start, unsigned long nr, unsigned int flags,
		      struct page **pages)
{
	unsigned long done, va;
	struct vma *vma;
	int err = 0;

	assert_held(&mm->mmap_lock);
	for (done = 0; done < nr; done++) {
		va = (start & PAGE_MASK) + done * PAGE_SIZE;
		vma = va < MM_USER_TOP ? find_vma(mm, va) : NULL;
		err = vma && vma->start <= va ? gup_one(vma, va, flags, &pages[done]) : -EFAULT;
		if (err)
			break;
	}
	return done || !nr ? (long)done : err;
}

long get_user_pages(struct mm *mm, unsigned long start, unsigned long nr, unsigned int flags,
		    struct page **pages)
{
	long got = gup_pages(mm, start, nr, flags, pages);

	return got == -EAGAIN ? -EFAULT : got;
}

long get_user_pages_unlocked(struct mm *mm, unsigned long start, unsigned long nr,
			     unsigned int flags, struct page **pages)
{
	long got;

	do {
		down_read(&mm->mmap_lock);
		got = gup_pages(mm, start, nr, flags, pages);
		up_read(&mm->mmap_lock);
	} while (got == -EAGAIN && mm_fault(mm, start, gup_fault_flags(flags)) == FAULT_DONE);
	return got == -EAGAIN ? -EFAULT : got;
}

/* Plain memory, permitted: what a look without the VMA may hand out. */
static bool gup_fast_pte_ok(pte_t pte, bool write)
{
	return pte_present(pte) && pte_user(pte) && !pte_special(pte) &&
	       pfn_valid(pfn_make(pte_pfn(pte))) && (!write || pte_write(pte));
}

bool get_user_page_fast(struct mm *mm, unsigned long va, bool write, struct page **out)
{
	struct page *page;
	bool got = false;
	pte_t pte;

	if (va >= MM_USER_TOP)
		return false;
	rcu_read_lock();
	pte = pte_read_lockless(mm, va);
	if (gup_fast_pte_ok(pte, write)) {
		page = pfn_to_page(pfn_make(pte_pfn(pte)));
		got = get_page_unless_zero(page);
		gate_point("gup_fast.counted", mm);
		if (got && !pte_same(pte, pte_read_lockless(mm, va))) {
			put_page(page);
			got = false;
		}
	}
	rcu_read_unlock();
	if (got)
		*out = page;
	return got;
}

static void copy_page_bytes(struct page *page, size_t offset, void *buf, size_t n, bool write)
{
	char *bytes = (char *)page_address(page) + offset;

	if (write)
		memcpy(bytes, buf, n);
	else
		memcpy(buf, bytes, n);
}

size_t access_remote_vm(struct mm *mm, unsigned long va, void *buf, size_t len,
			unsigned int flags)
{
	size_t done = 0, offset, n;
	struct page *page;

	while (done < len) {
		offset = (va + done) & (PAGE_SIZE - 1);
		n = min(len - done, PAGE_SIZE - offset);
		if (mm_fault(mm, va + done, gup_fault_flags(flags)) != FAULT_DONE)
			break;
		if (get_user_pages_unlocked(mm, va + done, 1, flags | FOLL_REMOTE, &page) != 1)
			break;
		copy_page_bytes(page, offset, (char *)buf + done, n, flags & FOLL_WRITE);
		if (flags & FOLL_WRITE)
			set_page_dirty(page);
		put_page(page);
		done += n;
	}
	return done;
}
