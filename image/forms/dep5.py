# SPDX-License-Identifier: MIT
"""The licences of a Debian package, from its file copyright, as an SPDX licence expression.

Source: Debian's copyright format 1.0 (DEP-5), "License specification"; SPDX 2.3, annex D. Files that do not have that form
name the texts in /usr/share/common-licenses that they are under; that is taken then, and said to be so.
"""

import re
from dataclasses import dataclass, field

FORMAT = re.compile(r"(?im)^format(-specification)?:\s*\S*(copyright-format|dep5?|1\.0)")
# Debian's short names, lower case, and SPDX's identifiers. GNU's licences are made from their parts below.
NAMES = {
    "0bsd": "0BSD", "afl-2.1": "AFL-2.1", "apache-2.0": "Apache-2.0", "apache-2": "Apache-2.0", "artistic": "Artistic-1.0-Perl",
    "artistic-2.0": "Artistic-2.0", "artistic-2": "Artistic-2.0", "bsd-2-clause": "BSD-2-Clause", "bsd-2-clauses": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause", "bsd-3-clauses": "BSD-3-Clause", "bsd-4-clause": "BSD-4-Clause",
    "bsd-4-clause-uc": "BSD-4-Clause-UC", "bsl-1.0": "BSL-1.0", "boost-1.0": "BSL-1.0", "bzip2": "bzip2-1.0.6",
    "cc0": "CC0-1.0", "cc0-1.0": "CC0-1.0", "cc-by-3.0": "CC-BY-3.0", "cc-by-4.0": "CC-BY-4.0",
    "cc-by-sa-3.0": "CC-BY-SA-3.0", "cc-by-sa-4.0": "CC-BY-SA-4.0", "cddl-1.0": "CDDL-1.0", "cddl": "CDDL-1.0",
    "curl": "curl", "expat": "MIT", "mit": "MIT", "mit/expat": "MIT", "hpnd": "HPND", "isc": "ISC",
    "mit-0": "MIT-0", "mpl-1.1": "MPL-1.1", "mpl-2.0": "MPL-2.0", "openssl": "OpenSSL", "python-2.0": "Python-2.0",
    "psf-2": "PSF-2.0", "unicode": "Unicode-DFS-2016", "unlicense": "Unlicense", "vim": "Vim", "x11": "X11",
    "zlib": "Zlib", "ofl-1.1": "OFL-1.1", "blessing": "blessing", "libpng": "Libpng", "sissl": "SISSL",
}
GNU = re.compile(r"^(a?gpl|lgpl|gfdl)(?:-|v|-v)?(\d(?:\.\d)?)(?:\.0)?(\+|-or-later|-only)?$")
GNU_OLDEST = {"GPL": "1.0", "LGPL": "2.0", "AGPL": "3.0", "GFDL": "1.1"}
COMMON = re.compile(r"/usr/share/common-licenses/([A-Za-z]+(?:-[0-9.]*[0-9])?)")
# What SPDX has a name for among the additions that Debian writes as "with ... exception".
EXCEPTIONS = {"openssl": None, "autoconf": "Autoconf-exception-generic", "bison": "Bison-exception-2.2",
              "classpath": "Classpath-exception-2.0", "gcc": "GCC-exception-3.1", "libtool": "Libtool-exception",
              "linux-syscall-note": "Linux-syscall-note"}


@dataclass
class Licences:
    """What a file says: the expression, the texts of names that SPDX has not, and whether the file was of DEP-5's form."""

    expression: str
    texts: dict = field(default_factory=dict)
    dep5: bool = True


def paragraphs(text):
    """The stanzas of a control file, as dictionaries; names in lower case, continuation lines joined."""
    found, current, name = [], {}, None
    for line in text.splitlines():
        if not line.strip():
            if current:
                found.append(current)
            current, name = {}, None
        elif line[0] in " \t" and name:
            current[name] += "\n" + line.strip()
        elif re.match(r"[A-Za-z][A-Za-z0-9-]*:", line):
            name, _, value = line.partition(":")
            name = name.lower()
            current[name] = value.strip()
    return found + ([current] if current else [])


