/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mm.h - an address space (struct mm) and its ranges (struct vma)
 *
 * Letters behind the fields say which lock guards them:
 *	A atomic   C constant after creation   M mmap_lock   T page_table_lock
 *	R rmap lock of the object (anon_vma or i_mmap)   N see the named file
 * Two letters: hold any to read, all to write.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include "include/types.h"
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/pte.h"
#include "kernel/lib/interval_tree.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/spinlock.h"
#include "mm/readahead.h"

struct address_space;
struct anon_vma;
struct file;
struct mmu_notifier_subscriptions;
struct page;
struct userfaultfd;
struct vma;
struct vm_ops;

/* The first address that a program can not use. */
#define MM_USER_TOP 0x00007ffffffff000UL
/* The lowest address that mmap hands out or accepts as a fixed one. */
#define MM_USER_MIN 0x10000UL

enum mm_counter { MM_ANONPAGES, MM_FILEPAGES, MM_SWAPENTS, NR_MM_COUNTERS };

/*
 * What mm/tlb.c knows of an address space's translations in CPU TLBs. Each
 * change that must be flushed gets the next generation; a CPU that ran the mm
 * remembers the generation up to which it has flushed.
 */
struct mm_tlb {
	atomic64_t gen;			/* A: last generation handed out */
	u64 cpumask;			/* A: CPUs that may cache translations */
	u64 cpu_gen[NR_CPUS];		/* A: generation that CPU has flushed to */
	atomic64_t batch_gen;		/* A: generation of the last deferred flush */
	atomic64_t batch_flushed;	/* A: deferred flushes up to here are paid */
	atomic_t gathers;		/* A: struct mmu_gathers under way */
};

/* What mm/coherence.c watches until it is flushed; LOCK_COHERENCE. */
struct mm_watch {
	struct spinlock lock;
	struct list_head pending;	/* struct coherence_watch */
};

struct mm {
	atomic_t mm_users;		/* A: tasks and others that use the user half */
	atomic_t mm_count;		/* A: references to this structure; mm_users hold one */
	u64 id;				/* C: unique, for traces and reports */
	pte_t *pgd;			/* C: root table (level 4) */
	struct rw_semaphore mmap_lock;	/* LOCK_MMAP */
	struct rb_root vmas;		/* M: by address, augmented with the largest gap */
	unsigned int map_count;		/* M: number of VMAs */
	unsigned long mmap_base;	/* M: mmap searches down from here */
	unsigned long start_brk, brk;	/* M: the heap */
	unsigned long start_stack;	/* M */
	unsigned long arg_start, arg_end, env_start, env_end;	/* M */
	struct file *exe_file;		/* C once the program runs: what exec opened, or NULL */
	u64 saved_auxv[32];		/* C once the program runs: for /proc/<pid>/auxv */
	u64 total_vm;			/* M: pages in all VMAs */
	u64 hiwater_vm;			/* M: the most there were before VMAs went */
	u64 locked_vm;			/* M: pages in VM_LOCKED VMAs */
	u64 data_vm;			/* M: pages in VMAs that RLIMIT_DATA is about */
	s64 commit_pocket;		/* M: promised pages between two VMAs, see mm/commit.c */
	unsigned long def_flags;	/* M: mlockall: of every VMA to come */
	bool sealed;			/* M: there is a VMA with VM_SEALED */
	unsigned int mdwe;		/* M: PR_MDWE_ bits: what was written is not executed */
	u64 as_limit, stack_limit, data_limit;	/* A: RLIMIT_AS, _STACK, _DATA in bytes */
	u64 data_limit_max;		/* A: the hard RLIMIT_DATA */
	u64 memlock_limit;		/* A: RLIMIT_MEMLOCK in bytes; ~0 with CAP_IPC_LOCK */
	bool commit_admin;		/* A: with CAP_SYS_ADMIN: mm/commit.c keeps nothing back */
	struct spinlock page_table_lock;/* LOCK_MM_PGD */
	atomic64_t nr_table_pages;	/* A */
	atomic64_t rss[NR_MM_COUNTERS];	/* A */
	u64 hiwater_rss;		/* A: a racy maximum */
	struct mm_tlb tlb;
	struct mmu_notifier_subscriptions *notifier_subscriptions;	/* N mmu_notifier.c */
	struct list_head mmlist;	/* LOCK_MMLIST: every mm */
	struct list_head uffd_events;	/* M: to be told with mmap_lock dropped */
	struct mm_watch watch;
	bool oom_victim;		/* A: being killed to free memory */
	int oom_score_adj;		/* A: thousandths of all memory; -1000: never killed */
	struct swap_token_note {	/* LOCK_MMLIST: mm/swap_token.c */
		u64 stamp, interval;	/* the number of its last read, and the distance before */
		u32 priority;
	} token;
};

