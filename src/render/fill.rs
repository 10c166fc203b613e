//! Values that mean nothing, for rows that exist when a dropped NOT NULL column comes back. What
//! was there is lost; the value only lets the way back run.

use crate::catalog::{Catalog, Expr, SqlType};
use crate::dialect::Dialect;

/// A value of the type that says as little as possible.
pub(super) fn neutral(ty: &SqlType, catalog: &Catalog) -> Expr {
    match catalog.dialect {
        Dialect::Postgres => Expr::new(postgres(ty, catalog)),
        Dialect::Sqlite => Expr::new(sqlite(ty)),
        Dialect::Mysql => Expr::new(mysql(ty)),
    }
}

fn postgres(ty: &SqlType, catalog: &Catalog) -> String {
    if ty.array > 0 {
        return "'{}'".to_owned();
    }
    let named = |name: &crate::catalog::Name| name.to_string() == ty.base;
    if let Some((_, found)) = catalog.enums.iter().find(|(name, _)| named(name)) {
        return found.values.first().map_or_else(|| "NULL".to_owned(), |value| Dialect::Postgres.literal(value));
    }
    if let Some((_, domain)) = catalog.domains.iter().find(|(name, _)| named(name)) {
        return postgres(&domain.base, catalog);
    }
    let value = match ty.base.as_str() {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" | "money" | "oid" => "0",
        "boolean" => "false",
        "timestamp with time zone" | "timestamp without time zone" => "CURRENT_TIMESTAMP",
        "date" => "CURRENT_DATE",
        "time with time zone" => "CURRENT_TIME",
        "time without time zone" => "LOCALTIME",
        "interval" => "'0'",
        "uuid" => "'00000000-0000-0000-0000-000000000000'",
        "json" | "jsonb" => "'{}'",
        "inet" | "cidr" => "'0.0.0.0'",
        "macaddr" => "'00:00:00:00:00:00'",
        "bit" => return format!("repeat('0', {})::bit varying", ty.args.first().map_or("1", String::as_str)),
        "point" => "'(0,0)'",
        base if base.ends_with("range") => "'empty'",
        _ => "''",
    };
    value.to_owned()
}

fn mysql(ty: &SqlType) -> String {
    let base = ty.base.split(' ').next().unwrap_or_default();
    let value = match base {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "float" | "double" => "0",
        "bit" => "b'0'",
        "date" => "curdate()",
        "datetime" | "timestamp" => "current_timestamp()",
        "time" => "'00:00:00'",
        "year" => "1970",
        "json" => "'{}'",
        "enum" => return ty.args.first().cloned().unwrap_or_else(|| "''".to_owned()),
        "uuid" => "'00000000-0000-0000-0000-000000000000'",
        "inet4" => "'0.0.0.0'",
        "inet6" => "'::'",
        "point" | "geometry" => "point(0, 0)",
        _ => "''",
    };
    value.to_owned()
}

fn sqlite(ty: &SqlType) -> String {
    let base = ty.base.as_str();
    let value = if base.contains("TIMESTAMP") || base.contains("DATETIME") {
        "CURRENT_TIMESTAMP"
    } else if base.contains("DATE") {
        "CURRENT_DATE"
    } else if base.contains("TIME") {
        "CURRENT_TIME"
    } else if base.contains("JSON") {
        "'{}'"
    } else {
        match super::sqlite::affinity(base) {
            "TEXT" => "''",
            "BLOB" => "x''",
            "REAL" => "0.0",
            _ => "0",
        }
    };
    value.to_owned()
}
