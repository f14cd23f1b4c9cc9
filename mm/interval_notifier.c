/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/interval_notifier.c - subscribers that hear only what overlaps their range
 *
 * Concept    Each mm keeps its interval subscriptions in a tree and its open
 *            brackets in a list. A bracket that opens goes into the list, gets the
 *            next number, and calls the subscriptions that it overlaps, one after
 *            the other, without the lock, for they may sleep. The one it is at is
 *            pinned, so that the walk finds its way on:
 *
 *            bracket                          remove
 *            lock: pin A; unlock
 *            A->invalidate (sleeps)           lock: A->removing; unlock
 *            lock: pin the next that is       sleep until nobody pins A
 *              not being removed; unpin A -->
 *            unlock                           lock: A leaves the tree; unlock
 *
 *            Nothing is put off while a bracket is open: remove waits only for
 *            calls that have begun, and insert for nothing, so neither can be
 *            starved by other brackets. An inserted subscription that the walk has
 *            passed by needs no call, for it has mirrored nothing yet, and it can
 *            not begin to: read_begin waits for every open bracket that touches it.
 *
 *            reader                           bracket
 *            lock: nothing open touches us,
 *              note our number; unlock
 *            look the page up                 lock: into the list, number n; unlock
 *            driver's lock                    callback: driver's lock, set_seq(n), drop
 *              number != n? begin anew        change the entries
 *              install (dropped later)        lock: off the list; unlock; wake readers
 *
 *            Numbers are never used twice, so a changed number is all that
 *            read_retry needs; Linux's even and odd sequence of the whole mm, with
 *            lists of deferred work, is not.
 * Owns       struct interval_notifiers, all of a subscription but its seq.
 * Locks      in->lock: LOCK_NOTIFIER (spin), never across a callback.
 * Invariants a pinned subscription is in the tree          interval_unpin_locked()
 *            a callback notes the bracket's number         interval_call()
 *            the tree is empty when the mm dies            interval_notifiers_destroy()
 * Callers    mmu_notifier.c for each bracket; drivers insert and remove.
 * Next       check.c
 */
#include "mm/interval_notifier.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/preempt.h"

void interval_notifiers_init(struct interval_notifiers *in)
{
	*in = (struct interval_notifiers){ .tree = INTERVAL_TREE_ROOT };
	spin_lock_init(&in->lock, LOCK_NOTIFIER, "interval_notifiers");
	INIT_HLIST_HEAD(&in->open);
	init_waitqueue_head(&in->wait);
}

void interval_notifiers_destroy(struct interval_notifiers *in)
{
	ASSERT(interval_tree_empty(&in->tree) && hlist_empty(&in->open));
}

/* ---- insert and remove ---- */

static int interval_check(unsigned long start, unsigned long length,
			  const struct mmu_interval_notifier_ops *ops)
{
	if (!length || start + length - 1 < start)
		return -EOVERFLOW;
	if (ops->invalidate ? ops->invalidate_start || ops->invalidate_finish
			    : !ops->invalidate_start || !ops->invalidate_finish)
		return -EINVAL;
	return 0;
}

int mmu_interval_notifier_insert_locked(struct mmu_interval_notifier *sub, struct mm *mm,
					unsigned long start, unsigned long length,
					const struct mmu_interval_notifier_ops *ops)
{
	struct interval_notifiers *in;
	int err = interval_check(start, length, ops);

	assert_held(&mm->mmap_lock);
	ASSERT(atomic_read(&mm->mm_users) > 0);
	if (err)
		return err;
	err = mmu_notifier_prepare(mm);
	if (err)
		return err;

	/* nothing below can fail */
	mmgrab(mm);
	*sub = (struct mmu_interval_notifier){
		.node = { .start = start, .last = start + length - 1 },
		.ops = ops, .mm = mm, .owner = sub->owner,
	};
	in = mmu_notifier_intervals(mm);
	spin_lock(&in->lock);
	interval_tree_insert(&sub->node, &in->tree);
	spin_unlock(&in->lock);
	return 0;
}

int mmu_interval_notifier_insert(struct mmu_interval_notifier *sub, struct mm *mm,
				 unsigned long start, unsigned long length,
				 const struct mmu_interval_notifier_ops *ops)
{
	int err;

	if (!mmget_not_zero(mm))
		return -EINVAL;
	down_write(&mm->mmap_lock);
	err = mmu_interval_notifier_insert_locked(sub, mm, start, length, ops);
	up_write(&mm->mmap_lock);
	mmput(mm);
	return err;
}

