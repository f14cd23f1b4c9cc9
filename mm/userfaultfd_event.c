/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/userfaultfd_event.c - a program hears of changes to memory whose faults it answers
 *
 * Concept    Who answers faults must know what the addresses mean: memory moves (mremap),
 *            goes (munmap, MADV_DONTNEED), or is there twice (fork). Where that was
 *            agreed upon, who changes registered memory tells it, and waits until it has
 *            been read. From the note to the reading answers are refused (-EAGAIN): they
 *            were meant for memory as it was.
 *
 *              who changes memory              who answers
 *              mmap_lock
 *                note: changing++              UFFDIO_COPY: -EAGAIN
 *                the change (fork, remap,
 *                unmap); "remove" comes later
 *              mmap_lock dropped
 *              into the list "events"
 *              sleeps                          read(): the event; wakes
 *              changing--
 *              "remove": now the change        UFFDIO_COPY: as before
 *
 *            All memory of a note is allocated before the change, which can not fail
 *            any more then. Notes wait in mm->uffd_events for the end of the system call,
 *            as mmap_lock must not be held by who waits.
 *
 *            A child has its own userfaultfd, made with the note, for the faults of the
 *            child's memory; the reader gets a file for it:
 *
 *              who forks                       who reads
 *              event into "events"             event to "taken", a reference to the child's
 *              sleeps                          a file for it
 *                                              event still in "taken"? done
 *              done: the file has it           no: the file is of memory that nobody
 *              killed, or closed: the child    registered
 *              leaves it
 *
 *            Nobody waits for ever: closing the file ends every wait, and so does killing.
 * Owns       struct uffd_event.
 * Locks      LOCK_USERFAULT: lists. Counting up `changing` is seen by all who answer after
 *            they have taken mmap_lock: who counts held it for writing, or takes it so.
 * Invariants An event is in a list only while its thread waits. `changing` is the number
 *            of notes not read yet.
 *            Without the feature registration ends with a move and with fork.
 * Callers    mmap.c, mremap.c, madvise.c, fork.c; userfaultfd.c
 * Next       mm/anon.c
 */
#include "mm/userfaultfd.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/slab.h"
#include "mm/vma.h"

/* ---- notes ---- */

static void event_init(struct uffd_event *ev, struct userfaultfd *uffd, struct uffd_msg msg)
{
	*ev = (struct uffd_event){ .uffd = uffd, .msg = msg };
	INIT_LIST_HEAD(&ev->note);
	INIT_LIST_HEAD(&ev->link);
	init_waitqueue_head(&ev->wq);
	userfaultfd_get(uffd);
	atomic_inc(&uffd->changing);
}

/* One more in @notes. Return: 0 or -ENOMEM. */
static int event_note(struct list_head *notes, struct userfaultfd *uffd, struct uffd_msg msg)
{
	struct uffd_event *ev = kmalloc(sizeof(*ev), GFP_KERNEL);

	if (!ev)
		return -ENOMEM;
	event_init(ev, uffd, msg);
	list_add_tail(&ev->note, notes);
	return 0;
}

static void event_end(struct uffd_event *ev)
{
	atomic_dec(&ev->uffd->changing);
	userfaultfd_put(ev->uffd);
}

static bool event_wanted(const struct vma *vma, u64 feature)
{
	return unlikely(vma->uffd) && vma->uffd->features & feature;
}

static struct uffd_event *event_find(struct list_head *notes, const struct userfaultfd *uffd)
{
	struct uffd_event *ev;

	list_for_each_entry(ev, notes, note)
		if (ev->uffd == uffd)
			return ev;
	return NULL;
}

void userfaultfd_forget(struct list_head *notes)
{
	struct uffd_event *ev, *next;

	list_for_each_entry_safe(ev, next, notes, note) {
		list_del(&ev->note);
		if (ev->child)
			userfaultfd_put(ev->child);
		event_end(ev);
		kfree(ev);
	}
}

int userfaultfd_note_unmap(struct vma *vma, unsigned long start, unsigned long end)
{
	struct uffd_msg msg = { .event = UFFD_EVENT_UNMAP, .remove = { start, end } };
	struct mm *mm = vma->mm;
	LIST_HEAD(notes);
	int err = 0;

	assert_held_write(&mm->mmap_lock);
	for (; vma && vma->start < end && !err; vma = vma->end < end ? vma_next(vma) : NULL)
		if (event_wanted(vma, UFFD_FEATURE_EVENT_UNMAP) && !event_find(&notes, vma->uffd))
			err = event_note(&notes, vma->uffd, msg);
	if (err)
		userfaultfd_forget(&notes);
	else
		list_splice_tail_init(&notes, &mm->uffd_events);
	return err;
}

int userfaultfd_note_remap(struct vma *vma, unsigned long from, unsigned long to,
			   unsigned long len, bool unmap)
{
	struct uffd_msg moved = { .event = UFFD_EVENT_REMAP, .remap = { from, to, len } };
	struct uffd_msg gone = { .event = UFFD_EVENT_UNMAP, .remove = { from, from + len } };
	LIST_HEAD(notes);
	int err = 0;

	assert_held_write(&vma->mm->mmap_lock);
	if (event_wanted(vma, UFFD_FEATURE_EVENT_REMAP))
		err = event_note(&notes, vma->uffd, moved);
	if (!err && unmap && event_wanted(vma, UFFD_FEATURE_EVENT_UNMAP))
		err = event_note(&notes, vma->uffd, gone);
	if (err)
		userfaultfd_forget(&notes);
	else
		list_splice_tail_init(&notes, &vma->mm->uffd_events);
	return err;
}

