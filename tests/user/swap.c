/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/swap.c - swapon and swapoff: what they refuse, and one round on a disk
 *
 * The round needs a disk that nobody uses; where there is no /dev/ram1 it is believed.
 */
#include "tests/user/test.h"

#include <sys/swap.h>

#define DISK "/dev/ram1"
#define BAD_FLAG 0x80000

static long disk_pages(int fd)
{
	return lseek(fd, 0, SEEK_END) / (long)PAGE;
}

static bool make_header(void)
{
	static uint8_t page[PAGE];
	uint32_t word[3] = { 1, 0, 0 };
	int fd = open(DISK, O_RDWR);
	bool ok;

	if (fd < 0)
		return false;
	word[1] = (uint32_t)disk_pages(fd) - 1;
	memcpy(page + 1024, word, sizeof(word));
	memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
	ok = pwrite(fd, page, PAGE, 0) == (ssize_t)PAGE;
	close(fd);
	return ok;
}

/* Does /proc/swaps have a line for the disk? */
static bool listed(void)
{
	static char text[4096];
	int fd = open("/proc/swaps", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, DISK) != NULL;
}

/* How much of the disk is in use, in kB. */
static long used_kb(void)
{
	FILE *f = fopen("/proc/swaps", "r");
	char line[256];
	long used = -1;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, DISK, strlen(DISK)))
			sscanf(line, "%*s %*s %*d %ld", &used);
	if (f)
		fclose(f);
	return used;
}

static long vm_set(const char *name, long value)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	f = fopen(path, "w");
	if (!f || fprintf(f, "%ld", value) < 0)
		return -1;
	return fclose(f);
}

static long vm_get(const char *name)
{
	char path[64];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	f = fopen(path, "r");
	if (f && fscanf(f, "%ld", &value) != 1)
		value = -1;
	if (f)
		fclose(f);
	return value;
}

static long meminfo_pages(const char *key)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			kb = atol(line + strlen(key));
	if (f)
		fclose(f);
	return kb / 4;
}

/* Without overcommitment an area stays whose pages have been promised. */
static const char *promised_area(void)
{
	long rest, err, reserve = vm_get("user_reserve_kbytes");
	void *p;

	if (vm_set("user_reserve_kbytes", 0) || vm_set("overcommit_kbytes", 4) ||
	    vm_set("overcommit_memory", 2))
		return "no policy";
	rest = meminfo_pages("CommitLimit:") - meminfo_pages("Committed_AS:") - 20;
	p = mmap(NULL, rest * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	err = p == MAP_FAILED ? ENOENT : swapoff(DISK) ? errno : 0;
	if (p != MAP_FAILED)
		munmap(p, rest * PAGE);
	if (vm_set("overcommit_memory", 0) || vm_set("overcommit_ratio", 50) ||
	    vm_set("user_reserve_kbytes", reserve))
		return "policy stays";
	return err == ENOMEM && listed() ? "ok" : "promises broken";
}

/* The area of the lowest priority is left alone while there is room in another one. */
static const char *last_of_all(void)
{
	volatile uint8_t *p;
	long used;

	if (swapon(DISK, 0))
		return "no area";
	p = mmap(NULL, 32 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (unsigned int i = 0; i < 32; i++)
		p[i * PAGE] = 1;
	(void)madvise((void *)p, 32 * PAGE, MADV_PAGEOUT);
	used = used_kb();
	munmap((void *)p, 32 * PAGE);
	return swapoff(DISK) || used ? "used first" : "ok";
}

static const char *one_round(void)
{
	const char *why;
	volatile uint8_t *p;

	if (access(DISK, F_OK))
		return "ok";
	if (!make_header())
		return "no header";
	if (swapon(DISK, SWAP_FLAG_PREFER | 77) || !listed())
		return "no area";
	if (!swapon(DISK, 0) || errno != EBUSY)
		return "twice";
	p = mmap(NULL, 32 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (unsigned int i = 0; i < 32; i++)
		p[i * PAGE] = (uint8_t)(i + 1);
	(void)madvise((void *)p, 32 * PAGE, MADV_PAGEOUT);
	if (used_kb() < 20 * 4)
		return "not used first";
	why = promised_area();
	if (strcmp(why, "ok"))
		return why;
	if (swapoff(DISK) || listed())
		return "stays";
	for (unsigned int i = 0; i < 32; i++)
		if (p[i * PAGE] != (uint8_t)(i + 1))
			return "lost";
	return last_of_all();
}

int main(void)
{
	static const uint8_t zeroes[10 * PAGE];
	int fd = open("plain", O_CREAT | O_RDWR | O_TRUNC, 0600);

	SHOW(write(fd, zeroes, sizeof(zeroes)));
	SHOW(close(fd));
	SHOW(swapon("plain", BAD_FLAG));
	SHOW(swapon("none", BAD_FLAG));
	SHOW(swapon("none", 0));
	SHOW(swapon("none", SWAP_FLAG_PREFER | 5));
	SHOW(swapon("", 0));
	SHOW(syscall(SYS_swapon, (char *)16, 0));
	SHOW(swapon("plain", 0));
	SHOW(swapon("plain/none", 0));
	SHOW(swapon(".", 0));
	SHOW(swapon("/dev/null", 0));
	SHOW(swapoff("none"));
	SHOW(swapoff("plain"));
	SHOW(swapoff("."));
	SHOW(swapoff("/dev/null"));
	SHOW(syscall(SYS_swapoff, (char *)16));
	SHOW(unlink("plain"));
	printf("a round on a disk: %s\n", one_round());
	return 0;
}
