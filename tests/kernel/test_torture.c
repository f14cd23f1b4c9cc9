/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_torture.c - suite torture: everything at once, and every byte verified
 *
 * Concept    One mm with twelve regions (torture.h), two of each kind of memory, under
 *            second MMUs of each kind:
 *
 *            12 owners       change their region in all the ways below
 *            3 readers       verify any page of any region: by CPU, device, mirror,
 *                            TLBs in both protocols, reference, call
 *            2 forkers       make children, verify that each keeps what it began with,
 *                            and write into it; the child has a device of its own
 *            a copier        the DMA engine copies pages into memory of its own
 *            a reclaimer, a swapper (swapoff, swapon), a churner (second MMUs come and
 *            go), a forgetter (soft-dirty and accessed marks)
 *
 *            It ends after ktest.torture= seconds, or some changes. What an owner does is
 *            drawn from ktest.torture.seed=; what the others meet depends on the machine.
 * Owns       struct torture.
 * Locks      None of its own.
 * Callers    ktest
 */
#include "tests/kernel/torture.h"

#include "arch/x86/cpu/vectors.h"
#include "drivers/dma/emul/hw.h"
#include "drivers/iommu/sva.h"
#include "fs/vfs.h"
#include "include/uapi/falloc.h"
#include "include/uapi/lockstep/dma.h"
#include "kernel/block/block.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"
#include "mm/check.h"
#include "mm/clear_refs.h"
#include "mm/gup.h"
#include "mm/interval_notifier.h"
#include "mm/mlock.h"
#include "mm/nonlinear.h"
#include "mm/pagemap.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
#define REGIONS (2U * NR_REGION_KINDS)
#define READERS 3U
#define FORKERS 2U
#define HELPERS (READERS + FORKERS + 5)
#define DMA_VA 0x30000000UL		/* its ring, and a page to copy to */
#define DMA_CHANNEL (NR_DMA_CHANNELS - 2)
#define DMA_ENTRIES 16U
#define PATIENCE (20 * HZ)
#define CHANGES 100			/* by owners, at least, however slow the machine */

struct torture {
	struct mm *mm;
	struct iommu_sva *sva;
	struct region region[REGIONS];
	struct toy_tlb point, pair;
	bool stop, swap;
	u64 forgotten;			/* times that marks were cleared; odd: they are being */
	atomic64_t changes, reads, forks, copies, swapoffs, churns, synced, marks;
};

static struct torture torture;
/* Engines can not be detached, so they stay for the next run. */
static struct iommu_engine *engines[REGIONS + READERS];
static u64 torture_ticks, torture_seed = 1;

static bool torture_over(void)
{
	return READ_ONCE(torture.stop) || ktest_failed();
}

static struct region *any_region(struct rand_state *rand)
{
	return &torture.region[rand_below(rand, REGIONS)];
}

/* ---- what an owner does to pages [first, last) ---- */

struct move {
	struct region *r;
	unsigned long first, last;
	unsigned long va, len;
};

static void move_write(struct move *m)
{
	for (unsigned long i = m->first; i < m->last; i++)
		region_write(m->r, i);
}

/* Who writes through the address space leaves a mark, whatever becomes of the page. */
static void move_mark(struct move *m)
{
	u64 before = smp_load_acquire(&torture.forgotten), word;
	bool through = region_write(m->r, m->first);

	if (!KT_CHECK_EQ(pagemap_read(m->r->mm, m->va, 1, false, &word), 0))
		return;
	smp_rmb();
	if (!through || before & 1 || READ_ONCE(torture.forgotten) != before)
		return;
	KT_CHECK(word & PM_SOFT_DIRTY);
	atomic64_inc(&torture.marks);
}

static void move_discard(struct move *m)
{
	bool gone = !region_is_shared(m->r);

	if (gone)
		cells_begin(m->r, m->first, m->last);
	KT_CHECK_EQ(sys_madvise(m->va, m->len, MADV_DONTNEED), 0);
	if (gone)
		cells_end_unwritten(m->r, m->first, m->last);
}

