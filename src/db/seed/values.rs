//! A value for one column of a row that is made up: from its type, its enum, the literals that
//! checks name, and what its name promises. Which columns get one, and what is done with the row,
//! is decided by [`super`].

use super::Accepts;
use crate::catalog::{Catalog, Column, Domain, Expr, Name, SqlType, Table};
use crate::dialect::Dialect;

/// A value as an SQL literal; each attempt gives another combination where there is a choice, and
/// a second row's values are unlike the first's where the type has more than one. Of a column that
/// conditions of its own restrict, only what the engine accepts is taken, while there is any.
pub(super) fn own_value(
    catalog: &Catalog,
    table: &Table,
    column: &Column,
    attempt: usize,
    second: bool,
    accepts: Accepts<'_>,
) -> String {
    let dialect = catalog.dialect;
    let number = if second { attempt + 2 } else { 1 };
    let write = |value: &String| literal(value, &column.ty, dialect);
    let plain = value_by_name(column, number, dialect).unwrap_or_else(|| plain_value(catalog, &column.ty, number));
    let hinted = hinted_values(catalog, table, column, second);
    let own: Vec<&Expr> = own_checks(catalog, table, column).collect();
    if !own.is_empty() {
        let all = std::iter::once(&plain).chain(&hinted).map(write);
        let mut accepted: Vec<String> = all.filter(|value| accepts(column, &own, value)).take(attempt + 1).collect();
        if !accepted.is_empty() {
            return accepted.swap_remove(attempt % accepted.len());
        }
    }
    let mut values = hinted;
    if !values.contains(&plain) {
        values.push(plain);
    }
    write(&values[attempt % values.len()])
}

/// The checks that name this column and no other of its table.
fn own_checks<'a>(catalog: &Catalog, table: &'a Table, column: &Column) -> impl Iterator<Item = &'a Expr> {
    let dialect = catalog.dialect;
    checks(table).filter(move |expr| {
        table.columns.iter().all(|other| mentions(expr, other, dialect) == (other.name == column.name))
    })
}

/// A value as the type wants it written.
fn literal(value: &str, ty: &SqlType, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite if ty.base.contains("BLOB") => {
            let bytes: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{bytes}'")
        }
        Dialect::Mysql if ty.base.starts_with("bit") => format!("b'{value}'"),
        Dialect::Mysql if is_geometry(ty) => format!("ST_GeomFromText('{value}')"),
        _ => dialect.literal(value),
    }
}

fn is_geometry(ty: &SqlType) -> bool {
    GEOMETRIES.iter().any(|(name, _)| ty.base == *name)
}

/// MySQL's types of shapes, and a value of each; `#` stands for the row's number.
const GEOMETRIES: &[(&str, &str)] = &[
    ("geometry", "POINT(# 0)"),
    ("point", "POINT(# 0)"),
    ("linestring", "LINESTRING(0 0,# 1)"),
    ("polygon", "POLYGON((0 0,# 0,# 1,0 0))"),
    ("multipoint", "MULTIPOINT(# 0)"),
    ("multilinestring", "MULTILINESTRING((0 0,# 1))"),
    ("multipolygon", "MULTIPOLYGON(((0 0,# 0,# 1,0 0)))"),
    ("geometrycollection", "GEOMETRYCOLLECTION(POINT(# 0))"),
    ("geomcollection", "GEOMETRYCOLLECTION(POINT(# 0))"),
];

/// Whether a check of the table names the column, or its domain refuses some values.
pub(super) fn is_checked(catalog: &Catalog, table: &Table, column: &Column) -> bool {
    let strict = |domain: &Domain| domain.not_null || !domain.checks.is_empty();
    checks(table).any(|expr| mentions(expr, column, catalog.dialect)) || domain(catalog, &column.ty).is_some_and(strict)
}

/// The checks of a table, and those that stand at its columns.
fn checks(table: &Table) -> impl Iterator<Item = &Expr> {
    let at_columns = table.columns.iter().filter_map(|column| column.check.as_ref());
    table.checks.iter().map(|check| &check.expr).chain(at_columns)
}

