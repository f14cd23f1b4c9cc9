/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/userfaultfd.h - faults that a program answers itself
 */
#ifndef MM_USERFAULTFD_H
#define MM_USERFAULTFD_H

#include "include/types.h"
#include "include/uapi/userfaultfd.h"
#include "kernel/sync/wait.h"
#include "mm/mm.h"

/*
 * One open userfaultfd: whose faults it hears of, and which wait. Referenced by its file,
 * by each VMA that is registered, and by each fault and each event under way.
 */
struct userfaultfd {
	atomic_t count;
	struct mm *mm;			/* C: with a structure reference */
	bool user_mode_only;		/* C: the kernel's own accesses are errors */
	unsigned int file_flags;	/* C: O_CLOEXEC, O_NONBLOCK: of a child's file, too */
	u64 features;			/* A: UFFD_FEATURE_*; see userfaultfd_set_features() */
	bool ready;			/* A: they were agreed upon */
	bool released;			/* A: the file is closed */
	struct spinlock lock;		/* LOCK_USERFAULT */
	struct list_head pending;	/* lock: struct userfault that nobody has read */
	struct list_head read;		/* lock: those that somebody has */
	struct list_head events;	/* lock: struct uffd_event that nobody has read */
	struct list_head taken;		/* lock: forks for which a file is being made */
	atomic_t changing;		/* events noted and not read: answers are refused */
	struct wait_queue_head readers;	/* woken when something can be read */
};

/* A fault that waits for an answer; on the stack of who has it. */
struct userfault {
	struct list_head link;		/* lock: pending, read, or alone: woken */
	struct userfaultfd *uffd;	/* NULL: it need not wait */
	struct uffd_msg msg;
	unsigned long va;		/* page aligned */
	int what;			/* FAULT_MISSING, _MINOR, _WP */
	bool woken;			/* lock to set */
	struct wait_queue_head wq;
};

/* A change that the reader is told of, and who waits for that; see mm/userfaultfd_event.c. */
struct uffd_event {
	struct list_head note;		/* in mm->uffd_events, then of who tells */
	struct list_head link;		/* lock: events, taken, or alone */
	struct userfaultfd *uffd;	/* with a reference */
	struct userfaultfd *child;	/* UFFD_EVENT_FORK: with a reference */
	struct uffd_msg msg;
	bool done;			/* lock to set: it has been read */
	struct wait_queue_head wq;
};

/* ---- the file's side; all may sleep unless said otherwise ---- */

/* Faults of @mm, of user mode only if @user_mode_only. Return: 0 or -ENOMEM. */
int __must_check userfaultfd_alloc(struct mm *mm, bool user_mode_only, struct userfaultfd **out);
/* The file is closed: who waits goes on, nobody asks any more. Drops the file's reference. */
void userfaultfd_release(struct userfaultfd *uffd);
/* Agree on @features, once. Return: 0 or -EINVAL. Context: any. */
int __must_check userfaultfd_set_features(struct userfaultfd *uffd, u64 features);
/* The features that there are, all of which may be agreed upon. */
#define USERFAULTFD_FEATURES \
	(UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | \
	 UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP | \
	 UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_SIGBUS | \
	 UFFD_FEATURE_THREAD_ID | UFFD_FEATURE_MINOR_SHMEM | UFFD_FEATURE_EXACT_ADDRESS | \
	 UFFD_FEATURE_WP_HUGETLBFS_SHMEM | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_POISON | \
	 UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_MOVE)

/*
 * From now on faults of kind @mode (UFFDIO_REGISTER_MODE_*) in [@start, @start + @len)
 * are asked for. Return: 0, -EINVAL, -EPERM, -EBUSY (another one's), -ENOMEM.
 */
int __must_check userfaultfd_register(struct userfaultfd *uffd, unsigned long start,
				      unsigned long len, u64 mode);
/* The opposite; wakes who waits there. Return: 0, -EINVAL, -ENOMEM. */
int __must_check userfaultfd_unregister(struct userfaultfd *uffd, unsigned long start,
					unsigned long len);
