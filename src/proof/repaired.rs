//! What a database becomes once it is as its recorded revisions make it: the database's own schema,
//! with what is missing or otherwise taken from the replay. What is left over stays, unless it is
//! named. What the replay is not sure about stays, too.

use super::difference::{self, Facts};
use crate::catalog::{Catalog, Name, Table};

/// The schema that a database should have.
#[derive(Debug, Clone)]
pub struct Repaired {
    /// The database as it is, in the words in which it can be compared with the replay.
    pub actual: Catalog,
    pub target: Catalog,
    /// What is wrong, in words: the lines of [`super::drift`].
    pub different: Vec<String>,
    /// What no revision makes and stays, by its words: `table extra`, `column users.oops`.
    pub left: Vec<String>,
}

/// What becomes of each object of a database.
struct Fate<'a> {
    was: Facts,
    is: Facts,
    drops: &'a [String],
}

/// The schema that `actual` should have, where its revisions give `expected`. `drops` are things left
/// over that go: in the words of [`Repaired::left`], or by their names alone.
pub fn repaired(expected: &Catalog, actual: &Catalog, drops: &[String]) -> Repaired {
    let actual = difference::as_declared(expected, actual).into_owned();
    let (was, is) = difference::comparable(expected, &actual);
    let different = difference::drift(expected, &actual);
    let fate = Fate { was, is, drops };
    let mut target = actual.clone();
    fate.merge_catalog(&mut target, expected);
    let left = different.iter().filter_map(|line| line.strip_suffix(" is left over"));
    let left = left.filter(|object| !fate.is_dropped(object)).map(str::to_owned).collect();
    Repaired { actual, target, different, left }
}

/// The name of an object in the words that tell of it: `index a_idx of a` is `a_idx`.
pub fn name_of(object: &str) -> &str {
    let words = object.split_once(" of ").map_or(object, |(words, _)| words);
    words.rsplit(' ').next().unwrap_or(words)
}

