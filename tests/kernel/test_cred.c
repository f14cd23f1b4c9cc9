/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_cred.c - who may do what with an inode
 */
#include "fs/cred.h"
#include "fs/vfs.h"
#include "include/uapi/sched.h"
#include "kernel/test/ktest.h"

/* An inode of user 1 and group 10 with @mode. */
static struct inode inode_of(u32 mode)
{
	return (struct inode){ .mode = mode, .uid = 1, .gid = 10 };
}

static struct cred user(u32 uid, u32 gid)
{
	return (struct cred){ .uid = { uid, uid, uid, uid }, .gid = { gid, gid, gid, gid } };
}

/* The sum of the bits that @cred may do with a file, or a directory, of @mode. */
static int may(const struct cred *cred, u32 mode)
{
	struct inode inode = inode_of(mode);
	int sum = 0;

	for (int bit = MAY_EXEC; bit <= MAY_READ; bit <<= 1)
		sum += cred_permission(cred, &inode, bit) ? 0 : bit;
	/* all of them together: all that each of them was allowed, and no more */
	for (int want = 0; want < 8; want++)
		KT_CHECK_EQ(cred_permission(cred, &inode, want), want & ~sum ? -EACCES : 0);
	return sum;
}

KTEST_QUICK(cred, the_first_triple_that_fits_decides)
{
	struct cred owner = user(1, 10), member = user(2, 10), other = user(2, 11);

	KT_CHECK_EQ(may(&owner, S_IFREG | 0421), 4);
	KT_CHECK_EQ(may(&member, S_IFREG | 0421), 2);
	KT_CHECK_EQ(may(&other, S_IFREG | 0421), 1);
	KT_CHECK_EQ(may(&owner, S_IFREG | 0077), 0);
	KT_CHECK_EQ(may(&member, S_IFREG | 0707), 0);
	other.groups[0] = 12;
	other.groups[1] = 10;
	other.nr_groups = 1;
	KT_CHECK_EQ(may(&other, S_IFREG | 0060), 0);
	other.nr_groups = 2;
	KT_CHECK_EQ(may(&other, S_IFREG | 0060), 6);
}

KTEST_QUICK(cred, files_ask_the_fs_id)
{
	struct cred c = user(2, 11);

	c.uid.effective = 1;
	c.gid.effective = 10;
	KT_CHECK_EQ(may(&c, S_IFREG | 0770), 0);
	c = user(2, 11);
	c.uid.fs = 1;
	KT_CHECK_EQ(may(&c, S_IFREG | 0700), 7);
	c = user(2, 11);
	c.gid.fs = 10;
	KT_CHECK_EQ(may(&c, S_IFREG | 0070), 7);
}

KTEST_QUICK(cred, capabilities_overrule_but_for_what_nobody_executes)
{
	struct cred c = user(2, 11);

	c.cap_effective = BIT(CAP_DAC_OVERRIDE);
	KT_CHECK_EQ(may(&c, S_IFREG | 0000), 6);
	KT_CHECK_EQ(may(&c, S_IFREG | 0100), 7);
	KT_CHECK_EQ(may(&c, S_IFDIR | 0000), 7);
	c.cap_effective = 0;
	c.cap_permitted = BIT(CAP_DAC_OVERRIDE);
	KT_CHECK_EQ(may(&c, S_IFREG | 0000), 0);
	c.cap_effective = BIT(CAP_DAC_READ_SEARCH);
	KT_CHECK_EQ(may(&c, S_IFREG | 0110), 4);
	KT_CHECK_EQ(may(&c, S_IFDIR | 0000), 5);
	KT_CHECK_EQ(may(&cred_root, S_IFREG | 0000), 6);
}

KTEST_QUICK(cred, a_file_is_written_or_executed)
{
	struct inode inode = inode_of(S_IFREG | 0755);

	KT_CHECK_EQ(inode_get_write(&inode), 0);
	KT_CHECK_EQ(inode_get_write(&inode), 0);
	KT_CHECK_EQ(inode_get_exec(&inode), -ETXTBSY);
	inode_put_write(&inode);
	KT_CHECK_EQ(inode_get_exec(&inode), -ETXTBSY);
	inode_put_write(&inode);
	KT_CHECK_EQ(inode_get_exec(&inode), 0);
	KT_CHECK_EQ(inode_get_exec(&inode), 0);
	KT_CHECK_EQ(inode_get_write(&inode), -ETXTBSY);
	inode_put_exec(&inode);
	KT_CHECK_EQ(inode_get_write(&inode), -ETXTBSY);
	inode_put_exec(&inode);
	KT_CHECK_EQ(inode_get_write(&inode), 0);
	inode_put_write(&inode);
}

/* Whom the running test acts as. */
static struct cred acting;

static const struct cred *get_acting(void)
{
	return &acting;
}

KTEST_QUICK(cred, in_a_sticky_directory_a_name_is_its_owners)
{
	struct inode dir = inode_of(S_IFDIR | 01777), file = inode_of(S_IFREG | 0666);
	cred_get_fn *saved;

	file.uid = 3;
	acting = user(2, 11);
	saved = cred_set_current(get_acting);
	KT_CHECK_EQ(inode_may_unlink(&dir, &file), -EPERM);
	acting.uid.effective = 3;
	KT_CHECK_EQ(inode_may_unlink(&dir, &file), -EPERM);
	acting.uid.fs = 3;			/* the file's owner */
	KT_CHECK_EQ(inode_may_unlink(&dir, &file), 0);
	acting.uid.fs = 1;			/* the directory's */
	KT_CHECK_EQ(inode_may_unlink(&dir, &file), 0);
	acting = user(2, 11);
	acting.cap_effective = BIT(CAP_FOWNER);
	KT_CHECK_EQ(inode_may_unlink(&dir, &file), 0);
	acting = user(2, 11);
	dir.mode = S_IFDIR | 0777;
	KT_CHECK_EQ(inode_may_unlink(&dir, &file), 0);
	(void)cred_set_current(saved);
}
