/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/emul/hw.h - the emulated IOMMU as its data sheet describes it
 *
 * The unit translates (PASID, I/O virtual address) by walking the CPU's own
 * four-level tables, so a process and a device share one set. Registers, three
 * rings in memory and one table are all that the driver and the unit share.
 * The formats are our own; the mechanisms are those of VT-d's first-level
 * translation, page-request queue and queued invalidation (VT-d specification,
 * chapters 3.6, 6 and 7) and of the AMD IOMMU's guest translation.
 *
 * Registers (64 bits wide)
 *	CTRL		bit 0: translate
 *	PASID_BASE	physical address of the PASID table
 *	PASID_COUNT	entries in it
 *	CMDQ_BASE, CMDQ_SIZE, CMDQ_HEAD, CMDQ_TAIL	command ring. Writing TAIL is the
 *			doorbell: the unit executes all commands before the write returns.
 *	PRQ_BASE, PRQ_SIZE, PRQ_HEAD, PRQ_TAIL	page requests; the unit moves TAIL,
 *			the driver HEAD. Full: the request is answered RETRY by the unit
 *			itself and STATUS.PRQ_OVERFLOW is set.
 *	FLTQ_BASE, FLTQ_SIZE, FLTQ_HEAD, FLTQ_TAIL	fault records, likewise; full:
 *			the record is dropped and STATUS.FAULT_OVERFLOW is set.
 *	PRQ_VECTOR, FLTQ_VECTOR	interrupt raised when an entry was added
 *	STATUS		write 1 to clear
 *
 * Sizes count entries and are powers of two; indices run freely and are taken
 * modulo the size.
 *
 * What the unit caches, for each attached engine, until a command drops it:
 * PASID entries, table entries of level 2 ("which level-1 table"), and leaves.
 * It keeps using them whatever memory says. It never caches absent entries.
 */
#ifndef DRIVERS_IOMMU_EMUL_HW_H
#define DRIVERS_IOMMU_EMUL_HW_H

#include "include/types.h"

enum iommu_reg {
	IOMMU_CTRL, IOMMU_STATUS, IOMMU_PASID_BASE, IOMMU_PASID_COUNT,
	IOMMU_CMDQ_BASE, IOMMU_CMDQ_SIZE, IOMMU_CMDQ_HEAD, IOMMU_CMDQ_TAIL,
	IOMMU_PRQ_BASE, IOMMU_PRQ_SIZE, IOMMU_PRQ_HEAD, IOMMU_PRQ_TAIL, IOMMU_PRQ_VECTOR,
	IOMMU_FLTQ_BASE, IOMMU_FLTQ_SIZE, IOMMU_FLTQ_HEAD, IOMMU_FLTQ_TAIL, IOMMU_FLTQ_VECTOR,
	NR_IOMMU_REGS
};

#define IOMMU_CTRL_ENABLE BIT(0)

#define IOMMU_STATUS_PRQ_OVERFLOW BIT(0)
#define IOMMU_STATUS_FAULT_OVERFLOW BIT(1)
#define IOMMU_STATUS_BAD_COMMAND BIT(2)	/* CMDQ_HEAD stays on it */

/* One entry of the PASID table: 16 bytes. */
struct iommu_pasid_entry {
	u64 root;		/* bit 0: present; 51:12: root table's frame */
	u64 reserved;
};
#define IOMMU_PASID_PRESENT BIT(0)

enum iommu_opcode {
	IOMMU_CMD_INV_RANGE = 1,	/* leaves and level-2 entries of [addr, addr + len) */
	IOMMU_CMD_INV_PASID,		/* everything of one PASID, its table entry too */
	IOMMU_CMD_PAGE_RESPONSE,	/* answer to request @tag of @engine */
	IOMMU_CMD_SYNC,			/* all sections begun before have ended */
};

enum iommu_response { IOMMU_RESP_SUCCESS = 0, IOMMU_RESP_RETRY = 1, IOMMU_RESP_INVALID = 2 };

/* One command: 32 bytes. */
struct iommu_command {
	u8 opcode;
	u8 response;		/* PAGE_RESPONSE: enum iommu_response */
	u16 engine;		/* PAGE_RESPONSE */
	u32 pasid;
	u64 addr;		/* INV_RANGE: first address; SYNC: where to write @value */
	u64 len;		/* INV_RANGE: bytes */
	u64 value;		/* SYNC; PAGE_RESPONSE: tag */
};

#define IOMMU_ACCESS_READ BIT(0)
#define IOMMU_ACCESS_WRITE BIT(1)

/* One page request: 32 bytes. The engine waits for the response with its tag. */
struct iommu_page_request {
	u32 pasid;
	u16 engine;
	u16 access;		/* IOMMU_ACCESS_* */
	u64 addr;		/* page aligned */
	u64 tag;
	u64 reserved;
};

enum iommu_fault_reason {
	IOMMU_FAULT_DISABLED = 1,	/* translation is off */
	IOMMU_FAULT_PASID,		/* PASID absent or beyond the table */
	IOMMU_FAULT_ADDRESS,		/* not a canonical user address */
	IOMMU_FAULT_REFUSED,		/* the driver answered INVALID */
	IOMMU_FAULT_BUS,		/* a table or page lies outside RAM */
};

/* One fault record: 32 bytes. */
struct iommu_fault_record {
	u32 pasid;
	u16 engine;
	u16 reason;		/* enum iommu_fault_reason */
	u64 addr;
	u64 access;
	u64 reserved;
};

static_assert(sizeof(struct iommu_pasid_entry) == 16, "PASID entry");
static_assert(sizeof(struct iommu_command) == 32, "command");
static_assert(sizeof(struct iommu_page_request) == 32, "page request");
static_assert(sizeof(struct iommu_fault_record) == 32, "fault record");

/* ---- the driver's side of the bus: registers ---- */
u64 iommu_reg_read(enum iommu_reg reg);
/* Writing CMDQ_TAIL executes commands in the caller's context. Context: no sleep. */
void iommu_reg_write(enum iommu_reg reg, u64 value);
void iommu_hw_init(void);

/*
 * The trace port: a debugging aid of the silicon, which tells an analyser what
 * the unit caches. Called inside a section. The unit works the same without.
 */
struct iommu_trace_port {
	void (*cached)(u32 pasid, u64 addr, u64 pa);
	void (*dropped)(u32 pasid, u64 addr, u64 pa);
};
void iommu_hw_attach_trace(const struct iommu_trace_port *port);
/* Fault injection: ignore the next @count invalidation commands (they complete). */
void iommu_hw_lose_invalidations(unsigned int count);

/* ---- the engines' side of the bus: drivers/<device>/emul/ only ---- */
struct iommu_engine;		/* one requester with caches of its own */
/* Return: 0 or -ENOSPC. */
int __must_check iommu_engine_attach(struct iommu_engine **out);

/*
 * Read or write [@addr, @addr + @len), which may not cross a page, on behalf of
 * @pasid. Waits for the answer to a page request if the translation is absent.
 * Return: 0; or -EFAULT: not translated, the driver refused, or no such PASID.
 */
int __must_check iommu_engine_read(struct iommu_engine *engine, u32 pasid, u64 addr,
				   void *buf, size_t len);
int __must_check iommu_engine_write(struct iommu_engine *engine, u32 pasid, u64 addr,
				    const void *buf, size_t len);

struct iommu_hw_stats {
	u64 walks, leaf_hits, table_hits, page_requests, invalidations, dropped, faults;
};
void iommu_hw_stats_read(struct iommu_hw_stats *out);

#endif
