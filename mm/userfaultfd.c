/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/userfaultfd.c - faults that a program answers itself
 *
 * Concept    A program registers a range of its memory with a file. Who then touches a
 *            page that is not there waits; a thread reads from the file where that
 *            was, fetches the page from wherever it is kept, puts it there
 *            (mm/userfaultfd_fill.c) and wakes the one who waits, who tries again.
 *
 *              the one who faults              the one who answers
 *              mmap_lock (read)
 *                entry: nothing here
 *                into the list "pending"
 *                entry: still nothing? wait
 *              mmap_lock dropped               read(): to the list "read"
 *              sleeps                          page into the entry (mmap_lock, read)
 *                                              wake(): off the list
 *              the fault begins anew
 *
 *            The second look closes the gap: whoever fills the entry before it looks
 *            in the lists afterwards, and finds the one who has not seen the page.
 *
 *            A page of shared memory may be missing in two ways: the object has none, or
 *            (asked for with MODE_MINOR) it has one that is not mapped here, which the one
 *            who answers may change through another mapping before he shows it.
 *
 *            Registering is a matter of VMAs: flags say what is asked for (VM_UFFD_*),
 *            vma->uffd whom. A child of fork and a range that mremap has moved are not
 *            registered any more, unless who answers wants to hear of that
 *            (mm/userfaultfd_event.c).
 *
 *            Who can not wait gets an error, as on Linux: callers of get_user_pages(),
 *            who hold mmap_lock; a device's page request (refused); a debugger.
 * Owns       struct userfaultfd; vma->uffd and the VM_UFFD flags.
 * Locks      LOCK_USERFAULT (spin): one file's lists, inside mmap_lock. Changes of
 *            VMAs: mmap_lock for writing. While a fault waits it holds nothing of
 *            ours; the locks of a system call that copies user memory it does hold, as on
 *            Linux: who answers must not need those.
 * Invariants A VMA has VM_UFFD flags if and only if it has vma->uffd    vma_validate()
 *            What is in a list has not been woken, and its thread is still here.
 *            When release and unregister have mmap_lock, nobody is between look and
 *            list: they wake everybody, and those who come later do not ask.
 * Callers    fault.c; kernel/syscall/sys_userfaultfd.c; vma.c, fork.c, mremap.c
 * Next       mm/userfaultfd_fill.c
 */
#include "mm/userfaultfd.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "mm/fault.h"
#include "mm/lockorder.h"
#include "mm/pgtable.h"
#include "mm/slab.h"
#include "mm/vma.h"

/* ---- life ---- */

int userfaultfd_alloc(struct mm *mm, bool user_mode_only, struct userfaultfd **out)
{
	struct userfaultfd *uffd = kzalloc(sizeof(*uffd), GFP_KERNEL);

	if (!uffd)
		return -ENOMEM;
	atomic_set(&uffd->count, 1);
	mmgrab(mm);
	uffd->mm = mm;
	uffd->user_mode_only = user_mode_only;
	spin_lock_init(&uffd->lock, LOCK_USERFAULT, "userfaultfd");
	INIT_LIST_HEAD(&uffd->pending);
	INIT_LIST_HEAD(&uffd->read);
	INIT_LIST_HEAD(&uffd->events);
	INIT_LIST_HEAD(&uffd->taken);
	init_waitqueue_head(&uffd->readers);
	*out = uffd;
	return 0;
}

void userfaultfd_get(struct userfaultfd *uffd)
{
	atomic_inc(&uffd->count);
}

void userfaultfd_put(struct userfaultfd *uffd)
{
	if (!atomic_dec_and_test(&uffd->count))
		return;
	ASSERT(list_empty(&uffd->pending) && list_empty(&uffd->read));
	ASSERT(list_empty(&uffd->events) && list_empty(&uffd->taken));
	ASSERT(!atomic_read(&uffd->changing));
	mmdrop(uffd->mm);
	kfree(uffd);
}