def gnu(word):
    """SPDX's name of one of GNU's licences, or None."""
    match = GNU.match(word.lower())
    if not match:
        return None
    kind, number = match[1].upper(), match[2]
    number = number if "." in number else number + ".0"
    return f"{kind}-{number}-{'or-later' if match[3] in ('+', '-or-later') else 'only'}"


def reference(name, package):
    """The name, in this document, of a licence that SPDX has not: the package's own, as texts differ between packages."""
    words = (re.sub(r"[^A-Za-z0-9.]+", "-", word).strip("-") or "unnamed" for word in (package, name))
    return "LicenseRef-" + "-".join(words)


def single(name, package, texts):
    """The expression of one short name."""
    known = gnu(name) or NAMES.get(name.lower())
    if known:
        return known
    if name.lower().replace("_", "-") in ("public-domain", "pd"):
        texts.setdefault("LicenseRef-public-domain", "The author has put it into the public domain.")
        return "LicenseRef-public-domain"
    match = re.match(r"(?i)^(\S+?)[\s-]+with[\s-]+(.*?)(?:[\s-]+exception)?$", name)
    base = gnu(match[1]) or NAMES.get(match[1].lower()) if match else None
    exception = EXCEPTIONS.get(match[2].lower()) if match else None
    if base and exception:
        return f"{base} WITH {exception}"
    key = reference(name, package)
    texts.setdefault(key, "")
    return key


# How DEP-5 binds, the loosest first: "A or B, and C" is (A or B) and C.
BINDING = ((r",\s*or\s+", " OR "), (r",\s*and\s+|,\s*", " AND "), (r"\s+or\s+|\s*\|\s*", " OR "),
           (r"\s+and\s+|\s*&\s*", " AND "))


def join(parts, operator):
    """PARTS, each once, joined by AND or OR; what the other operator joins is put in brackets."""
    parts = list(dict.fromkeys(part for part in parts if part))
    if len(parts) < 2:
        return "".join(parts)
    other = " OR " if operator == " AND " else " AND "
    return operator.join(f"({part})" if other in part and not part.startswith("(") else part for part in parts)


def expression(short, package, texts):
    """A short name of DEP-5, with its "and" and "or", as an SPDX expression."""
    short = re.sub(r"\s+", " ", short).strip(" ,")
    for separator, operator in BINDING:
        parts = re.split(separator, short, flags=re.IGNORECASE)
        if len(parts) > 1:
            return join([expression(part, package, texts) for part in parts], operator)
    return single(short, package, texts) if short else ""


def conjunction(parts):
    """All of PARTS, each once, in the order of their names."""
    flat = {piece for part in parts for piece in ([part] if " OR " in part else part.split(" AND ")) if piece}
    return join(sorted(flat), " AND ")


def from_dep5(text, package):
    texts, parts, bodies = {}, [], {}
    for stanza in paragraphs(text):
        if "license" not in stanza:
            continue
        short, _, body = stanza["license"].partition("\n")
        if body and short:
            bodies.setdefault(reference(short, package), body)
        if "files" in stanza or "format" in stanza:
            parts.append(expression(short, package, texts))
    for key in texts:
        texts[key] = texts[key] or bodies.get(key) or text
    return Licences(conjunction(parts), texts)


def from_common(text, package):
    """By the names of common licences in a free text; the whole text goes along under a name of its own."""
    names = []
    for word in dict.fromkeys(COMMON.findall(text)):
        kind = word.split("-")[0].upper()
        if word.upper() in GNU_OLDEST:
            names.append(f"{kind}-{GNU_OLDEST[kind]}-or-later")
        elif gnu(word):
            later = re.search(r"(?i)(or \(?at your option\)? any later|any later version|or later)", text)
            names.append(gnu(word + ("+" if later else "")))
        elif word.lower() in NAMES or word == "BSD":
            names.append("BSD-3-Clause" if word == "BSD" else NAMES[word.lower()])
    key = reference("copyright", package)
    return Licences(conjunction([*names, key]), {key: text}, dep5=False)


def licences(text, package):
    """The licences that the text of a file copyright declares."""
    if FORMAT.search(text[:2000]):
        found = from_dep5(text, package)
        if found.expression:
            return found
    return from_common(text, package)
