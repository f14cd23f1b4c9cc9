/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/emul/unit.c - the unit's registers, its rings and its commands
 *
 * Concept    The driver writes a command ring and rings the doorbell; the unit
 *            works the ring off before that register write returns, in the
 *            caller's context. Each invalidation enters the section of every
 *            engine in turn: when it has been inside, no access that began
 *            before is still under way on that engine. SYNC does only that.
 *
 *            driver (any context)          engine thread
 *            write INV_RANGE, SYNC         section { look up, load or store }
 *            doorbell:                     section { ...
 *              enter section  <- waits ----        ... }
 *              drop entries, leave
 *              write SYNC's value          section { miss: walks memory }
 *
 * Owns       the registers; the producing ends of the request and fault rings.
 * Locks      unit_section (rank of a device, outside the engines' sections) for
 *            the rings that engines fill. Doorbells are serialised by the driver.
 * Callers    the driver by registers; walk.c.
 * Next       drivers/iommu/iommu.c
 */
#include "drivers/iommu/emul/engine.h"

#include "kernel/lib/string.h"

static u64 regs[NR_IOMMU_REGS];
static struct emul_section unit_section;
static struct emul_event prq_space;

static struct iommu_engine engines[MAX_ENGINES];
static unsigned int nr_engines;

static u64 lost_invalidations;		/* fault injection: still to be ignored */
static u64 nr_invalidations, nr_requests, nr_faults;

static u64 reg(enum iommu_reg r)
{
	return READ_ONCE(regs[r]);
}

/* ---- commands ---- */

static void command_invalidate(const struct iommu_command *cmd)
{
	if (emul_fault_stale())
		return;
	if (lost_invalidations) {
		lost_invalidations--;
		return;
	}
	nr_invalidations++;
	for (unsigned int i = 0; i < READ_ONCE(nr_engines); i++) {
		struct iommu_engine *e = &engines[i];

		emul_section_enter(&e->section);
		if (cmd->opcode == IOMMU_CMD_INV_PASID)
			atc_drop_pasid(e, cmd->pasid);
		else
			atc_drop_range(e, cmd->pasid, cmd->addr, cmd->len);
		emul_section_leave(&e->section);
	}
}

static bool command_sync(const struct iommu_command *cmd)
{
	for (unsigned int i = 0; i < READ_ONCE(nr_engines); i++) {
		emul_section_enter(&engines[i].section);
		emul_section_leave(&engines[i].section);
	}
	return phys_write(cmd->addr, &cmd->value, sizeof(cmd->value));
}

static bool command_response(const struct iommu_command *cmd)
{
	struct iommu_engine *e;

	if (cmd->engine >= READ_ONCE(nr_engines) || cmd->response > IOMMU_RESP_INVALID)
		return false;
	e = &engines[cmd->engine];
	if (READ_ONCE(e->answered) || READ_ONCE(e->tag) != cmd->value)
		return false;
	e->response = cmd->response;
	smp_store_release(&e->answered, true);
	emul_event_signal(&e->answer_event);
	return true;
}

/* Return: false for a command that the unit does not understand. */
static bool command_execute(const struct iommu_command *cmd)
{
	switch (cmd->opcode) {
	case IOMMU_CMD_INV_RANGE:
		if (!cmd->len)
			return false;
		command_invalidate(cmd);
		return true;
	case IOMMU_CMD_INV_PASID:
		command_invalidate(cmd);
		return true;
	case IOMMU_CMD_PAGE_RESPONSE:
		return command_response(cmd);
	case IOMMU_CMD_SYNC:
		return command_sync(cmd);
	default:
		return false;
	}
}

static void doorbell(u64 tail)
{
	struct iommu_command cmd;

	regs[IOMMU_CMDQ_TAIL] = tail;
	while (regs[IOMMU_CMDQ_HEAD] != tail) {
		u64 slot = regs[IOMMU_CMDQ_HEAD] & (regs[IOMMU_CMDQ_SIZE] - 1);

		if (!phys_read(regs[IOMMU_CMDQ_BASE] + slot * sizeof(cmd), &cmd, sizeof(cmd)) ||
		    !command_execute(&cmd)) {
			regs[IOMMU_STATUS] |= IOMMU_STATUS_BAD_COMMAND;
			return;
		}
		regs[IOMMU_CMDQ_HEAD]++;
	}
}

/* ---- registers ---- */

u64 iommu_reg_read(enum iommu_reg r)
{
	ASSERT(r < NR_IOMMU_REGS);
	return smp_load_acquire(&regs[r]);
}

void iommu_reg_write(enum iommu_reg r, u64 value)
{
	ASSERT(r < NR_IOMMU_REGS);
	switch (r) {
	case IOMMU_CMDQ_TAIL:
		doorbell(value);
		break;
	case IOMMU_STATUS:
		__atomic_and_fetch(&regs[r], ~value, __ATOMIC_SEQ_CST);
		break;
	case IOMMU_PRQ_HEAD:
		smp_store_release(&regs[r], value);
		emul_event_signal(&prq_space);
		break;
	default:
		smp_store_release(&regs[r], value);
	}
}

/* ---- rings that the unit fills ---- */

static bool ring_full(enum iommu_reg head, enum iommu_reg tail, enum iommu_reg size)
{
	return reg(tail) - smp_load_acquire(&regs[head]) >= reg(size);
}

/* Append @entry. Return: false if the ring is full or outside RAM. */
static bool ring_post(enum iommu_reg base, const void *entry, size_t size)
{
	enum iommu_reg r_size = base + 1, r_head = base + 2, r_tail = base + 3;
	u64 slot;
	bool ok;

	emul_section_enter(&unit_section);
	ok = !ring_full(r_head, r_tail, r_size);
	if (ok) {
		slot = reg(r_tail) & (reg(r_size) - 1);
		ok = phys_write(reg(base) + slot * size, entry, size);
	}
	if (ok)
		smp_store_release(&regs[r_tail], reg(r_tail) + 1);
	emul_section_leave(&unit_section);
	return ok;
}

enum iommu_response unit_page_request(struct iommu_engine *e, u32 pasid, u64 addr, u16 access)
{
	struct iommu_page_request req = {
		.pasid = pasid, .engine = e->id, .access = access, .addr = addr,
		.tag = e->tag + 1,
	};

	WRITE_ONCE(e->tag, req.tag);
	smp_store_release(&e->answered, false);
	__atomic_fetch_add(&nr_requests, 1, __ATOMIC_RELAXED);
	if (!ring_post(IOMMU_PRQ_BASE, &req, sizeof(req))) {
		__atomic_or_fetch(&regs[IOMMU_STATUS], IOMMU_STATUS_PRQ_OVERFLOW, __ATOMIC_SEQ_CST);
		emul_event_wait(&prq_space,
				!ring_full(IOMMU_PRQ_HEAD, IOMMU_PRQ_TAIL, IOMMU_PRQ_SIZE));
		smp_store_release(&e->answered, true);
		return IOMMU_RESP_RETRY;
	}
	emul_irq_raise(reg(IOMMU_PRQ_VECTOR));
	emul_event_wait(&e->answer_event, smp_load_acquire(&e->answered));
	return e->response;
}

void unit_fault(struct iommu_engine *e, u32 pasid, u64 addr, u16 access,
		enum iommu_fault_reason reason)
{
	struct iommu_fault_record record = {
		.pasid = pasid, .engine = e->id, .reason = reason, .addr = addr, .access = access,
	};

	__atomic_fetch_add(&nr_faults, 1, __ATOMIC_RELAXED);
	if (!ring_post(IOMMU_FLTQ_BASE, &record, sizeof(record))) {
		__atomic_or_fetch(&regs[IOMMU_STATUS], IOMMU_STATUS_FAULT_OVERFLOW,
				  __ATOMIC_SEQ_CST);
		return;
	}
	emul_irq_raise(reg(IOMMU_FLTQ_VECTOR));
}

/* ---- for the walk ---- */

bool unit_enabled(void)
{
	return reg(IOMMU_CTRL) & IOMMU_CTRL_ENABLE;
}

bool unit_read_pasid(u32 pasid, u64 *root_pa, enum iommu_fault_reason *reason)
{
	struct iommu_pasid_entry entry;

	*reason = IOMMU_FAULT_PASID;
	if (pasid >= reg(IOMMU_PASID_COUNT))
		return false;
	if (!phys_read64(reg(IOMMU_PASID_BASE) + (u64)pasid * sizeof(entry), &entry.root)) {
		*reason = IOMMU_FAULT_BUS;
		return false;
	}
	*root_pa = entry.root & PAGE_MASK;
	return entry.root & IOMMU_PASID_PRESENT;
}

/* ---- life ---- */

int iommu_engine_attach(struct iommu_engine **out)
{
	struct iommu_engine *e;

	if (nr_engines == MAX_ENGINES)
		return -ENOSPC;
	e = &engines[nr_engines];
	e->id = nr_engines;
	e->answered = true;
	emul_section_init(&e->section, SECTION_ENGINE);
	emul_event_init(&e->answer_event);
	smp_store_release(&nr_engines, nr_engines + 1);
	*out = e;
	return 0;
}

void iommu_hw_init(void)
{
	emul_section_init(&unit_section, SECTION_UNIT);
	emul_event_init(&prq_space);
}

void iommu_hw_attach_trace(const struct iommu_trace_port *port)
{
	atc_set_trace(port);
}

void iommu_hw_lose_invalidations(unsigned int count)
{
	WRITE_ONCE(lost_invalidations, count);
}

void iommu_hw_stats_read(struct iommu_hw_stats *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned int i = 0; i < READ_ONCE(nr_engines); i++) {
		const struct iommu_hw_stats *s = &engines[i].stats;

		out->walks += READ_ONCE(s->walks);
		out->leaf_hits += READ_ONCE(s->leaf_hits);
		out->table_hits += READ_ONCE(s->table_hits);
		out->dropped += READ_ONCE(s->dropped);
	}
	out->invalidations = READ_ONCE(nr_invalidations);
	out->page_requests = READ_ONCE(nr_requests);
	out->faults = READ_ONCE(nr_faults);
}
