/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/tty.c - the terminal: one screen and keyboard for all programs
 *
 * Concept    There is one terminal. Its keyboards are the serial line and, on a
 *            plain PC, the PS/2 keyboard; its screens are the kernel's consoles.
 *            /dev/console, /dev/ttyS0 and /dev/tty all lead here. Input goes
 *            through the magic keys and the line discipline to whoever reads;
 *            Ctrl-C and its like become signals for the foreground group.
 *
 *		UART, i8042 --> tty_input --> magic keys --> ldisc --> ring --> read
 *		                                  |             |
 *		consoles  <-- write, echo <-------+             +--> signal_send_pgrp
 *
 * Owns       The terminal's state, session and foreground group.
 * Locks      tty_lock (LOCK_DRIVER_SPIN, interrupts off): ldisc, session, group.
 *            read_mutex, write_mutex (LOCK_TTY, sleeping): one read or write
 *            takes its part without others in between; nobody waits for input
 *            while it holds them. Signals are sent after tty_lock is released.
 * Invariants A signal that a key asked for is sent exactly once: tty_input().
 * Callers    fs/ through the device nodes; drivers/video/ps2.c
 * Next       drivers/char/magic_key.c
 */
#include "drivers/char/tty.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/serial.h"
#include "drivers/char/ldisc.h"
#include "drivers/char/magic_key.h"
#include "fs/chardev.h"
#include "fs/vfs.h"
#include "include/uapi/poll.h"
#include "include/uapi/signal.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/wait.h"
#include "kernel/task/process.h"
#include "kernel/task/signal.h"
#include "kernel/time/tick.h"
#include "kernel/time/timer.h"
#include "mm/uaccess.h"

#define TTY_PIECE 256			/* bytes moved at a time */

static struct {
	struct ldisc ldisc;		/* tty_lock */
	struct winsize winsize;		/* tty_lock */
	pid_t session, pgrp;		/* tty_lock; 0: none */
	int sig;			/* tty_lock: to be sent by tty_input() */
	struct wait_queue_head read_wait;
	bool at_line_start;		/* write_mutex: for the prefix */
} tty;

DEFINE_STATIC_SPINLOCK(tty_lock, LOCK_DRIVER_SPIN);
DEFINE_MUTEX(tty_read_mutex, LOCK_TTY);
DEFINE_MUTEX(tty_write_mutex, LOCK_TTY);
static const char *tty_prefix = "";
static struct timer tty_poll_timer;

/* ---- input ---- */

static void tty_echo(struct ldisc *ld, const char *text, size_t len)
{
	printk_raw_n(text, len);
}

static void tty_note_signal(struct ldisc *ld, int sig)
{
	tty.sig = sig;
}

void tty_input(const u8 *chars, size_t nr)
{
	bool readable = false;
	unsigned long flags;
	pid_t pgrp = 0;
	int sig = 0;

	for (size_t i = 0; i < nr; i++) {
		if (magic_key_input(chars[i]))
			continue;
		spin_lock_irqsave(&tty_lock, flags);
		tty.sig = 0;
		readable |= ldisc_input(&tty.ldisc, chars[i]);
		sig = tty.sig;
		pgrp = tty.pgrp;
		spin_unlock_irqrestore(&tty_lock, flags);
		if (sig && pgrp)
			(void)signal_send_pgrp(pgrp, sig, NULL);
	}
	if (readable)
		wake_up_all(&tty.read_wait);
}

/* All that is there: the line is edge-triggered, so what stays in the UART would ring no more. */
static void tty_serial_drain(void)
{
	u8 chars[16];
	size_t nr;
	int c;

	do {
		nr = 0;
		while (nr < sizeof(chars) && (c = serial_getc()) >= 0)
			chars[nr++] = (u8)c;
		if (nr)
			tty_input(chars, nr);
	} while (nr == sizeof(chars));
}

