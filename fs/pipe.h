/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/pipe.h - pipes: two files, one ring of bytes
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "include/types.h"

struct file;
struct iobuf;
struct pipe;

/*
 * Make a pipe: *@reader and *@writer are open files with one reference each.
 * @flags: O_NONBLOCK, O_CLOEXEC (ignored here). May sleep. Return: 0 or -ENOMEM.
 */
int __must_check pipe_open(struct file **reader, struct file **writer, unsigned int flags);

/* The pipe behind @file, which keeps it; NULL: it is none. Context: any. */
struct pipe *pipe_of(const struct file *file);

/* Takes @n of a pipe's @bytes, or puts @n there. Return: how many, 0: no more; -errno. */
typedef ssize_t pipe_move_fn(void *arg, char *bytes, size_t n);

/*
 * Move up to @len bytes out of @pipe, or into it, once there are some, or is room: what
 * is possible then. @move is called with the pipe locked. May sleep.
 * Return: bytes; 0: the end, of those who write or of what @move has; -EAGAIN for
 * @nonblock, -EINTR, -EPIPE, or what @move said to the first ones.
 */
ssize_t pipe_splice_from(struct pipe *pipe, size_t len, bool nonblock, pipe_move_fn *move,
			 void *arg);
ssize_t pipe_splice_to(struct pipe *pipe, size_t len, bool nonblock, pipe_move_fn *move,
		       void *arg);
/* The same to and from a program. */
ssize_t pipe_read_to(struct pipe *pipe, struct iobuf *io, bool nonblock);
ssize_t pipe_write_from(struct pipe *pipe, struct iobuf *io, bool nonblock);
/* The same from @in to another pipe @out; @keep: the bytes stay in @in, too. */
ssize_t pipe_splice_pipes(struct pipe *in, struct pipe *out, size_t len, bool nonblock,
			  bool keep);

/*
 * Who sends SIGPIPE to the running thread when it writes to a pipe that nobody
 * reads (a layer above).
 */
void pipe_set_sigpipe(void (*send)(void));

#endif
