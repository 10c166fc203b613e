//! Pairs of catalogs and the files that lead from one to the other and back.

use expect_test::expect;

use super::testing::{
    catalog, check, check_of, check_with, column, fill, index, key, strings, table, unique, users, with_enum,
};
use super::{create_table, schema_sql, script};
use crate::catalog::{Action, AutoValue, Catalog, Deferrable, Expr, Generated, IndexKey, Name, SqlType, Table};
use crate::dialect::Dialect;
use crate::diff::Answers;

const PG: Dialect = Dialect::Postgres;
const SQLITE: Dialect = Dialect::Sqlite;

/// Many facts in one schema.
fn shop(dialect: Dialect) -> Catalog {
    let mut items =
        table("items", &["name text default 'x'", "price integer default 0", "owner_id integer null"], dialect);
    items.columns[0].auto = Some(match dialect {
        Dialect::Postgres => AutoValue::Serial { sequence: Name::new("items_id_seq") },
        _ => AutoValue::Increment,
    });
    items.columns.push(column("made_at timestamp default CURRENT_TIMESTAMP", dialect).into());
    let mut total = column("total integer null", dialect);
    total.generated = Some(Generated { expr: Expr::new("price * 2"), stored: true });
    items.columns.push(total.into());
    items.uniques.push(unique(&["name"]));
    items.checks.push(check_of("price >= 0"));
    let mut owner = key(&["owner_id"], "owners", Action::SetNull);
    owner.on_update = Action::Cascade;
    owner.deferrable = Deferrable::InitiallyDeferred;
    items.foreign_keys.push(owner);
    let mut partial = index("items_price", &["price", "name"]);
    partial.parts[0].descending = true;
    partial.predicate = Some(Expr::new("price > 10"));
    items.indexes.push(partial);
    let mut lower = index("items_lower", &["name"]);
    lower.unique = true;
    lower.parts[0].key = IndexKey::Expr(Expr::new("lower(name)"));
    items.indexes.push(lower);
    items.comment = Some("It's for sale".to_owned());
    catalog(dialect, [items, table("owners", &[], dialect)])
}

