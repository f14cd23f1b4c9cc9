/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/stat.h - kinds of files and what stat, statfs and getdents64 report
 */
#ifndef INCLUDE_UAPI_STAT_H
#define INCLUDE_UAPI_STAT_H

#include "include/types.h"
#include "include/uapi/time.h"

#define S_IFMT		0170000
#define S_IFSOCK	0140000
#define S_IFLNK		0120000
#define S_IFREG		0100000
#define S_IFBLK		0060000
#define S_IFDIR		0040000
#define S_IFCHR		0020000
#define S_IFIFO		0010000
#define S_ISUID		0004000
#define S_ISGID		0002000
#define S_IXGRP		0000010
#define S_ISVTX		0001000
#define S_IALLUGO	0007777

#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)

/* Linux's struct stat for x86-64. */
struct stat {
	u64 st_dev;
	u64 st_ino;
	u64 st_nlink;
	u32 st_mode;
	u32 st_uid;
	u32 st_gid;
	u32 pad0;
	u64 st_rdev;
	s64 st_size;
	s64 st_blksize;
	s64 st_blocks;
	struct timespec st_atim, st_mtim, st_ctim;
	s64 unused[3];
};
static_assert(sizeof(struct stat) == 144, "Linux x86-64 struct stat");

struct statfs {
	s64 f_type;
	s64 f_bsize;
	u64 f_blocks;
	u64 f_bfree;
	u64 f_bavail;
	u64 f_files;
	u64 f_ffree;
	s32 f_fsid[2];
	s64 f_namelen;
	s64 f_frsize;
	s64 f_flags;
	s64 f_spare[4];
};
static_assert(sizeof(struct statfs) == 120, "Linux x86-64 struct statfs");

/* One name in what getdents64 returns; the next one begins d_reclen further. */
struct linux_dirent64 {
	u64 d_ino;
	s64 d_off;
	u16 d_reclen;
	u8 d_type;
	char d_name[];
};

#define DT_UNKNOWN	0
#define DT_FIFO		1
#define DT_CHR		2
#define DT_DIR		4
#define DT_BLK		6
#define DT_REG		8
#define DT_LNK		10

/* The magic numbers by which programs know a file system. */
#define TMPFS_MAGIC	0x01021994
#define PROC_SUPER_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572
#define PIPEFS_MAGIC	0x50495045

/* Device numbers as user space sees them (the "huge" 64-bit form). */
static inline u64 makedev(u32 major, u32 minor)
{
	return ((u64)(major & 0xfffff000) << 32) | ((major & 0xfff) << 8) |
	       ((u64)(minor & 0xffffff00) << 12) | (minor & 0xff);
}

static inline u32 dev_major(u64 dev)
{
	return ((dev >> 32) & 0xfffff000) | ((dev >> 8) & 0xfff);
}

static inline u32 dev_minor(u64 dev)
{
	return ((dev >> 12) & 0xffffff00) | (dev & 0xff);
}

#endif
