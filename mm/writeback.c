/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/writeback.c - dirty pages find their way to the disk
 *
 * Concept    PG_dirty says that a page has bytes which the disk has not. For a file
 *            with a disk the map marks such pages, so that they are found without
 *            looking at the others. set_page_dirty() sets both, and only write_page() and
 *            leaving the file clear them.
 *
 *            Programs and devices write through entries, without calling anybody. So
 *            an entry of a shared mapping becomes writable by a fault, which sets the
 *            page dirty, and write_page() takes the permission away again
 *            (page_mkclean) before it calls the page clean: what is written later
 *            faults, and finds the page clean. Both hold the page lock, so that no
 *            entry becomes writable between the two steps:
 *
 *              write_page                      who writes
 *              lock page
 *              each entry: no write, clean     (fault: waits for the page lock)
 *                second MMUs told
 *              an entry was dirty? so is
 *                the page
 *              PG_dirty = 0                    read(), write(), references: bytes,
 *              mark WRITEBACK; PG_dirty          then set_page_dirty()
 *                still 0? mark DIRTY goes
 *              unlock, submit                  fault: PG_dirty = 1, mark DIRTY, and
 *              ... the device reads the bytes    the entry may write
 *              WRITEBACK goes                  DIRTY stays: written again later
 *
 *            PG_dirty is cleared before the bytes are read, never after: bytes that
 *            change while they are written may or may not reach the disk, but the page
 *            is dirty again.
 *
 *            A failed write sets PG_dirty again, so that nothing is lost, and leaves
 *            a note in the file, which the next fsync or msync reads and takes away.
 *
 *            A thread writes files that have been dirty for long, and any when there is
 *            more dirty than the background limit. Above the limit proper, whoever
 *            makes a page dirty writes himself and waits for the disk.
 * Owns       PG_dirty and PG_writeback of such pages, the marks; the thread.
 * Locks      LOCK_MAPPING for marks and counts. Page lock from taking the permission
 *            to clearing PG_dirty.
 * Invariants under the map's lock: PG_dirty has its mark; PG_writeback and its mark agree;
 *            the counts are right                          writeback_check()
 * Callers    fault.c, mmap.c, rmap.c and whoever writes with a reference: set_page_dirty();
 *            msync.c, fs/block_dev.c, reclaim.c write.
 * Next       rmap.c
 */
#include "mm/writeback.h"

#include "kernel/block/block.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/wait.h"
#include "kernel/time/tick.h"
#include "mm/buddy.h"
#include "mm/check.h"
#include "mm/lockorder.h"
#include "mm/page_io.h"
#include "mm/pagecache.h"
#include "mm/rmap.h"
#include "mm/swap.h"

/* What a writer who is over the limit writes at a time. */
#define BALANCE_PAGES 32

struct writeback_limits writeback_limits = {
	.dirty_ratio = 20, .dirty_background_ratio = 10,
	.dirty_writeback_centisecs = 500, .dirty_expire_centisecs = 3000,
};

/* Files are only added: who has a link to the next one may follow it. */
DEFINE_STATIC_SPINLOCK(files_lock, LOCK_SHMEM);
static LIST_HEAD(files);
static atomic64_t nr_dirty, nr_writeback;	/* the sums over the files */
static struct wait_queue_head thread_wait;
static atomic_t thread_wanted;

/* ---- marks, map locked ---- */

static void mark_dirty_locked(struct address_space *mapping, struct page *page)
{
	assert_held(&mapping->lock);
	if (radix_map_get_mark(&mapping->pages, page->index, PAGECACHE_DIRTY))
		return;
	radix_map_set_mark(&mapping->pages, page->index, PAGECACHE_DIRTY);
	if (!mapping->nr_dirty++)
		mapping->dirtied_ticks = ticks;
	atomic64_inc(&nr_dirty);
}

