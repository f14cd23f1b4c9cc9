/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/seq_file.h - the file operations behind a show function (see fs/proc.h)
 */
#ifndef FS_SEQ_FILE_H
#define FS_SEQ_FILE_H

#include "include/types.h"
#include "fs/file.h"
#include "fs/proc.h"

/* ->open: @show prints this file. May sleep. Return: 0 or -ENOMEM. */
int __must_check seq_open(struct file *file, proc_show_fn *show, pid_t pid, void *private);
/* What seq_open() was given. */
void *seq_private(struct file *file);
/* ->read and ->release of such a file. */
ssize_t seq_read(struct file *file, struct iobuf *io, loff_t *pos);
void seq_release(struct file *file);

#endif