int userfaultfd_set_features(struct userfaultfd *uffd, u64 features)
{
	int err = -EINVAL;

	if (features & ~USERFAULTFD_FEATURES)
		return err;
	if (features & UFFD_FEATURE_WP_ASYNC)	/* what is empty is written, too */
		features |= UFFD_FEATURE_WP_UNPOPULATED;
	spin_lock(&uffd->lock);
	if (!uffd->ready) {
		uffd->features = features;
		WRITE_ONCE(uffd->ready, true);
		err = 0;
	}
	spin_unlock(&uffd->lock);
	return err;
}

/* ---- VMAs come and go ---- */

int userfaultfd_check_range(unsigned long start, unsigned long len)
{
	if (!is_aligned(start | len, PAGE_SIZE) || !len || start < MM_USER_MIN ||
	    start >= MM_USER_TOP || len > MM_USER_TOP - start)
		return -EINVAL;
	return 0;
}

void vma_leave_userfaultfd(struct vma *vma)
{
	struct userfaultfd *uffd = vma->uffd;

	if (!uffd)
		return;
	WRITE_ONCE(vma->flags, vma->flags & ~VM_UFFD_MASK);
	vma->uffd = NULL;
	userfaultfd_put(uffd);
}

/*
 * Is it memory of a sort that can be registered with @uffd, at all or for what @flags say?
 * Where nobody needs to be asked any file will do.
 */
static bool register_may(const struct userfaultfd *uffd, const struct vma *vma,
			 unsigned long flags)
{
	if (vma->flags & (VM_PFNMAP | VM_NONLINEAR))
		return false;
	if (uffd->features & UFFD_FEATURE_WP_ASYNC && flags == VM_UFFD_WP)
		return true;
	return vma_is_anonymous(vma) ? !(flags & VM_UFFD_MINOR) : vma->ops && vma->ops->fill;
}

/* May this VMA be registered with @uffd for what @flags say? */
static int register_check_vma(const struct userfaultfd *uffd, const struct vma *vma,
			      unsigned long flags)
{
	if (!register_may(uffd, vma, flags))
		return -EINVAL;
	if (!(vma->flags & VM_MAYWRITE))
		return -EPERM;
	return vma->uffd && vma->uffd != uffd ? -EBUSY : 0;
}

static int register_check(const struct userfaultfd *uffd, unsigned long start, unsigned long end,
			  unsigned long flags)
{
	struct vma *vma = find_vma_intersection(uffd->mm, start, end);
	int err = vma ? 0 : -EINVAL;

	for (; vma && vma->start < end && !err; vma = vma_next(vma))
		err = register_check_vma(uffd, vma, flags);
	return err;
}

static int register_vmas(struct userfaultfd *uffd, unsigned long start, unsigned long end,
			 unsigned long flags)
{
	struct vma *vma = find_vma_intersection(uffd->mm, start, end);
	int err;

	for (; vma && vma->start < end; vma = vma_next(vma)) {
		err = vma_change_flags(vma, max(start, vma->start), min(end, vma->end),
				       (vma->flags & ~VM_UFFD_MASK) | flags, &vma);
		if (err)
			return err;
		if (!vma->uffd) {
			userfaultfd_get(uffd);
			vma->uffd = uffd;
		}
		if (!(flags & VM_UFFD_WP))
			userfaultfd_unprotect(vma, vma->start, vma->end);
		vma = vma_merge(vma);
	}
	return 0;
}

int userfaultfd_register(struct userfaultfd *uffd, unsigned long start, unsigned long len,
			 u64 mode)
{
	unsigned long flags = (mode & UFFDIO_REGISTER_MODE_MISSING ? VM_UFFD_MISSING : 0) |
			      (mode & UFFDIO_REGISTER_MODE_WP ? VM_UFFD_WP : 0) |
			      (mode & UFFDIO_REGISTER_MODE_MINOR ? VM_UFFD_MINOR : 0);
	struct mm *mm = uffd->mm;
	int err = userfaultfd_check_range(start, len);

	if (!mode || mode & ~(UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP |
			      UFFDIO_REGISTER_MODE_MINOR))
		return -EINVAL;
	if (err)
		return err;
	if (!mmget_not_zero(mm))
		return -ENOMEM;
	down_write(&mm->mmap_lock);
	/* a child's file may outlive the fork that was killed */
	err = uffd->released ? -EINVAL : register_check(uffd, start, start + len, flags);
	if (!err)
		err = register_vmas(uffd, start, start + len, flags);
	up_write(&mm->mmap_lock);
	mmput(mm);
	return err;
}