/* What waits in [@start, @start + @len) looks again. Context: any. */
void userfaultfd_wake(struct userfaultfd *uffd, unsigned long start, unsigned long len);
/* Is it a range of whole pages in user space? Return: 0 or -EINVAL. Context: any. */
int __must_check userfaultfd_check_range(unsigned long start, unsigned long len);

/*
 * Take the oldest fault, or else event, that nobody has read. *@child: NULL; for UFFD_EVENT_FORK
 * the child's userfaultfd, with a reference: give it a file, and then say whether that was
 * done, to userfaultfd_forked(); if not the reference goes, and the event comes again.
 * Return: whether there was one. Context: any.
 */
bool userfaultfd_read(struct userfaultfd *uffd, struct uffd_msg *msg, struct userfaultfd **child);
void userfaultfd_forked(struct userfaultfd *uffd, struct userfaultfd *child, bool taken);
bool userfaultfd_readable(const struct userfaultfd *uffd);

/*
 * mm/userfaultfd_fill.c: pages for [@start, @start + @len), where nothing may be: with the
 * bytes at @src of the caller, protected if @wp, or of zeroes. Nobody is woken, and no
 * second MMU is told.
 * Return: bytes filled, or, if none: -ENOENT (not in one registered VMA), -EEXIST,
 * -EAGAIN (an event is under way: for these and all answers below), -EFAULT, -ENOMEM,
 * -ESRCH (the address space is gone), -EINTR (killed), -EINVAL.
 */
s64 __must_check userfaultfd_copy(struct userfaultfd *uffd, unsigned long start,
				  unsigned long len, const void __user *src, bool wp);
s64 __must_check userfaultfd_zeropage(struct userfaultfd *uffd, unsigned long start,
				      unsigned long len);
/*
 * The object's own pages; also -EFAULT: it has none, -EINVAL: or they are behind its end, or
 * it is no object. Then: places where every access is a bus error from now on.
 */
s64 __must_check userfaultfd_continue(struct userfaultfd *uffd, unsigned long start,
				      unsigned long len, bool wp);
s64 __must_check userfaultfd_poison(struct userfaultfd *uffd, unsigned long start,
				    unsigned long len);

/*
 * mm/userfaultfd_move.c: private pages of [@src, @src + @len) go to @dst, where nothing
 * may be; what is missing is passed over if @allow_holes. Nobody is woken.
 * Return: bytes done, or, if none: -ENOENT (no VMA, or a hole), -EEXIST, -EBUSY (somebody
 * else has the page, too), -EINVAL (the VMAs do not allow it), -EFAULT (a guard),
 * -ENOMEM, -ESRCH, -EINTR.
 */
s64 __must_check userfaultfd_move(struct userfaultfd *uffd, unsigned long dst,
				  unsigned long src, unsigned long len, bool allow_holes);

/*
 * mm/userfaultfd_wp.c: what is in the range may be written only after asking, or again.
 * Nobody is woken. Return: 0, -EINVAL, -ENOENT (a part is not registered for this; what is
 * before it has changed), -ESRCH, -ENOMEM, -EINTR.
 */
int __must_check userfaultfd_writeprotect(struct userfaultfd *uffd, unsigned long start,
					  unsigned long len, bool protect);

/*
 * Protect [@start, @end) of @vma, which is registered for that; of at most 64 pages only
 * those whose bits in *@which are set, unless that is NULL.
 * Return: 0, -ENOMEM, -EINTR: nothing has changed. Context: mmap_lock held.
 */
int __must_check userfaultfd_protect(struct vma *vma, unsigned long start, unsigned long end,
				     const u64 *which);

/* Does a write of a protected page of @vma just lift the protection? Context: mmap_lock held. */
static inline bool vma_wp_async(const struct vma *vma)
{
	return vma->flags & VM_UFFD_WP && vma->uffd->features & UFFD_FEATURE_WP_ASYNC;
}

