/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/dma/emul/dma_hw.c - the DMA controller's channels and engines
 *
 * Concept    Each engine is a thread that looks for a channel with work, claims
 *            it, does one descriptor, and lets it go. All memory, the ring too,
 *            is reached through the IOMMU under the channel's PASID; where a
 *            page is absent the engine simply takes longer.
 * Owns       the channels' registers; two page buffers per engine.
 * Locks      dma_section (rank of a unit): claims, STATUS and HEAD.
 * Invariants a channel is worked for by one engine at a time   channel_claim()
 * Callers    drivers/dma/dma.c, by registers.
 * Next       drivers/dma/dma.c
 */
#include "drivers/dma/emul/hw.h"

#include "drivers/emul/machine.h"
#include "drivers/iommu/emul/hw.h"
#include "include/uapi/lockstep/dma.h"
#include "kernel/lib/crc32c.h"
#include "kernel/lib/string.h"

struct dma_engine {
	struct iommu_engine *bus;
	u32 pasid;		/* of the channel at hand */
	unsigned int channel;
	u64 fault_addr;		/* of the access that failed */
	u8 a[PAGE_SIZE], b[PAGE_SIZE];
};

static u64 regs[NR_DMA_CHANNELS][NR_DMA_REGS];
static struct emul_section dma_section;
static struct emul_event work;		/* some channel may have work */
static struct dma_engine engines[NR_DMA_ENGINES];
static unsigned int next_channel;	/* where the search for work begins */

static u64 reg(unsigned int channel, enum dma_reg r)
{
	return smp_load_acquire(&regs[channel][r]);
}

static bool channel_runs(unsigned int channel)
{
	return reg(channel, DMA_REG_CTRL) & DMA_CTRL_RUN;
}

/* ---- the engine's view of memory ---- */

static int engine_read(struct dma_engine *e, u64 addr, void *buf, size_t len)
{
	e->fault_addr = addr;
	return iommu_engine_read(e->bus, e->pasid, addr, buf, len);
}

static int engine_write(struct dma_engine *e, u64 addr, const void *buf, size_t len)
{
	e->fault_addr = addr;
	return iommu_engine_write(e->bus, e->pasid, addr, buf, len);
}

static u64 page_rest(u64 addr)
{
	return PAGE_SIZE - (addr & ~PAGE_MASK);
}

/* ---- operations: each does one piece that crosses no page ---- */

static int piece_copy(struct dma_engine *e, struct dma_desc *d, u64 done, u64 n)
{
	int err = engine_read(e, d->src + done, e->a, n);

	return err ? err : engine_write(e, d->dst + done, e->a, n);
}

static int piece_fill(struct dma_engine *e, struct dma_desc *d, u64 done, u64 n)
{
	const u8 *pattern = (const u8 *)&d->pattern;

	for (u64 i = 0; i < n; i++)
		e->a[i] = pattern[(done + i) % sizeof(d->pattern)];
	return engine_write(e, d->dst + done, e->a, n);
}

/* Return: 1 when a difference was found and the rest need not be read. */
static int piece_compare(struct dma_engine *e, struct dma_desc *d, u64 done, u64 n)
{
	int err = engine_read(e, d->src + done, e->a, n);

	if (!err)
		err = engine_read(e, d->dst + done, e->b, n);
	if (err)
		return err;
	for (u64 i = 0; i < n; i++)
		if (e->a[i] != e->b[i]) {
			d->result = done + i;
			return 1;
		}
	d->result = done + n;
	return 0;
}

static int piece_crc32c(struct dma_engine *e, struct dma_desc *d, u64 done, u64 n)
{
	int err = engine_read(e, d->src + done, e->a, n);

	if (!err)
		d->result = crc32c(d->result, e->a, n);
	return err;
}

static const struct {
	int (*piece)(struct dma_engine *e, struct dma_desc *d, u64 done, u64 n);
	bool src, dst;		/* which addresses bound a piece */
} operations[] = {
	[DMA_NOP] = { NULL, false, false },
	[DMA_COPY] = { piece_copy, true, true },
	[DMA_FILL] = { piece_fill, false, true },
	[DMA_COMPARE] = { piece_compare, true, true },
	[DMA_CRC32C] = { piece_crc32c, true, false },
};

/* ---- one descriptor ---- */

static int descriptor_check(const struct dma_desc *d)
{
	if (d->opcode >= ARRAY_SIZE(operations) || (d->flags & ~DMA_FLAG_INTERRUPT))
		return -EINVAL;
	if (d->opcode == DMA_NOP)
		return d->len ? -EINVAL : 0;
	if (d->len == 0 || d->len > DMA_MAX_LEN)
		return -EINVAL;
	if (d->src + d->len < d->src || d->dst + d->len < d->dst)
		return -EINVAL;
	return 0;
}

