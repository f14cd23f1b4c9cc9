/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/notifier_toys.c - what tests of the notifier contract share
 *
 * Concept    Promises such as "at start the pages are still there" hold at each
 *            place that changes entries. A test of one takes the list of places
 *            and looks around in each, from inside a recorder's calls.
 * Owns       struct toy_holder, struct toy_scene.
 * Locks      none of its own.
 * Callers    tests/kernel/test_notifier_*.c
 */
#include "tests/kernel/notifier_toys.h"

#include "fs/vfs.h"
#include "include/uapi/falloc.h"
#include "include/uapi/mman.h"
#include "mm/clear_refs.h"
#include "mm/userfaultfd.h"
#include "mm/filemap.h"
#include "mm/nonlinear.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/toy_mirror.h"

#define P(n) ((n) * PAGE_SIZE)

/* ---- recorders ---- */

struct recorder *toy_recorder(struct mm *mm, const struct mmu_notifier_ops *ops)
{
	struct recorder *rec = KT_GET(kzalloc(sizeof(*rec), GFP_KERNEL));

	if (!KT_CHECK(rec))
		return NULL;
	recorder_init(rec, ops);
	if (KT_CHECK_EQ(mmu_notifier_register(&rec->mn, mm), 0))
		return rec;
	kfree(rec);
	return NULL;
}

void toy_recorder_end(struct recorder *rec)
{
	if (!rec)
		return;
	mmu_notifier_unregister(&rec->mn, rec->mn.mm);
	KT_CHECK_EQ(atomic_read(&rec->open), 0);
	KT_CHECK_EQ(atomic_read(&rec->went_negative), 0);
	kfree(rec);
}

/* ---- brackets ---- */

void toy_bracket(struct mm *mm, unsigned long start, unsigned long end)
{
	struct mmu_notifier_range range;

	down_read(&mm->mmap_lock);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				start, end);
	mmu_notifier_invalidate_range_start(&range);
	mmu_notifier_invalidate_range_end(&range);
	up_read(&mm->mmap_lock);
}

static int holder_main(void *data)
{
	struct toy_holder *h = data;
	struct mmu_notifier_range range;

	down_read(&h->mm->mmap_lock);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, h->mm,
				h->start, h->end);
	mmu_notifier_invalidate_range_start(&range);
	complete(&h->opened);
	wait_for_completion(&h->close);
	mmu_notifier_invalidate_range_end(&range);
	up_read(&h->mm->mmap_lock);
	return 0;
}

bool toy_hold(struct toy_holder *h, struct mm *mm, unsigned long start, unsigned long end)
{
	*h = (struct toy_holder){ .mm = mm, .start = start, .end = end };
	init_completion(&h->opened);
	init_completion(&h->close);
	h->task = kt_spawn(holder_main, h);
	if (!h->task)
		return false;
	wait_for_completion(&h->opened);
	return true;
}

void toy_let_go(struct toy_holder *h)
{
	complete(&h->close);
	KT_CHECK_EQ(kt_join(h->task), 0);
}

/* ---- every way in which present entries change ---- */

static void change_munmap(struct toy_scene *scene)
{
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(SITE_PAGES)), 0);
}

static void change_discard(struct toy_scene *scene)
{
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(SITE_PAGES), MADV_DONTNEED), 0);
}

static void change_to_guards(struct toy_scene *scene)
{
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(SITE_PAGES), MADV_GUARD_INSTALL), 0);
}

static void change_order(struct toy_scene *scene)
{
	KT_CHECK_EQ(sys_remap_file_pages(FX_BASE, P(SITE_PAGES), 0, 1, MAP_NONBLOCK), 0);
}

/* Pages at places that the reverse map cannot compute. */
static void change_unmap(struct toy_scene *scene)
{
	for (unsigned long i = 0; i < SITE_PAGES; i++) {
		struct page *page = fx_page(scene->mm, FX_BASE + P(i));
		int tries = 3;

		page_lock(page);
		while (page_mapped(page) && tries--)
			(void)try_to_unmap(page, TTU_IGNORE_ACCESS);
		KT_CHECK(!page_mapped(page));
		page_unlock(page);
	}
}

static void change_to_free(struct toy_scene *scene)
{
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(SITE_PAGES), MADV_FREE), 0);
}

static void change_protection(struct toy_scene *scene)
{
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(SITE_PAGES), PROT_READ), 0);
}

