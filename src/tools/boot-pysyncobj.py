#!/usr/bin/env python3
"""Boots the real PySyncObj on exported disks and prints what it recovers.

    python3 src/tools/boot-pysyncobj.py CHECKOUT FOLDER [--json] [--seconds S]

CHECKOUT is a source tree of PySyncObj (the folder that holds pysyncobj/), FOLDER what
`npx blackstart export` wrote: a folder for each server, or a single server's files. The files are
copied first; nothing in FOLDER is changed. Each server boots alone, with all others unreachable, so
what is printed is what its own disk gives it, before it hears from anybody.

Needs nothing but Python 3 and the checkout. Exit: 0 when all servers start, 1 when one does not,
2 when the arguments are of no use.
"""

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
import time

MEMBERS = 3


def server_folders(root):
    """Folders with the files of one server each: (name, folder, stem of its files)."""
    found = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for stem in sorted({stem_of(name) for name in names} - {None}):
            name = os.path.relpath(folder, root)
            found.append((stem if name == "." else name, folder, stem))
    return found


def stem_of(name):
    for end in (".journal", ".journal.meta", ".dump"):
        if name.endswith(end):
            return name[: -len(end)]
    return None


def application(library):
    """The small key-value application whose commands the simulation writes (delete is 0, set is 1)."""

    class KeyValue(library.SyncObj):
        def __init__(self, own, others, conf):
            super().__init__(own, others, conf=conf)
            self.data = {}

        @library.replicated
        def set(self, key, value):
            self.data[key] = value

        @library.replicated
        def delete(self, key):
            self.data.pop(key, None)

    return KeyValue


class Heard(logging.Handler):
    """Keeps what the library logs."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += ": %s: %s" % (type(record.exc_info[1]).__name__, record.exc_info[1])
        self.lines.append(text)


def boot(library, folder, stem, port, seconds):
    """One server on a copy of its files. Never raises: an error of the library is what it recovered."""
    heard = Heard()
    logging.getLogger().addHandler(heard)
    result = {"starts": False}
    server = None
    try:
        conf = library.SyncObjConf(
            journalFile=os.path.join(folder, stem + ".journal"),
            fullDumpFile=os.path.join(folder, stem + ".dump"),
            autoTick=False,
            useFork=False,
            dynamicMembershipChange=False,
            appendEntriesUseBatch=False,
            # Nobody answers; it is not to become a candidate while it is looked at.
            raftMinTimeout=1000.0,
            raftMaxTimeout=1001.0,
            connectionTimeout=2000.0,
            bindAddress="127.0.0.1:%d" % port,
        )
        address = "127.0.0.1:%d" % port
        others = ["127.0.0.1:%d" % (port + i) for i in range(1, MEMBERS)]
        server = application(library)(address, others, conf)
        result["starts"] = True
        result["atConstruction"] = state_of(server)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            server.doTick(0.01)
    except BaseException as error:  # struct.error, ValueError, AssertionError: whatever it dies of
        if isinstance(error, KeyboardInterrupt):
            raise
        key = "tickError" if result["starts"] else "error"
        result[key] = "%s: %s" % (type(error).__name__, error)
    finally:
        logging.getLogger().removeHandler(heard)
    if server is not None:
        result["afterFirstTicks"] = state_of(server)
        result["keys"] = len(server.data)
        result["state"] = {str(k): repr(v) for k, v in sorted(server.data.items(), key=str)}
        # No orderly end: it would write to the copy, and takes its time.
    result["dumpLoaded"] = loaded_dump(result, os.path.join(folder, stem + ".dump"), heard.lines)
    result["logged"] = heard.lines
    return result


def state_of(server):
    private = lambda name: getattr(server, "_SyncObj__" + name)
    log = private("raftLog")
    entries = [log[i] for i in range(len(log))]
    return {
        "currentTerm": private("raftCurrentTerm"),
        "votedFor": None if private("votedForNodeId") is None else str(private("votedForNodeId")),
        "commitIndex": private("raftCommitIndex"),
        "lastApplied": private("raftLastApplied"),
        "log": {
            "entries": len(entries),
            "first": list(entries[0][1:3]) if entries else None,
            "last": list(entries[-1][1:3]) if entries else None,
        },
    }


def loaded_dump(result, path, lines):
    if not result["starts"] or not os.path.exists(path):
        return False
    return not any("failed to load full dump" in line for line in lines)


def text_of(name, result):
    if not result["starts"]:
        return ["%s does not start: %s" % (name, result["error"])]
    state = result["afterFirstTicks"]
    log = state["log"]
    ends = "empty"
    if log["entries"]:
        ends = "%d entries, %d (term %d) to %d (term %d)" % (
            (log["entries"],) + tuple(log["first"]) + tuple(log["last"])
        )
    lines = [
        "%s starts: term %s, vote %s, commit %s, applied %s"
        % (name, state["currentTerm"], state["votedFor"], state["commitIndex"], state["lastApplied"]),
        "  log: " + ends,
        "  dump: %s; %d keys" % ("loaded" if result["dumpLoaded"] else "not loaded", result["keys"]),
    ]
    if state["commitIndex"] > log["last"][0] if log["entries"] else False:
        lines.append("  the commit index is past the log: it is not ready before the log is that long")
    if "tickError" in result:
        lines.append("  raises as it goes on: " + result["tickError"])
    return lines + ["  logged: " + line for line in result["logged"]]


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkout", help="a source tree of PySyncObj")
    parser.add_argument("folder", help="exported disks")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long each one ticks")
    given = parser.parse_args()
    if not os.path.isdir(os.path.join(given.checkout, "pysyncobj")):
        parser.error("%s holds no pysyncobj/" % given.checkout)
    if not os.path.isdir(given.folder):
        parser.error("%s is no folder" % given.folder)
    sys.path.insert(0, os.path.abspath(given.checkout))
    import pysyncobj as library

    results = {}
    with tempfile.TemporaryDirectory(prefix="boot-pysyncobj-") as copies:
        copy = os.path.join(copies, "disks")
        shutil.copytree(given.folder, copy)
        for name, folder, stem in server_folders(copy):
            results[name] = boot(library, folder, stem, free_port(), given.seconds)
    if not results:
        parser.error("%s holds no journal, meta or dump" % given.folder)
    if given.json:
        print(json.dumps(results, indent=1, default=str))
    else:
        for name, result in results.items():
            print("\n".join(text_of(name, result)))
    sys.stdout.flush()
    # Threads and sockets of the library are left as they are.
    os._exit(0 if all(result["starts"] for result in results.values()) else 1)


if __name__ == "__main__":
    main()
