/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/slab.c - objects smaller than a page, in caches of equal ones
 *
 * Concept    A slab is a block of frames cut into slots. A cache lists its slabs
 *            by whether they have free slots. In front of the lists each CPU has
 *            a magazine, a small stack of free objects, that serves most
 *            requests with interrupts off and no lock.
 *
 *              kmem_cache_alloc -> magazine -> partial slab -> new slab -> buddy
 *              kmem_cache_free  -> (quarantine) -> magazine -> its slab
 *
 *            With CHECKS each slot carries a record behind its object:
 *
 *              | object | red zone ... | struct slab_meta            |
 *                                        red, link, state, two traces, guard
 *
 *            A free object is filled with a pattern, looked at when it is handed
 *            out again; the red zone begins right behind the bytes that were
 *            asked for and is looked at when the object is freed. A quarantine
 *            keeps the last freed objects from being reused at once.
 * Owns       The caches; of a slab's struct page slab_list, slab_cache,
 *            slab_freelist, and private: objects outside the slab (in use, in a
 *            magazine or in quarantine).
 * Locks      LOCK_SLAB (spin, irqs off): one cache's slabs and quarantine.
 * Invariants private + length of the free list == slots; a slab is on the list
 *            that private names; red zones and guards intact   slab_check()
 * Callers    everybody.
 * Next       vmalloc.c
 */
#include "mm/slab.h"

#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"
#include "mm/alloc_trace.h"
#include "mm/buddy.h"
#include "mm/lockorder.h"

#define MAGAZINE_SIZE 14
#define QUARANTINE_SIZE 32
#define MAX_CACHES 256
#define MAX_EMPTY_SLABS 2
#define SLAB_MIN_OBJECTS 8
#define SLAB_MAX_ORDER 3

#define POISON_FREE 0x6b
#define RED_BYTE 0xbb
#define RED_WORD 0xbbbbbbbbbbbbbbbbULL
#define GUARD_WORD 0xc0ffee5afec0deadULL
#define STATE_USED 0x75736564u
#define STATE_FREE 0x66726565u

/* Marks frames that kmalloc() took whole: page->mapping of the first one. */
#define KMALLOC_PAGES ((void *)0x6b6d0UL)

struct slab_magazine {
	unsigned int count;
	void *object[MAGAZINE_SIZE];
	u64 nr_alloc, nr_free;		/* of this CPU; in use = difference of the sums */
};

struct kmem_cache {
	/* constant after creation */
	const char *name;
	char name_buf[32];
	size_t object_size, slot_size, link_offset, meta_offset;
	unsigned int order, slots, flags, index;
	void (*ctor)(void *);
	/* lock */
	struct spinlock lock;
	struct list_head partial, full, empty;
	u64 nr_slabs, nr_empty;
	void *quarantine[QUARANTINE_SIZE];
	unsigned int quarantine_at;
	/* one CPU each, interrupts off */
	struct slab_magazine cpu[NR_CPUS];
};

static struct kmem_cache *caches[MAX_CACHES];
static struct kmem_cache cache_cache;

static const u16 kmalloc_sizes[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048,
};
#define KMALLOC_MAX 2048
static struct kmem_cache *kmalloc_caches[ARRAY_SIZE(kmalloc_sizes)];
static u8 kmalloc_class[KMALLOC_MAX / 16 + 1];

static void **slab_link(const struct kmem_cache *cache, void *object)
{
	return (void **)((char *)object + cache->link_offset);
}

static struct page *slab_of(const void *object)
{
	return page_head(virt_to_page(object));
}

/* ---- what CHECKS adds to a slot ---- */

#ifdef CONFIG_CHECKS
struct slab_meta {
	u64 red;
	void *link;
	u32 state;
	u32 requested;			/* bytes that the caller may use */
	struct alloc_trace alloc, free;
	u64 guard;
};

static struct slab_meta *slab_meta(const struct kmem_cache *cache, const void *object)
{
	return (struct slab_meta *)((char *)object + cache->meta_offset);
}

static bool slab_poisons(const struct kmem_cache *cache)
{
	return !cache->ctor && !(cache->flags & SLAB_TYPESAFE_BY_RCU);
}