/* May all that is in the range be unregistered by @uffd? What is not registered may. */
static int unregister_check(const struct userfaultfd *uffd, unsigned long start,
			    unsigned long end)
{
	struct vma *vma = find_vma_intersection(uffd->mm, start, end);

	if (!vma)
		return -EINVAL;
	for (; vma && vma->start < end; vma = vma_next(vma))
		if (!register_may(uffd, vma, vma->flags & VM_UFFD_MASK) ||
		    (vma->uffd && vma->uffd != uffd))
			return -EINVAL;
	return 0;
}

/* Those of @uffd in the range leave it; who waits there comes again, and asks nobody. */
static int unregister_vmas(struct userfaultfd *uffd, unsigned long start, unsigned long end)
{
	struct vma *vma = find_vma_intersection(uffd->mm, start, end);
	int err;

	for (; vma && vma->start < end; vma = vma_next(vma)) {
		if (vma->uffd != uffd)
			continue;
		err = vma_change_flags(vma, max(start, vma->start), min(end, vma->end),
				       vma->flags, &vma);
		if (err)
			return err;
		userfaultfd_wake(uffd, vma->start, vma->end - vma->start);
		if (vma->flags & VM_UFFD_WP)
			userfaultfd_unprotect(vma, vma->start, vma->end);
		vma_leave_userfaultfd(vma);
		vma = vma_merge(vma);
	}
	return 0;
}

int userfaultfd_unregister(struct userfaultfd *uffd, unsigned long start, unsigned long len)
{
	struct mm *mm = uffd->mm;
	int err = userfaultfd_check_range(start, len);

	if (err)
		return err;
	if (!mmget_not_zero(mm))
		return -ENOMEM;
	down_write(&mm->mmap_lock);
	err = unregister_check(uffd, start, start + len);
	if (!err)
		err = unregister_vmas(uffd, start, start + len);
	up_write(&mm->mmap_lock);
	mmput(mm);
	return err;
}

void userfaultfd_release(struct userfaultfd *uffd)
{
	struct mm *mm = uffd->mm;
	int err;

	WRITE_ONCE(uffd->released, true);
	gate_point("userfaultfd.released", mm);
	if (mmget_not_zero(mm)) {
		down_write(&mm->mmap_lock);
		/* Whole VMAs: nothing is cut, so nothing can fail. */
		err = unregister_vmas(uffd, 0, MM_USER_TOP);
		ASSERT(!err);
		up_write(&mm->mmap_lock);
		mmput(mm);
	}
	userfaultfd_wake(uffd, 0, MM_USER_TOP);
	userfaultfd_end_events(uffd);
	userfaultfd_put(uffd);
}

/* ---- lists ---- */

static void wake_list_locked(struct userfaultfd *uffd, struct list_head *list,
			     unsigned long start, unsigned long end)
{
	struct userfault *uf, *next;

	assert_held(&uffd->lock);
	list_for_each_entry_safe(uf, next, list, link) {
		if (uf->va < start || uf->va >= end)
			continue;
		list_del_init(&uf->link);
		WRITE_ONCE(uf->woken, true);
		wake_up(&uf->wq);	/* he comes for the lock before he goes */
	}
}

void userfaultfd_wake(struct userfaultfd *uffd, unsigned long start, unsigned long len)
{
	spin_lock(&uffd->lock);
	wake_list_locked(uffd, &uffd->pending, start, start + len);
	wake_list_locked(uffd, &uffd->read, start, start + len);
	spin_unlock(&uffd->lock);
}

