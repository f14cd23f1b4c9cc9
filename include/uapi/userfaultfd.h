/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/userfaultfd.h - faults that a program answers itself (Linux x86-64)
 */
#ifndef INCLUDE_UAPI_USERFAULTFD_H
#define INCLUDE_UAPI_USERFAULTFD_H

#include "include/types.h"

/* For userfaultfd(2), besides O_CLOEXEC and O_NONBLOCK. */
#define UFFD_USER_MODE_ONLY 1

#define UFFD_API 0xaaUL

/* What is sent to the reader. */
#define UFFD_EVENT_PAGEFAULT 0x12
#define UFFD_EVENT_FORK 0x13
#define UFFD_EVENT_REMAP 0x14
#define UFFD_EVENT_REMOVE 0x15
#define UFFD_EVENT_UNMAP 0x16

struct uffd_msg {
	u8 event;
	u8 pad1;
	u16 pad2;
	u32 pad3;
	union {
		struct {
			u64 flags;	/* UFFD_PAGEFAULT_FLAG_* */
			u64 address;
			u64 ptid;	/* UFFD_FEATURE_THREAD_ID */
		};
		struct { u32 ufd; } fork;	/* the reader's, for the child's memory */
		struct { u64 from, to, len; } remap;
		struct { u64 start, end; } remove;	/* UFFD_EVENT_UNMAP, too */
	};
};

#define UFFD_PAGEFAULT_FLAG_WRITE BIT(0)
#define UFFD_PAGEFAULT_FLAG_WP BIT(1)
#define UFFD_PAGEFAULT_FLAG_MINOR BIT(2)

/* Linux's other bits are refused. */
#define UFFD_FEATURE_PAGEFAULT_FLAG_WP BIT(0)
#define UFFD_FEATURE_EVENT_FORK BIT(1)
#define UFFD_FEATURE_EVENT_REMAP BIT(2)
#define UFFD_FEATURE_EVENT_REMOVE BIT(3)
#define UFFD_FEATURE_MISSING_SHMEM BIT(5)
#define UFFD_FEATURE_EVENT_UNMAP BIT(6)
#define UFFD_FEATURE_SIGBUS BIT(7)
#define UFFD_FEATURE_THREAD_ID BIT(8)
#define UFFD_FEATURE_MINOR_SHMEM BIT(10)
#define UFFD_FEATURE_EXACT_ADDRESS BIT(11)
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM BIT(12)
#define UFFD_FEATURE_WP_UNPOPULATED BIT(13)
#define UFFD_FEATURE_POISON BIT(14)
#define UFFD_FEATURE_WP_ASYNC BIT(15)
#define UFFD_FEATURE_MOVE BIT(16)

struct uffdio_api {
	u64 api, features, ioctls;
};

struct uffdio_range {
	u64 start, len;			/* bytes, of whole pages */
};

#define UFFDIO_REGISTER_MODE_MISSING BIT(0)
#define UFFDIO_REGISTER_MODE_WP BIT(1)
#define UFFDIO_REGISTER_MODE_MINOR BIT(2)

struct uffdio_register {
	struct uffdio_range range;
	u64 mode;
	u64 ioctls;			/* out: BIT() of the numbers below */
};

#define UFFDIO_COPY_MODE_DONTWAKE BIT(0)
#define UFFDIO_COPY_MODE_WP BIT(1)

struct uffdio_copy {
	u64 dst, src, len;
	u64 mode;
	s64 copy;			/* out: bytes, or -errno */
};

#define UFFDIO_ZEROPAGE_MODE_DONTWAKE BIT(0)

struct uffdio_zeropage {
	struct uffdio_range range;
	u64 mode;
	s64 zeropage;			/* out: bytes, or -errno */
};

#define UFFDIO_MOVE_MODE_DONTWAKE BIT(0)
#define UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES BIT(1)

struct uffdio_move {
	u64 dst, src, len;
	u64 mode;
	s64 move;			/* out: bytes, or -errno */
};

#define UFFDIO_WRITEPROTECT_MODE_WP BIT(0)
#define UFFDIO_WRITEPROTECT_MODE_DONTWAKE BIT(1)

struct uffdio_writeprotect {
	struct uffdio_range range;
	u64 mode;
};

#define UFFDIO_CONTINUE_MODE_DONTWAKE BIT(0)
#define UFFDIO_CONTINUE_MODE_WP BIT(1)

struct uffdio_continue {
	struct uffdio_range range;
	u64 mode;
	s64 mapped;			/* out: bytes, or -errno */
};

#define UFFDIO_POISON_MODE_DONTWAKE BIT(0)

struct uffdio_poison {
	struct uffdio_range range;
	u64 mode;
	s64 updated;			/* out: bytes, or -errno */
};

/* The numbers of the calls, as in the ioctls fields. */
#define UFFDIO_NR_REGISTER 0x00
#define UFFDIO_NR_UNREGISTER 0x01
#define UFFDIO_NR_WAKE 0x02
#define UFFDIO_NR_COPY 0x03
#define UFFDIO_NR_ZEROPAGE 0x04
#define UFFDIO_NR_MOVE 0x05
#define UFFDIO_NR_WRITEPROTECT 0x06
#define UFFDIO_NR_CONTINUE 0x07
#define UFFDIO_NR_POISON 0x08
#define UFFDIO_NR_API 0x3f

#define UFFDIO_API 0xc018aa3f
#define UFFDIO_REGISTER 0xc020aa00
#define UFFDIO_UNREGISTER 0x8010aa01
#define UFFDIO_WAKE 0x8010aa02
#define UFFDIO_COPY 0xc028aa03
#define UFFDIO_ZEROPAGE 0xc020aa04
#define UFFDIO_MOVE 0xc028aa05
#define UFFDIO_WRITEPROTECT 0xc018aa06
#define UFFDIO_CONTINUE 0xc020aa07
#define UFFDIO_POISON 0xc020aa08

#endif