static int descriptor_run(struct dma_engine *e, struct dma_desc *d)
{
	u64 done = 0, n;
	int err = descriptor_check(d);

	d->result = 0;
	while (!err && done < d->len) {
		if (!channel_runs(e->channel))
			return -ECANCELED;
		n = min(d->len - done, PAGE_SIZE);
		if (operations[d->opcode].src)
			n = min(n, page_rest(d->src + done));
		if (operations[d->opcode].dst)
			n = min(n, page_rest(d->dst + done));
		err = operations[d->opcode].piece(e, d, done, n);
		done += n;
	}
	if (err == -EFAULT)
		d->result = e->fault_addr;
	return min(err, 0);
}

/* ---- channels ---- */

static void channel_count(unsigned int channel, const struct dma_desc *d)
{
	regs[channel][DMA_REG_DONE]++;
	if (d->status)
		regs[channel][DMA_REG_ERRORS]++;
	else
		regs[channel][DMA_REG_BYTES] += d->len;
}

/* Fetch, run, write back. Return: false when the ring itself cannot be reached. */
static bool channel_step(struct dma_engine *e, bool *interrupt)
{
	unsigned int c = e->channel;
	u64 slot = reg(c, DMA_REG_HEAD) & (reg(c, DMA_REG_ENTRIES) - 1);
	u64 addr = reg(c, DMA_REG_RING) + slot * sizeof(struct dma_desc);
	struct dma_desc d;

	*interrupt = true;
	if (engine_read(e, addr, &d, sizeof(d)))
		return false;
	d.status = descriptor_run(e, &d);
	if (engine_write(e, addr + offsetof(struct dma_desc, status), &d.status, 16))
		return false;
	channel_count(c, &d);
	*interrupt = d.flags & DMA_FLAG_INTERRUPT;
	return true;
}

static bool channel_ready(unsigned int c)
{
	return channel_runs(c) && !(reg(c, DMA_REG_STATUS) & DMA_STATUS_BUSY) &&
	       reg(c, DMA_REG_HEAD) != reg(c, DMA_REG_TAIL);
}

/* Find a channel with work and make it ours. Return: false if there is none. */
static bool channel_claim(struct dma_engine *e)
{
	bool found = false;

	emul_section_enter(&dma_section);
	for (unsigned int i = 0; i < NR_DMA_CHANNELS && !found; i++) {
		unsigned int c = next_channel++ % NR_DMA_CHANNELS;

		if (channel_ready(c)) {
			regs[c][DMA_REG_STATUS] |= DMA_STATUS_BUSY;
			e->channel = c;
			e->pasid = regs[c][DMA_REG_PASID];
			found = true;
		}
	}
	emul_section_leave(&dma_section);
	return found;
}

/* Let the channel go: done with one descriptor, or its ring is lost. */
static void channel_release(struct dma_engine *e, bool ok, bool interrupt)
{
	unsigned int c = e->channel;

	emul_section_enter(&dma_section);
	if (ok)
		regs[c][DMA_REG_HEAD]++;
	else
		regs[c][DMA_REG_CTRL] &= ~DMA_CTRL_RUN;
	interrupt |= regs[c][DMA_REG_HEAD] == regs[c][DMA_REG_TAIL];
	interrupt |= !(regs[c][DMA_REG_CTRL] & DMA_CTRL_RUN);
	smp_store_release(&regs[c][DMA_REG_STATUS], ok ? 0 : DMA_STATUS_RING_LOST);
	emul_section_leave(&dma_section);
	if (interrupt)
		emul_irq_raise(reg(c, DMA_REG_VECTOR));
}

static int engine_main(void *arg)
{
	struct dma_engine *e = arg;
	bool ok, interrupt;

	for (;;) {
		emul_event_wait(&work, channel_claim(e));
		ok = channel_step(e, &interrupt);
		channel_release(e, ok, interrupt);
	}
	return 0;
}

/* ---- registers ---- */

u64 dma_reg_read(unsigned int channel, enum dma_reg r)
{
	ASSERT(channel < NR_DMA_CHANNELS && r < NR_DMA_REGS);
	return reg(channel, r);
}

void dma_reg_write(unsigned int channel, enum dma_reg r, u64 value)
{
	ASSERT(channel < NR_DMA_CHANNELS && r < NR_DMA_REGS);
	emul_section_enter(&dma_section);
	smp_store_release(&regs[channel][r], value);
	emul_section_leave(&dma_section);
	if (r == DMA_REG_TAIL || r == DMA_REG_CTRL)
		emul_event_signal(&work);
}

int dma_hw_init(void)
{
	int err = 0;

	emul_section_init(&dma_section, SECTION_UNIT);
	emul_event_init(&work);
	for (unsigned int i = 0; i < NR_DMA_ENGINES && !err; i++) {
		err = iommu_engine_attach(&engines[i].bus);
		if (!err)
			err = emul_thread_start(engine_main, &engines[i], "dma-engine");
	}
	return err;
}
