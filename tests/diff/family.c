/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/diff/family.c - children: what they see and what their writes do to others
 *
 * A child notes its view, does a few operations in its own copy and notes the
 * view again; its text comes back through a pipe and becomes part of the parent's
 * record. Nobody runs while another one does, so the order of accesses is that of
 * the program. A sleeper is a child that is left alone while its parent goes on,
 * and looks around only when it is joined: what the parent wrote meanwhile must
 * not have reached it, but for shared memory.
 */
#include "tests/diff/mmdiff.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_SLEEPERS 4U

static struct sleeper { pid_t pid; int go, text; } sleepers[NR_SLEEPERS];
static unsigned int generation;

/* ---- the child ---- */

static void forget_what_fork_left_out(void)
{
	for (unsigned int i = 0; i < ARENA_PAGES; i++) {
		if (model[i].dontfork)
			model_unmap(i, 1);
		model[i].locked = 0;
	}
}

static void child_operations(void)
{
	static void (*const operations[])(void) = {
		op_store, op_store, op_touch, op_touch, op_load, op_munmap, op_mprotect, op_madvise,
		op_mremap, op_mmap, op_copy, op_brk, op_heap,
	};

	for (unsigned int n = rnd(8); n; n--) {
		note("; ");
		operations[rnd(sizeof(operations) / sizeof(operations[0]))]();
	}
	if (generation < 3 && one_in(4)) {
		note("; ");
		op_fork();
	}
}

static void child(int text)
{
	const char *at;
	ssize_t done;
	size_t left;

	generation++;
	note_clear();
	forget_what_fork_left_out();
	note(" [view %016lx %016lx", view_hash(0, ARENA_PAGES), heap_hash());
	child_operations();
	note("; view %016lx ", view_hash(0, ARENA_PAGES));
	maps_note();
	note("]");
	for (at = note_text(), left = strlen(at); left; at += done, left -= (size_t)done) {
		done = write(text, at, left);
		if (done <= 0)
			break;
	}
	_exit(generation);
}

/* ---- the parent ---- */

/* Take the child's text to its end, then its status. */
static void collect(pid_t pid, int text)
{
	static char got[4096];
	ssize_t n;
	int status = -1;

	while ((n = read(text, got, sizeof(got) - 1)) > 0) {
		got[n] = '\0';
		note("%s", got);
	}
	close(text);
	waitpid(pid, &status, 0);
	note(" status %x", status);
}

void op_fork(void)
{
	int text[2];
	pid_t pid;

	note("fork");
	if (pipe(text))
		return;
	pid = fork();
	if (pid == 0) {
		close(text[0]);
		child(text[1]);
	}
	close(text[1]);
	collect(pid, text[0]);
}

/* In the child: the other sleepers' pipes belong to the parent alone. */
static void close_sleepers(void)
{
	for (unsigned int i = 0; i < NR_SLEEPERS; i++) {
		if (sleepers[i].pid) {
			close(sleepers[i].go);
			close(sleepers[i].text);
		}
	}
}

void op_sleeper(void)
{
	unsigned int i = rnd(NR_SLEEPERS);
	int go[2], text[2];
	char byte;
	pid_t pid;

	note("sleeper %u", i);
	if (sleepers[i].pid || pipe(go) || pipe(text))
		return;
	pid = fork();
	if (pid == 0) {
		close_sleepers();
		close(go[1]);
		close(text[0]);
		if (read(go[0], &byte, 1) == 1)
			child(text[1]);
		_exit(0);
	}
	close(go[0]);
	close(text[1]);
	sleepers[i] = (struct sleeper){ pid, go[1], text[0] };
}

static void join(struct sleeper *s)
{
	if (write(s->go, "", 1) != 1)
		note("lost");
	close(s->go);
	collect(s->pid, s->text);
	s->pid = 0;
}

void op_join(void)
{
	unsigned int i = rnd(NR_SLEEPERS);

	note("join %u", i);
	if (sleepers[i].pid)
		join(&sleepers[i]);
}

void join_all(void)
{
	for (unsigned int i = 0; i < NR_SLEEPERS; i++)
		if (sleepers[i].pid)
			join(&sleepers[i]);
	note_clear();
}
