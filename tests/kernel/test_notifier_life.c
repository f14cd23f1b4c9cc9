/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_life.c - suite notifier_life: coming and going
 *
 * Labels such as B4 are those of the table in docs/notifiers.md.
 */
#include "mm/mmu_notifier.h"

#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/sched/task.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/recorder.h"
#include "mm/filemap.h"
#include "mm/slab.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"

#define P(n) ((n) * PAGE_SIZE)

/* ---- registering ---- */

/* Whoever failed holds no lock and has changed nothing: everything works afterwards. */
static void check_nothing_left(struct recorder *rec, struct mm *mm)
{
	KT_CHECK(!mm_has_notifiers(mm));
	if (down_write_trylock(&mm->mmap_lock))
		up_write(&mm->mmap_lock);
	else
		ktest_fail(__FILE__, __LINE__, "mmap_lock is still held");
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_DONTNEED), 0);
	fx_put(FX_BASE, 1);
	KT_CHECK_EQ(rec->nr, 0);
}

static void count_one_life(struct recorder *rec, struct mm *mm)
{
	KT_CHECK_EQ(mmu_notifier_register(&rec->mn, mm), 0);
	toy_bracket(mm, FX_BASE, FX_BASE + P(1));
	KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_END), 1);
	mmu_notifier_unregister(&rec->mn, mm);
	KT_CHECK_EQ(recorder_count(rec, MN_RELEASE), 1);
}

static struct recorder life;

KTEST_QUICK(notifier_life, without_memory_nothing_is_registered)	/* B4, B6 */
{
	struct mm *mm = fx_mm();
	u64 fired = 1;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	fx_put(FX_BASE, 1);
	recorder_init(&life, &recorder_bracket_ops);
	for (u64 nth = 1; fired && nth < 16; nth++) {
		int err;

		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		err = mmu_notifier_register(&life.mn, mm);
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
		if (err)
			check_nothing_left(&life, mm);
		KT_CHECK(fired || nth > 1);
	}
	mmu_notifier_unregister(&life.mn, mm);
	fx_drop(mm);
}

KTEST_QUICK(notifier_life, a_signal_stops_registration_and_leaves_nothing)	/* B4 */
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	for (unsigned long i = 0; i < 8; i++) {
		fx_map(mm, FX_BASE + P(2 * i), 1, FX_RW);
		fx_put(FX_BASE + P(2 * i), 1);
	}
	recorder_init(&life, &recorder_bracket_ops);
	thread_flag_set(&current->info, TIF_SIGPENDING);
	KT_CHECK_EQ(mmu_notifier_register(&life.mn, mm), -EINTR);
	thread_flag_clear(&current->info, TIF_SIGPENDING);
	check_nothing_left(&life, mm);
	count_one_life(&life, mm);
	fx_drop(mm);
}

static struct task *registrar;

static int register_life(void *arg)
{
	registrar = current;
	return mmu_notifier_register(&life.mn, arg);
}

KTEST_QUICK(notifier_life, a_signal_halfway_gives_all_locks_back)	/* B4 */
{
	struct fx_thread thread;
	struct mm *mm;

	KT_NEED_GATES();
	mm = fx_mm();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	recorder_init(&life, &recorder_bracket_ops);
	gate_arm("all_locks.files", mm);
	if (fx_start(&thread, NULL, register_life, mm)) {
		if (gate_wait("all_locks.files"))
			thread_flag_set(&registrar->info, TIF_SIGPENDING);
		gate_open("all_locks.files");
		KT_CHECK_EQ(fx_join(&thread), -EINTR);
		check_nothing_left(&life, mm);
		count_one_life(&life, mm);
	} else {
		gate_open("all_locks.files");
	}
	fx_drop(mm);
}

/* Contract, against B7: who defines both hears both. */
KTEST_QUICK(notifier_life, a_driver_may_hear_bracket_and_point)
{
	struct mmu_notifier_ops ops = recorder_bracket_ops;
	const struct recorded_call *start, *point, *end;
	struct recorder *rec;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	ops.invalidate_range = recorder_point_ops.invalidate_range;
	rec = toy_recorder(mm, &ops);
	if (rec) {
		KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_DONTNEED), 0);
		start = recorder_find(rec, MN_INVALIDATE_RANGE_START, 0);
		point = recorder_find(rec, MN_INVALIDATE_RANGE, 0);
		end = recorder_find(rec, MN_INVALIDATE_RANGE_END, 0);
		KT_CHECK(start && point && end);
		KT_CHECK(start && point && end && start->seq < point->seq && point->seq < end->seq);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