impl Fate<'_> {
    fn is_dropped(&self, object: &str) -> bool {
        let is_left = self.is.contains_key(object) && !self.was.contains_key(object);
        is_left && self.drops.iter().any(|name| name == object || name == name_of(object))
    }

    /// Whether the replay's form takes the place of what is there, or of nothing.
    fn is_taken(&self, object: &str) -> bool {
        let found = self.was.get(object);
        found.is_some_and(|fact| self.is.get(object).is_none_or(|other| !fact.is_like(other)))
    }

    /// A list of parts, each in its place; what is missing comes behind them.
    fn merge<T: Clone>(&self, own: &mut Vec<T>, expected: &[T], object: impl Fn(&T) -> String) {
        let wanted = |key: &str| expected.iter().find(|other| object(other) == key).cloned();
        let known: Vec<String> = own.iter().map(&object).collect();
        let stays = own.drain(..).zip(&known).filter_map(|(one, key)| match () {
            () if self.is_taken(key) => wanted(key),
            () => (!self.is_dropped(key)).then_some(one),
        });
        let mut merged: Vec<T> = stays.collect();
        let missing = expected.iter().filter(|one| {
            let key = object(one);
            !known.contains(&key) && self.is_taken(&key)
        });
        merged.extend(missing.cloned());
        *own = merged;
    }

    fn merge_map<T: Clone>(
        &self,
        own: &mut std::collections::BTreeMap<Name, T>,
        expected: &std::collections::BTreeMap<Name, T>,
        object: impl Fn(&T) -> String,
    ) {
        own.retain(|_, one| !self.is_dropped(&object(one)));
        let taken = expected.iter().filter(|(_, one)| self.is_taken(&object(one)));
        own.extend(taken.map(|(name, one)| (name.clone(), one.clone())));
    }

    fn merge_catalog(&self, own: &mut Catalog, expected: &Catalog) {
        let missing = |kind: &'static str| move |name: &&String| self.is_taken(&format!("{kind} {name}"));
        own.schemas.extend(expected.schemas.iter().filter(missing("schema")).cloned());
        own.extensions.extend(expected.extensions.iter().filter(missing("extension")).cloned());
        self.merge_map(&mut own.enums, &expected.enums, |one| format!("enum {}", one.name));
        self.merge_map(&mut own.domains, &expected.domains, |one| format!("domain {}", one.name));
        self.merge_map(&mut own.sequences, &expected.sequences, |one| format!("sequence {}", one.name));
        self.merge_map(&mut own.views, &expected.views, difference::view_object);
        self.merge_map(&mut own.functions, &expected.functions, |one| format!("function {}", one.name));
        self.merge(&mut own.comments, &expected.comments, |one| format!("comment on {}", one.on));
        own.tables.retain(|name, _| !self.is_dropped(&format!("table {name}")));
        for (name, table) in &expected.tables {
            match own.tables.get_mut(name) {
                Some(found) => self.merge_table(found, table),
                None if self.is_taken(&format!("table {name}")) => {
                    own.tables.insert(name.clone(), table.clone());
                }
                None => {}
            }
        }
    }

    fn merge_table(&self, own: &mut Table, expected: &Table) {
        let name = &expected.name;
        if self.is_taken(&format!("table {name}")) {
            own.options.clone_from(&expected.options);
            own.comment.clone_from(&expected.comment);
        }
        if self.is_taken(&format!("primary key of {name}")) {
            own.primary_key.clone_from(&expected.primary_key);
        }
        self.merge(&mut own.columns, &expected.columns, |one| format!("column {name}.{}", one.name));
        self.merge(&mut own.uniques, &expected.uniques, |one| difference::unique_object(one, name));
        self.merge(&mut own.foreign_keys, &expected.foreign_keys, |one| difference::key_object(one, name));
        self.merge(&mut own.checks, &expected.checks, |one| difference::check_object(one, name));
        self.merge(&mut own.excludes, &expected.excludes, |one| difference::exclude_object(one, name));
        self.merge(&mut own.indexes, &expected.indexes, |one| format!("index {} of {name}", one.name));
        self.merge(&mut own.policies, &expected.policies, |one| format!("policy {} of {name}", one.name));
        self.merge(&mut own.triggers, &expected.triggers, |one| format!("trigger {} of {name}", one.name));
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::repaired;
    use crate::catalog::Catalog;
    use crate::dialect::Dialect;
    use crate::diff::{Answers, diff};
    use crate::replay;

    fn catalog(sql: &str) -> Catalog {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        replay::apply(&mut catalog, sql, "up.sql").unwrap();
        catalog
    }

    /// What has to be done, and what stays.
    fn check(expected: &str, actual: &str, drops: &[&str], found: &Expect) {
        let drops: Vec<String> = drops.iter().map(ToString::to_string).collect();
        let result = repaired(&catalog(expected), &catalog(actual), &drops);
        let operations = diff(&result.actual, &result.target, &Answers::default());
        let lines = operations.iter().map(|operation| operation.describe());
        let left = result.left.iter().map(|object| format!("left: {object}"));
        found.assert_eq(&lines.chain(left).collect::<Vec<_>>().join("\n"));
    }

    const USERS: &str = "CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, age bigint CHECK (age > 0));
        CREATE INDEX users_name_idx ON users (name) WHERE age > 3;";

    #[test]
    fn what_is_right_stays() {
        check(USERS, USERS, &[], &expect![[""]]);
    }

    #[test]
    fn what_is_missing_or_otherwise_is_put_right() {
        check(
            &format!("{USERS} CREATE TYPE mood AS ENUM ('a'); CREATE TABLE tags (id serial PRIMARY KEY, mood mood);"),
            "CREATE TABLE users (id integer PRIMARY KEY, age integer);
             CREATE INDEX users_name_idx ON users (age);",
            &[],
            &expect![[r#"
                drop index users_name_idx of users
                create enum mood (a)
                create table tags (2 columns)
                add column users.name text NOT NULL
                change type of users.age from integer to bigint
                add check to users: age > 0
                create index users_name_idx on users"#]],
        );
    }

    #[test]
    fn what_is_left_over_stays_unless_it_is_named() {
        let more = format!(
            "{USERS} ALTER TABLE users ADD COLUMN oops text; CREATE INDEX extra ON users (age);
             CREATE TABLE more (id integer);"
        );
        check(
            USERS,
            &more,
            &[],
            &expect![[r#"
            left: column users.oops
            left: index extra of users
            left: table more"#]],
        );
        check(
            USERS,
            &more,
            &["users.oops", "index extra of users", "table more"],
            &expect![[r#"
            drop index extra of users
            drop column users.oops
            drop table more"#]],
        );
    }
}
