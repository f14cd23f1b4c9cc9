# SPDX-License-Identifier: GPL-2.0-only
#
# Makefile - one kernel image, one initramfs, and the targets around them
#
# One file, not recursive: every object is listed here, folder by folder and in
# reading order, one concept a line, so that a new file is one small edit.
# `make help` names the targets. Anything longer than five lines is in tools/.

.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := kernel
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@echo "  $1")

# Build switches. Every combination has a folder of its own under build/, named
# after what differs from the default: build/default, build/no-checks+no-ubsan.
MMU_NOTIFIER ?= y
CHECKS ?= y
UBSAN ?= y
on := $(foreach s,MMU_NOTIFIER CHECKS UBSAN,$(if $(filter y,$($s)),$s))
differs := $(if $(filter y,$(MMU_NOTIFIER)),,no-notifier) $(if $(filter y,$(CHECKS)),,no-checks) \
	$(if $(filter y,$(UBSAN)),,no-ubsan)
empty :=
SET := $(subst $(empty) $(empty),+,$(or $(strip $(differs)),default))
B := build/$(SET)

# ---- objects, in reading order ----------------------------------------------
# $(call in,FOLDER,NAMES): object names without .o; source is NAME.c or NAME.S
in = $(patsubst %,$1/%.o,$2)

# kernel/lib
OBJS := $(call in,kernel/lib,string printf ksyms printk panic bootopt stack_protector test_hook rbtree interval_tree radix_map parse glob popcount crc32c ubsan)

# arch/x86/boot, cpu, mm
OBJS += $(call in,arch/x86/boot,start boot_info)
OBJS += $(call in,arch/x86/cpu,exit serial percpu cpu gdt idt acpi irq lapic ioapic \
	trampoline smp thread switch backtrace)
OBJS += $(call in,arch/x86/mm,kernel_map usercopy)

# kernel/sync
OBJS += $(call in,kernel/sync,lock_check spinlock mutex rwsem wait completion rcu srcu smp_call)

# kernel/sched, kernel/time
OBJS += $(call in,kernel/sched,runqueue sched task kthread)
OBJS += $(call in,kernel/time,tick timer wall_clock)

# kernel/trace, kernel/block
OBJS += kernel/trace/trace.o
OBJS += $(call in,kernel/block,block)

# mm: frames
OBJS += $(call in,mm,page memblock buddy alloc_trace slab vmalloc)

# mm: page tables and the TLB
OBJS += $(call in,mm,pgtable tlb)

# mm: address spaces
OBJS += $(call in,mm,mm vma commit mmap mprotect mseal mremap madvise page_advice guard mlock mincore msync fork uaccess)

# mm: what /proc shows of them
OBJS += $(call in,mm,clear_refs page_idle pagemap pagemap_scan usage)

# mm: faults that programs answer
OBJS += $(call in,mm,userfaultfd userfaultfd_fill userfaultfd_move userfaultfd_wp userfaultfd_event)

# mm: a page's life
OBJS += $(call in,mm,fault anon shmem filemap pagecache readahead writeback rmap nonlinear lru lru_balance workingset reclaim swap_slot swap_cache swap_readahead swap_token \
	page_io swap_io swapfile)

# mm: observers
OBJS += $(call in,mm,gup)
ifeq ($(MMU_NOTIFIER),y)
OBJS += $(call in,mm,all_locks notifier_stats mmu_notifier rmap_notifier interval_notifier)
endif

# mm: truth
OBJS += $(call in,mm,check coherence)

# fs
OBJS += $(call in,fs,vfs file fdtable inode dcache mount fs_context cred namei open iobuf tmpfs memfd initramfs devtmpfs block_dev pipe splice poll \
	seq_file fixed_tree procfs proc_system proc_page proc_sys proc_trace sysfs sys_page_idle mmap_hooks record_lock sys_io sys_fd sys_path)

# kernel/task, kernel/syscall
OBJS += $(call in,kernel/task,pid process proc_maps proc_mem proc_fd clone exit wait signal sigframe elf exec futex clock random oom task_init)
ifeq ($(MMU_NOTIFIER),y)
OBJS += kernel/task/proc_notifiers.o
endif
OBJS += $(call in,kernel/syscall,table sys_process sys_ids sys_poll sys_pidfd sys_process_vm sys_shm sys_userfaultfd log_reader sys_syslog sys_signal sys_time sys_system)