/* The second half of remove: off the tree as soon as nobody calls. Return: done. */
static bool interval_try_remove(struct interval_notifiers *in, struct mmu_interval_notifier *sub)
{
	bool idle;

	spin_lock(&in->lock);
	idle = !sub->calls;
	if (idle)
		interval_tree_remove(&sub->node, &in->tree);
	spin_unlock(&in->lock);
	return idle;
}

void mmu_interval_notifier_remove(struct mmu_interval_notifier *sub)
{
	struct interval_notifiers *in = mmu_notifier_intervals(sub->mm);

	if (notifier_call_forbids("mmu_interval_notifier_remove()"))
		return;
	might_sleep();
	lock_check_may_take(LOCK_DRIVER, "remove waits for callbacks");
	spin_lock(&in->lock);
	ASSERT_MSG(!sub->removing, "an interval subscription is removed twice");
	sub->removing = true;
	spin_unlock(&in->lock);
	wait_event(&in->wait, interval_try_remove(in, sub));
	mmdrop(sub->mm);
}

/* ---- brackets ---- */

/* The driver's own migration or exclusive access: it knows, and would wait for itself. */
static bool interval_is_own_event(const struct mmu_interval_notifier *sub,
				  const struct mmu_notifier_range *range)
{
	return range->owner && range->owner == sub->owner &&
	       (range->event == MMU_NOTIFY_MIGRATE || range->event == MMU_NOTIFY_EXCLUSIVE);
}

/* Pin the next subscription to be told, behind @prev (pinned; NULL: the first). */
static struct mmu_interval_notifier *
interval_pin_next_locked(struct interval_notifiers *in, struct mmu_notifier_range *range,
			 struct mmu_interval_notifier *prev)
{
	unsigned long start = range->start, last = range->end - 1;
	struct interval_tree_node *node = prev ? interval_tree_iter_next(&prev->node, start, last)
					       : interval_tree_iter_first(&in->tree, start, last);

	assert_held(&in->lock);
	for (; node; node = interval_tree_iter_next(node, start, last)) {
		struct mmu_interval_notifier *sub =
			container_of(node, struct mmu_interval_notifier, node);

		if (sub->removing || interval_is_own_event(sub, range))
			continue;
		sub->calls++;
		return sub;
	}
	return NULL;
}

/* @sub may be gone when the lock is dropped. */
static void interval_unpin_locked(struct interval_notifiers *in, struct mmu_interval_notifier *sub)
{
	assert_held(&in->lock);
	ASSERT(sub->calls > 0);
	if (--sub->calls == 0 && sub->removing)
		wake_up_all(&in->wait);
}

/* The first pass of one subscription. Return: whether it is told. */
static bool interval_call(struct mmu_interval_notifier *sub, struct mmu_notifier_range *range,
			  unsigned long seq, struct mmu_interval_notifier_finish **finish)
{
	unsigned long before = READ_ONCE(sub->seq);
	struct notifier_call call;
	bool told;

	notifier_call_begin(&call, &sub->stats, MN_INTERVAL_INVALIDATE, true);
	notifier_call_about(&call, sub->ops->name, range->mm->id, range->start, range->end);
	call.trace.why = mmu_notifier_event_name(range->event);
	if (sub->ops->invalidate)
		told = sub->ops->invalidate(sub, range, seq);
	else
		told = sub->ops->invalidate_start(sub, range, seq, finish);
	call.trace.result = told || mmu_notifier_range_blockable(range) ? 0 : -EAGAIN;
	notifier_call_end(&call);
	notifier_stat_inc(&sub->stats.events[range->event]);
	if (told && READ_ONCE(sub->seq) == before)
		WARN("interval_notifier: a callback has not called mmu_interval_set_seq()");
	if (!told && mmu_notifier_range_blockable(range))
		WARN("interval_notifier: a callback refuses a blockable bracket");
	told |= mmu_notifier_range_blockable(range);
	if (!told)
		notifier_stat_inc(&sub->stats.refusals);
	return told;
}

/* The second passes, in the order of the first; each of them still pins its subscription. */
static void interval_finish(struct interval_notifiers *in,
			    struct mmu_interval_notifier_finish *finish)
{
	while (finish) {
		struct mmu_interval_notifier_finish *next = finish->next;
		struct mmu_interval_notifier *sub = finish->sub;
		struct notifier_call call;

		notifier_call_begin(&call, &sub->stats, MN_INTERVAL_FINISH, true);
		notifier_call_about(&call, sub->ops->name, sub->mm->id, sub->node.start,
				    sub->node.last + 1);
		sub->ops->invalidate_finish(finish);
		notifier_call_end(&call);
		spin_lock(&in->lock);
		interval_unpin_locked(in, sub);
		spin_unlock(&in->lock);
		finish = next;
	}
}

