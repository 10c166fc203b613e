//! The text of changes that take several revisions; in the replay each leads there and back.

use expect_test::{Expect, expect};

use super::{Ways, parts};
use crate::catalog::{Catalog, Name};
use crate::dialect::Dialect;
use crate::diff::{Answers, diff};
use crate::render::testing::fill;
use crate::replay;

const PLAIN: Ways = Ways { concurrently: false, in_steps: false };
const CONCURRENTLY: Ways = Ways { concurrently: true, ..PLAIN };
const IN_STEPS: Ways = Ways { in_steps: true, ..PLAIN };

fn catalog(sql: &str) -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    replay::apply(&mut catalog, sql, "up.sql").unwrap();
    catalog
}

fn answers(fills: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    fills.iter().for_each(|(column, sql)| fill(&mut answers, "users", column, sql));
    answers
}

/// The parts as text. In the replay they lead from one schema to the other, and each back to
/// where it began.
fn check(from: &str, to: &str, answers: &Answers, ways: Ways, expected: &Expect) {
    let (from, to) = (catalog(from), catalog(to));
    let (mut at, mut text) = (from.clone(), String::new());
    for part in parts(&from, &to, answers, ways).unwrap() {
        let mode = if part.script.run_in_transaction { "" } else { " (run_in_transaction = false)" };
        text.push_str(&format!("== {}{mode}\n{}== down\n{}", part.title, part.script.up, part.script.down));
        part.script.notes.iter().for_each(|note| text.push_str(&format!("note: {}\n", note.text)));
        let before = at.clone();
        replay::apply(&mut at, &part.script.up, "up.sql").unwrap();
        let mut back = at.clone();
        replay::apply(&mut back, &part.script.down, "down.sql").unwrap();
        assert_eq!(diff(&back, &before, &Answers::default()), [], "{text}");
    }
    expected.assert_eq(&text);
    assert_eq!(diff(&at, &to, &Answers::default()), []);
}

const MOOD: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TABLE users (id integer PRIMARY KEY, mood mood NOT NULL);";

