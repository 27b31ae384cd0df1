# SPDX-License-Identifier: MIT
"""What stops the making of a form: said once, by the program."""


class FormError(Exception):
    """A message that says what cannot be done, to which file, and what to do about it."""
