//! Which values of a column do not survive a change of its type, as a condition that the engine
//! counts. Where nothing can be said beforehand there is no condition.

use crate::catalog::SqlType;
use crate::dialect::Dialect;

/// A condition over `column` (quoted) that holds for rows whose value does not fit the new type.
pub(super) fn misfit(from: &SqlType, to: &SqlType, column: &str, dialect: Dialect) -> Option<String> {
    if from.array > 0 || to.array > 0 {
        return None;
    }
    match dialect {
        // Any column takes any value: what counts is whether a cast keeps it.
        Dialect::Sqlite => {
            let casts = ["INTEGER", "INT", "BIGINT", "SMALLINT", "REAL", "DOUBLE", "FLOAT", "TEXT", "VARCHAR"];
            casts.contains(&to.base.as_str()).then(|| format!("CAST({column} AS {}) <> {column}", to.base))
        }
        Dialect::Postgres | Dialect::Mysql => server_misfit(from, to, column, dialect),
    }
}

fn server_misfit(from: &SqlType, to: &SqlType, column: &str, dialect: Dialect) -> Option<String> {
    let number = |at: usize| to.args.get(at).and_then(|n| n.trim().parse::<u32>().ok());
    let length = if dialect == Dialect::Postgres { "length" } else { "char_length" };
    let text = if dialect == Dialect::Postgres { format!("{column}::text") } else { column.to_owned() };
    match to.base.as_str() {
        base if range(base).is_some() => {
            let (low, high) = range(base)?;
            if is_text(&from.base) {
                let matches = if dialect == Dialect::Postgres { "!~" } else { "NOT REGEXP" };
                return Some(format!("{column} {matches} '^[[:space:]]*[-+]?[0-9]+[[:space:]]*$'"));
            }
            is_number(&from.base).then(|| {
                let whole = if range(&from.base).is_some() {
                    String::new()
                } else {
                    format!(" OR {column} <> round({column})")
                };
                format!("({column} NOT BETWEEN {low} AND {high}{whole})")
            })
        }
        "character varying" | "character" | "varchar" | "char" => Some(format!("{length}({text}) > {}", number(0)?)),
        "tinytext" => Some(format!("length({column}) > 255")),
        "text" if dialect == Dialect::Mysql => Some(format!("length({column}) > 65535")),
        "mediumtext" => Some(format!("length({column}) > 16777215")),
        "numeric" | "decimal" if is_number(&from.base) => {
            let scale = number(1).unwrap_or(0);
            let limit = format!("1{}", "0".repeat(number(0)?.checked_sub(scale)?.try_into().ok()?));
            let value = if dialect == Dialect::Postgres { format!("{column}::numeric") } else { column.to_owned() };
            Some(format!("(abs({value}) >= {limit} OR {value} <> round({value}, {scale}))"))
        }
        "date" if from.base.starts_with("timestamp") || from.base == "datetime" => Some(match dialect {
            Dialect::Postgres => format!("{column} <> date_trunc('day', {column})"),
            _ => format!("{column} <> date({column})"),
        }),
        "boolean" if range(&from.base).is_some() => Some(format!("{column} NOT IN (0, 1)")),
        "enum" => {
            let labels: Vec<String> = to
                .args
                .iter()
                .map(|label| if label.starts_with('\'') { label.clone() } else { dialect.literal(label) })
                .collect();
            Some(format!("{column} NOT IN ({})", labels.join(", ")))
        }
        _ => None,
    }
}

/// The numbers that an integer type has.
fn range(base: &str) -> Option<(i128, i128)> {
    let bits = match base.strip_suffix(" unsigned").unwrap_or(base) {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "integer" | "int" => 32,
        "bigint" => 64,
        _ => return None,
    };
    if base.ends_with("unsigned") {
        Some((0, (1 << bits) - 1))
    } else {
        Some((-(1 << (bits - 1)), (1 << (bits - 1)) - 1))
    }
}

fn is_number(base: &str) -> bool {
    range(base).is_some() || ["numeric", "decimal", "real", "double precision", "float", "double"].contains(&base)
}

