//! Edits in place: the file before and after, for a schema that goes from one SQL to another.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{SameQuery, Settings, Shape, Sides, differences, merge, print, sections};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::replay;

fn catalog(dialect: Dialect, sql: &str) -> Catalog {
    let mut catalog = Catalog::empty(dialect);
    replay::apply(&mut catalog, sql, "up.sql").unwrap();
    catalog
}

/// The lines that an edit changes, and what it tells.
fn check_with(dialect: Dialect, settings: &Settings, sql: [&str; 2], file: &str, expected: Expect) {
    let [before, after] =
        [sql[0].to_owned(), sql.concat()].map(|sql| print(&catalog(dialect, &sql), settings, None).text);
    let sides =
        Sides { before: &before, after: &after, target: &after, aside: &BTreeSet::new(), shape: Shape::default() };
    let merged = merge("schema.rs", file, &sides).unwrap();
    let mut text = diffy::create_patch(file, &merged.text).to_string().replace("--- original\n+++ modified\n", "");
    text.extend(merged.edits.iter().map(|edit| format!("edited: {edit}\n")));
    text.extend(merged.kept.iter().map(|kept| format!("kept: {kept}\n")));
    expected.assert_eq(&text.replace('\r', "␍"));
    // A second time there is nothing left to do.
    let again = merge("schema.rs", &merged.text, &Sides { before: &after, ..sides }).unwrap();
    assert_eq!(again.text, merged.text);
}

fn check(sql: [&str; 2], file: &str, expected: Expect) {
    check_with(Dialect::Sqlite, &Settings::default(), sql, file, expected);
}

/// Whatever the change: a file that was as printed is as printed.
fn check_printed(dialect: Dialect, settings: &Settings, before: &str, change: &str) {
    let [old, new] =
        [before.to_owned(), format!("{before}{change}")].map(|sql| print(&catalog(dialect, &sql), settings, None).text);
    for (from, to) in [(&old, &new), (&new, &old)] {
        let sides = Sides { before: from, after: to, target: to, aside: &BTreeSet::new(), shape: Shape::default() };
        let merged = merge("schema.rs", from, &sides).unwrap();
        assert_eq!(merged.kept, Vec::<String>::new(), "{change}");
        let difference = diffy::create_patch(to, &merged.text).to_string();
        assert!(merged.text == *to, "{change}\n{difference}");
    }
}

