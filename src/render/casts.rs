//! Which column types PostgreSQL turns into which by itself when a column's type changes, and how
//! the others are spelled (PostgreSQL manual, CREATE CAST; the pairs are those of `pg_cast` with
//! context "implicit" or "assignment").

use crate::catalog::{Catalog, SqlType};
use crate::dialect::Dialect;

/// How old values become new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cast {
    /// Without a USING clause.
    Automatic,
    /// With this expression behind USING.
    Using(String),
    /// With this expression, which the server may refuse: there is no cast.
    Doubtful(String),
}

/// The cast of a column (an identifier in SQL) from one type to another.
pub(super) fn cast(column: &str, from: &SqlType, to: &SqlType, catalogs: [&Catalog; 2]) -> Cast {
    let target = to.sql(Dialect::Postgres);
    let is_enum = |ty: &SqlType| catalogs.iter().any(|c| c.enums.keys().any(|name| name.to_string() == ty.base));
    match (from.array > 0, to.array > 0) {
        (false, true) if !is_string(&from.base) => {
            return Cast::Doubtful(format!(
                "CASE WHEN {column} IS NULL THEN NULL ELSE ARRAY[{column}::text]::{target} END"
            ));
        }
        (true, false) if !is_string(&to.base) => return Cast::Doubtful(format!("{column}[1]::text::{target}")),
        (true, true) if is_enum(from) || is_enum(to) => return through_text(column, from, to),
        (false, true) => return Cast::Using(format!("{column}::{target}")),
        (true, false) => return Cast::Automatic,
        _ => {}
    }
    let (a, b) = (underlying(from, catalogs), underlying(to, catalogs));
    if a == b || assigns(a, b) {
        return Cast::Automatic;
    }
    if is_enum(from) && is_enum(to) {
        return through_text(column, from, to);
    }
    // No cast but one from text leads to a domain; what it is based on comes between.
    let target = if b == to.base { target } else { format!("{b}::{target}") };
    match (a, b) {
        _ if is_string(a) => Cast::Using(format!("{column}::{target}")),
        ("integer", "boolean") | ("boolean", "integer") => Cast::Using(format!("{column}::{target}")),
        ("smallint" | "bigint", "boolean") => Cast::Using(format!("{column} <> 0")),
        ("boolean", _) if is_number(b) => Cast::Using(format!("{column}::integer::{target}")),
        ("integer" | "bigint", "bit") | ("bit", "integer" | "bigint") => Cast::Using(format!("{column}::{target}")),
        ("json" | "jsonb", _) if is_number(b) || b == "boolean" => Cast::Using(format!("{column}::jsonb::{target}")),
        _ => Cast::Doubtful(format!("{column}::text::{target}")),
    }
}

/// The type's name, or that of the type that a domain is based on.
fn underlying<'a>(ty: &'a SqlType, catalogs: [&'a Catalog; 2]) -> &'a str {
    let domain = catalogs.iter().find_map(|c| c.domains.values().find(|domain| domain.name.to_string() == ty.base));
    domain.map_or(&ty.base, |domain| &domain.base.base)
}

fn through_text(column: &str, from: &SqlType, to: &SqlType) -> Cast {
    let text = if from.array > 0 { "text[]" } else { "text" };
    Cast::Using(format!("{column}::{text}::{}", to.sql(Dialect::Postgres)))
}

fn is_number(base: &str) -> bool {
    matches!(base, "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision")
}

fn is_string(base: &str) -> bool {
    matches!(base, "text" | "character varying" | "character" | "citext" | "name")
}

/// Whether an assignment converts by itself. Every type does so to a string type.
fn assigns(from: &str, to: &str) -> bool {
    const STAMP: &str = "timestamp without time zone";
    const STAMPTZ: &str = "timestamp with time zone";
    const TIME: &str = "time without time zone";
    const TIMETZ: &str = "time with time zone";
    if is_string(to) {
        return true;
    }
    if is_number(from) && is_number(to) {
        return true;
    }
    matches!(
        (from, to),
        ("date", STAMP | STAMPTZ)
            | (STAMP, STAMPTZ | "date" | TIME)
            | (STAMPTZ, STAMP | "date" | TIME | TIMETZ)
            | (TIME, TIMETZ | "interval")
            | (TIMETZ, TIME)
            | ("interval", TIME)
            | ("json", "jsonb")
            | ("jsonb", "json")
            | ("bit", "bit varying")
            | ("bit varying", "bit")
            | ("cidr", "inet")
            | ("inet", "cidr")
            | ("integer" | "bigint" | "numeric", "money")
            | ("money", "numeric")
            | ("smallint" | "integer" | "bigint", "oid")
            | ("oid", "integer" | "bigint")
            | ("macaddr", "macaddr8")
            | ("macaddr8", "macaddr")
    )
}

#[cfg(test)]
mod tests {
    use super::{Cast, cast};
    use crate::catalog::{Catalog, EnumType, Name, SqlType};
    use crate::dialect::Dialect;

    #[test]
    fn a_using_clause_stands_where_the_server_would_ask_for_one() {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        for name in ["mood", "tone"] {
            let ty = EnumType { name: Name::new(name), values: vec!["x".to_owned()], comment: None };
            catalog.enums.insert(ty.name.clone(), ty);
        }
        let using = |text: &str| Cast::Using(text.to_owned());
        let cases = [
            ("integer", "bigint", Cast::Automatic),
            ("numeric", "integer", Cast::Automatic),
            ("uuid", "text", Cast::Automatic),
            ("timestamp", "timestamptz", Cast::Automatic),
            ("mood", "text", Cast::Automatic),
            ("text", "integer", using("c::integer")),
            ("varchar", "jsonb", using("c::jsonb")),
            ("text", "mood", using("c::mood")),
            ("mood", "tone", using("c::text::tone")),
            ("integer", "boolean", using("c::boolean")),
            ("boolean", "bigint", using("c::integer::bigint")),
            ("bigint", "boolean", using("c <> 0")),
            ("integer", "uuid", Cast::Doubtful("c::text::uuid".to_owned())),
        ];
        for (from, to, expected) in cases {
            let ty = |name| SqlType::new(name, Dialect::Postgres);
            assert_eq!(cast("c", &ty(from), &ty(to), [&catalog, &catalog]), expected, "{from} to {to}");
        }
    }
}
