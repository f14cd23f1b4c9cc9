/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/diff/model.c - what the program believes about its arena, and the maps file
 *
 * The model decides no result: it only steers the choice of operations, above
 * all which ranges may be one VMA, since what is unequal certainly is not. With
 * -m it is compared with /proc/self/maps after each operation.
 */
#include "tests/diff/mmdiff.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_RANGES (ARENA_PAGES + HEAP_PAGES)

struct page_model model[ARENA_PAGES];

/* ---- the model ---- */

bool model_is_free(unsigned int first, unsigned int n)
{
	for (unsigned int i = first; i < first + n; i++)
		if (i >= ARENA_PAGES || model[i].obj)
			return false;
	return true;
}

static bool continues(const struct page_model *a, const struct page_model *b)
{
	return a->obj == b->obj && b->off == a->off + (a->obj != OBJ_ANON) && a->prot == b->prot &&
	       a->dontfork == b->dontfork && a->wipe == b->wipe && a->locked == b->locked;
}

bool model_is_uniform(unsigned int first, unsigned int n)
{
	if (!model[first].obj)
		return false;
	for (unsigned int i = first + 1; i < first + n; i++)
		if (!continues(&model[i - 1], &model[i]))
			return false;
	return true;
}

void model_map(unsigned int first, unsigned int n, struct page_model page)
{
	for (unsigned int i = first; i < first + n; i++) {
		model[i] = page;
		if (page.obj != OBJ_ANON)
			page.off++;
	}
}

void model_unmap(unsigned int first, unsigned int n)
{
	memset(&model[first], 0, n * sizeof(model[0]));
}

void model_move(unsigned int from, unsigned int to, unsigned int n, bool keep)
{
	struct page_model copy[ARENA_PAGES];

	memcpy(copy, &model[from], n * sizeof(model[0]));
	if (!keep)
		model_unmap(from, n);
	memcpy(&model[to], copy, n * sizeof(model[0]));
}

/* ---- /proc/self/maps ---- */

/* The part of [start, end) in a window of @pages pages from @base on, in pages of it. */
static bool in_window(struct maps_range *r, unsigned long start, unsigned long end,
		      unsigned long base, unsigned int pages)
{
	if (end <= base || start >= base + pages * PAGE)
		return false;
	r->first = start < base ? 0 : (unsigned int)((start - base) / PAGE);
	r->end = end > base + pages * PAGE ? pages : (unsigned int)((end - base) / PAGE);
	return true;
}

/* One line of text into a range. False: not of interest. */
static bool parse_line(const char *text, struct maps_range *r)
{
	unsigned long start, end, off;
	unsigned int major, minor, file;

	if (sscanf(text, "%lx-%lx %4s %lx %x:%x %lu", &start, &end, r->perms, &off, &major, &minor,
		   &r->ino) != 7)
		return false;
	r->heap = in_window(r, start, end, (unsigned long)heap_base(), HEAP_PAGES + 1);
	if (!r->heap && !in_window(r, start, end, ARENA, ARENA_PAGES))
		return false;
	r->off = off / PAGE;
	r->obj = OBJ_ANON;
	if (strstr(text, "/dev/zero")) {
		r->obj = OBJ_SHM;
	} else if (r->ino) {
		for (file = 0; file < NR_FILES; file++)
			if (file_is(file, makedev(major, minor), r->ino))
				break;
		r->obj = OBJ_SHARED + file;
	}
	return true;
}

static bool joins(const struct maps_range *a, const struct maps_range *b)
{
	return a->heap == b->heap && a->end == b->first && a->obj == b->obj && a->ino == b->ino &&
	       !strcmp(a->perms, b->perms) &&
	       (a->obj == OBJ_ANON || a->off + (a->end - a->first) == b->off);
}