/* ---- the faults' side: mm/fault.c ---- */

/*
 * A fault of @vma at @va met @what (FAULT_MISSING, _MINOR, _WP). Return: how it ends; FAULT_RETRY
 * with @uf->uffd set: drop mmap_lock and call userfaultfd_wait(). Context: mmap_lock held.
 */
int __must_check userfaultfd_ask(struct vma *vma, unsigned long va, unsigned int flags,
				 int what, struct userfault *uf);
/*
 * Sleep until @uf is answered. Context: no mmap_lock. Return: FAULT_RETRY, or what lets
 * the program's signal through: FAULT_DONE; FAULT_BUSERR: the kernel's access ends.
 */
int __must_check userfaultfd_wait(struct userfault *uf, unsigned int flags);

/* ---- the VMAs' side: mm/vma.c, mm/fork.c, mm/mremap.c ---- */

void userfaultfd_get(struct userfaultfd *uffd);
void userfaultfd_put(struct userfaultfd *uffd);	/* may sleep */

/* ---- mm/userfaultfd_event.c ---- */

/*
 * Changes of registered memory, before they are made: [@start, @end) goes, of which @vma is
 * the first; @len bytes of @vma move, and their old place goes as well if @unmap. Nothing
 * is noted where nobody asked for it. Return: 0, or -ENOMEM: nothing is noted.
 * Context: mmap_lock held for writing, to be dropped by userfaultfd_unlock().
 */
int __must_check userfaultfd_note_unmap(struct vma *vma, unsigned long start, unsigned long end);
int __must_check userfaultfd_note_remap(struct vma *vma, unsigned long from, unsigned long to,
					unsigned long len, bool unmap);
/* @moved, which takes @vma's pages over, is registered as @vma if that was agreed upon. */
void userfaultfd_follow(struct vma *vma, struct vma *moved);
/*
 * @child of a fork, in no tree yet, is registered as its parent with a userfaultfd of its own,
 * or not at all. Notes are in the child's uffd_events. Return: 0 or -ENOMEM.
 */
int __must_check userfaultfd_note_fork(struct vma *child);
/*
 * Pages of [@start, @end) will go. Return: whether @ev must be told of that, by
 * userfaultfd_tell_remove(), without mmap_lock. Context: mmap_lock held.
 */
bool __must_check userfaultfd_note_remove(struct vma *vma, unsigned long start,
					  unsigned long end, struct uffd_event *ev);
void userfaultfd_tell_remove(struct uffd_event *ev);

/* Wait until each of @notes has been read. Context: no lock held. */
void userfaultfd_tell(struct list_head *notes);
/* The changes are not made after all. */
void userfaultfd_forget(struct list_head *notes);
/* up_write(&mm->mmap_lock), and who must hear of what was changed meanwhile hears of it. */
void userfaultfd_unlock_and_tell(struct mm *mm) __releases(&mm->mmap_lock);
static inline void userfaultfd_unlock(struct mm *mm) __releases(&mm->mmap_lock)
{
	if (likely(list_empty(&mm->uffd_events)))
		up_write(&mm->mmap_lock);
	else
		userfaultfd_unlock_and_tell(mm);
}

/* For userfaultfd.c: the oldest event, as userfaultfd_read(); the file is closed. */
bool userfaultfd_read_event_locked(struct userfaultfd *uffd, struct uffd_msg *msg,
				   struct userfaultfd **child);
void userfaultfd_end_events(struct userfaultfd *uffd);

/* Does memory change that somebody may have an answer for? Context: mmap_lock held. */
static inline bool userfaultfd_is_changing(const struct userfaultfd *uffd)
{
	return atomic_read(&uffd->changing);
}

/* No entry in [@start, @end) of @vma is protected any more. Context: mmap_lock held. */
void userfaultfd_unprotect(struct vma *vma, unsigned long start, unsigned long end);
/* @vma, which nobody else knows yet or whose mmap_lock is held for writing, is asked no more. */
void vma_leave_userfaultfd(struct vma *vma);

#endif
