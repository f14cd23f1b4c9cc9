/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/uffd_fixture.h - an address space with a userfaultfd, for its suites
 */
#ifndef TESTS_KERNEL_UFFD_FIXTURE_H
#define TESTS_KERNEL_UFFD_FIXTURE_H

#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/test/ktest.h"
#include "mm/fault.h"
#include "mm/pagemap.h"
#include "mm/uaccess.h"
#include "mm/userfaultfd.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
/* Where the bytes of answers come from; not registered. */
#define SRC (FX_BASE + P(256))
#define MISSING UFFDIO_REGISTER_MODE_MISSING
#define WP UFFDIO_REGISTER_MODE_WP

/* An address space whose first @pages pages at FX_BASE are registered. */
struct stage {
	struct mm *mm;
	struct userfaultfd *uffd;
	unsigned long pages;
};

static inline bool stage_up(struct stage *s, unsigned long pages, u64 mode, u64 features)
{
	*s = (struct stage){ .mm = fx_mm(), .pages = pages };
	if (!s->mm)
		return false;
	fx_map(s->mm, FX_BASE, pages, FX_RW);
	fx_map(s->mm, SRC, 8, FX_RW);
	for (unsigned long i = 0; i < 8; i++)
		fx_put(SRC + P(i), 100 + i);
	if (KT_CHECK_EQ(userfaultfd_alloc(s->mm, false, &s->uffd), 0) &&
	    KT_CHECK_EQ(userfaultfd_set_features(s->uffd, features), 0) &&
	    KT_CHECK_EQ(userfaultfd_register(s->uffd, FX_BASE, P(pages), mode), 0))
		return true;
	fx_drop(s->mm);
	return false;
}

static inline void stage_down(struct stage *s)
{
	if (s->uffd)
		userfaultfd_release(s->uffd);
	fx_drop(s->mm);
}

/* UFFDIO_COPY of one page, with its waking. */
static inline s64 answer(struct stage *s, unsigned long page, unsigned long src)
{
	s64 done = userfaultfd_copy(s->uffd, FX_BASE + P(page), P(1),
				    (const void __user *)(SRC + P(src)), false);

	if (done > 0)
		userfaultfd_wake(s->uffd, FX_BASE + P(page), P(1));
	return done;
}

/* The next fault or event, but no fork, for which a thread is under way. */
static inline bool heard(struct stage *s, struct uffd_msg *msg)
{
	struct userfaultfd *child;

	return kt_wait_until(userfaultfd_readable(s->uffd)) &&
	       userfaultfd_read(s->uffd, msg, &child) && KT_CHECK(!child);
}

/* A thread of the program: what it reads from, or whether it could write to, page *arg. */
static inline int reader(void *arg)
{
	u64 word = 0;
	int err = get_user(word, (u64 *)(FX_BASE + P(*(unsigned long *)arg)));

	return err ? err : (int)word;
}

static inline int writer(void *arg)
{
	return put_user((u64)7, (u64 *)(FX_BASE + P(*(unsigned long *)arg)));
}

/* It must come to its end without further help; if it does not, nobody asks any more. */
static inline int ends(struct stage *s, struct fx_thread *t)
{
	if (!kt_wait_until(completion_done(&t->done))) {
		KT_CHECK_EQ(userfaultfd_unregister(s->uffd, FX_BASE, P(s->pages)), 0);
		userfaultfd_wake(s->uffd, 0, MM_USER_TOP);
	}
	return fx_join(t);
}

/* The word at @va of a page that is there: nobody would answer if it were not. */
static inline u64 look(unsigned long va)
{
	u64 word;

	return copy_from_user_nofault(&word, (void *)va, sizeof(word)) ? 0xbad : word;
}

static inline int protect(struct stage *s, unsigned long page, unsigned long pages)
{
	return userfaultfd_writeprotect(s->uffd, FX_BASE + P(page), P(pages), true);
}

static inline int lift(struct stage *s, unsigned long page, unsigned long pages)
{
	int err = userfaultfd_writeprotect(s->uffd, FX_BASE + P(page), P(pages), false);

	userfaultfd_wake(s->uffd, FX_BASE + P(page), P(pages));
	return err;
}

static inline bool is_protected(struct mm *mm, unsigned long page)
{
	u64 word = 0;

	KT_CHECK_EQ(pagemap_read(mm, FX_BASE + P(page), 1, false, &word), 0);
	return word & PM_UFFD_WP;
}

/* Without waiting: does a write of page @n have to ask? */
static inline bool must_ask(struct mm *mm, unsigned long n)
{
	return mm_fault(mm, FX_BASE + P(n), FAULT_WRITE | FAULT_NOASK) == FAULT_BUSERR;
}

#define MINOR UFFDIO_REGISTER_MODE_MINOR
/* The same file once more; not registered. */
#define OTHER (FX_BASE + P(128))

/* A stage whose memory is a file of @pages pages. */
static inline bool shared_stage_up(struct stage *s, unsigned long pages, u64 mode,
				   struct file **file)
{
	unsigned long out;
	bool ok;

	if (!stage_up(s, 1, MISSING, 0))
		return false;
	s->pages = pages;
	ok = KT_CHECK_EQ(tmpfs_file_anon(P(pages), file), 0);
	if (!ok)
		*file = NULL;
	ok = ok && KT_CHECK_EQ(vm_mmap(s->mm, *file, FX_BASE, P(pages), FX_RW,
				       MAP_SHARED | MAP_FIXED, 0, &out), 0) &&
	     KT_CHECK_EQ(vm_mmap(s->mm, *file, OTHER, P(pages), FX_RW,
				 MAP_SHARED | MAP_FIXED, 0, &out), 0) &&
	     KT_CHECK_EQ(userfaultfd_register(s->uffd, FX_BASE, P(pages), mode), 0);
	if (ok)
		return true;
	stage_down(s);
	if (*file)
		file_put(*file);
	return false;
}

static inline void shared_stage_down(struct stage *s, struct file *file)
{
	stage_down(s);
	file_put(file);
}

#endif