static void tty_serial_irq(struct pt_regs *regs)
{
	tty_serial_drain();
}

/* Where no interrupt can be had: look at every tick. */
static void tty_poll(struct timer *timer)
{
	tty_serial_drain();
	(void)mod_timer(timer, ticks + 1);
}

/* ---- job control ---- */

/* The caller's group and session; false in a kernel thread. */
static bool tty_caller(pid_t *pgrp, pid_t *session)
{
	unsigned long flags;

	if (!current->thread)
		return false;
	flags = tasklist_lock();
	*pgrp = current_process->pgrp->nr;
	*session = current_process->session->nr;
	tasklist_unlock(flags);
	return true;
}

static bool tty_caller_ignores(int sig)
{
	struct process *p = current_process;
	unsigned long flags;
	bool ignores;

	spin_lock_irqsave(&p->siglock, flags);
	ignores = (current_thread->blocked & sigmask(sig)) || p->action[sig].handler == SIG_IGN;
	spin_unlock_irqrestore(&p->siglock, flags);
	return ignores;
}

/*
 * May the caller use the terminal? A background group of its session may not:
 * it is stopped by @sig. Return: 0, -EIO, -ERESTARTSYS with the signal sent.
 */
static int tty_check_foreground(int sig)
{
	pid_t pgrp, session, fg, tty_session;
	unsigned long flags;

	if (!tty_caller(&pgrp, &session))
		return 0;
	spin_lock_irqsave(&tty_lock, flags);
	fg = tty.pgrp;
	tty_session = tty.session;
	spin_unlock_irqrestore(&tty_lock, flags);
	if (session != tty_session || !fg || pgrp == fg)
		return 0;
	if (tty_caller_ignores(sig))
		return sig == SIGTTIN ? -EIO : 0;
	/* the signal would stop nobody, and the call be repeated for ever */
	if (process_pgrp_orphaned(current_process))
		return -EIO;
	(void)signal_send_pgrp(pgrp, sig, NULL);
	return -ERESTARTSYS;
}

/* The caller's session gets the terminal, if it leads one and the terminal is free. */
static int tty_set_session(bool steal)
{
	pid_t pgrp, session;
	unsigned long flags;
	int error = 0;

	if (!tty_caller(&pgrp, &session) || session != current_process->pid->nr)
		return -EPERM;
	spin_lock_irqsave(&tty_lock, flags);
	if (tty.session && tty.session != session && !steal) {
		error = -EPERM;
	} else if (tty.session != session) {
		tty.session = session;
		tty.pgrp = pgrp;
	}
	spin_unlock_irqrestore(&tty_lock, flags);
	return error;
}

/* ---- reading and writing ---- */

static bool tty_readable(void)
{
	unsigned long flags;
	bool readable;

	spin_lock_irqsave(&tty_lock, flags);
	readable = ldisc_readable(&tty.ldisc);
	spin_unlock_irqrestore(&tty_lock, flags);
	return readable;
}

/* Take what is there. Return: bytes; *@done: the read is complete. -EFAULT. */
static ssize_t tty_take(struct iobuf *io, bool *done)
{
	char piece[TTY_PIECE];
	unsigned long flags;
	size_t n, total = 0;

	mutex_lock(&tty_read_mutex);
	do {
		spin_lock_irqsave(&tty_lock, flags);
		n = ldisc_read(&tty.ldisc, piece, min(io->left, sizeof(piece)), done);
		spin_unlock_irqrestore(&tty_lock, flags);
		if (iobuf_copy_to(io, piece, n) != n) {
			mutex_unlock(&tty_read_mutex);
			return total ? (ssize_t)total : -EFAULT;
		}
		total += n;
	} while (n && !*done && io->left);
	mutex_unlock(&tty_read_mutex);
	*done |= !io->left;
	return (ssize_t)total;
}

