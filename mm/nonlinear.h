/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/nonlinear.h - mappings that show the pages of a file in any order
 */
#ifndef MM_NONLINEAR_H
#define MM_NONLINEAR_H

#include "include/types.h"

struct address_space;
struct page;
struct rmap_walk_control;

/*
 * The nonlinear VMAs of @mapping for rmap_walk(): every entry of each is looked at, and
 * @rwc->one called where it maps @page. Context: i_mmap_rwsem held; may sleep.
 */
void nonlinear_walk(struct page *page, struct address_space *mapping,
		    struct rmap_walk_control *rwc);

/*
 * The same for try_to_unmap(): unmap what was not used lately, @page or not, a cluster
 * at a time, until as many entries are gone as @page has or every VMA was passed once.
 * Second MMUs hear a bracket for each cluster. @flags: enum ttu_flag. Context: page
 * locked, i_mmap_rwsem held; may sleep. Return: false if all these VMAs are locked.
 */
bool nonlinear_unmap(struct page *page, struct address_space *mapping, unsigned int flags);

/*
 * From @start on @size bytes of a shared file mapping show the file from page @pgoff on.
 * @prot must be 0; of @flags MAP_NONBLOCK counts. Return: 0, -EINVAL, -EOVERFLOW,
 * -ENOMEM, -EINTR; in each of these nothing has changed that can be seen.
 */
long sys_remap_file_pages(unsigned long start, unsigned long size, unsigned long prot,
			  unsigned long pgoff, unsigned long flags);

#endif
