//! PostgreSQL scripts, each pair both ways. The texts were run on a server and its schema compared.

use expect_test::{Expect, expect};

use crate::catalog::{Action, AutoValue, Catalog, Deferrable, Exclude, Expr, Generated, Name, View};
use crate::dialect::Dialect;
use crate::diff::Answers;
use crate::operation::Operation;
use crate::render::testing::{
    catalog, check, check_of, check_with, column, fill, index, key, strings, table, unique, users, with_enum,
};
use crate::render::{render, script};

const PG: Dialect = Dialect::Postgres;

/// One operation as statements.
fn check_one(operation: Operation, from: &Catalog, to: &Catalog, expected: &Expect) {
    let rendered = render(&[operation], from, to).expect("the operation renders");
    expected.assert_eq(&(rendered.statements.join("\n") + "\n"));
}

#[test]
fn columns_in_postgresql() {
    let from = users(&["email text null", "age text null default '0'", "nick text", "n integer"], PG);
    let mut to = users(&["email text", "age integer default 0", "score bigint", "n bigint"], PG);
    to.table_mut(&Name::new("users")).expect("table").columns.push(column("note text null default 'new'", PG).into());
    let mut answers = Answers::default();
    fill(&mut answers, "users", "email", "'nobody'");
    fill(&mut answers, "users", "score", "age::bigint");
    check_with(
        &from,
        &to,
        &answers,
        &expect![[r#"
        == up
        ALTER TABLE users ADD COLUMN score bigint;

        UPDATE users SET score = age::bigint;

        ALTER TABLE users ALTER COLUMN score SET NOT NULL;

        ALTER TABLE users ADD COLUMN note text DEFAULT 'new';

        UPDATE users SET email = 'nobody' WHERE email IS NULL;

        ALTER TABLE users ALTER COLUMN email SET NOT NULL;

        -- loses what of users.age does not fit integer
        ALTER TABLE users
            ALTER COLUMN age DROP DEFAULT,
            ALTER COLUMN age TYPE integer USING age::integer,
            ALTER COLUMN age SET DEFAULT 0;

        ALTER TABLE users ALTER COLUMN age SET NOT NULL;

        ALTER TABLE users ALTER COLUMN n TYPE bigint;

        -- loses the values of users.nick
        ALTER TABLE users DROP COLUMN nick;
        == down
        -- restores the structure only: what of users.age does not fit integer is lost
        -- restores the structure only: the values of users.nick are lost
        -- rows that exist get '' for users.nick

        ALTER TABLE users ADD COLUMN nick text;

        UPDATE users SET nick = '';

        ALTER TABLE users ALTER COLUMN nick SET NOT NULL;

        ALTER TABLE users ALTER COLUMN email DROP NOT NULL;

        ALTER TABLE users ALTER COLUMN age TYPE text;

        ALTER TABLE users ALTER COLUMN age SET DEFAULT '0';

        ALTER TABLE users ALTER COLUMN age DROP NOT NULL;

        ALTER TABLE users ALTER COLUMN n TYPE integer;

        ALTER TABLE users DROP COLUMN score;

        ALTER TABLE users DROP COLUMN note;
        warn: loses what of users.age does not fit integer
        warn: users.age NOT NULL fails where a row has NULL; give --fill users.age=EXPR
        warn: loses the values of users.nick
        info: users.nick goes and score, note come: if the values should move, write the UPDATE between
        info: down makes users.nick again, without its values
        info: down gives users.nick the value '' in rows that exist
    "#]],
    );
}

#[test]
fn columns_without_values_for_rows_are_noted() {
    let from = users(&["email text null"], PG);
    let to = users(&["email text", "score bigint"], PG);
    check(
        &from,
        &to,
        &expect![[r#"
        == up
        ALTER TABLE users ADD COLUMN score bigint NOT NULL;

        ALTER TABLE users ALTER COLUMN email SET NOT NULL;
        == down
        ALTER TABLE users ALTER COLUMN email DROP NOT NULL;

        ALTER TABLE users DROP COLUMN score;
        warn: adding users.score NOT NULL fails where users has rows; give --fill users.score=EXPR
        warn: users.email NOT NULL fails where a row has NULL; give --fill users.email=EXPR
    "#]],
    );
}

#[test]
fn renames_in_postgresql() {
    let mut old = table("users", &["nick text"], PG);
    old.uniques.push(unique(&["nick"]));
    let new = table("people", &["handle text"], PG);
    let mut answers = Answers::default();
    answers.renames.tables.insert(Name::new("users"), Name::new("people"));
    answers.renames.columns.insert((Name::new("people"), "nick".to_owned()), "handle".to_owned());
    check_with(
        &catalog(PG, [old]),
        &catalog(PG, [new]),
        &answers,
        &expect![[r#"
        == up
        ALTER TABLE users RENAME TO people;

        ALTER TABLE people RENAME COLUMN nick TO handle;

        ALTER TABLE people DROP CONSTRAINT users_nick_key;
        == down
        ALTER TABLE people RENAME TO users;

        ALTER TABLE users RENAME COLUMN handle TO nick;

        ALTER TABLE users ADD CONSTRAINT users_nick_key UNIQUE (nick);
    "#]],
    );
}

#[test]
fn a_type_that_a_view_uses() {
    let with_view = |ty: &str| {
        let mut catalog = users(&[ty], PG);
        for (name, of, sql) in [
            ("active", "users", "CREATE VIEW active AS SELECT id, age FROM users"),
            ("aged", "active", "CREATE VIEW aged AS SELECT age FROM active"),
        ] {
            let view = View {
                name: Name::new(name),
                materialized: false,
                sql: sql.to_owned(),
                depends_on: [Name::new(of)].into(),
                indexes: Vec::new(),
                comment: None,
            };
            catalog.views.insert(view.name.clone(), view);
        }
        catalog
    };
    check(
        &with_view("age integer"),
        &with_view("age bigint"),
        &expect![[r#"
        == up
        DROP VIEW aged;

        DROP VIEW active;

        ALTER TABLE users ALTER COLUMN age TYPE bigint;

        CREATE VIEW active AS SELECT id, age FROM users;

        CREATE VIEW aged AS SELECT age FROM active;
        == down
        DROP VIEW aged;

        DROP VIEW active;

        ALTER TABLE users ALTER COLUMN age TYPE integer;

        CREATE VIEW active AS SELECT id, age FROM users;

        CREATE VIEW aged AS SELECT age FROM active;
    "#]],
    );
}

fn moods(values: &[&str], default: &str) -> Catalog {
    let mut users = table("users", &[&format!("mood mood default '{default}'"), "past mood[] null"], PG);
    users.checks.push(check_of("mood <> 'sad'"));
    let mut partial = index("users_sad", &["id"]);
    partial.predicate = Some(Expr::new("mood = 'ok'"));
    users.indexes.extend([partial, index("users_mood", &["mood"])]);
    with_enum(catalog(PG, [users]), "mood", values)
}

#[test]
fn enum_values_are_added_and_taken_away() {
    let (few, many) = (moods(&["sad", "ok"], "ok"), moods(&["sad", "meh", "ok", "glad"], "ok"));
    check(
        &few,
        &many,
        &expect![[r#"
            == up
            ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';

            ALTER TYPE mood ADD VALUE 'glad';
            == down
            -- loses which rows had 'meh' of enum mood: they get 'sad'
            -- loses which rows had 'glad' of enum mood: they get 'ok'

            DROP INDEX users_sad;

            ALTER TABLE users DROP CONSTRAINT users_mood_check;

            ALTER TYPE mood RENAME TO mood__old;

            CREATE TYPE mood AS ENUM ('sad', 'ok');

            ALTER TABLE users
                ALTER COLUMN mood DROP DEFAULT,
                ALTER COLUMN mood TYPE mood USING (CASE mood::text WHEN 'glad' THEN 'ok' WHEN 'meh' THEN 'sad' ELSE mood::text END)::mood,
                ALTER COLUMN mood SET DEFAULT 'ok',
                ALTER COLUMN past TYPE mood[] USING array_replace(array_replace(past::text[], 'glad', 'ok'), 'meh', 'sad')::mood[];

            DROP TYPE mood__old;

            ALTER TABLE users ADD CONSTRAINT users_mood_check CHECK (mood <> 'sad');

            CREATE INDEX users_sad ON users (id) WHERE mood = 'ok';
            info: down removes 'glad' (rows get 'ok'), 'meh' (rows get 'sad') of enum mood
        "#]],
    );
}

#[test]
fn a_new_value_that_is_used_at_once_needs_a_new_type() {
    let (few, many) = (moods(&["sad", "ok"], "ok"), moods(&["sad", "ok", "glad"], "glad"));
    check(
        &few,
        &many,
        &expect![[r#"
            == up
            DROP INDEX users_sad;

            ALTER TABLE users DROP CONSTRAINT users_mood_check;

            ALTER TYPE mood RENAME TO mood__old;

            CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');

            ALTER TABLE users
                ALTER COLUMN mood DROP DEFAULT,
                ALTER COLUMN mood TYPE mood USING mood::text::mood,
                ALTER COLUMN mood SET DEFAULT 'glad',
                ALTER COLUMN past TYPE mood[] USING past::text[]::mood[];

            DROP TYPE mood__old;

            ALTER TABLE users ADD CONSTRAINT users_mood_check CHECK (mood <> 'sad');

            CREATE INDEX users_sad ON users (id) WHERE mood = 'ok';
            == down
            -- loses which rows had 'glad' of enum mood: they get 'ok'

            DROP INDEX users_sad;

            ALTER TABLE users DROP CONSTRAINT users_mood_check;

            ALTER TYPE mood RENAME TO mood__old;

            CREATE TYPE mood AS ENUM ('sad', 'ok');

            ALTER TABLE users
                ALTER COLUMN mood DROP DEFAULT,
                ALTER COLUMN mood TYPE mood USING (CASE mood::text WHEN 'glad' THEN 'ok' ELSE mood::text END)::mood,
                ALTER COLUMN mood SET DEFAULT 'ok',
                ALTER COLUMN past TYPE mood[] USING array_replace(past::text[], 'glad', 'ok')::mood[];

            DROP TYPE mood__old;

            ALTER TABLE users ADD CONSTRAINT users_mood_check CHECK (mood <> 'sad');

            CREATE INDEX users_sad ON users (id) WHERE mood = 'ok';
            info: down removes 'glad' (rows get 'ok') of enum mood
        "#]],
    );
}

#[test]
fn enum_types_come_and_go() {
    let to = with_enum(users(&["mood mood"], PG), "mood", &["it's", "ok"]);
    check(
        &Catalog::empty(PG),
        &to,
        &expect![[r#"
        == up
        CREATE TYPE mood AS ENUM ('it''s', 'ok');

        CREATE TABLE users (
            id integer NOT NULL,
            mood mood NOT NULL,
            CONSTRAINT users_pkey PRIMARY KEY (id)
        );
        == down
        DROP TABLE users;

        DROP TYPE mood;
    "#]],
    );
    let (from, to) = (Name::new("mood"), Name::new("Mood"));
    let empty = Catalog::empty(PG);
    check_one(
        Operation::RenameEnum { from: from.clone(), to },
        &empty,
        &empty,
        &expect![[r#"
        ALTER TYPE mood RENAME TO "Mood";
    "#]],
    );
    let rename = Operation::RenameEnumValue { name: from, from: "ok".to_owned(), to: "fine".to_owned() };
    check_one(
        rename,
        &empty,
        &empty,
        &expect![[r#"
        ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
    "#]],
    );
}

#[test]
fn where_values_come_from_in_postgresql() {
    let kinds: [Option<AutoValue>; 4] = [
        None,
        Some(AutoValue::Serial { sequence: Name::new("users_id_seq") }),
        Some(AutoValue::Identity { always: false, options: String::new() }),
        Some(AutoValue::Identity { always: true, options: String::new() }),
    ];
    let of = |auto: &Option<AutoValue>| {
        let mut catalog = users(&[], PG);
        catalog.table_mut(&Name::new("users")).expect("table").columns[0].auto.clone_from(auto);
        catalog
    };
    let ups: Vec<String> = kinds
        .windows(2)
        .map(|pair| {
            let script = script(&of(&pair[0]), &of(&pair[1]), &Answers::default()).expect("the script renders");
            format!("== up\n{}== down\n{}", script.up, script.down)
        })
        .collect();
    expect![[r#"
        == up
        CREATE SEQUENCE users_id_seq AS integer OWNED BY users.id;

        SELECT setval('users_id_seq', coalesce(max(id), 0) + 1, false) FROM users;

        ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('users_id_seq');
        == down
        ALTER TABLE users ALTER COLUMN id DROP DEFAULT;

        DROP SEQUENCE users_id_seq;
        == up
        ALTER TABLE users ALTER COLUMN id DROP DEFAULT;

        DROP SEQUENCE users_id_seq;

        ALTER TABLE users ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;

        SELECT setval(pg_get_serial_sequence('users', 'id'), coalesce(max(id), 0) + 1, false) FROM users;
        == down
        ALTER TABLE users ALTER COLUMN id DROP IDENTITY;

        CREATE SEQUENCE users_id_seq AS integer OWNED BY users.id;

        SELECT setval('users_id_seq', coalesce(max(id), 0) + 1, false) FROM users;

        ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('users_id_seq');
        == up
        ALTER TABLE users ALTER COLUMN id SET GENERATED ALWAYS;
        == down
        ALTER TABLE users ALTER COLUMN id SET GENERATED BY DEFAULT;
    "#]]
    .assert_eq(&ups.concat());
}

#[test]
fn a_generated_column_is_made_anew() {
    let of = |expr: Option<&str>| {
        let mut users = table("users", &["name text", "loud text null"], PG);
        users.columns[2].generated = expr.map(|expr| Generated { expr: Expr::new(expr), stored: true });
        users.indexes.push(index("users_loud", &["loud"]));
        catalog(PG, [users])
    };
    check(
        &of(Some("upper(name)")),
        &of(Some("name || '!'")),
        &expect![[r#"
        == up
        ALTER TABLE users
            DROP COLUMN loud,
            ADD COLUMN loud text GENERATED ALWAYS AS (name || '!') STORED;

        CREATE INDEX users_loud ON users (loud);
        == down
        ALTER TABLE users
            DROP COLUMN loud,
            ADD COLUMN loud text GENERATED ALWAYS AS (upper(name)) STORED;

        CREATE INDEX users_loud ON users (loud);
    "#]],
    );
    check(
        &of(Some("upper(name)")),
        &of(None),
        &expect![[r#"
        == up
        ALTER TABLE users ALTER COLUMN loud DROP EXPRESSION;
        == down
        ALTER TABLE users
            DROP COLUMN loud,
            ADD COLUMN loud text GENERATED ALWAYS AS (upper(name)) STORED;

        CREATE INDEX users_loud ON users (loud);
    "#]],
    );
}

#[test]
fn constraints_and_indexes_in_postgresql() {
    let plain = || table("users", &["name text", "team_id integer null", "span int4range null"], PG);
    let teams = || table("teams", &["name text"], PG);
    let mut bound = plain();
    bound.primary_key.as_mut().expect("key").columns = strings(&["id", "name"]);
    let mut deferred = unique(&["team_id"]);
    deferred.deferrable = Deferrable::InitiallyDeferred;
    deferred.nulls_not_distinct = true;
    bound.uniques.push(deferred);
    bound.checks.extend([check_of("name <> ''"), check_of("name <> 'x'"), check_of("length(name) > id")]);
    bound.checks[1].valid = false;
    bound.excludes.push(Exclude { name: None, text: Expr::new("USING gist (span WITH &&)") });
    let mut team = key(&["team_id"], "teams", Action::Cascade);
    team.ref_columns.clear();
    team.valid = false;
    bound.foreign_keys.push(team);
    let mut covering = index("users_cover", &["name"]);
    covering.include = strings(&["team_id"]);
    covering.with = Some("fillfactor = 70".to_owned());
    covering.parts[0].nulls_first = Some(true);
    covering.parts[0].collation = Some("C".to_owned());
    covering.parts[0].operator_class = Some("text_pattern_ops".to_owned());
    let mut brin = index("users_brin", &["id"]);
    brin.method = Some("brin".to_owned());
    bound.indexes.extend([covering, brin]);
    bound.comment = Some("People".to_owned());
    bound.columns[1].comment = Some("As they like".to_owned());
    check(
        &catalog(PG, [plain(), teams()]),
        &catalog(PG, [bound, teams()]),
        &expect![[r#"
        == up
        ALTER TABLE users DROP CONSTRAINT users_pkey;

        ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id, name);

        ALTER TABLE users
            ADD CONSTRAINT users_team_id_key UNIQUE NULLS NOT DISTINCT (team_id) DEFERRABLE INITIALLY DEFERRED;

        ALTER TABLE users ADD CONSTRAINT users_name_check CHECK (name <> '');

        ALTER TABLE users ADD CONSTRAINT users_name_check1 CHECK (name <> 'x') NOT VALID;

        ALTER TABLE users ADD CONSTRAINT users_check CHECK (length(name) > id);

        ALTER TABLE users ADD CONSTRAINT users_excl EXCLUDE USING gist (span WITH &&);

        CREATE INDEX users_cover ON users (name COLLATE "C" text_pattern_ops NULLS FIRST) INCLUDE (team_id) WITH (fillfactor = 70);

        CREATE INDEX users_brin ON users USING brin (id);

        ALTER TABLE users
            ADD CONSTRAINT users_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE NOT VALID;

        COMMENT ON TABLE users IS 'People';

        COMMENT ON COLUMN users.name IS 'As they like';
        == down
        ALTER TABLE users DROP CONSTRAINT users_team_id_fkey;

        DROP INDEX users_cover;

        DROP INDEX users_brin;

        ALTER TABLE users DROP CONSTRAINT users_team_id_key;

        ALTER TABLE users DROP CONSTRAINT users_name_check;

        ALTER TABLE users DROP CONSTRAINT users_name_check1;

        ALTER TABLE users DROP CONSTRAINT users_check;

        ALTER TABLE users DROP CONSTRAINT users_excl;

        ALTER TABLE users DROP CONSTRAINT users_pkey;

        ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id);

        COMMENT ON TABLE users IS NULL;

        COMMENT ON COLUMN users.name IS NULL;
    "#]],
    );
}

#[test]
fn a_table_in_another_schema() {
    let mut to = Catalog::empty(PG);
    to.schemas.insert("audit".to_owned());
    let name = Name::qualified("audit", "Log");
    let mut log = table("log", &["text text"], PG);
    log.name = name.clone();
    log.indexes.push(index("log_text", &["text"]));
    to.tables.insert(name, log.into());
    check(
        &Catalog::empty(PG),
        &to,
        &expect![[r#"
            == up
            CREATE SCHEMA audit;

            CREATE TABLE audit."Log" (
                id integer NOT NULL,
                text text NOT NULL,
                CONSTRAINT "Log_pkey" PRIMARY KEY (id)
            );

            CREATE INDEX log_text ON audit."Log" (text);
            == down
            DROP TABLE audit."Log";

            DROP SCHEMA audit;
        "#]],
    );
}

#[test]
fn a_referenced_key_that_changes() {
    let of = |other_key: bool| {
        let mut users = table("users", &["code text"], PG);
        users.uniques.push(unique(&["code"]));
        if other_key {
            users.primary_key.as_mut().expect("key").columns = strings(&["code"]);
            users.uniques = vec![unique(&["id"])];
        }
        let mut posts = table("posts", &["user_id integer"], PG);
        posts.foreign_keys.push(key(&["user_id"], "users", Action::Cascade));
        catalog(PG, [users, posts])
    };
    check(
        &of(false),
        &of(true),
        &expect![[r#"
            == up
            ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey;

            ALTER TABLE users DROP CONSTRAINT users_code_key;

            ALTER TABLE users DROP CONSTRAINT users_pkey;

            ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (code);

            ALTER TABLE users ADD CONSTRAINT users_id_key UNIQUE (id);

            ALTER TABLE posts
                ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
            == down
            ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey;

            ALTER TABLE users DROP CONSTRAINT users_id_key;

            ALTER TABLE users DROP CONSTRAINT users_pkey;

            ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id);

            ALTER TABLE users ADD CONSTRAINT users_code_key UNIQUE (code);

            ALTER TABLE posts
                ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
        "#]],
    );
}

#[test]
fn a_new_value_in_an_array_is_used_at_once() {
    let from = with_enum(users(&[], PG), "mood", &["sad"]);
    let to = with_enum(users(&["moods mood[] default '{sad,glad}'"], PG), "mood", &["sad", "glad"]);
    let script = script(&from, &to, &Answers::default()).expect("the script renders");
    assert!(script.up.contains("CREATE TYPE mood AS ENUM ('sad', 'glad');"), "{}", script.up);
}
