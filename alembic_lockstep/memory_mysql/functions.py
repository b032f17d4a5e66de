"""Functions: how the server writes a call, which results are conditions, and which functions are forbidden where."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {"current_timestamp": "now", "localtime": "now", "localtimestamp": "now", "current_date": "curdate",
         "current_time": "curtime", "lcase": "lower", "ucase": "upper", "substring": "substr", "mid": "substr",
         "character_length": "char_length", "octet_length": "length", "power": "pow", "ceil": "ceiling",
         "day": "dayofmonth"}  # fmt: skip
"""The server's names of functions that have several."""
WITHOUT_PARENTHESES = {"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp",
                       "current_user", "utc_date", "utc_time", "utc_timestamp"}  # fmt: skip
"""Functions that need none."""
CONDITIONS = frozenset(
    "json_valid json_contains json_contains_path json_overlaps json_schema_valid regexp_like is_uuid is_ipv4 is_ipv6 "
    "is_ipv4_compat is_ipv4_mapped strcmp gtid_subset st_within st_contains st_intersects st_equals st_disjoint "
    "mbrcontains".split()
)
"""Functions whose results are conditions."""

_FORMS: dict[tuple[str, int], Callable[[list[str]], str]] = {
    ("mod", 2): lambda given: f"({given[0]} % {given[1]})",
    ("instr", 2): lambda given: f"locate({given[1]},{given[0]})",
    ("round", 1): lambda given: f"round({given[0]},0)",
    ("week", 1): lambda given: f"week({given[0]},0)",
    ("date", 1): lambda given: f"cast({given[0]} as date)",
    ("time", 1): lambda given: f"cast({given[0]} as time)",
    ("timestamp", 1): lambda given: f"cast({given[0]} as datetime)",
    ("datediff", 2): lambda given: f"(to_days({given[0]}) - to_days({given[1]}))",
    ("bin", 1): lambda given: f"conv({given[0]},10,2)",
    ("oct", 1): lambda given: f"conv({given[0]},10,8)",
    ("adddate", 2): lambda given: f"({given[0]} + interval {given[1]} day)",
    ("subdate", 2): lambda given: f"({given[0]} - interval {given[1]} day)",
    ("json_value", 2): lambda given: f"json_value({given[0]}, {given[1]} returning char(512))",
}
"""Calls that the server writes in another way, by name and number of arguments."""

AGGREGATES = frozenset(
    "sum count min max avg group_concat json_arrayagg json_objectagg bit_and bit_or bit_xor std stddev stddev_pop "
    "stddev_samp var_pop var_samp variance".split()
)
FORBIDDEN = frozenset(
    "found_rows row_count last_insert_id get_lock is_free_lock is_used_lock release_lock release_all_locks sleep "
    "benchmark version load_file icu_version source_pos_wait values "
    # MySQL 9.7 does not have these any more.
    "md5 sha sha1 encrypt des_encrypt des_decrypt encode decode old_password".split()
)
"""Functions that no expression of a table may call."""
CHANGING = frozenset(
    "connection_id current_user user session_user system_user database schema rand uuid uuid_short now curdate curtime "
    "utc_date utc_time utc_timestamp unix_timestamp current_role".split()
)
"""Functions that only a default may call: their results change."""


def call(name: str, arguments: list[str]) -> str:
    """Return a call as the server writes it.

    Args:
        name: the function's.
        arguments: as the server writes them.
    """
    name = name.lower()
    form = _FORMS.get((name, len(arguments)))
    return form(arguments) if form else f"{NAMES.get(name, name)}({','.join(arguments)})"