#[test]
fn names_that_rust_or_the_macro_needs() {
    let sql =
        "CREATE TABLE \"match\" (\"type\" INTEGER NOT NULL PRIMARY KEY, match_ TEXT NOT NULL, \"a b\" TEXT NOT NULL,
        \"1st\" TEXT NOT NULL, \"table\" TEXT NOT NULL);";
    expect![[r#"
        // @generated automatically by Diesel CLI.

        diesel::table! {
            #[sql_name = "match"]
            match_ (type_) {
                #[sql_name = "type"]
                type_ -> Integer,
                #[sql_name = "match_"]
                match__ -> Text,
                #[sql_name = "a b"]
                a_b -> Text,
                #[sql_name = "1st"]
                _1st -> Text,
                #[sql_name = "table"]
                table_ -> Text,
            }
        }
    "#]]
    .assert_eq(&print(&catalog(Dialect::Sqlite, sql), &Settings::default(), None).text);
}

const USERS: &str = "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT);\n";

/// In nobody's style but its author's.
const BY_HAND: &str = "\
// Our tables.
use diesel::table;

table! {
    /// People.
    users {
        id -> Integer, // the number
        name -> diesel::sql_types::VarChar,
        /// Where to write.
        email -> Nullable<Text>
    }
}

pub fn helper() {}
";

#[test]
fn a_column_comes() {
    check(
        [USERS, "ALTER TABLE users ADD COLUMN nick TEXT;"],
        BY_HAND,
        expect![[r#"
        @@ -7,7 +7,8 @@
                 id -> Integer, // the number
                 name -> diesel::sql_types::VarChar,
                 /// Where to write.
        -        email -> Nullable<Text>
        +        email -> Nullable<Text>,
        +        nick -> Nullable<Text>,
             }
         }
 
        edited: added users.nick
    "#]],
    );
}

#[test]
fn a_column_goes() {
    check(
        [USERS, "ALTER TABLE users DROP COLUMN name;"],
        BY_HAND,
        expect![[r#"
        @@ -5,7 +5,6 @@
             /// People.
             users {
                 id -> Integer, // the number
        -        name -> diesel::sql_types::VarChar,
                 /// Where to write.
                 email -> Nullable<Text>
             }
        edited: removed users.name
    "#]],
    );
}

#[test]
fn a_column_is_renamed() {
    check(
        [USERS, "ALTER TABLE users RENAME COLUMN name TO \"type\";"],
        BY_HAND,
        expect![[r#"
        @@ -5,7 +5,8 @@
             /// People.
             users {
                 id -> Integer, // the number
        -        name -> diesel::sql_types::VarChar,
        +        #[sql_name = "type"]
        +        type_ -> Text,
                 /// Where to write.
                 email -> Nullable<Text>
             }
        edited: added users.type
        edited: removed users.name
    "#]],
    );
}

#[test]
fn what_somebody_wrote_stays() {
    let own = BY_HAND.replace("name -> diesel::sql_types::VarChar", "name -> Nullable<Text>,\n        nick -> Integer");
    check(
        [USERS, "ALTER TABLE users ADD COLUMN nick TEXT; ALTER TABLE users DROP COLUMN name;"],
        &own,
        expect![[r#"
        kept: schema.rs:9: users.nick is Integer here, and the revisions give Nullable<Text>
        kept: schema.rs:8: users.name is gone, but the file says Nullable<Text> of it
    "#]],
    );
}

#[test]
fn tables_come_and_go() {
    let posts = "CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id));";
    check(
        [USERS, posts],
        BY_HAND,
        expect![[r#"
        @@ -1,6 +1,13 @@
         // Our tables.
         use diesel::table;
 
        +diesel::table! {
        +    posts (id) {
        +        id -> Integer,
        +        user_id -> Integer,
        +    }
        +}
        +
         table! {
             /// People.
             users {
        @@ -11,4 +18,8 @@
             }
         }
 
        +diesel::joinable!(posts -> users (user_id));
        +
        +diesel::allow_tables_to_appear_in_same_query!(posts, users,);
        +
         pub fn helper() {}
        edited: added table posts
        edited: joined posts to users
        edited: a list of tables that may appear in one query
    "#]],
    );
    check(
        [USERS, "DROP TABLE users;"],
        BY_HAND,
        expect![[r#"
        @@ -1,14 +1,4 @@
         // Our tables.
         use diesel::table;
 
        -table! {
        -    /// People.
        -    users {
        -        id -> Integer, // the number
        -        name -> diesel::sql_types::VarChar,
        -        /// Where to write.
        -        email -> Nullable<Text>
        -    }
        -}
        -
         pub fn helper() {}
        edited: removed table users
    "#]],
    );
}

#[test]
fn odd_shapes() {
    let one_line = "diesel::table! { users (id) { id -> Integer, name -> Text, email -> Nullable<Text> } }\r\n";
    check(
        [USERS, "ALTER TABLE users ADD COLUMN nick TEXT; ALTER TABLE users DROP COLUMN name;"],
        one_line,
        expect![[r#"
        @@ -1 +1 @@
        -diesel::table! { users (id) { id -> Integer, name -> Text, email -> Nullable<Text> } }␍
        +diesel::table! { users (id) { id -> Integer, email -> Nullable<Text>, nick -> Nullable<Text>, } }␍
        edited: added users.nick
        edited: removed users.name
    "#]],
    );
    let under_cfg = "#[cfg(feature = \"x\")]\ndiesel::table! {\n    users (id) {\n        id -> Integer,\n        name -> Text,\n        email -> Nullable<Text>,\n    }\n}\n";
    check(
        [USERS, "ALTER TABLE users ADD COLUMN nick TEXT;"],
        under_cfg,
        expect![[r#"
        kept: schema.rs:3: under a cfg, left alone: added users.nick
    "#]],
    );
    check(
        ["", USERS],
        "// @generated automatically by Diesel CLI.\n",
        expect![[r#"
        @@ -1 +1,9 @@
         // @generated automatically by Diesel CLI.
        +
        +diesel::table! {
        +    users (id) {
        +        id -> Integer,
        +        name -> Text,
        +        email -> Nullable<Text>,
        +    }
        +}
        edited: added table users
    "#]],
    );
}

#[test]
fn lists_with_comments_and_lists_of_ones_own() {
    let sql = format!("{USERS}CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY);");
    let blocks = "table! { users (id) { id -> Integer, name -> Text, email -> Nullable<Text> } }\ntable! { posts (id) { id -> Integer } }\n";
    let tags = "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);";
    let file = format!(
        "{blocks}\nallow_tables_to_appear_in_same_query!(\n    posts, // the first\n    users // the last\n);\n"
    );
    check(
        [&sql, tags],
        &file,
        expect![[r#"
        @@ -1,7 +1,14 @@
         table! { users (id) { id -> Integer, name -> Text, email -> Nullable<Text> } }
         table! { posts (id) { id -> Integer } }

        +diesel::table! {
        +    tags (id) {
        +        id -> Integer,
        +    }
        +}
        +
         allow_tables_to_appear_in_same_query!(
             posts, // the first
        +    tags,
             users // the last
         );
        edited: added table tags
        edited: the tables that may appear in one query
    "#]],
    );
    let file = format!(
        "{blocks}table! {{ mine (id) {{ id -> Integer }} }}\nallow_tables_to_appear_in_same_query!(users, mine, posts);\n"
    );
    check(
        [&sql, tags],
        &file,
        expect![[r#"
        @@ -1,4 +1,10 @@
         table! { users (id) { id -> Integer, name -> Text, email -> Nullable<Text> } }
         table! { posts (id) { id -> Integer } }
        +
        +diesel::table! {
        +    tags (id) {
        +        id -> Integer,
        +    }
        +}
         table! { mine (id) { id -> Integer } }
        -allow_tables_to_appear_in_same_query!(users, mine, posts);
        +allow_tables_to_appear_in_same_query!(tags, users, mine, posts,);
        edited: added table tags
        edited: the tables that may appear in one query
    "#]],
    );
    check(
        [&sql, "DROP TABLE posts;"],
        &file,
        expect![[r#"
        @@ -1,4 +1,3 @@
         table! { users (id) { id -> Integer, name -> Text, email -> Nullable<Text> } }
        -table! { posts (id) { id -> Integer } }
         table! { mine (id) { id -> Integer } }
        -allow_tables_to_appear_in_same_query!(users, mine, posts);
        +allow_tables_to_appear_in_same_query!(users, mine,);
        edited: removed table posts
        edited: the tables that may appear in one query
    "#]],
    );
}

#[test]
fn a_printed_file_stays_as_printed() {
    let sql = "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY, b_id INTEGER REFERENCES b (id), note TEXT);
        CREATE TABLE b (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE c (id INTEGER NOT NULL PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id));
        CREATE TABLE d (id INTEGER NOT NULL PRIMARY KEY);\n";
    let changes = [
        "ALTER TABLE a ADD COLUMN x TEXT;",
        "ALTER TABLE a ADD COLUMN x INTEGER REFERENCES d (id);",
        "ALTER TABLE a ADD COLUMN \"two words\" BOOLEAN NOT NULL DEFAULT 0; ALTER TABLE a ADD COLUMN z TEXT;",
        "ALTER TABLE a DROP COLUMN note;",
        "ALTER TABLE a DROP COLUMN b_id;",
        "ALTER TABLE a RENAME COLUMN note TO remark;",
        "ALTER TABLE b RENAME TO bb;",
        "ALTER TABLE d RENAME TO \"0d\";",
        "DROP TABLE c;",
        "DROP TABLE c; DROP TABLE d;",
        "DROP TABLE c; DROP TABLE d; DROP TABLE a; DROP TABLE b;",
        "CREATE TABLE aa (id INTEGER NOT NULL PRIMARY KEY, d_id INTEGER REFERENCES d (id));",
        "CREATE TABLE aa (id TEXT NOT NULL PRIMARY KEY); CREATE TABLE e (id INTEGER NOT NULL PRIMARY KEY, d_id INTEGER REFERENCES d);",
        "CREATE INDEX i ON a (note); CREATE VIEW v AS SELECT * FROM a;",
        "",
    ];
    let settings = [
        "",
        "column_sorting = \"name\"",
        "with_docs = true",
        "allow_tables_to_appear_in_same_query_config = \"fk_related_tables\"",
        "allow_tables_to_appear_in_same_query_config = \"none\"\nimport_types = [\"diesel::sql_types::*\"]",
        "filter = { except_tables = [\"^a\"] }",
    ];
    for settings in settings {
        let section = sections(&format!("[print_schema]\n{settings}"), "diesel.toml").unwrap().remove(0);
        for change in changes {
            check_printed(Dialect::Sqlite, &section.settings, sql, change);
        }
    }
}

#[test]
fn a_printed_file_stays_as_printed_with_types() {
    let sql = "CREATE SCHEMA app; CREATE TYPE mood AS ENUM ('sad'); CREATE TYPE size AS ENUM ('s'); CREATE TYPE app.mood AS ENUM ('x');
        CREATE TABLE a (id serial PRIMARY KEY, mood mood NOT NULL, note varchar(10));
        CREATE TABLE b (id serial PRIMARY KEY, a_id integer REFERENCES a, words tsvector);
        CREATE TABLE c (x integer NOT NULL, y integer NOT NULL, PRIMARY KEY (x, y));
        CREATE TABLE app.t (id serial PRIMARY KEY, name text);\n";
    let changes = [
        "ALTER TABLE a ADD COLUMN size size;",
        "ALTER TABLE b ADD COLUMN size size, ADD COLUMN sizes size[], ADD COLUMN aa mood;",
        "ALTER TABLE c ADD COLUMN size size;",
        "ALTER TABLE a DROP COLUMN mood;",
        "ALTER TABLE a DROP COLUMN mood; ALTER TABLE b DROP COLUMN words;",
        "ALTER TABLE a ALTER COLUMN note TYPE varchar(20);",
        "ALTER TABLE a ALTER COLUMN note TYPE text, ALTER COLUMN note SET NOT NULL;",
        "ALTER TABLE a ALTER COLUMN mood TYPE text;",
        "ALTER TABLE c DROP CONSTRAINT c_pkey; ALTER TABLE c ADD PRIMARY KEY (y, x);",
        "DROP TABLE b; DROP TABLE a;",
        "COMMENT ON COLUMN a.note IS 'A note.';",
        "ALTER TYPE mood RENAME TO humour;",
        "ALTER TABLE app.t ADD COLUMN mood app.mood; CREATE TABLE app.u (id serial PRIMARY KEY, t_id integer REFERENCES app.t);",
    ];
    let settings = [
        "",
        "schema = \"app\"",
        "with_docs = \"only-database-comments\"",
        "with_docs = true\ncolumn_sorting = \"name\"",
        "custom_type_derives = [\"Clone\"]\nimport_types = [\"crate::*\"]",
        "generate_missing_sql_type_definitions = false\nimport_types = [\"crate::*\"]",
    ];
    for settings in settings {
        let section = sections(&format!("[print_schema]\n{settings}"), "diesel.toml").unwrap().remove(0);
        for change in changes {
            check_printed(Dialect::Postgres, &section.settings, sql, change);
        }
    }
}

#[test]
fn differences_in_words() {
    let printed = print(
        &catalog(Dialect::Sqlite, &format!("{USERS}CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY);")),
        &Settings::default(),
        None,
    );
    let own = BY_HAND.replace("email -> Nullable<Text>", "mail -> Text").replace("id -> Integer", "id -> BigInt");
    assert_eq!(
        differences("schema.rs", &own, &printed.text).unwrap(),
        [
            "schema.rs: table posts is missing",
            "schema.rs:7: users.id is BigInt, the revisions give Integer",
            "schema.rs: users.email is missing",
            "schema.rs:10: users.mail is not in the revisions",
        ]
    );
    assert_eq!(differences("schema.rs", &printed.text, &printed.text).unwrap(), Vec::<String>::new());
}

/// A schema of up to five tables, each with some of four columns; the third references a table.
fn any_schema() -> impl Strategy<Value = String> {
    let table = proptest::option::weighted(0.8, (0_u8..16, 0_usize..5));
    proptest::collection::vec(table, 5).prop_map(|tables| {
        let mut sql = String::new();
        for (at, table) in tables.iter().enumerate() {
            let Some((mask, parent)) = table else { continue };
            let reference = tables[*parent].map(|_| format!(" REFERENCES t{parent} (id)")).unwrap_or_default();
            let columns = ["a TEXT", "\"type\" BOOLEAN NOT NULL", &format!("c INTEGER{reference}"), "d TIMESTAMP"];
            let chosen = columns.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
            let chosen: String = chosen.map(|(_, column)| format!(", {column}")).collect();
            sql.push_str(&format!("CREATE TABLE t{at} (id INTEGER NOT NULL PRIMARY KEY{chosen});\n"));
        }
        sql
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// A file that was as printed is as printed after any change of the schema; only a new group of
    /// tables comes behind the others.
    #[test]
    fn edits_lead_to_what_is_printed(before in any_schema(), after in any_schema(), related in any::<bool>()) {
        let same_query = if related { SameQuery::Related } else { SameQuery::AllTables };
        let settings = Settings { same_query, ..Settings::default() };
        let [before, after] = [before, after].map(|sql| print(&catalog(Dialect::Sqlite, &sql), &settings, None).text);
        let sides =
            Sides { before: &before, after: &after, target: &after, aside: &BTreeSet::new(), shape: Shape::default() };
        let merged = merge("schema.rs", &before, &sides).unwrap();
        if related {
            let sorted = |text: &str| text.lines().map(ToOwned::to_owned).collect::<std::collections::BTreeSet<_>>();
            prop_assert_eq!(sorted(&merged.text), sorted(&after));
            prop_assert_eq!(merged.text.len(), after.len());
        } else {
            prop_assert_eq!(merged.text, after);
        }
        prop_assert_eq!(merged.kept, Vec::<String>::new());
    }
}

/// Every kind of column, as `diesel print-schema` has them for MySQL: a type that Diesel lacks is
/// made for its column.
#[test]
fn mysql_as_diesel_prints_it() {
    let sql = "CREATE TABLE users (id int unsigned AUTO_INCREMENT PRIMARY KEY, big bigint unsigned NOT NULL, flag tinyint(1) NOT NULL, small tinyint NOT NULL,
        name varchar(20) NOT NULL COMMENT 'called', code char(36), bio longtext, price decimal(10,2) NOT NULL, at datetime(6) NOT NULL, seen timestamp NULL,
        mood enum('sad','happy') NOT NULL, tags set('a','bb'), born year, raw binary(16), `type` smallint unsigned);
        CREATE TABLE posts (id bigint PRIMARY KEY, user_id int unsigned NOT NULL, FOREIGN KEY (user_id) REFERENCES users (id));";
    let printed = print(&catalog(Dialect::Mysql, sql), &Settings::default(), None);
    assert_eq!(printed.notes, Vec::<String>::new());
    expect![[r#"
        // @generated automatically by Diesel CLI.

        pub mod sql_types {
            #[derive(diesel::sql_types::SqlType)]
            #[diesel(mysql_type(name = "Year"))]
            pub struct UsersBornYear;

            #[derive(diesel::sql_types::SqlType)]
            #[diesel(mysql_type(name = "Enum"))]
            pub struct UsersMoodEnum;

            #[derive(diesel::sql_types::SqlType)]
            #[diesel(mysql_type(name = "Set"))]
            pub struct UsersTagsSet;
        }

        diesel::table! {
            posts (id) {
                id -> Bigint,
                user_id -> Unsigned<Integer>,
            }
        }

        diesel::table! {
            use diesel::sql_types::*;
            use super::sql_types::UsersMoodEnum;
            use super::sql_types::UsersTagsSet;
            use super::sql_types::UsersBornYear;

            users (id) {
                id -> Unsigned<Integer>,
                big -> Unsigned<Bigint>,
                flag -> Bool,
                small -> Tinyint,
                #[max_length = 20]
                name -> Varchar,
                #[max_length = 36]
                code -> Nullable<Char>,
                bio -> Nullable<Longtext>,
                price -> Decimal,
                at -> Datetime,
                seen -> Nullable<Timestamp>,
                #[max_length = 5]
                mood -> UsersMoodEnum,
                #[max_length = 4]
                tags -> Nullable<UsersTagsSet>,
                born -> Nullable<UsersBornYear>,
                #[max_length = 16]
                raw -> Nullable<Binary>,
                #[sql_name = "type"]
                type_ -> Nullable<Unsigned<Smallint>>,
            }
        }

        diesel::joinable!(posts -> users (user_id));

        diesel::allow_tables_to_appear_in_same_query!(posts, users,);
    "#]]
    .assert_eq(&printed.text);
    check_printed(
        Dialect::Mysql,
        &Settings::default(),
        sql,
        "ALTER TABLE users ADD COLUMN size enum('s','m') NOT NULL, DROP COLUMN bio;",
    );
}
