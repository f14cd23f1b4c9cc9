/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/writeback.h - dirty pages find their way to the disk
 */
#ifndef MM_WRITEBACK_H
#define MM_WRITEBACK_H

#include "include/types.h"
#include "mm/address_space.h"
#include "mm/page.h"

/*
 * The one door to PG_dirty of pages that programs see: the bytes of @page have been
 * written (or are about to be, through an entry that becomes writable in the same hold
 * of the table lock and of the page lock). Context: a reference, or the entry; takes
 * LOCK_MAPPING; never sleeps.
 */
void set_page_dirty(struct page *page);

/*
 * Start writing the page of a file that has a disk: locked, in its file, not under
 * write-back, up to date. Unlocks it. A page that is clean when every entry has lost its
 * permission to write stays. Context: may sleep. Return: whether it is being written.
 */
bool write_page(struct page *page);

/*
 * Write the pages [@first, @last] that are dirty now, and wait until they and those that
 * were under way are written. Context: may sleep; mmap_lock and outer locks allowed.
 * Return: 0, or -EIO: a write of this file has failed since somebody was told last. The page of
 * a failed write stays dirty.
 */
int __must_check filemap_write_and_wait_range(struct address_space *mapping, u64 first,
					      u64 last);
/* The same for a whole file, and for all; errors are left for fsync. */
void writeback_file(struct address_space *mapping);
void writeback_sync(void);

/*
 * A page of @mapping (any kind) has become dirty: if there are too many, see that they are
 * written, and wait. Context: may sleep for I/O; no page lock held.
 */
void balance_dirty_pages(struct address_space *mapping);

/* @page leaves the map: no mark of it is left. Map locked. */
void writeback_forget_locked(struct address_space *mapping, struct page *page);
/* The file with a disk behind @prev (NULL: the first); NULL: no more. Context: any. */
struct address_space *writeback_next_file(struct address_space *prev);
/* Write-back knows @mapping from now on, for ever. */
void writeback_register(struct address_space *mapping);

/* Limits, as in /proc/sys/vm: bytes count if they are not 0. */
struct writeback_limits {
	u64 dirty_ratio, dirty_background_ratio;	/* per cent of memory */
	u64 dirty_bytes, dirty_background_bytes;
	u64 dirty_writeback_centisecs;	/* how often the thread looks; 0: only when told */
	u64 dirty_expire_centisecs;	/* a file that was dirty so long is written */
};
extern struct writeback_limits writeback_limits;
/* The thread looks now. Context: any. */
void writeback_wake(void);

/* Pages of all files with a disk. Context: any. */
u64 writeback_nr_dirty(void);
u64 writeback_nr_writeback(void);
/* Marks against flags and counts. Return: number of faults reported. */
unsigned int writeback_check(void);
void writeback_init(void);

#endif