/* Relatives share families of anonymous pages and a file; both take all locks, again and again. */
struct taker {
	struct mm *mm;
	struct recorder rec;
};

static int take_all_locks_often(void *data)
{
	struct taker *taker = data;

	for (int turn = 0; turn < 60; turn++) {
		recorder_init(&taker->rec, &recorder_bracket_ops);
		if (mmu_notifier_register(&taker->rec.mn, taker->mm))
			return -1;
		cond_resched();
		mmu_notifier_unregister(&taker->rec.mn, taker->mm);
		if (recorder_count(&taker->rec, MN_RELEASE) != 1)
			return -1;
	}
	return 0;
}

KTEST(notifier_life, relatives_take_all_locks_at_once)	/* B5 */
{
	static struct taker taker[2];
	struct file *file = NULL;
	struct task *t[2];
	struct mm *mm = fx_mm(), *child;
	unsigned long out;

	KT_TRUE(mm);
	KT_CHECK_EQ(tmpfs_file_anon(P(4), &file), 0);
	for (unsigned long i = 0; i < 6; i++) {
		fx_map(mm, FX_BASE + P(4 * i), 2, FX_RW);
		fx_put(FX_BASE + P(4 * i), i);
	}
	KT_CHECK_EQ(vm_mmap(mm, file, FX_BASE + P(64), P(4), FX_RW, MAP_SHARED | MAP_FIXED, 0,
			    &out), 0);
	child = fx_fork(mm);
	if (!child)
		goto out;
	for (unsigned long i = 0; i < 6; i++)	/* each has families of its own, too */
		fx_put_in(child, FX_BASE + P(4 * i), 10 + i);
	for (int i = 0; i < 2; i++) {
		taker[i].mm = i ? child : mm;
		t[i] = kt_spawn(take_all_locks_often, &taker[i]);
	}
	for (int turn = 0; turn < 30; turn++) {
		KT_CHECK_EQ(vfs_truncate(file->inode, (loff_t)P(turn % 4)), 0);
		fx_put(FX_BASE, turn);
	}
	for (int i = 0; i < 2; i++)
		KT_CHECK_EQ(kt_join(t[i]), 0);
	mmput(child);
out:
	fx_drop(mm);
	file_put(file);
}

struct registration {
	struct recorder rec;
	struct mm *mm;
};

static int register_main(void *data)
{
	struct registration *r = data;

	return mmu_notifier_register(&r->rec.mn, r->mm);
}

struct change {
	const struct toy_site *site;
	struct toy_scene scene;
};

static int change_main(void *arg)
{
	struct change *c = arg;

	kthread_use_mm(c->scene.mm);
	c->site->change(&c->scene);
	kthread_unuse_mm(c->scene.mm);
	return 0;
}

/*
 * B9: reclaim and truncation open brackets under an rmap lock alone. A registration that
 * comes meanwhile must wait, or it would hear an end without a start.
 */
static void register_during(const struct toy_site *site)
{
	static struct registration late;
	struct change c = { .site = site };
	struct task *t, *reg;
	struct recorder *early;

	if (!toy_scene_up(&c.scene, site))
		return;
	early = toy_recorder(c.scene.mm, &recorder_bracket_ops);
	late.mm = c.scene.mm;
	recorder_init(&late.rec, &recorder_bracket_ops);
	if (!early)
		goto out;
	gate_arm("recorder.start", &early->mn);
	t = kt_spawn(change_main, &c);
	if (gate_wait("recorder.start")) {
		reg = kt_spawn(register_main, &late);
		kt_wait_until(reg && (kt_asleep(reg) || kt_done(reg)));
		KT_CHECK(!kt_done(reg));
		gate_open("recorder.start");
		KT_CHECK_EQ(kt_join(reg), 0);
		KT_CHECK_EQ(kt_join(t), 0);
		mmu_notifier_unregister(&late.rec.mn, c.scene.mm);
		KT_CHECK_EQ(atomic_read(&late.rec.went_negative), 0);
		KT_CHECK_EQ(atomic_read(&late.rec.open), 0);
	}
out:
	toy_recorder_end(early);
	toy_scene_down(&c.scene);
}

