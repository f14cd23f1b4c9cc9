/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mmap.h - making, removing and changing mappings: the system calls
 *
 * do_*: mmap_lock held for writing. vm_*: takes it. sys_*: the user's call on
 * current->mm. Files belong to a layer above; fs registers the four hooks.
 */
#ifndef MM_MMAP_H
#define MM_MMAP_H

#include "include/types.h"
#include "include/uapi/mman.h"
#include "include/uapi/sched.h"
#include "mm/mm.h"

struct mmu_gather;

/* A file offset is a signed number of bytes. */
#define MAX_FILE_BYTES ((1UL << 63) - 1)

/* What fs supplies, so that a VMA can hold a file. All may sleep but get. */
struct mmap_file_hooks {
	/* The file behind descriptor @fd of current, with a reference; -EBADF. */
	int (*find)(int fd, struct file **out);
	void (*get)(struct file *file);
	void (*put)(struct file *file);
	/*
	 * Check the mode against vma->flags (clearing VM_MAY* that the file does
	 * not allow), set vma->ops, mapping and private. -EACCES, -ENODEV, ...
	 */
	int (*mmap)(struct file *file, struct vma *vma);
	/* Bytes [@offset, @offset + @len) become a hole. No lock held. -EPERM, -EOPNOTSUPP, ... */
	int (*punch)(struct file *file, u64 offset, u64 len);
	/*
	 * An unnamed shared file of @size bytes, for MAP_SHARED | MAP_ANONYMOUS. @promise:
	 * all its pages now (mm/commit.c), not each when it comes.
	 */
	int (*shared_anon)(u64 size, bool promise, struct file **out);
	/* For /proc/<pid>/maps: path, device and inode number. */
	void (*describe)(struct file *file, char *path, size_t size, u64 *dev, u64 *ino);
};
void mmap_set_file_hooks(const struct mmap_file_hooks *hooks);
extern const struct mmap_file_hooks *mmap_file_hooks;

/*
 * Map @len bytes at or near @addr. @file: the caller's reference stays the
 * caller's. @pgoff: page offset within the file. Context: mmap_lock for writing;
 * may sleep. Return: 0 with the address in *@out, or -errno.
 */
int __must_check do_mmap(struct mm *mm, struct file *file, unsigned long addr,
			 unsigned long len, unsigned long prot, unsigned long flags,
			 u64 pgoff, unsigned long *out);
/* Context: takes mmap_lock; may sleep. With MAP_POPULATE also makes the pages. */
int __must_check vm_mmap(struct mm *mm, struct file *file, unsigned long addr,
			 unsigned long len, unsigned long prot, unsigned long flags,
			 u64 pgoff, unsigned long *out);

/* Unmap everything in [@start, @start + @len). Return: 0, -EINVAL, -ENOMEM (a split). */
int __must_check do_munmap(struct mm *mm, unsigned long start, unsigned long len);
int __must_check vm_munmap(struct mm *mm, unsigned long start, unsigned long len);

/* Change the protection of whole pages; holes give -ENOMEM after what precedes them. */
int __must_check do_mprotect(struct mm *mm, unsigned long start, unsigned long len,
			     unsigned long prot);
/*
 * mm/mseal.c: is anything in [@start, @end) sealed? mmap_lock held. Return: 0 or -EPERM.
 * And does a seal forbid @advice about @vma?
 */
int __must_check mseal_check(struct mm *mm, unsigned long start, unsigned long end);
bool mseal_forbids_advice(const struct vma *vma, int advice);

/*
 * Does prctl(PR_SET_MDWE) forbid a mapping that has @flags now to become one with @new?
 * Then it is -EACCES: it can be written and executed, or could not be executed before.
 */
