/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/iobuf.h - where the bytes of a read go, or the bytes of a write come from
 *
 * A file operation does not know whether its caller is a program (several pieces
 * of user memory, any of them hostile) or the kernel. It moves bytes with the
 * calls below, which advance through the pieces and survive every fault.
 */
#ifndef FS_IOBUF_H
#define FS_IOBUF_H

#include "include/types.h"
#include "include/uapi/uio.h"

struct iobuf {
	const struct iovec *iov;	/* the pieces, checked and in kernel memory */
	unsigned int nr;		/* pieces left, the current one included */
	size_t offset;			/* bytes of the current piece already moved */
	size_t left;			/* bytes left in all pieces */
	bool user;			/* the pieces are user addresses */
	struct iovec one;		/* the piece, if there is only one */
};

/* One piece of kernel memory; of user memory. Context: any. */
void iobuf_kernel(struct iobuf *io, void *buf, size_t len);
void iobuf_user(struct iobuf *io, void __user *buf, size_t len);
/* Several pieces of user memory; @iov is kernel memory that outlives @io. */
void iobuf_user_vec(struct iobuf *io, const struct iovec *iov, unsigned int nr);

/*
 * Move @n bytes (at most what is left) from @src into the buffer, or out of the
 * buffer to @dst.
 * Context: may sleep (user pages fault in); locks ranked inside LOCK_MMAP must
 * not be held.
 * Return: bytes moved; fewer than asked for means a fault or the end.
 */
size_t __must_check iobuf_copy_to(struct iobuf *io, const void *src, size_t n);
size_t __must_check iobuf_copy_from(struct iobuf *io, void *dst, size_t n);
/* The same with zeros as the source. */
size_t __must_check iobuf_zero(struct iobuf *io, size_t n);
/* Count @n bytes of a write as taken without looking at them. */
void iobuf_skip(struct iobuf *io, size_t n);

/*
 * Go @n bytes back, which were moved last: a call that can not use all that it
 * has copied out. The pieces before the current one are still there.
 */
void iobuf_revert(struct iobuf *io, size_t n);

#endif
