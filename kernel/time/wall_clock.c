/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/time/wall_clock.c - what time it is outside
 *
 * Concept    The kernel counts nanoseconds since boot. The battery clock is
 *            read once, to know when that was; the wall clock is the sum.
 * Owns       The offset between the two clocks.
 * Locks      None: written once at boot.
 * Callers    the clocks of programs, the times of files.
 */
#include "arch/x86/cpu/io.h"
#include "kernel/time/tick.h"

/* The MC146818's registers behind ports 0x70 and 0x71. */
#define RTC_SECONDS 0
#define RTC_MINUTES 2
#define RTC_HOURS 4
#define RTC_DAY 7
#define RTC_MONTH 8
#define RTC_YEAR 9
#define RTC_STATUS_A 10			/* bit 7: the time is being updated */
#define RTC_STATUS_B 11			/* bit 2: binary, not BCD; bit 1: 24 hours */

static u64 wall_clock_offset;

static u8 rtc_register(u8 reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static unsigned int rtc_read(u8 reg, bool binary)
{
	u8 value = rtc_register(reg);

	return binary ? value : (value >> 4) * 10 + (value & 15);
}

/* Days from 1970-01-01 to a date from 2000 to 2099. */
static u64 clock_days(unsigned int year, unsigned int month, unsigned int day)
{
	static const u16 before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	u64 days = 10957 + (year - 2000) * 365UL + (year - 2000 + 3) / 4;

	days += before[(month - 1) % 12] + day - 1;
	return days + (month > 2 && year % 4 == 0);
}

void wall_clock_init(void)
{
	bool binary;
	u64 now;

	for (int i = 0; i < 100000 && (rtc_register(RTC_STATUS_A) & 0x80); i++)
		;
	binary = rtc_register(RTC_STATUS_B) & 4;
	now = clock_days(2000 + rtc_read(RTC_YEAR, binary), rtc_read(RTC_MONTH, binary),
			 rtc_read(RTC_DAY, binary));
	now = now * 24 + rtc_read(RTC_HOURS, binary);
	now = now * 60 + rtc_read(RTC_MINUTES, binary);
	now = now * 60 + rtc_read(RTC_SECONDS, binary);
	wall_clock_offset = now * NSEC_PER_SEC - ktime_get_ns();
}

u64 ktime_real_offset_ns(void)
{
	return wall_clock_offset;
}

u64 ktime_get_real_ns(void)
{
	return ktime_get_ns() + wall_clock_offset;
}