void userfaultfd_follow(struct vma *vma, struct vma *moved)
{
	ASSERT_VMA(moved, !moved->uffd);
	if (!event_wanted(vma, UFFD_FEATURE_EVENT_REMAP))
		return;
	userfaultfd_get(vma->uffd);
	moved->uffd = vma->uffd;
	WRITE_ONCE(moved->flags, moved->flags | (vma->flags & VM_UFFD_MASK));
}

/* The child's userfaultfd, and the event that carries it. Return: 0 or -ENOMEM. */
static int fork_note(struct userfaultfd *uffd, struct mm *mm, struct uffd_event **out)
{
	struct userfaultfd *new;
	int err = userfaultfd_alloc(mm, uffd->user_mode_only, &new);

	if (err)
		return err;
	new->features = uffd->features;
	new->file_flags = uffd->file_flags;
	new->ready = true;
	err = event_note(&mm->uffd_events, uffd, (struct uffd_msg){ .event = UFFD_EVENT_FORK });
	if (err) {
		userfaultfd_put(new);
		return err;
	}
	*out = list_last_entry(&mm->uffd_events, struct uffd_event, note);
	(*out)->child = new;
	return 0;
}

int userfaultfd_note_fork(struct vma *child)
{
	struct userfaultfd *uffd = child->uffd;
	struct uffd_event *ev;
	int err;

	if (!event_wanted(child, UFFD_FEATURE_EVENT_FORK)) {
		vma_leave_userfaultfd(child);
		return 0;
	}
	ev = event_find(&child->mm->uffd_events, uffd);
	if (!ev) {
		err = fork_note(uffd, child->mm, &ev);
		if (err)
			return err;
	}
	userfaultfd_get(ev->child);
	child->uffd = ev->child;
	userfaultfd_put(uffd);
	return 0;
}

bool userfaultfd_note_remove(struct vma *vma, unsigned long start, unsigned long end,
			     struct uffd_event *ev)
{
	assert_held(&vma->mm->mmap_lock);
	ev->uffd = NULL;
	if (!event_wanted(vma, UFFD_FEATURE_EVENT_REMOVE))
		return false;
	event_init(ev, vma->uffd, (struct uffd_msg){
		.event = UFFD_EVENT_REMOVE, .remove = { start, end } });
	return true;
}

/* ---- telling ---- */

/* Until it has been read; a file that is closed, or a kill, ends it, too. */
static void event_wait(struct uffd_event *ev)
{
	struct userfaultfd *uffd = ev->uffd;

	spin_lock(&uffd->lock);
	if (!uffd->released)
		list_add_tail(&ev->link, &uffd->events);
	spin_unlock(&uffd->lock);
	wake_up_all(&uffd->readers);
	gate_point("userfaultfd.event", uffd->mm);
	(void)wait_event_killable(&ev->wq, READ_ONCE(ev->done) || READ_ONCE(uffd->released));
	spin_lock(&uffd->lock);
	list_del_init(&ev->link);
	spin_unlock(&uffd->lock);
	if (ev->child && ev->done)
		userfaultfd_put(ev->child);
	else if (ev->child)
		userfaultfd_release(ev->child);
	event_end(ev);
}

void userfaultfd_tell(struct list_head *notes)
{
	struct uffd_event *ev, *next;

	list_for_each_entry_safe(ev, next, notes, note) {
		list_del(&ev->note);
		event_wait(ev);
		kfree(ev);
	}
}

/* Who answers with mmap_lock for reading has not seen the note, perhaps: he is through now. */
void userfaultfd_tell_remove(struct uffd_event *ev)
{
	struct mm *mm = ev->uffd->mm;

	down_write(&mm->mmap_lock);
	up_write(&mm->mmap_lock);
	event_wait(ev);
}

void userfaultfd_unlock_and_tell(struct mm *mm)
{
	LIST_HEAD(notes);

	list_splice_init(&mm->uffd_events, &notes);
	up_write(&mm->mmap_lock);
	userfaultfd_tell(&notes);
}

/* ---- reading ---- */

static void event_done_locked(struct uffd_event *ev)
{
	assert_held(&ev->uffd->lock);
	list_del_init(&ev->link);
	WRITE_ONCE(ev->done, true);
	wake_up(&ev->wq);	/* he comes for the lock before he goes */
}

bool userfaultfd_read_event_locked(struct userfaultfd *uffd, struct uffd_msg *msg,
				   struct userfaultfd **child)
{
	struct uffd_event *ev;

	assert_held(&uffd->lock);
	*child = NULL;
	if (list_empty(&uffd->events))
		return false;
	ev = list_first_entry(&uffd->events, struct uffd_event, link);
	*msg = ev->msg;
	if (ev->child) {
		userfaultfd_get(ev->child);
		*child = ev->child;
		list_move_tail(&ev->link, &uffd->taken);
	} else {
		event_done_locked(ev);
	}
	return true;
}

void userfaultfd_forked(struct userfaultfd *uffd, struct userfaultfd *child, bool taken)
{
	struct uffd_event *ev, *next;

	gate_point("userfaultfd.forked", uffd->mm);
	spin_lock(&uffd->lock);
	list_for_each_entry_safe(ev, next, &uffd->taken, link) {
		if (ev->child != child)
			continue;
		if (taken)
			event_done_locked(ev);
		else
			list_move(&ev->link, &uffd->events);
	}
	spin_unlock(&uffd->lock);
	if (!taken)
		userfaultfd_put(child);
}

void userfaultfd_end_events(struct userfaultfd *uffd)
{
	struct uffd_event *ev;

	spin_lock(&uffd->lock);
	list_for_each_entry(ev, &uffd->events, link)
		wake_up(&ev->wq);
	list_for_each_entry(ev, &uffd->taken, link)
		wake_up(&ev->wq);
	spin_unlock(&uffd->lock);
}
