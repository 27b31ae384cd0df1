# SPDX-License-Identifier: MIT
"""A second `penstock apply` finds nothing to do, says so and changes nothing."""


def run(t):
    for node in (t.storage, t.gpu):
        before = t.fingerprint(node)
        for verb in ("apply", "plan"):
            result = node.run(f"penstock {verb}")
            t.contains(result.stdout, r"nothing to do", f"{node.name}: second {verb}")
        t.same(node, before, "the second apply")
