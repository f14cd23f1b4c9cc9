/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/pagemap_scan.c - PAGEMAP_SCAN: which pages are in which categories
 *
 * Concept    A page's word of pagemap says what it is; here neighbours of the same
 *            categories become regions, of which the caller wants some:
 *
 *              c = categories ^ inverted;  (c & mask) == mask;  c & anyof, unless 0
 *
 *            Where there are no tables, a whole hole is one step. The same walk can
 *            protect what it finds against writing, where memory is registered with
 *            userfaultfd for that (WPALLOWED): what was written since is found next time.
 *
 *              who scans                      who writes
 *              entry: not protected           writes on
 *              "written" is noted
 *              protects it, flushes           faults: the protection goes
 *
 *            Between look and protection nothing is lost: what is protected was noted.
 * Owns       The formats of Linux.
 * Locks      mmap_lock for reading, table locks one at a time.
 * Invariants Regions are not empty, in order, and do not touch if they are equal.
 * Callers    kernel/task/proc_mem.c
 * Next       mm/usage.c
 */
#include "mm/pagemap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/pgtable.h"
#include "mm/slab.h"
#include "mm/uaccess.h"
#include "mm/userfaultfd.h"
#include "mm/vma.h"

enum page_category {
	PAGE_IS_WPALLOWED = BIT(0), PAGE_IS_WRITTEN = BIT(1), PAGE_IS_FILE = BIT(2),
	PAGE_IS_PRESENT = BIT(3), PAGE_IS_SWAPPED = BIT(4), PAGE_IS_PFNZERO = BIT(5),
	PAGE_IS_HUGE = BIT(6), PAGE_IS_SOFT_DIRTY = BIT(7), PAGE_IS_GUARD = BIT(8),
};

#define PM_SCAN_CATEGORIES (2 * PAGE_IS_GUARD - 1UL)
#define PM_SCAN_WP_MATCHING BIT(0)
#define PM_SCAN_CHECK_WPASYNC BIT(1)

struct pm_scan_arg {
	u64 size, flags;
	u64 start, end;			/* addresses */
	u64 walk_end;			/* answered: where the next call begins */
	u64 vec, vec_len;		/* struct page_region, or NULL */
	u64 max_pages;			/* 0: any number */
	u64 inverted, mask, anyof, wanted;	/* enum page_category */
};
static_assert(sizeof(struct pm_scan_arg) == 96, "Linux's layout");

struct page_region {
	u64 start, end, categories;
};

#define SCAN_REGIONS 512UL		/* kept until the lock is dropped */
#define SCAN_STEP 64UL			/* pages */

struct scan {
	struct pm_scan_arg arg;
	struct page_region *regions;	/* NULL: nobody wants them */
	u64 room, nr;			/* regions */
	u64 found;			/* pages */
	u64 of_vma;			/* categories of everything in this VMA */
};

/* ---- what was found ---- */

static bool scan_wants(const struct scan *s, u64 categories)
{
	categories ^= s->arg.inverted;
	return (categories & s->arg.mask) == s->arg.mask &&
	       (!s->arg.anyof || categories & s->arg.anyof);
}

/* Return: whether there was room. */
static bool scan_put(struct scan *s, u64 categories, u64 start, u64 end)
{
	struct page_region *last = s->nr ? &s->regions[s->nr - 1] : NULL;

	if (last && last->end == start && last->categories == categories) {
		last->end = end;
		return true;
	}
	if (s->nr == s->room)
		return false;
	s->regions[s->nr++] = (struct page_region){ start, end, categories };
	return true;
}

/*
 * [start, *end) has @categories. *@end: what of it is wanted, and had room. Return: 0, or
 * -ENOSPC: as far as s->arg.walk_end.
 */
static int scan_found(struct scan *s, u64 categories, u64 start, u64 *end)
{
	u64 nr = (*end - start) >> PAGE_SHIFT, left = s->arg.max_pages - s->found;
	u64 whole = *end;

	if (!scan_wants(s, categories)) {
		*end = start;
		return 0;
	}
	if (!s->regions)
		return 0;
	nr = min(nr, left);
	*end = start + (nr << PAGE_SHIFT);
	if (nr && !scan_put(s, categories & s->arg.wanted, start, *end)) {
		nr = 0;
		*end = start;
	}
	s->arg.walk_end = *end;
	s->found += nr;
	return *end < whole ? -ENOSPC : 0;
}

/* ---- the walk ---- */

/* An entry that is not there has been written, too: what was there is gone. */
static u64 scan_categories(u64 word)
{
	bool present = word & PM_PRESENT;
	bool zero = present && (word & PM_FRAME_MASK) == page_to_pfn(zero_page).v;

	return (present ? PAGE_IS_PRESENT : 0) | (word & PM_SWAP ? PAGE_IS_SWAPPED : 0) |
	       (word & PM_FILE ? PAGE_IS_FILE : 0) | (word & PM_GUARD ? PAGE_IS_GUARD : 0) |
	       (word & PM_UFFD_WP ? 0 : PAGE_IS_WRITTEN) |
	       (word & PM_SOFT_DIRTY ? PAGE_IS_SOFT_DIRTY : 0) |
	       (zero ? PAGE_IS_PFNZERO : 0);
}

/* Who gets no regions wants everything protected, as on Linux. */
static bool scan_protects(const struct scan *s, u64 categories, bool found)
{
	return s->arg.flags & PM_SCAN_WP_MATCHING &&
	       (!s->arg.vec || (found && categories & PAGE_IS_WRITTEN));
}