static void unmark_dirty_locked(struct address_space *mapping, struct page *page)
{
	assert_held(&mapping->lock);
	if (!radix_map_get_mark(&mapping->pages, page->index, PAGECACHE_DIRTY))
		return;
	radix_map_clear_mark(&mapping->pages, page->index, PAGECACHE_DIRTY);
	mapping->nr_dirty--;
	atomic64_dec(&nr_dirty);
}

void writeback_forget_locked(struct address_space *mapping, struct page *page)
{
	unmark_dirty_locked(mapping, page);
}

static void mark_writeback_locked(struct address_space *mapping, struct page *page, bool on)
{
	assert_held(&mapping->lock);
	if (on)
		radix_map_set_mark(&mapping->pages, page->index, PAGECACHE_WRITEBACK);
	else
		radix_map_clear_mark(&mapping->pages, page->index, PAGECACHE_WRITEBACK);
	mapping->nr_writeback += on ? 1 : -1ULL;
	atomic64_add(on ? 1 : -1, &nr_writeback);
}

/* ---- a page becomes dirty ---- */

void set_page_dirty(struct page *page)
{
	struct address_space *mapping = page_backed_mapping(page);

	if (!mapping) {
		page_set(page, PG_dirty);
		return;
	}
	/* The bytes before the look: who clears the flag first reads them afterwards. */
	smp_mb();
	if (page_test(page, PG_dirty))
		return;
	spin_lock(&mapping->lock);
	if (page->mapping == mapping)
		mark_dirty_locked(mapping, page);
	page_set(page, PG_dirty);
	spin_unlock(&mapping->lock);
}

/* ---- a page is written ---- */

/* The device's thread: the page can not have left its file. */
static void write_page_done(struct block_request *io, int error)
{
	struct page *page = io->page;
	struct address_space *mapping = page->mapping;

	if (error) {
		atomic64_inc(&vmstat.file_write_errors);
		WRITE_ONCE(mapping->wb_error, error);
		set_page_dirty(page);
	}
	spin_lock(&mapping->lock);
	mark_writeback_locked(mapping, page, false);
	page_end_writeback(page);
	spin_unlock(&mapping->lock);
	if (!error)
		lru_rotate(page);
	put_page(page);
	gate_point("writeback.written", page);
	page_io_end(io);
}

/* Nobody can write without being heard from here on. Page locked. Return: was it dirty? */
static bool clear_page_dirty_for_io(struct page *page)
{
	if (page_mkclean(page))
		set_page_dirty(page);
	gate_point("writeback.mkclean", page);
	return page_test_and_clear(page, PG_dirty);
}

bool write_page(struct page *page)
{
	struct address_space *mapping = page_backed_mapping(page);

	ASSERT_PAGE(page, mapping && page_test(page, PG_locked) && page_test(page, PG_uptodate));
	ASSERT_PAGE(page, !page_test(page, PG_writeback));
	if (!clear_page_dirty_for_io(page)) {
		page_unlock(page);
		return false;
	}
	get_page(page);
	spin_lock(&mapping->lock);
	page_set(page, PG_writeback);
	mark_writeback_locked(mapping, page, true);
	if (!page_test(page, PG_dirty))
		unmark_dirty_locked(mapping, page);
	spin_unlock(&mapping->lock);
	atomic64_inc(&vmstat.nr_written);
	page_unlock(page);
	gate_point("writeback.submit", page);
	page_io_submit(PAGE_IO_FILE, mapping->bdev, BLOCK_WRITE, page->index, page,
		       write_page_done);
	return true;
}

/* ---- a file is written ---- */

/* The first page with @mark in [*@index, @last], with a reference, or NULL. */
static struct page *next_marked(struct address_space *mapping, u64 *index, u64 last,
				enum radix_mark mark)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = radix_map_next_marked(&mapping->pages, index, mark);
	if (page && *index > last)
		page = NULL;
	if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

/*
 * One page that was marked, with the caller's reference. @wait: for its lock, and for a
 * write that is under way, which may have begun before the last change.
 */
