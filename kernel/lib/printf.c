/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/printf.c - text from a format and values
 *
 * Concept    A conversion is parsed into one struct (flags, width, precision,
 *            size), then one function per kind prints it into an output that
 *            counts every character and stores those that fit.
 * Owns       Nothing.
 * Locks      None; any context. Uses less than 200 bytes of stack.
 * Invariants Never writes at or beyond buf + size.
 * Callers    printk.c, panic.c, proc files, names of threads and caches.
 * Next       kernel/lib/printk.c
 */
#include "kernel/lib/printf.h"
#include "kernel/lib/ksyms.h"
#include "kernel/lib/string.h"

struct printf_out {
	char *buf;
	size_t size;
	size_t len;		/* characters so far, stored or not */
};

struct printf_spec {
	bool left, zero, plus, space, alt, upper;
	int width;
	int precision;		/* -1: not given */
	int size;		/* bytes of an integer argument */
};

static void printf_putc(struct printf_out *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void printf_pad(struct printf_out *out, char c, int n)
{
	while (n-- > 0)
		printf_putc(out, c);
}

static void printf_string(struct printf_out *out, const struct printf_spec *spec,
			  const char *s)
{
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
	int len;

	if (!s)
		s = "(null)";
	len = (int)strnlen(s, max);
	if (!spec->left)
		printf_pad(out, ' ', spec->width - len);
	for (int i = 0; i < len; i++)
		printf_putc(out, s[i]);
	if (spec->left)
		printf_pad(out, ' ', spec->width - len);
}

/* The sign or base that stands before the digits. */
static const char *printf_prefix(const struct printf_spec *spec, u64 value,
				 unsigned int base, bool negative)
{
	if (negative)
		return "-";
	if (spec->plus)
		return "+";
	if (spec->space)
		return " ";
	if (!spec->alt || value == 0)
		return "";
	if (base == 16)
		return spec->upper ? "0X" : "0x";
	return base == 8 ? "0" : "";
}

static void printf_number(struct printf_out *out, const struct printf_spec *spec,
			  u64 value, unsigned int base, bool negative)
{
	const char *digits = spec->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	const char *prefix = printf_prefix(spec, value, base, negative);
	char tmp[24];
	int n = 0, zeros, pad;

	for (u64 v = value; v; v /= base)
		tmp[n++] = digits[v % base];
	if (n == 0 && spec->precision != 0)
		tmp[n++] = '0';
	zeros = max(spec->precision - n, 0);
	pad = spec->width - n - zeros - (int)strlen(prefix);
	if (spec->zero && !spec->left && spec->precision < 0) {
		zeros += max(pad, 0);
		pad = 0;
	}
	if (!spec->left)
		printf_pad(out, ' ', pad);
	while (*prefix)
		printf_putc(out, *prefix++);
	printf_pad(out, '0', zeros);
	while (n)
		printf_putc(out, tmp[--n]);
	if (spec->left)
		printf_pad(out, ' ', pad);
}

/* %pS: the symbol that the address lies in, or the bare address. */
static void printf_symbol(struct printf_out *out, struct printf_spec *spec,
			  unsigned long addr)
{
	struct printf_spec bare = { .alt = true, .precision = -1 };
	struct ksym sym;

	if (!ksym_find(addr, &sym)) {
		printf_number(out, &bare, addr, 16, false);
		return;
	}
	spec->precision = -1;
	printf_string(out, spec, sym.name);
	printf_putc(out, '+');
	bare.alt = sym.offset != 0;
	printf_number(out, &bare, sym.offset, 16, false);
}

static const char *printf_parse_number(const char *fmt, int *value)
{
	*value = 0;
	while (*fmt >= '0' && *fmt <= '9')
		*value = *value * 10 + (*fmt++ - '0');
	return fmt;
}

static const char *printf_parse_flags(const char *fmt, struct printf_spec *spec)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-': spec->left = true; break;
		case '0': spec->zero = true; break;
		case '+': spec->plus = true; break;
		case ' ': spec->space = true; break;
		case '#': spec->alt = true; break;
		default: return fmt;
		}
	}
}

