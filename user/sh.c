/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/sh.c - a small shell: enough to run a session and the test scripts
 *
 * Concept    Text becomes tokens, tokens a tree, and the tree is walked:
 *
 *                list     := and-or { (; | & | newline) and-or }
 *                and-or   := pipeline { (&& | ||) pipeline }
 *                pipeline := [!] command { | command }
 *                command  := simple | if | while | until | for | { list } | ( list )
 *
 *            A word keeps its quotes in the tree and is expanded ($? $$ $# $1
 *            $NAME, quotes, backslash) each time its command runs. There are no
 *            globs, functions, command substitution or job control.
 * Owns       The whole process. Memory of a command line is never freed before
 *            the next one: the shell's lines are short and so is its life.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum node_kind { SIMPLE, PIPE, AND, OR, NOT, SEQ, BACKGROUND, IF, WHILE, UNTIL, FOR, SUBSHELL };

struct redirect {
	int fd, flags;
	int dup_of;			/* -1: from file */
	char *file;
	struct redirect *next;
};

struct node {
	enum node_kind kind;
	struct node *a, *b, *c;		/* operands; IF: condition, then, else */
	char **words;			/* SIMPLE: the words; FOR: the name and its values */
	int nr_words;
	struct redirect *redirects;
};

static const char *src;			/* what is left to read */
static char *token;			/* the token in hand, NULL at the end */
static bool token_is_op;
static bool incomplete;			/* the text ended inside a construct */
static const char *syntax_error;
static int last_status;
static char **params;			/* $0 $1 ... */
static int nr_params;

static int run_node(struct node *n);

static void *need(void *p)
{
	if (!p) {
		fprintf(stderr, "sh: out of memory\n");
		exit(2);
	}
	return p;
}

/* ---- tokens ---- */

static const char *const operators[] = { "2>&1", ">&2", "&&", "||", "2>>", "2>", ">>", ">", "<",
					 "|", "&", ";", "(", ")", "\n" };

static size_t operator_length(const char *s)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i]);

		if (!strncmp(s, operators[i], len))
			return len;
	}
	return 0;
}

/* Length of the word at @s with its quotes; sets incomplete in an open quote. */
static size_t word_length(const char *s)
{
	size_t i = 0;

	while (s[i] && !isspace((unsigned char)s[i]) && !strchr("|&;()<>", s[i])) {
		char quote = s[i++];

		if (quote == '\\') {
			if (s[i])
				i++;
		} else if (quote == '\'' || quote == '"') {
			while (s[i] && s[i] != quote)
				i += quote == '"' && s[i] == '\\' && s[i + 1] ? 2 : 1;
			if (!s[i]) {
				incomplete = true;
				return i;
			}
			i++;
		}
	}
	return i;
}

static void next_token(void)
{
	size_t len;

	for (;;) {
		if (*src == ' ' || *src == '\t' || *src == '\r')
			src++;
		else if (src[0] == '\\' && src[1] == '\n')
			src += 2;
		else if (*src == '#')
			src += strcspn(src, "\n");
		else
			break;
	}
	if (!*src) {
		token = NULL;
		token_is_op = false;
		return;
	}
	len = operator_length(src);
	token_is_op = len != 0;
	if (!len)
		len = word_length(src);
	token = need(strndup(src, len));
	src += len;
}

static bool at_op(const char *op)
{
	return token && token_is_op && !strcmp(token, op);
}

static bool at_word(const char *word)
{
	return token && !token_is_op && !strcmp(token, word);
}

static bool at_terminator(void)
{
	static const char *const words[] = { "then", "elif", "else", "fi", "do", "done", "}" };

	if (!token || at_op(")"))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (at_word(words[i]))
			return true;
	return false;
}

static void fail_syntax(const char *what)
{
	if (!token)
		incomplete = true;
	if (!syntax_error)
		syntax_error = what;
}

static void skip_newlines(void)
{
	while (at_op("\n"))
		next_token();
}

