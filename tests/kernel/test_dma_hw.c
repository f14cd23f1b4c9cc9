/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_dma_hw.c - suite dma_hw: the emulated DMA controller
 *
 * The tests are its driver: they program the last channel by registers and put
 * ring and data into the memory of an address space of their own.
 */
#include "drivers/dma/emul/hw.h"

#include "arch/x86/cpu/vectors.h"
#include "drivers/iommu/sva.h"
#include "include/uapi/lockstep/dma.h"
#include "include/uapi/mman.h"
#include "kernel/lib/crc32c.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/ktest.h"
#include "mm/mmap.h"
#include "mm/uaccess.h"

#define CHANNEL (NR_DMA_CHANNELS - 1)
#define ENTRIES 16
#define DATA_PAGES 16UL
#define TICKS_WITHOUT_PROGRESS 3000

struct rig {
	struct mm *mm;
	struct iommu_sva *sva;
	unsigned long ring, data;
	u64 tail;
};

static bool rig_up(struct rig *rig)
{
	*rig = (struct rig){ 0 };
	if (KT_TRY(mm_alloc(&rig->mm)))
		return false;
	if (KT_TRY(vm_mmap(rig->mm, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, 0, &rig->ring)) ||
	    KT_TRY(vm_mmap(rig->mm, NULL, 0, DATA_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, 0, &rig->data)))
		return false;
	if (KT_TRY(iommu_sva_bind(rig->mm, &rig->sva)))
		return false;
	dma_reg_write(CHANNEL, DMA_REG_PASID, iommu_sva_pasid(rig->sva));
	dma_reg_write(CHANNEL, DMA_REG_RING, rig->ring);
	dma_reg_write(CHANNEL, DMA_REG_ENTRIES, ENTRIES);
	dma_reg_write(CHANNEL, DMA_REG_HEAD, 0);
	dma_reg_write(CHANNEL, DMA_REG_TAIL, 0);
	dma_reg_write(CHANNEL, DMA_REG_STATUS, 0);
	dma_reg_write(CHANNEL, DMA_REG_VECTOR, VECTOR_DEVICE + 2);
	dma_reg_write(CHANNEL, DMA_REG_CTRL, DMA_CTRL_RUN);
	kthread_use_mm(rig->mm);
	return true;
}

static void rig_down(struct rig *rig)
{
	dma_reg_write(CHANNEL, DMA_REG_CTRL, 0);
	while (dma_reg_read(CHANNEL, DMA_REG_STATUS) & DMA_STATUS_BUSY)
		schedule_timeout_uninterruptible(1);
	if (rig->sva) {
		kthread_unuse_mm(rig->mm);
		iommu_sva_unbind(rig->sva);
	}
	if (rig->mm)
		mmput(rig->mm);
}

static void rig_submit(struct rig *rig, struct dma_desc desc)
{
	unsigned long slot = rig->ring + (rig->tail % ENTRIES) * sizeof(desc);

	desc.status = DMA_PENDING;
	KT_CHECK_EQ(copy_to_user((void __user *)slot, &desc, sizeof(desc)), 0);
	dma_reg_write(CHANNEL, DMA_REG_TAIL, ++rig->tail);
}

/* Wait until the channel has caught up or stopped. */
static void rig_wait(struct rig *rig)
{
	for (int i = 0; i < TICKS_WITHOUT_PROGRESS; i++) {
		if (dma_reg_read(CHANNEL, DMA_REG_HEAD) == rig->tail ||
		    !(dma_reg_read(CHANNEL, DMA_REG_CTRL) & DMA_CTRL_RUN))
			return;
		schedule_timeout_uninterruptible(1);
	}
	KT_CHECK(!"the DMA channel makes no progress");
}

/* Do one descriptor; return it as the channel has left it. */
static struct dma_desc rig_do(struct rig *rig, struct dma_desc desc)
{
	unsigned long slot = rig->ring + (rig->tail % ENTRIES) * sizeof(desc);

	rig_submit(rig, desc);
	rig_wait(rig);
	KT_CHECK_EQ(copy_from_user(&desc, (void __user *)slot, sizeof(desc)), 0);
	return desc;
}

static u64 data_word(struct rig *rig, unsigned long off)
{
	u64 word = 0;

	KT_CHECK_EQ(copy_from_user(&word, (void __user *)(rig->data + off), 8), 0);
	return word;
}