static void slab_report(const struct kmem_cache *cache, void *object, const char *what)
{
	struct slab_meta *meta = slab_meta(cache, object);

	check_report(CHECK_CHECK, "slab %s: object %lx: %s", cache->name,
		     (unsigned long)object, what);
	if (meta->guard != GUARD_WORD) {
		pr_err("  its record is overwritten, too\n");
		return;
	}
	alloc_trace_print(&meta->alloc, "  allocated");
	alloc_trace_print(&meta->free, "  freed");
}

static void slab_layout(struct kmem_cache *cache, size_t align)
{
	/* At least 8 bytes of red zone, those of the record's first word included. */
	cache->meta_offset = round_up(cache->object_size, sizeof(u64));
	cache->link_offset = cache->meta_offset + offsetof(struct slab_meta, link);
	cache->slot_size = round_up(cache->meta_offset + sizeof(struct slab_meta), align);
}

static void slab_red_fill(const struct kmem_cache *cache, void *object, size_t from)
{
	memset((char *)object + from, RED_BYTE, cache->meta_offset - from + sizeof(u64));
}

static void slab_object_init(struct kmem_cache *cache, void *object)
{
	struct slab_meta *meta = slab_meta(cache, object);

	*meta = (struct slab_meta){ .state = STATE_FREE, .guard = GUARD_WORD };
	slab_red_fill(cache, object, cache->object_size);
	if (slab_poisons(cache))
		memset(object, POISON_FREE, cache->object_size);
}

/* The object goes to a caller. */
static void slab_object_hand_out(struct kmem_cache *cache, void *object, size_t requested)
{
	struct slab_meta *meta = slab_meta(cache, object);

	if (meta->state != STATE_FREE || meta->guard != GUARD_WORD)
		slab_report(cache, object, "record of a free object overwritten");
	else if (slab_poisons(cache) && memchr_inv(object, POISON_FREE, cache->object_size))
		slab_report(cache, object, "written while free (use after free)");
	meta->state = STATE_USED;
	meta->guard = GUARD_WORD;
	meta->requested = (u32)requested;
	alloc_trace_record(&meta->alloc);
	slab_red_fill(cache, object, requested);
}

/* The object comes back. Return: false: reported, leave it alone. */
static bool slab_object_take_back(struct kmem_cache *cache, void *object)
{
	struct slab_meta *meta = slab_meta(cache, object);
	u32 expected = STATE_USED;

	if (meta->guard != GUARD_WORD) {
		slab_report(cache, object, "written far behind its end");
		return false;
	}
	if (!try_cmpxchg(&meta->state, &expected, STATE_FREE)) {
		slab_report(cache, object, "freed twice (double free)");
		return false;
	}
	if (memchr_inv((char *)object + meta->requested, RED_BYTE,
		       cache->meta_offset - meta->requested + sizeof(u64)))
		slab_report(cache, object, "written behind its end (red zone)");
	alloc_trace_record(&meta->free);
	slab_red_fill(cache, object, cache->object_size);
	if (slab_poisons(cache))
		memset(object, POISON_FREE, cache->object_size);
	return true;
}

/* Put @object at the end of the queue. Return: the one that has waited longest, or NULL. */
static void *slab_quarantine(struct kmem_cache *cache, void *object)
{
	unsigned long flags;
	void *oldest;

	spin_lock_irqsave(&cache->lock, flags);
	oldest = cache->quarantine[cache->quarantine_at];
	cache->quarantine[cache->quarantine_at] = object;
	cache->quarantine_at = (cache->quarantine_at + 1) % QUARANTINE_SIZE;
	spin_unlock_irqrestore(&cache->lock, flags);
	return oldest;
}

static size_t slab_requested(const struct kmem_cache *cache, const void *object)
{
	return slab_meta(cache, object)->requested;
}

static unsigned int slab_check_object_locked(struct kmem_cache *cache, void *object, bool is_free)
{
	struct slab_meta *meta = slab_meta(cache, object);

	assert_held(&cache->lock);
	if (meta->guard != GUARD_WORD || meta->red != RED_WORD)
		slab_report(cache, object, "red zone or guard broken");
	else if (is_free && meta->state != STATE_FREE)
		slab_report(cache, object, "on a free list, but in use");
	else if (is_free && slab_poisons(cache) &&
		 memchr_inv(object, POISON_FREE, cache->object_size))
		slab_report(cache, object, "written while free (use after free)");
	else
		return 0;
	return 1;
}