static void expect_word(const char *word)
{
	if (at_word(word))
		next_token();
	else
		fail_syntax(word);
}

/* ---- the tree ---- */

static struct node *parse_list(void);

static struct node *new_node(enum node_kind kind, struct node *a, struct node *b)
{
	struct node *n = need(calloc(1, sizeof(*n)));

	n->kind = kind;
	n->a = a;
	n->b = b;
	return n;
}

static void add_word(struct node *n, char *word)
{
	n->words = need(realloc(n->words, (n->nr_words + 2) * sizeof(char *)));
	n->words[n->nr_words++] = word;
	n->words[n->nr_words] = NULL;
}

/* At a redirection operator: append it to @n. Return: whether it was one. */
static bool parse_redirect(struct node *n)
{
	static const struct {
		const char *op;
		int fd, flags, dup_of;
	} forms[] = {
		{ "<", 0, O_RDONLY, -1 },
		{ ">", 1, O_WRONLY | O_CREAT | O_TRUNC, -1 },
		{ ">>", 1, O_WRONLY | O_CREAT | O_APPEND, -1 },
		{ "2>", 2, O_WRONLY | O_CREAT | O_TRUNC, -1 },
		{ "2>>", 2, O_WRONLY | O_CREAT | O_APPEND, -1 },
		{ "2>&1", 2, 0, 1 },
		{ ">&2", 1, 0, 2 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct redirect *r, **tail = &n->redirects;

		if (!at_op(forms[i].op))
			continue;
		r = need(calloc(1, sizeof(*r)));
		r->fd = forms[i].fd;
		r->flags = forms[i].flags;
		r->dup_of = forms[i].dup_of;
		next_token();
		if (r->dup_of < 0) {
			if (!token || token_is_op) {
				fail_syntax("a file name");
				return true;
			}
			r->file = token;
			next_token();
		}
		while (*tail)
			tail = &(*tail)->next;
		*tail = r;
		return true;
	}
	return false;
}

static struct node *parse_if(void)
{
	struct node *n = new_node(IF, NULL, NULL);

	next_token();
	n->a = parse_list();
	expect_word("then");
	n->b = parse_list();
	if (at_word("elif")) {
		n->c = parse_if();
		return n;
	}
	if (at_word("else")) {
		next_token();
		n->c = parse_list();
	}
	expect_word("fi");
	return n;
}

static struct node *parse_loop(enum node_kind kind)
{
	struct node *n = new_node(kind, NULL, NULL);

	next_token();
	n->a = parse_list();
	expect_word("do");
	n->b = parse_list();
	expect_word("done");
	return n;
}

static struct node *parse_for(void)
{
	struct node *n = new_node(FOR, NULL, NULL);

	next_token();
	if (!token || token_is_op) {
		fail_syntax("a name");
		return n;
	}
	add_word(n, token);
	next_token();
	expect_word("in");
	while (token && !token_is_op) {
		add_word(n, token);
		next_token();
	}
	while (at_op(";") || at_op("\n"))
		next_token();
	expect_word("do");
	n->b = parse_list();
	expect_word("done");
	return n;
}

static struct node *parse_group(const char *close, bool subshell)
{
	struct node *n;

	next_token();
	n = parse_list();
	if (subshell ? at_op(close) : at_word(close))
		next_token();
	else
		fail_syntax(close);
	return subshell ? new_node(SUBSHELL, n, NULL) : new_node(SEQ, n, NULL);
}

static struct node *parse_command(void)
{
	struct node *n;

	if (at_word("if"))
		n = parse_if();
	else if (at_word("while"))
		n = parse_loop(WHILE);
	else if (at_word("until"))
		n = parse_loop(UNTIL);
	else if (at_word("for"))
		n = parse_for();
	else if (at_word("{"))
		n = parse_group("}", false);
	else if (at_op("("))
		n = parse_group(")", true);
	else
		n = new_node(SIMPLE, NULL, NULL);
	while (token && !syntax_error) {
		if (token_is_op) {
			if (!parse_redirect(n))
				break;
		} else if (n->kind == SIMPLE) {
			add_word(n, token);
			next_token();
		} else {
			break;
		}
	}
	if (n->kind == SIMPLE && !n->nr_words && !n->redirects)
		fail_syntax("a command");
	return n;
}

static struct node *parse_pipeline(void)
{
	bool negate = at_word("!");
	struct node *n;

	if (negate)
		next_token();
	n = parse_command();
	while (at_op("|") && !syntax_error) {
		next_token();
		skip_newlines();
		n = new_node(PIPE, n, parse_command());
	}
	return negate ? new_node(NOT, n, NULL) : n;
}

static struct node *parse_and_or(void)
{
	struct node *n = parse_pipeline();

	while ((at_op("&&") || at_op("||")) && !syntax_error) {
		enum node_kind kind = at_op("&&") ? AND : OR;

		next_token();
		skip_newlines();
		n = new_node(kind, n, parse_pipeline());
	}
	return n;
}

static struct node *parse_list(void)
{
	struct node *list = NULL;

	for (;;) {
		struct node *n;

		while (at_op(";") || at_op("\n"))
			next_token();
		if (at_terminator() || syntax_error)
			break;
		n = parse_and_or();
		if (at_op("&")) {
			n = new_node(BACKGROUND, n, NULL);
			next_token();
		} else if (!at_terminator() && !at_op(";") && !at_op("\n")) {
			fail_syntax("the end of a command");
		}
		list = list ? new_node(SEQ, list, n) : n;
	}
	return list;
}

/* ---- expansion ---- */

struct text {
	char *s;
	size_t len;
};

static void text_add(struct text *t, const char *s, size_t len)
{
	t->s = need(realloc(t->s, t->len + len + 1));
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

/* Expand the variable after a '$' at @s into @t. Return: characters used. */
static size_t expand_variable(struct text *t, const char *s)
{
	char number[16] = "", name[64];
	const char *value = number;
	size_t len = 1;
	bool braces = *s == '{';

	if (braces)
		s++;
	if (*s == '?') {
		snprintf(number, sizeof(number), "%d", last_status);
	} else if (*s == '$') {
		snprintf(number, sizeof(number), "%d", (int)getpid());
	} else if (*s == '#') {
		snprintf(number, sizeof(number), "%d", nr_params ? nr_params - 1 : 0);
	} else if (isdigit((unsigned char)*s)) {
		value = *s - '0' < nr_params ? params[*s - '0'] : "";
	} else {
		len = 0;
		while (isalnum((unsigned char)s[len]) || s[len] == '_')
			len++;
		if (!len) {
			text_add(t, "$", 1);
			return braces;
		}
		snprintf(name, sizeof(name), "%.*s", (int)len, s);
		value = getenv(name);
	}
	if (value)
		text_add(t, value, strlen(value));
	return len + (braces ? 1 + (s[len] == '}') : 0);
}

static char *expand(const char *word)
{
	struct text t = { 0 };
	char quote = 0;

	text_add(&t, "", 0);
	for (const char *s = word; *s; s++) {
		if (quote == '\'') {
			if (*s == quote)
				quote = 0;
			else
				text_add(&t, s, 1);
		} else if (*s == '\\' && s[1]) {
			if (quote && !strchr("$\"\\`", s[1]))
				text_add(&t, s, 1);
			text_add(&t, ++s, 1);
		} else if (*s == '$' && s[1]) {
			s += expand_variable(&t, s + 1);
		} else if (quote ? *s == quote : *s == '\'' || *s == '"') {
			quote = quote ? 0 : *s;
		} else {
			text_add(&t, s, 1);
		}
	}
	return t.s;
}

/* ---- running ---- */

static int status_of(int wait_status)
{
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			perror("sh: waitpid");
			return 127;
		}
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT && isatty(2))
		fputc('\n', stderr);	/* the terminal has shown ^C, and no more */
	else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE && WTERMSIG(status) != SIGINT)
		fprintf(stderr, "sh: %d: %s\n", (int)pid, strsignal(WTERMSIG(status)));
	return status_of(status);
}

