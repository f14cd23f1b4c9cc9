/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/mount.c - file systems and the places where they hang in the tree
 *
 * Concept    A mount shows a super block's tree at a dentry of another mount. A
 *            path walk that reaches a dentry with something on it goes on at the
 *            root of that; `..` at such a root leads back.
 * Owns       The list of mounts, the list of file system types.
 * Locks      namespace_sem (LOCK_NAMESPACE): mounting and unmounting write.
 *            mount_lock (LOCK_DCACHE, spin): the list, for walks, which do not
 *            take the semaphore.
 * Invariants dentry->mounted counts the mounts on it: mount_attach().
 *            A mount in the list has one reference for that; places in it and
 *            mounts on it hold the others. Unmounting succeeds only if there are
 *            none, decided under mount_lock, where walks take theirs.
 * Callers    fs/namei.c, fs/sys_path.c, fs/vfs.c
 * Next       fs/namei.c
 */
#include "fs/vfs.h"
#include "fs/internal.h"
#include "include/uapi/mount.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sync/mutex.h"
#include "mm/slab.h"

struct rw_semaphore namespace_sem;
struct path vfs_root;

DEFINE_STATIC_SPINLOCK(mount_lock, LOCK_DCACHE);
static LIST_HEAD(mounts);
static struct file_system_type *types;		/* constant after boot */
static atomic_t next_dev, next_id;

void mount_init(void)
{
	init_rwsem(&namespace_sem, LOCK_NAMESPACE, "namespace");
}

void file_system_register(struct file_system_type *type)
{
	type->next = types;
	types = type;
}

static struct file_system_type *file_system_find(const char *name)
{
	struct file_system_type *type = types;

	while (type && strcmp(type->name, name))
		type = type->next;
	return type;
}

int super_alloc(const struct file_system_type *type, u32 magic, struct super_block **out)
{
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL);

	if (!sb)
		return -ENOMEM;
	sb->type = type;
	sb->magic = magic;
	sb->dev = makedev(0, (u32)atomic_inc_return(&next_dev));
	atomic_set(&sb->count, 1);
	*out = sb;
	return 0;
}

void super_free(struct super_block *sb)
{
	if (sb->root)
		dcache_destroy(sb->root);
	ASSERT(!atomic64_read(&sb->nr_inodes));
	kfree(sb);
}

static void super_put(struct super_block *sb)
{
	if (atomic_dec_and_test(&sb->count))
		super_free(sb);
}

void mount_get(struct mount *mount)
{
	ASSERT(atomic_read(&mount->count) > 0);
	atomic_inc(&mount->count);
}

void mount_put(struct mount *mount)
{
	ASSERT(atomic_read(&mount->count) > 0);
	if (!atomic_dec_and_test(&mount->count))
		return;
	ASSERT(list_empty(&mount->node));
	super_put(mount->sb);
	if (mount->parent) {
		dput(mount->mountpoint);
		mount_put(mount->parent);
	}
	kfree(mount);
}

/* What is mounted on @path (the newest), with a reference, or NULL. */
static struct mount *mount_find(const struct path *path)
{
	struct mount *mount, *found = NULL;

	spin_lock(&mount_lock);
	list_for_each_entry_reverse(mount, &mounts, node) {
		if (mount->parent == path->mount && mount->mountpoint == path->dentry) {
			mount_get(mount);
			found = mount;
			break;
		}
	}
	spin_unlock(&mount_lock);
	return found;
}

void mount_cross_down(struct path *path)
{
	struct mount *mount;

	while (atomic_read(&path->dentry->mounted) && (mount = mount_find(path))) {
		path_put(path);
		path->mount = mount;
		path->dentry = mount->sb->root;
		dget(path->dentry);
	}
}

bool mount_cross_up(struct path *path)
{
	struct path up = { path->mount->parent, path->mount->mountpoint };

	if (!up.mount)
		return false;
	path_get(&up);
	path_put(path);
	*path = up;
	return true;
}

/* Make a mount of @sb (reference taken over) that is in no list. */
static int mount_alloc(struct super_block *sb, const char *device, u32 flags, struct mount **out)
{
	struct mount *mount = kzalloc(sizeof(*mount), GFP_KERNEL);

	if (!mount)
		return -ENOMEM;
	atomic_set(&mount->count, 1);
	INIT_LIST_HEAD(&mount->node);
	mount->sb = sb;
	mount->flags = flags;
	mount->id = atomic_inc_return(&next_id);
	(void)strscpy(mount->device, device && *device ? device : "none",
		      sizeof(mount->device));
	*out = mount;
	return 0;
}

