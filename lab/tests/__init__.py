# SPDX-License-Identifier: MIT
"""Unit tests of the lab program; lab/lab selftest runs them."""