static int apply_redirects(struct redirect *r)
{
	for (; r; r = r->next) {
		int fd = r->dup_of;

		if (fd < 0) {
			char *name = expand(r->file);

			fd = open(name, r->flags, 0644);
			if (fd < 0) {
				fprintf(stderr, "sh: %s: %s\n", name, strerror(errno));
				return -1;
			}
		}
		if (fd != r->fd) {
			dup2(fd, r->fd);
			if (r->dup_of < 0)
				close(fd);
		}
	}
	return 0;
}

static pid_t start_process(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fprintf(stderr, "sh: fork: %s\n", strerror(errno));
	if (pid == 0)
		signal(SIGINT, SIG_DFL);
	return pid;
}

static bool is_assignment(const char *word)
{
	size_t len = 0;

	while (isalnum((unsigned char)word[len]) || word[len] == '_')
		len++;
	return len && word[len] == '=' && !isdigit((unsigned char)word[0]);
}

static int run_test(char **arg);

static int builtin_cd(char **arg)
{
	const char *dir = arg[1] ? arg[1] : "/";

	if (!chdir(dir))
		return 0;
	fprintf(stderr, "cd: %s: %s\n", dir, strerror(errno));
	return 1;
}

static int builtin_exit(char **arg)
{
	fflush(NULL);
	exit(arg[1] ? atoi(arg[1]) : last_status);
}