static inline unsigned int mdwe_inherited(const struct mm *mm)
{
	return mm->mdwe & PR_MDWE_NO_INHERIT ? 0 : mm->mdwe;
}
int __must_check mdwe_check(const struct mm *mm, unsigned long flags, unsigned long new);
/* Set the heap's end. Return: 0 or -ENOMEM (nothing changed). */
int __must_check do_brk(struct mm *mm, unsigned long brk);
int __must_check do_madvise(struct mm *mm, unsigned long start, unsigned long len, int advice);
/* The call on any address space: checks, takes mmap_lock as the advice needs; may sleep. */
int __must_check vm_madvise(struct mm *mm, unsigned long start, unsigned long len, int advice);
int __must_check do_mremap(struct mm *mm, unsigned long addr, unsigned long old_len,
			   unsigned long new_len, unsigned long flags, unsigned long new_addr,
			   unsigned long *out);
/* Bytes that are populated before a writer may have mmap_lock. */
#define POPULATE_STEP (64 * PAGE_SIZE)
/*
 * Fault in what [@start, @end) maps, as MAP_POPULATE and mlock do: private memory
 * that may be written as if it were written, the rest as if read; holes and
 * MLOCK_ONFAULT memory are passed over. @go_on: so are VMAs that fail. Context:
 * takes mmap_lock; may sleep. Return: 0, -EFAULT, -ENOMEM, -EINTR.
 */
int mm_populate(struct mm *mm, unsigned long start, unsigned long end, bool go_on);
/*
 * The same inside one VMA, with FAULT_WRITE or 0 as @access. Context: mmap_lock
 * held (read is enough) and kept. Return: also -EAGAIN: there is a page for which a
 * userfaultfd must be asked, which populate_asking() does, without mmap_lock.
 */
int populate_vma_range(struct vma *vma, unsigned long start, unsigned long end,
		       unsigned int access);

int populate_asking(struct mm *mm, unsigned long start, unsigned long end, unsigned int access);

/* What an unmapping leaves in the entries. */
enum unmap_leave {
	UNMAP_ALL,	/* nothing: the range itself goes */
	UNMAP_PAGES,	/* what is no page: markers, and file offsets where VM_NONLINEAR */
	UNMAP_GUARD,	/* the same behind a guard, in each that has a table */
	UNMAP_OFFSETS,	/* the file offsets of remap_file_pages, instead of all there was */
};

struct unmap_how {
	enum unmap_leave leave;
	u64 pgoff;	/* UNMAP_OFFSETS: of vma->start, if the range went down to there */
	/*
	 * Is this mapped entry to go? Table lock held. Nothing else goes then, what is in
	 * swap neither. NULL: all go.
	 */
	bool (*wanted)(struct vma *vma, unsigned long va, pte_t *ptep, void *arg);
	void *arg;
};

/*
 * The one door through which mappings disappear: clears the entries of
 * [@start, @end) of @vma into the gather, as @how says. Context: mmap_lock, or
 * i_mmap_rwsem of its file, or last user; a notifier bracket that covers the range
 * is open; may sleep.
 */
void unmap_vma_range(struct mmu_gather *tlb, struct vma *vma, unsigned long start,
		     unsigned long end, const struct unmap_how *how);
/* The door with its bracket and gather, for advice. mmap_lock, read is enough. */
void zap_page_range(struct vma *vma, unsigned long start, unsigned long end,
		    const struct unmap_how *how);
/* mmput: unmap and free all VMAs and tables of an mm that nobody uses. May sleep. */
void exit_mmap(struct mm *mm);

/* The stack @vma grows down to hold @va. mmap_lock for writing. 0 or -ENOMEM. */
int __must_check expand_stack(struct vma *vma, unsigned long va);

/*
 * The entry that shows frame @pfn in @vma. @writable: the frame may be written in
 * place, so give the write permission if the VMA has it; else the first write
 * faults. A VMA without any access gives a PROTNONE entry.
 */
pte_t vma_make_pte(const struct vma *vma, u64 pfn, bool writable);

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags,
	      unsigned long fd, unsigned long off);
long sys_munmap(unsigned long addr, unsigned long len);
long sys_mprotect(unsigned long start, unsigned long len, unsigned long prot);
long sys_brk(unsigned long brk);
long sys_mseal(unsigned long start, unsigned long len, unsigned long flags);
long sys_madvise(unsigned long start, unsigned long len, int advice);
long sys_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr);
long sys_msync(unsigned long start, unsigned long len, int flags);

#endif
