//! Type names as PostgreSQL spells them in statements, read into the catalog's spelling
//! (PostgreSQL manual 8, table 8.1). Whether a type exists is not asked.

use super::ident;
use crate::catalog::SqlType;
use crate::dialect::Dialect;

/// Whether the type is `serial` or one of its sizes; then the integer type that it stands for.
pub(crate) fn is_serial(ty: &SqlType) -> Option<SqlType> {
    let base = match ty.base.as_str() {
        "serial" | "serial4" => "integer",
        "bigserial" | "serial8" => "bigint",
        "smallserial" | "serial2" => "smallint",
        _ => return None,
    };
    (ty.array == 0).then(|| SqlType::new(base, Dialect::Postgres))
}

/// The name of a type in `pg_type`, which default names of indexes are made of.
pub(crate) fn internal_type_name(ty: &SqlType) -> &str {
    match ty.base.as_str() {
        "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "boolean" => "bool",
        "real" => "float4",
        "double precision" => "float8",
        "character varying" => "varchar",
        "character" => "bpchar",
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        "bit varying" => "varbit",
        other => other.rsplit('.').next().unwrap_or(other),
    }
}

/// The type that words of SQL name.
pub(crate) fn sql_type(words: &[&str]) -> SqlType {
    let mut base: Vec<String> = Vec::new();
    let mut args: Vec<String> = Vec::new();
    let mut array = 0;
    let mut dotted = false;
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        match word {
            "(" => {
                let close = words[at..].iter().position(|w| *w == ")").map_or(words.len(), |n| at + n);
                args = arguments(&words[at + 1..close]);
                at = close;
            }
            "[" => array = 1,
            "]" => {}
            "." => dotted = true,
            _ if word.eq_ignore_ascii_case("setof") => {}
            _ if word.eq_ignore_ascii_case("array") && !base.is_empty() => array = 1,
            _ if array == 1 => {}
            _ if dotted => {
                dotted = false;
                let schema = base.pop().unwrap_or_default();
                base.push(qualified(&schema, &ident(word)));
            }
            "\"char\"" => base.push(word.to_owned()),
            _ => base.push(ident(word)),
        }
        at += 1;
    }
    finish(&base.join(" "), args, array)
}

fn arguments(words: &[&str]) -> Vec<String> {
    words.split(|w| *w == ",").map(|part| part.concat()).filter(|part| !part.is_empty()).collect()
}

fn qualified(schema: &str, name: &str) -> String {
    match schema {
        "public" | "pg_catalog" => name.to_owned(),
        _ => format!("{schema}.{name}"),
    }
}

/// Spellings that mean the same type, and modifiers that the server fills in.
fn finish(base: &str, mut args: Vec<String>, array: u8) -> SqlType {
    let base = match base {
        "dec" => "numeric",
        "nchar" | "national char" | "national character" => "character",
        "nchar varying" | "national char varying" | "national character varying" => "character varying",
        "float" => {
            let bits: u32 = args.pop().and_then(|bits| bits.parse().ok()).unwrap_or(53);
            if bits <= 24 { "real" } else { "double precision" }
        }
        other => other,
    };
    match base {
        "bit" if args.is_empty() => args.push("1".to_owned()),
        "numeric" | "decimal" if args.len() == 1 => args.push("0".to_owned()),
        _ => {}
    }
    SqlType::with_args(base, args, array, Dialect::Postgres)
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::sql_type;

    #[test]
    fn types_are_read_as_the_server_prints_them() {
        let cases = [
            ("int", "integer"),
            ("VARCHAR(10)[]", "character varying(10)[]"),
            ("timestamp(3) with time zone", "timestamp with time zone(3)"),
            ("timestamptz", "timestamp with time zone"),
            ("time", "time without time zone"),
            ("double precision", "double precision"),
            ("float(20)", "real"),
            ("dec(10)", "numeric(10,0)"),
            ("bit", "bit(1)"),
            ("bit varying(5)", "bit varying(5)"),
            ("int array[3]", "integer[]"),
            ("text[][]", "text[]"),
            ("\"Mood\"", "Mood"),
            ("Mood", "mood"),
            ("public.mood", "mood"),
            ("pg_catalog.int4", "integer"),
            ("s.\"Mood\"", "s.Mood"),
            ("\"char\"", "\"char\""),
            ("interval day to second", "interval day to second"),
        ];
        for (written, expected) in cases {
            let words: Vec<&str> = tokens(written).iter().map(|t| t.text).collect();
            assert_eq!(sql_type(&words).to_string(), expected, "{written}");
        }
    }
}
