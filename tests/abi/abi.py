#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""abi.py CC SOURCE LIBCUFILE LIBPENSTOCK VERSION: what the installed libraries and headers promise, as TAP.

What a library exports, its version script and its headers say the same; every header compiles alone; and our
cufile.h stands for the same facts as NVIDIA's, where that package (libcufile-dev) is there to compare with.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

CC, SOURCE, LIBCUFILE, LIBPENSTOCK, VERSION = sys.argv[1].split(), *sys.argv[2:6]
INCLUDE = os.path.join(SOURCE, "include")
STUB = os.path.join(SOURCE, "tests/abi/stub")
PENSTOCK_HEADERS = ["penstock/file.h", "penstock/memory.h", "penstock/io.h", "penstock/log.h"]
STANDARDS = [("c", "c99"), ("c", "c11"), ("c", "gnu17"), ("c++", "c++11"), ("c++", "c++20")]
results = []


def run(argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **more).stdout


def check(name):
    """Runs a check at once, and keeps what came of it: None is success, a string a skip."""
    def decorate(function):
        number = 1 + sum(not line.startswith("#") for line in results)
        try:
            skipped = function()
            results.append(f"ok {number} - {name}" + (f" # SKIP {skipped}" if skipped else ""))
        except (AssertionError, subprocess.CalledProcessError) as error:
            results.append(f"not ok {number} - {name}")
            details = f"{error}\n{getattr(error, 'stderr', '') or ''}"
            results.extend("# " + line for line in details.splitlines())
        return function
    return decorate


def exported(library):
    """Of each version of a library, the symbols: the version of none is ''."""
    versions = {}
    for line in run(["nm", "-D", "--defined-only", library]).splitlines():
        kind, name = line.split()[-2:]
        if kind == "A" or name.startswith(("__asan", "__ubsan", "__sancov", "__tsan")):
            continue
        symbol, _, version = name.replace("@@", "@").partition("@")
        versions.setdefault(version, set()).add(symbol)
    return versions


def scripted(path):
    """The same of a version script."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    versions = {}
    for version, body in re.findall(r"([\w.]*)\s*\{([^}]*)\}", text):
        names = re.search(r"global:([^:]*?)(?:local:|$)", body, re.S).group(1)
        versions[version] = set(re.findall(r"\w+", names))
    return versions


def declared(headers, pattern, include=INCLUDE):
    names = set()
    for header in headers:
        text = run(CC + ["-E", "-P", "-I", include, "-I", STUB, os.path.join(include, header)])
        names |= set(re.findall(rf"\b({pattern}\w+)\s*\(", text))
    return names


def same(what, a, b):
    assert a == b, f"{what}: only in one: {sorted(a ^ b)}"


@check("libcufile: exported = version script = header")
def _():
    symbols = exported(LIBCUFILE)
    same("versions", set(symbols), {""})
    same("script", symbols[""], scripted(f"{SOURCE}/src/cufile/cufile.map")[""])
    same("header", symbols[""], declared(["cufile.h"], "cuFile"))
    assert len(symbols[""]) == 25


@check("libpenstock: exported = version script = headers")
def _():
    symbols = exported(LIBPENSTOCK)
    script = scripted(f"{SOURCE}/src/libpenstock/penstock.map")
    same("versions", set(symbols), set(script))
    for version, names in script.items():
        same(version, symbols[version], names)
    same("headers", symbols["PENSTOCK_0.1"], declared(PENSTOCK_HEADERS, "penstock_"))


@check("libpenstock: the private version is this one's")
def _():
    assert f"PENSTOCK_PRIVATE_{VERSION}" in scripted(f"{SOURCE}/src/libpenstock/penstock.map")


@check("every call has its page in the manual")
def _():
    documented = set()
    for page in glob.glob(f"{SOURCE}/man/*.3"):
        with open(page, encoding="utf-8") as file:
            documented |= set(re.findall(r"^\.Nm (\w+)", file.read(), re.M))
    same("calls", documented, declared(["cufile.h"], "cuFile") | declared(PENSTOCK_HEADERS, "penstock_"))


@check("the libraries are found under the names that programs ask for")
def _():
    for library, name in (LIBCUFILE, "libcufile.so.0"), (LIBPENSTOCK, "libpenstock.so.0"):
        assert re.search(rf"SONAME\s+{re.escape(name)}$", run(["objdump", "-p", library]), re.M)


def compile_alone(header, language, standard, *include):
    run(CC + ["-x", language, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", INCLUDE,
              *include, "-"], input=f"#include <{header}>\n#include <{header}>\nint main(void) {{ return 0; }}\n")


for header in ["cufile.h", *PENSTOCK_HEADERS]:
    for language, standard in STANDARDS:
        @check(f"{header} compiles alone as {standard}")
        def _():
            compile_alone(header, language, standard)


@check("cufile.h compiles where there is a cuda.h")
def _():
    for language, standard in STANDARDS:
        compile_alone("cufile.h", language, standard, "-I", STUB)


def nvidias(directory):
    """The folder of NVIDIA's cufile.h; None if it is not there."""
    if os.path.exists("/usr/include/cufile.h"):
        with open("/usr/include/cufile.h", encoding="utf-8") as file:
            if "NVIDIA Corporation" in file.read():
                return "/usr/include"
    packages = glob.glob("/usr/src/deb/libcufile-dev_*.deb")
    if not packages:
        return None
    run(["dpkg-deb", "-x", packages[0], directory])
    return f"{directory}/usr/include"


def enumerators(include):
    """All names of enumerators, and of macros with a number, of a cufile.h."""
    flags = ["-I", include, "-I", STUB, f"{include}/cufile.h"]
    text = run(CC + ["-E", "-P", *flags])
    names = set()
    for body in re.findall(r"\benum\b\s*\w*\s*\{(.*?)\}", text, re.S):
        names |= set(re.findall(r"\b(CU_?FILE\w+)\b\s*(?==|,|$)", body.strip()))
    macros = run(CC + ["-E", "-dM", *flags])
    names |= set(re.findall(r"^#define (CU_FILE_\w+|CUFILEOP_BASE_ERR) \(?[0-9]", macros, re.M))
    return names


def facts(directory, include):
    program = f"{directory}/facts"
    run(CC + ["-D_GNU_SOURCE", "-w", "-o", program, "-I", include, "-I", STUB, "-I", directory,
              f"{SOURCE}/tests/abi/facts.c", "-Wl,--unresolved-symbols=ignore-all"])
    return run([program]).splitlines()


@check("cufile.h: values, sizes, offsets and prototypes are NVIDIA's")
def _():
    with tempfile.TemporaryDirectory() as directory:
        include = nvidias(directory)
        if not include:
            return "libcufile-dev is not there"
        names = enumerators(include)
        assert len(names) > 70, f"only {len(names)} enumerators were found"
        same("enumerators", names, enumerators(INCLUDE))
        same("calls", declared(["cufile.h"], "cuFile", include), declared(["cufile.h"], "cuFile"))
        with open(f"{directory}/values.h", "w", encoding="utf-8") as file:
            file.writelines(f"VALUE({name})\n" for name in sorted(names))
        theirs, ours = facts(directory, include), facts(directory, INCLUDE)
        assert not [line for line in theirs if line.endswith("is as told: 0")], "facts.c is wrong"
        same("facts", set(theirs), set(ours))
        return None


print("TAP version 13")
print(f"1..{sum(not line.startswith('#') for line in results)}")
print("\n".join(results))
