"""Hooks around snapshots, by the name and in the shape of AWS's library, for packages that do not bring it.

Before a snapshot the hooks run in the reverse order of their registration, after a restore in its order.
"""

_before_snapshot = []
_after_restore = []


def register_before_snapshot(func, *args, **kwargs):
    """Calls `func(*args, **kwargs)` before a snapshot; a decorator as well."""
    _before_snapshot.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    """Calls `func(*args, **kwargs)` in each clone before its first invocation; a decorator as well."""
    _after_restore.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return _before_snapshot


def get_after_restore():
    return _after_restore
