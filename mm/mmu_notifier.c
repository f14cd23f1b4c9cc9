/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mmu_notifier.c - one list of subscribers per mm, called in each one's protocol
 *
 * Concept    A driver with a second MMU subscribes to an address space. mm code
 *            says once what it is about to do (a bracket, a single page, a point
 *            flush); this file turns that into the calls of each subscriber.
 *
 *            What hears what, for a single page and for a range:
 *
 *            protocol   single page                         range
 *            bracket    start ... end                       start ... end
 *            pair       invalidate_page or change_pte       start ... end
 *            point      invalidate_range (from mm/tlb.c)    invalidate_range
 *
 *            Each notifier has a state word. Whoever moves it from LIVE to
 *            RELEASING calls release(), exactly once; until RELEASED the node
 *            stays on the list and hears every invalidation:
 *
 *            unregister                       exit (mm_users is 0)
 *            cas LIVE -> RELEASING: won       cas LIVE -> RELEASING: lost
 *            release(mn)                      sleep until the list is empty
 *            RELEASED, unlink, wake      -->  ... before any page is freed
 *            synchronize_srcu, mmdrop
 *
 *            Who may not wait (put, unregister_no_release) moves LIVE to RELEASED
 *            without release() and leaves the memory to the mm's grace period; if
 *            exit has won, exit unlinks the node, and only then the period begins:
 *
 *            put, the last user               exit, inside release(mn)
 *            cas LIVE -> RELEASED: lost
 *            mn->free = free_notifier         RELEASED, unlink
 *            (does not wait)                  mn->free is set: call_srcu
 *
 * Owns       struct mmu_notifier_subscriptions, mn->state.
 * Locks      LOCK_NOTIFIER (spin) to change the list; readers are inside the
 *            mm's own SRCU domain, so a slow driver delays only this mm's
 *            unregister. Nodes are added only under mm_take_all_locks(): no
 *            bracket is open then, so a driver sees a pair whole or not at all.
 * Invariants release once per notifier            notifier_release_one()
 *            only a node that nobody finds is freed   mmu_notifier_call_srcu()
 *            the list is empty when the mm dies   subscriptions_destroy()
 * Callers    mm/mmu_notifier.h's inline hooks; drivers register. Each callback is
 *            called through the door of notifier_stats.c.
 * Next       rmap_notifier.c
 */
#include "mm/mmu_notifier.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rculist.h"
#include "kernel/sched/task.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/srcu.h"
#include "kernel/sync/wait.h"
#include "mm/gfp.h"
#include "mm/interval_notifier.h"
#include "mm/slab.h"

enum notifier_state { NOTIFIER_LIVE, NOTIFIER_RELEASING, NOTIFIER_RELEASED };

struct mmu_notifier_subscriptions {
	struct hlist_head list;		/* lock to change, srcu to walk */
	struct spinlock lock;		/* LOCK_NOTIFIER */
	struct srcu_struct srcu;	/* grace periods of this mm only */
	struct wait_queue_head unlinked;/* a released node left the list */
	struct interval_notifiers intervals;
};

/* ---- subscribing ---- */

/* Refuse combinations with which no driver could be right. */
static int ops_check(const struct mmu_notifier_ops *ops)
{
	bool start = ops->invalidate_range_start, end = ops->invalidate_range_end;

	if (start != end && !(ops->flags & MMU_HOLDS_PAGE_REFS)) {
		pr_err("mmu_notifier: invalidate_range_start and _end go together, "
		       "unless the driver holds page references (MMU_HOLDS_PAGE_REFS)\n");
		return -EINVAL;
	}
	if (ops->change_pte && !ops->invalidate_page) {
		pr_err("mmu_notifier: change_pte needs invalidate_page for pages that go away\n");
		return -EINVAL;
	}
	return 0;
}

static void subscriptions_free(struct mmu_notifier_subscriptions *subs)
{
	if (!subs)
		return;
	cleanup_srcu_struct(&subs->srcu);
	kfree(subs);
}

