/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/elf.c - reads and judges the headers of an ELF program
 *
 * Concept    An ELF file is somebody's claim about what should lie where. The
 *            reader turns the claim into a struct elf_image that the loader can
 *            trust blindly, or refuses it. It touches no process and no file:
 *            bytes in, verdict out, so that tests can feed it malice.
 *
 *                file:   [ehdr][phdrs] [--- R ---][--- RX ---][-- RW --]
 *                                      |          |           |        \  bss:
 *                memory:           low [--- R ---][--- RX ---][-- RW --|00] high
 *
 * Owns       Nothing.
 * Locks      None.
 * Invariants Of an image that is returned: segments ascend, no two share a
 *            page, va and offset are congruent modulo the page size, filesz <=
 *            memsz, all of them in [low, high) and the file; the entry point lies in an
 *            executable one.
 *            All sums are made after the check that they cannot overflow.
 * Callers    exec.c, tests/kernel/test_elf.c.
 * Next       exec.c
 */
#include "kernel/task/exec.h"

#include "include/uapi/elf.h"
#include "include/uapi/mman.h"
#include "kernel/lib/string.h"
#include "mm/mm.h"

/* [start, start + len) lies inside [0, limit), without overflow. */
static bool elf_range_inside(u64 start, u64 len, u64 limit)
{
	return start <= limit && len <= limit - start;
}

int elf_parse_header(const void *head, u64 head_len, u64 file_size, u64 *phoff, u32 *phnum)
{
	struct elf64_ehdr eh;

	if (head_len < sizeof(eh))
		return -ENOEXEC;
	memcpy(&eh, head, sizeof(eh));
	if (memcmp(eh.e_ident, "\177ELF", 4) || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_ident[EI_VERSION] != EV_CURRENT)
		return -ENOEXEC;
	if ((eh.e_type != ET_EXEC && eh.e_type != ET_DYN) || eh.e_machine != EM_X86_64)
		return -ENOEXEC;
	if (eh.e_phentsize != sizeof(struct elf64_phdr))
		return -ENOEXEC;
	if (eh.e_phnum == 0 || eh.e_phnum > ELF_PHNUM_MAX)
		return -ENOEXEC;
	if (!elf_range_inside(eh.e_phoff, (u64)eh.e_phnum * sizeof(struct elf64_phdr), file_size))
		return -ENOEXEC;
	*phoff = eh.e_phoff;
	*phnum = eh.e_phnum;
	return 0;
}

static u32 elf_prot(u32 p_flags)
{
	return (p_flags & PF_R ? PROT_READ : 0) | (p_flags & PF_W ? PROT_WRITE : 0) |
	       (p_flags & PF_X ? PROT_EXEC : 0);
}

/* Append one PT_LOAD to @out, or say what is wrong with it. */
static int elf_add_segment(struct elf_image *out, const struct elf64_phdr *ph, u64 file_size)
{
	struct elf_segment *seg;
	u64 first_page;

	if (ph->p_memsz == 0)
		return 0;
	if (out->nr_segments == ELF_SEGMENTS_MAX)
		return -ENOEXEC;
	if (ph->p_filesz > ph->p_memsz || !elf_range_inside(ph->p_offset, ph->p_filesz, file_size))
		return -ENOEXEC;
	if (!elf_range_inside(ph->p_vaddr, ph->p_memsz, MM_USER_TOP))
		return -ENOEXEC;
	if ((ph->p_vaddr ^ ph->p_offset) & ~PAGE_MASK)
		return -ENOEXEC;
	first_page = round_down(ph->p_vaddr, PAGE_SIZE);
	if (!out->relocatable && first_page < MM_USER_MIN)
		return -ENOEXEC;
	if (out->nr_segments && first_page < out->high)
		return -ENOEXEC;

	seg = &out->segments[out->nr_segments++];
	seg->va = ph->p_vaddr;
	seg->memsz = ph->p_memsz;
	seg->offset = ph->p_offset;
	seg->filesz = ph->p_filesz;
	seg->prot = elf_prot(ph->p_flags);
	if (out->nr_segments == 1)
		out->low = first_page;
	out->high = PAGE_ALIGN(ph->p_vaddr + ph->p_memsz);
	return 0;
}

/* The segment whose file bytes or memory hold @va, or NULL. */
static const struct elf_segment *elf_segment_at(const struct elf_image *img, u64 va)
{
	for (u32 i = 0; i < img->nr_segments; i++) {
		const struct elf_segment *seg = &img->segments[i];

		if (va >= seg->va && va - seg->va < seg->memsz)
			return seg;
	}
	return NULL;
}

/* Where the program headers lie in memory: in the segment that maps e_phoff. */
static u64 elf_phdr_va(const struct elf_image *img, u64 phoff, u64 phdrs_len)
{
	for (u32 i = 0; i < img->nr_segments; i++) {
		const struct elf_segment *seg = &img->segments[i];

		if (phoff >= seg->offset && phoff - seg->offset <= seg->filesz &&
		    phdrs_len <= seg->filesz - (phoff - seg->offset))
			return seg->va + (phoff - seg->offset);
	}
	return 0;
}

int elf_parse_segments(const void *head, const void *phdrs, u64 file_size, struct elf_image *out)
{
	const struct elf_segment *code;
	struct elf64_ehdr eh;
	int err;

	memcpy(&eh, head, sizeof(eh));
	memset(out, 0, sizeof(*out));
	out->relocatable = eh.e_type == ET_DYN;
	out->entry = eh.e_entry;
	out->phnum = eh.e_phnum;
	out->phent = eh.e_phentsize;
	for (u32 i = 0; i < eh.e_phnum; i++) {
		struct elf64_phdr ph;

		memcpy(&ph, (const u8 *)phdrs + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_INTERP)
			return -ENOENT;
		if (ph.p_type != PT_LOAD)
			continue;
		err = elf_add_segment(out, &ph, file_size);
		if (err)
			return err;
	}
	code = elf_segment_at(out, out->entry);
	if (!code || !(code->prot & PROT_EXEC))
		return -ENOEXEC;
	out->phdr = elf_phdr_va(out, eh.e_phoff, (u64)eh.e_phnum * eh.e_phentsize);
	return 0;
}
