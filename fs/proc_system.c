/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/proc_system.c - the files of /proc that describe the machine and the kernel
 *
 * Concept    One show function each, in the formats that Linux's programs parse.
 * Owns       Nothing: everything printed is another file's.
 * Locks      None of its own; each source is asked by its own call.
 * Invariants None.
 * Callers    fs/vfs.c
 * Next       fs/proc_page.c
 */
#include "arch/x86/cpu/percpu.h"
#include "fs/internal.h"
#include "fs/proc.h"
#include "include/uapi/mount.h"
#include "kernel/block/block.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/list.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rculist.h"
#include "kernel/lib/string.h"
#include "kernel/lib/uts.h"
#include "kernel/sched/sched.h"
#include "kernel/time/tick.h"
#include "mm/buddy.h"
#include "mm/commit.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/check.h"
#include "mm/mmu_notifier.h"
#include "mm/pagecache.h"
#include "mm/swap.h"
#include "mm/writeback.h"

static unsigned long pages_to_kb(u64 pages)
{
	return pages << (PAGE_SHIFT - 10);
}

static int meminfo_show(struct seq_file *m)
{
	struct lru_counts lru;
	struct swap_info swap;
	u64 free = nr_free_pages(), shmem = (u64)atomic64_read(&vfs_root.mount->sb->nr_pages);

	lru_count(&lru);
	swap_slot_info(&swap);
	seq_printf(m, "MemTotal:       %8lu kB\n", pages_to_kb(totalram_pages()));
	seq_printf(m, "MemFree:        %8lu kB\n", pages_to_kb(free));
	seq_printf(m, "MemAvailable:   %8lu kB\n", pages_to_kb(free));
	seq_printf(m, "Buffers:        %8lu kB\n", pages_to_kb(pagecache_pages()));
	seq_printf(m, "Cached:         %8lu kB\n", pages_to_kb(shmem));
	seq_printf(m, "Active:         %8lu kB\n",
		   pages_to_kb(lru.nr[LRU_ACTIVE_ANON] + lru.nr[LRU_ACTIVE_FILE]));
	seq_printf(m, "Inactive:       %8lu kB\n",
		   pages_to_kb(lru.nr[LRU_INACTIVE_ANON] + lru.nr[LRU_INACTIVE_FILE]));
	seq_printf(m, "Active(anon):   %8lu kB\n", pages_to_kb(lru.nr[LRU_ACTIVE_ANON]));
	seq_printf(m, "Inactive(anon): %8lu kB\n", pages_to_kb(lru.nr[LRU_INACTIVE_ANON]));
	seq_printf(m, "Active(file):   %8lu kB\n", pages_to_kb(lru.nr[LRU_ACTIVE_FILE]));
	seq_printf(m, "Inactive(file): %8lu kB\n", pages_to_kb(lru.nr[LRU_INACTIVE_FILE]));
	seq_printf(m, "Unevictable:    %8lu kB\n", pages_to_kb(lru.nr[LRU_UNEVICTABLE]));
	seq_printf(m, "Mlocked:        %8lu kB\n", pages_to_kb(lru.mlocked));
	seq_printf(m, "SwapTotal:      %8lu kB\n", pages_to_kb(swap.total));
	seq_printf(m, "SwapFree:       %8lu kB\n", pages_to_kb(swap.total - swap.used));
	seq_printf(m, "Dirty:          %8lu kB\n", pages_to_kb(writeback_nr_dirty()));
	seq_printf(m, "Writeback:      %8lu kB\n", pages_to_kb(writeback_nr_writeback()));
	seq_printf(m, "Shmem:          %8lu kB\n", pages_to_kb(shmem));
	seq_printf(m, "CommitLimit:    %8lu kB\n", pages_to_kb(commit_limit()));
	seq_printf(m, "Committed_AS:   %8lu kB\n", pages_to_kb(commit_pages()));
	return 0;
}

static const char *const lru_names[NR_LRU_LISTS] = {
	[LRU_INACTIVE_ANON] = "inactive_anon", [LRU_ACTIVE_ANON] = "active_anon",
	[LRU_INACTIVE_FILE] = "inactive_file", [LRU_ACTIVE_FILE] = "active_file",
	[LRU_UNEVICTABLE] = "unevictable",
};