#[test]
fn a_value_that_is_used_at_once_goes_before() {
    let to = "CREATE TYPE mood AS ENUM ('sad', 'meh', 'ok');
        CREATE TABLE users (id integer PRIMARY KEY, mood mood NOT NULL, old_mood mood NOT NULL);";
    check(
        MOOD,
        to,
        &answers(&[("old_mood", "'meh'")]),
        PLAIN,
        &expect![[r#"
            == enum values
            ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
            == down
            -- loses which rows had 'meh' of enum mood: they get 'sad'

            ALTER TYPE mood RENAME TO mood__old;

            CREATE TYPE mood AS ENUM ('sad', 'ok');

            ALTER TABLE users
                ALTER COLUMN mood TYPE mood USING (CASE mood::text WHEN 'meh' THEN 'sad' ELSE mood::text END)::mood;

            DROP TYPE mood__old;
            note: down removes 'meh' (rows get 'sad') of enum mood
            == tables
            ALTER TABLE users ADD COLUMN old_mood mood;

            UPDATE users SET old_mood = 'meh';

            ALTER TABLE users ALTER COLUMN old_mood SET NOT NULL;
            == down
            ALTER TABLE users DROP COLUMN old_mood;
        "#]],
    );
    // Another value of the same rows needs nothing of the kind.
    check(
        MOOD,
        to,
        &answers(&[("old_mood", "'ok'")]),
        PLAIN,
        &expect![[r#"
            == tables
            ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';

            ALTER TABLE users ADD COLUMN old_mood mood;

            UPDATE users SET old_mood = 'ok';

            ALTER TABLE users ALTER COLUMN old_mood SET NOT NULL;
            == down
            -- loses which rows had 'meh' of enum mood: they get 'sad'

            ALTER TYPE mood RENAME TO mood__old;

            CREATE TYPE mood AS ENUM ('sad', 'ok');

            ALTER TABLE users
                ALTER COLUMN mood TYPE mood USING (CASE mood::text WHEN 'meh' THEN 'sad' ELSE mood::text END)::mood,
                ALTER COLUMN old_mood TYPE text USING old_mood::text;

            DROP TYPE mood__old;

            ALTER TABLE users DROP COLUMN old_mood;
            note: down removes 'meh' (rows get 'sad') of enum mood
        "#]],
    );
}

#[test]
fn a_renamed_enum_gets_its_values_under_the_old_name() {
    let to = "CREATE TYPE feeling AS ENUM ('low', 'meh', 'ok');
        CREATE TABLE users (id integer PRIMARY KEY, mood feeling NOT NULL DEFAULT 'meh');";
    let mut answers = Answers::default();
    answers.renames.enums.insert(Name::new("mood"), Name::new("feeling"));
    answers.renames.values.insert((Name::new("feeling"), "sad".to_owned()), "low".to_owned());
    check(
        MOOD,
        to,
        &answers,
        PLAIN,
        &expect![[r#"
            == enum values
            ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
            == down
            -- loses which rows had 'meh' of enum mood: they get 'sad'

            ALTER TYPE mood RENAME TO mood__old;

            CREATE TYPE mood AS ENUM ('sad', 'ok');

            ALTER TABLE users
                ALTER COLUMN mood TYPE mood USING (CASE mood::text WHEN 'meh' THEN 'sad' ELSE mood::text END)::mood;

            DROP TYPE mood__old;
            note: down removes 'meh' (rows get 'sad') of enum mood
            == tables
            ALTER TYPE mood RENAME TO feeling;

            ALTER TYPE feeling RENAME VALUE 'sad' TO 'low';

            ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'meh';
            == down
            ALTER TYPE feeling RENAME TO mood;

            ALTER TYPE mood RENAME VALUE 'low' TO 'sad';

            ALTER TABLE users ALTER COLUMN mood DROP DEFAULT;
        "#]],
    );
}

#[test]
fn a_value_that_takes_a_name_that_a_rename_leaves_makes_the_enum_anew() {
    let to = "CREATE TYPE mood AS ENUM ('sad', 'low', 'ok');
        CREATE TABLE users (id integer PRIMARY KEY, mood mood NOT NULL DEFAULT 'sad');";
    let mut answers = Answers::default();
    answers.renames.values.insert((Name::new("mood"), "sad".to_owned()), "low".to_owned());
    let (from, to) = (catalog(MOOD), catalog(to));
    let parts = parts(&from, &to, &answers, PLAIN).unwrap();
    let titles: Vec<&str> = parts.iter().map(|part| part.title.as_str()).collect();
    assert_eq!(titles, ["tables"]);
}

const INDEXED: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text, age integer);
    CREATE INDEX users_age ON users (age); CREATE UNIQUE INDEX users_nick ON users (nick);";

#[test]
fn indexes_are_made_and_dropped_one_by_one() {
    let to = "CREATE TABLE people (id integer PRIMARY KEY, nick text NOT NULL, born date);
        CREATE UNIQUE INDEX users_nick ON people (nick) WHERE nick <> '';
        CREATE INDEX people_born ON people (born);
        CREATE TABLE tags (id integer PRIMARY KEY, name text); CREATE INDEX tags_name ON tags (name);";
    let mut answers = Answers::default();
    answers.renames.tables.insert(Name::new("users"), Name::new("people"));
    check(
        INDEXED,
        to,
        &answers,
        CONCURRENTLY,
        &expect![[r#"
            == drop index users_age (run_in_transaction = false)
            DROP INDEX CONCURRENTLY users_age;
            == down
            CREATE INDEX CONCURRENTLY users_age ON users (age);
            note: down makes users_age outside of a transaction: where that is interrupted, drop the invalid index that it leaves
            == drop index users_nick (run_in_transaction = false)
            DROP INDEX CONCURRENTLY users_nick;
            == down
            CREATE UNIQUE INDEX CONCURRENTLY users_nick ON users (nick);
            note: down makes users_nick outside of a transaction: where that is interrupted, drop the invalid index that it leaves
            == tables
            ALTER TABLE users RENAME TO people;

            ALTER TABLE people RENAME CONSTRAINT users_pkey TO people_pkey;

            CREATE TABLE tags (
                id integer NOT NULL,
                name text,
                CONSTRAINT tags_pkey PRIMARY KEY (id)
            );

            ALTER TABLE people ADD COLUMN born date;

            ALTER TABLE people ALTER COLUMN nick SET NOT NULL;

            CREATE INDEX tags_name ON tags (name);

            -- loses the values of people.age
            ALTER TABLE people DROP COLUMN age;
            == down
            -- restores the structure only: the values of people.age are lost

            ALTER TABLE people RENAME TO users;

            ALTER TABLE users RENAME CONSTRAINT people_pkey TO users_pkey;

            ALTER TABLE users ADD COLUMN age integer;

            ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;

            ALTER TABLE users DROP COLUMN born;

            DROP TABLE tags;
            note: people.nick NOT NULL fails where a row has NULL; give --fill people.nick=EXPR
            note: loses the values of people.age
            note: people.age goes and born comes: if the values should move, write the UPDATE between
            note: down makes users.age again, without its values
            == index users_nick (run_in_transaction = false)
            CREATE UNIQUE INDEX CONCURRENTLY users_nick ON people (nick) WHERE nick <> '';
            == down
            DROP INDEX CONCURRENTLY users_nick;
            note: users_nick is made outside of a transaction: where that is interrupted, drop the invalid index that it leaves
            == index people_born (run_in_transaction = false)
            CREATE INDEX CONCURRENTLY people_born ON people (born);
            == down
            DROP INDEX CONCURRENTLY people_born;
            note: people_born is made outside of a transaction: where that is interrupted, drop the invalid index that it leaves
        "#]],
    );
}

#[test]
fn an_index_that_takes_more_than_one_statement_stays_with_the_tables() {
    let to = "CREATE TABLE users (id integer PRIMARY KEY, nick text, age integer);
        CREATE INDEX users_age ON users (age); CREATE UNIQUE INDEX users_nick ON users (nick);
        CREATE UNIQUE INDEX users_age_nick ON users (age, nick);
        CREATE TABLE tags (id integer PRIMARY KEY, age integer, nick text,
            FOREIGN KEY (age, nick) REFERENCES users (age, nick));";
    check(
        INDEXED,
        to,
        &Answers::default(),
        CONCURRENTLY,
        &expect![[r#"
        == tables
        CREATE TABLE tags (
            id integer NOT NULL,
            age integer,
            nick text,
            CONSTRAINT tags_pkey PRIMARY KEY (id)
        );

        CREATE UNIQUE INDEX users_age_nick ON users (age, nick);

        ALTER TABLE tags ADD CONSTRAINT tags_age_nick_fkey FOREIGN KEY (age, nick) REFERENCES users (age, nick);
        == down
        ALTER TABLE tags DROP CONSTRAINT tags_age_nick_fkey;

        DROP INDEX users_age_nick;

        DROP TABLE tags;
    "#]],
    );
    let parted = |index: &str| format!("CREATE TABLE users (id integer) PARTITION BY RANGE (id); {index}");
    let index = parted("CREATE INDEX users_id ON users (id);");
    check(
        &parted(""),
        &index,
        &Answers::default(),
        CONCURRENTLY,
        &expect![[r#"
        == tables
        CREATE INDEX users_id ON users (id);
        == down
        DROP INDEX users_id;
    "#]],
    );
}

#[test]
fn columns_become_not_null_in_steps() {
    let from = "CREATE TABLE users (id integer PRIMARY KEY, nick text, \"Age\" integer);";
    let to = "CREATE TABLE users (id integer PRIMARY KEY, nick text NOT NULL, \"Age\" integer NOT NULL,
        score bigint NOT NULL);";
    let answers = answers(&[("nick", "''"), ("Age", "0"), ("score", "id * 2")]);
    check(
        from,
        to,
        &answers,
        IN_STEPS,
        &expect![[r#"
            == tables
            ALTER TABLE users ADD COLUMN score bigint;

            ALTER TABLE users ADD CONSTRAINT users_score_not_null CHECK (score IS NOT NULL) NOT VALID;

            ALTER TABLE users ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL) NOT VALID;

            ALTER TABLE users ADD CONSTRAINT "users_Age_not_null" CHECK ("Age" IS NOT NULL) NOT VALID;
            == down
            ALTER TABLE users DROP CONSTRAINT users_score_not_null;

            ALTER TABLE users DROP CONSTRAINT users_nick_not_null;

            ALTER TABLE users DROP CONSTRAINT "users_Age_not_null";

            ALTER TABLE users DROP COLUMN score;
            == validate
            UPDATE users SET score = coalesce(score, id * 2), nick = coalesce(nick, ''), "Age" = coalesce("Age", 0) WHERE score IS NULL OR nick IS NULL OR "Age" IS NULL;

            ALTER TABLE users VALIDATE CONSTRAINT users_score_not_null;

            ALTER TABLE users VALIDATE CONSTRAINT users_nick_not_null;

            ALTER TABLE users VALIDATE CONSTRAINT "users_Age_not_null";
            == down
            ALTER TABLE users DROP CONSTRAINT users_score_not_null;

            ALTER TABLE users DROP CONSTRAINT users_nick_not_null;

            ALTER TABLE users DROP CONSTRAINT "users_Age_not_null";

            ALTER TABLE users ADD CONSTRAINT users_score_not_null CHECK (score IS NOT NULL) NOT VALID;

            ALTER TABLE users ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL) NOT VALID;

            ALTER TABLE users ADD CONSTRAINT "users_Age_not_null" CHECK ("Age" IS NOT NULL) NOT VALID;
            == not null
            ALTER TABLE users ALTER COLUMN nick SET NOT NULL;

            ALTER TABLE users ALTER COLUMN "Age" SET NOT NULL;

            ALTER TABLE users ALTER COLUMN score SET NOT NULL;

            ALTER TABLE users DROP CONSTRAINT users_score_not_null;

            ALTER TABLE users DROP CONSTRAINT users_nick_not_null;

            ALTER TABLE users DROP CONSTRAINT "users_Age_not_null";
            == down
            ALTER TABLE users ADD CONSTRAINT users_score_not_null CHECK (score IS NOT NULL);

            ALTER TABLE users ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL);

            ALTER TABLE users ADD CONSTRAINT "users_Age_not_null" CHECK ("Age" IS NOT NULL);

            ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;

            ALTER TABLE users ALTER COLUMN "Age" DROP NOT NULL;

            ALTER TABLE users ALTER COLUMN score DROP NOT NULL;
        "#]],
    );
}

#[test]
fn what_needs_no_parts_is_one() {
    let to = "CREATE TABLE users (id integer PRIMARY KEY, nick text, age integer, key uuid DEFAULT gen_random_uuid() NOT NULL);
        CREATE INDEX users_age ON users (age); CREATE UNIQUE INDEX users_nick ON users (nick);";
    let all = Ways { concurrently: true, in_steps: true };
    check(
        INDEXED,
        to,
        &Answers::default(),
        all,
        &expect![[r#"
        == tables
        ALTER TABLE users ADD COLUMN "key" uuid NOT NULL DEFAULT gen_random_uuid();
        == down
        ALTER TABLE users DROP COLUMN "key";
    "#]],
    );
    check(INDEXED, INDEXED, &Answers::default(), all, &expect![[""]]);
}
