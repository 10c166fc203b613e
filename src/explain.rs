//! What a revision does, seen from the catalogs before and after it. Renames leave no trace in two
//! catalogs, so they are read from the statements themselves.

use crate::catalog::{Catalog, Name};
use crate::diff::{self, Answers};
use crate::error::Result;
use crate::operation::Operation;
use crate::replay::action::{Action, actions};
use crate::{replay, sql};

/// A script's effect.
#[derive(Debug, Clone)]
pub struct Effect {
    pub operations: Vec<Operation>,
    pub after: Catalog,
    /// Statements in all, and those that change rows rather than the schema.
    pub statements: usize,
    pub data_statements: usize,
}

/// Follows a script from a catalog.
///
/// # Errors
/// Where the script does not parse.
pub fn effect(before: &Catalog, script: &str, file: &str) -> Result<Effect> {
    let mut after = before.clone();
    replay::apply(&mut after, script, file)?;
    let statements: Vec<Vec<Action>> =
        sql::statements(before.dialect, script)?.iter().map(|s| actions(before.dialect, s.text)).collect();
    Ok(Effect {
        operations: between(before, &after, statements.iter().flatten()),
        after,
        statements: statements.len(),
        data_statements: statements.iter().filter(|actions| actions.iter().any(Action::is_data)).count(),
    })
}

/// What leads from one catalog to the other, with the renames that the steps on the way spell out.
pub fn between<'a>(before: &Catalog, after: &Catalog, steps: impl IntoIterator<Item = &'a Action>) -> Vec<Operation> {
    diff::diff(before, after, &Answers { renames: renames(before, after, steps), ..Answers::default() })
}

/// The renames that the steps from one catalog to the other spell out.
pub fn renames<'a>(before: &Catalog, after: &Catalog, steps: impl IntoIterator<Item = &'a Action>) -> diff::Renames {
    let mut followed =
        Followed { before, tables: Vec::new(), columns: Vec::new(), enums: Vec::new(), values: Vec::new() };
    steps.into_iter().for_each(|action| followed.take(action.clone()));
    followed.renames(after)
}

/// Renames followed through a script, in which a thing may be renamed twice, and a column under its
/// table's new name. Only what was there before is followed.
struct Followed<'a> {
    before: &'a Catalog,
    /// The name before the script, and the one so far.
    tables: Vec<(Name, Name)>,
    /// The table and column before the script, and the column's name so far.
    columns: Vec<(Name, String, String)>,
    enums: Vec<(Name, Name)>,
    /// The enum's name at that time, and the value's before and after.
    values: Vec<(Name, String, String)>,
}

