/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/diff/access.c - reads, writes and jumps that may end in a signal
 *
 * The handler notes what the kernel said about the fault and jumps back; the
 * signal is never blocked (SA_NODEFER), so no mask has to be restored.
 */
#include "tests/diff/mmdiff.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static jmp_buf landing;
static char fault_text[64];
static volatile unsigned long expected_at;
static char *heap;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)context;
	snprintf(fault_text, sizeof(fault_text), "%s/%d", sig == SIGBUS ? "BUS" : "SEGV",
		 info->si_code);
	if ((unsigned long)info->si_addr != expected_at)
		snprintf(fault_text + strlen(fault_text), 40, " at arena%+ld",
			 (long)((unsigned long)info->si_addr - ARENA));
	_longjmp(landing, 1);
}

void access_init(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	unsigned long top = (unsigned long)sbrk(0);

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	heap = (char *)((top + PAGE - 1) & -PAGE);
	if (syscall(SYS_brk, heap) != (long)heap) {
		dprintf(2, "mmdiff: no heap\n");
		exit(2);
	}
}

char *arena_page(unsigned int page)
{
	return (char *)(ARENA + page * PAGE);
}

char *heap_base(void)
{
	return heap;
}

const char *try_load(const void *at, uint64_t *value)
{
	expected_at = (unsigned long)at;
	if (_setjmp(landing))
		return fault_text;
	*value = *(const volatile uint64_t *)at;
	return NULL;
}

const char *try_store(void *at, uint64_t value)
{
	expected_at = (unsigned long)at;
	if (_setjmp(landing))
		return fault_text;
	*(volatile uint64_t *)at = value;
	return NULL;
}

const char *try_execute(void *at)
{
	expected_at = (unsigned long)at;
	if (_setjmp(landing))
		return fault_text;
	((void (*)(void))at)();
	return NULL;
}

/* A page's words, or the name of the fault that the first one gives. */
static uint64_t page_hash(const char *page)
{
	const uint64_t *word = (const uint64_t *)page;
	uint64_t first = 0, hash = 0, sum = 0;
	const char *fault = try_load(page, &first);

	if (fault) {
		for (; *fault; fault++)
			hash = mix(hash, (unsigned char)*fault);
		return hash;
	}
	for (size_t i = 0; i < PAGE / sizeof(*word); i++) {
		hash += word[i];
		sum += hash;
	}
	return mix(hash, sum);
}

uint64_t view_hash(unsigned int first, unsigned int n)
{
	uint64_t hash = 0;

	for (unsigned int i = first; i < first + n; i++)
		hash = mix(hash, page_hash(arena_page(i)));
	return hash;
}

uint64_t heap_hash(void)
{
	uint64_t hash = 0;

	for (unsigned int i = 0; i < HEAP_PAGES; i++)
		hash = mix(hash, page_hash(heap + i * PAGE));
	return hash;
}