/* [start, end): at most SCAN_STEP pages of one table. */
static int scan_entries(struct scan *s, struct vma *vma, u64 start, u64 end)
{
	u64 words[SCAN_STEP] = { 0 }, which = 0, to, categories;
	int err = 0, protect_err = 0;

	pagemap_vma(vma, start, end, true, words);
	for (u64 va = start, i = 0; va < end && !err; va += PAGE_SIZE, i++) {
		to = va + PAGE_SIZE;
		categories = scan_categories(words[i]) | s->of_vma;
		err = scan_found(s, categories, va, &to);
		if (scan_protects(s, categories, to > va))
			which |= BIT(i);
	}
	gate_point("pagemap_scan.found", vma->mm);
	if (which)
		protect_err = userfaultfd_protect(vma, start, end, &which);
	return protect_err ? protect_err : err;
}

/* Nothing is there, not even a table. */
static int scan_hole(struct scan *s, struct vma *vma, u64 start, u64 end)
{
	int err = scan_found(s, s->of_vma, start, &end), protect_err = 0;

	if (s->arg.flags & PM_SCAN_WP_MATCHING && end > start)
		protect_err = userfaultfd_protect(vma, start, end, NULL);
	return protect_err ? protect_err : err;
}

static int scan_vma(struct scan *s, struct vma *vma, u64 start, u64 end)
{
	u64 next;
	int err = 0;

	for (u64 va = start; va < end && !err; va = next) {
		next = pgtable_next_present(vma->mm, va, end);
		if (next > va) {
			err = scan_hole(s, vma, va, next);
		} else {
			next = min(va + SCAN_STEP * PAGE_SIZE, pgtable_end(va, end));
			err = scan_entries(s, vma, va, next);
		}
		cond_resched();
	}
	return err;
}

/* Is @vma to be looked at? Return: -EPERM: not without protecting it. */
static int scan_enter(struct scan *s, const struct vma *vma, bool *enter)
{
	u64 need = s->arg.mask & PAGE_IS_WPALLOWED, flags = s->arg.flags;
	bool allowed = vma_wp_async(vma);

	*enter = false;
	if (!allowed && flags & PM_SCAN_CHECK_WPASYNC)
		return -EPERM;
	s->of_vma = (allowed ? PAGE_IS_WPALLOWED : 0) |
		    (vma->flags & VM_SOFTDIRTY ? PAGE_IS_SOFT_DIRTY : 0);
	if ((allowed || !(flags & PM_SCAN_WP_MATCHING)) && !(vma->flags & VM_PFNMAP))
		*enter = ((s->of_vma ^ s->arg.inverted) & need) == need;
	return 0;
}

/* From @start on. Return: 0, -ENOSPC, -EPERM, -EINTR, -ENOMEM. */
static int scan_mm(struct scan *s, struct mm *mm, u64 start)
{
	u64 end = s->arg.end;
	bool enter;
	int err = down_read_killable(&mm->mmap_lock);
	struct vma *vma;

	if (err)
		return err;
	for (vma = find_vma(mm, start); !err && vma && vma->start < end; vma = vma_next(vma)) {
		err = scan_enter(s, vma, &enter);
		if (!err && enter)
			err = scan_vma(s, vma, max(start, vma->start), min(end, vma->end));
	}
	up_read(&mm->mmap_lock);
	return err;
}

/* ---- the call ---- */

static int scan_check(struct pm_scan_arg *a)
{
	if (a->size != sizeof(*a) || a->flags & ~(PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC) ||
	    (a->inverted | a->mask | a->anyof | a->wanted) & ~PM_SCAN_CATEGORIES ||
	    !is_aligned(a->start, PAGE_SIZE))
		return -EINVAL;
	if (!access_ok((void __user *)a->start, a->end - a->start))
		return -EFAULT;
	if (!a->vec && a->vec_len)
		return -EINVAL;
	if (a->vec && (a->vec_len > (u64)INT64_MAX / sizeof(struct page_region) ||
		       !access_ok((void __user *)a->vec, a->vec_len * sizeof(struct page_region))))
		return -EFAULT;
	a->end = PAGE_ALIGN(a->end);
	a->walk_end = 0;
	if (!a->max_pages)
		a->max_pages = ~0UL;
	return 0;
}

/* Fill the caller's regions, as many at a time as fit here. Return: how many; -errno. */
static long scan_all(struct scan *s, struct mm *mm)
{
	struct page_region __user *to = (struct page_region __user *)s->arg.vec;
	u64 left = s->arg.vec_len, start = s->arg.start;
	int err = -ENOSPC;
	long done = 0;

	while (err == -ENOSPC && start < s->arg.end && (left || !s->regions) &&
	       s->found < s->arg.max_pages) {
		s->nr = 0;
		s->room = min(SCAN_REGIONS, left);
		err = scan_mm(s, mm, start);
		if (err && err != -ENOSPC)
			return err;
		if (s->nr && copy_to_user(to + done, s->regions, s->nr * sizeof(*to)))
			return -EFAULT;
		done += (long)s->nr;
		left -= s->nr;
		start = s->arg.walk_end;
	}
	if (err != -ENOSPC || start >= s->arg.end)
		s->arg.walk_end = s->arg.end;
	return done;
}

long pagemap_scan(struct mm *mm, void __user *uarg)
{
	struct pm_scan_arg __user *arg = uarg;
	struct scan s = { 0 };
	long done;

	if (copy_from_user(&s.arg, arg, sizeof(s.arg)))
		return -EFAULT;
	done = scan_check(&s.arg);
	if (done)
		return done;
	if (s.arg.vec_len) {
		s.regions = kmalloc_array(min(SCAN_REGIONS, s.arg.vec_len), sizeof(*s.regions),
					  GFP_KERNEL);
		if (!s.regions)
			return -ENOMEM;
	}
	done = scan_all(&s, mm);
	kfree(s.regions);
	if (done >= 0 && put_user(s.arg.walk_end, &arg->walk_end))
		return -EFAULT;
	return done;
}