#[test]
fn a_new_schema_in_postgresql() {
    check(
        &Catalog::empty(PG),
        &shop(PG),
        &expect![[r#"
            == up
            CREATE TABLE items (
                id serial,
                name text NOT NULL DEFAULT 'x',
                price integer NOT NULL DEFAULT 0,
                owner_id integer,
                made_at timestamp without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
                total integer GENERATED ALWAYS AS (price * 2) STORED,
                CONSTRAINT items_pkey PRIMARY KEY (id),
                CONSTRAINT items_name_key UNIQUE (name),
                CONSTRAINT items_price_check CHECK (price >= 0)
            );

            CREATE TABLE owners (
                id integer NOT NULL,
                CONSTRAINT owners_pkey PRIMARY KEY (id)
            );

            CREATE INDEX items_price ON items (price DESC, name) WHERE price > 10;

            CREATE UNIQUE INDEX items_lower ON items (lower(name));

            ALTER TABLE items
                ADD CONSTRAINT items_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owners (id) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

            COMMENT ON TABLE items IS 'It''s for sale';
            == down
            DROP TABLE items;

            DROP TABLE owners;
        "#]],
    );
}

#[test]
fn a_new_schema_in_sqlite() {
    check(
        &Catalog::empty(SQLITE),
        &shop(SQLITE),
        &expect![[r#"
            == up
            CREATE TABLE items (
                id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                name TEXT NOT NULL DEFAULT 'x',
                price INTEGER NOT NULL DEFAULT 0,
                owner_id INTEGER,
                made_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
                total INTEGER GENERATED ALWAYS AS (price * 2) STORED,
                UNIQUE (name),
                CHECK (price >= 0),
                FOREIGN KEY (owner_id) REFERENCES owners (id) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
            );

            CREATE TABLE owners (
                id INTEGER NOT NULL PRIMARY KEY
            );

            CREATE INDEX items_price ON items (price DESC, name) WHERE price > 10;

            CREATE UNIQUE INDEX items_lower ON items (lower(name));
            == down
            DROP TABLE items;

            DROP TABLE owners;
        "#]],
    );
}

#[test]
fn a_tightened_column_in_sqlite() {
    let with_posts = |name: &str, on_delete| {
        let mut posts = table("posts", &["user_id integer"], SQLITE);
        posts.foreign_keys.push(key(&["user_id"], "users", on_delete));
        let mut users = table("users", &[name], SQLITE);
        users.columns[0].auto = Some(AutoValue::Increment);
        users.indexes.push(index("users_name", &["name"]));
        catalog(SQLITE, [users, posts])
    };
    let mut answers = Answers::default();
    fill(&mut answers, "users", "name", "'nobody'");
    let pair = |action| (with_posts("name text null", action), with_posts("name text", action));
    let (from, to) = pair(Action::NoAction);
    check_with(
        &from,
        &to,
        &answers,
        &expect![[r#"
        == up
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL
        );

        INSERT INTO _ops_new_users (id, name)
        SELECT id, coalesce(name, 'nobody')
        FROM users;

        UPDATE sqlite_sequence
        SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'users'), 0)
        WHERE name = '_ops_new_users';

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        CREATE INDEX users_name ON users (name);

        CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

        INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('posts');

        DROP TABLE _ops_migrate_fk_check;

        PRAGMA defer_foreign_keys = OFF;
        == down
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            name TEXT
        );

        INSERT INTO _ops_new_users (id, name)
        SELECT id, name
        FROM users;

        UPDATE sqlite_sequence
        SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'users'), 0)
        WHERE name = '_ops_new_users';

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        CREATE INDEX users_name ON users (name);

        CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

        INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('posts');

        DROP TABLE _ops_migrate_fk_check;

        PRAGMA defer_foreign_keys = OFF;
        info: users is rebuilt: a new table, its rows copied
    "#]],
    );
    let (from, to) = pair(Action::Cascade);
    check_with(
        &from,
        &to,
        &answers,
        &expect![[r#"
        == up (run_in_transaction = false)
        -- Brings its own transaction: dropping the old table would fire ON DELETE actions, and SQLite
        -- cannot switch foreign keys off inside of the runner's transaction. If a statement fails, the
        -- connection is left in an open transaction with foreign keys off: ROLLBACK, or close it.
        PRAGMA foreign_keys = OFF;

        BEGIN IMMEDIATE;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL
        );

        INSERT INTO _ops_new_users (id, name)
        SELECT id, coalesce(name, 'nobody')
        FROM users;

        UPDATE sqlite_sequence
        SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'users'), 0)
        WHERE name = '_ops_new_users';

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        CREATE INDEX users_name ON users (name);

        CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

        INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('posts');

        DROP TABLE _ops_migrate_fk_check;

        COMMIT;

        PRAGMA foreign_keys = ON;
        == down
        -- Brings its own transaction: dropping the old table would fire ON DELETE actions, and SQLite
        -- cannot switch foreign keys off inside of the runner's transaction. If a statement fails, the
        -- connection is left in an open transaction with foreign keys off: ROLLBACK, or close it.
        PRAGMA foreign_keys = OFF;

        BEGIN IMMEDIATE;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            name TEXT
        );

        INSERT INTO _ops_new_users (id, name)
        SELECT id, name
        FROM users;

        UPDATE sqlite_sequence
        SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'users'), 0)
        WHERE name = '_ops_new_users';

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        CREATE INDEX users_name ON users (name);

        CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

        INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('posts');

        DROP TABLE _ops_migrate_fk_check;

        COMMIT;

        PRAGMA foreign_keys = ON;
        info: users is rebuilt: a new table, its rows copied
        warn: both files bring their own transaction: run_in_transaction = false; after a failure close the connection
    "#]],
    );
}

