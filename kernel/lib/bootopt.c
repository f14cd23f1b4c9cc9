/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/bootopt.c - the kernel's command line
 *
 * Concept    A file that has an option puts a record into the section
 *            `bootopts`; the linker lays the records side by side and gives the
 *            bounds. The line is cut at blanks; each word finds its record by
 *            name and hands it the value. Quotes keep blanks in a value:
 *            name="a b". A mistake is answered with a sentence that names the
 *            nearest help, never ignored.
 * Owns       A copy of the command line.
 * Locks      None: runs once, before the other CPUs.
 * Callers    kernel/main.c
 * Next       kernel/lib/parse.c
 */
#include "kernel/lib/bootopt.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define BOOTOPT_LINE 1024

extern const struct boot_option __start_bootopts[] __weak;
extern const struct boot_option __stop_bootopts[] __weak;

static char bootopt_line[BOOTOPT_LINE];

static const struct boot_option *bootopt_find(const char *name)
{
	const struct boot_option *o;

	for (o = __start_bootopts; o < __stop_bootopts; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

static void bootopt_apply(const char *name, const char *value)
{
	const struct boot_option *o = bootopt_find(name);

	if (!o) {
		pr_warn("boot option %s is not known and has no effect", name);
		return;
	}
	if (o->set(value))
		pr_warn("boot option %s cannot be \"%s\"; it means: %s",
			name, value, o->help);
}

/*
 * Cut the first word off @line: blanks inside quotes belong to it, the quotes
 * themselves do not. Return: what follows the word, with *@word set, or NULL.
 */
static char *bootopt_next_word(char *line, char **word)
{
	bool quoted = false;
	char *out;

	line += strspn(line, " \t\n");
	if (!*line)
		return NULL;
	for (*word = out = line; *line; line++) {
		if (*line == '"')
			quoted = !quoted;
		else if (!quoted && strchr(" \t\n", *line))
			break;
		else
			*out++ = *line;
	}
	if (*line)
		line++;
	*out = '\0';
	return line;
}

void bootopt_parse(const char *cmdline)
{
	char line[BOOTOPT_LINE];
	char *rest = line, *word, *value;

	if (strscpy(bootopt_line, cmdline, sizeof(bootopt_line)) < 0)
		pr_warn("the kernel command line is longer than %d characters and was cut",
			BOOTOPT_LINE - 1);
	memcpy(line, bootopt_line, sizeof(line));
	while ((rest = bootopt_next_word(rest, &word))) {
		if (strcmp(word, "--") == 0)
			break;
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		bootopt_apply(word, value ? value : "");
	}
}

const char *bootopt_cmdline(void)
{
	return bootopt_line;
}