KTEST(notifier_life, registration_waits_for_brackets_under_rmap_locks)
{
	KT_NEED_GATES();
	for (unsigned int s = 0; s < nr_toy_sites; s++)
		if (toy_sites[s].file || toy_sites[s].swap)
			register_during(&toy_sites[s]);
}

/* ---- unregistering ---- */

struct departure {
	struct recorder *rec;
	struct mm *mm;
};

static int unregister_main(void *data)
{
	struct departure *d = data;

	mmu_notifier_unregister(&d->rec->mn, d->mm);
	return 0;
}

static int bracket_main(void *mm)
{
	toy_bracket(mm, FX_BASE, FX_BASE + P(1));
	return 0;
}

/* C4, E2: a callback runs; the memory it uses is not given back before it is over. */
KTEST(notifier_life, unregister_waits_for_a_running_callback)
{
	struct departure d;
	struct task *bracket, *leaver;

	KT_NEED_GATES();
	d.mm = fx_mm();
	KT_TRUE(d.mm);
	d.rec = toy_recorder(d.mm, &recorder_bracket_ops);
	if (!d.rec)
		goto out;
	gate_arm("recorder.start", &d.rec->mn);
	bracket = kt_spawn(bracket_main, d.mm);
	if (gate_wait("recorder.start")) {
		leaver = kt_spawn(unregister_main, &d);
		kt_wait_until(recorder_count(d.rec, MN_RELEASE) == 1);
		kt_wait_until(kt_asleep(leaver) || kt_done(leaver));
		KT_CHECK(!kt_done(leaver));
		gate_open("recorder.start");
		KT_CHECK_EQ(kt_join(leaver), 0);
	}
	KT_CHECK_EQ(kt_join(bracket), 0);
	toy_bracket(d.mm, FX_BASE, FX_BASE + P(1));
	KT_CHECK_EQ(recorder_count(d.rec, MN_INVALIDATE_RANGE_START), 1);
	kfree(d.rec);
out:
	fx_drop(d.mm);
}

/* C6, C3: a file is truncated while the subscriber's release is under way. */
KTEST(notifier_life, truncation_reaches_a_subscriber_that_is_being_released)
{
	const struct toy_site *site = &toy_sites[nr_toy_sites - 1];
	struct toy_scene scene;
	struct departure d;
	struct task *leaver;

	KT_NEED_GATES();
	KT_TRUE(site->file);
	KT_TRUE(toy_scene_up(&scene, site));
	d.mm = scene.mm;
	d.rec = toy_recorder(scene.mm, &recorder_bracket_ops);
	if (!d.rec)
		goto out;
	gate_arm("recorder.release", &d.rec->mn);
	leaver = kt_spawn(unregister_main, &d);
	if (gate_wait("recorder.release")) {
		site->change(&scene);
		KT_CHECK(recorder_count(d.rec, MN_INVALIDATE_RANGE_START) > 0);
		KT_CHECK_EQ(atomic_read(&d.rec->open), 0);
	}
	gate_open("recorder.release");
	KT_CHECK_EQ(kt_join(leaver), 0);
	KT_CHECK_EQ(recorder_count(d.rec, MN_RELEASE), 1);
	kfree(d.rec);
out:
	toy_scene_down(&scene);
}

/* ---- nobody there ---- */

static u64 calls_so_far(void)
{
	u64 sum = 0;

	for (unsigned int op = 0; op < NR_MN_OPS; op++)
		sum += mmu_notifier_calls(op);
	return sum;
}

/* I3: without a subscriber no site gets as far as a list. */
KTEST_QUICK(notifier_life, without_subscribers_nothing_is_walked)
{
	for (unsigned int s = 0; s < nr_toy_sites; s++) {
		struct toy_scene scene;
		u64 before;

		if (!toy_scene_up(&scene, &toy_sites[s]))
			continue;
		before = calls_so_far();
		toy_sites[s].change(&scene);
		KT_CHECK(!mm_has_notifiers(scene.mm));
		KT_CHECK_EQ(calls_so_far(), before);
		toy_scene_down(&scene);
	}
}