static const char *printf_parse_size(const char *fmt, struct printf_spec *spec)
{
	spec->size = sizeof(int);
	switch (*fmt) {
	case 'h':
		spec->size = fmt[1] == 'h' ? sizeof(char) : sizeof(short);
		return fmt + (fmt[1] == 'h' ? 2 : 1);
	case 'l':
		spec->size = sizeof(long);
		return fmt + (fmt[1] == 'l' ? 2 : 1);
	case 'z':
	case 't':
	case 'j':
		spec->size = sizeof(long);
		return fmt + 1;
	default:
		return fmt;
	}
}

static s64 printf_signed(s64 value, int size)
{
	switch (size) {
	case 1: return (s8)value;
	case 2: return (s16)value;
	case 4: return (s32)value;
	default: return value;
	}
}

static u64 printf_unsigned(u64 value, int size)
{
	return size == 8 ? value : value & ((1UL << (size * 8)) - 1);
}

/* A va_list inside a struct can be handed down by address on every machine. */
struct printf_args {
	va_list list;
};

static u64 printf_integer(struct printf_args *args, int size)
{
	return size == 8 ? va_arg(args->list, u64)
			 : (u64)(s64)va_arg(args->list, int);
}

static const char *printf_parse_spec(const char *fmt, struct printf_spec *spec,
				     struct printf_args *args)
{
	fmt = printf_parse_flags(fmt, spec);
	if (*fmt == '*') {
		spec->width = va_arg(args->list, int);
		fmt++;
		if (spec->width < 0) {
			spec->left = true;
			spec->width = -spec->width;
		}
	} else {
		fmt = printf_parse_number(fmt, &spec->width);
	}
	spec->precision = -1;
	if (*fmt == '.') {
		fmt++;
		if (*fmt == '*') {
			spec->precision = va_arg(args->list, int);
			fmt++;
		} else {
			fmt = printf_parse_number(fmt, &spec->precision);
		}
	}
	return printf_parse_size(fmt, spec);
}

/* Print one conversion; @fmt stands behind the '%'. Return: what follows it. */
static const char *printf_convert(struct printf_out *out, const char *fmt,
				  struct printf_args *args)
{
	struct printf_spec spec = {};
	char c[2] = "";
	s64 value;

	fmt = printf_parse_spec(fmt, &spec, args);
	switch (*fmt) {
	case 'd':
	case 'i':
		value = printf_signed((s64)printf_integer(args, spec.size),
				      spec.size);
		printf_number(out, &spec, value < 0 ? -(u64)value : (u64)value,
			      10, value < 0);
		break;
	case 'X':
		spec.upper = true;
		/* fall through */
	case 'x':
	case 'o':
	case 'u':
		spec.plus = spec.space = false;
		printf_number(out, &spec,
			      printf_unsigned(printf_integer(args, spec.size),
					      spec.size),
			      *fmt == 'u' ? 10 : *fmt == 'o' ? 8 : 16, false);
		break;
	case 'p':
		if (fmt[1] == 'S') {
			printf_symbol(out, &spec, va_arg(args->list, unsigned long));
			return fmt + 2;
		}
		spec.alt = true;
		printf_number(out, &spec, va_arg(args->list, unsigned long),
			      16, false);
		break;
	case 's':
		printf_string(out, &spec, va_arg(args->list, const char *));
		break;
	case 'c':
		c[0] = (char)va_arg(args->list, int);
		spec.precision = 1;
		printf_string(out, &spec, c);
		break;
	case '%':
		printf_putc(out, '%');
		break;
	case '\0':
		return fmt;
	default:
		/* A mistake in the format shows up as the text it was. */
		printf_putc(out, '%');
		printf_putc(out, *fmt);
		break;
	}
	return fmt + 1;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list list)
{
	struct printf_out out = { .buf = buf, .size = size };
	struct printf_args args;

	va_copy(args.list, list);
	while (*fmt) {
		if (*fmt == '%')
			fmt = printf_convert(&out, fmt + 1, &args);
		else
			printf_putc(&out, *fmt++);
	}
	va_end(args.list);
	if (size)
		buf[min(out.len, size - 1)] = '\0';
	return (int)out.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (size == 0)
		return 0;
	return min(n, (int)size - 1);
}