/* Make the per-mm structure unless it exists. mmap_lock held for writing. */
static int subscriptions_alloc(struct mm *mm, struct mmu_notifier_subscriptions **out)
{
	struct mmu_notifier_subscriptions *subs;

	*out = NULL;
	if (mm->notifier_subscriptions)
		return 0;
	subs = kzalloc(sizeof(*subs), GFP_KERNEL);
	if (!subs)
		return -ENOMEM;
	if (init_srcu_struct(&subs->srcu)) {
		kfree(subs);
		return -ENOMEM;
	}
	INIT_HLIST_HEAD(&subs->list);
	spin_lock_init(&subs->lock, LOCK_NOTIFIER, "mmu_notifier");
	init_waitqueue_head(&subs->unlinked);
	interval_notifiers_init(&subs->intervals);
	*out = subs;
	return 0;
}

/*
 * Make the per-mm structure, and everything quiet: no bracket is open until
 * mm_drop_all_locks(). mmap_lock held for writing. Return: 0, -ENOMEM, -EINTR.
 */
static int subscriptions_quiesce(struct mm *mm)
{
	struct mmu_notifier_subscriptions *fresh;
	int err;

	assert_held(&mm->mmap_lock);
	ASSERT(atomic_read(&mm->mm_users) > 0);
	err = subscriptions_alloc(mm, &fresh);
	if (err)
		return err;
	err = mm_take_all_locks(mm);
	if (err) {
		subscriptions_free(fresh);
		return err;
	}
	if (fresh)
		smp_store_release(&mm->notifier_subscriptions, fresh);
	return 0;
}

int mmu_notifier_prepare(struct mm *mm)
{
	int err;

	if (mm->notifier_subscriptions)
		return 0;
	err = subscriptions_quiesce(mm);
	if (!err)
		mm_drop_all_locks(mm);
	return err;
}

struct interval_notifiers *mmu_notifier_intervals(struct mm *mm)
{
	return &mm->notifier_subscriptions->intervals;
}

static int notifier_register(struct mmu_notifier *mn, struct mm *mm, unsigned int users)
{
	struct mmu_notifier_subscriptions *subs;
	int err = ops_check(mn->ops);

	if (err)
		return err;
	err = subscriptions_quiesce(mm);
	if (err)
		return err;

	/* nothing below can fail */
	mmgrab(mm);
	mn->mm = mm;
	mn->stats = (struct notifier_stats){ .refusals = 0 };
	mn->users = users;
	mn->free = NULL;
	atomic_set(&mn->state, NOTIFIER_LIVE);
	subs = mm->notifier_subscriptions;
	spin_lock(&subs->lock);
	hlist_add_head_rcu(&mn->hlist, &subs->list);
	spin_unlock(&subs->lock);
	mm_drop_all_locks(mm);
	return 0;
}

int __mmu_notifier_register(struct mmu_notifier *mn, struct mm *mm)
{
	return notifier_register(mn, mm, 0);
}

int mmu_notifier_register(struct mmu_notifier *mn, struct mm *mm)
{
	int err;

	down_write(&mm->mmap_lock);
	err = __mmu_notifier_register(mn, mm);
	up_write(&mm->mmap_lock);
	return err;
}

/* ---- the end of a subscription ---- */

static atomic_t frees_pending;		/* given to a grace period, not yet freed */
static DEFINE_WAIT_QUEUE(frees_done);

/* In the thread of SRCU. The mm goes last: it may be the one that held the domain. */
static void notifier_free_rcu(struct rcu_head *head)
{
	struct mmu_notifier *mn = container_of(head, struct mmu_notifier, rcu);
	struct mm *mm = mn->mm;

	mn->free(mn);
	mmdrop(mm);
	if (atomic_dec_and_test(&frees_pending))
		wake_up_all(&frees_done);
}

/* Off the list, once: who changed the state does it. */
static void notifier_unlink_locked(struct mmu_notifier_subscriptions *subs,
				   struct mmu_notifier *mn)
{
	assert_held(&subs->lock);
	ASSERT_MSG(mn->hlist.pprev != LIST_POISON2, "a subscriber leaves its list twice");
	hlist_del_rcu(&mn->hlist);
}

/*
 * Call release() if nobody else has or will; then unlink and tell the waiters.
 * Return: true if this call was the one. May sleep.
 */
