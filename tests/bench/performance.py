#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The figures of make bench: compares, keeps and shows them.

usage: tests/bench/performance.py collect RUN...      prints figures from what tests/bench/run measured (KERNEL=FILE)
       tests/bench/performance.py compare NEW         prints what changed by more than 3 % against tests/bench/figures.tsv
       tests/bench/performance.py keep NEW            puts the figures of NEW into tests/bench/figures.tsv, then as write
       tests/bench/performance.py write               makes the tables of docs/performance.md and docs/start_to_sealed.svg
       tests/bench/performance.py check               are both what figures.tsv gives?  (names those that are not)

A line of figures is SYSTEM, NAME, NUMBER with tabs between: the kernel's series (6.12; 6.12-arm64 on arm64) or "build", then what
was measured.
"""
import os
import re
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
KEPT, PAGE, PICTURE = "tests/bench/figures.tsv", "docs/performance.md", "docs/start_to_sealed.svg"
STEPS = ["read", "load", "attach", "fill", "prove", "seal"]
COLOURS = {"read": "#999999", "load": "#0072b2", "attach": "#e69f00", "fill": "#009e73", "prove": "#cc79a7", "seal": "#d55e00"}
PARTS = ["none", "floor", "unsealed", "sealed"]
MARKED = 0.03
STARTS = [("first", "the policy, as PID 1"), ("start", "the policy, as a service"), ("limit", "empty programs")]
# Processor time of the machine that measures, which is never the same: kept and shown, but not compared.
NOT_COMPARED = ("idsig.",)


def read(path):
    figures = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fields = line.split()
            if line.startswith("#"):
                continue
            if len(fields) != 3:
                sys.exit(f"{path}:{number}: expected SYSTEM, NAME and NUMBER, found {len(fields)} words")
            figures[fields[0], fields[1]] = float(fields[2])
    return figures


def systems(figures):
    return list(dict.fromkeys(system for system, _ in figures if system != "build"))


def steps_of(kind, words):
    """The words of "load 12, attach 34" -> start.load 12, start.attach 34; in thousand instructions."""
    return [(f"{kind}.{name}", value.rstrip(",")) for name, value in zip(words[::2], words[1::2])]


def collect(runs):
    for run in runs:
        system, path = run.split("=", 1)
        part = None
        with open(path, encoding="utf-8") as file:
            for words in (line.split() for line in file if line.strip()):
                if words[0] != "#":
                    kind = f"operation.{part}" if part in PARTS else {"programs": "verified"}.get(part, part)
                    yield system, f"{kind}.{words[0]}", words[1]
                    continue
                part = words[1]
                if part in ("steps", "first", "limit"):
                    for name, value in steps_of({"steps": "start"}.get(part, part), words[2:]):
                        yield system, name, value


def compare(new):
    old, changes = read(KEPT), []
    compared = [key for key in sorted(new.keys() & old.keys()) if not key[1].startswith(NOT_COMPARED)]
    for key in compared:
        before, now = old[key], new[key]
        if abs(now - before) > MARKED * before:
            changes.append((key, before, now))
    print(f"\nAgainst {KEPT}: {len(changes)} of {len(compared)} figures changed by more than 3 %")
    for (system, name), before, now in changes:
        share = f"{100 * (now - before) / before:+.1f} %" if before else "new"
        print(f"  {'WORSE ' if now > before else 'better'} {system:>8} {name:<34} {before:>12.0f} -> {now:>12.0f}  {share}")


def order(key):
    """Kernels by their number, those of x86_64 first; then what is "build"."""
    system, name = key
    series, _, architecture = system.partition("-")
    return system == "build", architecture, [(not n.isdigit(), n.zfill(4)) for n in series.split(".")], name


def keep(new):
    figures = read(KEPT) if os.path.exists(KEPT) else {}
    # A program or an operation that is gone has no figure.
    measured = {(system, name.split(".")[0]) for system, name in new}
    figures = {key: value for key, value in figures.items() if (key[0], key[1].split(".")[0]) not in measured}
    figures.update(new)
    with open(KEPT, "w", encoding="utf-8") as file:
        file.write("# SPDX-License-Identifier: Apache-2.0\n")
        for system, name in sorted(figures, key=order):
            file.write(f"{system}\t{name}\t{figures[system, name]:.0f}\n")


# --- The tables of the page: a function for each mark "<!-- figures: NAME -->". -----------------------------------------

def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def systems_with(figures, name):
    return [system for system in systems(figures) if (system, name) in figures]


def thousands(value):
    return f"{value:,.0f}".replace(",", " ")


def shown(figures, system, name, show=thousands):
    """A figure of a table, or "-" for what was not measured there."""
    return show(figures[system, name]) if (system, name) in figures else "-"


def names(figures, prefix):
    return list(dict.fromkeys(name[len(prefix):] for _, name in figures if name.startswith(prefix)))


def operations(figures):
    """A table for each architecture: one of all kernels would be too wide."""
    kernels = systems(figures)
    groups = [[kernel for kernel in kernels if kernel.endswith("-arm64") == arm64] for arm64 in (False, True)]
    return "\n\n".join(operations_of(figures, group) for group in groups if group)


def operations_of(figures, kernels):
    head = ["operation"]
    for system in kernels:
        head += [f"{system}: no BPF", "empty programs", "policy, sealed"]
    rows = []
    for operation in names(figures, "operation.none."):
        row = [operation.replace("_", " ")]
        for system in kernels:
            none, floor, sealed = (figures[system, f"operation.{part}.{operation}"] for part in ("none", "floor", "sealed"))
            row += [thousands(none), f"{floor - none:+.0f}", f"{sealed - none:+.0f}"]
        rows.append(row)
    return table(head, rows)


def peers(figures):
    """What a call costs above no BPF, under the policy and under each of the others."""
    others = list(dict.fromkeys(name.split(".")[1] for _, name in figures if name.startswith("peer.")))
    rows = []
    for system in systems(figures):
        for operation in dict.fromkeys(name.split(".")[2] for of, name in figures if of == system and name.startswith("peer.")):
            none = figures[system, f"operation.none.{operation}"]
            costs = [figures[system, f"operation.sealed.{operation}"]] + [figures.get((system, f"peer.{peer}.{operation}")) for peer in others]
            rows.append([f"{system}: {operation.replace('_', ' ')}"] + ["-" if cost is None else f"{cost - none:+.0f}" for cost in costs])
    return table(["operation", "the policy, sealed"] + others, rows)


def millions(figures, system, kind, step):
    return figures.get((system, f"{kind}.{step}"), 0) / 1000


def start(figures):
    rows = []
    for system in systems(figures):
        for kind, words in STARTS:
            values = [millions(figures, system, kind, step) for step in STEPS]
            if not any(values):
                continue
            rows.append([f"{system}, {words}"] + [f"{value:.1f}" if value else "-" for value in values] + [f"{sum(values):.1f}"])
    return table(["million instructions"] + STEPS + ["sum"], rows)


def verifier(figures):
    programs, measured = names(figures, "verified."), systems_with(figures, "verified.exec_decide")
    def of(system, program):
        return figures.get((system, f"verified.{program}"), 0)
    programs.sort(key=lambda program: -max(of(system, program) for system in measured))
    rows = [[program] + [thousands(of(system, program)) for system in measured] for program in programs[:8]]
    rows.append([f"all {len(programs)}"] + [thousands(sum(of(system, program) for program in programs)) for system in measured])
    return table(["program"] + measured, rows)


def macro(figures):
    """Whole commands: what they take without BPF, and the shares that empty programs and the policy add."""
    rows = []
    for system in systems(figures):
        for command in dict.fromkeys(name.split(".")[2] for of, name in figures if of == system and name.startswith("macro.")):
            none, floor, sealed = (figures[system, f"macro.{part}.{command}"] for part in ("none", "floor", "sealed"))
            rows.append([f"{system}: {command.replace('_', ' ')}", f"{none / 1e6:.1f}"] + [f"{100 * (value / none - 1):+.1f} %" for value in (floor, sealed)])
    return table(["command", "no BPF, million instructions", "empty programs", "policy, sealed"], rows)


def by_number(figures, kind, words):
    """What calls take beside 1, 65 ... of something: a row for each system and operation."""
    numbers = sorted({int(name.split(".")[1]) for _, name in figures if name.startswith(f"{kind}.")})
    rows = []
    for system in systems(figures):
        for operation in dict.fromkeys(name.split(".")[2] for of, name in figures if of == system and name.startswith(f"{kind}.")):
            rows.append([f"{system}: {operation.replace('_', ' ')}"] + [shown(figures, system, f"{kind}.{n}.{operation}") for n in numbers])
    return table(["operation"] + [words.format(f"{n:,}".replace(",", " ")) for n in numbers], rows)


def scale(figures):
    return by_number(figures, "scale", "listed VMs: {}")


def threads(figures):
    return by_number(figures, "threads", "labelled threads: {}")


def start_memory(figures):
    numbers = sorted({int(name.split(".")[1]) for _, name in figures if name.startswith("start_memory.")})
    return table(["early_vm_init, resident at most, kB"] + [f"{n} listed VMs" for n in numbers],
                 [[system] + [shown(figures, system, f"start_memory.{n}.early_vm_init") for n in numbers]
                  for system in systems(figures) if numbers and (system, f"start_memory.{numbers[0]}.early_vm_init") in figures])


def idsig(figures):
    return table(["256 MiB, processor time of the machine that measured", "ms"],
                 [["the idsig file", shown(figures, "build", "idsig.idsig_ms")], ["sha256sum", shown(figures, "build", "idsig.sha256sum_ms")]])


def sizes(figures):
    return table(["program, stripped", "KiB", "of which .data, KiB", ".bss, KiB"],
                 [[name, thousands(figures["build", f"size.{name}"])] + [shown(figures, "build", f"{part}.{name}", lambda value: thousands(value / 1024)) for part in ("data", "bss")]
                  for name in names(figures, "size.")])


def memory(figures):
    vms = sorted({int(name.split(".")[0]) for name in names(figures, "memory.")})
    return table(["VMs of a manager", "resident, kB", "of which anonymous, kB"],
                 [[str(n)] + [thousands(figures["build", f"memory.{n}.{what}"]) for what in ("resident", "anonymous")] for n in vms])


def create(figures):
    rows = []
    for system in systems(figures):
        for vms in sorted({int(name.split(".")[1]) for of, name in figures if of == system and name.startswith("create.")}):
            values = [shown(figures, system, f"create.{vms}.policy.{what}", lambda value: f"{value / 1000:.0f}")
                      for what in ("posix_spawn", "create_and_start", "with_manager", "create", "create_16_partitions")]
            ratio = figures[system, f"create.{vms}.policy.ratio_in_thousandths"] / 1000
            rows.append([f"{system}, {vms} VMs in the list"] + values + [f"{ratio:.2f}"])
    return table(["thousand instructions", "posix_spawn of the VMM", "create and start", "start a manager, create and start",
                  "create alone", "create with 16 partitions", "create and start, times a posix_spawn"], rows)


TABLES = {function.__name__: function for function in (operations, peers, macro, scale, threads, start, verifier, create, idsig, sizes, start_memory, memory)}


def page(figures, text):
    def filled(found):
        return f"{found[1]}\n{TABLES[found[2]](figures)}\n{found[3]}"
    return re.sub(r"(<!-- figures: (\w+) -->)\n.*?(<!-- end of figures -->)", filled, text, flags=re.DOTALL)


def picture(figures):
    """A bar for each kernel, and one for the limit below it; lengths in millions of instructions."""
    bars = [(f"Linux {system}, {words}", system, kind) for system in systems(figures)
            for kind, words in STARTS if any(millions(figures, system, kind, step) for step in STEPS)]
    longest = max(sum(millions(figures, system, kind, step) for step in STEPS) for _, system, kind in bars)
    left, width, height = 250, 520, 34
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{len(bars) * height + 74}" font-family="sans-serif" font-size="12">',
           '<!-- SPDX-License-Identifier: Apache-2.0 -->', '<title>Start to sealed, in millions of guest instructions</title>', '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{left}" y="18" font-weight="bold">Start to sealed, millions of guest instructions</text>']
    for number, step in enumerate(STEPS):
        x = left + number * 80
        out += [f'<rect x="{x}" y="28" width="12" height="12" fill="{COLOURS[step]}"/>', f'<text x="{x + 17}" y="38">{step}</text>']
    for number, (words, system, kind) in enumerate(bars):
        y, x, total = 54 + number * height, float(left), 0.0
        out.append(f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{words}</text>')
        for step in STEPS:
            value = millions(figures, system, kind, step)
            length = value * width / longest
            total += value
            if not value:
                continue
            out.append(f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="22" fill="{COLOURS[step]}"><title>{step} {value:.1f}</title></rect>')
            if length > 40:
                out.append(f'<text x="{x + length / 2:.1f}" y="{y + 15}" text-anchor="middle" fill="white">{value:.0f}</text>')
            x += length
        out.append(f'<text x="{x + 6:.1f}" y="{y + 16}">{total:.0f}</text>')
    return "\n".join(out + ["</svg>", ""])


def documents(figures):
    with open(PAGE, encoding="utf-8") as file:
        return {PAGE: page(figures, file.read()), PICTURE: picture(figures)}


def write():
    for path, text in documents(read(KEPT)).items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def check():
    for path, text in documents(read(KEPT)).items():
        with open(path, encoding="utf-8") as file:
            if file.read() != text:
                print(f"{path} is not what {KEPT} gives: run tests/bench/performance.py write")


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["collect"] and len(arguments) > 1:
        for figure in collect(arguments[1:]):
            print("\t".join(figure))
    elif arguments[:1] == ["compare"] and len(arguments) == 2:
        compare(read(arguments[1]))
    elif arguments[:1] == ["keep"] and len(arguments) == 2:
        keep(read(arguments[1]))
        write()
    elif arguments == ["write"]:
        write()
    elif arguments == ["check"]:
        check()
    else:
        sys.exit(__doc__)


main()