static void slab_describe_object(struct kmem_cache *cache, void *object)
{
	struct slab_meta *meta = slab_meta(cache, object);

	pr_err("  %s, %u bytes asked for\n", meta->state == STATE_USED ? "in use" : "free",
	       meta->requested);
	alloc_trace_print(&meta->alloc, "  allocated");
	alloc_trace_print(&meta->free, "  freed");
}
#else
static void slab_layout(struct kmem_cache *cache, size_t align)
{
	bool inside = !cache->ctor && !(cache->flags & SLAB_TYPESAFE_BY_RCU);
	size_t size = round_up(cache->object_size, sizeof(void *));

	cache->link_offset = inside ? 0 : size;
	cache->slot_size = round_up(inside ? size : size + sizeof(void *), align);
}

static void slab_object_init(struct kmem_cache *cache, void *object)
{
	(void)cache;
	(void)object;
}

static void slab_object_hand_out(struct kmem_cache *cache, void *object, size_t requested)
{
	(void)cache;
	(void)object;
	(void)requested;
}

static bool slab_object_take_back(struct kmem_cache *cache, void *object)
{
	(void)cache;
	(void)object;
	return true;
}

static void *slab_quarantine(struct kmem_cache *cache, void *object)
{
	(void)cache;
	return object;
}

static size_t slab_requested(const struct kmem_cache *cache, const void *object)
{
	(void)object;
	return cache->object_size;
}

static unsigned int slab_check_object_locked(struct kmem_cache *cache, void *object, bool is_free)
{
	(void)cache;
	(void)object;
	(void)is_free;
	return 0;
}

static void slab_describe_object(struct kmem_cache *cache, void *object)
{
	(void)cache;
	(void)object;
}
#endif

/* ---- slabs ---- */

static void *slab_slot(const struct kmem_cache *cache, const struct page *slab, unsigned int i)
{
	return (char *)page_address(slab) + i * cache->slot_size;
}

/* A new slab, all slots free, on no list. NULL: no memory. */
static struct page *slab_create(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *slab = alloc_pages(gfp & ~__GFP_ZERO, cache->order);

	if (!slab)
		return NULL;
	page_set(slab, PG_slab);
	slab->slab_cache = cache;
	slab->slab_freelist = NULL;
	slab->private = 0;
	for (unsigned int i = cache->slots; i-- > 0; ) {
		void *object = slab_slot(cache, slab, i);

		slab_object_init(cache, object);
		if (cache->ctor)
			cache->ctor(object);
		*slab_link(cache, object) = slab->slab_freelist;
		slab->slab_freelist = object;
	}
	return slab;
}

static void slab_free_rcu(struct rcu_head *head)
{
	struct page *slab = container_of(head, struct page, rcu);

	page_clear(slab, PG_slab);
	put_page(slab);
}

static void slab_destroy(struct page *slab, unsigned int flags)
{
	if (flags & SLAB_TYPESAFE_BY_RCU)
		call_rcu(&slab->rcu, slab_free_rcu);
	else
		slab_free_rcu(&slab->rcu);
}

/* ---- between a slab and a magazine ---- */

static void *slab_take_locked(struct kmem_cache *cache, struct page *slab)
{
	void *object = slab->slab_freelist;

	assert_held(&cache->lock);
	ASSERT_PAGE(slab, object && slab->private < cache->slots);
	if (slab->private++ == 0)
		cache->nr_empty--;
	slab->slab_freelist = *slab_link(cache, object);
	list_move(&slab->slab_list, slab->slab_freelist ? &cache->partial : &cache->full);
	return object;
}

/* Return: the slab if it should be given back to buddy.c (then on no list), or NULL. */
static struct page *slab_give_locked(struct kmem_cache *cache, void *object)
{
	struct page *slab = slab_of(object);