static bool notifier_release_one(struct mmu_notifier *mn, struct mm *mm)
{
	struct mmu_notifier_subscriptions *subs = mm->notifier_subscriptions;
	struct notifier_call call;
	bool abandoned;

	sched_point(SP_ATOMIC, &mn->state);
	if (atomic_cmpxchg(&mn->state, NOTIFIER_LIVE, NOTIFIER_RELEASING) != NOTIFIER_LIVE)
		return false;
	if (mn->ops->release) {
		notifier_call_begin(&call, &mn->stats, MN_RELEASE, true);
		notifier_call_about(&call, mn->ops->name, mm->id, 0, MM_USER_TOP);
		mn->ops->release(mn, mm);
		notifier_call_end(&call);
	}

	spin_lock(&subs->lock);
	atomic_set(&mn->state, NOTIFIER_RELEASED);
	notifier_unlink_locked(subs, mn);
	abandoned = mn->free;
	spin_unlock(&subs->lock);
	wake_up_all(&subs->unlinked);
	if (abandoned)
		call_srcu(&subs->srcu, &mn->rcu, notifier_free_rcu);
	return true;
}

void mmu_notifier_unregister(struct mmu_notifier *mn, struct mm *mm)
{
	struct mmu_notifier_subscriptions *subs = mm->notifier_subscriptions;

	if (notifier_call_forbids("mmu_notifier_unregister()"))
		return;
	might_sleep();
	lock_check_may_take(LOCK_DRIVER, "unregister waits for callbacks");
	ASSERT(mn->mm == mm && atomic_read(&mm->mm_count) > 0);
	if (!notifier_release_one(mn, mm))
		wait_event(&subs->unlinked, atomic_read(&mn->state) == NOTIFIER_RELEASED);
	/*
	 * The winner sets RELEASED and unlinks under the lock; taking it once
	 * means that the node has left the list when the grace period begins.
	 */
	spin_lock(&subs->lock);
	spin_unlock(&subs->lock);
	synchronize_srcu(&subs->srcu);
	mn->mm = NULL;
	mmdrop(mm);
}

/*
 * End @mn without release(), unless somebody is in it: then he unlinks the node.
 * Nobody finds @mn after this, if it was LIVE.
 */
static void notifier_retire_locked(struct mmu_notifier *mn)
{
	struct mmu_notifier_subscriptions *subs = mn->mm->notifier_subscriptions;

	assert_held(&subs->lock);
	if (atomic_cmpxchg(&mn->state, NOTIFIER_LIVE, NOTIFIER_RELEASED) != NOTIFIER_LIVE)
		return;
	notifier_unlink_locked(subs, mn);
	wake_up_all(&subs->unlinked);
}

void mmu_notifier_unregister_no_release(struct mmu_notifier *mn, struct mm *mm)
{
	struct mmu_notifier_subscriptions *subs = mm->notifier_subscriptions;

	ASSERT(mn->mm == mm && !mn->users);
	spin_lock(&subs->lock);
	notifier_retire_locked(mn);
	spin_unlock(&subs->lock);
}

void mmu_notifier_call_srcu(struct mmu_notifier *mn, void (*func)(struct mmu_notifier *mn))
{
	struct mmu_notifier_subscriptions *subs = mn->mm->notifier_subscriptions;
	bool unlinked;

	atomic_inc(&frees_pending);
	spin_lock(&subs->lock);
	ASSERT(!mn->free && atomic_read(&mn->state) != NOTIFIER_LIVE);
	mn->free = func;
	unlinked = atomic_read(&mn->state) == NOTIFIER_RELEASED;
	spin_unlock(&subs->lock);
	/* Else who is in release() does it: a period that began now would miss late readers. */
	if (unlinked)
		call_srcu(&subs->srcu, &mn->rcu, notifier_free_rcu);
}

void mmu_notifier_synchronize(void)
{
	if (notifier_call_forbids("mmu_notifier_synchronize()"))
		return;
	might_sleep();
	wait_event(&frees_done, !atomic_read(&frees_pending));
}

/* ---- subscriptions with several users ---- */

