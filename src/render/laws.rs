//! The laws of the engine, on generated pairs of schemas: the replayed script gives the other schema
//! and the way back gives the first, equal schemas have no difference, and nothing that is equal is
//! touched. Here without a database; `engine` has them on real ones, with rows.

#[cfg(test)]
mod engine;
#[cfg(test)]
pub(super) mod rows;

use proptest::prelude::*;

use super::generator::{Tape, cases, pair};
use super::{Script, Ways, parts, schema_sql, script};
use crate::catalog::{Catalog, Name, Table};
use crate::dialect::Dialect;
use crate::diff::{Answers, Renames, diff};
use crate::operation::Operation;
use crate::proof::difference;
use crate::replay;

type Outcome<T = ()> = Result<T, TestCaseError>;

fn failed(error: &crate::error::Error, sql: &str) -> TestCaseError {
    TestCaseError::fail(format!("{error:?}\n{sql}"))
}

fn between(from: &Catalog, to: &Catalog) -> Outcome<Script> {
    script(from, to, &Answers::default()).map_err(|error| failed(&error, &schema_sql(from)))
}

/// The catalog after a script.
fn after(catalog: &Catalog, sql: &str) -> Outcome<Catalog> {
    let mut catalog = catalog.clone();
    replay::apply(&mut catalog, sql, "script.sql").map_err(|error| failed(&error, sql))?;
    prop_assert!(catalog.uncertain.is_empty(), "{:?}\n{sql}", catalog.uncertain);
    Ok(catalog)
}

fn same(expected: &Catalog, found: &Catalog, what: &str, sql: &str) -> Outcome {
    let lines = difference(expected, found);
    prop_assert!(lines.is_empty(), "{}\n== {what}\n{sql}", lines.join("\n"));
    Ok(())
}

/// Parts in an order of their own, so that only what they say is compared.
fn sorted(table: &Table) -> String {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(table.columns.iter().map(|c| format!("{c:?}")));
    lines.extend(table.uniques.iter().map(|c| format!("{c:?}")));
    lines.extend(table.checks.iter().map(|c| format!("{c:?}")));
    lines.extend(table.excludes.iter().map(|c| format!("{c:?}")));
    lines.extend(table.foreign_keys.iter().map(|c| format!("{c:?}")));
    lines.extend(table.indexes.iter().map(|c| format!("{c:?}")));
    lines.extend(table.triggers.iter().map(|c| format!("{c:?}")));
    lines.extend(table.policies.iter().map(|c| format!("{c:?}")));
    lines.sort();
    format!("{} {:?} {:?} {:?}", lines.join("\n"), table.primary_key, table.options, table.comment)
}

/// Tables that the operations change although they are equal.
fn touched_for_nothing(from: &Catalog, to: &Catalog) -> Vec<Name> {
    let operations = diff(from, to, &Answers::default());
    let tables = operations.iter().filter_map(|operation| operation.table());
    let equal = |name: &&Name| match (from.table(name), to.table(name)) {
        (Some(a), Some(b)) => sorted(a) == sorted(b),
        _ => false,
    };
    tables.filter(equal).cloned().collect()
}

fn holds(dialect: Dialect, a: &Tape, b: &Tape) -> Outcome {
    let (from, to) = (a.replayed(dialect), b.replayed(dialect));
    prop_assert_eq!(diff(&from, &from, &Answers::default()), []);
    prop_assert_eq!(touched_for_nothing(&from, &to), []);
    let script = between(&from, &to)?;
    let again = between(&from, &to)?;
    prop_assert_eq!((&script.up, &script.down), (&again.up, &again.down));
    let there = after(&from, &script.up)?;
    same(&to, &there, "up", &script.up)?;
    let back = after(&there, &script.down)?;
    same(&from, &back, "down", &script.down)
}

/// Whatever can be done in parts: each leads back to where it began, all of them to the other schema.
fn parts_hold(a: &Tape, b: &Tape) -> Outcome {
    let (mut at, to) = (a.replayed(Dialect::Postgres), b.replayed(Dialect::Postgres));
    let ways = Ways { concurrently: true, in_steps: true };
    let parts = parts(&at, &to, &Answers::default(), ways).map_err(|error| failed(&error, &schema_sql(&at)))?;
    for part in parts {
        let there = after(&at, &part.script.up)?;
        same(&at, &after(&there, &part.script.down)?, &part.title, &part.script.down)?;
        at = there;
    }
    same(&to, &at, "all parts", &schema_sql(&to))
}

/// Renames of whatever of these the schema has.
fn renames(catalog: &Catalog) -> Renames {
    let mut renames = Renames::default();
    let (users, people) = (Name::new("users"), Name::new("people"));
    renames.tables.insert(users.clone(), people.clone());
    let has = |column: &str| catalog.table(&users).is_some_and(|t| t.column(column, catalog.dialect).is_some());
    for (old, new) in [("nick", "Nick name"), ("Odd", "even"), ("id", "key")] {
        if has(old) {
            renames.columns.insert((people.clone(), old.to_owned()), new.to_owned());
        }
    }
    if catalog.dialect == Dialect::Postgres {
        renames.enums.insert(Name::new("mood"), Name::new("feeling"));
        renames.values.insert((Name::new("feeling"), "sad".to_owned()), "low".to_owned());
    }
    renames
}

/// Renames alone are nothing but renames, and lead there and back.
fn renames_hold(dialect: Dialect, tape: &Tape) -> Outcome {
    let mut from = tape.replayed(dialect);
    // What a view calls its columns afterwards is the engine's affair.
    from.views.clear();
    let renames = renames(&from);
    let to = renames.apply(&from);
    let answers = Answers { renames, ..Answers::default() };
    let script = script(&from, &to, &answers).map_err(|error| failed(&error, &schema_sql(&from)))?;
    let is_rename = |o: &Operation| {
        matches!(
            o,
            Operation::RenameTable { .. }
                | Operation::RenameColumn { .. }
                | Operation::RenameEnum { .. }
                | Operation::RenameEnumValue { .. }
        )
    };
    prop_assert!(script.operations.iter().chain(&script.reverse).all(is_rename), "{}{}", script.up, script.down);
    let there = after(&from, &script.up)?;
    same(&to, &there, "up", &script.up)?;
    same(&from, &after(&there, &script.down)?, "down", &script.down)
}

proptest! {
    #![proptest_config(cases(500, 1500))]

    #[test]
    fn postgresql_in_memory((a, b) in pair()) {
        holds(Dialect::Postgres, &a, &b)?;
    }

    #[test]
    fn parts_in_memory((a, b) in pair()) {
        parts_hold(&a, &b)?;
    }

    #[test]
    fn sqlite_in_memory((a, b) in pair()) {
        holds(Dialect::Sqlite, &a, &b)?;
    }

    #[test]
    fn renames_are_renames((a, _) in pair()) {
        renames_hold(Dialect::Postgres, &a)?;
        renames_hold(Dialect::Sqlite, &a)?;
    }
}