static int builtin_help(char **arg)
{
	(void)arg;
	puts("Lockstep's shell. Run a program by its name: ls, cat, echo, ps, mem, ...\n"
	     "  a | b   a > file   a >> file   a < file   a 2> file   a && b   a || b   a &\n"
	     "  if a; then b; else c; fi    while a; do b; done    for x in 1 2; do b; done\n"
	     "  NAME=value   $NAME   $?   'as is'   \"with $NAME\"\n"
	     "Built in: cd exec exit false help set shift test true unset wait\n"
	     "Try: demo (a DMA engine under swap), memview, poweroff");
	return 0;
}

static int builtin_exec(char **arg)
{
	if (!arg[1])
		return 0;
	execvp(arg[1], arg + 1);
	fprintf(stderr, "sh: %s: %s\n", arg[1], strerror(errno));
	exit(127);
}

static int builtin_wait(char **arg)
{
	int status = 0;

	(void)arg;
	while (wait(&status) > 0)
		;
	return status_of(status);
}

static int builtin_shift(char **arg)
{
	(void)arg;
	if (nr_params < 2)
		return 1;
	params[1] = params[0];
	params++;
	nr_params--;
	return 0;
}

static int builtin_set(char **arg)
{
	extern char **environ;

	if (!arg[1])
		for (char **e = environ; *e; e++)
			puts(*e);
	return 0;
}

static int builtin_unset(char **arg)
{
	while (*++arg)
		unsetenv(*arg);
	return 0;
}

static int builtin_true(char **arg)
{
	(void)arg;
	return 0;
}

static int builtin_false(char **arg)
{
	(void)arg;
	return 1;
}

static const struct {
	const char *name;
	int (*run)(char **arg);
} builtins[] = {
	{ "cd", builtin_cd }, { "exit", builtin_exit }, { "help", builtin_help },
	{ "exec", builtin_exec }, { "wait", builtin_wait }, { "shift", builtin_shift },
	{ "set", builtin_set }, { "unset", builtin_unset }, { ":", builtin_true },
	{ "true", builtin_true }, { "false", builtin_false }, { "test", run_test },
	{ "[", run_test },
};

