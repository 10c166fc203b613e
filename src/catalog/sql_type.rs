//! Column types in one spelling per dialect.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;

/// A column type. For PostgreSQL the base is the name that `format_type` prints, without
/// modifiers (`character varying`, `timestamp with time zone`, a user type's own name, with its
/// schema and a dot where that is not the default). For SQLite it is the declared type in upper
/// case with white space folded (empty where none was declared). For MySQL it is the name that the
/// server shows in lower case, `unsigned` and `zerofill` behind it (`int unsigned`), and widths of
/// integers are left out but for `tinyint(1)`. Modifiers are in `args`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SqlType {
    pub base: String,
    /// What stands in parentheses: `10, 2`.
    pub args: Vec<String>,
    /// Array dimensions; PostgreSQL does not tell them apart, so this is 0 or 1 there.
    pub array: u8,
}

impl SqlType {
    /// A type by any of its names; aliases (`int4`, `varchar`, `timestamptz`) are resolved.
    pub fn new(base: &str, dialect: Dialect) -> Self {
        Self::with_args(base, Vec::new(), 0, dialect)
    }

    /// A type with modifiers; `base` may be an alias.
    pub fn with_args(base: &str, args: Vec<String>, array: u8, dialect: Dialect) -> Self {
        let folded = base.split_whitespace().collect::<Vec<_>>().join(" ");
        let base = match dialect {
            Dialect::Postgres => postgres_name(&folded).to_owned(),
            Dialect::Sqlite => folded.to_ascii_uppercase(),
            Dialect::Mysql => {
                let (base, args) = super::mysql::type_name(&folded.to_ascii_lowercase(), args);
                return Self { base, args, array: 0 };
            }
        };
        // `character` without a length is `character(1)`; every other default is "no limit".
        let args = if base == "character" && args.is_empty() { vec!["1".to_owned()] } else { args };
        Self { base, args, array: array.min(1) }
    }

    /// Whether the name is one of PostgreSQL's own types.
    pub fn is_builtin(&self) -> bool {
        is_builtin(&self.base)
    }

    /// As SQL; user types are quoted where needed.
    pub fn sql(&self, dialect: Dialect) -> String {
        let base = if dialect == Dialect::Postgres && !is_builtin(&self.base) {
            self.base.split('.').map(|part| dialect.quote(part)).collect::<Vec<_>>().join(".")
        } else {
            self.base.clone()
        };
        let args = if self.args.is_empty() { String::new() } else { format!("({})", self.args.join(", ")) };
        let array = "[]".repeat(usize::from(self.array));
        // The modifier of these stands inside the name: `timestamp(3) with time zone`.
        match base.split_once(' ') {
            Some((head @ ("timestamp" | "time"), tail)) => format!("{head}{args} {tail}{array}"),
            _ => format!("{}{array}", with_modifiers(&base, &args)),
        }
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let args = if self.args.is_empty() { String::new() } else { format!("({})", self.args.join(",")) };
        write!(f, "{}{}", with_modifiers(&self.base, &args), "[]".repeat(usize::from(self.array)))
    }
}

/// MySQL's modifiers stand before the attribute of the number: `decimal(5,2) unsigned`.
fn with_modifiers(base: &str, args: &str) -> String {
    match base.split_once(" unsigned") {
        Some((head, tail)) => format!("{head}{args} unsigned{tail}"),
        None => format!("{base}{args}"),
    }
}

/// PostgreSQL manual, table 8.1: aliases and the names that `format_type` prints.
fn postgres_name(name: &str) -> &str {
    match name {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "bool" => "boolean",
        "float4" => "real",
        "float8" | "float" => "double precision",
        "decimal" => "numeric",
        "varchar" | "char varying" => "character varying",
        "char" | "bpchar" => "character",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "timetz" => "time with time zone",
        "time" => "time without time zone",
        "varbit" => "bit varying",
        other => other,
    }
}

fn is_builtin(base: &str) -> bool {
    base.contains(' ') || postgres_name(base) != base || BUILTIN.contains(&base)
}

const BUILTIN: &[&str] = &[
    "bigint",
    "bit",
    "boolean",
    "bytea",
    "character",
    "cidr",
    "date",
    "inet",
    "integer",
    "interval",
    "json",
    "jsonb",
    "macaddr",
    "money",
    "numeric",
    "oid",
    "real",
    "smallint",
    "text",
    "tsquery",
    "tsvector",
    "uuid",
    "xml",
];

#[cfg(test)]
mod tests {
    use super::SqlType;
    use crate::dialect::Dialect;

    #[test]
    fn aliases_become_the_name_that_the_server_prints() {
        let cases = [
            ("int4", "integer"),
            ("varchar", "character varying"),
            ("timestamptz", "timestamp with time zone"),
            ("char", "character(1)"),
            ("citext", "citext"),
        ];
        for (alias, expected) in cases {
            assert_eq!(SqlType::new(alias, Dialect::Postgres).sql(Dialect::Postgres), expected);
        }
    }

    #[test]
    fn modifiers_stand_where_sql_wants_them() {
        let ty = |base, args: &[&str], array| {
            SqlType::with_args(base, args.iter().map(ToString::to_string).collect(), array, Dialect::Postgres)
                .sql(Dialect::Postgres)
        };
        assert_eq!(ty("timestamptz", &["3"], 0), "timestamp(3) with time zone");
        assert_eq!(ty("numeric", &["12", "2"], 1), "numeric(12, 2)[]");
        assert_eq!(ty("Mood", &[], 0), "\"Mood\"");
    }
}
