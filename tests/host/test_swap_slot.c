/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_swap_slot.c - slots against a model, with sanitizers; no threads */
/* Links: mm/swap_slot.c tests/host/host.c */
#include "tests/host/host.h"
#include "kernel/block/block.h"
#include "kernel/lib/rand.h"
#include "kernel/sync/spinlock.h"
#include "mm/swap.h"
#include "mm/vmalloc.h"

#define NR_SLOTS 300
#define NR_OPS 300000

/* ---- stand-ins: one thread, so a lock only remembers that it is held ---- */

void spin_lock(struct spinlock *l)
{
	HT_TRUE(!l->locked);
	l->locked = 1;
}

void spin_unlock(struct spinlock *l)
{
	HT_TRUE(l->locked);
	l->locked = 0;
}

void spin_assert_held(const struct spinlock *l)
{
	HT_TRUE(l->locked);
}

static bool no_memory;

void *vzalloc(size_t size)
{
	return no_memory ? NULL : calloc(1, size);
}

void vfree(const void *p)
{
	free((void *)p);
}

int swap_area_add(struct block_device *bdev, int priority)
{
	int n = swap_area_setup(bdev, bdev->nr_pages);

	if (n >= 0)
		swap_area_start((unsigned int)n, priority);
	return n;
}

/* ---- the model: how often each slot of the two areas is used ---- */

static struct block_device disk[2] = {
	{ .name = "a", .nr_pages = NR_SLOTS }, { .name = "b", .nr_pages = NR_SLOTS },
};
static u16 users[2][NR_SLOTS];
static bool retired[2][NR_SLOTS];
static unsigned int area[2];

static unsigned int which(swp_entry_t entry)
{
	return swp_area(entry) == area[0] ? 0 : 1;
}

static u64 nr_free(unsigned int w)
{
	u64 n = 0;

	for (unsigned int i = 0; i < NR_SLOTS; i++)
		n += !users[w][i] && !retired[w][i];
	return n;
}

static swp_entry_t random_used(struct rand_state *rnd)
{
	unsigned int w = (unsigned int)rand_below(rnd, 2);
	unsigned int i = (unsigned int)rand_below(rnd, NR_SLOTS);

	for (unsigned int n = 0; n < NR_SLOTS; n++, i = (i + 1) % NR_SLOTS)
		if (users[w][i])
			return swp_entry(area[w], i);
	return (swp_entry_t){ 0 };
}

static void step(struct rand_state *rnd)
{
	u64 op = rand_below(rnd, 100);
	swp_entry_t e;

	if (op < 40) {
		bool room = nr_free(0) || nr_free(1);

		HT_EQ(swap_slot_alloc(&e), room ? 0 : -ENOSPC);
		if (!room)
			return;
		/* the first area has the higher priority */
		HT_EQ(which(e), nr_free(0) ? 0u : 1u);
		HT_TRUE(!users[which(e)][swp_slot(e)] && !retired[which(e)][swp_slot(e)]);
		users[which(e)][swp_slot(e)] = 1;
		return;
	}
	e = random_used(rnd);
	if (!e.v)
		return;
	if (op < 55) {
		HT_EQ(swap_slot_dup(e), 0);
		users[which(e)][swp_slot(e)]++;
	} else if (op < 99 || rand_below(rnd, 50)) {
		swap_slot_put(e);
		users[which(e)][swp_slot(e)]--;
	} else {
		swap_slot_retire(e);
		retired[which(e)][swp_slot(e)] = true;
	}
	HT_EQ(swap_slot_count(e), users[which(e)][swp_slot(e)]);
}

static void random_operations_agree_with_a_model(void)
{
	struct rand_state rnd;

	rand_seed(&rnd, 5);
	for (unsigned int w = 0; w < 2; w++) {
		int n = swap_area_add(&disk[w], 10 - (int)w);

		HT_TRUE(n >= 0);
		area[w] = (unsigned int)n;
	}
	for (unsigned int i = 0; i < NR_OPS; i++) {
		step(&rnd);
		if (i % 1000 == 0)
			for (unsigned int w = 0; w < 2; w++)
				HT_EQ(swap_slot_check(users[w], area[w]), 0);
	}
}

static void areas_leave_when_they_are_empty(void)
{
	for (unsigned int w = 0; w < 2; w++)
		for (unsigned int i = 0; i < NR_SLOTS; i++)
			for (; users[w][i]; users[w][i]--) {
				HT_EQ(swap_area_remove(area[w]), -EBUSY);
				swap_slot_put(swp_entry(area[w], i));
			}
	HT_EQ(swap_area_remove(area[0]), 0);
	HT_EQ(swap_area_remove(area[1]), 0);
	HT_EQ(host_reports, 0);
}

static void no_memory_is_no_area(void)
{
	swp_entry_t e;

	no_memory = true;
	HT_EQ(swap_area_add(&disk[0], 1), -ENOMEM);
	HT_EQ(swap_slot_alloc(&e), -ENOSPC);
}

int main(void)
{
	host_run("random_operations_agree_with_a_model", random_operations_agree_with_a_model);
	host_run("areas_leave_when_they_are_empty", areas_leave_when_they_are_empty);
	host_run("no_memory_is_no_area", no_memory_is_no_area);
	return host_done();
}
