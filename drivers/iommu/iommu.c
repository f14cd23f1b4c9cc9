/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/iommu.c - the driver of the emulated IOMMU: rings and requests
 *
 * Concept    Commands go into a ring and are executed while the doorbell is
 *            written, so an invalidation may be made in atomic context. Page
 *            requests come with an interrupt; worker threads resolve them as a
 *            page fault of the process, and answer.
 *
 *            engine                 this driver              mm
 *            miss -> page request   interrupt, wake worker
 *            waits for the answer   mmget, mm_fault     -->  page mapped
 *            walks again       <--  PAGE_RESPONSE            (may be taken away
 *            ... misses again                                 before the walk)
 *
 *            A worker never waits for an invalidation, and an invalidation never
 *            waits for a worker: it waits only for sections of the engines.
 * Owns       the rings, the PASID table.
 * Locks      cmdq.lock and prq.lock: LOCK_IOMMU (spin), one at a time.
 * Invariants an answer is sent for every request     request_serve()
 * Callers    sva.c; interrupts.
 * Next       sva.c
 */
#include "drivers/iommu/iommu.h"

#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/layout.h"
#include "drivers/iommu/emul/hw.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/sched/kthread.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/buddy.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/page.h"

#define IOMMU_PRQ_VECTOR_NR (VECTOR_DEVICE + 0)
#define IOMMU_FLTQ_VECTOR_NR (VECTOR_DEVICE + 1)
#define NR_REQUEST_WORKERS 4
#define RING_ENTRIES (PAGE_SIZE / 32)

static struct {
	struct spinlock lock;
	struct iommu_command *ring;
	u64 tail;
	u64 *done;			/* SYNC writes here */
	u64 next_done;
} cmdq;

static struct {
	struct spinlock lock;
	struct iommu_page_request *ring;
	struct wait_queue_head wq;
} prq;

static struct {
	struct iommu_fault_record *ring;
	struct wait_queue_head wq;
} fltq;

static struct iommu_pasid_entry *pasid_table;
static const struct iommu_pasid_ops *pasid_ops;
static struct iommu_stats stats;

/* ---- commands ---- */

static void cmdq_put(const struct iommu_command *cmd)
{
	assert_held(&cmdq.lock);
	cmdq.ring[cmdq.tail++ % RING_ENTRIES] = *cmd;
}

/* Append @cmd and a SYNC, ring the doorbell, see that the unit has finished. */
static void cmdq_run(const struct iommu_command *cmd)
{
	struct iommu_command sync = { .opcode = IOMMU_CMD_SYNC };

	spin_lock(&cmdq.lock);
	sync.addr = virt_to_phys(cmdq.done);
	sync.value = ++cmdq.next_done;
	cmdq_put(cmd);
	cmdq_put(&sync);
	iommu_reg_write(IOMMU_CMDQ_TAIL, cmdq.tail);
	ASSERT_MSG(READ_ONCE(*cmdq.done) == sync.value, "the IOMMU stopped at a command: status %llx",
		   (unsigned long long)iommu_reg_read(IOMMU_STATUS));
	spin_unlock(&cmdq.lock);
}

void iommu_invalidate(u32 pasid, u64 start, u64 end)
{
	struct iommu_command cmd = {
		.opcode = IOMMU_CMD_INV_RANGE, .pasid = pasid, .addr = start, .len = end - start,
	};

	__atomic_fetch_add(&stats.invalidations, 1, __ATOMIC_RELAXED);
	cmdq_run(&cmd);
}

void iommu_invalidate_pasid(u32 pasid)
{
	struct iommu_command cmd = { .opcode = IOMMU_CMD_INV_PASID, .pasid = pasid };

	__atomic_fetch_add(&stats.invalidations, 1, __ATOMIC_RELAXED);
	cmdq_run(&cmd);
}

void iommu_pasid_set(u32 pasid, u64 root_pa)
{
	ASSERT(pasid < IOMMU_NR_PASIDS && !(root_pa & ~PAGE_MASK));
	WRITE_ONCE(pasid_table[pasid].root, root_pa | IOMMU_PASID_PRESENT);
}

void iommu_pasid_clear(u32 pasid)
{
	ASSERT(pasid < IOMMU_NR_PASIDS);
	WRITE_ONCE(pasid_table[pasid].root, 0);
}

/* ---- page requests ---- */

/* Take the oldest request off the ring. Return: false if there is none. */
static bool request_take(struct iommu_page_request *out)
{
	u64 head;
	bool any;

	spin_lock(&prq.lock);
	head = iommu_reg_read(IOMMU_PRQ_HEAD);
	any = head != iommu_reg_read(IOMMU_PRQ_TAIL);
	if (any) {
		*out = prq.ring[head % RING_ENTRIES];
		iommu_reg_write(IOMMU_PRQ_HEAD, head + 1);
	}
	spin_unlock(&prq.lock);
	return any;
}

static void request_answer(const struct iommu_page_request *req, enum iommu_response response)
{
	struct iommu_command cmd = {
		.opcode = IOMMU_CMD_PAGE_RESPONSE, .response = response,
		.engine = req->engine, .pasid = req->pasid, .value = req->tag,
	};

	cmdq_run(&cmd);
}

