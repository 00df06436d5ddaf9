#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs checks (make targets), two side by side, and adds up what they report.

usage: tests/check.py [--junit FILE] [--jobs N] [--kernels "KERNEL..."] CHECK...

A check writes its results in the Test Anything Protocol to build/results/CHECK.tap or CHECK-*.tap, and prints what a
person wants to read.  A check that ends with an error and reports no failure is a failure itself, and so is one that
reports nothing, or fewer tests than it planned: a test that could not run has not passed.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import threading
import time
from xml.sax.saxutils import escape, quoteattr

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
RESULTS = os.path.join(os.environ.get("BUILD_DIR", "build"), "results")
KVM = os.environ.get("KVM_DEVICE", "/dev/kvm")
RESULT = re.compile(r"(not )?ok\b(?: \d+)?(?: - )?(.*)")


class Result:
    def __init__(self, passed, name):
        self.skipped = passed and re.search(r"# SKIP\b", name, re.IGNORECASE) is not None
        self.passed = passed and not self.skipped
        self.name, self.comments = name, []

    @property
    def failed(self):
        return not self.passed and not self.skipped


def read_tap(path):
    """The results of a file, and one that says so if there are others than were planned."""
    results, plans = [], []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file.read().splitlines():
            match = RESULT.fullmatch(line)
            plan = re.fullmatch(r"1\.\.(\d+).*", line)
            if match:
                results.append(Result(not match[1], match[2]))
            elif plan:
                plans.append(int(plan[1]))
            elif line.startswith("Bail out!"):
                results.append(Result(False, line))
            elif line.startswith("#") and results:
                results[-1].comments.append(line)
    if plans and sum(plans) != len(results) and not any(result.failed for result in results):
        results.append(Result(False, f"{os.path.basename(path)}: {sum(plans)} tests were planned, {len(results)} reported"))
    return results


class Check:
    def __init__(self, name, all_names):
        self.name, self.seconds, self.results = name, 0.0, []
        # What begins with the name of another check belongs to that one: check-vmbase-nested.tap to check-vmbase-nested.
        self.longer = [other for other in all_names if other != name and other.startswith(name + "-")]

    def files(self):
        found = glob.glob(f"{RESULTS}/{self.name}.tap") + glob.glob(f"{RESULTS}/{self.name}-*.tap")
        return sorted(path for path in found if not any(
            re.match(re.escape(other) + r"(-.*)?\.tap$", os.path.basename(path)) for other in self.longer))

    def run(self, environment):
        begin = time.monotonic()
        done = subprocess.run(["make", "--no-print-directory", self.name], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        self.seconds, self.output = time.monotonic() - begin, done.stdout
        for path in self.files():
            found = read_tap(path)
            if not found:
                self.fail(f"{os.path.basename(path)} has no result")
            self.results += found
        if done.returncode and not any(result.failed for result in self.results):
            self.fail(f"{self.name} ended with status {done.returncode}")
        elif not self.results:
            self.fail(f"{self.name} reported no result")

    def fail(self, text):
        self.results.append(Result(False, text))
        self.output += f"not ok - {text}\n"

    def count(self, kind):
        return sum(getattr(result, kind) for result in self.results)

    def show(self):
        print(f"== {self.name}\n{self.output}-- {self.name}: {self.count('passed')} passed, {self.count('failed')} failed, "
              f"{self.count('skipped')} skipped in {self.seconds:.0f} s\n", flush=True)


def run_all(checks, jobs):
    """Longest first (the order of the arguments says which), each as soon as a place is free."""
    environment = dict(os.environ, VM_JOBS="1") if jobs > 1 else dict(os.environ)
    waiting, lock = list(checks), threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                check = waiting.pop(0)
            check.run(environment)
            with lock:
                check.show()

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def printable(text):
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd]", "?", text)


def write_junit(path, checks):
    with open(path, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n')
        for check in checks:
            file.write(f'<testsuite name={quoteattr(check.name)} tests="{len(check.results)}" failures="{check.count("failed")}" '
                       f'skipped="{check.count("skipped")}" time="{check.seconds:.1f}">\n')
            for result in check.results:
                file.write(f'<testcase classname={quoteattr(check.name)} name={quoteattr(printable(result.name))}>')
                if result.skipped:
                    file.write("<skipped/>")
                elif result.failed:
                    file.write(f'<failure>{escape(printable(chr(10).join(result.comments)))}</failure>')
                file.write("</testcase>\n")
            file.write("</testsuite>\n")
        file.write("</testsuites>\n")


def describe_kernels(kernels):
    script = '. tests/vm/arch.sh; set_arch "" && . tests/vm/kernels.sh && describe_kernels "$@"'
    return subprocess.run(["bash", "-c", script, "bash", *kernels.split()], check=False).returncode


def describe_accelerator():
    """KVM may be there and hang, so the person decides."""
    if "ACCEL" not in os.environ and os.access(KVM, os.R_OK | os.W_OK):
        print(f"machines are emulated; {KVM} is here: ACCEL=kvm make check is faster where `ACCEL=kvm tests/vm/run -- true` works", flush=True)


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("--junit", metavar="FILE", default="")
    arguments.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    arguments.add_argument("--kernels", default="")
    arguments.add_argument("checks", nargs="+")
    given = arguments.parse_args()
    if describe_kernels(given.kernels):
        return 1
    describe_accelerator()

    os.makedirs(RESULTS, exist_ok=True)
    for path in glob.glob(f"{RESULTS}/*"):
        os.unlink(path)
    checks = [Check(name, given.checks) for name in given.checks]
    begin = time.monotonic()
    run_all(checks, max(1, given.jobs))

    failures = [result.name for check in checks for result in check.results if result.failed]
    skips = [result.name for check in checks for result in check.results if result.skipped]
    for heading, names in (("Failures:", failures), ("Not run, and so not passed:", skips)):
        if names:
            print("\n".join([heading, *(f"  {name}" for name in names)]))
    if given.junit:
        write_junit(given.junit, checks)
    print(f"{sum(check.count('passed') for check in checks)} passed, {len(failures)} failed, {len(skips)} not run, "
          f"in {(time.monotonic() - begin) / 60:.1f} minutes")
    return 1 if failures or skips else 0


sys.exit(main())
