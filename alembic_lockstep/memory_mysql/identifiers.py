"""Names of tables, columns, keys and constraints: which words need quotes, and which names MySQL refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error

if TYPE_CHECKING:
    from alembic_lockstep.schema.sql import Cursor, Token

RESERVED = frozenset(
    """
    ACCESSIBLE ADD ALL ALTER ANALYZE AND AS ASC ASENSITIVE BEFORE BETWEEN BIGINT BINARY BLOB BOTH BY CALL CASCADE CASE
    CHANGE CHAR CHARACTER CHECK COLLATE COLUMN CONDITION CONSTRAINT CONTINUE CONVERT CREATE CROSS CUBE CUME_DIST
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DATABASES DAY_HOUR DAY_MICROSECOND
    DAY_MINUTE DAY_SECOND DEC DECIMAL DECLARE DEFAULT DELAYED DELETE DENSE_RANK DESC DESCRIBE DETERMINISTIC DISTINCT
    DISTINCTROW DIV DOUBLE DROP DUAL EACH ELSE ELSEIF EMPTY ENCLOSED ESCAPED EXCEPT EXISTS EXIT EXPLAIN EXTERNAL FALSE
    FETCH FIRST_VALUE FLOAT FLOAT4 FLOAT8 FOR FORCE FOREIGN FROM FULLTEXT FUNCTION GENERATED GET GRANT GROUP GROUPING
    GROUPS HAVING HIGH_PRIORITY HOUR_MICROSECOND HOUR_MINUTE HOUR_SECOND IF IGNORE IN INDEX INFILE INNER INOUT
    INSENSITIVE INSERT INT INT1 INT2 INT3 INT4 INT8 INTEGER INTERSECT INTERVAL INTO IO_AFTER_GTIDS IO_BEFORE_GTIDS IS
    ITERATE JOIN JSON_TABLE KEY KEYS KILL LAG LAST_VALUE LATERAL LEAD LEADING LEAVE LEFT LIBRARY LIKE LIMIT LINEAR LINES
    LOAD LOCALTIME LOCALTIMESTAMP LOCK LONG LONGBLOB LONGTEXT LOOP LOW_PRIORITY MATCH MAXVALUE MEDIUMBLOB MEDIUMINT
    MEDIUMTEXT MIDDLEINT MINUTE_MICROSECOND MINUTE_SECOND MOD MODIFIES NATURAL NO_WRITE_TO_BINLOG NOT NTH_VALUE NTILE
    NULL NUMERIC OF ON OPTIMIZE OPTIMIZER_COSTS OPTION OPTIONALLY OR ORDER OUT OUTER OUTFILE OVER PARTITION PERCENT_RANK
    PRECISION PRIMARY PROCEDURE PURGE QUALIFY RANGE RANK READ READ_WRITE READS REAL RECURSIVE REFERENCES REGEXP RELEASE
    RENAME REPEAT REPLACE REQUIRE RESIGNAL RESTRICT RETURN REVOKE RIGHT RLIKE ROW ROW_NUMBER ROWS SCHEMA SCHEMAS
    SECOND_MICROSECOND SELECT SENSITIVE SEPARATOR SET SHOW SIGNAL SMALLINT SPATIAL SPECIFIC SQL SQL_BIG_RESULT
    SQL_CALC_FOUND_ROWS SQL_SMALL_RESULT SQLEXCEPTION SQLSTATE SQLWARNING SSL STARTING STORED STRAIGHT_JOIN SYSTEM TABLE
    TABLESAMPLE TERMINATED THEN TINYBLOB TINYINT TINYTEXT TO TRAILING TRIGGER TRUE UNDO UNION UNIQUE UNLOCK UNSIGNED
    UPDATE USAGE USE USING UTC_DATE UTC_TIME UTC_TIMESTAMP VALUES VARBINARY VARCHAR VARCHARACTER VARYING VIRTUAL WHEN
    WHERE WHILE WINDOW WITH WRITE XOR YEAR_MONTH ZEROFILL
    """.split()
)
"""The words that MySQL 9.7 takes as names only in backquotes."""
LONGEST = 64
"""Characters of the longest name."""
_WRONG = {"column": 1166, "table": 1103, "index": 1280}
"""The error about an empty name, or one with a blank at its end, by what it names."""
_OPTIONAL = frozenset(["CHECK", "FOREIGN", "PRIMARY", "UNIQUE", "REFERENCES"])
"""Words that may follow CONSTRAINT where it has no name."""


def identifier(cursor: Cursor, kind: str = "column") -> str:
    """Take a name.

    Args:
        cursor: at the name.
        kind: what it names: column, table, index or constraint.

    Raises:
        OperationalError: MySQL does not take it as a name.
    """
    token = cursor.next()
    require_no_word(token)
    require_name(token.text, kind)
    return token.text


def require_no_word(token: Token) -> None:
    """Refuse what is no name: a reserved word without quotes, a literal, the end of the statement."""
    if token.kind not in {"name", "word"} or (token.kind == "word" and token.text.upper() in RESERVED):
        raise syntax_error(token)


def require_name(name: str, kind: str) -> None:
    """Refuse a name that is empty, too long, or ends with a blank."""
    if len(name) > LONGEST:
        raise OperationalError(1059, f"Identifier name '{name}' is too long")
    if kind in _WRONG and (not name or name[-1] == " " or (kind == "index" and name.upper() == "PRIMARY")):
        raise OperationalError(_WRONG[kind], f"Incorrect {kind} name '{name}'")


def require_constraint_name(cursor: Cursor) -> None:
    """Refuse a wrong name of a constraint, if CONSTRAINT and a name are next."""
    if cursor.word() == "CONSTRAINT" and cursor.peek(1).text.upper() not in _OPTIONAL:
        require_no_word(cursor.peek(1))
        require_name(cursor.peek(1).text, "constraint")