static bool write_marked_page(struct address_space *mapping, struct page *page, bool wait)
{
	if (wait)
		page_lock(page);
	else if (!page_trylock(page))
		return false;
	gate_point("writeback.locked", page);
	if (page->mapping == mapping && page_test(page, PG_dirty)) {
		if (wait)
			page_wait_writeback(page);
		if (!page_test(page, PG_writeback))
			return write_page(page);
	}
	page_unlock(page);
	return false;
}

/* Start to write dirty pages of [@first, @last], at most @max. Once through: it ends. */
static u64 write_range(struct address_space *mapping, u64 first, u64 last, u64 max, bool wait)
{
	struct page *page;
	u64 written = 0;

	for (u64 index = first; written < max; index++) {
		page = next_marked(mapping, &index, last, PAGECACHE_DIRTY);
		if (!page)
			break;
		written += write_marked_page(mapping, page, wait);
		put_page(page);
		cond_resched();
	}
	return written;
}

static void wait_range(struct address_space *mapping, u64 first, u64 last)
{
	struct page *page;

	for (u64 index = first; ; index++) {
		page = next_marked(mapping, &index, last, PAGECACHE_WRITEBACK);
		if (!page)
			break;
		page_wait_writeback(page);
		put_page(page);
	}
}

static void write_and_wait(struct address_space *mapping, u64 first, u64 last)
{
	(void)write_range(mapping, first, last, ~0ULL, true);
	wait_range(mapping, first, last);
}

void writeback_file(struct address_space *mapping)
{
	write_and_wait(mapping, 0, ~0ULL);
}

int filemap_write_and_wait_range(struct address_space *mapping, u64 first, u64 last)
{
	if (!mapping->bdev)
		return 0;
	write_and_wait(mapping, first, last);
	return __atomic_exchange_n(&mapping->wb_error, 0, __ATOMIC_SEQ_CST);
}

struct address_space *writeback_next_file(struct address_space *prev)
{
	struct list_head *pos;

	spin_lock(&files_lock);
	pos = prev ? prev->wb_link.next : files.next;
	spin_unlock(&files_lock);
	return pos == &files ? NULL : list_entry(pos, struct address_space, wb_link);
}

void writeback_sync(void)
{
	struct address_space *mapping = NULL;

	while ((mapping = writeback_next_file(mapping)))
		(void)write_range(mapping, 0, ~0ULL, ~0ULL, true);
	while ((mapping = writeback_next_file(mapping)))
		wait_range(mapping, 0, ~0ULL);
}

/* ---- not too many ---- */

u64 writeback_nr_dirty(void)
{
	return (u64)atomic64_read(&nr_dirty);
}

u64 writeback_nr_writeback(void)
{
	return (u64)atomic64_read(&nr_writeback);
}

static bool over_limit(u64 bytes, u64 ratio)
{
	u64 limit = bytes ? bytes >> PAGE_SHIFT : totalram_pages() * ratio / 100;

	return writeback_nr_dirty() + writeback_nr_writeback() > limit;
}

static bool over_background(void)
{
	return over_limit(READ_ONCE(writeback_limits.dirty_background_bytes),
			  READ_ONCE(writeback_limits.dirty_background_ratio));
}

void balance_dirty_pages(struct address_space *mapping)
{
	if (!mapping || !mapping->bdev)
		return;
	if (over_limit(READ_ONCE(writeback_limits.dirty_bytes),
		       READ_ONCE(writeback_limits.dirty_ratio))) {
		(void)write_range(mapping, 0, ~0ULL, BALANCE_PAGES, false);
		wait_range(mapping, 0, ~0ULL);
	} else if (over_background()) {
		writeback_wake();
	}
}

/* ---- the thread ---- */

void writeback_wake(void)
{
	if (!atomic_xchg(&thread_wanted, 1))
		wake_up(&thread_wait);
}

static u64 centisecs_to_ticks(u64 centisecs)
{
	return centisecs * HZ / 100;
}

