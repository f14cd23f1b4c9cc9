/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/uffd.h - the calls of userfaultfd, for several user tests
 */
#ifndef TESTS_USER_UFFD_H
#define TESTS_USER_UFFD_H

#include "tests/user/test.h"

#include <sys/ioctl.h>

/* musl has no names for these. */
#define UFFD_API 0xaaUL
struct uffd_msg { uint8_t event, pad[7]; uint64_t flags, address, ptid; };
struct uffdio_api { uint64_t api, features, ioctls; };
struct uffdio_range { uint64_t start, len; };
struct uffdio_register { struct uffdio_range range; uint64_t mode, ioctls; };
struct uffdio_copy { uint64_t dst, src, len, mode; int64_t copy; };
struct uffdio_zeropage { struct uffdio_range range; uint64_t mode; int64_t zeropage; };
#define UFFDIO_API 0xc018aa3f
#define UFFDIO_REGISTER 0xc020aa00
#define UFFDIO_UNREGISTER 0x8010aa01
#define UFFDIO_WAKE 0x8010aa02
#define UFFDIO_COPY 0xc028aa03
#define UFFDIO_ZEROPAGE 0xc020aa04
#define FEATURE_FORK (1 << 1)
#define FEATURE_REMAP (1 << 2)
#define FEATURE_REMOVE (1 << 3)
#define FEATURE_UNMAP (1 << 6)
#define FEATURE_SIGBUS (1 << 7)
#define FEATURE_THREAD_ID (1 << 8)
#define FEATURE_EXACT_ADDRESS (1 << 11)
#define UFFDIO_WRITEPROTECT 0xc018aa06
#define UFFDIO_MOVE 0xc028aa05
#define UFFDIO_CONTINUE 0xc020aa07
#define UFFDIO_POISON 0xc020aa08
#define FEATURE_WP_UNPOPULATED (1 << 13)
#define FEATURE_WP_ASYNC (1 << 15)
#define MINOR 4
#define MISSING 1
#define WP 2
#define DONTWAKE 1
#define COPY_WP 2
#define HOLES 2

static inline int uffd_new(int flags, uint64_t features)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | flags);
	struct uffdio_api api = { .api = UFFD_API, .features = features };

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		printf("userfaultfd: -%s\n", errno_name(errno));
	return fd;
}

/* 0 or the errno of each call. */
static inline int reg(int fd, void *p, unsigned long pages, uint64_t mode)
{
	struct uffdio_register r = { { (uintptr_t)p, pages * PAGE }, mode, 0 };

	return ioctl(fd, UFFDIO_REGISTER, &r) ? errno : 0;
}

static inline int unreg(int fd, void *p, unsigned long pages)
{
	struct uffdio_range r = { (uintptr_t)p, pages * PAGE };

	return ioctl(fd, UFFDIO_UNREGISTER, &r) ? errno : 0;
}

static inline int wake(int fd, void *p, unsigned long pages)
{
	struct uffdio_range r = { (uintptr_t)p, pages * PAGE };

	return ioctl(fd, UFFDIO_WAKE, &r) ? errno : 0;
}

static int64_t how_far;

static inline int copy(int fd, void *to, const void *from, unsigned long len, uint64_t mode)
{
	struct uffdio_copy c = { (uintptr_t)to, (uintptr_t)from, len, mode, 77 };
	int err = ioctl(fd, UFFDIO_COPY, &c) ? errno : 0;

	how_far = c.copy;
	return err;
}

static inline int zero(int fd, void *p, unsigned long pages, uint64_t mode)
{
	struct uffdio_zeropage z = { { (uintptr_t)p, pages * PAGE }, mode, 77 };
	int err = ioctl(fd, UFFDIO_ZEROPAGE, &z) ? errno : 0;

	how_far = z.zeropage;
	return err;
}

/* UFFDIO_CONTINUE, UFFDIO_POISON: as zero(). */
static inline int range_call(int fd, unsigned long call, void *p, unsigned long pages,
			     uint64_t mode)
{
	struct uffdio_zeropage z = { { (uintptr_t)p, pages * PAGE }, mode, 77 };
	int err = ioctl(fd, call, &z) ? errno : 0;

	how_far = z.zeropage;
	return err;
}

static inline int cont(int fd, void *p, unsigned long pages, uint64_t mode)
{
	return range_call(fd, UFFDIO_CONTINUE, p, pages, mode);
}

static inline int poison(int fd, void *p, unsigned long pages, uint64_t mode)
{
	return range_call(fd, UFFDIO_POISON, p, pages, mode);
}

static inline int move(int fd, void *to, void *from, unsigned long len, uint64_t mode)
{
	struct uffdio_copy m = { (uintptr_t)to, (uintptr_t)from, len, mode, 77 };
	int err = ioctl(fd, UFFDIO_MOVE, &m) ? errno : 0;

	how_far = m.copy;
	return err;
}

/* @mode: 1 protect, 2 lift and do not wake */
static inline int wp(int fd, void *p, unsigned long pages, uint64_t mode)
{
	struct { struct uffdio_range range; uint64_t mode; } w = {
		{ (uintptr_t)p, pages * PAGE }, mode
	};

	return ioctl(fd, UFFDIO_WRITEPROTECT, &w) ? errno : 0;
}

#endif