	assert_held(&cache->lock);
	ASSERT_PAGE(slab, slab->slab_cache == cache && slab->private > 0);
	*slab_link(cache, object) = slab->slab_freelist;
	slab->slab_freelist = object;
	if (--slab->private > 0) {
		list_move(&slab->slab_list, &cache->partial);
		return NULL;
	}
	if (cache->nr_empty >= MAX_EMPTY_SLABS) {
		list_del(&slab->slab_list);
		cache->nr_slabs--;
		return slab;
	}
	cache->nr_empty++;
	list_move(&slab->slab_list, &cache->empty);
	return NULL;
}

/* Interrupts off. Fill the magazine half from the slabs that there are. */
static void magazine_refill(struct kmem_cache *cache, struct slab_magazine *mag)
{
	spin_lock(&cache->lock);
	while (mag->count < MAGAZINE_SIZE / 2) {
		struct list_head *list = list_empty(&cache->partial) ? &cache->empty :
								       &cache->partial;
		struct page *slab = list_first_entry_or_null(list, struct page, slab_list);

		if (!slab)
			break;
		mag->object[mag->count++] = slab_take_locked(cache, slab);
	}
	spin_unlock(&cache->lock);
}

/* Interrupts off. Bring the magazine down to @keep objects. Return: frames freed. */
static unsigned long magazine_flush(struct kmem_cache *cache, struct slab_magazine *mag,
				    unsigned int keep)
{
	LIST_HEAD(unused);
	struct page *slab, *next;
	unsigned long freed = 0;

	spin_lock(&cache->lock);
	while (mag->count > keep) {
		slab = slab_give_locked(cache, mag->object[--mag->count]);
		if (slab)
			list_add(&slab->slab_list, &unused);
	}
	spin_unlock(&cache->lock);
	list_for_each_entry_safe(slab, next, &unused, slab_list) {
		slab_destroy(slab, cache->flags);
		freed += 1UL << cache->order;
	}
	return freed;
}

static void *magazine_take(struct slab_magazine *mag)
{
	mag->nr_alloc++;
	return mag->object[--mag->count];
}

/* The slow halves of the two below end their work, @flags included: a call that is the
 * last thing that a function does costs its fast half no register. */
static noinline void *magazine_alloc_slow(struct kmem_cache *cache, struct slab_magazine *mag,
					  unsigned long flags)
{
	void *object;

	magazine_refill(cache, mag);
	object = mag->count ? magazine_take(mag) : NULL;
	local_irq_restore(flags);
	return object;
}

static noinline void magazine_free_slow(struct kmem_cache *cache, struct slab_magazine *mag,
					void *object, unsigned long flags)
{
	magazine_flush(cache, mag, MAGAZINE_SIZE / 2);
	mag->object[mag->count++] = object;
	local_irq_restore(flags);
}

static void *magazine_alloc(struct kmem_cache *cache)
{
	struct slab_magazine *mag;
	unsigned long flags;
	void *object;

	local_irq_save(flags);
	mag = &cache->cpu[smp_processor_id()];
	if (unlikely(!mag->count))
		return magazine_alloc_slow(cache, mag, flags);
	object = magazine_take(mag);
	local_irq_restore(flags);
	return object;
}

static void magazine_free(struct kmem_cache *cache, void *object)
{
	struct slab_magazine *mag;
	unsigned long flags;

	local_irq_save(flags);
	mag = &cache->cpu[smp_processor_id()];
	if (unlikely(mag->count == MAGAZINE_SIZE)) {
		magazine_free_slow(cache, mag, object, flags);
		return;
	}
	mag->object[mag->count++] = object;
	local_irq_restore(flags);
}

/* ---- the calls ---- */

static noinline void *slab_grow_and_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object = NULL;

	while (!object) {
		struct page *slab = slab_create(cache, gfp);
		unsigned long flags;

		if (!slab)
			return NULL;
		spin_lock_irqsave(&cache->lock, flags);
		list_add(&slab->slab_list, &cache->empty);
		cache->nr_slabs++;
		cache->nr_empty++;
		spin_unlock_irqrestore(&cache->lock, flags);
		object = magazine_alloc(cache);
	}
	return object;
}

static void *slab_alloc(struct kmem_cache *cache, size_t requested, gfp_t gfp)
{
	void *object;

	if (!(gfp & __GFP_NOINJECT) && should_fail(INJECT_SLAB_ALLOC))
		return NULL;
	object = magazine_alloc(cache);
	if (unlikely(!object))
		object = slab_grow_and_alloc(cache, gfp);
	if (unlikely(!object))
		return NULL;
	slab_object_hand_out(cache, object, requested);
	if (gfp & __GFP_ZERO)
		memset(object, 0, requested);
	return object;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return slab_alloc(cache, cache->object_size, gfp);
}

