/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/diff/remap.c - mremap: grow, shrink, move, duplicate, and what it refuses
 *
 * A source that the model holds for one VMA may be several all the same: equal
 * neighbours do not always join, and kernels differ in when. The call then
 * answers -EFAULT, and the move is done page by page, with the same outcome; this
 * is not noted. A source that certainly is several VMAs is only used where every
 * Linux gives the same answer. What lands outside of the arena is moved into it.
 */
#include "tests/diff/mmdiff.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

unsigned int nr_piecewise;

struct remap {
	unsigned int from, old, n, to;	/* pages; @n: the new length */
	int flags;
};

static long call(unsigned long at, unsigned long old_len, unsigned long new_len, int flags,
		 unsigned long to)
{
	return syscall(SYS_mremap, at, old_len, new_len, flags, to);
}

static long call_pages(unsigned int from, unsigned int old, unsigned int n, int flags,
		       unsigned int to)
{
	return call((unsigned long)arena_page(from), old * PAGE, n * PAGE, flags,
		    (unsigned long)arena_page(to));
}

/* What landed at address @where goes to its place in the arena. */
static long fetch(long where, const struct remap *m)
{
	return call((unsigned long)where, m->n * PAGE, m->n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		    (unsigned long)arena_page(m->to));
}

static bool overlap(unsigned int a, unsigned int a_len, unsigned int b, unsigned int b_len)
{
	return a < b + b_len && b < a + a_len;
}

/* A place for @n pages that does not touch the source. */
static bool some_target(struct remap *m)
{
	for (int tries = 0; tries < 20; tries++) {
		m->to = rnd(ARENA_PAGES - m->n + 1);
		if (!overlap(m->from, m->old ? m->old : 1, m->to, m->n))
			return true;
	}
	return false;
}

/* ---- the model follows ---- */

static void model_resize(const struct remap *m)
{
	struct page_model page = model[m->from];

	if (m->n <= m->old)
		model_unmap(m->from + m->n, m->old - m->n);
	else
		model_map(m->from, m->n, page);
}

static void model_relocate(const struct remap *m)
{
	struct page_model page = model[m->from];

	if (!(m->flags & MREMAP_DONTUNMAP))
		model_unmap(m->from, m->old);
	for (unsigned int i = m->from; i < m->from + m->old; i++)
		model[i].locked = 0;		/* the lock goes with the pages */
	model_map(m->to, m->n, page);
}

/* ---- page by page ---- */

/* To m->to; the last page is the one that grows. */
static long move_piecewise(const struct remap *m)
{
	unsigned int last = (m->old < m->n ? m->old : m->n) - 1, more = m->n - last;
	int flags = m->flags | MREMAP_MAYMOVE | MREMAP_FIXED;
	long result;

	nr_piecewise++;
	for (unsigned int i = 0; i < last; i++) {
		result = call_pages(m->from + i, 1, 1, flags, m->to + i);
		if (result == -1)
			return result;
	}
	result = call_pages(m->from + last, 1, more, flags, m->to + last);
	if (result != -1 && m->old > m->n)
		result = syscall(SYS_munmap, arena_page(m->from + m->n), (m->old - m->n) * PAGE);
	return result;
}

/* ---- the cases ---- */

/* Where it is, if there is room; otherwise it may land anywhere and is fetched. */
static void resize(struct remap *m)
{
	bool room = m->n <= m->old || model_is_free(m->from + m->old, m->n - m->old);
	long result, here = (long)arena_page(m->from);

	if (!room && !some_target(m))
		return;
	note(" to %u", m->to);
	result = call((unsigned long)here, m->old * PAGE, m->n * PAGE, m->flags, 0);
	if (result == -1 && errno == EFAULT && room) {
		nr_piecewise++;
		result = call_pages(m->from + m->old - 1, 1, m->n - m->old + 1, 0, 0);
		result = result == -1 ? -1 : here;
	} else if (result == -1 && errno == EFAULT && m->flags & MREMAP_MAYMOVE) {
		result = move_piecewise(m);
	} else if (result == -1 && errno == EFAULT) {
		errno = ENOMEM;		/* one VMA would have said so */
	} else if (result != -1 && result != here) {
		result = fetch(result, m);
	}
	if (!note_result(result))
		return;
	note(" %s", result == here ? "here" : "moved");
	if (result == here)
		model_resize(m);
	else
		model_relocate(m);
}

