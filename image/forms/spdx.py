# SPDX-License-Identifier: MIT
"""SPDX 2.3 documents in JSON: making the elements, and checking a document against the rules of the specification
(clauses 6 to 11 and annex D)."""

import re

SPEC = "SPDX-2.3"
ID = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NO_VALUE = ("NOASSERTION", "NONE")
DIGESTS = {"SHA1": 40, "SHA256": 64, "MD5": 32}
RELATIONS = ("DESCRIBES", "CONTAINS", "DEPENDS_ON", "GENERATED_FROM", "BUILD_TOOL_OF", "OTHER", "VARIANT_OF")
PURPOSES = ("APPLICATION", "FRAMEWORK", "LIBRARY", "CONTAINER", "OPERATING-SYSTEM", "DEVICE", "FIRMWARE", "SOURCE", "ARCHIVE",
            "FILE", "INSTALL", "OTHER")
TOKEN = re.compile(r"\s*(\(|\)|AND\b|OR\b|WITH\b|[A-Za-z0-9.+-]+)")


def identifier(*words):
    """An SPDX identifier of these words."""
    return "SPDXRef-" + "-".join(re.sub(r"[^A-Za-z0-9.-]+", "-", word) for word in words)


def package(identity, name, version, declared, concluded, checksum=None, **more):
    """A package element; CHECKSUM is a SHA-256."""
    element = {
        "SPDXID": identity, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
        "licenseDeclared": declared, "licenseConcluded": concluded, "copyrightText": "NOASSERTION", **more,
    }
    if checksum:
        element["checksums"] = [{"algorithm": "SHA256", "checksumValue": checksum}]
    return element


def file(identity, name, sha1, sha256, concluded):
    return {
        "SPDXID": identity, "fileName": name, "licenseConcluded": concluded, "copyrightText": "NOASSERTION",
        "checksums": [{"algorithm": "SHA1", "checksumValue": sha1}, {"algorithm": "SHA256", "checksumValue": sha256}],
    }


def relation(source, kind, target):
    return {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target}


class _Expression:
    """A reader of licence expressions: annex D's grammar, OR looser than AND looser than WITH."""

    def __init__(self, text):
        self._words = []
        at = 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"'{text[at:at + 10]}' is no part of an expression")
            self._words.append(match[1])
            at = match.end()
        self.names = []

    def _next(self):
        return self._words[0] if self._words else ""

    def _binary(self, operator, operand):
        operand()
        while self._next() == operator:
            self._words.pop(0)
            operand()

    def _simple(self):
        word = self._words.pop(0) if self._words else ""
        if word == "(":
            self.any()
            if not self._words or self._words.pop(0) != ")":
                raise ValueError("a bracket is not closed")
            return
        if not re.match(r"[A-Za-z0-9]", word) or word in ("AND", "OR", "WITH"):
            raise ValueError(f"a licence is missing before '{word}'")
        self.names.append(word)
        if self._next() == "WITH":
            self._words.pop(0)
            if not self._words or not self._words.pop(0)[0].isalpha():
                raise ValueError("an exception is missing after WITH")

    def _all(self):
        self._binary("AND", self._simple)

    def any(self):
        self._binary("OR", self._all)

    def read(self):
        self.any()
        if self._words:
            raise ValueError(f"'{self._words[0]}' is left over")
        return self.names


def licences_in(expression):
    """The names of licences in an expression; ValueError if it is none."""
    return [] if expression in NO_VALUE else _Expression(expression).read()


def _licence_problems(element, known):
    for key in ("licenseDeclared", "licenseConcluded"):
        if key not in element:
            continue
        try:
            names = licences_in(element[key])
        except ValueError as error:
            yield f"{element['SPDXID']}: {key}: {error}"
            continue
        for name in names:
            if name.startswith("LicenseRef-") and name not in known:
                yield f"{element['SPDXID']}: {key}: {name} has no text in the document"


def _element_problems(element, needed, known):
    for key in needed:
        if element.get(key) in (None, ""):
            yield f"{element.get('SPDXID', element.get('name'))}: {key} is missing"
    if not ID.fullmatch(element.get("SPDXID", "")):
        yield f"'{element.get('SPDXID')}' is no SPDX identifier"
        return
    for checksum in element.get("checksums", []):
        digits = DIGESTS.get(checksum["algorithm"])
        if not digits or not re.fullmatch(f"[0-9a-f]{{{digits}}}", checksum["checksumValue"]):
            yield f"{element['SPDXID']}: bad checksum {checksum}"
    if element.get("primaryPackagePurpose", "FILE") not in PURPOSES:
        yield f"{element['SPDXID']}: unknown purpose {element['primaryPackagePurpose']}"
    yield from _licence_problems(element, known)


def _head_problems(document):
    if document.get("spdxVersion") != SPEC or document.get("dataLicense") != "CC0-1.0":
        yield "spdxVersion must be SPDX-2.3 and dataLicense CC0-1.0"
    if document.get("SPDXID") != "SPDXRef-DOCUMENT" or not document.get("name"):
        yield "the document must have a name and be SPDXRef-DOCUMENT"
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*:[^#\s]+", document.get("documentNamespace", "")):
        yield "documentNamespace must be a URI without '#'"
    creation = document.get("creationInfo", {})
    if not TIME.fullmatch(creation.get("created", "")):
        yield "creationInfo.created must be a time YYYY-MM-DDThh:mm:ssZ"
    for creator in creation.get("creators") or ["(none)"]:
        if not re.match(r"(Person|Organization|Tool): .", creator):
            yield f"creationInfo.creators: bad entry {creator}"


def _relation_problems(document, known):
    described = False
    for entry in document.get("relationships", []):
        if entry["relationshipType"] not in RELATIONS:
            yield f"unknown relationship {entry['relationshipType']}"
        described = described or (entry["spdxElementId"], entry["relationshipType"]) == ("SPDXRef-DOCUMENT", "DESCRIBES")
        for key in ("spdxElementId", "relatedSpdxElement"):
            if entry[key] not in known and entry[key] not in NO_VALUE:
                yield f"relationship with {entry[key]}, which is not in the document"
    if not described:
        yield "the document DESCRIBES nothing"


def problems(document):
    """What is wrong with the document, as lines; an empty list if nothing is."""
    found = list(_head_problems(document))
    texts = {}
    for entry in document.get("hasExtractedLicensingInfos", []):
        name = entry.get("licenseId", "")
        if not re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+", name) or not entry.get("extractedText"):
            found.append(f"extracted licence '{name}': bad name, or no text")
        texts[name] = entry
    elements = document.get("packages", []) + document.get("files", [])
    for element in document.get("packages", []):
        found += _element_problems(element, ("SPDXID", "name", "downloadLocation"), texts)
    for element in document.get("files", []):
        found += _element_problems(element, ("SPDXID", "fileName", "checksums"), texts)
    names = [element.get("SPDXID") for element in elements] + ["SPDXRef-DOCUMENT"]
    found += [f"{name}: not the only element of this name" for name in sorted({n for n in names if names.count(n) > 1}, key=str)]
    found += _relation_problems(document, set(names))
    return found
