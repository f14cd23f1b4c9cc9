/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/vmalloc.c - kernel memory that is contiguous in address only
 *
 * Concept    A range of kernel addresses, single frames behind it, and an
 *            unmapped guard page after it:
 *
 *              | range | guard |  range  | guard | ... window_end
 *                              ^ next
 *
 *            Addresses are given out upward from where the last one ended, and
 *            from the bottom again at the end of the window, so that a freed
 *            address is not used soon: a stale pointer faults. The window starts
 *            small with all its tables made, and grows by one step when it is
 *            full. Ranges are kept in a tree by address.
 *
 *            A range leaves the tree only after every CPU has dropped it: its
 *            addresses cannot come back with a stale translation.
 *
 *            For that a thread's end would interrupt every CPU. So a few stacks of
 *            threads that have ended stay mapped, for those who are born next.
 * Owns       The tree of ranges; the entries of kernel_pgd between VMALLOC_START
 *            and VMALLOC_END; the kept stacks.
 * Locks      LOCK_VMALLOC (spin): the tree, the window, the kept stacks. Entries of a
 *            range belong to whoever made or frees it.
 * Invariants an entry is present iff its page is in a range      vmalloc_check()
 * Callers    the scheduler (kernel stacks), whoever needs large arrays.
 * Next       pgtable.c
 */
#include "mm/vmalloc.h"

#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/string.h"
#include "kernel/sched/hooks.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "mm/gfp.h"
#include "mm/pgtable.h"
#include "mm/slab.h"
#include "mm/tlb.h"

#define WINDOW_STEP (64UL << 20)
#define STACKS_KEPT 16

struct vmap_range {
	struct rb_node node;
	unsigned long start, end;	/* guard page not included */
};

static struct {
	struct spinlock lock;
	struct rb_root ranges;
	unsigned long next, window_end;
	u64 nr_ranges, nr_pages, nr_tables;
	void *kept[STACKS_KEPT];
	unsigned int nr_kept;
} vmap;

/* Freed in atomic context: a lockless stack, linked through the freed memory itself. */
struct vmap_deferred {
	struct vmap_deferred *next;
};
static struct vmap_deferred *vmap_deferred;

/* ---- addresses ---- */

/* The range with the lowest end above @addr, or NULL. */
static struct vmap_range *vmap_find_locked(unsigned long addr)
{
	struct rb_node *node = vmap.ranges.rb_node;
	struct vmap_range *best = NULL;