/* One more user for the subscription of @ops, if there is one that get made. */
static int notifier_get_existing(const struct mmu_notifier_ops *ops, struct mm *mm,
				 struct mmu_notifier **out)
{
	struct mmu_notifier_subscriptions *subs = mm->notifier_subscriptions;
	struct mmu_notifier *mn;
	int err = -ENOENT;

	if (!subs)
		return err;
	spin_lock(&subs->lock);
	hlist_for_each_entry(mn, &subs->list, hlist) {
		if (mn->ops != ops || !mn->users)
			continue;
		err = mn->users == ~0U ? -EOVERFLOW : 0;
		if (!err) {
			mn->users++;
			*out = mn;
		}
		break;
	}
	spin_unlock(&subs->lock);
	return err;
}

int mmu_notifier_get_locked(const struct mmu_notifier_ops *ops, struct mm *mm,
			    struct mmu_notifier **out)
{
	struct mmu_notifier *mn;
	int err;

	assert_held(&mm->mmap_lock);
	ASSERT(atomic_read(&mm->mm_users) > 0);
	if (!ops->alloc_notifier || !ops->free_notifier) {
		pr_err("mmu_notifier: get needs alloc_notifier and free_notifier\n");
		return -EINVAL;
	}
	err = notifier_get_existing(ops, mm, out);
	if (err != -ENOENT)
		return err;
	mn = ops->alloc_notifier(mm);
	if (!mn)
		return -ENOMEM;
	mn->ops = ops;
	mn->mm = mm;		/* also for free_notifier, if this fails */
	err = notifier_register(mn, mm, 1);
	if (err) {
		ops->free_notifier(mn);
		return err;
	}
	*out = mn;
	return 0;
}

int mmu_notifier_get(const struct mmu_notifier_ops *ops, struct mm *mm, struct mmu_notifier **out)
{
	int err;

	down_write(&mm->mmap_lock);
	err = mmu_notifier_get_locked(ops, mm, out);
	up_write(&mm->mmap_lock);
	return err;
}

/* The last user and the end of the subscription are one step: get can not come between. */
void mmu_notifier_put(struct mmu_notifier *mn)
{
	struct mmu_notifier_subscriptions *subs = mn->mm->notifier_subscriptions;
	bool last;

	spin_lock(&subs->lock);
	ASSERT(mn->users > 0);
	last = --mn->users == 0;
	if (last)
		notifier_retire_locked(mn);
	spin_unlock(&subs->lock);
	if (last)
		mmu_notifier_call_srcu(mn, mn->ops->free_notifier);
}

/* ---- exit ---- */

void __mmu_notifier_release(struct mm *mm)
{
	struct mmu_notifier_subscriptions *subs = mm->notifier_subscriptions;
	struct mmu_notifier *mn;
	int idx;

	interval_notifiers_release(&subs->intervals, mm);
	idx = srcu_read_lock(&subs->srcu);
	hlist_for_each_entry_rcu(mn, &subs->list, hlist)
		(void)notifier_release_one(mn, mm);
	srcu_read_unlock(&subs->srcu, idx);

	/* An unregister that won may still be inside release(). */
	wait_event(&subs->unlinked, hlist_empty(&subs->list));
}

void __mmu_notifier_subscriptions_destroy(struct mm *mm)
{
	struct mmu_notifier_subscriptions *subs = mm->notifier_subscriptions;

	ASSERT(hlist_empty(&subs->list));
	interval_notifiers_destroy(&subs->intervals);
	mm->notifier_subscriptions = NULL;
	subscriptions_free(subs);
}

/* ---- brackets ---- */

/* Does this subscriber hear @range as a bracket, or through its pair calls? */
static bool notifier_hears_bracket(const struct mmu_notifier *mn,
				   const struct mmu_notifier_range *range)
{
	return !(mn->ops->invalidate_page && (range->flags & MMU_NOTIFIER_RANGE_SINGLE_PAGE));
}