impl Followed<'_> {
    fn take(&mut self, step: Action) {
        let dialect = self.before.dialect;
        match step {
            Action::RenameTable { table: from, to } => {
                if let Some((_, now)) = self.tables.iter_mut().find(|(_, now)| now.same(&from, dialect)) {
                    *now = to;
                } else if let Some(table) = self.before.table(&from) {
                    self.tables.push((table.name.clone(), to));
                }
            }
            Action::RenameObject { kind, name, to } if kind == "type" => {
                let to = name.with_name(to);
                self.enums.push((name, to));
            }
            Action::RenameEnumValue { name, value, to } => self.values.push((name, value, to)),
            Action::RenameColumn { table, column: from, to } | Action::DefineColumn { table, column: from, to }
                if from != to =>
            {
                let moved = self.tables.iter().find(|(_, now)| now.same(&table, dialect));
                let Some(origin) = self.before.table(moved.map_or(&table, |(old, _)| old)) else { return };
                let mut known = self.columns.iter_mut();
                if let Some((_, _, now)) =
                    known.find(|(at, _, now)| *at == origin.name && dialect.same_name(now, &from))
                {
                    *now = to;
                } else if let Some(column) = origin.column(&from, dialect) {
                    self.columns.push((origin.name.clone(), column.name.clone(), to));
                }
            }
            _ => {}
        }
    }

    /// The renames that both catalogs agree with: a rebuild's helper table, or a name that was taken
    /// before, is no rename.
    fn renames(self, after: &Catalog) -> diff::Renames {
        let mut renames = diff::Renames::default();
        for (from, to) in self.tables {
            if let (Some(table), None) = (after.table(&to), self.before.table(&to)) {
                renames.tables.insert(from, table.name.clone());
            }
        }
        for (table, from, to) in self.columns {
            let taken = self.before.table(&table).is_some_and(|t| t.column(&to, self.before.dialect).is_some());
            let table = renames.tables.get(&table).unwrap_or(&table).clone();
            let there = after.table(&table).is_some_and(|t| t.column(&to, after.dialect).is_some());
            if there && !taken {
                renames.columns.insert((table, from), to);
            }
        }
        for (from, to) in self.enums {
            if self.before.enums.contains_key(&from)
                && !after.enums.contains_key(&from)
                && after.enums.contains_key(&to)
            {
                renames.enums.insert(from, to);
            }
        }
        for (name, from, to) in self.values {
            let now = renames.enums.get(&name).unwrap_or(&name);
            let old = renames.enums.iter().find(|(_, to)| *to == now).map_or(now, |(old, _)| old);
            let has = |catalog: &Catalog, name: &Name, value: &String| {
                catalog.enums.get(name).is_some_and(|ty| ty.values.contains(value))
            };
            let kept = has(self.before, old, &from) && !has(self.before, old, &to);
            if kept && has(after, now, &to) && !has(after, now, &from) {
                renames.values.insert((now.clone(), from), to);
            }
        }
        renames
    }
}

#[cfg(test)]
mod tests {
    use super::effect;
    use crate::catalog::Catalog;
    use crate::dialect::Dialect::{self, Mysql, Postgres, Sqlite};
    use crate::{operation::Operation, replay};