void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return slab_alloc(cache, cache->object_size, gfp | __GFP_ZERO);
}

static void slab_count_free(struct kmem_cache *cache)
{
	unsigned long flags;

	local_irq_save(flags);
	cache->cpu[smp_processor_id()].nr_free++;
	local_irq_restore(flags);
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	struct page *slab = slab_of(object);

	ASSERT_PAGE(slab, page_test(slab, PG_slab) && slab->slab_cache == cache);
	ASSERT_PAGE(slab, ((char *)object - (char *)page_address(slab)) % cache->slot_size == 0);
	if (!slab_object_take_back(cache, object))
		return;
	slab_count_free(cache);
	object = slab_quarantine(cache, object);
	if (object)
		magazine_free(cache, object);
}

static void *kmalloc_pages(size_t size, gfp_t gfp)
{
	unsigned int order = 0;
	struct page *page;

	while ((PAGE_SIZE << order) < size)
		order++;
	if (order > MAX_ORDER)
		return NULL;
	page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	page->mapping = KMALLOC_PAGES;
	return page_address(page);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	if (size > KMALLOC_MAX)
		return kmalloc_pages(size, gfp);
	if (size == 0)
		size = 1;
	return slab_alloc(kmalloc_caches[kmalloc_class[(size + 15) / 16]], size, gfp);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

void kfree(const void *object)
{
	struct page *page;

	if (!object)
		return;
	page = slab_of(object);
	if (page_test(page, PG_slab)) {
		kmem_cache_free(page->slab_cache, (void *)object);
		return;
	}
	if (page_count(page) == 0 || page->mapping != KMALLOC_PAGES) {
		check_report(CHECK_CHECK, "kfree(%lx): not allocated (double free)",
			     (unsigned long)object);
		page_dump(page, "kfree");
		return;
	}
	ASSERT_PAGE(page, page_address(page) == object);
	put_page(page);
}

size_t ksize(const void *object)
{
	struct page *page = slab_of(object);

	if (page_test(page, PG_slab))
		return slab_requested(page->slab_cache, object);
	return PAGE_SIZE << page_order(page);
}

char *kstrdup(const char *s, gfp_t gfp)
{
	size_t size = strlen(s) + 1;
	char *copy = kmalloc(size, gfp);

	return copy ? memcpy(copy, s, size) : NULL;
}

/* ---- giving back ---- */

/* Everything that waits in quarantine goes to this CPU's magazine and on. */
static void slab_quarantine_drain(struct kmem_cache *cache)
{
	unsigned long flags;

	for (unsigned int i = 0; i < QUARANTINE_SIZE; i++) {
		void *object;

		spin_lock_irqsave(&cache->lock, flags);
		object = cache->quarantine[i];
		cache->quarantine[i] = NULL;
		spin_unlock_irqrestore(&cache->lock, flags);
		if (object)
			magazine_free(cache, object);
	}
}

unsigned long kmem_cache_shrink(struct kmem_cache *cache)
{
	unsigned long flags, freed = 0;
	struct page *slab, *next;
	LIST_HEAD(unused);

	slab_quarantine_drain(cache);
	local_irq_save(flags);
	freed += magazine_flush(cache, &cache->cpu[smp_processor_id()], 0);
	spin_lock(&cache->lock);
	list_splice_init(&cache->empty, &unused);
	cache->nr_slabs -= cache->nr_empty;
	freed += cache->nr_empty << cache->order;
	cache->nr_empty = 0;
	spin_unlock(&cache->lock);
	local_irq_restore(flags);
	list_for_each_entry_safe(slab, next, &unused, slab_list)
		slab_destroy(slab, cache->flags);
	return freed;
}

unsigned long slab_shrink(void)
{
	unsigned long freed = 0;

	for (unsigned int i = 0; i < MAX_CACHES; i++)
		if (READ_ONCE(caches[i]))
			freed += kmem_cache_shrink(caches[i]);
	return freed;
}

/* ---- caches ---- */

static void cache_choose_order(struct kmem_cache *cache)
{
	while (cache->order < SLAB_MAX_ORDER &&
	       (PAGE_SIZE << cache->order) / cache->slot_size < SLAB_MIN_OBJECTS)
		cache->order++;
	cache->slots = (PAGE_SIZE << cache->order) / cache->slot_size;
	ASSERT_MSG(cache->slots > 0, "cache %s: objects of %zu bytes", cache->name,
		   cache->object_size);
}

static void cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
			unsigned int flags, void (*ctor)(void *))
{
	memset(cache, 0, sizeof(*cache));
	strscpy(cache->name_buf, name, sizeof(cache->name_buf));
	cache->name = cache->name_buf;
	cache->object_size = size;
	cache->flags = flags;
	cache->ctor = ctor;
	align = max(align, (size_t)8);
	ASSERT(size && (align & (align - 1)) == 0 && align <= PAGE_SIZE);
	slab_layout(cache, align);
	cache_choose_order(cache);
	spin_lock_init(&cache->lock, LOCK_SLAB, "slab");
	INIT_LIST_HEAD(&cache->partial);
	INIT_LIST_HEAD(&cache->full);
	INIT_LIST_HEAD(&cache->empty);
	for (cache->index = 0; cache->index < MAX_CACHES; cache->index++)
		if (!cmpxchg(&caches[cache->index], NULL, cache))
			return;
	panic("more than %d object caches", MAX_CACHES);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned int flags, void (*ctor)(void *))
{
	struct kmem_cache *cache = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

	if (cache)
		cache_setup(cache, name, size, align, flags, ctor);
	else if (flags & SLAB_PANIC)
		panic("no memory for the object cache %s", name);
	return cache;
}

