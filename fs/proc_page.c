/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/proc_page.c - /proc/kpagecount and kpageflags: a word for each frame
 *
 * Concept    What pagemap names by its frame number is described here, in Linux's
 *            format: how many entries map it, and what its flags are.
 * Owns       The format of the flags.
 * Locks      None: each frame is looked at once, in passing.
 * Invariants None.
 * Callers    fs/vfs.c
 * Next       fs/proc_sys.c
 */
#include "fs/internal.h"
#include "fs/proc.h"
#include "kernel/lib/panic.h"
#include "mm/anon.h"
#include "mm/page.h"

enum kpage_flag {
	KPF_LOCKED = 0, KPF_ERROR = 1, KPF_REFERENCED = 2, KPF_UPTODATE = 3, KPF_DIRTY = 4,
	KPF_LRU = 5, KPF_ACTIVE = 6, KPF_SLAB = 7, KPF_WRITEBACK = 8, KPF_BUDDY = 10,
	KPF_MMAP = 11, KPF_ANON = 12, KPF_SWAPCACHE = 13, KPF_SWAPBACKED = 14,
	KPF_COMPOUND_HEAD = 15, KPF_COMPOUND_TAIL = 16, KPF_UNEVICTABLE = 18,
	KPF_ZERO_PAGE = 24, KPF_IDLE = 25, KPF_PGTABLE = 26, KPF_RESERVED = 32, KPF_MLOCKED = 33,
};

static bool kpage_is_user(const struct page *page)
{
	return !(page->flags & (BIT(PG_slab) | BIT(PG_table) | BIT(PG_buddy) | BIT(PG_tail) |
				BIT(PG_reserved))) && page_count(page) > 0;
}

static u64 kpage_flags(const struct page *page)
{
	static const struct { enum page_flag ours; enum kpage_flag theirs; } same[] = {
		{ PG_locked, KPF_LOCKED }, { PG_error, KPF_ERROR },
		{ PG_referenced, KPF_REFERENCED }, { PG_uptodate, KPF_UPTODATE },
		{ PG_dirty, KPF_DIRTY }, { PG_lru, KPF_LRU }, { PG_active, KPF_ACTIVE },
		{ PG_slab, KPF_SLAB }, { PG_writeback, KPF_WRITEBACK },
		{ PG_swapcache, KPF_SWAPCACHE }, { PG_swapbacked, KPF_SWAPBACKED },
		{ PG_head, KPF_COMPOUND_HEAD }, { PG_tail, KPF_COMPOUND_TAIL },
		{ PG_unevictable, KPF_UNEVICTABLE }, { PG_table, KPF_PGTABLE },
		{ PG_reserved, KPF_RESERVED }, { PG_mlocked, KPF_MLOCKED },
		{ PG_idle, KPF_IDLE },
	};
	u64 word = 0;

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		if (page_test(page, same[i].ours))
			word |= BIT(same[i].theirs);
	if (page_state(page) == PAGE_FREE)
		word |= BIT(KPF_BUDDY);
	if (page == zero_page)
		word |= BIT(KPF_ZERO_PAGE);
	if (kpage_is_user(page) && page_mapped(page))
		word |= BIT(KPF_MMAP);
	if (kpage_is_user(page) && page_is_anon(page))
		word |= BIT(KPF_ANON);
	return word;
}

static u64 kpage_count(const struct page *page)
{
	return kpage_is_user(page) ? (u64)page_mapcount(page) : 0;
}

static ssize_t kpage_read(struct iobuf *io, loff_t *pos, u64 (*tell)(const struct page *page))
{
	u64 pfn = (u64)*pos / sizeof(u64), word;
	ssize_t done = 0;

	if (*pos % sizeof(u64) || io->left % sizeof(u64))
		return -EINVAL;
	for (; io->left && pfn < max_pfn; pfn++) {
		word = tell(pfn_to_page(pfn_make(pfn)));
		if (iobuf_copy_to(io, &word, sizeof(word)) != sizeof(word))
			return done ? done : -EFAULT;
		done += sizeof(word);
		*pos += sizeof(word);
	}
	return done;
}

static ssize_t kpageflags_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	return kpage_read(io, pos, kpage_flags);
}

static ssize_t kpagecount_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	return kpage_read(io, pos, kpage_count);
}

static const struct file_operations kpageflags_fops = { .read = kpageflags_read };
static const struct file_operations kpagecount_fops = { .read = kpagecount_read };

void proc_page_init(void)
{
	if (proc_create_fops("kpageflags", 0400, &kpageflags_fops) ||
	    proc_create_fops("kpagecount", 0400, &kpagecount_fops))
		panic("no memory for /proc");
}