static int vmstat_show(struct seq_file *m)
{
	struct lru_counts lru;

	lru_count(&lru);
	seq_printf(m, "nr_free_pages %lu\n", (unsigned long)nr_free_pages());
	for (enum lru_list which = 0; which < NR_LRU_LISTS; which++)
		seq_printf(m, "nr_%s %lu\n", lru_names[which], (unsigned long)lru.nr[which]);
	seq_printf(m, "nr_mlock %lu\n", (unsigned long)lru.mlocked);
	seq_printf(m, "nr_dirty %lu\n", (unsigned long)writeback_nr_dirty());
	seq_printf(m, "nr_writeback %lu\n", (unsigned long)writeback_nr_writeback());
#define VMSTAT(name) \
	seq_printf(m, #name " %lu\n", (unsigned long)atomic64_read(&vmstat.name))
	VMSTAT(pswpin);
	VMSTAT(pswpout);
	VMSTAT(pgfault);
	VMSTAT(pgmajfault);
	VMSTAT(pgactivate);
	VMSTAT(pgdeactivate);
	VMSTAT(pglazyfree);
	VMSTAT(pglazyfreed);
	VMSTAT(oom_kill);
	VMSTAT(swap_write_errors);
	VMSTAT(swap_read_errors);
	VMSTAT(swap_ra);
	VMSTAT(swap_ra_hit);
	VMSTAT(swpout_zero);
	VMSTAT(swpin_zero);
	VMSTAT(nr_written);
	VMSTAT(file_write_errors);
#undef VMSTAT
#define VMSTAT_PAIR(name) do {							\
		seq_printf(m, #name "_anon %lu\n",				\
			   (unsigned long)atomic64_read(&vmstat.name[LRU_ANON]));	\
		seq_printf(m, #name "_file %lu\n",				\
			   (unsigned long)atomic64_read(&vmstat.name[LRU_FILE]));	\
	} while (0)
	VMSTAT_PAIR(pgscan);
	VMSTAT_PAIR(pgsteal);
	VMSTAT_PAIR(workingset_refault);
	VMSTAT_PAIR(workingset_activate);
	VMSTAT_PAIR(workingset_restore);
#undef VMSTAT_PAIR
	seq_printf(m, "nr_pinned %lu\n", (unsigned long)mm_count_pins());
	seq_printf(m, "check_reports %lu\n", check_reports());
#ifdef CONFIG_MMU_NOTIFIER
	for (enum mmu_notifier_op op = 0; op < NR_MN_OPS; op++)
		seq_printf(m, "mmu_notifier_%s %lu\n", mmu_notifier_op_name(op),
			   (unsigned long)mmu_notifier_calls(op));
#endif
	return 0;
}

static int swaps_show(struct seq_file *m)
{
	struct swap_area_info info;

	seq_puts(m, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++) {
		if (swap_area_info(n, &info) && info.on)
			seq_printf(m, "/dev/%-34s partition\t%lu\t\t%lu\t\t%d\n", info.name,
				   pages_to_kb(info.total), pages_to_kb(info.used),
				   info.priority);
	}
	return 0;
}

static int buddyinfo_show(struct seq_file *m)
{
	struct buddy_info info;

	buddy_info(&info);
	seq_puts(m, "Node 0, zone   Normal ");
	for (int order = 0; order <= MAX_ORDER; order++)
		seq_printf(m, "%6lu ", (unsigned long)info.nr_free[order]);
	seq_putc(m, '\n');
	return 0;
}

static int slabinfo_show(struct seq_file *m)
{
	struct slab_info info;

	seq_puts(m, "# name            <active_objs> <num_objs> <objsize> <pages>\n");
	for (unsigned int n = 0; slab_info(n, &info); n++)
		seq_printf(m, "%-17s %6lu %6lu %6lu %6lu\n", info.name,
			   (unsigned long)info.objects_used, (unsigned long)info.objects_total,
			   (unsigned long)info.object_size, (unsigned long)info.pages);
	return 0;
}

static int diskstats_show(struct seq_file *m)
{
	struct block_device *bdev;
	struct block_stats stats;

	for (unsigned int n = 0; (bdev = block_nth(n)); n++) {
		block_stats(bdev, &stats);
		seq_printf(m, "%4u %7u %s %lu 0 %lu 0 %lu 0 %lu 0 0 0 0\n", 1U, n, bdev->name,
			   (unsigned long)stats.completed[BLOCK_READ],
			   (unsigned long)stats.completed[BLOCK_READ] * (PAGE_SIZE / 512),
			   (unsigned long)stats.completed[BLOCK_WRITE],
			   (unsigned long)stats.completed[BLOCK_WRITE] * (PAGE_SIZE / 512));
	}
	return 0;
}