fn is_text(base: &str) -> bool {
    ["text", "character varying", "character", "citext", "varchar", "char", "tinytext", "mediumtext", "longtext"]
        .contains(&base)
}

#[cfg(test)]
mod tests {
    use super::misfit;
    use crate::catalog::SqlType;
    use crate::db::Database;
    use crate::db::testing::{sqlite, with};
    use crate::dialect::Dialect;

    /// Of these values (as SQL, of the old type), how many do not fit the new one.
    fn check(db: &mut Database, cases: &[(&str, &str, &str, Option<u64>)]) {
        let dialect = db.dialect();
        for (from, to, values, expected) in cases {
            let parse = |text: &str| {
                let (base, rest) = text.split_once('(').unwrap_or((text, ""));
                let args = rest.trim_end_matches(')').split(',').map(str::trim).filter(|a| !a.is_empty());
                SqlType::with_args(base, args.map(str::to_owned).collect(), 0, dialect)
            };
            db.execute(&format!("CREATE TABLE t (c {from})")).unwrap();
            for value in values.split(';') {
                db.execute(&format!("INSERT INTO t VALUES ({value})")).unwrap();
            }
            let found = misfit(&parse(from), &parse(to), "c", dialect)
                .map(|condition| db.count(&format!("t WHERE {condition}")).unwrap());
            assert_eq!(found, *expected, "{from} to {to}");
            db.execute("DROP TABLE t").unwrap();
        }
    }

    #[test]
    fn on_sqlite_a_cast_decides() {
        let (_dir, url) = sqlite();
        check(
            &mut with(&url, ""),
            &[
                ("TEXT", "INTEGER", "'12';'-7';'abc';'1.5';NULL", Some(2)),
                ("INTEGER", "TEXT", "12;NULL", Some(0)),
                ("REAL", "INTEGER", "1.0;1.5", Some(1)),
                ("TEXT", "BLOB", "'a'", None),
            ],
        );
    }

    mod postgres_tests {
        #[test]
        fn on_postgres() {
            super::check(
                crate::db::testing::postgres().database(),
                &[
                    ("bigint", "integer", "1;3000000000;-3000000000;NULL", Some(2)),
                    ("text", "integer", "'1';' -2 ';'x';NULL", Some(1)),
                    ("text", "varchar(3)", "'abc';'abcd'", Some(1)),
                    ("numeric", "numeric(4,2)", "12.34;123.4;1.005", Some(2)),
                    ("double precision", "smallint", "1;1.5;70000", Some(2)),
                    ("timestamp", "date", "'2024-01-01';'2024-01-01 10:00'", Some(1)),
                    ("timestamptz", "date", "'2024-01-01';NULL", Some(0)),
                    ("integer", "boolean", "0;1;2", Some(1)),
                    ("text", "uuid", "'x'", None),
                ],
            );
        }
    }

    #[cfg(feature = "mysql")]
    mod mysql_tests {
        #[test]
        fn on_mysql() {
            super::check(
                crate::db::testing::mysql().database(),
                &[
                    ("bigint", "int", "1;3000000000;NULL", Some(1)),
                    ("int", "int unsigned", "1;-1", Some(1)),
                    ("varchar(20)", "varchar(3)", "'abc';'abcd'", Some(1)),
                    ("varchar(20)", "enum('a','b')", "'a';'c'", Some(1)),
                    ("varchar(20)", "int", "'1';'x'", Some(1)),
                    ("decimal(10,4)", "decimal(4,2)", "12.34;123.4;1.005", Some(2)),
                    ("datetime", "date", "'2024-01-01';'2024-01-01 10:00'", Some(1)),
                    ("longtext", "text", "'x'", Some(0)),
                ],
            );
        }
    }

    #[test]
    fn arrays_say_nothing() {
        let ty = |array| SqlType::with_args("integer", Vec::new(), array, Dialect::Postgres);
        assert_eq!(misfit(&ty(1), &ty(0), "c", Dialect::Postgres), None);
    }
}