	assert_held(&vmap.lock);
	while (node) {
		struct vmap_range *r = rb_entry(node, struct vmap_range, node);

		if (r->end + PAGE_SIZE > addr) {
			best = r;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

static void vmap_insert_locked(struct vmap_range *range)
{
	struct rb_node **link = &vmap.ranges.rb_node, *parent = NULL;

	assert_held(&vmap.lock);
	while (*link) {
		struct vmap_range *r = rb_entry(*link, struct vmap_range, node);

		parent = *link;
		ASSERT(range->end + PAGE_SIZE <= r->start || range->start >= r->end + PAGE_SIZE);
		link = range->start < r->start ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&range->node, parent, link);
	rb_insert_color(&range->node, &vmap.ranges);
	vmap.nr_ranges++;
}

/* First hole of @size bytes in [from, to), or 0. */
static unsigned long vmap_hole_locked(unsigned long from, unsigned long to, unsigned long size)
{
	struct vmap_range *r = vmap_find_locked(from);

	while (r && r->start < from + size) {
		struct rb_node *next = rb_next(&r->node);

		from = r->end + PAGE_SIZE;
		r = next ? rb_entry(next, struct vmap_range, node) : NULL;
	}
	return from + size <= to ? from : 0;
}

/* Give @range an address. Return: false: the window is full. */
static bool vmap_place(struct vmap_range *range, size_t size)
{
	unsigned long span = size + PAGE_SIZE;
	unsigned long at;

	spin_lock(&vmap.lock);
	at = vmap_hole_locked(vmap.next, vmap.window_end, span);
	if (!at)
		at = vmap_hole_locked(VMALLOC_START, vmap.window_end, span);
	if (at) {
		range->start = at;
		range->end = at + size;
		vmap_insert_locked(range);
		vmap.next = at + span;
	}
	spin_unlock(&vmap.lock);
	return at != 0;
}

static void vmap_erase(struct vmap_range *range)
{
	spin_lock(&vmap.lock);
	rb_erase(&range->node, &vmap.ranges);
	vmap.nr_ranges--;
	spin_unlock(&vmap.lock);
}

/* Make the tables for the next step of the window. May sleep. */
static int vmap_grow(size_t size)
{
	unsigned long start = READ_ONCE(vmap.window_end);
	unsigned long end = start + round_up(size + PAGE_SIZE, WINDOW_STEP);
	pte_t *entry;
	int err = 0;

	if (end > VMALLOC_END)
		return -ENOMEM;
	for (unsigned long va = start; va < end && !err; va += pt_size(2))
		err = pt_alloc(NULL, kernel_pgd, va, &entry);
	spin_lock(&vmap.lock);
	if (!err && vmap.window_end == start) {
		vmap.window_end = end;
		vmap.nr_tables += (end - start) / pt_size(2);
	}
	spin_unlock(&vmap.lock);
	return err;
}

static struct vmap_range *vmap_range_new(size_t size)
{
	struct vmap_range *range = kmalloc(sizeof(*range), GFP_KERNEL);

	if (!range)
		return NULL;
	while (!vmap_place(range, size)) {
		if (vmap_grow(size)) {
			kfree(range);
			return NULL;
		}
	}
	return range;
}

/* ---- frames behind them ---- */

static pte_t *vmap_entry(unsigned long va)
{
	struct pt_place at = pt_walk(&pt_format_cpu, kernel_pgd, va, 1);

	ASSERT(at.level == 1);
	return at.entry;
}

/* The entry of @va; @before is that of the page below it, or NULL. */
static pte_t *vmap_next_entry(pte_t *before, unsigned long va)
{
	return before && va % pt_size(2) ? before + 1 : vmap_entry(va);
}

static int vmap_fill(struct vmap_range *range, gfp_t gfp)
{
	pte_t *entry = NULL;

	for (unsigned long va = range->start; va < range->end; va += PAGE_SIZE) {
		struct page *page = alloc_page(gfp);

		if (!page)
			return -ENOMEM;
		entry = vmap_next_entry(entry, va);
		ASSERT(pte_none(pte_read(entry)));
		pte_store(entry, pte_make(page_to_pfn(page).v, PROT_KERNEL));
	}
	return 0;
}

/* Clear, flush every CPU, then free; the same order as for user pages. */
static void vmap_empty(struct vmap_range *range)
{
	struct page *first = NULL;
	pte_t *entry = NULL;
	u64 nr = 0;

	for (unsigned long va = range->start; va < range->end; va += PAGE_SIZE) {
		struct page *page;
		pte_t old;

		entry = vmap_next_entry(entry, va);
		old = pte_exchange(entry, pte_make_none());
		if (!pte_present(old))
			continue;
		page = pfn_to_page(pfn_make(pte_pfn(old)));
		page->private = (u64)first;
		first = page;
		nr++;
	}
	if (!first)
		return;
	flush_tlb_kernel_range(range->start, range->end);
	while (first) {
		struct page *page = first;

		first = (struct page *)page->private;
		page->private = 0;
		put_page(page);
	}
	__atomic_fetch_sub(&vmap.nr_pages, nr, __ATOMIC_RELAXED);
}

static void vmap_release(struct vmap_range *range)
{
	vmap_empty(range);
	vmap_erase(range);
	kfree(range);
}

static struct vmap_range *vmap_range_of(const void *addr)
{
	struct vmap_range *range;

	spin_lock(&vmap.lock);
	range = vmap_find_locked((unsigned long)addr);
	spin_unlock(&vmap.lock);
	ASSERT_MSG(range && range->start == (unsigned long)addr, "vfree(%lx): no such range",
		   (unsigned long)addr);
	return range;
}

static void vmap_release_deferred(void)
{
	struct vmap_deferred *d;

	if (likely(!READ_ONCE(vmap_deferred)))
		return;
	d = xchg(&vmap_deferred, NULL);
	while (d) {
		struct vmap_deferred *next = d->next;

		vmap_release(vmap_range_of(d));
		d = next;
	}
}

/* ---- the calls ---- */

static void *vmap_alloc(size_t size, gfp_t gfp)
{
	struct vmap_range *range;

	size = PAGE_ALIGN(size);
	if (!size || size >> PAGE_SHIFT > max_pfn || should_fail(INJECT_VMALLOC))
		return NULL;
	vmap_release_deferred();
	range = vmap_range_new(size);
	if (!range)
		return NULL;
	__atomic_fetch_add(&vmap.nr_pages, size >> PAGE_SHIFT, __ATOMIC_RELAXED);
	if (vmap_fill(range, gfp)) {
		u64 before = size >> PAGE_SHIFT, mapped = 0;

		for (unsigned long va = range->start; va < range->end; va += PAGE_SIZE)
			mapped += pte_present(pte_read(vmap_entry(va)));
		__atomic_fetch_sub(&vmap.nr_pages, before - mapped, __ATOMIC_RELAXED);
		vmap_release(range);
		return NULL;
	}
	return (void *)range->start;
}

void *vmalloc(size_t size)
{
	return vmap_alloc(size, GFP_KERNEL);
}

void *vzalloc(size_t size)
{
	return vmap_alloc(size, GFP_KERNEL | __GFP_ZERO);
}

void vfree(const void *addr)
{
	if (!addr)
		return;
	ASSERT(!irqs_disabled());
	vmap_release_deferred();
	vmap_release(vmap_range_of(addr));
}

void vfree_deferred(void *addr)
{
	struct vmap_deferred *d = addr;

	d->next = READ_ONCE(vmap_deferred);
	while (!try_cmpxchg(&vmap_deferred, &d->next, d))
		;
}

/* ---- questions ---- */

bool is_vmalloc_addr(const void *addr)
{
	return (unsigned long)addr >= VMALLOC_START && (unsigned long)addr < VMALLOC_END;
}

u64 vmalloc_to_phys(const void *addr)
{
	pte_t entry;

	if (!is_vmalloc_addr(addr))
		return virt_to_phys(addr);
	entry = pte_read(vmap_entry((unsigned long)addr));
	ASSERT_MSG(pte_present(entry), "vmalloc_to_phys(%lx)", (unsigned long)addr);
	return (pte_pfn(entry) << PAGE_SHIFT) | ((unsigned long)addr & ~PAGE_MASK);
}

/* A fault report asks, perhaps with the lock held by the faulting CPU itself. */
bool vmalloc_is_guard(unsigned long addr, unsigned long *start, unsigned long *end)
{
	struct vmap_range *range;
	bool guard = false;

	if (!is_vmalloc_addr((void *)addr) || !spin_trylock(&vmap.lock))
		return false;
	range = vmap_find_locked(addr);
	if (range && addr >= range->end) {
		*start = range->start;
		*end = range->end;
		guard = true;
	}
	spin_unlock(&vmap.lock);
	return guard;
}

void vmalloc_info(struct vmalloc_info *out)
{
	spin_lock(&vmap.lock);
	out->ranges = vmap.nr_ranges;
	out->pages = READ_ONCE(vmap.nr_pages);
	out->tables = vmap.nr_tables;
	spin_unlock(&vmap.lock);
}

static unsigned int vmap_count_present(unsigned long start, unsigned long end)
{
	unsigned int n = 0;

	for (unsigned long va = start; va < end; va += PAGE_SIZE)
		n += pte_present(pte_read(vmap_entry(va)));
	return n;
}

unsigned int vmalloc_check(void)
{
	unsigned long at = VMALLOC_START;
	unsigned int stray = 0;
	struct vmap_range *range;

	spin_lock(&vmap.lock);
	rb_for_each_entry(range, &vmap.ranges, node) {
		stray += vmap_count_present(at, range->start);
		at = range->end;
	}
	stray += vmap_count_present(at, vmap.window_end);
	spin_unlock(&vmap.lock);
	if (stray)
		check_report(CHECK_CHECK, "vmalloc: %u pages mapped outside every range", stray);
	return stray;
}

/* ---- what a task is made of: its structure and its stack ---- */

static struct kmem_cache *task_cache;

static void *vmap_task_alloc(size_t size)
{
	(void)size;
	return kmem_cache_zalloc(task_cache, GFP_KERNEL);
}

static void vmap_task_free(void *task)
{
	kmem_cache_free(task_cache, task);
}

/* Return: a kept stack, or NULL. */
static void *vmap_stack_take(void)
{
	void *stack = NULL;

	spin_lock(&vmap.lock);
	if (vmap.nr_kept)
		stack = vmap.kept[--vmap.nr_kept];
	spin_unlock(&vmap.lock);
	return stack;
}

static void vmap_stack_free(void *stack)
{
	spin_lock(&vmap.lock);
	if (vmap.nr_kept < STACKS_KEPT) {
		vmap.kept[vmap.nr_kept++] = stack;
		stack = NULL;
	}
	spin_unlock(&vmap.lock);
	vfree(stack);
}

static void *vmap_stack_alloc(void)
{
	void *stack = vmap_stack_take();

	if (!stack)
		return vmalloc(KERNEL_STACK_SIZE);
	if (!should_fail(INJECT_VMALLOC))
		return stack;
	vmap_stack_free(stack);
	return NULL;
}

void vmalloc_drop_stacks(void)
{
	void *stack;

	while ((stack = vmap_stack_take()))
		vfree(stack);
}

void vmalloc_init(void)
{
	spin_lock_init(&vmap.lock, LOCK_VMALLOC, "vmalloc");
	vmap.next = VMALLOC_START + PAGE_SIZE;	/* a guard below the first range, too */
	vmap.window_end = VMALLOC_START;
	if (vmap_grow(WINDOW_STEP - PAGE_SIZE))
		panic("no memory for the tables of vmalloc");
	task_cache = kmem_cache_create("task", sizeof(struct task), 64, SLAB_PANIC, NULL);
	sched_hooks.task_mem_alloc = vmap_task_alloc;
	sched_hooks.task_mem_free = vmap_task_free;
	sched_hooks.stack_alloc = vmap_stack_alloc;
	sched_hooks.stack_free = vmap_stack_free;
}