static void change_address(struct toy_scene *scene)
{
	unsigned long to = FX_BASE + P(64);

	KT_CHECK_EQ(sys_mremap(FX_BASE, P(SITE_PAGES), P(SITE_PAGES),
			       MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
}

static void change_fork(struct toy_scene *scene)
{
	scene->relative = fx_fork(scene->mm);
}

/* Copy on write: the other owner keeps the old pages. */
static void change_copy(struct toy_scene *scene)
{
	for (unsigned long i = 0; i < SITE_PAGES; i++)
		fx_put(FX_BASE + P(i), 100 + i);
}

static void change_swap_out(struct toy_scene *scene)
{
	for (unsigned long i = 0; i < SITE_PAGES; i++)
		KT_CHECK(fx_swap_out(scene->mm, FX_BASE + P(i)));
}

static void change_hole(struct toy_scene *scene)
{
	KT_CHECK_EQ(vfs_fallocate(scene->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				  P(SITE_PAGES)), 0);
}

static void change_truncate(struct toy_scene *scene)
{
	KT_CHECK_EQ(vfs_truncate(scene->file->inode, 0), 0);
}

static void change_marks(struct toy_scene *scene)
{
	KT_CHECK_EQ(mm_clear_refs(scene->mm, CLEAR_REFS_SOFT_DIRTY), 0);
}

/* Who writes asks first. */
static void change_to_asking(struct toy_scene *scene)
{
	if (!KT_CHECK_EQ(userfaultfd_alloc(scene->mm, false, &scene->uffd), 0))
		return;
	KT_CHECK_EQ(userfaultfd_register(scene->uffd, FX_BASE, P(SITE_PAGES),
					 UFFDIO_REGISTER_MODE_WP), 0);
	KT_CHECK_EQ(userfaultfd_writeprotect(scene->uffd, FX_BASE, P(SITE_PAGES), true), 0);
}

/* To where a program answers the faults. */
static void change_place(struct toy_scene *scene)
{
	unsigned long to = FX_BASE + P(64);

	if (!fx_map(scene->mm, to, SITE_PAGES, FX_RW) ||
	    !KT_CHECK_EQ(userfaultfd_alloc(scene->mm, false, &scene->uffd), 0))
		return;
	KT_CHECK_EQ(userfaultfd_register(scene->uffd, to, P(SITE_PAGES),
					 UFFDIO_REGISTER_MODE_MISSING), 0);
	KT_CHECK_EQ(userfaultfd_move(scene->uffd, to, FX_BASE, P(SITE_PAGES), false),
		    P(SITE_PAGES));
}

static void change_to_clean(struct toy_scene *scene)
{
	KT_CHECK_EQ(dx_fsync(&scene->disk), 0);
}

const struct toy_site toy_sites[] = {
	{ .name = "munmap", .event = MMU_NOTIFY_UNMAP, .change = change_munmap },
	{ .name = "discard", .event = MMU_NOTIFY_CLEAR, .change = change_discard },
	{ .name = "guard", .event = MMU_NOTIFY_CLEAR, .change = change_to_guards },
	{ .name = "lazy free", .event = MMU_NOTIFY_CLEAR, .change = change_to_free },
	{ .name = "mprotect", .event = MMU_NOTIFY_PROTECTION_VMA, .change = change_protection },
	{ .name = "mremap", .event = MMU_NOTIFY_UNMAP, .change = change_address },
	{ .name = "fork", .event = MMU_NOTIFY_PROTECTION_PAGE, .change = change_fork },
	{ .name = "copy", .event = MMU_NOTIFY_CLEAR, .shared = true, .change = change_copy },
	{ .name = "swap out", .event = MMU_NOTIFY_CLEAR, .swap = true, .change = change_swap_out },
	{ .name = "soft-dirty", .event = MMU_NOTIFY_SOFT_DIRTY, .change = change_marks },
	{ .name = "write protection", .event = MMU_NOTIFY_PROTECTION_VMA,
	  .change = change_to_asking },
	{ .name = "write protection of a file", .event = MMU_NOTIFY_PROTECTION_VMA, .file = true,
	  .change = change_to_asking },
	{ .name = "move", .event = MMU_NOTIFY_CLEAR, .change = change_place },
	{ .name = "remap", .event = MMU_NOTIFY_CLEAR, .file = true, .change = change_order },
	{ .name = "nonlinear truncate", .event = MMU_NOTIFY_CLEAR, .file = true,
	  .nonlinear = true, .change = change_truncate },
	{ .name = "nonlinear unmap", .event = MMU_NOTIFY_CLEAR, .file = true,
	  .nonlinear = true, .change = change_unmap },
	{ .name = "hole", .event = MMU_NOTIFY_CLEAR, .file = true, .change = change_hole },
	{ .name = "write-back", .event = MMU_NOTIFY_PROTECTION_PAGE, .disk = true,
	  .change = change_to_clean },
	{ .name = "truncate", .event = MMU_NOTIFY_CLEAR, .file = true, .change = change_truncate },
};
const unsigned int nr_toy_sites = ARRAY_SIZE(toy_sites);

static bool scene_map_file(struct toy_scene *scene)
{
	unsigned long out;

	return KT_CHECK_EQ(tmpfs_file_anon(P(SITE_PAGES), &scene->file), 0) &&
	       KT_CHECK_EQ(vm_mmap(scene->mm, scene->file, FX_BASE, P(SITE_PAGES), FX_RW,
				   MAP_SHARED | MAP_FIXED, 0, &out), 0);
}

static bool scene_map_disk(struct toy_scene *scene)
{
	return dx_have() && dx_up(&scene->disk) &&
	       dx_map(scene->mm, &scene->disk, FX_BASE, SITE_PAGES, 0, MAP_SHARED);
}

bool toy_scene_up(struct toy_scene *scene, const struct toy_site *site)
{
	bool ok;

	*scene = (struct toy_scene){ .mm = fx_mm() };
	if (!scene->mm)
		return false;
	if (site->file)
		ok = scene_map_file(scene);
	else if (site->disk)
		ok = scene_map_disk(scene);
	else
		ok = fx_map(scene->mm, FX_BASE, SITE_PAGES, FX_RW) == FX_BASE;
	if (site->swap)
		ok = ok && fx_have_swap();
	for (unsigned long i = 0; ok && site->nonlinear && i < SITE_PAGES; i++)
		ok = !KT_TRY(sys_remap_file_pages(FX_BASE + P(i), P(1), 0, SITE_PAGES - 1 - i, 0));
	for (unsigned long i = 0; ok && i < SITE_PAGES; i++)
		ok = fx_put(FX_BASE + P(i), i);
	if (ok && site->shared) {
		scene->relative = fx_fork(scene->mm);
		ok = scene->relative;
	}
	if (!ok)
		toy_scene_down(scene);
	return ok;
}

void toy_scene_down(struct toy_scene *scene)
{
	if (scene->relative)
		mmput(scene->relative);
	if (scene->uffd)
		userfaultfd_release(scene->uffd);
	fx_drop(scene->mm);
	if (scene->file)
		file_put(scene->file);
	if (scene->disk.bdev)
		dx_down(&scene->disk);
}

/* ---- a look at each of them ---- */

struct mirror toy_mirror;

static void check_begin(struct toy_check *check, struct mm *mm)
{
	u64 word;

	*check = (struct toy_check){ 0 };
	for (unsigned long i = 0; i < SITE_PAGES; i++) {
		KT_CHECK_EQ(mirror_read(&toy_mirror, FX_BASE + P(i), &word), 0);
		check->page[i] = fx_page(mm, FX_BASE + P(i));
	}
}

void toy_at_every_site(const struct mmu_notifier_ops *ops,
		       void (*look)(struct recorder *rec, const struct recorded_call *call),
		       void (*after)(struct toy_scene *scene, struct toy_check *check))
{
	for (unsigned int s = 0; s < nr_toy_sites && !ktest_failed(); s++) {
		const struct toy_site *site = &toy_sites[s];
		struct toy_scene scene;
		struct toy_check check;
		struct recorder *rec;

		if (!toy_scene_up(&scene, site))
			continue;
		rec = toy_recorder(scene.mm, ops);
		if (rec && KT_CHECK_EQ(mirror_open(&toy_mirror, scene.mm, FX_BASE), 0)) {
			check_begin(&check, scene.mm);
			rec->arg = &check;
			rec->look = look;
			site->change(&scene);
			rec->look = NULL;
			if (after)
				after(&scene, &check);
			mirror_close(&toy_mirror);
			if (check.looked < SITE_PAGES || check.wrong)
				ktest_fail(__FILE__, __LINE__, "%s: %u pages seen, %u wrong",
					   site->name, check.looked, check.wrong);
		}
		toy_recorder_end(rec);
		toy_scene_down(&scene);
	}
}
