# SPDX-License-Identifier: MIT
"""What all forms share: running programs, hashing, identifiers and times that depend on nothing but the input."""

import hashlib
import os
import shutil
import subprocess
import uuid

from errors import FormError

# The namespace of all identifiers that are derived here; any fixed UUID does.
NAMESPACE = uuid.UUID("3f0f2c53-8a5c-4c0e-9d0a-7c5a6f1f6f27")
BLOCK_BYTES = 1 << 16


def run(*words, epoch=None, directory=None):
    """Runs a program; what it says is shown only when it fails. Returns its output."""
    environment = dict(os.environ)
    if epoch is not None:
        environment["SOURCE_DATE_EPOCH"] = str(epoch)
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=directory)
    if done.returncode != 0:
        raise FormError(f"{words[0]} failed: {' '.join(words)}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def sha256_of(path):
    """The SHA-256 of a file, in hexadecimal."""
    return digest_of(path, "sha256")


def sha256_of_bytes(data):
    return hashlib.sha256(data).hexdigest()


def survey(path):
    """A disk's SHA-256, and how much of it is not zeros, in blocks of 64 KiB as a VMDK has them."""
    digest, zeros, populated = hashlib.sha256(), bytes(BLOCK_BYTES), 0
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            if block != zeros[: len(block)]:
                populated += len(block)
    return digest.hexdigest(), populated


def digest_of(path, algorithm):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def derived_uuid(*words):
    """A UUID that is always the same for the same words."""
    return uuid.uuid5(NAMESPACE, "\n".join(str(word) for word in words))


def fresh_directory(path):
    """An empty directory, whatever was there."""
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path