/* Hang @mount on @place (whose references it takes a copy of); nothing can fail. */
static void mount_attach(struct mount *mount, const struct path *place)
{
	assert_held_write(&namespace_sem);
	if (place) {
		path_get(place);
		mount->parent = place->mount;
		mount->mountpoint = place->dentry;
		atomic_inc(&place->dentry->mounted);
	}
	spin_lock(&mount_lock);
	list_add_tail(&mount->node, &mounts);
	spin_unlock(&mount_lock);
}

static int mount_attach_checked(struct mount *mount, const struct path *place)
{
	int error = 0;

	down_write(&namespace_sem);
	if (place && place->dentry->dead)
		error = -ENOENT;
	else
		mount_attach(mount, place);
	up_write(&namespace_sem);
	return error;
}

static int mount_at(struct file_system_type *type, const char *device, const struct path *place,
		    u32 flags, const char *data)
{
	struct super_block *sb;
	struct mount *mount;
	int error;

	error = type->mount(type, data, &sb);
	if (error)
		return error;
	error = mount_alloc(sb, device, flags, &mount);
	if (error) {
		super_put(sb);
		return error;
	}
	error = mount_attach_checked(mount, place);
	if (error) {
		mount_put(mount);
		return error;
	}
	if (!place) {
		vfs_root.mount = mount;
		vfs_root.dentry = sb->root;
		path_get(&vfs_root);
	}
	return 0;
}

int vfs_mount_root(const char *type_name)
{
	struct file_system_type *type = file_system_find(type_name);

	ASSERT(type && !vfs_root.mount);
	return mount_at(type, "rootfs", NULL, 0, "size=0");	/* initramfs_init() sets a limit */
}

/* -EBUSY while a file there is open for writing. An open that runs beside it may slip through. */
static int vfs_remount(const char *dir, u32 flags)
{
	struct path place;
	int error = path_lookup(NULL, dir, LOOKUP_FOLLOW, &place);

	if (error)
		return error;
	if (place.dentry == place.mount->sb->root && flags & MS_RDONLY &&
	    atomic_read(&place.mount->writers))
		error = -EBUSY;
	else if (place.dentry == place.mount->sb->root)
		WRITE_ONCE(place.mount->flags, flags & ~(u32)MS_REMOUNT);
	else
		error = -EINVAL;
	path_put(&place);
	return error;
}

int vfs_mount(const char *device, const char *dir, const char *type_name, u32 flags,
	      const char *data)
{
	struct file_system_type *type;
	struct path place;
	int error;

	if (flags & MS_REMOUNT)
		return vfs_remount(dir, flags);
	if (!type_name)
		return -EINVAL;
	type = file_system_find(type_name);
	if (!type)
		return -ENODEV;
	if (flags & (MS_BIND | MS_MOVE))
		return -EINVAL;
	error = path_lookup(NULL, dir, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &place);
	if (error)
		return error;
	error = mount_at(type, device, &place, flags, data);
	path_put(&place);
	return error;
}

/*
 * Take @mount out of the list if only the list and the caller know it. Return: 0
 * (the list's reference is the caller's to drop) or -EBUSY.
 */
static int mount_detach(struct mount *mount)
{
	int error = -EBUSY;

	assert_held_write(&namespace_sem);
	spin_lock(&mount_lock);
	if (!list_empty(&mount->node) && atomic_read(&mount->count) == 2) {
		list_del_init(&mount->node);
		error = 0;
	}
	spin_unlock(&mount_lock);
	if (!error)
		atomic_dec(&mount->mountpoint->mounted);
	return error;
}

int vfs_umount(const char *dir)
{
	struct path place;
	struct mount *mount;
	int error;

	error = path_lookup(NULL, dir, LOOKUP_FOLLOW, &place);
	if (error)
		return error;
	mount = place.mount;
	if (place.dentry != mount->sb->root || !mount->parent) {
		path_put(&place);
		return -EINVAL;
	}
	/* Our own reference to the place would keep the dentry busy. */
	dput(place.dentry);
	down_write(&namespace_sem);
	error = mount_detach(mount);
	up_write(&namespace_sem);
	if (!error)
		mount_put(mount);
	mount_put(mount);
	return error;
}

struct mount *mount_alloc_anon(struct super_block *sb)
{
	struct mount *mount;

	atomic_inc(&sb->count);
	return mount_alloc(sb, NULL, 0, &mount) ? NULL : mount;
}

int mount_for_each(int (*fn)(struct mount *mount, void *arg), void *arg)
{
	struct mount *mount;
	int ret = 0;

	down_read(&namespace_sem);
	list_for_each_entry(mount, &mounts, node) {
		ret = fn(mount, arg);
		if (ret)
			break;
	}
	up_read(&namespace_sem);
	return ret;
}