fn mentions(expr: &Expr, column: &Column, dialect: Dialect) -> bool {
    words(&expr.sql).any(|word| dialect.same_name(word, &column.name))
}

/// Values that the checks on a column name, or lie beside: `status IN ('a', 'b')`, `length(x) > 3`.
fn hinted_values(catalog: &Catalog, table: &Table, column: &Column, second: bool) -> Vec<String> {
    let dialect = catalog.dialect;
    let own = checks(table).filter(|expr| mentions(expr, column, dialect));
    let domain = domain(catalog, &column.ty);
    let of_domain = domain.into_iter().flat_map(|d| &d.checks).map(|check| &check.expr);
    let is_number = is_number(&column.ty, dialect) || domain.is_some_and(|d| is_number(&d.base, dialect));
    own.chain(of_domain).flat_map(|expr| values_beside(expr, is_number, second)).collect()
}

fn values_beside(expr: &Expr, is_number: bool, second: bool) -> Vec<String> {
    let numbers = words(&expr.sql).filter_map(|word| word.parse::<i32>().ok());
    if is_number {
        let steps: &[i32] = if second { &[2, -2, 1, 0, -1] } else { &[1, 0, -1] };
        return numbers.flat_map(|n| steps.iter().map(move |step| n.saturating_add(*step).to_string())).collect();
    }
    let digit = if second { "2" } else { "1" };
    let lengths = numbers.filter_map(|n| usize::try_from(n).ok()).filter(|n| *n <= 2000);
    let mut texts = literals(&expr.sql);
    if second && !texts.is_empty() {
        texts.rotate_left(1);
    }
    texts.into_iter().chain(lengths.flat_map(|n| [n + 1, n]).map(|n| digit.repeat(n))).collect()
}

/// What a column's name promises; functions, triggers and later checks often rely on it.
fn value_by_name(column: &Column, number: usize, dialect: Dialect) -> Option<String> {
    let base = column.ty.base.to_ascii_lowercase();
    if column.ty.array > 0 {
        return None;
    }
    let is_text = ["text", "character varying", "varchar", "citext"].contains(&base.as_str());
    let is_long = column.ty.args.first().is_none_or(|n| n.parse().is_ok_and(|n: u32| n >= 20));
    let names = match (is_text && is_long, is_number(&column.ty, dialect)) {
        (true, _) => NAMES_OF_TEXTS,
        (_, true) => NAMES_OF_NUMBERS,
        _ => return None,
    };
    let name = column.name.to_ascii_lowercase();
    let found = names.iter().find(|(part, _)| name.split('_').any(|word| word == *part))?;
    Some(found.1.replace('#', &number.to_string()))
}

/// A word of a text column's name, and a value that suits it; `#` stands for the row's number.
const NAMES_OF_TEXTS: &[(&str, &str)] = &[
    ("email", "a#@example.com"),
    ("mail", "a#@example.com"),
    ("url", "https://example.com/#"),
    ("version", "#.0.0"),
    ("semver", "#.0.0"),
    ("num", "#.0.0"),
];

/// The same of numbers.
const NAMES_OF_NUMBERS: &[(&str, &str)] = &[("year", "200#")];

/// The texts between single quotes.
fn literals(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = sql.chars().peekable();
    while chars.by_ref().any(|c| c == '\'') {
        let mut text = String::new();
        while let Some(c) = chars.next() {
            // A doubled quote is part of the text.
            if c == '\'' && chars.next_if_eq(&'\'').is_none() {
                break;
            }
            text.push(c);
        }
        found.push(text);
    }
    found
}

/// Identifiers and numbers, without quotes.
fn words(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn domain<'a>(catalog: &'a Catalog, ty: &SqlType) -> Option<&'a Domain> {
    if ty.array > 0 { None } else { catalog.domains.get(&name_of(ty)) }
}

fn name_of(ty: &SqlType) -> Name {
    match ty.base.split_once('.') {
        Some((schema, name)) => Name { schema: Some(schema.to_owned()), name: name.to_owned() },
        None => Name::new(ty.base.clone()),
    }
}

