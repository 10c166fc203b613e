//! What the review says of a statement beside what a server did with it, and where the two differ.

use super::Measured;
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::review::report::Entry;
use crate::review::{Lock, LockMode, Work};

/// Fills in what was expected of a statement that ran, and what came otherwise.
pub(super) fn compare(one: &mut Measured, entry: &Entry, in_transaction: bool, db: &mut Database) -> Result<()> {
    let reviewed = &entry.reviewed;
    match db.dialect() {
        Dialect::Postgres => {
            let locks: Vec<&Lock> = reviewed.locks.iter().filter(|(at, _)| *at == one.line).map(|(_, l)| l).collect();
            one.expected = locks.iter().map(|lock| lock.describe()).collect();
            one.differs = if in_transaction { locks_differ(one, &locks) } else { Vec::new() };
            one.differs.extend(rows_differ(one, &locks));
        }
        Dialect::Mysql => {
            let is_mariadb = db.server_version()?.contains("MariaDB");
            let said = reviewed.copies.iter().filter(|(at, _, both)| *at == one.line && (*both || !is_mariadb));
            one.expected = said.map(|(_, text, _)| text.clone()).collect();
            one.differs = one
                .online
                .iter()
                .filter_map(|online| match (online.lets_write(), one.expected.is_empty()) {
                    (true, false) => {
                        Some("others may write meanwhile, where the review says that they wait".to_owned())
                    }
                    (false, true) => Some("writers wait, and the review does not say so".to_owned()),
                    _ => None,
                })
                .collect();
        }
        Dialect::Sqlite => {}
    }
    Ok(())
}

/// Tables of which the transaction has another lock by then than the strongest that was expected.
fn locks_differ(one: &Measured, expected: &[&Lock]) -> Vec<String> {
    let mut tables: Vec<&String> = expected.iter().flat_map(|lock| &lock.tables).collect();
    tables.sort();
    tables.dedup();
    let differs = tables.into_iter().filter_map(|table| {
        let said = expected.iter().filter(|lock| lock.tables.contains(table)).map(|lock| lock.mode).max()?;
        let name = bare(table);
        let (new, old) = (one.locks.get(name), one.still_held.get(name));
        let took = new.or(old).and_then(|mode| LockMode::named(mode));
        // What is held already may be stronger.
        let is_as_said = if new.is_some() { took == Some(said) } else { took >= Some(said) };
        let took = took.map_or("none", LockMode::name);
        (!is_as_said).then(|| format!("{took} on {table}, where the review says {}", said.name()))
    });
    differs.collect()
}

/// Tables that are written anew and were not expected to be, or the other way round.
fn rows_differ(one: &Measured, expected: &[&Lock]) -> Vec<String> {
    // Of a table that is emptied nothing is written.
    if one.statement.to_ascii_lowercase().starts_with("truncate") {
        return Vec::new();
    }
    let said: Vec<&str> =
        expected.iter().filter(|l| l.work == Work::Rewrite).flat_map(|l| &l.tables).map(|t| bare(t)).collect();
    let known: Vec<&str> = expected.iter().flat_map(|lock| &lock.tables).map(|table| bare(table)).collect();
    let is_new = |table: &&String| known.contains(&table.as_str()) && !said.contains(&table.as_str());
    let more = one
        .rewritten
        .iter()
        .filter(is_new)
        .map(|table| format!("{table} is written anew, which the review does not say"));
    let fewer = said.iter().filter(|table| !one.rewritten.iter().any(|own| own == *table));
    let fewer = fewer.map(|table| format!("{table} is not written anew, which the review says"));
    more.chain(fewer).collect()
}

/// A table's name without its schema.
fn bare(table: &str) -> &str {
    table.rsplit('.').next().unwrap_or(table)
}

#[cfg(test)]
mod tests {
    use super::{locks_differ, rows_differ};
    use crate::catalog::Name;
    use crate::commands::review::measure::Measured;
    use crate::review::{Lock, LockMode, Work};

    fn on_users(mode: &str) -> std::collections::BTreeMap<String, String> {
        [("users".to_owned(), mode.to_owned())].into()
    }

    #[test]
    fn what_a_server_does_otherwise_is_said() {
        let users = Name::qualified("app", "users");
        let share = Lock::new(LockMode::Share, [&users], Work::Index);
        let said = |one: &Measured| locks_differ(one, &[&share]);
        let new = |mode| Measured { locks: on_users(mode), ..Measured::default() };
        assert_eq!(said(&new("SHARE")), [""; 0]);
        assert_eq!(said(&new("EXCLUSIVE")), ["EXCLUSIVE on app.users, where the review says SHARE"]);
        assert_eq!(said(&new("ROW SHARE")), ["none on app.users, where the review says SHARE"]);
        let held = Measured { still_held: on_users("ACCESS EXCLUSIVE"), ..Measured::default() };
        assert_eq!(said(&held), [""; 0], "a transaction keeps what is stronger");
        let rewritten = Measured { rewritten: vec!["users".to_owned()], ..Measured::default() };
        assert_eq!(rows_differ(&rewritten, &[&share]), ["users is written anew, which the review does not say"]);
        let rewrite = Lock::new(LockMode::AccessExclusive, [&users], Work::Rewrite);
        assert_eq!(rows_differ(&rewritten, &[&rewrite]), [""; 0]);
        let one = Measured::default();
        assert_eq!(rows_differ(&one, &[&rewrite]), ["users is not written anew, which the review says"]);
    }
}
