/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_userfaultfd_event.c - suite userfaultfd: changes that wait to be heard of
 *
 * What a program sees is in tests/user/uffdevents.c, recorded on Linux.
 */
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/fork.h"
#include "mm/mmap.h"
#include "tests/kernel/uffd_fixture.h"

#define EVENTS (UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE | \
		UFFD_FEATURE_EVENT_UNMAP)

static int unmapper(void *arg)
{
	return (int)sys_munmap(FX_BASE, P(2));
}

static int dropper(void *arg)
{
	return (int)sys_madvise(FX_BASE, P(2), MADV_DONTNEED);
}

static int mover(void *arg)
{
	unsigned long to = FX_BASE + P(64);

	return sys_mremap(FX_BASE, P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, to) == (long)to
	       ? 0 : -EINVAL;
}

static int forker(void *arg)
{
	return dup_mm(current->mm, arg);
}

/* While the event is pending no answer is taken, and the change has not returned. */
KTEST_QUICK(userfaultfd, who_unmaps_waits_until_it_was_heard)
{
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 4, MISSING, EVENTS));
	if (fx_start(&t, s.mm, unmapper, NULL)) {
		KT_CHECK(kt_wait_until(userfaultfd_readable(s.uffd)));
		KT_CHECK_EQ(answer(&s, 3, 0), -EAGAIN);
		KT_CHECK_EQ(protect(&s, 2, 1), -EAGAIN);
		KT_CHECK(!completion_done(&t.done));
		KT_CHECK(heard(&s, &msg) && msg.event == UFFD_EVENT_UNMAP);
		KT_CHECK(msg.remove.start == FX_BASE && msg.remove.end == FX_BASE + P(2));
		KT_CHECK_EQ(fx_join(&t), 0);
		KT_CHECK_EQ(answer(&s, 3, 0), PAGE_SIZE);
	}
	stage_down(&s);
}

/* The pages go when it has been heard, not before; then who asks again is answered. */
KTEST_QUICK(userfaultfd, pages_go_when_it_was_heard)
{
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 2, MISSING, EVENTS));
	KT_CHECK_EQ(answer(&s, 0, 3), PAGE_SIZE);
	if (fx_start(&t, s.mm, dropper, NULL)) {
		KT_CHECK(kt_wait_until(userfaultfd_readable(s.uffd)));
		KT_CHECK_EQ(look(FX_BASE), 103);
		KT_CHECK(heard(&s, &msg) && msg.event == UFFD_EVENT_REMOVE);
		KT_CHECK_EQ(fx_join(&t), 0);
		KT_CHECK_EQ(answer(&s, 0, 4), PAGE_SIZE);
		KT_CHECK_EQ(look(FX_BASE), 104);
	}
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, registration_moves_with_the_pages)
{
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 4, MISSING | WP, EVENTS));
	KT_CHECK_EQ(answer(&s, 0, 0), PAGE_SIZE);
	KT_CHECK_EQ(protect(&s, 0, 1), 0);
	if (fx_start(&t, s.mm, mover, NULL)) {
		KT_CHECK(heard(&s, &msg) && msg.event == UFFD_EVENT_REMAP);
		KT_CHECK(msg.remap.to == FX_BASE + P(64) && msg.remap.len == P(2));
		KT_CHECK(heard(&s, &msg) && msg.event == UFFD_EVENT_UNMAP);
		KT_CHECK_EQ(fx_join(&t), 0);
		KT_CHECK(is_protected(s.mm, 64) && must_ask(s.mm, 64));
		KT_CHECK_EQ(answer(&s, 65, 1), PAGE_SIZE);
	}
	stage_down(&s);
}

/* The child is answered for by a userfaultfd of its own; marks are copied. */
KTEST_QUICK(userfaultfd, a_child_has_its_own)
{
	struct userfaultfd *child = NULL;
	struct mm *mm = NULL;
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 4, MISSING | WP, EVENTS));
	KT_CHECK_EQ(answer(&s, 0, 0), PAGE_SIZE);
	KT_CHECK_EQ(protect(&s, 0, 1), 0);
	if (fx_start(&t, s.mm, forker, &mm)) {
		KT_CHECK(kt_wait_until(userfaultfd_readable(s.uffd)));
		KT_CHECK(userfaultfd_read(s.uffd, &msg, &child) && child);
		KT_CHECK(msg.event == UFFD_EVENT_FORK && !completion_done(&t.done));
		/* no file: it comes again */
		if (child)
			userfaultfd_forked(s.uffd, child, false);
		KT_CHECK(userfaultfd_read(s.uffd, &msg, &child) && child);
		if (child)
			userfaultfd_forked(s.uffd, child, true);
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	if (mm) {
		KT_CHECK(must_ask(mm, 0) && must_ask(mm, 1) && must_ask(s.mm, 0));
		KT_CHECK_EQ(userfaultfd_zeropage(child, FX_BASE + P(1), P(1)), P(1));
		KT_CHECK(!must_ask(mm, 1) && must_ask(s.mm, 1));
		userfaultfd_release(child);
		KT_CHECK(!must_ask(mm, 0) && !must_ask(mm, 2));
		KT_CHECK(fx_valid(mm));
		mmput(mm);
	}
	stage_down(&s);
}

/* Nobody reads, and the file is closed: who waits goes on, a child asks nobody. */
static void closing_ends(int (*change)(void *arg))
{
	struct mm *mm = NULL;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 4, MISSING, EVENTS));
	if (fx_start(&t, s.mm, change, &mm)) {
		KT_CHECK(kt_wait_until(userfaultfd_readable(s.uffd)));
		userfaultfd_release(s.uffd);
		s.uffd = NULL;
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	if (mm) {
		KT_CHECK(!must_ask(mm, 3) && fx_valid(mm));
		mmput(mm);
	}
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, closing_ends_every_change)
{
	closing_ends(unmapper);
	closing_ends(dropper);
	closing_ends(mover);
	closing_ends(forker);
}

/* The file is closed between the note and the list: nobody waits, and each event is void. */
static void change_closed(int (*change)(void *arg), void *arg, unsigned int point)
{
	u64 fired = 1;

	for (u64 nth = 1; fired && nth < 60; nth++) {
		struct stage s;
		int err;

		KT_TRUE(stage_up(&s, 4, MISSING, EVENTS));
		WRITE_ONCE(s.uffd->released, true);
		inject_arm((enum inject_point)point, nth, 1, current);
		err = change(arg);
		fired = inject_disarm((enum inject_point)point);
		KT_CHECK(fired ? !err || err == -ENOMEM || err == -EINVAL : !err);
		KT_CHECK_EQ(atomic_read(&s.uffd->changing), 0);
		KT_CHECK(list_empty(&s.mm->uffd_events) && fx_valid(s.mm));
		if (change == forker && !err)
			mmput(*(struct mm **)arg);
		stage_down(&s);
	}
}

KTEST_QUICK(userfaultfd, without_memory_nothing_is_noted)
{
	struct mm *mm = NULL;

	for (unsigned int point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		change_closed(unmapper, NULL, point);
		change_closed(mover, NULL, point);
		change_closed(forker, &mm, point);
	}
}