/* Both passes over all that overlap, from @sub (pinned) on. Return: whether all are told. */
static bool interval_walk(struct interval_notifiers *in, struct mmu_notifier_range *range,
			  unsigned long seq, struct mmu_interval_notifier *sub)
{
	struct mmu_interval_notifier_finish *first = NULL, **tail = &first;
	bool told = true;

	while (sub) {
		struct mmu_interval_notifier_finish *finish = NULL;
		struct mmu_interval_notifier *next;

		told = interval_call(sub, range, seq, &finish);
		if (finish) {
			finish->sub = sub;
			finish->next = NULL;
			*tail = finish;
			tail = &finish->next;
		}
		spin_lock(&in->lock);
		next = told ? interval_pin_next_locked(in, range, sub) : NULL;
		if (!finish)
			interval_unpin_locked(in, sub);
		spin_unlock(&in->lock);
		sub = next;
	}
	interval_finish(in, first);
	return told;
}

int interval_notifiers_start(struct interval_notifiers *in, struct mmu_notifier_range *range)
{
	bool blockable = mmu_notifier_range_blockable(range), told;
	struct mmu_interval_notifier *sub;
	unsigned long seq;

	spin_lock(&in->lock);
	hlist_add_head(&range->open, &in->open);
	seq = ++in->seq;
	sub = in->released ? NULL : interval_pin_next_locked(in, range, NULL);
	spin_unlock(&in->lock);
	if (!sub)
		return 0;

	if (blockable)
		might_sleep();
	else
		non_block_start();
	told = interval_walk(in, range, seq, sub);
	if (!blockable)
		non_block_end();
	if (!told)
		interval_notifiers_end(in, range);
	return told ? 0 : -EAGAIN;
}

void interval_notifiers_end(struct interval_notifiers *in, struct mmu_notifier_range *range)
{
	spin_lock(&in->lock);
	ASSERT(!hlist_unhashed(&range->open));
	hlist_del_init(&range->open);
	spin_unlock(&in->lock);
	if (waitqueue_active(&in->wait))
		wake_up_all(&in->wait);
}

void interval_notifiers_visit(struct interval_notifiers *in,
			      void (*one)(struct mmu_interval_notifier *sub, void *arg), void *arg)
{
	struct interval_tree_node *node;

	spin_lock(&in->lock);
	interval_tree_for_each(node, &in->tree, 0, ~0UL)
		one(container_of(node, struct mmu_interval_notifier, node), arg);
	spin_unlock(&in->lock);
}

void interval_notifiers_release(struct interval_notifiers *in, struct mm *mm)
{
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_RELEASE, MMU_NOTIFIER_RANGE_BLOCKABLE,
				mm, 0, ~0UL);
	ASSERT(interval_notifiers_start(in, &range) == 0);	/* blockable */
	spin_lock(&in->lock);
	in->released = true;
	spin_unlock(&in->lock);
	interval_notifiers_end(in, &range);
}

/* ---- the reader's half ---- */

static bool interval_is_touched_locked(struct interval_notifiers *in,
				       const struct mmu_interval_notifier *sub)
{
	struct mmu_notifier_range *range;

	assert_held(&in->lock);
	hlist_for_each_entry(range, &in->open, open)
		if (range->start <= sub->node.last && range->end > sub->node.start &&
		    !interval_is_own_event(sub, range))
			return true;
	return false;
}

/* The number is read while no bracket is open that could change it. Return: whether. */
static bool interval_try_begin(struct interval_notifiers *in,
			       const struct mmu_interval_notifier *sub, unsigned long *seq)
{
	bool quiet;

	spin_lock(&in->lock);
	quiet = !interval_is_touched_locked(in, sub);
	*seq = READ_ONCE(sub->seq);
	spin_unlock(&in->lock);
	return quiet;
}

unsigned long mmu_interval_read_begin(struct mmu_interval_notifier *sub)
{
	struct interval_notifiers *in = mmu_notifier_intervals(sub->mm);
	unsigned long seq;

	might_sleep();
	lock_check_may_take(LOCK_DRIVER, "read_begin waits for brackets");
	wait_event(&in->wait, interval_try_begin(in, sub, &seq));
	return seq;
}