static bool file_expired(const struct address_space *mapping)
{
	u64 expire = centisecs_to_ticks(READ_ONCE(writeback_limits.dirty_expire_centisecs));

	return READ_ONCE(mapping->nr_dirty) && ticks - READ_ONCE(mapping->dirtied_ticks) >= expire;
}

static int writeback_thread(void *unused)
{
	struct address_space *mapping = NULL;
	u64 period;

	while (!kthread_should_stop()) {
		period = centisecs_to_ticks(READ_ONCE(writeback_limits.dirty_writeback_centisecs));
		(void)wait_event_interruptible_timeout(&thread_wait, atomic_read(&thread_wanted) ||
						       kthread_should_stop(),
						       period ? period : MAX_SCHEDULE_TIMEOUT);
		/* Below: a request that comes now is served by the next round. */
		atomic_set(&thread_wanted, 0);
		while ((mapping = writeback_next_file(mapping)))
			if (over_background() || file_expired(mapping))
				(void)write_range(mapping, 0, ~0ULL, ~0ULL, false);
	}
	return 0;
}

/* ---- truth ---- */

/* One page of the map against its marks. A locked one may be between two steps. */
static bool page_sound(struct address_space *mapping, u64 index, struct page *page,
		       u64 *dirty, u64 *writeback)
{
	bool marked = radix_map_get_mark(&mapping->pages, index, PAGECACHE_DIRTY);
	bool is_dirty = page_test(page, PG_dirty);	/* before the lock: see write_page() */
	bool written = radix_map_get_mark(&mapping->pages, index, PAGECACHE_WRITEBACK);

	*dirty += marked;
	*writeback += written;
	return page->mapping == mapping && page->index == index && page_count(page) > 0 &&
	       !page_test(page, PG_swapbacked) && !page_test(page, PG_swapcache) &&
	       written == page_test(page, PG_writeback) &&
	       (page_test(page, PG_locked) ||
		(page_test(page, PG_uptodate) && marked == is_dirty));
}

static unsigned int check_mapping(struct address_space *mapping)
{
	u64 index, pages = 0, dirty = 0, writeback = 0, shadows = 0;
	unsigned int faults = 0;
	struct page *page;

	spin_lock(&mapping->lock);
	radix_map_for_each(&mapping->pages, index, page, 0) {
		if (mapping_item_is_shadow(page)) {
			shadows++;
			continue;
		}
		pages++;
		if (page_sound(mapping, index, page, &dirty, &writeback))
			continue;
		check_report(CHECK_CHECK, "page cache: frame %llx at %llx: marks and flags differ",
			     (unsigned long long)page_to_pfn(page).v, (unsigned long long)index);
		page_dump(page, "page cache check");
		faults++;
	}
	if (pages != mapping->nrpages || dirty != mapping->nr_dirty ||
	    writeback != mapping->nr_writeback || shadows != mapping->nrshadows) {
		check_report(CHECK_CHECK, "page cache: %llu pages, %llu dirty, %llu written, "
			     "%llu shadows; counted %llu, %llu, %llu, %llu",
			     (unsigned long long)pages, (unsigned long long)dirty,
			     (unsigned long long)writeback, (unsigned long long)shadows,
			     (unsigned long long)mapping->nrpages,
			     (unsigned long long)mapping->nr_dirty,
			     (unsigned long long)mapping->nr_writeback,
			     (unsigned long long)mapping->nrshadows);
		faults++;
	}
	spin_unlock(&mapping->lock);
	return faults;
}

unsigned int writeback_check(void)
{
	struct address_space *mapping = NULL;
	unsigned int faults = 0;

	while ((mapping = writeback_next_file(mapping)))
		faults += check_mapping(mapping);
	return faults;
}

/* ---- boot ---- */

void writeback_register(struct address_space *mapping)
{
	spin_lock(&files_lock);
	list_add_tail(&mapping->wb_link, &files);
	spin_unlock(&files_lock);
}

void writeback_init(void)
{
	init_waitqueue_head(&thread_wait);
	if (kthread_run(NULL, writeback_thread, NULL, "writeback"))
		panic("no memory for the write-back thread");
}
