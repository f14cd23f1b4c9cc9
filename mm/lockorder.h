/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/lockorder.h - the one list of lock ranks, outermost first
 *
 * Concept    Every lock is initialised with a rank of this list. A lock may be
 *            taken only while all locks held have a smaller rank, so no cycle
 *            of waiting can ever close. The enum value is the argument of
 *            spin_lock_init() and friends: this document *is* the check
 *            (kernel/sync/lock_check.c compares at every acquire).
 * Rules      Two locks of one rank only through a *_lock_two() function (by
 *            address) or mm_take_all_locks(). A try-lock may be taken in any
 *            order, for it never waits.
 * Layers     This header includes nothing, so that every layer may name its
 *            ranks here although it lies under mm/.
 */
#ifndef MM_LOCKORDER_H
#define MM_LOCKORDER_H

enum lock_rank {
	LOCK_UNRANKED = 0,	/* early boot only, before ranks are checked */

	/* ---- sleeping locks ---- */
	LOCK_TEST_OUTER,	/* tests: outside everything */
	LOCK_PIPE,		/* one pipe's ring; user copies and spliced files inside */
	LOCK_FILE_POS,		/* one open file's position: fs/file.c */
	LOCK_SEQ,		/* one open /proc file's text: fs/seq_file.c */
	LOCK_NAMESPACE,		/* mount tree and names; renames write: fs/namei.c */
	LOCK_INODE,		/* one inode's contents and names; user copies inside */
	LOCK_TTY,		/* one terminal's line discipline; user copies inside */
	LOCK_DEVICE,		/* a driver's open file: ioctl against close */
	LOCK_SVA,		/* drivers/iommu: binding address spaces to PASIDs */
	LOCK_SWAPON,		/* mm/swapfile.c: swap areas come and go */
	LOCK_MMAP,		/* mm->mmap_lock: the set of VMAs of one mm */
	LOCK_MM_ALL,		/* mm_take_all_locks(): one taker at a time */
	LOCK_VMA,		/* per-VMA lock: fields and pages of one VMA */
	LOCK_BDEV,		/* fs/block_dev.c: who has one block device open */
	LOCK_INVALIDATE,	/* address_space->invalidate_lock: pages come from the disk */
	LOCK_PAGE,		/* PG_locked: identity and contents of one page */
	LOCK_RECLAIM,		/* pseudo-rank: "this allocation may reclaim" */
	LOCK_I_MMAP,		/* address_space->i_mmap_rwsem: who maps a file */
	LOCK_ANON_VMA,		/* anon_vma->rwsem: who may map an anonymous page */
	LOCK_CALLBACK,		/* pseudo-rank: inside a callback of a second MMU's driver */
	LOCK_DRIVER,		/* a second MMU driver's sleeping lock */
	LOCK_SYNC_INNER,	/* kthread, srcu and other leaf mutexes */

	/* ---- spinning locks ---- */
	LOCK_MM_PGD,		/* mm->page_table_lock: upper tables, anon_vma set-up */
	LOCK_PT,		/* one page-table page's entries */
	LOCK_TLB_BATCH,		/* mm/tlb.c: deferred flushes of one mm */
	LOCK_NOTIFIER,		/* mm/mmu_notifier.c: one mm's subscribers */
	LOCK_DRIVER_SPIN,	/* a second MMU driver's lock, taken in atomic callbacks */
	LOCK_IOMMU,		/* an IOMMU's queues, as the driver sees them */
	LOCK_DEVICE_UNIT,	/* an emulated device: parts that its engines share */
	LOCK_DEVICE_ENGINE,	/* an emulated device: one bounded section */
	LOCK_MAPPING,		/* address_space: radix map of page-cache pages */
	LOCK_SWAP_CACHE,	/* swap entry -> page */
	LOCK_SWAP_SLOT,		/* slot counts of one swap area */
	LOCK_LRU,		/* the LRU lists and the flags that name them */
	LOCK_MMLIST,		/* list of all mms; who has the swap token */
	LOCK_SHMEM,		/* mm/shmem.c: list of files whose pages may be in swap */
	LOCK_BLOCK,		/* one block device's queue */
	LOCK_DCACHE,		/* dentries, mounts: short look-ups */
	LOCK_FILES,		/* one descriptor table */
	LOCK_TASKLIST,		/* all tasks, parent and child links */
	LOCK_SIGHAND,		/* one process's signal state */
	LOCK_PID,		/* numbers of processes and threads */
	LOCK_FUTEX,		/* one futex bucket */
	LOCK_USERFAULT,		/* mm/userfaultfd.c: the faults that wait for one file */
	LOCK_VMALLOC,		/* kernel address ranges */
	LOCK_SLAB,		/* one slab cache */
	LOCK_BUDDY,		/* free lists of frames */
	LOCK_TEST_INNER,	/* tests: inside mm */
	LOCK_TIMER,		/* one CPU's timers */
	LOCK_SRCU,		/* one SRCU domain's bookkeeping */
	LOCK_WAIT,		/* one wait queue */
	LOCK_RUNQUEUE,		/* one CPU's run queue */
	LOCK_RCU,		/* grace-period bookkeeping, callback lists */
	LOCK_IPI,		/* function-call requests to other CPUs */
	LOCK_TRACE,		/* kernel/trace: one CPU's ring of events */
	LOCK_COHERENCE,		/* mm/coherence.c: one mm's pending flushes, the holders */
	LOCK_COHERENCE_POOL,	/* mm/coherence.c: free records, the event ring */
	LOCK_CONSOLE,		/* console devices */
	NR_LOCK_RANKS
};

#endif
