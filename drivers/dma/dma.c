/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/dma/dma.c - /dev/dma0: a channel of the DMA controller for each open file
 *
 * Concept    The driver never sees an address of the program's data. It binds the
 *            program's address space to a PASID, tells a channel where the ring
 *            is, passes doorbells on and sleeps until the head has moved. All
 *            checks of descriptors and addresses are the hardware's, which
 *            answers in the descriptor itself; only what concerns the channel as
 *            a whole is refused here.
 *
 *            program          driver              channel         IOMMU
 *            DMA_SETUP   -->  bind, program  -->  RUN
 *            DMA_SUBMIT  -->  TAIL           -->  fetch      -->  translate
 *                                                 ...             (page request)
 *            DMA_WAIT    ...  sleeps              HEAD, interrupt
 *            close       -->  stop, not busy -->  ECANCELED
 *                             unbind         ------------------>  forgets PASID
 * Owns       the channels' allocation; struct dma_file.
 * Locks      dma_file.lock: LOCK_DEVICE (sleeps): set-up, submit against close.
 *            channels_lock: LOCK_DRIVER_SPIN: which channels are free.
 * Invariants a channel is freed only when it is not busy   channel_stop()
 * Callers    system calls; the controller's interrupt.
 * Next       user/demo.c
 */
#include "drivers/dma/dma.h"

#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/vectors.h"
#include "drivers/dma/emul/hw.h"
#include "drivers/iommu/iommu.h"
#include "drivers/iommu/sva.h"
#include "fs/chardev.h"
#include "fs/file.h"
#include "include/uapi/lockstep/dma.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/gfp.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

#define DMA_VECTOR (VECTOR_DEVICE + 2)
#define NO_CHANNEL NR_DMA_CHANNELS

struct dma_file {
	struct mutex lock;		/* LOCK_DEVICE */
	unsigned int channel;		/* lock to write: NO_CHANNEL before DMA_SETUP */
	struct iommu_sva *sva;		/* lock */
};

DEFINE_STATIC_SPINLOCK(channels_lock, LOCK_DRIVER_SPIN);
static u32 channels_used;		/* channels_lock: a bit each */
static struct wait_queue_head channel_wq[NR_DMA_CHANNELS];

/* ---- channels ---- */

static unsigned int channel_alloc(void)
{
	unsigned int c = 0;

	spin_lock(&channels_lock);
	while (c < NR_DMA_CHANNELS && (channels_used & BIT(c)))
		c++;
	if (c < NR_DMA_CHANNELS)
		channels_used |= BIT(c);
	spin_unlock(&channels_lock);
	return c;
}

static void channel_free(unsigned int c)
{
	spin_lock(&channels_lock);
	channels_used &= ~BIT(c);
	spin_unlock(&channels_lock);
}

static void channel_start(unsigned int c, const struct dma_setup *setup, u32 pasid)
{
	dma_reg_write(c, DMA_REG_PASID, pasid);
	dma_reg_write(c, DMA_REG_RING, setup->ring);
	dma_reg_write(c, DMA_REG_ENTRIES, setup->entries);
	dma_reg_write(c, DMA_REG_HEAD, 0);
	dma_reg_write(c, DMA_REG_TAIL, 0);
	dma_reg_write(c, DMA_REG_DONE, 0);
	dma_reg_write(c, DMA_REG_BYTES, 0);
	dma_reg_write(c, DMA_REG_ERRORS, 0);
	dma_reg_write(c, DMA_REG_STATUS, 0);
	dma_reg_write(c, DMA_REG_VECTOR, DMA_VECTOR);
	dma_reg_write(c, DMA_REG_CTRL, DMA_CTRL_RUN);
}

static bool channel_idle(unsigned int c)
{
	return !(dma_reg_read(c, DMA_REG_STATUS) & DMA_STATUS_BUSY);
}

/* When this returns no engine touches the channel. May sleep. */
static void channel_stop(unsigned int c)
{
	dma_reg_write(c, DMA_REG_CTRL, 0);
	wait_event(&channel_wq[c], channel_idle(c));
}

static bool channel_stopped(unsigned int c)
{
	return !(dma_reg_read(c, DMA_REG_CTRL) & DMA_CTRL_RUN);
}

/* One vector for all channels: who is done is in the registers. */
static void dma_interrupt(struct pt_regs *regs)
{
	for (unsigned int c = 0; c < NR_DMA_CHANNELS; c++)
		if (waitqueue_active(&channel_wq[c]))
			wake_up_all(&channel_wq[c]);
}

/* ---- the calls ---- */

static int setup_check(const struct dma_setup *setup)
{
	u64 bytes = (u64)setup->entries * sizeof(struct dma_desc);

	if (setup->reserved || !setup->entries || setup->entries > DMA_MAX_ENTRIES ||
	    (setup->entries & (setup->entries - 1)))
		return -EINVAL;
	if (!is_aligned(setup->ring, sizeof(struct dma_desc)) || setup->ring > MM_USER_TOP - bytes)
		return -EINVAL;
	return 0;
}

