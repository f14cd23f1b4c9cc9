/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_string.c - our functions against the C library's */
/* Links: tests/host/host.c */
#include "tests/host/host.h"
#include "kernel/lib/rand.h"

/* The file under test is included with its names changed, beside the host's. */
#define LOCKSTEP_HOST_STRING
#undef strchr
#undef strncmp
#include "kernel/lib/string.c"

enum { N = 96, OPS = 200000 };

static u8 ours[N], theirs[N];
static struct rand_state r;

static int sign(long v)
{
	return (v > 0) - (v < 0);
}

/* The host's functions, out of reach of the renaming. */
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr
#undef strspn
#undef strcspn

static void random_block(void)
{
	for (int i = 0; i < N; i++)
		ours[i] = theirs[i] = (u8)rand_u64(&r);
}

static void blocks_match_the_library(void)
{
	rand_seed(&r, 7);
	for (int op = 0; op < OPS; op++) {
		size_t n = rand_below(&r, 48), a = rand_below(&r, 48);
		size_t b = rand_below(&r, 48);
		int c = (int)rand_below(&r, 256);

		random_block();
		switch (rand_below(&r, 4)) {
		case 0:
			HT_EQ(ls_memmove(ours + a, ours + b, n), ours + a);
			memmove(theirs + a, theirs + b, n);
			break;
		case 1:
			n = min(n, a > b ? a - b : b - a);
			HT_EQ(ls_memcpy(ours + a, ours + b, n), ours + a);
			memcpy(theirs + a, theirs + b, n);
			break;
		case 2:
			HT_EQ(ls_memset(ours + a, c, n), ours + a);
			memset(theirs + a, c, n);
			HT_TRUE(!memchr_inv(ours + a, c, n));
			if (n) {
				size_t at = a + rand_below(&r, n);

				ours[at] = theirs[at] = (u8)(c + 1);
				HT_EQ(memchr_inv(ours + a, c, n), ours + at);
			}
			break;
		default:
			memmove(ours + a, ours + b, n);
			memmove(theirs + a, theirs + b, n);
			HT_EQ(sign(ls_memcmp(ours + a, ours + b, n)),
			      sign(memcmp(ours + a, ours + b, n)));
			HT_EQ(ls_memchr(ours + a, c, n), memchr(ours + a, c, n));
		}
		HT_TRUE(memcmp(ours, theirs, N) == 0);
	}
}

/* Short strings over two letters: matches and near misses are frequent. */
static void random_string(char *s, size_t max)
{
	size_t n = rand_below(&r, max);

	for (size_t i = 0; i < n; i++)
		s[i] = "ab"[rand_below(&r, 2)];
	s[n] = '\0';
}

static void strings_match_the_library(void)
{
	char s[24], t[6], buf[16];

	rand_seed(&r, 8);
	for (int op = 0; op < OPS; op++) {
		size_t n = rand_below(&r, 8);

		random_string(s, sizeof(s));
		random_string(t, sizeof(t));
		HT_EQ(ls_strlen(s), strlen(s));
		HT_EQ(ls_strnlen(s, n), strnlen(s, n));
		HT_EQ(sign(ls_strcmp(s, t)), sign(strcmp(s, t)));
		HT_EQ(sign(ls_strncmp(s, t, n)), sign(strncmp(s, t, n)));
		HT_EQ(ls_strchr(s, 'b'), strchr(s, 'b'));
		HT_EQ(ls_strchr(s, 0), strchr(s, 0));
		HT_EQ(ls_strrchr(s, 'b'), strrchr(s, 'b'));
		HT_EQ(ls_strstr(s, t), strstr(s, t));
		HT_EQ(ls_strspn(s, t), strspn(s, t));
		HT_EQ(ls_strcspn(s, t), strcspn(s, t));
		HT_EQ(str_has_prefix(s, t), strncmp(s, t, strlen(t)) == 0);
		HT_EQ(strscpy(buf, s, sizeof(buf)),
		      strlen(s) < sizeof(buf) ? (ssize_t)strlen(s) : -E2BIG);
		HT_TRUE(strncmp(buf, s, sizeof(buf) - 1) == 0);
	}
}

int main(void)
{
	host_run("blocks match the library", blocks_match_the_library);
	host_run("strings match the library", strings_match_the_library);
	return host_done();
}