enum vma_flag {
	VM_READ = BIT(0), VM_WRITE = BIT(1), VM_EXEC = BIT(2), VM_SHARED = BIT(3),
	VM_MAYREAD = BIT(4), VM_MAYWRITE = BIT(5), VM_MAYEXEC = BIT(6), VM_MAYSHARE = BIT(7),
	VM_GROWSDOWN = BIT(8), VM_LOCKED = BIT(9), VM_NORESERVE = BIT(10),
	VM_DONTCOPY = BIT(11), VM_WIPEONFORK = BIT(12), VM_PFNMAP = BIT(13),
	VM_ACCOUNT = BIT(14), VM_DONTEXPAND = BIT(15),
	VM_LOCKONFAULT = BIT(16),	/* with VM_LOCKED: nothing is faulted in beforehand */
	VM_UNLOCKING = BIT(17),		/* no lock any more, but pages that still say so */
	VM_SOFTDIRTY = BIT(27),		/* new since clear_refs: counts as written, all of it */
	VM_RAND_READ = BIT(18), VM_SEQ_READ = BIT(19), VM_DONTDUMP = BIT(20),
	VM_SEALED = BIT(22),		/* stays as it is; see mseal.c */
	VM_NONLINEAR = BIT(21),		/* remap_file_pages: pages of the file in any order */
	VM_UFFD_MISSING = BIT(28),	/* vma->uffd is asked for pages that are not there */
	VM_UFFD_WP = BIT(29),		/* the same before a page that it protects is written */
	VM_UFFD_MINOR = BIT(30),	/* for pages that the object has, but are not mapped */
};
#define VM_LOCKED_MASK (VM_LOCKED | VM_LOCKONFAULT)
/* Not ordinary memory: nobody locks it. */
#define VM_SPECIAL (VM_PFNMAP | VM_DONTEXPAND)
#define VM_UFFD_MASK ((unsigned long)(VM_UFFD_MISSING | VM_UFFD_WP | VM_UFFD_MINOR))
#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)

struct vma {
	unsigned long start, end;	/* M R: [start, end), page aligned */
	unsigned long flags;		/* M: enum vma_flag */
	u64 pgoff;			/* M R: page offset of start within the object */
	struct mm *mm;			/* C */
	struct rb_node node;		/* M: mm->vmas */
	unsigned long gap_before;	/* M: free bytes between the previous VMA and start */
	unsigned long subtree_gap;	/* M: largest gap_before in this subtree */
	struct file *file;		/* C: NULL for anonymous memory */
	const struct vm_ops *ops;	/* C: NULL for anonymous memory */
	void *private;			/* C: the object's word (drivers) */
	struct anon_vma *anon_vma;	/* T to set, M to clear; see rmap.h */
	struct list_head anon_vma_chain;/* M: this VMA's chain links; see rmap.h */
	struct address_space *mapping;	/* C: who maps the file; NULL: not known by pages */
	struct interval_tree_node shared;	/* R: in mapping->i_mmap by pgoff */
	struct list_head nonlinear;	/* R: in mapping->i_mmap_nonlinear instead */
	unsigned long unmap_cursor;	/* A: bytes; see nonlinear.c */
	u64 swap_ra;			/* A: the last fault from swap; see swap_readahead.c */
	struct readahead file_ra;	/* A: the last fault of a page of a disk */
	struct userfaultfd *uffd;	/* M: who answers its faults, with a reference, or NULL */
};

/*
 * Kinds of memory that are not plain anonymous supply these. fault() finds or
 * makes the page for @pgoff and returns it locked with a reference.
 */
