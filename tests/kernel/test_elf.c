/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_elf.c - suite elf: headers that somebody wrote with intent
 */
#include "kernel/task/exec.h"

#include "include/uapi/elf.h"
#include "include/uapi/mman.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"
#include "mm/mm.h"

#define FILE_SIZE 0x10000

/* A good image: code at 0x400000, data with bss behind it. */
struct image {
	struct elf64_ehdr eh;
	struct elf64_phdr ph[ELF_PHNUM_MAX];	/* as many as a damaged header may ask for */
};
static struct image im;

static void image_make(void)
{
	memset(&im, 0, sizeof(im));
	memcpy(im.eh.e_ident, "\177ELF", 4);
	im.eh.e_ident[EI_CLASS] = ELFCLASS64;
	im.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	im.eh.e_ident[EI_VERSION] = EV_CURRENT;
	im.eh.e_type = ET_EXEC;
	im.eh.e_machine = EM_X86_64;
	im.eh.e_entry = 0x401000;
	im.eh.e_phoff = sizeof(im.eh);
	im.eh.e_phentsize = sizeof(im.ph[0]);
	im.eh.e_phnum = 2;
	im.ph[0] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X,
		.p_vaddr = 0x400000, .p_filesz = 0x2000, .p_memsz = 0x2000 };
	im.ph[1] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W,
		.p_offset = 0x2100, .p_vaddr = 0x403100, .p_filesz = 0x100, .p_memsz = 0x3000 };
}

static int image_parse(struct elf_image *out)
{
	u64 phoff;
	u32 phnum;
	int err = elf_parse_header(&im, sizeof(im), FILE_SIZE, &phoff, &phnum);

	return err ? err : elf_parse_segments(&im, im.ph, FILE_SIZE, out);
}

KTEST_QUICK(elf, a_good_image_is_understood)
{
	struct elf_image out;

	image_make();
	KT_EQ(image_parse(&out), 0);
	KT_EQ(out.nr_segments, 2);
	KT_EQ(out.low, 0x400000);
	KT_EQ(out.high, 0x407000);
	KT_EQ(out.entry, 0x401000);
	KT_EQ(out.phdr, 0x400040);
	KT_EQ(out.segments[1].prot, PROT_READ | PROT_WRITE);
	KT_TRUE(!out.relocatable);
}

/* Change one field of a good image and expect @err. */
#define REFUSED(change, err)						\
	do {								\
		struct elf_image _out;					\
									\
		image_make();					\
		change;							\
		KT_CHECK_EQ(image_parse(&_out), err);		\
	} while (0)

KTEST_QUICK(elf, strange_files_are_refused)
{
	REFUSED(im.eh.e_ident[0] = 0, -ENOEXEC);
	REFUSED(im.eh.e_ident[EI_CLASS] = 1, -ENOEXEC);
	REFUSED(im.eh.e_machine = 3, -ENOEXEC);
	REFUSED(im.eh.e_type = 1, -ENOEXEC);
	REFUSED(im.eh.e_phentsize = 32, -ENOEXEC);
	REFUSED(im.eh.e_phnum = 0, -ENOEXEC);
	REFUSED(im.eh.e_phnum = 0xffff, -ENOEXEC);
	REFUSED(im.eh.e_phoff = ~0UL - 8, -ENOEXEC);
	REFUSED(im.eh.e_phoff = FILE_SIZE - 50, -ENOEXEC);
	REFUSED(im.ph[1].p_type = PT_INTERP, -ENOENT);
}

KTEST_QUICK(elf, segments_that_reach_too_far_are_refused)
{
	REFUSED(im.ph[1].p_filesz = 0x4000, -ENOEXEC);
	REFUSED(im.ph[1].p_offset = ~0UL - 0xeff, -ENOEXEC);
	REFUSED(im.ph[1].p_offset = FILE_SIZE + 0x100, -ENOEXEC);
	REFUSED(im.ph[1].p_memsz = ~0UL, -ENOEXEC);
	REFUSED(im.ph[1].p_vaddr = MM_USER_TOP - 0xf00, -ENOEXEC);
	REFUSED(im.ph[1].p_vaddr = 0xffffffff80000100, -ENOEXEC);
	REFUSED(im.ph[1].p_vaddr = ~0UL - 0xeff, -ENOEXEC);
	REFUSED(im.ph[0].p_vaddr = 0, -ENOEXEC);
}

KTEST_QUICK(elf, segments_that_do_not_fit_together_are_refused)
{
	REFUSED(im.ph[1].p_vaddr = 0x403200, -ENOEXEC);	/* not congruent to the file */
	REFUSED(im.ph[1].p_vaddr = 0x401100, -ENOEXEC);	/* same pages as the code */
	REFUSED(im.ph[1].p_vaddr = 0x3f0100, -ENOEXEC);	/* descending */
	REFUSED(im.eh.e_entry = 0x403100, -ENOEXEC);	/* entry is data */
	REFUSED(im.eh.e_entry = 0xffffffff80100000, -ENOEXEC);
	REFUSED(im.ph[0].p_type = im.ph[1].p_type = 0, -ENOEXEC);
}

/* Whatever the bytes are: an image that is accepted keeps what the loader relies on. */
KTEST(elf, random_damage_never_yields_an_unsafe_image)
{
	struct rand_state r;
	int accepted = 0;

	rand_seed(&r, 42);
	for (int round = 0; round < 20000; round++) {
		struct elf_image out;
			u64 end = 0;

		image_make();
		for (u64 n = 1 + rand_below(&r, 4); n; n--) {
			size_t at = rand_below(&r, sizeof(im.eh) + 2 * sizeof(im.ph[0]));
			u8 value = (u8)rand_u64(&r);

			memcpy((u8 *)&im + at, &value, 1);
		}
		if (image_parse(&out))
			continue;
		accepted++;
		for (u32 i = 0; i < out.nr_segments; i++) {
			struct elf_segment *s = &out.segments[i];

			KT_LE(s->filesz, s->memsz);
			KT_LE(s->memsz, MM_USER_TOP);
			KT_LE(s->va, MM_USER_TOP - s->memsz);
			KT_LE(s->filesz, FILE_SIZE);
			KT_LE(s->offset, FILE_SIZE - s->filesz);
			KT_GE(round_down(s->va, PAGE_SIZE), end);
			KT_EQ((s->va ^ s->offset) % PAGE_SIZE, 0);
			end = PAGE_ALIGN(s->va + s->memsz);
		}
	}
	KT_GT(accepted, 0);
}
