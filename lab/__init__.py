# SPDX-License-Identifier: MIT
"""The lab: Penstock's nodes as virtual machines on one computer, and the scenarios run on them."""