/* Until it is written again nobody knows what is there: the old or nothing. */
static void move_free(struct move *m)
{
	if (m->r->kind != ANON)
		return;
	cells_begin(m->r, m->first, m->last);
	KT_CHECK_EQ(sys_madvise(m->va, m->len, MADV_FREE), 0);
	(void)schedule_timeout_uninterruptible(1);
	for (unsigned long i = m->first; i < m->last; i++)
		region_write_begun(m->r, i);
}

static void move_advise(struct move *m)
{
	static const int advice[] = { MADV_PAGEOUT, MADV_COLD, MADV_WILLNEED, MADV_POPULATE_READ,
				      MADV_POPULATE_WRITE };
	unsigned int which = (unsigned int)rand_below(&m->r->rand, ARRAY_SIZE(advice));

	KT_CHECK_EQ(sys_madvise(m->va, m->len, advice[which]), 0);
}

/* Nobody may write any more, neither by the CPU nor by a device. */
static void move_protect(struct move *m)
{
	u64 word = 1;

	KT_CHECK_EQ(sys_mprotect(m->va, m->len, PROT_READ), 0);
	KT_CHECK_EQ(put_user(word, (u64 __user *)m->va), -EFAULT);
	KT_CHECK_EQ(iommu_engine_write(m->r->engine, m->r->pasid, m->va, &word, 8), -EFAULT);
	region_verify(m->r);
	KT_CHECK_EQ(sys_mprotect(m->va, m->len, FX_RW), 0);
}

/* Nobody may access the pages at all, for as long as @undo is not called. */
static void move_close(struct move *m, long (*close)(struct move *m), long (*undo)(struct move *m),
		       bool keeps)
{
	u64 value[REGION_PAGES];

	for (unsigned long i = m->first; i < m->last; i++)
		value[i] = m->r->cell[i].value;
	cells_begin(m->r, m->first, m->last);
	KT_CHECK_EQ(close(m), 0);
	cells_end(m->r, m->first, m->last, CELL_ABSENT);
	region_verify(m->r);
	cells_begin(m->r, m->first, m->last);
	KT_CHECK_EQ(undo(m), 0);
	if (!keeps)
		cells_end_unwritten(m->r, m->first, m->last);
	for (unsigned long i = m->first; keeps && i < m->last; i++)
		cell_end(m->r, i, value[i]);
}

static long protect_none(struct move *m)
{
	return sys_mprotect(m->va, m->len, PROT_NONE);
}

static long protect_rw(struct move *m)
{
	return sys_mprotect(m->va, m->len, FX_RW);
}

static void move_forbid(struct move *m)
{
	move_close(m, protect_none, protect_rw, true);
}

static long guard_up(struct move *m)
{
	return sys_madvise(m->va, m->len, MADV_GUARD_INSTALL);
}

static long guard_down(struct move *m)
{
	return sys_madvise(m->va, m->len, MADV_GUARD_REMOVE);
}

static void move_guard(struct move *m)
{
	move_close(m, guard_up, guard_down, region_is_shared(m->r));
}

static long unmap(struct move *m)
{
	return sys_munmap(m->va, m->len);
}

static long map_again(struct move *m)
{
	return region_map(m->r, m->first, m->last);
}

/* Memory without a name can be shared, but not found again. */
static void move_unmap(struct move *m)
{
	move_close(m, unmap, map_again, region_is_shared(m->r) && m->r->file);
}

static void move_lock(struct move *m)
{
	KT_CHECK_EQ(sys_mlock(m->va, m->len), 0);
	region_verify(m->r);
	KT_CHECK_EQ(sys_munlock(m->va, m->len), 0);
}