/* test: -e -f -d -z -n, = != -eq -ne -lt -gt, and a lone word. */
static int run_test(char **arg)
{
	int n = 0;

	while (arg[n + 1])
		n++;
	if (!strcmp(arg[0], "[") && n && !strcmp(arg[n], "]"))
		n--;
	if (n == 1)
		return !*arg[1];
	if (n == 2 && !strcmp(arg[1], "-z"))
		return *arg[2] != '\0';
	if (n == 2 && !strcmp(arg[1], "-n"))
		return *arg[2] == '\0';
	if (n == 2 && arg[1][0] == '-')
		return access(arg[2], arg[1][1] == 'x' ? X_OK : F_OK) != 0;
	if (n == 3 && !strcmp(arg[2], "="))
		return strcmp(arg[1], arg[3]) != 0;
	if (n == 3 && !strcmp(arg[2], "!="))
		return strcmp(arg[1], arg[3]) == 0;
	if (n == 3 && !strcmp(arg[2], "-eq"))
		return atol(arg[1]) != atol(arg[3]);
	if (n == 3 && !strcmp(arg[2], "-ne"))
		return atol(arg[1]) == atol(arg[3]);
	if (n == 3 && !strcmp(arg[2], "-lt"))
		return !(atol(arg[1]) < atol(arg[3]));
	if (n == 3 && !strcmp(arg[2], "-gt"))
		return !(atol(arg[1]) > atol(arg[3]));
	return n == 0 ? 1 : 2;
}

