# SPDX-License-Identifier: MIT
"""What holds for every file that has no direct path."""

import json

from lab import job, simgpu


def bounces(t, file, want, why, environment="", uid=job.UID):
    """Reads FILE as cuFile does; every byte must have bounced, and check must say WHY."""
    command = f"{simgpu.PLACE}/gds-load {file} 1000000 2 direct 0"
    loaded = simgpu.parse_load(simgpu.run(t.gpu, command, uid=uid, environment=environment).stdout)
    t.equal(loaded.sha256, want, f"{file}: what is in the GPU's memory")
    t.equal(loaded.bounced_bytes, loaded.bytes, f"{file}: bytes that bounced")
    t.equal(loaded.direct_bytes, 0, f"{file}: bytes by the direct path")
    result = simgpu.run(
        t.gpu, f"penstock check --gpu 0 --json {file}", uid=uid, check=False, environment=environment
    )
    t.equal(result.status, 1, f"{file}: exit status of penstock check")
    said = json.loads(result.stdout)
    t.equal(said["path"], why, f"{file}: what stands in the way")
    t.check(said["reason"] and said["advice"], f"{file}: check gives no reason or advice", said)
