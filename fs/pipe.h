/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/pipe.h - pipes: two files, one ring of bytes
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "include/types.h"

struct file;

/*
 * Make a pipe: *@reader and *@writer are open files with one reference each.
 * @flags: O_NONBLOCK, O_CLOEXEC (ignored here). May sleep. Return: 0 or -ENOMEM.
 */
int __must_check pipe_open(struct file **reader, struct file **writer, unsigned int flags);

/*
 * Who sends SIGPIPE to the running thread when it writes to a pipe that nobody
 * reads (a layer above).
 */
void pipe_set_sigpipe(void (*send)(void));

#endif
