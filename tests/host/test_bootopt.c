/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_bootopt.c - the kernel's command line, good and bad */
/* Links: kernel/lib/bootopt.c kernel/lib/string.c tests/host/host.c */
#include "tests/host/host.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/rand.h"

static char said[4096];

static int alpha(const char *value)
{
	strncat(strcat(said, "a="), value, 2000);
	strcat(said, ";");
	return 0;
}
BOOT_OPTION(alpha, alpha, "anything");

static int beta(const char *value)
{
	if (strcmp(value, "1"))
		return -EINVAL;
	strcat(said, "b;");
	return 0;
}
BOOT_OPTION_NAMED(beta_dot, "be.ta", beta, "only 1");

static void parse(const char *line)
{
	said[0] = '\0';
	host_log_lines = 0;
	bootopt_parse(line);
}

static void words_reach_their_handlers(void)
{
	parse("alpha=x  be.ta=1\talpha");
	HT_STR(said, "a=x;b;a=;");
	HT_EQ(host_log_lines, 0);
	HT_STR(bootopt_cmdline(), "alpha=x  be.ta=1\talpha");
	parse("alpha=\"two words\" \"alpha=y z\" alpha=p=q");
	HT_STR(said, "a=two words;a=y z;a=p=q;");
	parse("");
	parse("   ");
	HT_STR(said, "");
}

static void mistakes_are_told_in_a_sentence(void)
{
	parse("gamma=3");
	HT_EQ(host_log_lines, 1);
	HT_STR(host_log, "boot option gamma is not known and has no effect");
	parse("be.ta=2 alpha=1");
	HT_EQ(host_log_lines, 1);
	HT_STR(host_log, "boot option be.ta cannot be \"2\"; it means: only 1");
	HT_STR(said, "a=1;");
	parse("alpha=1 -- gamma");
	HT_EQ(host_log_lines, 0);
	parse("=");
	HT_EQ(host_log_lines, 1);
}

static void any_line_is_survived(void)
{
	static char line[3000];
	struct rand_state r;

	rand_seed(&r, 10);
	for (int op = 0; op < 100000; op++) {
		size_t n = rand_below(&r, op % 100 ? 40 : sizeof(line) - 1);

		for (size_t i = 0; i < n; i++)
			line[i] = "alph= \"\t-be.t1"[rand_below(&r, 14)];
		line[n] = '\0';
		parse(line);
	}
}

int main(void)
{
	host_run("words reach their handlers", words_reach_their_handlers);
	host_run("mistakes are told in a sentence", mistakes_are_told_in_a_sentence);
	host_run("any line is survived", any_line_is_survived);
	return host_done();
}
