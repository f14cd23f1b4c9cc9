/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/memview.c - physical memory, one process's pages and its second MMUs, as a picture
 *
 * Concept    Three panes, each made of what /proc tells anybody, so that the picture is no
 *            truth of its own:
 *
 *                frames     kpageflags: a letter for each group of frames, that of most of them
 *                lists      meminfo, swaps: LRU lists and swap, as bars
 *                process    maps and pagemap: a letter for each page; beside it, notifiers
 *
 *            A frame that is in no state in which a frame can be is shown as `!', in red.
 *            On Linux it needs root, and shows no second MMUs, for /proc/<pid>/notifiers is
 *            Lockstep's own.
 * Callers    people, tests/boot.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "user/cli.h"

static const char manual[] =
"memview - show what physical memory is used for, and one process's pages\n"
"\n"
"usage: memview [options] [PID]\n"
"\n"
"  -1, --once         one picture as text, and no colours\n"
"  -n, --frames N     so many pictures, then end (0: until Ctrl-C)\n"
"  -i, --interval S   seconds between two of them (1)\n"
"  -w, --width N      letters in a row (64)\n"
"  -r, --rows N       rows of the map of frames (16)\n"
"\n"
"Letters of frames: . free  a anonymous, active  i anonymous, inactive  f of a file, active\n"
"  g of a file, inactive  s in the swap cache  w being written  U unevictable  S slab\n"
"  T page table  k the kernel's  ! impossible\n"
"Letters of pages: . not there  p present  w present, written lately  x in swap\n"
"\n"
"PID: whose pages; itself without one. Colours only on a terminal, and not if NO_COLOR is set.\n"
"The status is 1 if /proc lacks something or a frame is impossible, 2 if the command line is\n"
"wrong.\n";

/* Bits of /proc/kpageflags. */
enum {
	DIRTY = 4, LRU = 5, ACTIVE = 6, SLAB = 7, WRITEBACK = 8, BUDDY = 10, MMAP = 11, ANON = 12,
	SWAPCACHE = 13, SWAPBACKED = 14, UNEVICTABLE = 18, NOPAGE = 20, PGTABLE = 26,
};
#define HAS(word, bit) ((word) >> (bit) & 1)

static const struct kind {
	char letter;
	const char *name, *colour;
} kinds[] = {
	{ '.', "free", "2;37" }, { 'a', "anonymous, active", "1;32" },
	{ 'i', "anonymous, inactive", "32" }, { 'f', "file, active", "1;34" },
	{ 'g', "file, inactive", "34" }, { 's', "swap cache", "33" },
	{ 'w', "being written", "1;33" }, { 'U', "unevictable", "35" }, { 'S', "slab", "36" },
	{ 'T', "page table", "1;36" }, { 'k', "kernel", "37" }, { '!', "impossible", "1;41" },
};
enum { FREE, ANON_ACTIVE, ANON_INACTIVE, FILE_ACTIVE, FILE_INACTIVE, SWAP, WRITTEN, LOCKED,
	SLABS, TABLES, KERNEL, IMPOSSIBLE, NR_KINDS };

static bool colours;
static unsigned long width = 64, rows = 16, nr_impossible;

static void put(char letter, const char *colour)
{
	if (colours && colour)
		printf("\033[%sm%c\033[0m", colour, letter);
	else
		putchar(letter);
}

/* ---- frames ---- */

static unsigned int kind_of(uint64_t word)
{
	if (HAS(word, BUDDY))
		return HAS(word, MMAP) || HAS(word, LRU) || HAS(word, SLAB) ? IMPOSSIBLE : FREE;
	if (HAS(word, SLAB))
		return HAS(word, LRU) ? IMPOSSIBLE : SLABS;
	if (HAS(word, PGTABLE))
		return HAS(word, LRU) ? IMPOSSIBLE : TABLES;
	if (HAS(word, WRITEBACK))
		return WRITTEN;
	if (HAS(word, UNEVICTABLE))
		return LOCKED;
	if (HAS(word, SWAPCACHE))
		return SWAP;
	if (HAS(word, LRU) || HAS(word, MMAP))
		return HAS(word, ANON) || HAS(word, SWAPBACKED) ?
		       (HAS(word, ACTIVE) ? ANON_ACTIVE : ANON_INACTIVE) :
		       (HAS(word, ACTIVE) ? FILE_ACTIVE : FILE_INACTIVE);
	return KERNEL;
}

/* All of kpageflags as kinds. Return: how many frames. */
static size_t read_frames(uint8_t **out)
{
	int fd = open("/proc/kpageflags", O_RDONLY);
	uint64_t words[512];
	size_t n = 0, room = 0;
	ssize_t got;

	if (fd < 0)
		cli_failed("memview", "/proc/kpageflags");
	*out = NULL;
	while ((got = read(fd, words, sizeof(words))) > 0) {
		for (size_t i = 0; i < (size_t)got / sizeof(*words); i++) {
			if (n == room) {
				room = room ? 2 * room : 65536;
				*out = realloc(*out, room);
				if (!*out)
					cli_failed("memview", "frames");
			}
			(*out)[n++] = HAS(words[i], NOPAGE) ? NR_KINDS : kind_of(words[i]);
		}
	}
	close(fd);
	return n;
}

/* The kind of most of @n frames; one that is impossible is shown whatever the others are. */
static unsigned int kind_of_most(const uint8_t *frames, size_t n)
{
	size_t count[NR_KINDS + 1] = { 0 };
	unsigned int best = NR_KINDS;

	for (size_t i = 0; i < n; i++)
		count[frames[i]]++;
	if (count[IMPOSSIBLE])
		return IMPOSSIBLE;
	for (unsigned int k = 0; k < NR_KINDS; k++)
		if (count[k] > count[best])
			best = k;
	return best;
}

static void pane_frames(void)
{
	uint8_t *frames;
	size_t n = read_frames(&frames), each = (n + width * rows - 1) / (width * rows);
	size_t count[NR_KINDS + 1] = { 0 };

	printf("frames: %zu, %zu a letter\n", n, each);
	for (size_t at = 0, column = 0; at < n; at += each) {
		unsigned int kind = kind_of_most(frames + at, n - at < each ? n - at : each);

		put(kind == NR_KINDS ? ' ' : kinds[kind].letter,
		    kind == NR_KINDS ? NULL : kinds[kind].colour);
		if (++column % width == 0 || at + each >= n)
			putchar('\n');
	}
	for (size_t i = 0; i < n; i++)
		count[frames[i]]++;
	for (unsigned int k = 0; k < NR_KINDS; k++) {
		put(kinds[k].letter, kinds[k].colour);
		printf(" %-20s%9zu%s", kinds[k].name, count[k], k % 2 ? "\n" : "   ");
	}
	nr_impossible += count[IMPOSSIBLE];
	free(frames);
}

/* ---- lists ---- */

/* A line of a file such as /proc/meminfo; 0: there is none. */
static unsigned long line_of(const char *path, const char *key)
{
	FILE *f = fopen(path, "r");
	unsigned long value = 0;
	char line[256];

	if (!f)
		cli_failed("memview", path);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			value = strtoul(line + strlen(key) + 1, NULL, 10);
	fclose(f);
	return value;
}

static void bar(const char *name, unsigned long kb, unsigned long of_kb)
{
	unsigned long filled = of_kb ? kb * (width - 32) / of_kb : 0;

	printf("%-16s%9lu kB ", name, kb);
	for (unsigned long i = 0; i < width - 32; i++)
		putchar(i < filled ? '#' : '-');
	putchar('\n');
}

static void pane_lists(void)
{
	static const char *const lists[] = {
		"Active(anon)", "Inactive(anon)", "Active(file)", "Inactive(file)", "Unevictable",
	};
	unsigned long total = line_of("/proc/meminfo", "MemTotal");
	unsigned long swap = line_of("/proc/meminfo", "SwapTotal");

	printf("lists of %lu kB\n", total);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		bar(lists[i], line_of("/proc/meminfo", lists[i]), total);
	bar("swap used", swap - line_of("/proc/meminfo", "SwapFree"), swap);
}

/* ---- a process ---- */

static char page_letter(uint64_t word)
{
	if (HAS(word, 62))
		return 'x';
	return !HAS(word, 63) ? '.' : HAS(word, 55) ? 'w' : 'p';
}

/* One row for each range: as many letters as fit, then how many pages there are more. */
static void show_range(int pagemap, uintptr_t start, uintptr_t end, const char *name)
{
	size_t pages = (end - start) / (size_t)sysconf(_SC_PAGESIZE), shown = width - 24;
	uint64_t word;

	printf("%012lx %6zu ", start, pages);
	for (size_t i = 0; i < shown && i < pages; i++) {
		off_t at = (off_t)(start / (size_t)sysconf(_SC_PAGESIZE) + i) * 8;

		if (pread(pagemap, &word, sizeof(word), at) != sizeof(word))
			break;
		put(page_letter(word), HAS(word, 62) ? "33" : HAS(word, 63) ? "32" : NULL);
	}
	printf("%s %s\n", pages > shown ? "..." : "", name);
}

static void pane_process(const char *pid)
{
	char path[64], line[512], *name;
	unsigned long start, end;
	FILE *maps, *notifiers;
	int pagemap;

	snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
	pagemap = open(path, O_RDONLY);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	if (!maps || pagemap < 0)
		cli_failed("memview", path);
	printf("process %s: address, pages\n", pid);
	while (fgets(line, sizeof(line), maps) && sscanf(line, "%lx-%lx", &start, &end) == 2) {
		line[strcspn(line, "\n")] = '\0';
		name = strlen(line) > 73 ? line + 73 : "";
		show_range(pagemap, start, end, name);
	}
	fclose(maps);
	close(pagemap);
	snprintf(path, sizeof(path), "/proc/%s/notifiers", pid);
	notifiers = fopen(path, "r");
	printf("second MMUs%s\n", notifiers ? ":" : ": not told here");
	while (notifiers && fgets(line, sizeof(line), notifiers))
		fputs(line, stdout);
	if (notifiers)
		fclose(notifiers);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "once", 0, NULL, '1' }, { "frames", 1, NULL, 'n' }, { "interval", 1, NULL, 'i' },
		{ "width", 1, NULL, 'w' }, { "rows", 1, NULL, 'r' }, { "help", 0, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long pictures = 0, seconds = 1;
	bool once = false;
	int opt;

	colours = isatty(1) && !getenv("NO_COLOR");
	while ((opt = getopt_long(argc, argv, "1n:i:w:r:h", options, NULL)) != -1) {
		switch (opt) {
		case '1': once = true; break;
		case 'n': pictures = cli_number("memview", "--frames", optarg, 0, 1UL << 32); break;
		case 'i': seconds = cli_number("memview", "--interval", optarg, 1, 86400); break;
		case 'w': width = cli_number("memview", "--width", optarg, 40, 1000); break;
		case 'r': rows = cli_number("memview", "--rows", optarg, 1, 1000); break;
		case 'h': return fputs(manual, stdout) < 0;
		default: cli_wrong("memview", "that is no option of mine");
		}
	}
	if (argc - optind > 1)
		cli_wrong("memview", "'%s': one PID is enough", argv[optind + 1]);
	if (optind < argc)
		(void)cli_number("memview", "PID", argv[optind], 1, INT32_MAX);
	colours = colours && !once;
	for (unsigned long i = 1;; i++) {
		if (!once)
			printf("\033[H\033[J");
		pane_frames();
		pane_lists();
		pane_process(optind < argc ? argv[optind] : "self");
		fflush(stdout);
		if (once || i == pictures)
			return nr_impossible != 0;
		nanosleep(&(struct timespec){ .tv_sec = (time_t)seconds }, NULL);
	}
}
