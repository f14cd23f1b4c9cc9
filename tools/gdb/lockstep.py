# SPDX-License-Identifier: GPL-2.0-only
"""lockstep.py - gdb commands that know the kernel's structures

`make debug` and `make replay` load it, and tools/where for a boot that hangs.
    ls-tasks [PID]      every task: state, CPU, locks held, where it sleeps
    ls-cpus             what each CPU runs and what waits in its queue
    ls-vmas MM          the ranges of an address space, e.g. ls-vmas $current()->mm
    ls-pt MM ADDRESS    the way of one address through the page tables
    ls-page PAGE        a frame: flags by name, counts, mapping
MM and PAGE are C expressions; $current() is the task of the selected CPU.
"""
import gdb

DIRECT_MAP = 0xffff800000000000
PTE_BITS = ((0, "present"), (1, "write"), (2, "user"), (5, "young"), (6, "dirty"), (7, "huge"),
            (8, "global"), (63, "nx"))
SAVED_RBP, SAVED_RIP = 5, 6         # words above the saved sp: arch/x86/cpu/switch.S
DEPTH = 16
EVERY_SLEEPER = {"arch_switch_to", "sched_switch", "schedule", "kthread_entry", "task_first_run",
                 "thread_start"}


def value(expression):
    return gdb.parse_and_eval(expression)


def word(address):
    return int(value(f"*(unsigned long *){address:#x}"))


def entries(head, type_name, member):
    """the objects of a list_head, as gdb values"""
    type_ = gdb.lookup_type(type_name)
    offset = next(f.bitpos for f in type_.fields() if f.name == member) // 8
    node = head["next"]
    while node != head.address:
        yield gdb.Value(int(node) - offset).cast(type_.pointer()).dereference()
        node = node["next"]


def in_order(node, type_name, member):
    """the objects of an rb_root, by key"""
    if not node:
        return
    type_ = gdb.lookup_type(type_name)
    offset = next(f.bitpos for f in type_.fields() if f.name == member) // 8
    yield from in_order(node["rb_left"], type_name, member)
    yield gdb.Value(int(node) - offset).cast(type_.pointer()).dereference()
    yield from in_order(node["rb_right"], type_name, member)


def set_bits(number, enum, prefix):
    """the names of an enum's bits that are set (enumerators are the masks)"""
    names = [f.name[len(prefix):] for f in gdb.lookup_type(enum).fields()
             if f.name.startswith(prefix) and f.enumval & number and f.enumval & (f.enumval - 1) == 0]
    return "|".join(names)


def place(address):
    """function and source line of a kernel address"""
    block = gdb.block_for_pc(address)
    while block and not block.function:
        block = block.superblock
    line = gdb.find_pc_line(address)
    name = block.function.name if block else f"{address:#x}"
    return f"{name} at {line.symtab.filename}:{line.line}" if line.symtab else name


def per_cpu(symbol, cpu):
    at = int(value(f"&{symbol}")) + int(value(f"percpu_offset[{cpu}]"))
    return gdb.Value(at).cast(value(f"&{symbol}").type).dereference()


def online():
    return range(int(value("nr_cpus_online")))


def backtrace(task):
    """return addresses of a task that is switched out, innermost first"""
    sp = int(task["arch"]["sp"])
    frame, found = word(sp + 8 * SAVED_RBP), [word(sp + 8 * SAVED_RIP)]
    bottom = int(task["stack"])
    while bottom <= frame < bottom + 0x10000 and len(found) < DEPTH:
        found.append(word(frame + 8))
        frame = word(frame)
    return [a - 1 for a in found if a]


def held_locks(task):
    info = task["info"]
    if "nr_held" not in [f.name for f in info.type.fields()]:
        return      # CHECKS=n keeps no record
    for i in range(int(info["nr_held"])):
        held = info["held"][i]
        yield f"{held['class']['name'].string()} {int(held['lock']):#x}, taken in {place(int(held['ip']))}"