bool userfaultfd_readable(const struct userfaultfd *uffd)
{
	return !list_empty(&uffd->pending) || !list_empty(&uffd->events);
}

bool userfaultfd_read(struct userfaultfd *uffd, struct uffd_msg *msg, struct userfaultfd **child)
{
	struct userfault *uf;
	bool found = true;

	*child = NULL;
	spin_lock(&uffd->lock);
	if (!list_empty(&uffd->pending)) {
		uf = list_first_entry(&uffd->pending, struct userfault, link);
		*msg = uf->msg;
		list_move_tail(&uf->link, &uffd->read);
	} else {
		found = userfaultfd_read_event_locked(uffd, msg, child);
	}
	spin_unlock(&uffd->lock);
	return found;
}

/* ---- one fault ---- */

/* Is the entry still what the fault cannot go on from? */
static bool fault_is_unanswered(const struct userfault *uf)
{
	pte_t *ptep = pte_find(uf->uffd->mm, uf->va);
	pte_t pte = ptep ? pte_read(ptep) : pte_make_none();

	return uf->what == FAULT_WP ? pte_uffd_wp(pte) : pte_is_empty(pte);
}

static void fault_enter(struct userfault *uf, struct userfaultfd *uffd, unsigned long va,
			unsigned int flags, int what)
{
	bool exact = uffd->features & UFFD_FEATURE_EXACT_ADDRESS;

	*uf = (struct userfault){ .uffd = uffd, .va = va & PAGE_MASK, .what = what };
	uf->msg.event = UFFD_EVENT_PAGEFAULT;
	uf->msg.address = exact ? va : uf->va;
	uf->msg.flags = (flags & FAULT_WRITE ? UFFD_PAGEFAULT_FLAG_WRITE : 0) |
			(what == FAULT_WP ? UFFD_PAGEFAULT_FLAG_WP : 0) |
			(what == FAULT_MINOR ? UFFD_PAGEFAULT_FLAG_MINOR : 0);
	if (uffd->features & UFFD_FEATURE_THREAD_ID)
		uf->msg.ptid = (u64)current->pid;
	init_waitqueue_head(&uf->wq);
	userfaultfd_get(uffd);
	spin_lock(&uffd->lock);
	list_add_tail(&uf->link, &uffd->pending);
	spin_unlock(&uffd->lock);
}

static void fault_leave(struct userfault *uf)
{
	spin_lock(&uf->uffd->lock);
	list_del_init(&uf->link);
	spin_unlock(&uf->uffd->lock);
	userfaultfd_put(uf->uffd);
	uf->uffd = NULL;
}

int userfaultfd_ask(struct vma *vma, unsigned long va, unsigned int flags, int what,
		    struct userfault *uf)
{
	struct userfaultfd *uffd = vma->uffd;

	assert_held(&vma->mm->mmap_lock);
	ASSERT_VMA(vma, uffd && what >= FAULT_MISSING);
	uf->uffd = NULL;
	if (uffd->features & UFFD_FEATURE_SIGBUS || flags & FAULT_NOASK ||
	    (uffd->user_mode_only && !(flags & FAULT_USER)))
		return FAULT_BUSERR;
	if (flags & FAULT_NOWAIT || READ_ONCE(uffd->released))
		return FAULT_RETRY;
	gate_point("userfaultfd.ask", vma->mm);
	fault_enter(uf, uffd, va, flags, what);
	if (!fault_is_unanswered(uf))
		fault_leave(uf);
	return FAULT_RETRY;
}

int userfaultfd_wait(struct userfault *uf, unsigned int flags)
{
	int err;

	wake_up_all(&uf->uffd->readers);
	gate_point("userfaultfd.wait", uf->uffd->mm);
	if (flags & FAULT_USER)
		err = wait_event_interruptible(&uf->wq, READ_ONCE(uf->woken));
	else
		err = wait_event_killable(&uf->wq, READ_ONCE(uf->woken));
	fault_leave(uf);
	if (!err)
		return FAULT_RETRY;
	return flags & FAULT_USER ? FAULT_DONE : FAULT_BUSERR;
}