/* Run a builtin with redirections, which must not outlive it. */
static int run_builtin(int which, char **words, struct redirect *redirects)
{
	int saved[3], status;

	if (!redirects)
		return builtins[which].run(words);
	fflush(NULL);
	for (int fd = 0; fd < 3; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	status = apply_redirects(redirects) ? 1 : builtins[which].run(words);
	fflush(NULL);
	for (int fd = 0; fd < 3; fd++) {
		if (saved[fd] >= 0) {
			dup2(saved[fd], fd);
			close(saved[fd]);
		}
	}
	return status;
}

static void exec_words(char **words, struct redirect *redirects)
{
	if (apply_redirects(redirects))
		_exit(1);
	execvp(words[0], words);
	fprintf(stderr, "sh: %s: %s\n", words[0],
		errno == ENOENT ? "not found" : strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int run_simple(struct node *n)
{
	char **words = need(calloc(n->nr_words + 1, sizeof(char *)));
	int first = 0;
	pid_t pid;

	for (int i = 0; i < n->nr_words; i++)
		words[i] = expand(n->words[i]);
	while (words[first] && is_assignment(n->words[first]))
		putenv(words[first++]);
	words += first;
	if (!words[0])
		return n->redirects ? run_builtin(8, words, n->redirects) : 0;
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (!strcmp(words[0], builtins[i].name))
			return run_builtin((int)i, words, n->redirects);
	pid = start_process();
	if (pid == 0)
		exec_words(words, n->redirects);
	return pid < 0 ? 126 : wait_for(pid);
}

/* In a process of its own: run @n and end with its status. */
static void run_and_exit(struct node *n)
{
	int status = run_node(n);

	fflush(NULL);
	_exit(status);
}

static int run_pipe(struct node *n)
{
	pid_t left, right;
	int fd[2], status;

	if (pipe(fd)) {
		perror("sh: pipe");
		return 126;
	}
	left = start_process();
	if (left == 0) {
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		run_and_exit(n->a);
	}
	right = start_process();
	if (right == 0) {
		dup2(fd[0], 0);
		close(fd[0]);
		close(fd[1]);
		run_and_exit(n->b);
	}
	close(fd[0]);
	close(fd[1]);
	status = right < 0 ? 126 : wait_for(right);
	if (left > 0)
		wait_for(left);
	return status;
}

static int run_child(struct node *n, bool wait)
{
	pid_t pid = start_process();

	if (pid == 0)
		run_and_exit(n);
	return pid < 0 ? 126 : wait ? wait_for(pid) : 0;
}

static int run_for(struct node *n)
{
	int status = 0;

	for (int i = 1; i < n->nr_words; i++) {
		setenv(n->words[0], expand(n->words[i]), 1);
		status = run_node(n->b);
	}
	return status;
}

static int run_loop(struct node *n)
{
	int status = 0;

	while ((run_node(n->a) == 0) == (n->kind == WHILE))
		status = run_node(n->b);
	return status;
}

static int run_kind(struct node *n)
{
	switch (n->kind) {
	case SIMPLE:
		return run_simple(n);
	case PIPE:
		return run_pipe(n);
	case AND:
		return run_node(n->a) ? last_status : run_node(n->b);
	case OR:
		return run_node(n->a) ? run_node(n->b) : 0;
	case NOT:
		return !run_node(n->a);
	case SEQ:
		run_node(n->a);
		return n->b ? run_node(n->b) : last_status;
	case BACKGROUND:
		return run_child(n->a, false);
	case SUBSHELL:
		return run_child(n->a, true);
	case IF:
		if (run_node(n->a) == 0)
			return run_node(n->b);
		return n->c ? run_node(n->c) : 0;
	case FOR:
		return run_for(n);
	case WHILE:
	case UNTIL:
		return run_loop(n);
	}
	return 2;
}

static int run_node(struct node *n)
{
	if (!n)
		return last_status = 0;
	/* A compound command with redirections runs apart: theirs end with it. */
	if (n->redirects && n->kind != SIMPLE) {
		pid_t pid = start_process();

		if (pid == 0) {
			if (apply_redirects(n->redirects))
				_exit(1);
			n->redirects = NULL;
			run_and_exit(n);
		}
		return last_status = pid < 0 ? 126 : wait_for(pid);
	}
	return last_status = run_kind(n);
}

/* Parse and run @text. Return: false if it ends inside a construct. */
static bool run_text(const char *text, bool more_can_come)
{
	struct node *tree;

	src = text;
	incomplete = false;
	syntax_error = NULL;
	next_token();
	tree = parse_list();
	if (token && !syntax_error)
		syntax_error = "a command";
	if (incomplete && more_can_come)
		return false;
	if (syntax_error || incomplete) {
		fprintf(stderr, "sh: syntax error: expected %s, got %s\n",
			syntax_error ? syntax_error : "a closing quote", token ? token : "the end");
		last_status = 2;
		return true;
	}
	if (tree)
		run_node(tree);
	return true;
}

/* ---- where text comes from ---- */

static char *read_all(int fd)
{
	struct text t = { 0 };
	char buf[4096];
	ssize_t n;

	text_add(&t, "", 0);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		text_add(&t, buf, n);
	return t.s;
}

/* A line of the terminal with its newline. Return: false at the end of input. */
static bool read_line(struct text *t)
{
	char c;
	ssize_t n;

	for (;;) {
		n = read(0, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text_add(t, &c, 1);
		if (c == '\n')
			return true;
	}
}

static void interact(void)
{
	struct text t = { 0 };
	bool more = false;

	signal(SIGINT, SIG_IGN);
	for (;;) {
		char dir[256];

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (more)
			printf("> ");
		else
			printf("%s # ", getcwd(dir, sizeof(dir)) ? dir : "?");
		fflush(stdout);
		if (!read_line(&t))
			break;
		more = !run_text(t.s, true);
		if (!more)
			t.len = 0;
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	params = argv;
	nr_params = argc;
	setenv("PATH", "/bin:/tests:/extra", 0);
	if (argc > 2 && !strcmp(argv[1], "-c")) {
		params = argv + 2;
		nr_params = argc - 2;
		run_text(argv[2], false);
	} else if (argc > 1) {
		int fd = open(argv[1], O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			fprintf(stderr, "sh: %s: %s\n", argv[1], strerror(errno));
			return 127;
		}
		params = argv + 1;
		nr_params = argc - 1;
		run_text(read_all(fd), false);
	} else if (isatty(0)) {
		interact();
	} else {
		run_text(read_all(0), false);
	}
	fflush(NULL);
	return last_status;
}