    const BEFORE: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);";

    fn check_from(dialect: Dialect, before: &str, script: &str, expected: &[&str]) {
        let mut catalog = Catalog::empty(dialect);
        replay::apply(&mut catalog, before, "before.sql").unwrap();
        let found = effect(&catalog, script, "up.sql").unwrap();
        let found: Vec<String> = found.operations.iter().map(Operation::describe).collect();
        assert_eq!(found, expected, "{dialect}: {script}");
    }

    fn check(dialect: Dialect, script: &str, expected: &[&str]) {
        check_from(dialect, BEFORE, script, expected);
    }

    #[test]
    fn renames_are_read_from_the_statements() {
        for dialect in [Postgres, Sqlite] {
            let table = &["rename table users to people"];
            check(dialect, "ALTER TABLE users RENAME TO people;", table);
            check(dialect, "alter table \"users\" rename to \"people\";", table);
            check(dialect, "-- why\nALTER /* so */ TABLE users RENAME TO people;", table);
            check(dialect, "ALTER TABLE users RENAME TO a; ALTER TABLE a RENAME TO people;", table);
            let column = &["rename column users.nick to nick_name"];
            check(dialect, "ALTER TABLE users RENAME COLUMN nick TO nick_name;", column);
            check(dialect, "ALTER TABLE users RENAME nick TO nick_name;", column);
            check(dialect, "ALTER TABLE users RENAME nick TO a; ALTER TABLE users RENAME a TO nick_name;", column);
        }
        check(Postgres, "ALTER TABLE IF EXISTS ONLY Users RENAME TO People;", &["rename table users to people"]);
        check(Postgres, "ALTER TABLE \"public\".\"users\" RENAME TO people;", &["rename table users to people"]);
        check(Sqlite, "ALTER TABLE main.[users] RENAME TO `people`;", &["rename table users to people"]);
        check(Sqlite, "ALTER TABLE USERS RENAME COLUMN NICK TO nick_name;", &["rename column users.nick to nick_name"]);
    }

    #[test]
    fn mysql_renames_in_more_ways() {
        let check = |script: &str, expected: &[&str]| check(Mysql, script, expected);
        let both = &["rename table users to people", "rename column people.nick to nick_name"];
        check("RENAME TABLE users TO people", &both[..1]);
        check("ALTER TABLE users RENAME people", &both[..1]);
        check("ALTER TABLE `users` RENAME AS `people`, CHANGE COLUMN `nick` `nick_name` text", both);
        check("ALTER TABLE users RENAME COLUMN nick TO nick_name, RENAME TO people", both);
        check("ALTER TABLE users MODIFY nick text, CHANGE nick nick text", &[]);
        let typed = "ALTER TABLE users CHANGE nick nick_name enum('a','b'), ADD INDEX i (id, nick_name)";
        check(
            typed,
            &[
                "rename column users.nick to nick_name",
                "change type of users.nick_name from text to enum('a','b')",
                "create index i on users",
            ],
        );
    }

    #[test]
    fn a_column_may_be_renamed_before_and_after_its_table() {
        for dialect in [Postgres, Sqlite] {
            let expected = &["rename table users to people", "rename column people.nick to nick_name"];
            let (table, before, after) = (
                "ALTER TABLE users RENAME TO people;",
                "ALTER TABLE users RENAME COLUMN nick TO nick_name;",
                "ALTER TABLE people RENAME COLUMN nick TO nick_name;",
            );
            check(dialect, &format!("{before}{table}"), expected);
            check(dialect, &format!("{table}{after}"), expected);
        }
    }

    #[test]
    fn enums_and_their_values_are_renamed() {
        let before =
            "CREATE TYPE mood AS ENUM ('sad', 'it''s'); CREATE TABLE users (id integer, mood mood DEFAULT 'sad');";
        let check = |script: &str, expected: &[&str]| check_from(Postgres, before, script, expected);
        check("ALTER TYPE mood RENAME TO feeling;", &["rename enum mood to feeling"]);
        check("ALTER TYPE mood RENAME VALUE 'it''s' TO 'ok';", &["rename value 'it's' of enum mood to 'ok'"]);
        check(
            "ALTER TYPE mood RENAME TO feeling; ALTER TYPE feeling RENAME VALUE 'sad' TO 'low';",
            &["rename enum mood to feeling", "rename value 'sad' of enum feeling to 'low'"],
        );
    }

    #[test]
    fn what_only_looks_like_a_rename_is_none() {
        let rebuild = "CREATE TABLE new_users (id integer PRIMARY KEY, nick text, age integer);
            INSERT INTO new_users (id, nick) SELECT id, nick FROM users;
            DROP TABLE users;
            ALTER TABLE new_users RENAME TO users;";
        let added = &["add column users.age INTEGER"];
        check(Sqlite, rebuild, added);
        let older = "ALTER TABLE users RENAME TO users_old;
            CREATE TABLE users (id integer PRIMARY KEY, nick text, age integer);
            INSERT INTO users (id, nick) SELECT id, nick FROM users_old;
            DROP TABLE users_old;";
        check(Sqlite, older, added);
        let there_and_back = "ALTER TABLE users RENAME nick TO a; ALTER TABLE users RENAME a TO nick;";
        check(Postgres, there_and_back, &[]);
        let constraint = &["rename constraint users_pkey of users to users_key"];
        check(Postgres, "ALTER TABLE users RENAME CONSTRAINT users_pkey TO users_key;", constraint);
    }

    #[test]
    fn statements_that_change_rows_are_counted() {
        let mut catalog = Catalog::empty(Sqlite);
        replay::apply(&mut catalog, BEFORE, "before.sql").unwrap();
        let script = "UPDATE users SET nick = ''; replace INTO users VALUES (1, 'a'); CREATE INDEX i ON users (nick);";
        let found = effect(&catalog, script, "up.sql").unwrap();
        assert_eq!((found.statements, found.data_statements), (3, 2));
    }
}