static int notifier_start_one(struct mmu_notifier *mn, struct mmu_notifier_range *range)
{
	bool blockable = range->flags & MMU_NOTIFIER_RANGE_BLOCKABLE;
	bool may_block = blockable && !(mn->ops->flags & MMU_INVALIDATE_DOES_NOT_BLOCK);
	struct notifier_call call;
	int err;

	if (!mn->ops->invalidate_range_start || !notifier_hears_bracket(mn, range))
		return 0;
	if (blockable)
		might_sleep();
	notifier_call_begin(&call, &mn->stats, MN_INVALIDATE_RANGE_START, may_block);
	notifier_call_about(&call, mn->ops->name, range->mm->id, range->start, range->end);
	call.trace.why = mmu_notifier_event_name(range->event);
	err = mn->ops->invalidate_range_start(mn, range->mm, range->start, range->end, blockable);
	call.trace.result = err;
	notifier_call_end(&call);
	notifier_stat_inc(&mn->stats.events[range->event]);
	if (err && (blockable || err != -EAGAIN))
		WARN("mmu_notifier: start answered %d in a %s bracket", err,
		     blockable ? "blockable" : "non-blocking");
	if (!err || blockable)
		return 0;
	notifier_stat_inc(&mn->stats.refusals);
	return err;
}

/* end is not told whether it may block and can not refuse: only the flag binds it. */
static void notifier_end_one(struct mmu_notifier *mn, struct mmu_notifier_range *range)
{
	bool may_block = !(mn->ops->flags & MMU_INVALIDATE_DOES_NOT_BLOCK);
	struct notifier_call call;

	if (!mn->ops->invalidate_range_end || !notifier_hears_bracket(mn, range))
		return;
	notifier_call_begin(&call, &mn->stats, MN_INVALIDATE_RANGE_END, may_block);
	notifier_call_about(&call, mn->ops->name, range->mm->id, range->start, range->end);
	mn->ops->invalidate_range_end(mn, range->mm, range->start, range->end);
	notifier_call_end(&call);
}

/* The subscribers of the list. Return: 0, or -EAGAIN and *@failed, who refused. */
static int notifier_start_list(struct mmu_notifier_subscriptions *subs,
			       struct mmu_notifier_range *range, struct mmu_notifier **failed)
{
	struct mmu_notifier *mn;
	int err;

	hlist_for_each_entry_rcu(mn, &subs->list, hlist) {
		err = notifier_start_one(mn, range);
		if (err) {
			*failed = mn;
			return err;
		}
	}
	return 0;
}

/* Ends: the interval side first, as at the start; on the list, those before @stop. */
static void notifier_end_until(struct mmu_notifier_subscriptions *subs,
			       struct mmu_notifier_range *range, struct mmu_notifier *stop)
{
	struct mmu_notifier *mn;

	interval_notifiers_end(&subs->intervals, range);
	hlist_for_each_entry_rcu(mn, &subs->list, hlist) {
		if (mn == stop)
			break;
		notifier_end_one(mn, range);
	}
}

/*
 * The first -EAGAIN stops the walk; those before it have had their start and
 * get their end, in the same SRCU section, so the list still has them in order.
 */
int __mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subs = range->mm->notifier_subscriptions;
	struct mmu_notifier *failed = NULL;
	int idx, err;

	idx = srcu_read_lock(&subs->srcu);
	err = interval_notifiers_start(&subs->intervals, range);
	if (!err) {
		err = notifier_start_list(subs, range, &failed);
		if (err)
			notifier_end_until(subs, range, failed);
	}
	srcu_read_unlock(&subs->srcu, idx);
	return err;
}

void __mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subs = range->mm->notifier_subscriptions;
	int idx;

	idx = srcu_read_lock(&subs->srcu);
	notifier_end_until(subs, range, NULL);
	srcu_read_unlock(&subs->srcu, idx);
}

void mmu_notifier_visit(struct mm *mm, void (*list)(struct mmu_notifier *mn, void *arg),
			void (*interval)(struct mmu_interval_notifier *sub, void *arg),
			void *arg)
{
	struct mmu_notifier_subscriptions *subs = READ_ONCE(mm->notifier_subscriptions);
	struct mmu_notifier *mn;
	int idx;

	if (!subs)
		return;
	idx = srcu_read_lock(&subs->srcu);
	hlist_for_each_entry_rcu(mn, &subs->list, hlist)
		list(mn, arg);
	srcu_read_unlock(&subs->srcu, idx);
	interval_notifiers_visit(&subs->intervals, interval, arg);
}