/* The whole region goes to its other home; VMAs that do not merge go page by page. */
static void move_home(struct move *m)
{
	struct region *r = m->r;
	unsigned long from = r->base, to = from == r->home[0] ? r->home[1] : r->home[0];
	u64 value[REGION_PAGES];
	long got;

	for (unsigned long i = 0; i < REGION_PAGES; i++)
		value[i] = r->cell[i].value;
	cells_begin(r, 0, REGION_PAGES);
	got = sys_mremap(from, P(REGION_PAGES), P(REGION_PAGES), MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (got == -EFAULT) {
		for (unsigned long i = 0; i < REGION_PAGES; i++) {
			got = sys_mremap(from + P(i), P(1), P(1), MREMAP_MAYMOVE | MREMAP_FIXED,
					 to + P(i));
			KT_CHECK_EQ(got, to + P(i));
		}
	} else {
		KT_CHECK_EQ(got, to);
	}
	WRITE_ONCE(r->base, to);
	for (unsigned long i = 0; i < REGION_PAGES; i++)
		cell_end(r, i, value[i]);
}

/* The file becomes shorter: behind its end nobody reads. And longer: zeroes. */
static void move_truncate(struct move *m)
{
	struct region *r = m->r;

	if (r->kind != SHARED_FILE)
		return;
	cells_begin(r, m->first, REGION_PAGES);
	KT_CHECK_EQ(vfs_truncate(r->file->inode, (loff_t)P(m->first)), 0);
	cells_end(r, m->first, REGION_PAGES, CELL_ABSENT);
	region_verify(r);
	cells_begin(r, m->first, REGION_PAGES);
	KT_CHECK_EQ(vfs_truncate(r->file->inode, (loff_t)P(REGION_PAGES)), 0);
	cells_end(r, m->first, REGION_PAGES, 0);
}

/* The object loses the pages: zeroes, for whoever maps it. */
static void move_punch(struct move *m)
{
	struct region *r = m->r;

	if (r->kind != SHARED_FILE && r->kind != SHARED_ANON)
		return;
	cells_begin(r, m->first, m->last);
	if (r->file && rand_below(&r->rand, 2))
		KT_CHECK_EQ(vfs_fallocate(r->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					  (loff_t)P(m->first), (loff_t)m->len), 0);
	else
		KT_CHECK_EQ(sys_madvise(m->va, m->len, MADV_REMOVE), 0);
	cells_end(r, m->first, m->last, 0);
}

/* Two pages of the file change places in the mapping. */
static void move_shuffle(struct move *m)
{
	struct region *r = m->r;
	unsigned long a = m->first, b = m->last - 1, a_page = r->order[a], b_page = r->order[b];
	u64 value[2] = { r->cell[a].value, r->cell[b].value };

	if (r->kind != SHUFFLED || a == b)
		return;
	cells_begin(r, a, a + 1);
	cells_begin(r, b, b + 1);
	r->order[a] = b_page;
	r->order[b] = a_page;
	KT_CHECK_EQ(sys_remap_file_pages(r->base + P(a), P(1), 0, b_page, 0), 0);
	KT_CHECK_EQ(sys_remap_file_pages(r->base + P(b), P(1), 0, a_page, 0), 0);
	cell_end(r, a, value[1]);
	cell_end(r, b, value[0]);
}

/* What is synced is on the disk, by whatever way it was written. */
static void move_sync(struct move *m)
{
	struct region *r = m->r;
	struct disk d = { .bdev = block_find("ram1") };

	if (r->kind != DISK) {
		KT_CHECK_EQ(sys_msync(m->va, m->len, MS_SYNC), 0);
		return;
	}
	if (rand_below(&r->rand, 2))
		KT_CHECK_EQ(sys_msync(m->va, m->len, MS_SYNC), 0);
	else
		KT_CHECK_EQ(r->file->ops->fsync(r->file), 0);
	for (unsigned long i = m->first; i < m->last; i++)
		KT_CHECK_EQ(dx_disk(&d, r->pgoff + i), r->cell[i].value);
	atomic64_inc(&torture.synced);
}

static void move_verify(struct move *m)
{
	region_verify(m->r);
}

static void (*const moves[])(struct move *m) = {
	move_write, move_write, move_write, move_mark, move_discard, move_free, move_advise,
	move_advise, move_protect, move_forbid, move_guard, move_unmap, move_lock, move_home,
	move_truncate, move_punch, move_shuffle, move_sync, move_verify,
};

static int own(void *data)
{
	struct region *r = data;
	struct move m = { .r = r };

	while (!torture_over()) {
		m.first = rand_below(&r->rand, REGION_PAGES);
		m.last = m.first + 1 + rand_below(&r->rand, REGION_PAGES - m.first);
		m.va = r->base + P(m.first);
		m.len = P(m.last - m.first);
		moves[rand_below(&r->rand, ARRAY_SIZE(moves))](&m);
		atomic64_inc(&torture.changes);
		cond_resched();
	}
	region_verify(r);
	return 0;
}

/* ---- those who verify ---- */

static int read_all(void *data)
{
	unsigned long n = (unsigned long)data;
	struct torture_eyes eyes = {
		.engine = engines[REGIONS + n], .point = &torture.point, .pair = &torture.pair,
	};

	rand_seed(&eyes.rand, torture_seed + 100 + n);
	while (!torture_over()) {
		region_read(any_region(&eyes.rand), &eyes, rand_below(&eyes.rand, REGION_PAGES));
		atomic64_inc(&torture.reads);
		cond_resched();
	}
	return 0;
}

struct child {
	struct mm *mm;
	struct region *r;		/* the region that is looked at, a private one */
	unsigned long base;
	u64 value[REGION_PAGES];	/* CELL_ABSENT: not known */
};

/* Fork while a private region stays where it is. What it holds then, the child keeps. */
static bool child_born(struct child *c, struct rand_state *rand)
{
	u64 seq[REGION_PAGES];

	c->r = &torture.region[rand_below(rand, REGIONS / NR_REGION_KINDS) * NR_REGION_KINDS +
			       (rand_below(rand, 2) ? PRIVATE_FILE : ANON)];
	for (unsigned long i = 0; i < REGION_PAGES; i++) {
		seq[i] = cell_look(c->r, i);
		c->value[i] = READ_ONCE(c->r->cell[i].value);
	}
	c->base = READ_ONCE(c->r->base);
	c->mm = fx_fork(torture.mm);
	smp_mb();
	for (unsigned long i = 0; i < REGION_PAGES; i++)
		if ((seq[i] & 1) || READ_ONCE(c->r->cell[i].seq) != seq[i])
			c->value[i] = CELL_ABSENT;
	return c->mm != NULL;
}

static void child_verify(struct child *c)
{
	struct torture_look look;

	for (unsigned long i = 0; i < REGION_PAGES; i++) {
		if (c->value[i] == CELL_ABSENT)
			continue;
		torture_remote_read(c->mm, c->base + P(i), &look);
		for (unsigned int n = 0; n < CELL_WORDS; n++)
			if (!look.hit || look.word[n] != c->value[i]) {
				ktest_fail(__FILE__, __LINE__,
					   "child of region %u page %lu: %s %lx, not %lx",
					   c->r->number, i, look.hit ? "read" : "refused",
					   look.word[n], c->value[i]);
				return;
			}
	}
}

/* A value of no page of the parent's, which must never see it. */
static void child_write(struct child *c, unsigned long i, u64 generation)
{
	u64 value = cell_value(c->r, i + REGION_PAGES, generation);
	unsigned int n = 0;

	if (c->value[i] == CELL_ABSENT)
		return;
	while (n < CELL_WORDS && access_remote_vm(c->mm, c->base + P(i) + cell_offset(n), &value,
						  8, FOLL_WRITE) == 8)
		n++;
	KT_CHECK(n == 0 || n == CELL_WORDS);	/* 0: born while its owner had it read-only */
	if (n)
		c->value[i] = value;
}

static int fork_all(void *data)
{
	struct rand_state rand;
	struct child c;

	rand_seed(&rand, torture_seed + 200 + (unsigned long)data);
	for (u64 generation = 1; !torture_over(); generation++) {
		if (!child_born(&c, &rand))
			return -ENOMEM;
		for (unsigned int round = 0; round < 3 && !torture_over(); round++) {
			child_verify(&c);
			child_write(&c, rand_below(&rand, REGION_PAGES), generation);
			(void)schedule_timeout_uninterruptible(1);
		}
		child_verify(&c);
		mmput(c.mm);
		atomic64_inc(&torture.forks);
		(void)schedule_timeout_uninterruptible(5);
	}
	return 0;
}

/* ---- the DMA engine ---- */

static void copier_start(void)
{
	dma_reg_write(DMA_CHANNEL, DMA_REG_PASID, iommu_sva_pasid(torture.sva));
	dma_reg_write(DMA_CHANNEL, DMA_REG_RING, DMA_VA);
	dma_reg_write(DMA_CHANNEL, DMA_REG_ENTRIES, DMA_ENTRIES);
	dma_reg_write(DMA_CHANNEL, DMA_REG_HEAD, 0);
	dma_reg_write(DMA_CHANNEL, DMA_REG_TAIL, 0);
	dma_reg_write(DMA_CHANNEL, DMA_REG_STATUS, 0);
	dma_reg_write(DMA_CHANNEL, DMA_REG_VECTOR, VECTOR_DEVICE + 2);
	dma_reg_write(DMA_CHANNEL, DMA_REG_CTRL, DMA_CTRL_RUN);
}

static void copier_stop(void)
{
	dma_reg_write(DMA_CHANNEL, DMA_REG_CTRL, 0);
	while (dma_reg_read(DMA_CHANNEL, DMA_REG_STATUS) & DMA_STATUS_BUSY)
		(void)schedule_timeout_uninterruptible(1);
}

/* Copy a page; the memory that it goes to is as swappable as where it comes from. */
static bool copy_page(unsigned long from, u64 tail, struct torture_look *look)
{
	unsigned long slot = DMA_VA + (tail % DMA_ENTRIES) * sizeof(struct dma_desc);
	unsigned long to = DMA_VA + P(1);
	struct dma_desc d = { .opcode = DMA_COPY, .src = from, .dst = to, .len = P(1),
			      .status = DMA_PENDING };

	if (!KT_CHECK_EQ(copy_to_user((void __user *)slot, &d, sizeof(d)), 0))
		return false;
	dma_reg_write(DMA_CHANNEL, DMA_REG_TAIL, tail + 1);
	for (u64 i = 0; dma_reg_read(DMA_CHANNEL, DMA_REG_HEAD) <= tail; i++) {
		if (!KT_CHECK_LT(i, PATIENCE))
			return false;
		(void)schedule_timeout_uninterruptible(1);
	}
	if (!KT_CHECK_EQ(copy_from_user(&d, (void __user *)slot, sizeof(d)), 0))
		return false;
	(void)torture_cpu_read(to, look);
	look->hit = d.status == 0;
	return KT_CHECK(d.status == 0 || d.status == -EFAULT);
}

static int copy_all(void *unused)
{
	struct rand_state rand;
	u64 tail = 0;

	(void)unused;
	rand_seed(&rand, torture_seed + 300);
	copier_start();
	while (!torture_over()) {
		struct region *r = any_region(&rand);
		unsigned long i = rand_below(&rand, REGION_PAGES);
		u64 seq = cell_look(r, i);
		struct torture_look look = { 0 };

		if (copy_page(READ_ONCE(r->base) + P(i), tail++, &look))
			(void)cell_judge(r, i, seq, &look, "DMA engine");
		atomic64_inc(&torture.copies);
	}
	copier_stop();
	return 0;
}

/* ---- those who disturb ---- */

static int reclaim_all(void *unused)
{
	(void)unused;
	while (!torture_over()) {
		(void)reclaim_pages(16);
		(void)schedule_timeout_uninterruptible(3);	/* or nobody else comes far */
	}
	return 0;
}

static int swap_all(void *unused)
{
	struct block_device *disk = block_find("ram0");
	int err;

	(void)unused;
	while (torture.swap && !torture_over()) {
		(void)schedule_timeout_uninterruptible(20);
		err = swapoff(disk);
		KT_CHECK(!err || err == -ENOMEM);
		if (!err && !KT_CHECK_GE(swap_area_add(disk, SWAP_PRIORITY_AUTO), 0))
			return 0;
		atomic64_inc(&torture.swapoffs);
	}
	return 0;
}

static int forget_all(void *unused)
{
	int err = 0;

	(void)unused;
	for (int what = CLEAR_REFS_ALL; !err && !torture_over(); what = what % 4 + 1) {
		smp_store_release(&torture.forgotten, torture.forgotten + 1);
		err = mm_clear_refs(torture.mm, (enum clear_refs)what);
		smp_store_release(&torture.forgotten, torture.forgotten + 1);
		(void)schedule_timeout_uninterruptible(3);
	}
	return err;
}

struct listener {
	struct mmu_interval_notifier sub;
	struct spinlock lock;		/* LOCK_DRIVER_SPIN: sub.seq */
	struct toy_tlb tlb;
	struct mirror mirror;
};

static bool listener_invalidate(struct mmu_interval_notifier *sub,
				const struct mmu_notifier_range *range, unsigned long seq)
{
	struct listener *l = container_of(sub, struct listener, sub);

	(void)range;
	spin_lock(&l->lock);
	mmu_interval_set_seq(sub, seq);
	spin_unlock(&l->lock);
	return true;
}

static const struct mmu_interval_notifier_ops listener_ops = {
	.name = "torture", .invalidate = listener_invalidate,
};

/* Second MMUs come, look at a page, and go. */
static void churn_once(struct listener *l, struct rand_state *rand)
{
	struct region *r = any_region(rand);
	unsigned long i = rand_below(rand, REGION_PAGES);
	struct iommu_sva *sva = NULL;
	u64 word;

	l->sub.owner = NULL;
	KT_TRUE(!mmu_interval_notifier_insert(&l->sub, torture.mm, r->home[0], P(REGION_PAGES),
					      &listener_ops));
	(void)mmu_interval_read_begin(&l->sub);
	if (KT_CHECK_EQ(toy_tlb_open(&l->tlb, torture.mm, rand_below(rand, 2) ?
				     &toy_tlb_point_ops : &toy_tlb_pair_ops), 0)) {
		if (toy_tlb_try_fill(&l->tlb, READ_ONCE(r->base) + P(i)) == -EAGAIN)
			yield();
		if (KT_CHECK_EQ(mirror_open(&l->mirror, torture.mm, r->home[1]), 0)) {
			(void)mirror_read(&l->mirror, r->home[1] + P(i), &word);
			mirror_close(&l->mirror);
		}
		toy_tlb_close(&l->tlb);
	}
	if (KT_CHECK_EQ(iommu_sva_bind(torture.mm, &sva), 0))
		iommu_sva_unbind(sva);
	mmu_interval_notifier_remove(&l->sub);
}

static int churn_all(void *unused)
{
	static struct listener l;
	struct rand_state rand;

	(void)unused;
	rand_seed(&rand, torture_seed + 400);
	spin_lock_init(&l.lock, LOCK_DRIVER_SPIN, "torture");
	while (!torture_over()) {
		churn_once(&l, &rand);
		atomic64_inc(&torture.churns);
		(void)schedule_timeout_uninterruptible(1);
	}
	return 0;
}

/* ---- up and down ---- */

static bool torture_up(struct torture *t)
{
	unsigned long out;

	memset(t, 0, sizeof(*t));
	for (unsigned int i = 0; i < ARRAY_SIZE(engines); i++)
		if (!engines[i] && !KT_CHECK_EQ(iommu_engine_attach(&engines[i]), 0))
			return false;
	t->swap = fx_have_swap();
	t->mm = fx_mm();
	if (!t->mm)
		return false;
	if (!KT_CHECK_EQ(iommu_sva_bind(t->mm, &t->sva), 0) ||
	    !KT_CHECK_EQ(toy_tlb_open(&t->point, t->mm, &toy_tlb_point_ops), 0) ||
	    !KT_CHECK_EQ(toy_tlb_open(&t->pair, t->mm, &toy_tlb_pair_ops), 0) ||
	    !KT_CHECK_EQ(vm_mmap(t->mm, NULL, DMA_VA, P(2), FX_RW,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, &out), 0))
		return false;
	for (unsigned int n = 0; n < REGIONS; n++) {
		t->region[n].engine = engines[n];
		if (!KT_CHECK_EQ(region_up(&t->region[n], t->mm,
					   (enum region_kind)(n % NR_REGION_KINDS), n,
					   torture_seed), 0))
			return false;
		t->region[n].pasid = iommu_sva_pasid(t->sva);
	}
	return true;
}

static void torture_down(struct torture *t)
{
	for (unsigned int n = 0; n < REGIONS; n++)
		region_down(&t->region[n]);
	if (t->pair.mm)
		toy_tlb_close(&t->pair);
	if (t->point.mm)
		toy_tlb_close(&t->point);
	if (t->sva)
		iommu_sva_unbind(t->sva);
	if (t->mm)
		fx_drop(t->mm);
}

static void torture_rages(struct torture *t)
{
	static int (*const helper[HELPERS])(void *) = {
		read_all, read_all, read_all, fork_all, fork_all,
		copy_all, reclaim_all, swap_all, churn_all, forget_all,
	};
	static struct fx_thread thread[REGIONS + HELPERS];
	u64 until = ticks + torture_ticks;
	unsigned int nr = 0;

	while (nr < REGIONS && fx_start(&thread[nr], t->mm, own, &t->region[nr]))
		nr++;
	for (unsigned long n = 0; n < HELPERS; n++, nr++)
		if (!fx_start(&thread[nr], t->mm, helper[n], (void *)n))
			break;
	while (!ktest_failed() && ((s64)(until - ticks) > 0 ||
				   atomic64_read(&t->changes) < CHANGES))
		(void)schedule_timeout_uninterruptible(HZ / 10);
	WRITE_ONCE(t->stop, true);
	while (nr--)
		KT_CHECK_EQ(fx_join(&thread[nr]), 0);
}

KTEST(torture, every_byte_is_where_it_was_written)
{
	struct torture *t = &torture;

	KT_NO_SWEEP("its owners must know what a call has done");
	if (!dx_have())
		KT_SKIP("no spare disk");
	if (torture_up(t)) {
		torture_rages(t);
		for (unsigned int n = 0; n < REGIONS; n++)
			region_verify(&t->region[n]);
	}
	pr_info("torture: seed %lu: %ld changes, %ld reads, %ld forks, %ld copies by DMA, "
		"%ld swapoffs, %ld churns, %ld times synced, %ld marks seen\n", torture_seed, atomic64_read(&t->changes),
		atomic64_read(&t->reads), atomic64_read(&t->forks), atomic64_read(&t->copies),
		atomic64_read(&t->swapoffs), atomic64_read(&t->churns),
		atomic64_read(&t->synced), atomic64_read(&t->marks));
	torture_down(t);
	KT_CHECK_EQ(mm_check(), 0);
}

/* Found by the above: a frame behind PROT_NONE is in the entry, but not for a device. */
KTEST_QUICK(torture, a_tlb_caches_no_page_that_is_forbidden)
{
	struct mm *mm = fx_mm();
	struct toy_tlb tlb;

	KT_TRUE(mm);
	KT_CHECK_EQ(toy_tlb_open(&tlb, mm, &toy_tlb_point_ops), 0);
	KT_CHECK(fx_map(mm, FX_BASE, 1, FX_RW) && fx_put(FX_BASE, 1));
	KT_CHECK(toy_tlb_fill(&tlb, FX_BASE));
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(1), PROT_NONE), 0);
	KT_CHECK(!toy_tlb_page(&tlb, FX_BASE) && !toy_tlb_fill(&tlb, FX_BASE));
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(1), PROT_READ), 0);
	KT_CHECK(toy_tlb_fill(&tlb, FX_BASE));
	toy_tlb_close(&tlb);
	fx_drop(mm);
}

/* ---- options ---- */

static int torture_option(const char *value)
{
	u64 seconds;

	if (parse_u64(value, &seconds) || seconds > 100000)
		return -EINVAL;
	torture_ticks = seconds * HZ;
	return 0;
}
BOOT_OPTION_NAMED(ktest_torture, "ktest.torture", torture_option,
		  "seconds that suite torture goes on (ktest.limit= must be more)");

static int torture_seed_option(const char *value)
{
	return parse_u64(value, &torture_seed);
}
BOOT_OPTION_NAMED(ktest_torture_seed, "ktest.torture.seed", torture_seed_option,
		  "from which number suite torture draws what it does");
