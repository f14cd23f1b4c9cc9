/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/ubsan.c - undefined behaviour becomes a report
 *
 * Concept    With UBSAN=y the compiler adds a check before each operation that
 *            C leaves undefined, and calls a function of this file when one
 *            fails. Each place in the source is reported once: the record that
 *            the compiler made for the place is marked. Then the run goes on
 *            with what the machine did, and fails at its end.
 * Owns       Nothing.
 * Locks      None; any context.
 * Callers    The compiler.
 * Next       kernel/lib/test_hook.c
 */
#include "kernel/lib/ubsan.h"
#include "kernel/lib/panic.h"

#define UBSAN_REPORTED (~0U)

/* Tell whether this place is seen for the first time. */
static bool ubsan_first(struct ubsan_location *where)
{
	return __atomic_exchange_n(&where->column, UBSAN_REPORTED,
				   __ATOMIC_RELAXED) != UBSAN_REPORTED;
}

static bool ubsan_is_signed(const struct ubsan_type *type)
{
	return type->kind == 0 && (type->info & 1);
}

/* The value of an argument of @type, sign-extended if that type is signed. */
static s64 ubsan_value(const struct ubsan_type *type, u64 raw)
{
	unsigned int bits = 1U << (type->info >> 1);
	unsigned int unused = bits < 64 ? 64 - bits : 0;

	if (type->kind != 0)
		return (s64)raw;
	if (ubsan_is_signed(type))
		return (s64)(raw << unused) >> unused;
	return (s64)(raw << unused >> unused);
}

static void ubsan_binary(struct ubsan_overflow *o, u64 a, char op, u64 b)
{
	if (ubsan_first(&o->where))
		check_report(CHECK_UBSAN, "%s:%u: %ld %c %ld does not fit into %s",
			     o->where.file, o->where.line,
			     (long)ubsan_value(o->type, a), op,
			     (long)ubsan_value(o->type, b), o->type->name);
}

void __ubsan_handle_add_overflow(struct ubsan_overflow *o, u64 a, u64 b)
{
	ubsan_binary(o, a, '+', b);
}

void __ubsan_handle_sub_overflow(struct ubsan_overflow *o, u64 a, u64 b)
{
	ubsan_binary(o, a, '-', b);
}

void __ubsan_handle_mul_overflow(struct ubsan_overflow *o, u64 a, u64 b)
{
	ubsan_binary(o, a, '*', b);
}

void __ubsan_handle_divrem_overflow(struct ubsan_overflow *o, u64 a, u64 b)
{
	ubsan_binary(o, a, '/', b);
}

void __ubsan_handle_negate_overflow(struct ubsan_overflow *o, u64 a)
{
	if (ubsan_first(&o->where))
		check_report(CHECK_UBSAN, "%s:%u: -(%ld) does not fit into %s",
			     o->where.file, o->where.line,
			     (long)ubsan_value(o->type, a), o->type->name);
}

void __ubsan_handle_shift_out_of_bounds(struct ubsan_shift *s, u64 a, u64 b)
{
	if (ubsan_first(&s->where))
		check_report(CHECK_UBSAN, "%s:%u: shift of %ld, a %s, by %ld",
			     s->where.file, s->where.line,
			     (long)ubsan_value(s->left, a), s->left->name,
			     (long)ubsan_value(s->right, b));
}

void __ubsan_handle_out_of_bounds(struct ubsan_bounds *b, u64 index)
{
	if (ubsan_first(&b->where))
		check_report(CHECK_UBSAN, "%s:%u: index %ld is outside of %s",
			     b->where.file, b->where.line,
			     (long)ubsan_value(b->index, index), b->array->name);
}

void __ubsan_handle_load_invalid_value(struct ubsan_value *v, u64 value)
{
	if (ubsan_first(&v->where))
		check_report(CHECK_UBSAN, "%s:%u: %ld is no value of %s",
			     v->where.file, v->where.line,
			     (long)ubsan_value(v->type, value), v->type->name);
}

void __ubsan_handle_vla_bound_not_positive(struct ubsan_value *v, u64 bound)
{
	if (ubsan_first(&v->where))
		check_report(CHECK_UBSAN, "%s:%u: an array of %ld elements",
			     v->where.file, v->where.line,
			     (long)ubsan_value(v->type, bound));
}

void __ubsan_handle_pointer_overflow(struct ubsan_place *p, u64 base, u64 result)
{
	if (ubsan_first(&p->where))
		check_report(CHECK_UBSAN, "%s:%u: pointer %#lx wraps around to %#lx",
			     p->where.file, p->where.line, base, result);
}

void __ubsan_handle_type_mismatch_v1(struct ubsan_mismatch *m, u64 address)
{
	if (ubsan_first(&m->where))
		check_report(CHECK_UBSAN, "%s:%u: address %#lx is not good for a %s",
			     m->where.file, m->where.line, address, m->type->name);
}

void __ubsan_handle_nonnull_arg(struct ubsan_place *p)
{
	if (ubsan_first(&p->where))
		check_report(CHECK_UBSAN, "%s:%u: NULL where it is not allowed",
			     p->where.file, p->where.line);
}

void __ubsan_handle_builtin_unreachable(struct ubsan_place *p)
{
	check_report(CHECK_UBSAN, "%s:%u: reached what is said to be unreachable",
		     p->where.file, p->where.line);
	panic("%s:%u: nowhere to go on", p->where.file, p->where.line);
}

void __ubsan_handle_missing_return(struct ubsan_place *p)
{
	check_report(CHECK_UBSAN, "%s:%u: a function ends without its value",
		     p->where.file, p->where.line);
	panic("%s:%u: nowhere to go on", p->where.file, p->where.line);
}