/* How many bytes end a raw read, and after how many ticks it gives up. */
static void tty_raw_limits(bool *canonical, size_t *want, u64 *wait)
{
	unsigned long flags;

	spin_lock_irqsave(&tty_lock, flags);
	*canonical = tty.ldisc.termios.c_lflag & ICANON;
	*want = *canonical ? 1 : tty.ldisc.termios.c_cc[VMIN];
	*wait = *canonical ? 0 : tty.ldisc.termios.c_cc[VTIME] * (HZ / 10UL);
	spin_unlock_irqrestore(&tty_lock, flags);
}

/* Wait for input. Return: 1, 0 (time is up), -EAGAIN, -ERESTARTSYS. */
static int tty_wait(struct file *file, bool first, size_t want, u64 wait)
{
	s64 left;

	if (READ_ONCE(file->flags) & O_NONBLOCK)
		return tty_readable() ? 1 : -EAGAIN;
	/* VTIME counts from the beginning without VMIN, else between bytes. */
	if (wait && (!want || !first)) {
		left = wait_event_interruptible_timeout(&tty.read_wait, tty_readable(), wait);
		return left < 0 ? (int)left : left > 0;
	}
	if (!want)
		return tty_readable();
	left = wait_event_interruptible(&tty.read_wait, tty_readable());
	return left < 0 ? (int)left : 1;
}

static ssize_t tty_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	bool canonical, done = false;
	size_t want, total = 0;
	ssize_t n;
	u64 wait;
	int more;

	if (!io->left)
		return 0;
	while (!done) {
		n = tty_check_foreground(SIGTTIN);
		if (n)
			return total ? (ssize_t)total : n;
		tty_raw_limits(&canonical, &want, &wait);
		more = tty_wait(file, !total, want, wait);
		if (more <= 0)
			return total ? (ssize_t)total : more;
		n = tty_take(io, &done);
		if (n < 0)
			return total ? (ssize_t)total : n;
		total += (size_t)n;
		/* Another reader may have been faster: then wait again. */
		done |= !canonical && total && total >= want;
	}
	return (ssize_t)total;
}

/* Print with the prefix at the beginning of each line. */
static void tty_print_prefixed(const char *text, size_t len)
{
	const char *prefix = READ_ONCE(tty_prefix);
	size_t run;

	while (len) {
		const char *newline = memchr(text, '\n', len);

		run = newline ? (size_t)(newline - text) + 1 : len;
		if (tty.at_line_start)
			printk_raw(prefix);
		printk_raw_n(text, run);
		tty.at_line_start = newline;
		text += run;
		len -= run;
	}
}

static void tty_print(const char *text, size_t len)
{
	if (*READ_ONCE(tty_prefix)) {
		tty_print_prefixed(text, len);
		return;
	}
	printk_raw_n(text, len);
	tty.at_line_start = text[len - 1] == '\n';
}

void tty_set_prefix(const char *prefix)
{
	WRITE_ONCE(tty_prefix, prefix);
}

static ssize_t tty_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	bool stops = READ_ONCE(tty.ldisc.termios.c_lflag) & TOSTOP;
	char piece[TTY_PIECE];
	size_t n, done = 0;
	int error = stops ? tty_check_foreground(SIGTTOU) : 0;

	if (error)
		return error;
	mutex_lock(&tty_write_mutex);
	while (io->left && !error) {
		size_t want = min(io->left, sizeof(piece));

		n = iobuf_copy_from(io, piece, want);
		if (n)
			tty_print(piece, n);
		done += n;
		if (n < want)
			error = -EFAULT;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	mutex_unlock(&tty_write_mutex);
	return done ? (ssize_t)done : error;
}

static u32 tty_poll_file(struct file *file, struct poll_table *table)
{
	poll_wait(file, &tty.read_wait, table);
	return POLLOUT | POLLWRNORM | (tty_readable() ? POLLIN | POLLRDNORM : 0);
}

/* ---- ioctl ---- */

