/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/demo.c - a device works on a program's memory while that memory is swapped
 *
 * Concept    The working set is at least one and a half times the memory that is
 *            there, so the kernel must swap all the time. The DMA engine copies,
 *            fills, compares and checksums it by user address; two threads write
 *            to it as well, often into the same pages. Nothing is pinned.
 *
 *            What every byte must be is known from the seed alone: the memory is
 *            cut into cells, and the model says for each cell of which pieces it
 *            consists (random bytes of a key, or a pattern). An
 *            operation changes the model when it is planned. Answers of the
 *            engine are compared with the model; they never enter it.
 *
 *            Cells are a little longer than a whole number of pages, so that the
 *            engine and the CPU write to different bytes of one page at once.
 *
 * Usage      demo [--seed N] [--passes N] [--pages N] [--loop SECONDS]
 *                 [--plant pin|stale|flip]
 * Output     lines key=value; exit status 0 if the last is verify=ok.
 *
 * It goes on until --passes passes are done and --pages pages were swapped each
 * way. --plant makes one mistake on purpose, to show that the run then fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "include/uapi/lockstep/dma.h"
#include "include/uapi/lockstep/plant.h"

#define CELL (64 * 1024 + 320)
#define PIECES 4
#define RING 64
#define WRITERS 2
#define PAGE 4096ul
#define PAGES_EACH_WAY 20000

enum source { RANDOM, PATTERN };

/* Bytes [off, off + len) of a cell: what @source gives from its beginning on. */
struct piece {
	uint32_t off, len;
	enum source source;
	uint64_t key;
};

struct cell {
	struct piece piece[PIECES];
	unsigned int n;
	volatile bool busy;	/* in the hands of the engine or a writer */
};

/* A planned operation of the engine, and what it must answer. */
struct planned {
	int a, b;		/* cells, or -1 */
	uint64_t expect;	/* result */
	bool checks;		/* whether the result says something */
};

static unsigned char *memory;
static struct cell *cells;
static int nr_cells;
static uint64_t rng;

static int dma_fd;
static struct dma_desc *ring;
static struct planned planned[RING];
static uint64_t head, tail;
static uint64_t stale;		/* answers that contradict the model */

struct writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	int cell;		/* -1: idle */
	bool quit;
};
static struct writer writers[WRITERS];

