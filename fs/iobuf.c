/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/iobuf.c - moving bytes between a file and whoever reads or writes it
 *
 * Concept    A cursor over pieces of memory. Copies stop at the first byte that
 *            faults; what was moved before it counts.
 * Owns       Nothing.
 * Locks      None; user copies take mmap_lock inside a page fault.
 * Invariants left is the sum of the pieces minus what was moved; offset is less
 *            than the current piece's length, or the piece is the last:
 *            iobuf_advance().
 * Callers    every file operation
 * Next       fs/file.c
 */
#include "fs/iobuf.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "mm/uaccess.h"

static void iobuf_one(struct iobuf *io, void *buf, size_t len, bool user)
{
	io->one.iov_base = buf;
	io->one.iov_len = len;
	io->iov = &io->one;
	io->nr = 1;
	io->offset = 0;
	io->left = len;
	io->user = user;
}

void iobuf_kernel(struct iobuf *io, void *buf, size_t len)
{
	iobuf_one(io, buf, len, false);
}

void iobuf_user(struct iobuf *io, void __user *buf, size_t len)
{
	iobuf_one(io, buf, len, true);
}

void iobuf_user_vec(struct iobuf *io, const struct iovec *iov, unsigned int nr)
{
	io->iov = iov;
	io->nr = nr;
	io->offset = 0;
	io->left = 0;
	io->user = true;
	for (unsigned int i = 0; i < nr; i++)
		io->left += iov[i].iov_len;
}

/* Step over empty pieces, so that the current one has a byte if any has. */
static void iobuf_settle(struct iobuf *io)
{
	while (io->nr > 1 && io->offset == io->iov->iov_len) {
		io->iov++;
		io->nr--;
		io->offset = 0;
	}
}

static void iobuf_advance(struct iobuf *io, size_t n)
{
	ASSERT(n <= io->left && n <= io->iov->iov_len - io->offset);
	io->offset += n;
	io->left -= n;
	iobuf_settle(io);
}

/* The current place, and how much of @n fits into its piece. */
static char *iobuf_here(struct iobuf *io, size_t n, size_t *chunk)
{
	iobuf_settle(io);
	*chunk = min(n, (size_t)(io->iov->iov_len - io->offset));
	return (char *)io->iov->iov_base + io->offset;
}

size_t iobuf_copy_to(struct iobuf *io, const void *src, size_t n)
{
	size_t done = 0, chunk, missed = 0;

	n = min(n, io->left);
	while (done < n && !missed) {
		char *dst = iobuf_here(io, n - done, &chunk);

		if (io->user)
			missed = copy_to_user_partial(dst, (const char *)src + done, chunk);
		else
			memcpy(dst, (const char *)src + done, chunk);
		iobuf_advance(io, chunk - missed);
		done += chunk - missed;
	}
	return done;
}

size_t iobuf_copy_from(struct iobuf *io, void *dst, size_t n)
{
	size_t done = 0, chunk, missed = 0;

	n = min(n, io->left);
	while (done < n && !missed) {
		char *src = iobuf_here(io, n - done, &chunk);

		if (io->user)
			missed = copy_from_user_partial((char *)dst + done, src, chunk);
		else
			memcpy((char *)dst + done, src, chunk);
		iobuf_advance(io, chunk - missed);
		done += chunk - missed;
	}
	return done;
}

size_t iobuf_zero(struct iobuf *io, size_t n)
{
	static const char zeros[512];
	size_t done = 0, chunk, moved;

	n = min(n, io->left);
	while (done < n) {
		chunk = min(n - done, sizeof(zeros));
		moved = iobuf_copy_to(io, zeros, chunk);
		done += moved;
		if (moved < chunk)
			break;
	}
	return done;
}

void iobuf_skip(struct iobuf *io, size_t n)
{
	size_t chunk;

	for (n = min(n, io->left); n; n -= chunk) {
		(void)iobuf_here(io, n, &chunk);
		iobuf_advance(io, chunk);
	}
}

void iobuf_revert(struct iobuf *io, size_t n)
{
	io->left += n;
	while (n > io->offset) {
		n -= io->offset;
		io->iov--;
		io->nr++;
		io->offset = io->iov->iov_len;
	}
	io->offset -= n;
}