/* A fault of the process, on behalf of the device. */
static void request_serve(const struct iommu_page_request *req)
{
	unsigned int flags = FAULT_REMOTE | FAULT_NOASK;	/* one worker serves everybody */
	struct mm *mm = pasid_ops->get_mm(req->pasid);
	int result = FAULT_MAPERR;

	__atomic_fetch_add(&stats.page_requests, 1, __ATOMIC_RELAXED);
	if (req->access & IOMMU_ACCESS_WRITE)
		flags |= FAULT_WRITE;
	if (mm)
		result = mm_fault(mm, req->addr, flags);
	request_answer(req, result == FAULT_DONE ? IOMMU_RESP_SUCCESS : IOMMU_RESP_INVALID);
	if (mm)
		mmput(mm);	/* after the answer: this may be the last user */
}

static int request_worker(void *unused)
{
	struct iommu_page_request req;

	for (;;) {
		wait_event(&prq.wq, request_take(&req));
		request_serve(&req);
	}
	return 0;
}

static void prq_interrupt(struct pt_regs *regs)
{
	wake_up(&prq.wq);
}

/* ---- fault records ---- */

static const char *fault_reason_name(u16 reason)
{
	static const char *const names[] = {
		[IOMMU_FAULT_DISABLED] = "translation is off",
		[IOMMU_FAULT_PASID] = "no such PASID",
		[IOMMU_FAULT_ADDRESS] = "not a user address",
		[IOMMU_FAULT_REFUSED] = "page request refused",
		[IOMMU_FAULT_BUS] = "table or page outside RAM",
	};

	return reason < ARRAY_SIZE(names) && names[reason] ? names[reason] : "unknown reason";
}

static bool fault_take(struct iommu_fault_record *out)
{
	u64 head = iommu_reg_read(IOMMU_FLTQ_HEAD);

	if (head == iommu_reg_read(IOMMU_FLTQ_TAIL))
		return false;
	*out = fltq.ring[head % RING_ENTRIES];
	iommu_reg_write(IOMMU_FLTQ_HEAD, head + 1);
	return true;
}

/* The one reader of the fault ring. */
static int fault_worker(void *unused)
{
	struct iommu_fault_record record;

	for (;;) {
		wait_event(&fltq.wq, fault_take(&record));
		__atomic_fetch_add(&stats.faults, 1, __ATOMIC_RELAXED);
		pr_debug("iommu: engine %u, PASID %u: %s of %llx failed: %s\n", record.engine,
			 record.pasid, record.access & IOMMU_ACCESS_WRITE ? "write" : "read",
			 (unsigned long long)record.addr, fault_reason_name(record.reason));
	}
	return 0;
}

static void fltq_interrupt(struct pt_regs *regs)
{
	wake_up(&fltq.wq);
}

void iommu_stats_read(struct iommu_stats *out)
{
	out->page_requests = READ_ONCE(stats.page_requests);
	out->invalidations = READ_ONCE(stats.invalidations);
	out->faults = READ_ONCE(stats.faults);
}

/* ---- init ---- */

static void *ring_alloc(enum iommu_reg base, enum iommu_reg size)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	ASSERT_MSG(page, "no memory for the IOMMU's rings at boot");
	iommu_reg_write(base, virt_to_phys(page_address(page)));
	iommu_reg_write(size, RING_ENTRIES);
	return page_address(page);
}

static void workers_start(void)
{
	struct task *task;

	for (unsigned int i = 0; i < NR_REQUEST_WORKERS; i++)
		ASSERT(!kthread_run(&task, request_worker, NULL, "iommu-prq/%u", i));
	ASSERT(!kthread_run(&task, fault_worker, NULL, "iommu-fault"));
}

void iommu_init(const struct iommu_pasid_ops *ops)
{
	static struct iommu_trace_port trace;
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	static_assert(IOMMU_NR_PASIDS * sizeof(struct iommu_pasid_entry) <= PAGE_SIZE, "one page");
	ASSERT_MSG(page, "no memory for the PASID table at boot");
	pasid_table = page_address(page);
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	ASSERT_MSG(page, "no memory for the IOMMU's status at boot");
	cmdq.done = page_address(page);

	spin_lock_init(&cmdq.lock, LOCK_IOMMU, "iommu commands");
	spin_lock_init(&prq.lock, LOCK_IOMMU, "iommu requests");
	init_waitqueue_head(&prq.wq);
	init_waitqueue_head(&fltq.wq);
	iommu_hw_init();
	cmdq.ring = ring_alloc(IOMMU_CMDQ_BASE, IOMMU_CMDQ_SIZE);
	prq.ring = ring_alloc(IOMMU_PRQ_BASE, IOMMU_PRQ_SIZE);
	fltq.ring = ring_alloc(IOMMU_FLTQ_BASE, IOMMU_FLTQ_SIZE);
	ASSERT(!vector_register(IOMMU_PRQ_VECTOR_NR, prq_interrupt, "iommu page request"));
	ASSERT(!vector_register(IOMMU_FLTQ_VECTOR_NR, fltq_interrupt, "iommu fault"));
	iommu_reg_write(IOMMU_PRQ_VECTOR, IOMMU_PRQ_VECTOR_NR);
	iommu_reg_write(IOMMU_FLTQ_VECTOR, IOMMU_FLTQ_VECTOR_NR);
	iommu_reg_write(IOMMU_PASID_BASE, virt_to_phys(pasid_table));
	iommu_reg_write(IOMMU_PASID_COUNT, IOMMU_NR_PASIDS);
	pasid_ops = ops;
	trace = (struct iommu_trace_port){ .cached = ops->cached, .dropped = ops->dropped };
	iommu_hw_attach_trace(&trace);
	workers_start();
	iommu_reg_write(IOMMU_CTRL, IOMMU_CTRL_ENABLE);
}