static void die(const char *what)
{
	fprintf(stderr, "demo: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- what bytes are ---- */

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static uint64_t next_random(void)
{
	return mix(rng++);
}

static void piece_render(const struct piece *p, unsigned char *out)
{
	uint64_t word = 0;

	for (uint32_t i = 0; i < p->len; i++) {
		if (i % 8 == 0)
			word = p->source == PATTERN ? p->key : mix(p->key + i / 8);
		out[p->off + i] = (unsigned char)(word >> (8 * (i % 8)));
	}
}

/* Write what the model says of @cell to @out. */
static void cell_render(const struct cell *cell, unsigned char *out)
{
	for (unsigned int k = 0; k < cell->n; k++)
		piece_render(&cell->piece[k], out);
}

static uint32_t crc32c(const unsigned char *buf, size_t len)
{
	static uint32_t table[256];
	uint32_t crc = ~0u;

	if (!table[1])
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;

			for (int k = 0; k < 8; k++)
				c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
			table[i] = c;
		}
	for (size_t i = 0; i < len; i++)
		crc = (crc >> 8) ^ table[(crc ^ buf[i]) & 255];
	return ~crc;
}

/* ---- the model ---- */

static void cell_set(struct cell *cell, enum source source, uint64_t key)
{
	cell->n = 1;
	cell->piece[0] = (struct piece){ 0, CELL, source, key };
}

/*
 * Bytes [off, CELL) of @cell become @tail's; what is before stays. Return: false
 * if that would be too many pieces.
 */
static bool cell_set_tail(struct cell *cell, uint32_t off, enum source source, uint64_t key)
{
	unsigned int keep = 0;

	while (keep < cell->n && cell->piece[keep].off < off)
		keep++;
	if (!keep || keep == PIECES)
		return false;
	cell->piece[keep - 1].len = off - cell->piece[keep - 1].off;
	cell->piece[keep] = (struct piece){ off, CELL - off, source, key };
	cell->n = keep + 1;
	return true;
}

static void cell_copy(struct cell *to, const struct cell *from)
{
	memcpy(to->piece, from->piece, sizeof(to->piece));
	to->n = from->n;
}

/* Offset of the first byte in which two cells differ, CELL if none. */
static uint64_t cells_differ(const struct cell *a, const struct cell *b)
{
	static unsigned char x[CELL], y[CELL];
	uint64_t i = 0;

	cell_render(a, x);
	cell_render(b, y);
	while (i < CELL && x[i] == y[i])
		i++;
	return i;
}

static unsigned char *address(int cell)
{
	return memory + (size_t)cell * CELL;
}

static int pick_idle_cell(void)
{
	for (;;) {
		int c = (int)(next_random() % (uint64_t)nr_cells);

		if (!cells[c].busy)
			return c;
	}
}

/* ---- the engine ---- */

static void submit(struct dma_desc desc, struct planned plan)
{
	desc.status = DMA_PENDING;
	desc.cookie = tail;
	if (plan.a >= 0)
		cells[plan.a].busy = true;
	if (plan.b >= 0)
		cells[plan.b].busy = true;
	ring[tail % RING] = desc;
	planned[tail % RING] = plan;
	tail++;
	if (ioctl(dma_fd, DMA_SUBMIT, &tail))
		die("DMA_SUBMIT");
}

static void finish(uint64_t index)
{
	const struct dma_desc *desc = &ring[index % RING];
	const struct planned *plan = &planned[index % RING];

	if (desc->status != 0 || desc->cookie != index) {
		fprintf(stderr, "demo: descriptor %llu: status %lld, result %llx\n",
			(unsigned long long)index, (long long)desc->status,
			(unsigned long long)desc->result);
		stale++;
	} else if (plan->checks && desc->result != plan->expect) {
		fprintf(stderr, "demo: operation %u answered %llx, the model says %llx\n",
			desc->opcode, (unsigned long long)desc->result,
			(unsigned long long)plan->expect);
		stale++;
	}
	if (plan->a >= 0)
		cells[plan->a].busy = false;
	if (plan->b >= 0)
		cells[plan->b].busy = false;
}

/* Wait until at most @left operations are under way. */
static void drain(uint64_t left)
{
	struct dma_wait wait;

	while (tail - head > left) {
		wait.index = tail - left;
		if (ioctl(dma_fd, DMA_WAIT, &wait) && errno != EINTR)
			die("DMA_WAIT");
		while (head < wait.index)
			finish(head++);
	}
}

static void plan_fill(int c, uint32_t off)
{
	uint64_t pattern = next_random();
	struct dma_desc d = { .opcode = DMA_FILL, .pattern = pattern };

	if (!off || !cell_set_tail(&cells[c], off, PATTERN, pattern)) {
		off = 0;
		cell_set(&cells[c], PATTERN, pattern);
	}
	d.dst = (uint64_t)(uintptr_t)(address(c) + off);
	d.len = CELL - off;
	submit(d, (struct planned){ .a = c, .b = -1 });
}

static void plan_copy(int from, int to)
{
	struct dma_desc d = {
		.opcode = DMA_COPY, .len = CELL,
		.src = (uint64_t)(uintptr_t)address(from), .dst = (uint64_t)(uintptr_t)address(to),
	};

	cell_copy(&cells[to], &cells[from]);
	submit(d, (struct planned){ .a = from, .b = to });
}

static void plan_compare(int a, int b)
{
	struct dma_desc d = {
		.opcode = DMA_COMPARE, .len = CELL,
		.src = (uint64_t)(uintptr_t)address(a), .dst = (uint64_t)(uintptr_t)address(b),
	};

	submit(d, (struct planned){ .a = a, .b = b, .checks = true,
				    .expect = cells_differ(&cells[a], &cells[b]) });
}

static void plan_crc(int c)
{
	static unsigned char expect[CELL];
	struct dma_desc d = {
		.opcode = DMA_CRC32C, .len = CELL, .src = (uint64_t)(uintptr_t)address(c),
	};

	cell_render(&cells[c], expect);
	submit(d, (struct planned){ .a = c, .b = -1, .checks = true,
				    .expect = crc32c(expect, CELL) });
}

/* ---- the CPU's writers ---- */

static void *writer_main(void *arg)
{
	struct writer *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->quit) {
		if (w->cell >= 0) {
			cell_render(&cells[w->cell], address(w->cell));
			cells[w->cell].busy = false;
			w->cell = -1;
			pthread_cond_broadcast(&w->cond);
		} else {
			pthread_cond_wait(&w->cond, &w->lock);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Let a writer fill @c with random bytes; waits if it is still at its last. */
static void plan_cpu_write(int c)
{
	struct writer *w = &writers[next_random() % WRITERS];

	pthread_mutex_lock(&w->lock);
	while (w->cell >= 0)
		pthread_cond_wait(&w->cond, &w->lock);
	cell_set(&cells[c], RANDOM, next_random());
	cells[c].busy = true;
	w->cell = c;
	pthread_cond_broadcast(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

static void writers_drain(void)
{
	for (int i = 0; i < WRITERS; i++) {
		pthread_mutex_lock(&writers[i].lock);
		while (writers[i].cell >= 0)
			pthread_cond_wait(&writers[i].cond, &writers[i].lock);
		pthread_mutex_unlock(&writers[i].lock);
	}
}

/* ---- the run ---- */

static void one_operation(void)
{
	int a = pick_idle_cell();
	uint64_t what = next_random() % 16;
	int b;

	if (what < 4) {
		plan_cpu_write(a);
		return;
	}
	if (what < 7) {
		plan_fill(a, what == 4 ? (uint32_t)(next_random() % CELL) : 0);
		return;
	}
	if (what < 10) {
		plan_crc(a);
		return;
	}
	cells[a].busy = true;
	b = pick_idle_cell();
	cells[a].busy = false;
	if (what < 14)
		plan_copy(a, b);
	else
		plan_compare(a, b);
}

/* Compare all memory with the model. Return: cells that differ. */
static uint64_t verify(void)
{
	static unsigned char expect[CELL];
	uint64_t bad = 0;

	for (int c = 0; c < nr_cells; c++) {
		cell_render(&cells[c], expect);
		if (!memcmp(expect, address(c), CELL))
			continue;
		if (!bad++)
			fprintf(stderr, "demo: cell %d differs from the model\n", c);
	}
	return bad;
}

static uint64_t proc_value(const char *file, const char *key)
{
	char line[256];
	uint64_t value = 0;
	size_t len = strlen(key);
	FILE *f = fopen(file, "r");

	if (!f)
		die(file);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, len) && (line[len] == ' ' || line[len] == ':'))
			value = strtoull(line + len + 1, NULL, 10);
	fclose(f);
	return value;
}

static uint64_t vmstat(const char *key)
{
	return proc_value("/proc/vmstat", key);
}

/* 1.5 times what is free, if memory and swap together can hold it. */
static size_t choose_size(void)
{
	uint64_t free_kb = proc_value("/proc/meminfo", "MemFree");
	uint64_t swap_kb = proc_value("/proc/meminfo", "SwapFree");
	uint64_t want_kb = free_kb + free_kb / 2;
	uint64_t limit_kb = free_kb + swap_kb - (free_kb + swap_kb) / 8;

	printf("demo: MemFree=%llu kB SwapFree=%llu kB working set=%llu kB\n",
	       (unsigned long long)free_kb, (unsigned long long)swap_kb,
	       (unsigned long long)want_kb);
	if (want_kb > limit_kb || free_kb < 16384) {
		printf("demo: cannot run here: it needs 1.5 times MemFree to fit into memory and "
		       "swap (at most %llu kB).\ndemo: Try MEM=256M CPUS=4 with the default "
		       "ramdisk.\n", (unsigned long long)limit_kb);
		exit(3);
	}
	return (size_t)want_kb * 1024;
}

static void setup(size_t size)
{
	struct dma_setup s = { .entries = RING };

	nr_cells = (int)(size / CELL);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ring = mmap(NULL, RING * sizeof(*ring), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cells = calloc((size_t)nr_cells, sizeof(*cells));
	if (memory == MAP_FAILED || ring == MAP_FAILED || !cells)
		die("no address space for the working set");
	for (int c = 0; c < nr_cells; c++)
		cell_set(&cells[c], PATTERN, 0);	/* fresh memory is zero */

	dma_fd = open("/dev/dma0", O_RDWR | O_CLOEXEC);
	if (dma_fd < 0)
		die("/dev/dma0");
	s.ring = (uint64_t)(uintptr_t)ring;
	if (ioctl(dma_fd, DMA_SETUP, &s))
		die("DMA_SETUP");

	for (int i = 0; i < WRITERS; i++) {
		struct writer *w = &writers[i];

		w->cell = -1;
		pthread_mutex_init(&w->lock, NULL);
		pthread_cond_init(&w->cond, NULL);
		if (pthread_create(&w->thread, NULL, writer_main, w))
			die("pthread_create");
	}
}

static void teardown(size_t size)
{
	for (int i = 0; i < WRITERS; i++) {
		pthread_mutex_lock(&writers[i].lock);
		writers[i].quit = true;
		pthread_cond_broadcast(&writers[i].cond);
		pthread_mutex_unlock(&writers[i].lock);
		pthread_join(writers[i].thread, NULL);
		writers[i].quit = false;
	}
	close(dma_fd);
	munmap(memory, size);
	munmap(ring, RING * sizeof(*ring));
	free(cells);
	head = tail = stale = 0;
}

static int plant_open(void)
{
	int fd = open("/dev/plant", O_RDWR);

	if (fd < 0)
		die("/dev/plant");
	return fd;
}

/* A reference to a page, for as long as the descriptor is open. */
static void plant_pin(void)
{
	uint64_t arg = (uint64_t)(uintptr_t)address(nr_cells / 2);

	if (ioctl(plant_open(), PLANT_PIN, &arg))
		die("PLANT_PIN");
}

static void plant_lose(int fd, uint64_t count)
{
	if (ioctl(fd, PLANT_LOSE_INVALIDATIONS, &count))
		die("PLANT_LOSE_INVALIDATIONS");
}

/*
 * The engine has read a cell; the kernel throws its pages away and the IOMMU does
 * not hear of it; the CPU writes new ones. The engine still sees the old frames.
 */
static void plant_stale(void)
{
	int c = nr_cells / 2, fd = plant_open();
	uintptr_t start = ((uintptr_t)address(c) + PAGE - 1) & ~(PAGE - 1);

	plan_cpu_write(c);
	writers_drain();
	plant_lose(fd, 1 << 30);	/* before: kswapd may let the engine forget the cell */
	plan_crc(c);
	drain(0);
	if (madvise((void *)start, CELL / PAGE * PAGE - PAGE, MADV_DONTNEED))
		die("madvise");
	plant_lose(fd, 0);
	close(fd);
	plan_cpu_write(c);
	writers_drain();
	for (int i = 0; i < 4; i++) {
		plan_crc(c);
		drain(0);
	}
}

/* A byte that no operation has changed. */
static void plant_flip(void)
{
	*address(nr_cells / 2) ^= 1;
}

static void plant_mistake(const char *plant)
{
	if (!strcmp(plant, "pin"))
		plant_pin();
	else if (!strcmp(plant, "stale"))
		plant_stale();
	else
		plant_flip();
}

/* Pages with references that nothing explains; transient ones are looked at again. */
static uint64_t count_pins(void)
{
	uint64_t pins = vmstat("nr_pinned");

	for (int i = 0; i < 20 && pins; i++) {
		usleep(50000);
		pins = vmstat("nr_pinned");
	}
	return pins;
}

static const char *const notifier_ops[] = {
	"release", "clear_flush_young", "invalidate_range_start", "invalidate_range_end",
	"invalidate_range", "invalidate_page", "change_pte",
};

/* One pass over the working set: about as many operations as cells. */
static void one_pass(void)
{
	for (int i = 0; i < nr_cells; i++) {
		if (tail - head >= RING / 2)
			drain(RING / 4);
		one_operation();
	}
	drain(0);
	writers_drain();
}

static int run(uint64_t seed, int passes, uint64_t pages, const char *plant)
{
	uint64_t out = vmstat("pswpout"), in = vmstat("pswpin");
	struct dma_stats before, after;
	uint64_t bad, pins, reports;
	size_t size = choose_size();
	int done = 0;

	rng = seed;
	setup(size);
	if (ioctl(dma_fd, DMA_STATS, &before))
		die("DMA_STATS");
	for (int c = 0; c < nr_cells; c++)
		plan_cpu_write(c);
	writers_drain();
	while (done < passes || vmstat("pswpout") - out < pages || vmstat("pswpin") - in < pages) {
		if (plant && done == 0 && strcmp(plant, "flip"))
			plant_mistake(plant);
		one_pass();
		done++;
		printf("demo: pass %d: pages_out=%llu pages_in=%llu\n", done,
		       (unsigned long long)(vmstat("pswpout") - out),
		       (unsigned long long)(vmstat("pswpin") - in));
	}
	if (plant && !strcmp(plant, "flip"))
		plant_mistake(plant);
	bad = verify();
	if (ioctl(dma_fd, DMA_STATS, &after))
		die("DMA_STATS");
	pins = count_pins();
	reports = vmstat("check_reports");

	printf("seed=%llu\nworking_set_kb=%llu\ndescriptors=%llu\ndma_bytes=%llu\n",
	       (unsigned long long)seed, (unsigned long long)(size / 1024),
	       (unsigned long long)after.descriptors, (unsigned long long)after.bytes);
	printf("pages_out=%llu\npages_in=%llu\npage_requests=%llu\niotlb_invalidations=%llu\n",
	       (unsigned long long)(vmstat("pswpout") - out),
	       (unsigned long long)(vmstat("pswpin") - in),
	       (unsigned long long)(after.page_requests - before.page_requests),
	       (unsigned long long)(after.invalidations - before.invalidations));
	for (size_t i = 0; i < sizeof(notifier_ops) / sizeof(notifier_ops[0]); i++) {
		char key[64];

		snprintf(key, sizeof(key), "mmu_notifier_%s", notifier_ops[i]);
		printf("notifier_%s=%llu\n", notifier_ops[i], (unsigned long long)vmstat(key));
	}
	printf("pins=%llu\nstale=%llu\n", (unsigned long long)pins,
	       (unsigned long long)(stale + reports));
	bad += pins + stale + reports;
	printf("verify=%s\n", bad ? "FAILED" : "ok");
	fflush(stdout);
	teardown(size);
	return bad ? 1 : 0;
}

static void usage(void)
{
	fprintf(stderr, "usage: demo [--seed N] [--passes N] [--pages N] [--loop SECONDS] "
			"[--plant pin|stale|flip]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	const char *plant = NULL;
	uint64_t seed = 1, pages = PAGES_EACH_WAY;
	int passes = 1, failed = 0;
	time_t end = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			usage();
		if (!strcmp(argv[i], "--seed"))
			seed = strtoull(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--passes"))
			passes = atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--pages"))
			pages = strtoull(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--loop"))
			end = time(NULL) + atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--plant"))
			plant = argv[i + 1];
		else
			usage();
	}
	if (plant && strcmp(plant, "pin") && strcmp(plant, "stale") && strcmp(plant, "flip"))
		usage();
	do
		failed = run(seed++, passes, pages, plant);
	while (!failed && time(NULL) < end);
	return failed;
}