#[test]
fn sqlite_only_facts_are_kept() {
    let mut users = table("users", &["name varchar", "at text default datetime('now')"], SQLITE);
    users.columns[1].ty = SqlType::with_args("varchar", strings(&["20"]), 0, SQLITE);
    users.columns[1].collation = Some("NOCASE".to_owned());
    users.columns[2].nullable = true;
    users.primary_key.as_mut().expect("key").columns = strings(&["id", "name"]);
    users.options.strict = true;
    users.options.without_rowid = true;
    expect![[r#"
        CREATE TABLE users (
            id INTEGER NOT NULL,
            name VARCHAR(20) COLLATE NOCASE NOT NULL,
            at TEXT DEFAULT (datetime('now')),
            PRIMARY KEY (id, name)
        ) STRICT, WITHOUT ROWID;"#]]
    .assert_eq(&create_table(&users, SQLITE));
    let mut search = Table::new(Name::new("search"));
    search.options.virtual_module = Some("fts5(title, body)".to_owned());
    expect!["CREATE VIRTUAL TABLE search USING fts5(title, body);"].assert_eq(&create_table(&search, SQLITE));
}

#[test]
fn a_comment_alone_says_nothing_in_sqlite() {
    let mut to = users(&[], SQLITE);
    to.table_mut(&Name::new("users")).expect("table").comment = Some("x".to_owned());
    check(
        &users(&[], SQLITE),
        &to,
        &expect![[r#"
        == up
        SELECT 1;
        == down
        SELECT 1;
    "#]],
    );
}

#[test]
fn a_column_replaced_by_another_is_noted() {
    check(
        &users(&["nick text"], SQLITE),
        &users(&["handle text null"], SQLITE),
        &expect![[r#"
        == up
        ALTER TABLE users ADD COLUMN handle TEXT;

        -- loses the values of users.nick
        ALTER TABLE users DROP COLUMN nick;
        == down
        -- restores the structure only: the values of users.nick are lost
        -- rows that exist get '' for users.nick

        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY,
            nick TEXT NOT NULL
        );

        INSERT INTO _ops_new_users (id, nick)
        SELECT id, ''
        FROM users;

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        PRAGMA defer_foreign_keys = OFF;
        warn: loses the values of users.nick
        info: users.nick goes and handle comes: if the values should move, write the UPDATE between
        info: down makes users.nick again, without its values
        info: down gives users.nick the value '' in rows that exist
    "#]],
    );
}

#[test]
fn a_whole_schema() {
    let mut catalog = with_enum(shop(PG), "mood", &["ok"]);
    catalog.extensions.insert("citext".to_owned());
    catalog.schemas.insert("audit".to_owned());
    expect![[r#"
        CREATE SCHEMA audit;

        CREATE EXTENSION IF NOT EXISTS citext;

        CREATE TYPE mood AS ENUM ('ok');

        CREATE TABLE items (
            id serial,
            name text NOT NULL DEFAULT 'x',
            price integer NOT NULL DEFAULT 0,
            owner_id integer,
            made_at timestamp without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
            total integer GENERATED ALWAYS AS (price * 2) STORED,
            CONSTRAINT items_pkey PRIMARY KEY (id),
            CONSTRAINT items_name_key UNIQUE (name),
            CONSTRAINT items_price_check CHECK (price >= 0)
        );

        CREATE TABLE owners (
            id integer NOT NULL,
            CONSTRAINT owners_pkey PRIMARY KEY (id)
        );

        ALTER TABLE items
            ADD CONSTRAINT items_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owners (id) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

        CREATE INDEX items_price ON items (price DESC, name) WHERE price > 10;

        CREATE UNIQUE INDEX items_lower ON items (lower(name));

        COMMENT ON TABLE items IS 'It''s for sale';
    "#]].assert_eq(&schema_sql(&catalog));
}

#[test]
fn a_virtual_table_is_not_made_anew() {
    let of = |name: &str| {
        let mut users = table("users", &[name], SQLITE);
        users.options.virtual_module = Some("fts5(name)".to_owned());
        catalog(SQLITE, [users])
    };
    let error = script(&of("name text"), &of("name text null"), &Answers::default());
    assert_eq!(
        error.err().map(|e| e.to_string()).as_deref(),
        Some("users is a virtual table, which cannot be changed")
    );
}