def show_task(task, running):
    pid, state = int(task["pid"]), int(task["state"])
    how = "runs" if pid in running and state == 0 else \
        set_bits(state, "enum task_state", "TASK_") or "runnable"
    print(f"{pid:5} {task['comm'].string():16} {how}, CPU {int(task['info']['cpu'])}")
    for text in held_locks(task):
        print(f"      holds {text}")
    if how == "runs":
        return      # its stack is in use: see the CPU's own backtrace
    for line in map(place, backtrace(task)):
        if line.split(" ")[0] not in EVERY_SLEEPER:
            print(f"      {line}")


class Tasks(gdb.Command):
    def __init__(self):
        super().__init__("ls-tasks", gdb.COMMAND_DATA)

    def invoke(self, argument, _tty):
        running = {int(per_cpu("current_task", c)["pid"]) for c in online()}
        for task in entries(value("task_list"), "struct task", "all_link"):
            if not argument or int(task["pid"]) == int(argument):
                show_task(task, running)


class Cpus(gdb.Command):
    def __init__(self):
        super().__init__("ls-cpus", gdb.COMMAND_DATA)

    def invoke(self, _argument, _tty):
        for cpu in online():
            rq = per_cpu("run_queues", cpu)
            current = per_cpu("current_task", cpu)
            print(f"CPU {cpu}: runs {int(current['pid'])} {current['comm'].string()}, "
                  f"preempt_count {int(current['info']['preempt_count']):#x}")
            for task in in_order(rq["tree"]["rb_node"], "struct task", "run_node"):
                print(f"      waits {int(task['pid'])} {task['comm'].string()}")


class Vmas(gdb.Command):
    def __init__(self):
        super().__init__("ls-vmas", gdb.COMMAND_DATA)

    def invoke(self, argument, _tty):
        for vma in in_order(value(argument)["vmas"]["rb_node"], "struct vma", "node"):
            kind = "file" if vma["file"] else "anon"
            flags = set_bits(int(vma["flags"]), "enum vma_flag", "VM_")
            print(f"{int(vma['start']):016x}-{int(vma['end']):016x} {kind} {flags}")


class PageTable(gdb.Command):
    def __init__(self):
        super().__init__("ls-pt", gdb.COMMAND_DATA)

    def invoke(self, argument, _tty):
        mm, _, address = argument.rpartition(" ")
        va, table = int(value(address)), int(value(mm)["pgd"])
        for level in (4, 3, 2, 1):
            index = va >> (3 + 9 * level) & 0x1ff
            entry = word(table + 8 * index) & (1 << 64) - 1
            bits = " ".join(name for bit, name in PTE_BITS if entry >> bit & 1)
            print(f"level {level} [{index:3}] {entry:016x} {bits}")
            if not entry & 1 or entry & 0x80 and level < 4:
                break
            table = DIRECT_MAP + (entry & 0x000ffffffffff000)


class Page(gdb.Command):
    def __init__(self):
        super().__init__("ls-page", gdb.COMMAND_DATA)

    def invoke(self, argument, _tty):
        page = value(argument).cast(gdb.lookup_type("struct page").pointer())
        flags = int(page["flags"])
        names = [f.name for f in gdb.lookup_type("enum page_flag").fields() if flags >> f.enumval & 1]
        print(f"frame {int(page - value('mem_map')):#x}: {' '.join(names) or 'no flags'}")
        print(f"  refcount {page['refcount']} _mapcount {page['_mapcount']} "
              f"mapping {page['mapping']} index {int(page['index']):#x}")


class Current(gdb.Function):
    """$current(): the task that the selected CPU runs"""

    def __init__(self):
        super().__init__("current")

    def invoke(self):
        return per_cpu("current_task", gdb.selected_thread().num - 1)


for command in (Tasks, Cpus, Vmas, PageTable, Page, Current):
    command()