/* To a place in the arena, which loses what it had. */
static void move_fixed(struct remap *m)
{
	long result;

	if (!some_target(m))
		return;
	note(" to %u", m->to);
	m->flags |= MREMAP_MAYMOVE;
	if (m->flags & MREMAP_DONTUNMAP && one_in(3)) {
		note(" by way of elsewhere");
		result = call((unsigned long)arena_page(m->from), m->old * PAGE, m->n * PAGE,
			      m->flags, 0);
		if (result != -1)
			result = fetch(result, m);
	} else {
		result = call_pages(m->from, m->old, m->n, m->flags | MREMAP_FIXED, m->to);
	}
	if (result == -1 && errno == EFAULT)
		result = move_piecewise(m);
	if (note_result(result))
		model_relocate(m);
}

/* Old length 0: shared memory appears a second time. */
static void duplicate(struct remap *m)
{
	bool shared = model[m->from].obj >= OBJ_SHARED;

	m->old = 0;
	if (!some_target(m))
		return;
	note(" to %u", m->to);
	m->flags = MREMAP_MAYMOVE | (shared ? MREMAP_FIXED : 0);
	if (note_result(call_pages(m->from, 0, m->n, m->flags, m->to)))
		model_map(m->to, m->n, model[m->from]);
}

/* Certainly several VMAs, or a hole: shrinking works, growing does not. */
static void across(struct remap *m)
{
	m->flags = one_in(2) ? MREMAP_MAYMOVE : 0;
	note(" flags %d", m->flags);
	if (note_result(call_pages(m->from, m->old, m->n, m->flags, 0)))
		model_unmap(m->from + m->n, m->old - m->n);
}

void op_mremap(void)
{
	struct range r = one_in(8) ? some_range() : uniform_range();
	struct remap m = { .from = r.first, .old = r.n, .n = r.n };
	unsigned int kind = rnd(16);

	if (kind < 12)
		m.n = one_in(4) ? 1 + rnd(ARENA_PAGES / 2) : 1 + rnd(2 * r.n + 2);
	if (m.n > ARENA_PAGES / 2)
		m.n = ARENA_PAGES / 2;
	if (m.n > ARENA_PAGES - m.from)		/* there is room behind the arena */
		m.n = ARENA_PAGES - m.from;
	note("mremap %u+%u -> %u kind %u", m.from, m.old, m.n, kind);
	if (!model_is_uniform(r.first, r.n)) {
		across(&m);
	} else if (kind < 4) {
		resize(&m);
	} else if (kind < 8) {
		m.flags = MREMAP_MAYMOVE;
		resize(&m);
	} else if (kind < 11) {
		move_fixed(&m);
	} else if (kind == 11) {
		duplicate(&m);
	} else if (kind < 14) {
		m.old = m.n;
		move_fixed(&m);
	} else {
		m.old = m.n = m.old <= ARENA_PAGES / 2 ? m.old : ARENA_PAGES / 2;
		/* Linux unlocks the whole VMA that the source is a part of. */
		m.flags = model[m.from].locked ? 0 : MREMAP_DONTUNMAP;
		move_fixed(&m);
	}
}

void op_mremap_wrong(void)
{
	unsigned int page = rnd(ARENA_PAGES), i = rnd(9);
	unsigned long at = (unsigned long)arena_page(page), to = ARENA + ARENA_PAGES * PAGE * 2;
	const int fixed = MREMAP_MAYMOVE | MREMAP_FIXED;
	const struct {
		unsigned long at, old_len, new_len;
		int flags;
		unsigned long to;
	} calls[] = {
		{ at + 1, PAGE, PAGE, 0, 0 },
		{ at, PAGE, 0, MREMAP_MAYMOVE, 0 },
		{ at, PAGE, PAGE, 8, 0 },
		{ at, PAGE, PAGE, MREMAP_FIXED, to },
		{ at, PAGE, PAGE, MREMAP_DONTUNMAP, 0 },
		{ at, PAGE, 2 * PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, 0 },
		{ at, PAGE, PAGE, fixed, at },
		{ at, PAGE, PAGE, fixed, to + 1 },
		{ at, PAGE, PAGE, fixed, 0x800000000000UL },
	};

	note("mremap wrong %u page %u", i, page);
	if (model[page].obj && note_result(call(calls[i].at, calls[i].old_len, calls[i].new_len,
						calls[i].flags, calls[i].to)))
		note(" BUT SHOULD NOT");
}
