//! What is not said of a revision, because the rest of the chain tells better.

use std::collections::BTreeMap;

use super::testing::{line, plain_world};
use super::{Review, Rule, Severity};
use crate::chain::{Chain, NoCache, catalog_before};
use crate::dialect::Dialect::Postgres;
use crate::tree::MemTree;

/// The findings of a whole chain, a revision a month, notes left out; `releases` are those of the revisions.
fn loud(ups: &[&str], releases: &[usize]) -> Vec<String> {
    let name = |at: usize| format!("2024-{:02}-01-000000_r", at + 1);
    let files = ups.iter().enumerate().flat_map(|(at, up)| {
        [
            (format!("migrations/{}/up.sql", name(at)), (*up).to_owned()),
            (format!("migrations/{}/down.sql", name(at)), "SELECT 1;".to_owned()),
        ]
    });
    let tree = MemTree::new(files.collect::<Vec<_>>());
    let chain = Chain::load(&tree, "migrations").unwrap();
    let targets: Vec<_> = chain.revisions().iter().collect();
    let releases: BTreeMap<String, usize> = releases.iter().enumerate().map(|(at, r)| (name(at), *r)).collect();
    let world = plain_world(&chain, Postgres);
    let mut review = Review {
        tree: &tree,
        world: &world,
        targets: &targets,
        unreleased: false,
        releases: &releases,
        with_locks: false,
        catalog_before: &mut |of| catalog_before(&tree, &chain, Postgres, &of.id, &mut NoCache),
    };
    let level = |rule: &Rule, _: &str| if rule.code < "OM300" { rule.severity } else { Severity::Off };
    let reviewed = super::review(&mut review, &level).unwrap();
    let findings = reviewed.iter().flat_map(|one| &one.findings).filter(|finding| finding.severity > Severity::Info);
    findings
        .filter(|finding| finding.code != "OM006")
        .map(|finding| format!("{} {}", finding.code, line(finding)))
        .collect()
}

const USERS: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text, born date);";

#[test]
fn what_one_release_brings_is_new_to_it() {
    let ups = [USERS, "CREATE INDEX i ON users (nick);"];
    let said = ["OM101 1 index i is built while nobody can write to users"];
    assert_eq!(loud(&ups, &[2, 2]), [""; 0]);
    assert_eq!(loud(&ups, &[2, 3]), said);
    assert_eq!(loud(&ups, &[]), said);
}

#[test]
fn a_column_that_no_release_had_is_not_missed() {
    let ups = [
        USERS,
        "ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0;",
        "ALTER TABLE users ALTER COLUMN age DROP DEFAULT;",
        "ALTER TABLE users RENAME COLUMN age TO years;\nALTER TABLE users DROP COLUMN years;",
    ];
    assert_eq!(loud(&ups, &[2, 3, 3, 3]), [""; 0]);
    assert_eq!(
        loud(&ups[..3], &[2, 3, 4]),
        ["OM206 1 users.age is NOT NULL and loses its default: an INSERT without it fails"]
    );
    let dropped = [USERS, "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;"];
    assert_eq!(loud(&dropped, &[2, 3, 4]), ["OM003 1 drop column users.age: loses the values of users.age"]);
}

#[test]
fn the_lock_of_one_row_is_short() {
    let index =
        "ALTER TABLE settings ADD COLUMN x integer;\nUPDATE settings SET x = 1;\nCREATE INDEX i ON settings (x);";
    let by_key = "CREATE TABLE settings (one boolean PRIMARY KEY CHECK (one));";
    assert_eq!(loud(&[by_key, index], &[]), [""; 0]);
    let by_fill =
        "CREATE TABLE settings (id integer PRIMARY KEY);\nINSERT INTO settings (id) SELECT id FROM users LIMIT 1;";
    assert_eq!(loud(&[USERS, by_fill, index], &[]), [""; 0]);
    let by_none = "CREATE TABLE settings (id integer PRIMARY KEY);\nINSERT INTO settings (id) SELECT id FROM users;";
    assert_eq!(loud(&[USERS, by_none, index], &[]).len(), 2);
    let made_so = "CREATE UNIQUE INDEX i ON users ((true));";
    assert_eq!(loud(&[USERS, made_so], &[]), [""; 0]);
}

#[test]
fn what_was_copied_before_is_not_lost() {
    let lost = ["OM003 1 drop column users.nick: loses the values of users.nick"];
    let drop = "ALTER TABLE users DROP COLUMN nick;";
    let nicks = "CREATE TABLE nicks (user_id integer PRIMARY KEY, nick text);";
    let copied = format!("{nicks}\nINSERT INTO nicks (user_id, nick) SELECT id, nick FROM users;");
    assert_eq!(loud(&[USERS, &copied, drop], &[]), [""; 0]);
    assert_eq!(loud(&[USERS, nicks, drop], &[]), lost);
    let other = format!("{nicks}\nINSERT INTO nicks (user_id) SELECT id FROM users;");
    assert_eq!(loud(&[USERS, &other, drop], &[]), lost);
    let late = [USERS, drop, "CREATE TABLE nicks AS SELECT 1;"];
    assert_eq!(loud(&late, &[]), lost);
    let table = "DROP TABLE users;";
    let part =
        "CREATE TABLE people (id integer PRIMARY KEY, nick text);\nINSERT INTO people (nick) SELECT nick FROM users;";
    assert_eq!(loud(&[USERS, part, table], &[]), ["OM003 1 drop table users: loses the rows of users"]);
}

