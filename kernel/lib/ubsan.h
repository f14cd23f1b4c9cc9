/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/ubsan.h - what the compiler calls on undefined behaviour
 *
 * The names and the records are the compiler's (gcc and clang agree): each check
 * that -fsanitize= adds calls one of these with a record that says where it is.
 */
#ifndef KERNEL_LIB_UBSAN_H
#define KERNEL_LIB_UBSAN_H

#include "include/types.h"

struct ubsan_location {
	const char *file;
	u32 line;
	u32 column;		/* set to ~0 once the place has been reported */
};

struct ubsan_type {
	u16 kind;		/* 0: integer */
	u16 info;		/* integer: bit 0 signed, above it log2 of the width */
	char name[];		/* with quotes around it */
};

/* Overflow of + - * and negation, shifts by location, left and right type. */
struct ubsan_overflow {
	struct ubsan_location where;
	struct ubsan_type *type;
};

struct ubsan_shift {
	struct ubsan_location where;
	struct ubsan_type *left, *right;
};

struct ubsan_bounds {
	struct ubsan_location where;
	struct ubsan_type *array, *index;
};

struct ubsan_value {
	struct ubsan_location where;
	struct ubsan_type *type;
};

struct ubsan_place {
	struct ubsan_location where;
};

struct ubsan_mismatch {
	struct ubsan_location where;
	struct ubsan_type *type;
	u8 log_alignment;
	u8 kind;
};

/* Integers of up to 64 bits travel in the argument itself. */
void __ubsan_handle_add_overflow(struct ubsan_overflow *o, u64 a, u64 b);
void __ubsan_handle_sub_overflow(struct ubsan_overflow *o, u64 a, u64 b);
void __ubsan_handle_mul_overflow(struct ubsan_overflow *o, u64 a, u64 b);
void __ubsan_handle_divrem_overflow(struct ubsan_overflow *o, u64 a, u64 b);
void __ubsan_handle_negate_overflow(struct ubsan_overflow *o, u64 a);
void __ubsan_handle_shift_out_of_bounds(struct ubsan_shift *s, u64 a, u64 b);
void __ubsan_handle_out_of_bounds(struct ubsan_bounds *b, u64 index);
void __ubsan_handle_load_invalid_value(struct ubsan_value *v, u64 value);
void __ubsan_handle_vla_bound_not_positive(struct ubsan_value *v, u64 bound);
void __ubsan_handle_pointer_overflow(struct ubsan_place *p, u64 base, u64 result);
void __ubsan_handle_type_mismatch_v1(struct ubsan_mismatch *m, u64 address);
void __ubsan_handle_nonnull_arg(struct ubsan_place *p);
void __ubsan_handle_builtin_unreachable(struct ubsan_place *p)
	__attribute__((noreturn));
void __ubsan_handle_missing_return(struct ubsan_place *p)
	__attribute__((noreturn));

#endif
