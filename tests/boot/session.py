#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""session.py - types at a shell and keeps what the terminal shows

    tests/boot/session.py guest         at Lockstep's prompt; compares, in TAP
    tests/boot/session.py linux         at busybox's ash on this machine; the same
    tests/boot/session.py record        keeps what this machine shows

Both get the same keys, each after the text that shows that the program before it
is ready: nothing here waits for time to pass. What differs from run to run is
struck out: process numbers, and the question for the cursor's place.
"""
import os
import pty
import re
import resource
import select
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTED = os.path.join(HERE, "session.expected")
LIMIT = 30                              # seconds until a step is given up
CURSOR = b"\x1b[6n"
PROMPT = r"(\A|[\nlJK])\$ \Z"          # not where a line is drawn again
UP, LEFT = "\x1b[A", "\x1b[D"
# A program says by itself that it is up: then the terminal is its own.
CAT, SLEEP = "cat up -", "tail -f up"
RUNS = r"\nup\r\n\Z"

# name, then keys and what must be on the screen before the next ones
STEPS = (
    ("a command", [("echo hello\r", PROMPT)]),
    ("the size of the window", [("stty size\r", PROMPT)]),
    ("a file", [("echo up >up\r", PROMPT)]),
    ("editing: a letter forgotten", [("echo edted" + LEFT * 3 + "i\r", PROMPT)]),
    ("editing: start, end, kill", [("never this\x15ho x\x01ec\x05y\r", PROMPT)]),
    ("history", [(UP + "z\r", PROMPT), (UP + UP + "\r", PROMPT)]),
    ("completion", [(">a_long_name\r", PROMPT), ("ls a_lo\t\r", PROMPT)]),
    ("Ctrl-C at the prompt", [("half a line\x03", PROMPT), ("echo $?\r", PROMPT)]),
    ("Ctrl-C ends a program", [(SLEEP + "\r", RUNS), ("\x03", PROMPT), ("echo $?\r", PROMPT)]),
    ("Ctrl-D ends the input", [(CAT + "\r", RUNS), ("line\r", r"line\r\nline\r\n\Z"),
                               ("\x04", PROMPT)]),
    ("editing by the terminal", [(CAT + "\r", RUNS), ("ab\x7fc\r", r"ac\r\n\Z"),
                                 ("word two\x17\x15line\r", r"\r\nline\r\n\Z"), ("\x04", PROMPT)]),
    ("Ctrl-Z stops", [(CAT + "\r", RUNS), ("\x1a", PROMPT), ("jobs\r", PROMPT)]),
    ("a second job", [(SLEEP + "\r", RUNS), ("\x1a", PROMPT), ("jobs\r", PROMPT)]),
    ("to the background", [("bg; until jobs | grep Running; do :; done\r", PROMPT)]),
    ("to the foreground", [("fg %1\r", r"cat[^\n]*\n\Z"), ("again\r", r"again\r\nagain\r\n\Z"),
                           ("\x04", PROMPT)]),
    ("kill a job", [("kill %2; wait\r", PROMPT), ("jobs\r", PROMPT)]),
    ("Ctrl-C does not reach the background", [("sleep 1000 &\r", PROMPT), (CAT + "\r", RUNS),
                                              ("\x03", PROMPT), ("jobs\r", PROMPT),
                                              ("kill %1; wait\r", PROMPT)]),
    ("a background job must not read", [("cat & until jobs | grep -q tty; do :; done; jobs\r",
                                         PROMPT),
                                        ("fg\r", r"cat[^\n]*\n\Z"), ("mine\r", r"mine\r\nmine\r\n\Z"),
                                        ("\x04", PROMPT)]),
    ("Ctrl-\\ ends", [(SLEEP + "\r", RUNS), ("\x1c", PROMPT), ("echo $?\r", PROMPT)]),
    ("a pipeline is one job", [(SLEEP + " | cat\r", RUNS), ("\x1a", PROMPT),
                               ("jobs\r", PROMPT), ("fg\r", r"cat[^\n]*\n\Z"), ("\x03", PROMPT)]),
    ("vi writes a file", [("vi note\r", r"- note 1/1"), ("ifirst\rsecond", r"\A(?=.*second)(?=.*I note .*2/2)"),
                          ("\x1b", r"- note .*2/2"), (":wq\r", PROMPT), ("cat note\r", PROMPT)]),
    ("vi changes it", [("vi note\r", r"\A(?=.*second)(?=.*- note 1/2)"), ("x", r"- note .*1/2"),
                       ("ddp", r"Put 1 lines"), (":wq\r", PROMPT), ("cat note\r", PROMPT)]),
    ("top", [("top\r", r"PID +PPID"), ("q", PROMPT)]),
    ("less", [("seq 100 | less\r", r":\Z|\)\Z|\x1b\[0?m\Z"), ("q", PROMPT)]),
    ("no echo", [("stty -echo; " + CAT + "; stty echo\r", RUNS), ("unseen\r", r"\Aunseen\r\n\Z"),
                 ("\x04", PROMPT)]),
)
# What these show is the machine's own, or drawn as often as there is time.
ONLY_TEXT = {"vi writes a file": r"\nfirst\r\nsecond\r\n\$ ",
             "vi changes it": r"\nsecond\r\nirst\r\n\$ ", "top": r"PID +PPID +USER +STAT", "less": r"(?s)\b1\b.*\b2\b.*\b20\b"}


class Terminal:
    """A program at the other end of a pseudo-terminal."""

    def __init__(self, argv, env, cwd, ctrl_a="\x01"):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(cwd)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.execvpe(argv[0], argv, env)
        self.ctrl_a = ctrl_a            # how to send one
        self.seen = b""                 # since the last keys
        self.all = b""

    def read(self, limit):
        ready, _, _ = select.select([self.fd], [], [], limit)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.all = (self.all + data).replace(b"\r\r\n", b"\r\n")
        self.seen = (self.seen + data).replace(CURSOR, b"").replace(b"\r\r\n", b"\r\n")
        return bool(data)

    def type(self, keys, until, limit=LIMIT):
        """Return: whether @until came."""
        self.seen = b""
        os.write(self.fd, keys.replace("\x01", self.ctrl_a).encode())
        return self.wait(until, limit)

    def wait(self, until, limit=LIMIT):
        end = time.monotonic() + limit
        pattern = re.compile(until.encode(), re.S)
        while not pattern.search(self.seen):
            if time.monotonic() > end or not self.read(max(0.0, end - time.monotonic())):
                return False
        return True

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def tidy(name, shown):
    """What counts of the bytes that a step has shown."""
    text = shown.replace(CURSOR, b"").decode(errors="replace")
    if name in ONLY_TEXT:
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
        return "shown\n" if re.search(ONLY_TEXT[name], plain) else text
    text = text.replace("\r\n", "\n").replace("\r", "\\r")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda c: "\\x%02x" % ord(c[0]), text)


def play(term):
    """Type every step. Yields the name and the text shown, or None for a step without end."""
    for name, keys in STEPS:
        start, good = len(term.all), True
        for k, until in keys:
            good = good and term.type(k, until)
        yield name, tidy(name, term.all[start:]) if good else None, term.all[start:]
        if not good:
            return


def on_linux():
    env = {"PATH": "/bin:/usr/bin", "TERM": "linux", "HOME": "/root", "PS1": "$ "}
    term = Terminal(["/bin/busybox", "ash"], env, tempfile.mkdtemp())
    term.wait(PROMPT)
    return term


def on_lockstep():
    root = os.path.dirname(os.path.dirname(HERE))
    env = dict(os.environ, APPEND="ktest=none", CPUS=os.environ.get("CPUS", "2"), MEM="128M")
    term = Terminal(["tools/run"], env, root, "\x01\x01")
    if not term.wait(r"# \Z", 120):
        sys.exit("Bail out! no prompt: " + repr(term.seen[-200:]))
    term.type("PS1='$ '; cd /tmp\r", PROMPT)
    return term


def play_all(term):
    term.type("stty rows 24 cols 80\r", PROMPT)
    return play(term)


def record():
    term = on_linux()
    with open(EXPECTED, "w", encoding="utf-8") as f:
        f.write("# recorded on Linux %s\n" % os.uname().release)
        for name, text, raw in play_all(term):
            if text is None:
                sys.exit("%s: no end: %r" % (name, raw))
            f.write("== %s\n%s\n" % (name, text))
    term.close()


def expected():
    with open(EXPECTED, encoding="utf-8") as f:
        parts = re.split(r"^== (.*)\n", f.read(), flags=re.M)
    return {parts[i]: parts[i + 1][:-1] for i in range(1, len(parts), 2)}


def compare(term):
    want, bad, seen = expected(), 0, 0
    print("1..%d" % len(STEPS))
    for number, (name, text, raw) in enumerate(play_all(term), 1):
        seen = number
        if text == want.get(name):
            print("ok %d - %s" % (number, name), flush=True)
            continue
        bad += 1
        print("not ok %d - %s" % (number, name))
        for label, shown in (("as on Linux", want.get(name)), ("here", text), ("raw", repr(raw))):
            for line in str(shown).splitlines():
                print("#   %s: %s" % (label, line), flush=True)
    return bad == 0 and seen == len(STEPS)


def main():
    mode = sys.argv[1] if len(sys.argv) == 2 else ""
    if mode == "record":
        record()
        return
    if mode not in ("guest", "linux"):
        sys.exit(__doc__)
    term = on_lockstep() if mode == "guest" else on_linux()
    good = compare(term)
    if mode == "guest" and good and not term.type("poweroff\r", "power off"):
        print("# poweroff: %r" % term.seen)
        good = False
    term.close()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