struct vm_ops {
	void (*open)(struct vma *vma);		/* fork and split made another VMA */
	void (*close)(struct vma *vma);
	/*
	 * The object's page, locked, with a reference. Return: 0; -EAGAIN: look again;
	 * -ENOENT, -EEXIST: it is not there, or is, and a userfaultfd wants to hear of
	 * that; -ENOMEM; anything else is a bus error.
	 */
	int (*fault)(struct vma *vma, u64 pgoff, unsigned int flags, struct page **out);
	/*
	 * The object's page at @pgoff as it is, locked, with a reference. NULL: userfaultfd
	 * knows nothing of such memory. Return: 0, -ENOENT, -EINVAL (behind the end), -EIO,
	 * -ENOMEM.
	 */
	int (*find)(struct vma *vma, u64 pgoff, struct page **out);
	/*
	 * @page, which is locked and nobody else knows, becomes the one at @pgoff. Return: 0,
	 * -EEXIST, -EFAULT (behind the end), -ENOMEM.
	 */
	int (*fill)(struct vma *vma, u64 pgoff, struct page *page);
	const char *(*name)(struct vma *vma);	/* for /proc/<pid>/maps */
};

/* mm/mm.c: life and death of an address space. All may sleep. */
int __must_check mm_alloc(struct mm **out);
/* Reference to the structure only: the user half may already be gone. */
void mmgrab(struct mm *mm);
void mmdrop(struct mm *mm);
/* Reference to the user half. mmget_not_zero(): true if it is still there. */
void mmget(struct mm *mm);
bool __must_check mmget_not_zero(struct mm *mm);
/* Drop it; the last one unmaps everything (notifier release first). May sleep. */
void mmput(struct mm *mm);
/* The kernel's own address space: kernel half only, never freed. */
extern struct mm init_mm;
/* Boot: locks and tables of init_mm (pgd: the kernel's); no allocator needed. */
void init_mm_setup(void);
/* Boot: the mm cache, and the scheduler's switch_mm hook. */
void mm_init(void);

/*
 * The current task works on @mm from now on (NULL: on none), whose user
 * reference it takes over. exec and exit. Context: may not sleep.
 * Return: the mm it had, with its reference, or NULL.
 */
struct mm *current_set_mm(struct mm *mm);
/*
 * A kernel thread borrows the user half of @mm, of which the caller has a
 * reference, and gives it back: between the two, uaccess and faults work on it.
 */
void kthread_use_mm(struct mm *mm);
void kthread_unuse_mm(struct mm *mm);

/* Statistics of what the page tables hold. Context: any. */
static inline void mm_counter_add(struct mm *mm, enum mm_counter which, s64 delta)
{
	atomic64_add(delta, &mm->rss[which]);
}

static inline u64 mm_rss(const struct mm *mm)
{
	return (u64)(atomic64_read(&mm->rss[MM_ANONPAGES]) +
		     atomic64_read(&mm->rss[MM_FILEPAGES]));
}

/* Before pages go: what was used at most, as far as anybody noticed. */
static inline void mm_note_hiwater(struct mm *mm)
{
	u64 rss = mm_rss(mm);

	if (rss > READ_ONCE(mm->hiwater_rss))
		WRITE_ONCE(mm->hiwater_rss, rss);
}

/* Every mm, for reclaim, swapoff, /proc and the world check: see mm/mm.c. */
extern struct list_head mm_list;
extern struct spinlock mm_list_lock;	/* LOCK_MMLIST */
/* The mm after @prev (NULL: the first) with a structure reference; drops @prev's. */
struct mm *mm_list_next(struct mm *prev);

/* mm/vma.c: the tree. Context: mmap_lock, read to look, write to change. */
/* The lowest VMA with end > @va, or NULL. It may lie wholly above @va. */
struct vma *find_vma(struct mm *mm, unsigned long va);
struct vma *find_vma_intersection(struct mm *mm, unsigned long start, unsigned long end);
struct vma *vma_next(struct vma *vma);
struct vma *vma_prev(struct vma *vma);
static inline u64 vma_pages(const struct vma *vma)
{
	return (vma->end - vma->start) >> PAGE_SHIFT;
}

void vma_dump(const struct vma *vma, const char *why);
#define ASSERT_VMA(vma, c)						\
	do {								\
		if (unlikely(!(c))) {					\
			vma_dump((vma), #c);				\
			ASSERT_MSG(false, "VMA assertion: %s", #c);	\
		}							\
	} while (0)

#endif