fn is_number(ty: &SqlType, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Sqlite => ["INT", "REAL", "FLOA", "DOUB", "NUM", "DEC"].iter().any(|part| ty.base.contains(part)),
        Dialect::Mysql => ["int", "float", "double", "decimal"].iter().any(|part| ty.base.contains(part)),
        Dialect::Postgres => ["smallint", "integer", "bigint", "numeric", "real", "double precision", "money"]
            .contains(&ty.base.as_str()),
    }
}

/// A value that the type takes. Texts are digits, which most casts of a later migration take too.
fn plain_value(catalog: &Catalog, ty: &SqlType, number: usize) -> String {
    if ty.array > 0 {
        return "{}".to_owned();
    }
    if let Some(found) = catalog.enums.get(&name_of(ty)).filter(|e| !e.values.is_empty()) {
        return found.values[(number - 1) % found.values.len()].clone();
    }
    if let Some(domain) = domain(catalog, ty) {
        return plain_value(catalog, &domain.base, number);
    }
    let base = ty.base.to_ascii_lowercase();
    if catalog.dialect == Dialect::Mysql
        && let Some(value) = plain_value_on_mysql(ty, number)
    {
        return value;
    }
    if base.starts_with("bit") && !base.contains("varying") {
        let width = ty.args.first().and_then(|n| n.parse().ok()).unwrap_or(1);
        // The first row has every bit set, the others count down from there.
        let bits = "1".repeat(width);
        return if number == 1 { bits } else { format!("{:0>width$b}", number - 2) };
    }
    if base.starts_with("bool") {
        return (number % 2).to_string();
    }
    let known = VALUES.iter().find(|(start, _)| base.starts_with(start)).map_or("#", |(_, value)| value);
    known.replace('#', &number.to_string())
}

/// A value of the types that are MySQL's own.
fn plain_value_on_mysql(ty: &SqlType, number: usize) -> Option<String> {
    let text = number.to_string();
    if matches!(ty.base.as_str(), "enum" | "set") && !ty.args.is_empty() {
        let allowed = &ty.args[(number - 1) % ty.args.len()];
        return literals(allowed).pop();
    }
    if let Some((_, shape)) = GEOMETRIES.iter().find(|(name, _)| ty.base == *name) {
        return Some(shape.replace('#', &text));
    }
    match (ty.base.as_str(), ty.args.first().map(String::as_str)) {
        // What `boolean` is there.
        ("tinyint", Some("1")) => Some((number % 2).to_string()),
        ("inet6", _) => Some(format!("::{text}")),
        ("inet4", _) => Some(format!("127.0.0.{text}")),
        ("year", _) => Some(format!("200{text}")),
        _ => None,
    }
}

/// What a type's name starts with, and a value of it; every other type gets `#`, which stands for
/// the row's number, from 1 to 9.
const VALUES: &[(&str, &str)] = &[
    ("timestamp", "2000-01-0# 00:00:00"),
    ("datetime", "2000-01-0# 00:00:00"),
    ("daterange", "empty"),
    ("date", "2000-01-0#"),
    ("time", "00:00:0#"),
    ("interval", "# day"),
    ("uuid", "00000000-0000-0000-0000-00000000000#"),
    ("json", "{}"),
    ("inet", "127.0.0.#"),
    ("cidr", "12#.0.0.0/8"),
    ("macaddr8", "08:00:2b:01:02:03:04:0#"),
    ("macaddr", "08:00:2b:01:02:0#"),
    ("xml", "<a/>"),
    ("point", "(0,0)"),
    ("line", "{1,1,1}"),
    ("lseg", "((0,0),(1,1))"),
    ("box", "((0,0),(1,1))"),
    ("circle", "<(0,0),1>"),
    ("polygon", "((0,0),(1,1),(0,1))"),
    ("path", "((0,0),(1,1))"),
    ("hstore", "a=>1"),
    ("int4range", "empty"),
    ("int8range", "empty"),
    ("numrange", "empty"),
    ("tsrange", "empty"),
    ("tstzrange", "empty"),
    ("pg_lsn", "0/#"),
];