#[test]
fn the_lock_of_a_list_is_short() {
    let kinds = "CREATE TABLE kinds (id serial PRIMARY KEY, name text NOT NULL UNIQUE, note text);";
    let index = "CREATE INDEX i ON kinds (note);";
    let built = ["OM101 1 index i is built while nobody can write to kinds"];
    assert_eq!(loud(&[kinds, index], &[]), built);
    let seeded = format!("{kinds}\nINSERT INTO kinds (name) VALUES ('a'), ('b');");
    assert_eq!(loud(&[&seeded, index], &[]), [""; 0]);
    let one = format!("{kinds}\nINSERT INTO kinds (name) VALUES ('a');");
    assert_eq!(loud(&[&one, index], &[]), built);
    let of_others = "CREATE TABLE kinds (id serial PRIMARY KEY, user_id integer REFERENCES users, note text);\n\
                     INSERT INTO kinds (note) VALUES ('a'), ('b');";
    assert_eq!(loud(&[USERS, of_others, index], &[]), built);
}

/// That a table has no index says nothing of its size.
#[test]
fn the_lock_of_a_table_without_an_index_is_told() {
    let reads = "ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0;\n\
                 ALTER TABLE users ALTER nick SET NOT NULL, ALTER born TYPE timestamp;";
    let found = loud(&[USERS, reads], &[]);
    assert_eq!(
        found.into_iter().filter(|said| !said.starts_with("OM002")).collect::<Vec<_>>(),
        [
            "OM106 2 users is locked against readers while rows of users are written",
            "OM111 3 users is rewritten: users.born changes from date to timestamp without time zone",
        ]
    );
}

/// A script that fails where there are rows locks nothing for long where it does not.
#[test]
fn the_lock_of_a_table_that_has_to_be_empty_is_short() {
    let required = "ALTER TABLE users ADD COLUMN age integer NOT NULL;\nALTER TABLE users ALTER nick SET NOT NULL;";
    let found = loud(&[USERS, required], &[]);
    assert_eq!(found.iter().filter(|said| said.starts_with("OM1")).collect::<Vec<_>>(), [""; 0]);
    assert!(found.iter().any(|said| said.starts_with("OM001")), "{found:?}");
}

/// A scan under a lock that something longer holds is a part of that.
#[test]
fn what_a_table_is_locked_for_is_said_at_the_longest() {
    let reads = "ALTER TABLE users ADD COLUMN age integer;\nALTER TABLE users ALTER nick SET NOT NULL;\n\
                 ALTER TABLE users ADD CHECK (id > 0);\nUPDATE users SET age = 0, nick = '';";
    let longest = "OM106 4 users is locked against readers while rows of users are written; \
                   lines 2, 3 read every row under the same lock (OM110, OM113)";
    assert_eq!(loud(&[USERS, reads], &[]), [longest]);
    let key = format!("{reads}\nALTER TABLE users ADD FOREIGN KEY (id) REFERENCES users (id);");
    let with_key = "OM106 4 users is locked against readers while rows of users are written; \
                    lines 2, 3, 5 read every row under the same lock (OM110, OM112, OM113)";
    assert_eq!(loud(&[USERS, &key], &[]), [with_key]);
    let of_others = format!("{reads}\nALTER TABLE posts ALTER title SET NOT NULL;");
    let posts = format!("{USERS}\nCREATE TABLE posts (id integer PRIMARY KEY, title text);");
    let found = loud(&[&posts, &of_others], &[]);
    let others = "OM110 5 every row of posts is read while nobody else can, to see that title is never NULL";
    assert!(found.iter().any(|said| said == longest) && found.iter().any(|said| said == others), "{found:?}");
    let before = "CREATE INDEX i ON users (nick);\nALTER TABLE users ADD CHECK (id > 0);";
    assert_eq!(loud(&[USERS, before], &[]).len(), 2, "writers wait for the one, readers for the other");
}

#[test]
fn a_lock_goes_along_with_a_new_name() {
    let renamed = "ALTER TABLE users RENAME TO people;\nALTER TABLE people ADD COLUMN n integer;\n\
                   CREATE INDEX i ON people (nick);\nUPDATE people SET nick = '';";
    assert_eq!(
        loud(&[USERS, renamed], &[]),
        [
            "OM101 3 index i is built while nobody can read people, which line 1 locks",
            "OM106 4 users, by then people, is locked against readers while rows of people are written",
        ]
    );
}

/// Of a table that an earlier release made, somebody may have rows; a lock of it is short for a while.
#[test]
fn a_required_column_fails_on_young_tables_too() {
    let required = "ALTER TABLE users ADD COLUMN age integer NOT NULL;";
    let fails = ["OM001 1 users.age is NOT NULL without a default: this fails where users has rows"];
    assert_eq!(loud(&[USERS, required], &[2, 2]), [""; 0]);
    assert_eq!(loud(&[USERS, required], &[2, 3]), fails);
    assert_eq!(loud(&[USERS, required], &[]), fails);
}

#[test]
fn what_the_script_has_emptied_is_read_in_no_time() {
    let index = "CREATE INDEX i ON users (nick);";
    let emptied = ["OM204 1 every row of users goes"];
    assert_eq!(loud(&[USERS, &format!("TRUNCATE users;\n{index}")], &[]), emptied);
    let filled = format!("TRUNCATE users;\nINSERT INTO users (id) SELECT n FROM numbers;\n{index}");
    assert_eq!(loud(&[USERS, &filled], &[]).len(), 2);
}

#[test]
fn what_a_list_loses_an_earlier_revision_brings_again() {
    let kinds = "CREATE TABLE kinds (id serial PRIMARY KEY, name text);\nINSERT INTO kinds (name) VALUES ('a'), ('b');";
    assert_eq!(loud(&[kinds, "DROP TABLE kinds;"], &[]), [""; 0]);
    assert_eq!(loud(&[kinds, "ALTER TABLE kinds ALTER name SET NOT NULL;"], &[]), [""; 0]);
}
