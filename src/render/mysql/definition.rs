//! MySQL: columns, keys and tables as CREATE TABLE and ALTER TABLE spell them.

use super::DIALECT;
use crate::catalog::{AutoValue, Column, Expr, ForeignKey, Index, IndexKey, IndexPart, Name, Table, Unique};
use crate::render::table::{check, foreign_key, primary_key};
use crate::render::text::{in_parentheses, is_literal, list};

/// A table with its keys and indexes, and these of its foreign keys.
pub(super) fn create_table(table: &Table, foreign_keys: &[ForeignKey]) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(|one| column(one)).collect();
    lines.extend(table.primary_key.iter().map(|key| primary_key(&table.name, key, DIALECT)));
    lines.extend(table.uniques.iter().map(unique));
    lines.extend(table.indexes.iter().map(index));
    lines.extend(table.checks.iter().map(|one| check(table, one, DIALECT)));
    lines.extend(foreign_keys.iter().map(|key| foreign_key(&table.name, key, DIALECT)));
    format!("CREATE TABLE {} (\n    {}\n){};", table.name.sql(DIALECT), lines.join(",\n    "), options(table))
}

fn options(table: &Table) -> String {
    let options = &table.options;
    let mut text = String::new();
    for (word, value) in
        [("ENGINE", &options.engine), ("DEFAULT CHARSET", &options.charset), ("COLLATE", &options.collation)]
    {
        if let Some(value) = value {
            text.push_str(&format!(" {word}={value}"));
        }
    }
    if let Some(comment) = &table.comment {
        text.push_str(&format!(" COMMENT={}", DIALECT.literal(comment)));
    }
    if let Some(by) = &options.partition_by {
        text.push_str(&format!("\nPARTITION BY {by}"));
    }
    text
}

/// A column with every attribute that it has: what a MODIFY leaves out is lost.
pub(super) fn column(column: &Column) -> String {
    let mut text = format!("{} {}", DIALECT.quote(&column.name), column.ty.sql(DIALECT));
    if let Some(charset) = &column.charset {
        text.push_str(&format!(" CHARACTER SET {charset}"));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        text.push_str(&format!(" GENERATED ALWAYS AS {} {kind}", in_parentheses(&generated.expr.sql)));
    } else if !column.nullable {
        text.push_str(" NOT NULL");
    } else if column.ty.base == "timestamp" {
        // Without the word older servers make it NOT NULL (explicit_defaults_for_timestamp).
        text.push_str(" NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {}", default_sql(column, default)));
    }
    if let Some(update) = &column.on_update {
        text.push_str(&format!(" ON UPDATE {update}"));
    }
    if column.auto == Some(AutoValue::Increment) {
        text.push_str(" AUTO_INCREMENT");
    }
    if let Some(comment) = &column.comment {
        text.push_str(&format!(" COMMENT {}", DIALECT.literal(comment)));
    }
    if let Some(check) = &column.check {
        text.push_str(&format!(" CHECK {}", in_parentheses(&check.sql)));
    }
    text
}

/// MySQL wants parentheses around every default that is no constant and no clock, and around those
/// of long texts (MySQL manual, Data Type Default Values).
fn default_sql(column: &Column, default: &Expr) -> String {
    let base = column.ty.base.as_str();
    let long = base.ends_with("text") || base.ends_with("blob") || base == "json";
    let bits = default.sql.starts_with("b'");
    let clock = default.sql.starts_with("current_timestamp(");
    let plain = is_literal(&default.sql) || bits || clock;
    if plain && !long { default.sql.clone() } else { in_parentheses(&default.sql) }
}

/// A unique key, under its name.
pub(super) fn unique(unique: &Unique) -> String {
    let name = unique.name.as_ref().map(|name| format!(" {}", DIALECT.quote(name))).unwrap_or_default();
    format!("UNIQUE KEY{name} ({})", list(&unique.columns, DIALECT))
}

/// An index with all its facts.
pub(super) fn index(index: &Index) -> String {
    let kind = match index.method.as_deref() {
        Some("fulltext") => "FULLTEXT KEY",
        Some("spatial") => "SPATIAL KEY",
        _ if index.unique => "UNIQUE KEY",
        _ => "KEY",
    };
    let parts: Vec<String> = index.parts.iter().map(part).collect();
    format!("{kind} {} ({})", DIALECT.quote(&index.name), parts.join(", "))
}

fn part(part: &IndexPart) -> String {
    let mut text = match &part.key {
        IndexKey::Column(name) => DIALECT.quote(name),
        IndexKey::Expr(expr) => format!("({expr})"),
    };
    if let Some(prefix) = part.prefix {
        text.push_str(&format!("({prefix})"));
    }
    if part.descending {
        text.push_str(" DESC");
    }
    text
}

/// `ADD CONSTRAINT … FOREIGN KEY …`.
pub(super) fn add_foreign_key(table: &Name, key: &ForeignKey) -> String {
    format!("ADD {}", foreign_key(table, key, DIALECT))
}