unsigned int maps_read(struct maps_range *ranges, unsigned int max)
{
	static char text[65536];
	int fd = open("/proc/self/maps", O_RDONLY);
	unsigned int n = 0;
	size_t len = 0;
	ssize_t got;

	while (fd >= 0 && (got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	close(fd);
	text[len] = '\0';
	for (char *at = text, *end; *at && n < max; at = end + 1) {
		end = strchr(at, '\n');
		if (!end)
			break;
		*end = '\0';
		if (!parse_line(at, &ranges[n]))
			continue;
		if (n && joins(&ranges[n - 1], &ranges[n]))
			ranges[n - 1].end = ranges[n].end;
		else
			n++;
	}
	return n;
}

void maps_note(void)
{
	static struct maps_range ranges[MAX_RANGES];
	unsigned int n = maps_read(ranges, MAX_RANGES);

	note("maps");
	for (unsigned int i = 0; i < n; i++) {
		const struct maps_range *r = &ranges[i];

		note(" %s%u-%u:%s", r->heap ? "heap" : "", r->first, r->end, r->perms);
		if (r->obj >= OBJ_SHM)
			note(":shm@%lu", r->off);
		else if (r->obj != OBJ_ANON)
			note(":f%u@%lu", r->obj - OBJ_SHARED, r->off);
	}
}

/* ---- -m ---- */

static bool page_agrees(const struct page_model *p, const struct maps_range *r, unsigned int page)
{
	char perms[5] = { p->prot & PROT_READ ? 'r' : '-', p->prot & PROT_WRITE ? 'w' : '-',
			  p->prot & PROT_EXEC ? 'x' : '-', p->obj >= OBJ_SHARED ? 's' : 'p', 0 };
	unsigned int obj = p->obj;

	if (!r || !obj)
		return !r == !obj;
	if (obj >= OBJ_SHM)
		obj = OBJ_SHM;
	else if (obj >= OBJ_PRIVATE)
		obj = OBJ_SHARED + (obj - OBJ_PRIVATE) % NR_FILES;
	return !strcmp(perms, r->perms) && obj == r->obj &&
	       (obj == OBJ_ANON || p->off == r->off + (page - r->first));
}

/* Pages [first, end) against the flags that only smaps shows. */
static bool flags_agree(unsigned int first, unsigned int end, const char *flags)
{
	for (unsigned int i = first; i < end; i++) {
		if (!strstr(flags, " lo") != !model[i].locked ||
		    !strstr(flags, " dc") != !model[i].dontfork ||
		    !strstr(flags, " wf") != !model[i].wipe) {
			dprintf(2, "mmdiff: page %u: locked %d dontfork %d wipe %d, smaps %s\n", i,
				model[i].locked, model[i].dontfork, model[i].wipe, flags);
			return false;
		}
	}
	return true;
}

/* Where the kernel has smaps. */
static bool smaps_agree(void)
{
	static char text[1 << 20];
	struct maps_range r = { .first = 0 };
	unsigned long start, end;
	bool inside = false, ok = true;
	size_t len = 0;
	ssize_t got;
	int fd = open("/proc/self/smaps", O_RDONLY);

	while (fd >= 0 && (got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	close(fd);
	text[len] = '\0';
	for (char *at = strtok(text, "\n"); at && ok; at = strtok(NULL, "\n")) {
		if (sscanf(at, "%lx-%lx ", &start, &end) == 2)
			inside = in_window(&r, start, end, ARENA, ARENA_PAGES);
		else if (inside && !strncmp(at, "VmFlags:", 8))
			ok = flags_agree(r.first, r.end, at);
	}
	return ok;
}

bool model_check(void)
{
	static struct maps_range ranges[MAX_RANGES];
	unsigned int n = maps_read(ranges, MAX_RANGES), i;

	for (unsigned int page = 0; page < ARENA_PAGES; page++) {
		const struct maps_range *found = NULL;

		for (i = 0; i < n; i++)
			if (!ranges[i].heap && page >= ranges[i].first && page < ranges[i].end)
				found = &ranges[i];
		if (!page_agrees(&model[page], found, page)) {
			dprintf(2, "mmdiff: page %u: model obj %u off %u prot %u, maps %s obj %u off %lu\n",
				page, model[page].obj, model[page].off, model[page].prot,
				found ? found->perms : "none", found ? found->obj : 0,
				found ? found->off + (page - found->first) : 0);
			return false;
		}
	}
	return smaps_agree();
}