static int mounts_show_one(struct mount *mount, void *arg)
{
	struct seq_file *m = arg;
	struct path place = { mount, mount->sb->root };
	char buf[256], *name = path_name_locked(&place, buf, sizeof(buf));

	seq_printf(m, "%s %s %s %s 0 0\n", mount->device, name ? name : "?",
		   mount->sb->type->name, mount->flags & MS_RDONLY ? "ro" : "rw");
	return 0;
}

static int mounts_show(struct seq_file *m)
{
	return mount_for_each(mounts_show_one, m);
}

static int filesystems_show(struct seq_file *m)
{
	seq_puts(m, "nodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tproc\n");
	return 0;
}

static int uptime_show(struct seq_file *m)
{
	u64 now = ktime_get_ns(), idle = 0;
	int cpu;

	for_each_online_cpu(cpu)
		idle += READ_ONCE(idle_tasks[cpu].sum_exec_ns);
	seq_printf(m, "%lu.%02lu %lu.%02lu\n", (unsigned long)(now / NSEC_PER_SEC),
		   (unsigned long)(now / (NSEC_PER_SEC / 100) % 100),
		   (unsigned long)(idle / NSEC_PER_SEC),
		   (unsigned long)(idle / (NSEC_PER_SEC / 100) % 100));
	return 0;
}

static unsigned int tasks_running(unsigned int *total)
{
	unsigned int running = 0;
	struct task *t;
	int cpu;

	for_each_online_cpu(cpu)
		running += cpu_nr_running(cpu);
	*total = 0;
	rcu_read_lock();
	list_for_each_entry_rcu(t, &task_list, all_link)
		(*total)++;
	rcu_read_unlock();
	return running;
}

/* Averages are not kept: the present number of runnable tasks stands for them. */
static int loadavg_show(struct seq_file *m)
{
	unsigned int total, running = tasks_running(&total);

	seq_printf(m, "%u.00 %u.00 %u.00 %u/%u %d\n", running, running, running, running, total,
		   current->pid);
	return 0;
}

/* CPU times in ticks: what is not idle counts as system. */
static int stat_show(struct seq_file *m)
{
	u64 idle[NR_CPUS], busy[NR_CPUS], all_idle = 0, all_busy = 0, switches = 0;
	unsigned int total;
	int cpu;

	for_each_online_cpu(cpu) {
		idle[cpu] = READ_ONCE(idle_tasks[cpu].sum_exec_ns) / NSEC_PER_TICK;
		busy[cpu] = ticks > idle[cpu] ? ticks - idle[cpu] : 0;
		all_idle += idle[cpu];
		all_busy += busy[cpu];
		switches += cpu_nr_switches(cpu);
	}
	seq_printf(m, "cpu  0 0 %lu %lu 0 0 0 0 0 0\n", (unsigned long)all_busy,
		   (unsigned long)all_idle);
	for_each_online_cpu(cpu)
		seq_printf(m, "cpu%d 0 0 %lu %lu 0 0 0 0 0 0\n", cpu, (unsigned long)busy[cpu],
			   (unsigned long)idle[cpu]);
	seq_printf(m, "intr 0\nctxt %lu\nbtime 0\nprocesses 0\nprocs_running %u\n",
		   (unsigned long)switches, tasks_running(&total));
	seq_puts(m, "procs_blocked 0\n");
	return 0;
}

static int cpuinfo_show(struct seq_file *m)
{
	int cpu;

	for_each_online_cpu(cpu)
		seq_printf(m, "processor\t: %d\nvendor_id\t: %s\n\n", cpu, "x86-64");
	return 0;
}

static int version_show(struct seq_file *m)
{
	seq_puts(m, UTS_SYSNAME " version " UTS_RELEASE "\n");
	return 0;
}

static int cmdline_show(struct seq_file *m)
{
	seq_printf(m, "%s\n", bootopt_cmdline());
	return 0;
}

static const struct {
	const char *name;
	proc_show_fn *show;
} system_files[] = {
	{ "meminfo", meminfo_show }, { "vmstat", vmstat_show }, { "swaps", swaps_show },
	{ "buddyinfo", buddyinfo_show }, { "slabinfo", slabinfo_show },
	{ "diskstats", diskstats_show }, { "mounts", mounts_show },
	{ "filesystems", filesystems_show }, { "uptime", uptime_show },
	{ "loadavg", loadavg_show }, { "stat", stat_show }, { "cpuinfo", cpuinfo_show },
	{ "version", version_show }, { "cmdline", cmdline_show },
};

void proc_system_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(system_files); i++)
		if (proc_create(system_files[i].name, system_files[i].show))
			panic("no memory for /proc/%s", system_files[i].name);
	if (proc_pid_create("mounts", mounts_show))
		panic("no memory for /proc");
}