/* Other CPUs' magazines: nobody uses the cache any more, so they may be emptied here. */
void kmem_cache_destroy(struct kmem_cache *cache)
{
	unsigned long flags;

	if (cache->flags & SLAB_TYPESAFE_BY_RCU)
		rcu_barrier();
	slab_quarantine_drain(cache);
	local_irq_save(flags);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		magazine_flush(cache, &cache->cpu[cpu], 0);
	local_irq_restore(flags);
	kmem_cache_shrink(cache);
	WRITE_ONCE(caches[cache->index], NULL);
	if (cache->nr_slabs) {
		check_report(CHECK_CHECK, "slab %s: destroyed with %llu slabs in use",
			     cache->name, (unsigned long long)cache->nr_slabs);
		return;
	}
	kmem_cache_free(&cache_cache, cache);
}

/* ---- information and truth ---- */

static u64 cache_used(const struct kmem_cache *cache)
{
	u64 used = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		used += READ_ONCE(cache->cpu[cpu].nr_alloc) - READ_ONCE(cache->cpu[cpu].nr_free);
	return used;
}

bool slab_info(unsigned int n, struct slab_info *out)
{
	struct kmem_cache *cache;

	if (n >= MAX_CACHES)
		return false;
	*out = (struct slab_info){ 0 };
	cache = READ_ONCE(caches[n]);
	if (!cache)
		return true;
	out->name = cache->name;
	out->object_size = cache->object_size;
	out->objects_used = cache_used(cache);
	out->objects_total = READ_ONCE(cache->nr_slabs) * cache->slots;
	out->pages = READ_ONCE(cache->nr_slabs) << cache->order;
	return true;
}

u64 slab_objects_used(void)
{
	u64 used = 0;

	for (unsigned int i = 0; i < MAX_CACHES; i++)
		if (READ_ONCE(caches[i]) && !(caches[i]->flags & SLAB_NOLEAKTRACE))
			used += cache_used(caches[i]);
	return used;
}

static u64 leak_mark[MAX_CACHES];

void slab_leak_mark(void)
{
	for (unsigned int i = 0; i < MAX_CACHES; i++)
		leak_mark[i] = READ_ONCE(caches[i]) ? cache_used(caches[i]) : 0;
}

void slab_leak_report(void)
{
	for (unsigned int i = 0; i < MAX_CACHES; i++) {
		struct kmem_cache *cache = READ_ONCE(caches[i]);

		if (cache && cache_used(cache) > leak_mark[i])
			pr_err("  cache %s: %llu objects more\n", cache->name,
			       (unsigned long long)(cache_used(cache) - leak_mark[i]));
	}
}

