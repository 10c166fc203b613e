//! The SQL dialects and the small facts about them that shared code asks for: quoting, letter
//! case, length of names, default names. Nothing here reads or writes SQL statements.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A database engine's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    Sqlite,
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

impl Dialect {
    /// The dialect that a directory or feature name such as `postgresql` stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => Some(Self::Sqlite),
            "postgres" | "postgresql" | "pg" | "pgsql" => Some(Self::Postgres),
            "mysql" | "mariadb" => Some(Self::Mysql),
            _ => None,
        }
    }

    /// The name shown to people.
    pub fn display(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
        }
    }

    /// `name` as an identifier of this dialect: bare where that is safe, else quoted.
    pub fn quote(self, name: &str) -> String {
        if self.is_plain(name) {
            return name.to_owned();
        }
        match self {
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
            Self::Sqlite | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// `text` as a string literal.
    pub fn literal(self, text: &str) -> String {
        let quoted = text.replace('\'', "''");
        match self {
            Self::Mysql => format!("'{}'", quoted.replace('\\', "\\\\")),
            Self::Sqlite | Self::Postgres => format!("'{quoted}'"),
        }
    }

    /// Whether two identifiers name the same object.
    pub fn same_name(self, a: &str, b: &str) -> bool {
        match self {
            Self::Postgres => a == b,
            Self::Sqlite | Self::Mysql => a.eq_ignore_ascii_case(b),
        }
    }

    /// An unquoted identifier as the engine stores it.
    pub fn fold(self, ident: &str) -> String {
        match self {
            Self::Postgres => ident.to_ascii_lowercase(),
            Self::Sqlite | Self::Mysql => ident.to_owned(),
        }
    }

    /// The longest identifier in bytes (PostgreSQL manual 4.1.1: NAMEDATALEN - 1; MySQL manual
    /// 11.2.1); SQLite has no limit.
    pub fn max_name_len(self) -> Option<usize> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(POSTGRES_NAME),
            Self::Mysql => Some(64),
        }
    }

    fn is_plain(self, name: &str) -> bool {
        let mut bytes = name.bytes();
        let first_ok = bytes
            .next()
            .is_some_and(|b| b == b'_' || b.is_ascii_lowercase() || (self != Self::Postgres && b.is_ascii_uppercase()));
        let rest_ok = bytes.all(|b| {
            b == b'_'
                || b.is_ascii_digit()
                || b.is_ascii_lowercase()
                || (self != Self::Postgres && b.is_ascii_uppercase())
        });
        first_ok && rest_ok && !RESERVED.contains(&name.to_ascii_lowercase().as_str())
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.display())
    }
}

/// One byte less than PostgreSQL's NAMEDATALEN (manual 4.1.1).
pub(crate) const POSTGRES_NAME: usize = 63;

/// The name that PostgreSQL makes for what was declared without one: `<first>_<second>_<label>`, the
/// longer of the first two cut until all fits (`makeObjectName` of its sources).
pub(crate) fn object_name(first: &str, second: Option<&str>, label: &str) -> String {
    let room = POSTGRES_NAME - (label.len() + 1) - usize::from(second.is_some());
    let (mut a, mut b) = (first.len(), second.map_or(0, str::len));
    while a + b > room {
        if a > b { a -= 1 } else { b -= 1 }
    }
    let first = clip(first, a);
    match second {
        Some(second) => format!("{first}_{}_{label}", clip(second, b)),
        None => format!("{first}_{label}"),
    }
}

/// A name cut to at most `max` bytes, no character split.
pub(crate) fn clip(name: &str, max: usize) -> &str {
    &name[..name.floor_char_boundary(max)]
}

/// Words that at least one of the dialects reserves (PostgreSQL manual appendix C,
/// sqlite.org/lang_keywords.html, MySQL manual 11.3); quoting one word too many does no harm.
/// Sorted.
const RESERVED: &[&str] = &[
    "abort",
    "action",
    "add",
    "after",
    "all",
    "alter",
    "always",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "attach",
    "authorization",
    "autoincrement",
    "before",
    "begin",
    "between",
    "binary",
    "both",
    "by",
    "call",
    "cascade",
    "case",
    "cast",
    "change",
    "check",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "condition",
    "conflict",
    "constraint",
    "create",
    "cross",
    "current",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "database",
    "default",
    "deferrable",
    "deferred",
    "delete",
    "desc",
    "describe",
    "detach",
    "distinct",
    "div",
    "do",
    "drop",
    "each",
    "else",
    "end",
    "escape",
    "except",
    "exclude",
    "exclusive",
    "exists",
    "explain",
    "fail",
    "false",
    "fetch",
    "filter",
    "first",
    "following",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "function",
    "generated",
    "glob",
    "grant",
    "group",
    "groups",
    "having",
    "if",
    "ignore",
    "ilike",
    "immediate",
    "in",
    "index",
    "indexed",
    "initially",
    "inner",
    "insert",
    "instead",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "key",
    "keys",
    "kill",
    "last",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "lock",
    "match",
    "materialized",
    "natural",
    "no",
    "not",
    "nothing",
    "notnull",
    "null",
    "nulls",
    "of",
    "offset",
    "on",
    "only",
    "option",
    "or",
    "order",
    "others",
    "outer",
    "over",
    "overlaps",
    "partition",
    "placing",
    "plan",
    "pragma",
    "preceding",
    "primary",
    "procedure",
    "query",
    "raise",
    "range",
    "rank",
    "read",
    "recursive",
    "references",
    "regexp",
    "reindex",
    "release",
    "rename",
    "repeat",
    "replace",
    "restrict",
    "returning",
    "right",
    "rlike",
    "rollback",
    "row",
    "rows",
    "savepoint",
    "schema",
    "select",
    "session_user",
    "set",
    "show",
    "similar",
    "some",
    "symmetric",
    "system",
    "table",
    "tablesample",
    "temp",
    "temporary",
    "then",
    "ties",
    "to",
    "trailing",
    "transaction",
    "trigger",
    "true",
    "unbounded",
    "union",
    "unique",
    "update",
    "usage",
    "use",
    "user",
    "using",
    "vacuum",
    "values",
    "variadic",
    "verbose",
    "view",
    "virtual",
    "when",
    "where",
    "window",
    "with",
    "without",
    "write",
    "xor",
];

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn identifiers_are_quoted_only_where_needed() {
        let cases = [
            (Dialect::Postgres, "users", "users"),
            (Dialect::Postgres, "Users", "\"Users\""),
            (Dialect::Sqlite, "Users", "Users"),
            (Dialect::Postgres, "order", "\"order\""),
            (Dialect::Sqlite, "a\"b", "\"a\"\"b\""),
            (Dialect::Mysql, "a b", "`a b`"),
            (Dialect::Sqlite, "", "\"\""),
            (Dialect::Sqlite, "1st", "\"1st\""),
        ];
        for (dialect, name, expected) in cases {
            assert_eq!(dialect.quote(name), expected, "{dialect} {name}");
        }
    }

    #[test]
    fn reserved_words_are_sorted() {
        assert!(super::RESERVED.is_sorted());
    }
}