static int dma_setup_locked(struct dma_file *df, const struct dma_setup *setup)
{
	unsigned int c;
	int err;

	assert_held(&df->lock);
	if (df->channel != NO_CHANNEL)
		return -EBUSY;
	c = channel_alloc();
	if (c == NO_CHANNEL)
		return -EBUSY;
	err = iommu_sva_bind(current->mm, &df->sva);
	if (err) {
		channel_free(c);
		return err;
	}
	channel_start(c, setup, iommu_sva_pasid(df->sva));
	/* dma_wait() and dma_stats() look without the lock: only now is it theirs to see */
	smp_store_release(&df->channel, c);
	return 0;
}

static long dma_setup(struct dma_file *df, void __user *arg)
{
	struct dma_setup setup;
	int err = copy_from_user(&setup, arg, sizeof(setup));

	if (!err)
		err = setup_check(&setup);
	if (err)
		return err;
	mutex_lock(&df->lock);
	err = dma_setup_locked(df, &setup);
	mutex_unlock(&df->lock);
	return err;
}

/* The new tail may not pass work that is not done yet, nor go back. */
static int dma_submit_locked(struct dma_file *df, u64 tail)
{
	unsigned int c = df->channel;
	u64 head, old;

	assert_held(&df->lock);
	if (c == NO_CHANNEL)
		return -ENXIO;
	if (channel_stopped(c))
		return -EFAULT;
	head = dma_reg_read(c, DMA_REG_HEAD);
	old = dma_reg_read(c, DMA_REG_TAIL);
	if (tail - head > dma_reg_read(c, DMA_REG_ENTRIES) || tail - head < old - head)
		return -EINVAL;
	dma_reg_write(c, DMA_REG_TAIL, tail);
	return 0;
}

static long dma_submit(struct dma_file *df, void __user *arg)
{
	u64 tail;
	int err = copy_from_user(&tail, arg, sizeof(tail));

	if (err)
		return err;
	mutex_lock(&df->lock);
	err = dma_submit_locked(df, tail);
	mutex_unlock(&df->lock);
	return err;
}

/*
 * The channel cannot be freed while somebody is in here: an ioctl holds a
 * reference to the file, and only its last reference stops the channel.
 */
static long dma_wait(struct dma_file *df, void __user *arg)
{
	struct dma_wait wait;
	unsigned int c = smp_load_acquire(&df->channel);
	int err = copy_from_user(&wait, arg, sizeof(wait));

	if (err)
		return err;
	if (c == NO_CHANNEL)
		return -ENXIO;
	if (wait.index > dma_reg_read(c, DMA_REG_TAIL))
		return -EINVAL;
	err = wait_event_interruptible(&channel_wq[c],
				       dma_reg_read(c, DMA_REG_HEAD) >= wait.index ||
				       channel_stopped(c));
	if (err)
		return err;
	wait.done = dma_reg_read(c, DMA_REG_HEAD);
	err = copy_to_user(arg, &wait, sizeof(wait));
	return err ? err : wait.done >= wait.index ? 0 : -EFAULT;
}

static long dma_stats(struct dma_file *df, void __user *arg)
{
	unsigned int c = smp_load_acquire(&df->channel);
	struct dma_stats stats = { 0 };
	struct iommu_stats iommu;

	iommu_stats_read(&iommu);
	stats.page_requests = iommu.page_requests;
	stats.invalidations = iommu.invalidations;
	stats.faults = iommu.faults;
	if (c != NO_CHANNEL) {
		stats.descriptors = dma_reg_read(c, DMA_REG_DONE);
		stats.bytes = dma_reg_read(c, DMA_REG_BYTES);
		stats.errors = dma_reg_read(c, DMA_REG_ERRORS);
	}
	return copy_to_user(arg, &stats, sizeof(stats));
}

static long dma_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct dma_file *df = file->private;

	switch (cmd) {
	case DMA_SETUP:
		return dma_setup(df, (void __user *)arg);
	case DMA_SUBMIT:
		return dma_submit(df, (void __user *)arg);
	case DMA_WAIT:
		return dma_wait(df, (void __user *)arg);
	case DMA_STATS:
		return dma_stats(df, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}

static int dma_open(struct inode *inode, struct file *file)
{
	struct dma_file *df = kzalloc(sizeof(*df), GFP_KERNEL);

	if (!df)
		return -ENOMEM;
	mutex_init(&df->lock, LOCK_DEVICE, "dma file");
	df->channel = NO_CHANNEL;
	file->private = df;
	return 0;
}

static void dma_release(struct file *file)
{
	struct dma_file *df = file->private;

	if (df->channel != NO_CHANNEL) {
		channel_stop(df->channel);
		iommu_sva_unbind(df->sva);
		channel_free(df->channel);
	}
	kfree(df);
}

static const struct file_operations dma_fops = {
	.open = dma_open,
	.release = dma_release,
	.ioctl = dma_ioctl,
};

void dma_init(void)
{
	for (unsigned int c = 0; c < NR_DMA_CHANNELS; c++)
		init_waitqueue_head(&channel_wq[c]);
	ASSERT(!vector_register(DMA_VECTOR, dma_interrupt, "dma"));
	ASSERT(!dma_hw_init());
	ASSERT(!chardev_register("dma0", &dma_fops));
}