static unsigned int slab_check_one_locked(struct kmem_cache *cache, struct page *slab)
{
	unsigned int faults = 0, nr_free = 0;

	for (void *object = slab->slab_freelist; object && nr_free <= cache->slots;
	     object = *slab_link(cache, object)) {
		faults += slab_check_object_locked(cache, object, true);
		nr_free++;
	}
	if (nr_free + slab->private != cache->slots) {
		check_report(CHECK_CHECK, "slab %s: %u free and %llu taken of %u", cache->name,
			     nr_free, (unsigned long long)slab->private, cache->slots);
		faults++;
	}
	for (unsigned int i = 0; i < cache->slots; i++)
		faults += slab_check_object_locked(cache, slab_slot(cache, slab, i), false);
	return faults;
}

static unsigned int slab_check_list_locked(struct kmem_cache *cache, struct list_head *list,
					   u64 *nr_slabs)
{
	unsigned int faults = 0;
	struct page *slab;

	list_for_each_entry(slab, list, slab_list) {
		ASSERT_PAGE(slab, page_test(slab, PG_slab) && slab->slab_cache == cache);
		ASSERT_PAGE(slab, (list == &cache->empty) == (slab->private == 0));
		ASSERT_PAGE(slab, (list == &cache->full) == (slab->private == cache->slots));
		faults += slab_check_one_locked(cache, slab);
		++*nr_slabs;
	}
	return faults;
}

static unsigned int slab_check_cache(struct kmem_cache *cache)
{
	unsigned int faults = 0;
	unsigned long flags;
	u64 nr_slabs = 0;

	spin_lock_irqsave(&cache->lock, flags);
	faults += slab_check_list_locked(cache, &cache->partial, &nr_slabs);
	faults += slab_check_list_locked(cache, &cache->full, &nr_slabs);
	faults += slab_check_list_locked(cache, &cache->empty, &nr_slabs);
	if (nr_slabs != cache->nr_slabs) {
		check_report(CHECK_CHECK, "slab %s: %llu slabs, counted %llu", cache->name,
			     (unsigned long long)nr_slabs, (unsigned long long)cache->nr_slabs);
		faults++;
	}
	spin_unlock_irqrestore(&cache->lock, flags);
	return faults;
}

unsigned int slab_check(void)
{
	unsigned int faults = 0;

	for (unsigned int i = 0; i < MAX_CACHES; i++)
		if (READ_ONCE(caches[i]))
			faults += slab_check_cache(caches[i]);
	return faults;
}

void slab_describe(const void *addr)
{
	struct kmem_cache *cache;
	struct page *slab;
	size_t offset;

	if (!is_direct_map(addr) || virt_to_phys(addr) >> PAGE_SHIFT >= max_pfn)
		return;
	slab = slab_of(addr);
	if (!page_test(slab, PG_slab)) {
		page_dump(slab, "the address's frame");
		return;
	}
	cache = slab->slab_cache;
	offset = (size_t)((const char *)addr - (char *)page_address(slab));
	pr_err("%lx is byte %zu of slot %zu of cache %s (objects of %zu bytes)\n",
	       (unsigned long)addr, offset % cache->slot_size, offset / cache->slot_size,
	       cache->name, cache->object_size);
	if (offset / cache->slot_size < cache->slots)
		slab_describe_object(cache, slab_slot(cache, slab,
						      (unsigned int)(offset / cache->slot_size)));
}

/* ---- boot ---- */

void slab_init(void)
{
	unsigned int class = 0;

	cache_setup(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 64, SLAB_NOLEAKTRACE,
		    NULL);
	for (class = 0; class < ARRAY_SIZE(kmalloc_sizes); class++) {
		char name[32];

		snprintf(name, sizeof(name), "kmalloc-%u", kmalloc_sizes[class]);
		kmalloc_caches[class] = kmem_cache_create(name, kmalloc_sizes[class], 16,
							  SLAB_PANIC, NULL);
	}
	class = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(kmalloc_class); i++) {
		if (i * 16 > kmalloc_sizes[class])
			class++;
		kmalloc_class[i] = (u8)class;
	}
}
