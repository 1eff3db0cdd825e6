# SPDX-License-Identifier: Apache-2.0
"""Allocation from observations, by the words of the protocol: an allocation counts between two
confirmations. A second, slow and plain reading of the rule, to hold the keeper's against."""


class Span:
    def __init__(self, facts, at):
        self.facts, self.confirmed = facts, at


def allocation(observations):
    """{uuid: {"vcpu_ns", "kib_ns", "disk_kib_ns", "on_ns"}} of all that the observations confirm."""
    open_spans, totals, passing, instance = {}, {}, {}, None

    def extend(uuid, at):
        span = open_spans[uuid]
        elapsed = at - span.confirmed
        if elapsed <= 0:
            return
        span.confirmed = at
        total = totals.setdefault(uuid, dict.fromkeys(
            ("vcpu_ns", "kib_ns", "disk_kib_ns", "on_ns"), 0))
        facts = span.facts
        if facts["state"] != "off":
            total["on_ns"] += elapsed
            total["vcpu_ns"] += elapsed * facts["vcpus"]
            total["kib_ns"] += elapsed * facts["memory_kib"]
        total["disk_kib_ns"] += elapsed * sum(
            d["capacity_kib"] for d in facts["disks"] if d["writable"])

    for o in observations:
        kind, body, at = o["kind"], o["body"], o["at_boot_ns"]
        if o["instance"] != instance:
            instance = o["instance"]
            open_spans.clear()
        if kind == "facts" and body["scope"] == "domain":
            uuid = body["uuid"]
            passing[uuid] = at
            if uuid in open_spans:
                extend(uuid, at)
            if body["state"] == "gone":
                open_spans.pop(uuid, None)
            else:
                open_spans[uuid] = Span(body, at)
        elif kind == "facts-end" and body["scope"] == "domain":
            for uuid in [u for u in open_spans if passing.get(u, 0) < at]:
                del open_spans[uuid]
        elif kind == "heartbeat" and body["libvirt"] == "ok":
            for uuid in open_spans:
                extend(uuid, at)
        elif kind == "condition" and body["subject"] == "libvirt" and body["state"] == "lost":
            open_spans.clear()
    return totals


def used(readings, counter):
    """Sum of the deltas of one counter over all runs; a run starts from zero."""
    total, last = 0, {}
    for _, run, counters in readings:
        if counter not in counters:
            continue
        before = last.get(run, 0)
        assert counters[counter] >= before, f"{counter} ran backwards within run {run}"
        total += counters[counter] - before
        last[run] = counters[counter]
    return total
