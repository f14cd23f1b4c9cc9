/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/vectors.h - who owns which interrupt vector
 *
 * The upper four bits are the local APIC's priority class: the higher wins.
 */
#ifndef ARCH_X86_CPU_VECTORS_H
#define ARCH_X86_CPU_VECTORS_H

/* 0x00-0x1f: exceptions, fixed by the architecture (SDM volume 3, 6.3.1) */
#define TRAP_DE		0
#define TRAP_DB		1
#define TRAP_NMI	2
#define TRAP_BP		3
#define TRAP_OF		4
#define TRAP_BR		5
#define TRAP_UD		6
#define TRAP_NM		7
#define TRAP_DF		8
#define TRAP_TS		10
#define TRAP_NP		11
#define TRAP_SS		12
#define TRAP_GP		13
#define TRAP_PF		14
#define TRAP_MF		16
#define TRAP_AC		17
#define TRAP_MC		18
#define TRAP_XM		19
#define NR_TRAPS	32

/* 0x20-0x2f: where the masked 8259 would deliver, if it were not masked */
#define VECTOR_PIC	0x20
/* 0x30-0x4f: lines of the I/O APIC; vector = VECTOR_GSI + global interrupt */
#define VECTOR_GSI	0x30
#define NR_GSI		32
/* 0x60-0x7f: emulated devices raise these by IPI, as a real one would by MSI */
#define VECTOR_DEVICE	0x60
#define NR_DEVICE_VECTORS 32
/* 0x80-0x9f: message-signalled interrupts of real PCI devices */
#define VECTOR_MSI	0x80
#define NR_MSI_VECTORS	32
/* 0xf0-0xff: the local APIC's own and messages between CPUs */
#define VECTOR_TIMER	0xf0
#define VECTOR_RESCHEDULE 0xf1
#define VECTOR_CALL	0xf2
#define VECTOR_TLB	0xf3
#define VECTOR_STOP	0xf4
#define VECTOR_SPURIOUS	0xff

#define NR_VECTORS	256

#endif