bool mm_has_blockable_invalidate_notifiers(struct mm *mm)
{
	struct mmu_notifier_subscriptions *subs = READ_ONCE(mm->notifier_subscriptions);
	struct mmu_notifier *mn;
	bool blockable;
	int idx;

	if (!subs)
		return false;
	blockable = !interval_tree_empty(&subs->intervals.tree);
	idx = srcu_read_lock(&subs->srcu);
	hlist_for_each_entry_rcu(mn, &subs->list, hlist)
		blockable |= (mn->ops->invalidate_range_start || mn->ops->invalidate_range_end) &&
			     !(mn->ops->flags & MMU_INVALIDATE_DOES_NOT_BLOCK);
	srcu_read_unlock(&subs->srcu, idx);
	return blockable;
}

/* ---- point and pair calls: atomic ---- */

/* Call @fn for each subscriber that defines @op, inside the mm's SRCU section. */
#define notifier_call_each(mm, mn, op, counter, start, end, fn)			\
	do {										\
		struct mmu_notifier_subscriptions *_subs = (mm)->notifier_subscriptions;\
		int _idx = srcu_read_lock(&_subs->srcu);				\
		hlist_for_each_entry_rcu(mn, &_subs->list, hlist)			\
			if (mn->ops->op) {						\
				struct notifier_call _call;				\
				notifier_call_begin(&_call, &mn->stats, counter, true);	\
				notifier_call_about(&_call, mn->ops->name, (mm)->id,	\
						    start, end);			\
				fn;							\
				notifier_call_end(&_call);				\
			}								\
		srcu_read_unlock(&_subs->srcu, _idx);					\
	} while (0)

void __mmu_notifier_invalidate_range(struct mm *mm, unsigned long start, unsigned long end)
{
	struct mmu_notifier *mn;

	notifier_call_each(mm, mn, invalidate_range, MN_INVALIDATE_RANGE, start, end,
			   mn->ops->invalidate_range(mn, mm, start, end));
}

void __mmu_notifier_invalidate_page(struct mm *mm, unsigned long va)
{
	struct mmu_notifier *mn;

	notifier_call_each(mm, mn, invalidate_page, MN_INVALIDATE_PAGE, va, va + PAGE_SIZE,
			   mn->ops->invalidate_page(mn, mm, va));
}

/* change_pte implies invalidate_page (ops_check), which serves those without it. */
static void notifier_change_one(struct mmu_notifier *mn, struct mm *mm, unsigned long va,
				pte_t pte)
{
	if (mn->ops->change_pte)
		mn->ops->change_pte(mn, mm, va, pte);
	else
		mn->ops->invalidate_page(mn, mm, va);
}

void __mmu_notifier_change_pte(struct mm *mm, unsigned long va, pte_t pte)
{
	struct mmu_notifier *mn;

	notifier_call_each(mm, mn, invalidate_page, MN_CHANGE_PTE, va, va + PAGE_SIZE,
			   notifier_change_one(mn, mm, va, pte));
}

/* ---- ageing: everyone is asked, for each has its own accessed bit to clear ---- */

int __mmu_notifier_clear_flush_young(struct mm *mm, unsigned long start, unsigned long end)
{
	struct mmu_notifier *mn;
	int young = 0;

	notifier_call_each(mm, mn, clear_flush_young, MN_CLEAR_FLUSH_YOUNG, start, end,
			   young |= mn->ops->clear_flush_young(mn, mm, start, end));
	return young;
}

int __mmu_notifier_clear_young(struct mm *mm, unsigned long start, unsigned long end)
{
	struct mmu_notifier *mn;
	int young = 0;

	notifier_call_each(mm, mn, clear_young, MN_CLEAR_YOUNG, start, end,
			   young |= mn->ops->clear_young(mn, mm, start, end));
	return young;
}

/* Only a question, so the first yes is enough. */
int __mmu_notifier_test_young(struct mm *mm, unsigned long va)
{
	struct mmu_notifier *mn;
	int young = 0;

	notifier_call_each(mm, mn, test_young, MN_TEST_YOUNG, va, va + PAGE_SIZE,
			   young = young ? young : mn->ops->test_young(mn, mm, va));
	return young;
}