static long tty_get_termios(struct termios __user *out)
{
	struct termios t;
	unsigned long flags;

	spin_lock_irqsave(&tty_lock, flags);
	t = tty.ldisc.termios;
	spin_unlock_irqrestore(&tty_lock, flags);
	return copy_to_user(out, &t, sizeof(t));
}

static long tty_set_termios(const struct termios __user *in, bool flush)
{
	struct termios t;
	unsigned long flags;
	int error = tty_check_foreground(SIGTTOU);

	if (error)
		return error;
	if (copy_from_user(&t, in, sizeof(t)))
		return -EFAULT;
	spin_lock_irqsave(&tty_lock, flags);
	if (flush)
		ldisc_flush(&tty.ldisc);
	ldisc_set_termios(&tty.ldisc, &t);
	spin_unlock_irqrestore(&tty_lock, flags);
	/* What was half a line may be readable now. */
	wake_up_all(&tty.read_wait);
	return 0;
}

static long tty_get_winsize(struct winsize __user *out)
{
	struct winsize ws;
	unsigned long flags;

	spin_lock_irqsave(&tty_lock, flags);
	ws = tty.winsize;
	spin_unlock_irqrestore(&tty_lock, flags);
	return copy_to_user(out, &ws, sizeof(ws));
}

static long tty_set_winsize(const struct winsize __user *in)
{
	struct winsize ws;
	unsigned long flags;
	pid_t pgrp = 0;

	if (copy_from_user(&ws, in, sizeof(ws)))
		return -EFAULT;
	spin_lock_irqsave(&tty_lock, flags);
	if (memcmp(&ws, &tty.winsize, sizeof(ws)))
		pgrp = tty.pgrp;
	tty.winsize = ws;
	spin_unlock_irqrestore(&tty_lock, flags);
	if (pgrp)
		(void)signal_send_pgrp(pgrp, SIGWINCH, NULL);
	return 0;
}

static long tty_get_pgrp(pid_t __user *out, bool session)
{
	pid_t own_pgrp, own_session, answer;
	unsigned long flags;

	if (!tty_caller(&own_pgrp, &own_session))
		return -ENOTTY;
	spin_lock_irqsave(&tty_lock, flags);
	answer = tty.session != own_session ? 0 : session ? tty.session : tty.pgrp;
	spin_unlock_irqrestore(&tty_lock, flags);
	return answer ? put_user(answer, out) : -ENOTTY;
}

static long tty_set_pgrp(const pid_t __user *in)
{
	pid_t pgrp, own_pgrp, own_session;
	unsigned long flags;
	long error = 0;

	if (!tty_caller(&own_pgrp, &own_session))
		return -ENOTTY;
	error = tty_check_foreground(SIGTTOU);
	if (error)
		return error;
	if (get_user(pgrp, (pid_t __user *)in))
		return -EFAULT;
	if (pgrp <= 0)
		return -EINVAL;
	if (!process_pgrp_in_session(pgrp, own_session))
		return -EPERM;
	spin_lock_irqsave(&tty_lock, flags);
	if (tty.session == own_session)
		tty.pgrp = pgrp;
	else
		error = -ENOTTY;
	spin_unlock_irqrestore(&tty_lock, flags);
	return error;
}

static long tty_leave_session(void)
{
	pid_t pgrp, session;
	unsigned long flags;

	if (!tty_caller(&pgrp, &session))
		return -ENOTTY;
	spin_lock_irqsave(&tty_lock, flags);
	if (tty.session == session && session == current_process->pid->nr)
		tty.session = tty.pgrp = 0;
	spin_unlock_irqrestore(&tty_lock, flags);
	return 0;
}

static long tty_count_input(int __user *out)
{
	unsigned long flags;
	int n;

	spin_lock_irqsave(&tty_lock, flags);
	n = (int)ldisc_available(&tty.ldisc);
	spin_unlock_irqrestore(&tty_lock, flags);
	return put_user(n, out);
}

