//! The names that PostgreSQL gives to constraints that were declared without one, so that scripts
//! can always spell them (`makeObjectName` and `ChooseConstraintName` of PostgreSQL's sources; the
//! result is what `\d` shows). SQLite keeps unnamed constraints unnamed.

use super::text::mentions;
use crate::catalog::{Check, ForeignKey, Name, PrimaryKey, Table, Unique};
use crate::dialect::{self, Dialect};

pub(super) fn primary_key(table: &Name, key: &PrimaryKey) -> String {
    key.name.clone().unwrap_or_else(|| object_name(&table.name, "", "pkey"))
}

pub(super) fn unique(table: &Name, unique: &Unique) -> String {
    unique.name.clone().unwrap_or_else(|| object_name(&table.name, &unique.columns.join("_"), "key"))
}

pub(super) fn foreign_key(table: &Name, key: &ForeignKey) -> String {
    key.name.clone().unwrap_or_else(|| object_name(&table.name, &key.columns.join("_"), "fkey"))
}

/// A check is named after its column where it mentions exactly one; a number keeps two apart.
pub(super) fn check(table: &Table, check: &Check) -> String {
    if let Some(name) = &check.name {
        return name.clone();
    }
    let mut taken: Vec<String> = table.checks.iter().filter_map(|c| c.name.clone()).collect();
    for other in table.checks.iter().filter(|c| c.name.is_none()) {
        let name = free_name(&check_base(table, other), &taken);
        if other == check {
            return name;
        }
        taken.push(name);
    }
    free_name(&check_base(table, check), &taken)
}

/// The name of an exclusion constraint; its columns are not known, so only the table counts.
pub(super) fn exclude(table: &Name, name: Option<&String>) -> String {
    name.cloned().unwrap_or_else(|| object_name(&table.name, "", "excl"))
}

/// The name that the server gives to the sequence of a `serial` column.
pub(super) fn serial_sequence(table: &Name, column: &str) -> Name {
    table.with_name(object_name(&table.name, column, "seq"))
}

fn check_base(table: &Table, check: &Check) -> String {
    let mut named = table.columns.iter().filter(|c| mentions(&check.expr.sql, &c.name, Dialect::Postgres));
    let column = match (named.next(), named.next()) {
        (Some(only), None) => only.name.as_str(),
        _ => "",
    };
    object_name(&table.name.name, column, "check")
}

fn free_name(base: &str, taken: &[String]) -> String {
    let mut name = base.to_owned();
    let mut number = 0;
    while taken.contains(&name) {
        number += 1;
        name = format!("{base}{number}");
    }
    name
}

/// The server's name; an empty second part is none.
pub(super) fn object_name(first: &str, second: &str, label: &str) -> String {
    dialect::object_name(first, Some(second).filter(|second| !second.is_empty()), label)
}

#[cfg(test)]
mod tests {
    use super::object_name;

    #[test]
    fn names_are_cut_as_the_server_cuts_them() {
        assert_eq!(object_name("users", "email", "key"), "users_email_key");
        assert_eq!(object_name("users", "", "pkey"), "users_pkey");
        let long = object_name(&"t".repeat(60), &"c".repeat(40), "fkey");
        assert_eq!(long, format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28)));
        assert_eq!(long.len(), 63);
    }
}