# drivers/char, drivers/block
OBJS += $(call in,drivers/char,tty ldisc magic_key mem kmsg)
OBJS += $(call in,drivers/video,vga ps2)
OBJS += $(call in,drivers/block,ramdisk)

# drivers/iommu, drivers/dma: second MMUs need the notifiers
ifeq ($(MMU_NOTIFIER),y)
OBJS += drivers/emul/machine.o
OBJS += $(call in,drivers/iommu/emul,atc walk unit)
OBJS += $(call in,drivers/iommu,iommu sva)
OBJS += drivers/dma/emul/dma_hw.o drivers/dma/dma.o
endif

# arch/x86/trap
OBJS += $(call in,arch/x86/trap,entry trap extable fault user crash)

# kernel/test
OBJS += $(call in,kernel/test,ktest gate explore explore_tlb explore_report sweep inject check_dev)
ifeq ($(MMU_NOTIFIER),y)
OBJS += $(call in,kernel/test,recorder plant listen)
endif

# tests/kernel: one suite a file
OBJS += $(call in,tests/kernel,test_coherence test_explore)
ifeq ($(MMU_NOTIFIER),y)
OBJS += $(call in,tests/kernel,test_mmu_notifier test_notifier_get test_interval_notifier test_sva test_dma_hw)
OBJS += $(call in,tests/kernel,notifier_toys toy_mirror toy_tlb toy_refs toy_remote toy_guest mm_ops test_notifier_example test_notifier_contract \
	test_notifier_order test_notifier_life test_notifier_stats test_notifier_storm test_rmap_notifier test_trace test_notifier_guest test_notifier_random)
OBJS += $(call in,tests/kernel,torture test_torture)
OBJS += $(call in,tests/kernel,test_explore_notifier test_explore_mm)
endif
OBJS += $(call in,tests/kernel,mm_fixture test_mm test_vma test_commit test_mmap test_mprotect test_mremap test_madvise test_page_advice test_guard test_userfaultfd test_userfaultfd_async test_userfaultfd_event test_mlock test_msync test_fork \
	test_uaccess test_fault test_anon test_filemap disk_fixture test_pagecache test_writeback test_shmem test_rmap test_nonlinear test_gup)
OBJS += $(call in,tests/kernel,test_clear_refs test_page_idle test_pagemap)
OBJS += $(call in,tests/kernel,test_hole test_memfd)
OBJS += $(call in,tests/kernel,test_lock_check test_spinlock test_mutex test_rwsem test_wait test_completion \
	test_rcu test_srcu test_smp_call test_runqueue test_sched test_kthread test_timer)
OBJS += $(call in,tests/kernel,test_boot_info test_acpi test_percpu test_lapic test_pte test_kernel_map \
	test_trap test_backtrace test_thread test_smp)
OBJS += $(call in,tests/kernel,test_list test_string test_printf test_printk test_bitmap test_rbtree test_interval_tree \
	test_radix_map test_parse test_glob test_crc32c test_ubsan test_ktest test_gate test_inject)

OBJS += $(call in,tests/kernel,test_memblock test_page test_buddy test_slab test_vmalloc test_lru test_lru_balance test_workingset test_readahead test_swap_token \
	test_pgtable test_tlb test_swap_slot test_swap_cache test_swap_readahead test_swap_io test_swapfile test_reclaim test_check)

OBJS += $(call in,tests/kernel,test_block test_ramdisk test_pipe test_cred test_fdtable test_record_lock test_tmpfs test_vfs test_initramfs test_procfs \
	test_tty_ldisc test_sys_file test_vga test_ps2)

OBJS += $(call in,tests/kernel,test_pid test_elf test_exec test_signal test_futex test_clock)

# kernel/main.c
OBJS += kernel/main.o