static long tty_flush(unsigned long which)
{
	unsigned long flags;

	if (which > TCIOFLUSH)
		return -EINVAL;
	spin_lock_irqsave(&tty_lock, flags);
	if (which != TCOFLUSH)
		ldisc_flush(&tty.ldisc);
	spin_unlock_irqrestore(&tty_lock, flags);
	return 0;
}

static long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *ptr = (void __user *)arg;

	switch (cmd) {
	case TCGETS:
		return tty_get_termios(ptr);
	case TCSETS:
	case TCSETSW:		/* output is never pending: written when write returns */
		return tty_set_termios(ptr, false);
	case TCSETSF:
		return tty_set_termios(ptr, true);
	case TCFLSH:
		return tty_flush(arg);
	case TCSBRK:
	case TCXONC:
		return 0;
	case TIOCGWINSZ:
		return tty_get_winsize(ptr);
	case TIOCSWINSZ:
		return tty_set_winsize(ptr);
	case TIOCGPGRP:
		return tty_get_pgrp(ptr, false);
	case TIOCGSID:
		return tty_get_pgrp(ptr, true);
	case TIOCSPGRP:
		return tty_set_pgrp(ptr);
	case TIOCSCTTY:
		return tty_set_session(arg == 1);
	case TIOCNOTTY:
		return tty_leave_session();
	case FIONREAD:
		return tty_count_input(ptr);
	default:
		return -ENOTTY;
	}
}

/* ---- opening ---- */

/* A session leader without a terminal gets this one, unless it says O_NOCTTY. */
static int tty_open(struct inode *inode, struct file *file)
{
	pid_t pgrp, session;

	if (!(file->flags & O_NOCTTY) && tty_caller(&pgrp, &session) &&
	    session == current_process->pid->nr)
		(void)tty_set_session(false);
	return 0;
}

/* /dev/tty is the caller's terminal, if it has one. */
static int tty_open_own(struct inode *inode, struct file *file)
{
	pid_t pgrp, session;
	unsigned long flags;
	bool own;

	if (!tty_caller(&pgrp, &session))
		return -ENXIO;
	spin_lock_irqsave(&tty_lock, flags);
	own = tty.session == session;
	spin_unlock_irqrestore(&tty_lock, flags);
	return own ? 0 : -ENXIO;
}

static const struct file_operations tty_fops = {
	.open = tty_open, .read = tty_read, .write = tty_write, .poll = tty_poll_file,
	.ioctl = tty_ioctl,
};

static const struct file_operations tty_own_fops = {
	.open = tty_open_own, .read = tty_read, .write = tty_write, .poll = tty_poll_file,
	.ioctl = tty_ioctl,
};

static void tty_start_serial(void)
{
	if (!serial_present())
		return;
	if (!irq_register(SERIAL_IRQ, tty_serial_irq, "ttyS0")) {
		serial_enable_rx_irq();
		return;
	}
	pr_info("ttyS0: no interrupt; the line is polled at every tick");
	timer_setup(&tty_poll_timer, tty_poll);
	(void)mod_timer(&tty_poll_timer, ticks + 1);
}

void tty_init(void)
{
	ldisc_init(&tty.ldisc);
	tty.ldisc.echo = tty_echo;
	tty.ldisc.signal = tty_note_signal;
	tty.winsize = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	tty.at_line_start = true;
	init_waitqueue_head(&tty.read_wait);
	magic_key_init();
	if (device_register("console", S_IFCHR | 0600, 5, 1, &tty_fops, NULL) ||
	    device_register("tty", S_IFCHR | 0666, 5, 0, &tty_own_fops, NULL) ||
	    device_register("ttyS0", S_IFCHR | 0600, 4, 64, &tty_fops, NULL))
		panic("no memory for the terminal's nodes");
	tty_start_serial();
}