/* Unaligned, across pages, into memory that was never touched. */
KTEST(dma_hw, copies_fills_compares_and_checksums)
{
	static u8 buf[9000];
	struct dma_desc d;
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	for (u32 i = 0; i < sizeof(buf); i++)
		buf[i] = (u8)(i * 7 + (i >> 8));
	KT_CHECK_EQ(copy_to_user((void __user *)(rig.data + 5), buf, sizeof(buf)), 0);
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_COPY, .src = rig.data + 5,
					    .dst = rig.data + 20003, .len = sizeof(buf) });
	KT_CHECK_EQ(d.status, 0);
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_COMPARE, .src = rig.data + 5,
					    .dst = rig.data + 20003, .len = sizeof(buf) });
	KT_CHECK_EQ(d.status, 0);
	KT_CHECK_EQ(d.result, sizeof(buf));
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_CRC32C, .src = rig.data + 20003,
					    .len = sizeof(buf) });
	KT_CHECK_EQ(d.result, crc32c(0, buf, sizeof(buf)));
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_FILL, .dst = rig.data + 20003 + 4096,
					    .len = 16, .pattern = 0x1122334455667788UL });
	KT_CHECK_EQ(d.status, 0);
	KT_CHECK_EQ(data_word(&rig, 20003 + 4096 + 8), 0x1122334455667788UL);
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_COMPARE, .src = rig.data + 5,
					    .dst = rig.data + 20003, .len = sizeof(buf) });
	KT_CHECK_EQ(d.result, 4096);
out:
	rig_down(&rig);
}

KTEST(dma_hw, a_bad_descriptor_gets_an_error_and_the_next_one_works)
{
	struct dma_desc bad[] = {
		{ .opcode = 99, .len = 8 },
		{ .opcode = DMA_FILL, .len = 0 },
		{ .opcode = DMA_FILL, .len = DMA_MAX_LEN + 1 },
		{ .opcode = DMA_FILL, .dst = ~0UL - 4, .len = 64 },
		{ .opcode = DMA_NOP, .len = 1 },
		{ .opcode = DMA_NOP, .flags = 0x80 },
	};
	struct dma_desc d;
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		if (bad[i].opcode == DMA_FILL && !bad[i].dst)
			bad[i].dst = rig.data;
		KT_CHECK_EQ(rig_do(&rig, bad[i]).status, -EINVAL);
	}
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_FILL, .dst = rig.data, .len = 8,
					    .pattern = 5 });
	KT_CHECK_EQ(d.status, 0);
	KT_CHECK_EQ(data_word(&rig, 0), 5);
out:
	rig_down(&rig);
}

KTEST_QUICK(dma_hw, a_fault_is_told_with_its_address)
{
	unsigned long end;
	struct dma_desc d;
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	end = rig.data + DATA_PAGES * PAGE_SIZE;
	KT_CHECK_EQ(vm_munmap(rig.mm, end - PAGE_SIZE, PAGE_SIZE), 0);
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_FILL, .dst = end - PAGE_SIZE - 100,
					    .len = 200, .pattern = 7 });
	KT_CHECK_EQ(d.status, -EFAULT);
	KT_CHECK_EQ(d.result, end - PAGE_SIZE);
	d = rig_do(&rig, (struct dma_desc){ .opcode = DMA_NOP });
	KT_CHECK_EQ(d.status, 0);
out:
	rig_down(&rig);
}

KTEST_QUICK(dma_hw, a_ring_that_goes_away_stops_the_channel)
{
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	KT_CHECK_EQ(rig_do(&rig, (struct dma_desc){ .opcode = DMA_NOP }).status, 0);
	KT_CHECK_EQ(vm_munmap(rig.mm, rig.ring, PAGE_SIZE), 0);
	dma_reg_write(CHANNEL, DMA_REG_TAIL, ++rig.tail);
	rig_wait(&rig);
	KT_CHECK(dma_reg_read(CHANNEL, DMA_REG_STATUS) & DMA_STATUS_RING_LOST);
	KT_CHECK(!(dma_reg_read(CHANNEL, DMA_REG_CTRL) & DMA_CTRL_RUN));
out:
	rig_down(&rig);
}

/* Stopping a channel ends the descriptor under way, and nothing is written after. */
KTEST(dma_hw, a_stopped_channel_cancels_its_work)
{
	u64 words[2];
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	for (int i = 0; i < 8; i++)
		rig_submit(&rig, (struct dma_desc){ .opcode = DMA_FILL, .dst = rig.data,
						    .len = DATA_PAGES * PAGE_SIZE, .pattern = i });
	dma_reg_write(CHANNEL, DMA_REG_CTRL, 0);
	while (dma_reg_read(CHANNEL, DMA_REG_STATUS) & DMA_STATUS_BUSY)
		schedule_timeout_uninterruptible(1);
	words[0] = data_word(&rig, 0);
	schedule_timeout_uninterruptible(3);
	words[1] = data_word(&rig, 0);
	KT_CHECK_EQ(words[0], words[1]);
out:
	rig_down(&rig);
}