# user programs, each one static binary: USER += /path/in/initramfs:user/source.c,
# several sources joined by +
USER :=
USER += bin/bench:user/bench.c+user/bench_map.c+user/bench_fault.c+user/bench_task.c+user/bench_file.c+user/bench_curve.c+user/bench_notifier.c
ifeq ($(MMU_NOTIFIER),y)
USER += bin/demo:user/demo.c
endif
USER += $(foreach p,memview memhog forkstorm mmapbench memstress,bin/$p:user/$p.c)
USER += init:user/init.c bin/sh:user/sh.c bin/tools:user/tools.c
# names under which bin/tools is called
TOOL_NAMES := true false echo cat ls ps mem kill sleep mkdir rm pwd poweroff
# programs that only test, in an archive of their own: TEST_PROGRAMS += /path:sources
TEST_PROGRAMS :=
ifeq ($(MMU_NOTIFIER),y)
TEST_PROGRAMS += tests/allocfail:user/allocfail.c
endif
TEST_PROGRAMS += tests/sysfuzz:user/sysfuzz.c+user/sysfuzz_args.c+user/sysfuzz_calls.c
TEST_PROGRAMS += tests/runtests:user/runtests.c
# tests/user: programs whose output on Linux is known
USER_TESTS := hello traps threads malloc signals process spawn futex memory mapping mlock madvise guard remap clocks badptr swap shmem
USER_TESTS += overcommit cow ranges status mseal pidfd tmpfile
USER_TESTS += pagemap pagescan pageidle softdirty smaps mem writeback memfd userfaultfd uffdevents readahead
USER_TESTS += procpid perms flock
USER_TESTS += waiting sysvshm shmperm splice kmsg writing locks transfer app-sort app-ring app-gc app-coro app-kv
TEST_PROGRAMS += $(foreach t,$(USER_TESTS),tests/$t:tests/user/$t.c)
# tests/diff: the same random operations here and on Linux, and what Linux answered
TEST_PROGRAMS += tests/mmdiff:$(subst $(empty) $(empty),+,$(sort $(wildcard tests/diff/*.c)))

# ---- flags -------------------------------------------------------------------
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
MUSL_CC ?= musl-gcc
WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wshadow \
	-Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers
# Warnings stop the build on the compilers that this tree is tested with.
TESTED_GCC := 12 13 14
ifneq ($(filter $(TESTED_GCC),$(firstword $(subst ., ,$(shell $(CC) -dumpversion)))),)
WARN += -Werror
endif
CPPFLAGS := -I. -nostdinc -isystem $(shell $(CC) -print-file-name=include) \
	$(foreach s,$(on),-DCONFIG_$s=1)
# Paths in the debug information are relative: any copy of the tree makes the
# same image, and gdb started at the top finds the sources. Without SSE nothing on
# a stack wants 16 bytes: calls need no padding.
CFLAGS := -std=gnu11 -O2 -g -fdebug-prefix-map=$(CURDIR)=. -ffreestanding -fno-pic -no-pie -mcmodel=kernel \
	-mno-red-zone -mno-mmx -mno-sse -mno-sse2 -mno-80387 -fcf-protection=none \
	-fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-strict-aliasing \
	-fno-common -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
	-mpreferred-stack-boundary=3 -fstack-protector-strong -mstack-protector-guard=global $(WARN)
# The checks a kernel can use: null pointers fault by themselves, and the
# hardware's packed tables are read unaligned on purpose.
SANITIZE := -fsanitize=shift,integer-divide-by-zero,unreachable,bounds,bool,enum \
	-fsanitize=signed-integer-overflow,vla-bound,return
ifneq ($(filter kernel/lib/ubsan.o,$(OBJS)),)
CFLAGS += $(if $(filter y,$(UBSAN)),$(SANITIZE))
endif
# The sanitizer's own report functions must not be checked by it.
$(B)/kernel/lib/ubsan.o: SANITIZE_OFF := -fno-sanitize=all
LDFLAGS := -nostdlib -n -z max-page-size=0x1000 --no-warn-rwx-segments \
	--no-warn-execstack --build-id=none
USER_CFLAGS := -std=gnu11 -O2 -g -static -I. -Wall -Wextra -Werror -Wno-unused-parameter

# ---- the kernel --------------------------------------------------------------
LDS := arch/x86/boot/kernel.lds
OBJ := $(addprefix $(B)/,$(OBJS))
.PHONY: kernel initramfs tests
kernel: $(if $(wildcard $(LDS)),$(B)/lockstep.elf,$(OBJ))

# Recompile when the compiler or a flag changes, not only when a file does.
stamp := $(subst $(CURDIR),.,$(shell $(CC) --version | head -1) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))
ifneq ($(stamp),$(file <$(B)/stamp))
$(shell mkdir -p $(B))
$(file >$(B)/stamp,$(stamp))
endif

$(B)/%.o: %.c $(B)/stamp
	$(call say,CC $<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(SANITIZE_OFF) -MMD -MP -c $< -o $@
$(B)/%.o: %.S $(B)/stamp
	$(call say,AS $<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -D__ASSEMBLY__ -g -fdebug-prefix-map=$(CURDIR)=. -MMD -MP -c $< -o $@
# `make mm/rmap.o` compiles one file, listed above or not.
ONE := $(filter-out build/%,$(filter %.o,$(MAKECMDGOALS)))
.PHONY: $(ONE)
$(ONE): %.o: $(B)/%.o
-include $(OBJ:.o=.d) $(patsubst %.o,$(B)/%.d,$(ONE))

$(B)/lockstep.elf: $(OBJ) $(LDS) tools/ksyms tools/link Makefile
	$(call say,LD $@)
	$(Q)CC='$(CC)' LDFLAGS='$(LDFLAGS)' tools/link $(B) $(LDS) $(OBJ)

# ---- user programs and the archives -----------------------------------------
# The product's programs are under rootfs/, those that only test it under testfs/.
user_out = $(B)/$1/$(firstword $(subst :, ,$2))
user_files = $(foreach u,$2,$(call user_out,$1,$u))
define user_rule
$(call user_out,$1,$2): $(subst +, ,$(lastword $(subst :, ,$2))) $(wildcard user/*.h tests/user/*.h tests/diff/*.h include/uapi/*.h include/uapi/*/*.h)
	$$(call say,USER $$<)
	$$(Q)mkdir -p $$(@D) && $(MUSL_CC) $(USER_CFLAGS) $$(filter %.c,$$^) -o $$@
endef
$(foreach u,$(USER),$(eval $(call user_rule,rootfs,$u)))
$(foreach u,$(TEST_PROGRAMS),$(eval $(call user_rule,testfs,$u)))
user_links := $(TOOL_NAMES:%=$(B)/rootfs/bin/%)
$(user_links): $(B)/rootfs/bin/tools
	$(Q)ln -sfn tools $@
# scripts and expected outputs, as they are
test_texts := $(patsubst tests/user/%.sh,$(B)/testfs/tests/%,$(wildcard tests/user/*.sh)) \
	$(patsubst tests/user/%,$(B)/testfs/tests/%,$(wildcard tests/user/expected/*)) \
	$(B)/testfs/tests/mmdiff.expected
$(B)/testfs/tests/%: tests/user/%.sh
	$(Q)mkdir -p $(@D) && install $< $@
$(B)/testfs/tests/expected/%: tests/user/expected/%
	$(Q)mkdir -p $(@D) && cp $< $@
$(B)/testfs/tests/mmdiff.expected: tests/diff/expected
	$(Q)mkdir -p $(@D) && cp $< $@
initramfs: $(B)/initramfs.cpio
$(B)/initramfs.cpio: $(call user_files,rootfs,$(USER)) $(user_links) $(shell find user/etc -type f 2>/dev/null) tools/initramfs Makefile
	$(call say,CPIO $@)
	$(Q)mkdir -p $(B)/rootfs && tools/initramfs $@ $(B)/rootfs $(wildcard user/etc)
tests: $(B)/tests.cpio
$(B)/tests.cpio: $(call user_files,testfs,$(TEST_PROGRAMS)) $(test_texts) tools/initramfs Makefile
	$(call say,CPIO $@)
	$(Q)tools/initramfs --only $@ $(B)/testfs

# ---- targets -----------------------------------------------------------------
.PHONY: run boot test test-long stress check unit bench debug replay format iso print-set print-sources tags clean help
run: ; $(Q)tools/run
boot: ; $(Q)tools/boot
iso: $(B)/lockstep.iso
$(B)/lockstep.iso: $(B)/lockstep.elf $(B)/initramfs.cpio tools/iso iso/grub.cfg
	$(call say,ISO $@)
	$(Q)tools/iso $@ $(B)/lockstep.elf $(B)/initramfs.cpio '$(APPEND)'
test: ; $(Q)tools/test
test-long: ; $(Q)LONG=y tools/test
stress: ; $(Q)TEST='$(TEST)' N='$(N)' tools/stress
check: ; $(Q)tools/check
unit: ; $(Q)tools/unit $(TEST)
bench: ; $(Q)tools/bench
debug: ; $(Q)TEST='$(TEST)' tools/debug
replay: ; $(Q)TEST='$(TEST)' tools/replay
format: ; $(Q)clang-format -i $(or $(FILES),$(error FILES= names the files to lay out))
print-set:
	@echo $(SET)
print-sources:
	@ls $(foreach o,$(OBJS),$(wildcard $(o:.o=.c) $(o:.o=.S)))
tags:
	$(Q)ctags -R --languages=C,Asm arch kernel mm fs drivers include user
clean:
	$(Q)rm -rf build tags
help: ; $(Q)tools/help '$B'
