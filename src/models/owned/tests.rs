//! Structs before and after, and what `create` does about it. Every case is also held to the laws:
//! the revision replayed gives the desired schema, the way back gives the one before, and models and
//! schema agree afterwards.

use std::rc::Rc;

use expect_test::{Expect, expect};

use super::{Cache, own};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::make::{Draft, Wishes, draft};
use crate::models::{Change, Models, assemble, drift, parse_file};
use crate::proof::difference;
use crate::replay;

const PG: Dialect = Dialect::Postgres;
const SQLITE: Dialect = Dialect::Sqlite;

/// The models of one source file.
pub(super) fn read(dialect: Dialect, text: &str) -> Result<Models> {
    let file = "src/models.rs".to_owned();
    let files = [(file.clone(), Rc::new(parse_file(&file, text)?))];
    let mut models = assemble(&files, &[])?;
    own(&mut models, &files, dialect, &mut Cache::default())?;
    Ok(models)
}

/// A struct `User` of the table `users` with these lines on it and these fields.
pub(super) fn user(on_struct: &str, fields: &str) -> String {
    format!(
        "#[derive(OpsModel)]\n#[diesel(table_name = users)]\n{on_struct}\nstruct User {{\n    id: i32,\n{fields}\n}}\n"
    )
}

fn drafted(before: &Models, after: &Models, baseline: &Catalog) -> Draft {
    let draft = draft(Some(before), after, baseline, &Wishes::default()).unwrap();
    let mut catalog = baseline.clone();
    for part in &draft.parts {
        replay::apply(&mut catalog, &part.script.up, "up.sql").unwrap();
    }
    let up: Vec<&str> = draft.parts.iter().map(|part| part.script.up.as_str()).collect();
    assert_eq!(difference(&draft.desired, &catalog), Vec::<String>::new(), "{up:?}");
    let left: Vec<String> = drift(after, &catalog).iter().map(Change::describe).collect();
    if draft.inherited.is_empty() {
        assert_eq!(left, Vec::<String>::new(), "{up:?}");
    }
    for part in draft.parts.iter().rev() {
        replay::apply(&mut catalog, &part.script.down, "down.sql").unwrap();
    }
    assert_eq!(difference(baseline, &catalog), Vec::<String>::new());
    draft
}

/// The schema that a source makes from nothing.
fn made(dialect: Dialect, models: &Models) -> Catalog {
    drafted(&Models::default(), models, &Catalog::empty(dialect)).desired
}

/// From one source to the other: the operations.
fn check(dialect: Dialect, before: &str, after: &str, expected: &Expect) {
    let (before, after) = (read(dialect, before).unwrap(), read(dialect, after).unwrap());
    let baseline = made(dialect, &before);
    let draft = drafted(&before, &after, &baseline);
    let questions = draft.questions.iter().map(|question| format!("{question:?}"));
    let lines: Vec<String> = questions.chain(draft.operations().map(|operation| operation.describe())).collect();
    expected.assert_eq(&lines.join("\n"));
    // The other way round the same two are told apart.
    let _ = drafted(&after, &before, &draft.desired);
}

/// The SQL that makes a table from nothing.
fn check_new(dialect: Dialect, text: &str, expected: &Expect) {
    let models = read(dialect, text).unwrap();
    let draft = drafted(&Models::default(), &models, &Catalog::empty(dialect));
    expected.assert_eq(&draft.parts.iter().map(|part| part.script.up.as_str()).collect::<String>());
}

/// From one set of keys on a field `a` (and what stands on the struct) to another.
fn check_keys(dialect: Dialect, before: (&str, &str), after: (&str, &str), expected: &Expect) {
    let source = |(on_struct, field): (&str, &str)| user(on_struct, &format!("    {field}\n    b: i32,\n    c: i32,"));
    check(dialect, &source(before), &source(after), expected);
}

/// A change on the struct alone.
fn check_table(dialect: Dialect, before: &str, after: &str, expected: &Expect) {
    let keys = |keys: &str| if keys.is_empty() { String::new() } else { format!("#[ops({keys})]") };
    check_keys(dialect, (&keys(before), "a: String,"), (&keys(after), "a: String,"), expected);
}

/// A change of a field alone.
fn check_field(dialect: Dialect, before: &str, after: &str, expected: &Expect) {
    check_keys(dialect, ("", before), ("", after), expected);
}

fn refused(dialect: Dialect, text: &str, expected: &Expect) {
    let error = read(dialect, text).unwrap_err();
    let hints: String = error.hints.iter().map(|hint| format!("\nhint: {hint}")).collect();
    expected.assert_eq(&format!("{error}{hints}"));
}

const ALL: &str = r#"
#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(
    unique(email, age, deferrable),
    index("lower(email)", age desc nulls_last, name = "users_by_mail", unique, where = "age > 3"),
    index(email class "text_pattern_ops", include(age)),
    check("age > 0"),
    comment = "People",
    foreign_key(boss, references = users(id), on_delete = set_null),
)]
struct User {
    id: i64,
    #[ops(max_length = 200, collate = "C", comment = "Where it goes")]
    email: String,
    #[ops(default = 18, index)]
    age: i32,
    boss: Option<i64>,
    #[ops(precision(12, 2), default = 0)]
    pay: BigDecimal,
    #[ops(generated = "age * 2")]
    twice: i32,
    #[ops(sequence(start = 500))]
    number: i32,
    #[ops(default = "now()")]
    since: NaiveDateTime,
}
"#;

fn for_sqlite(text: &str) -> String {
    let text = text.replace(" class \"text_pattern_ops\", include(age)", "").replace(", deferrable", "");
    let text = text.replace("collate = \"C\"", "collate = \"NOCASE\"").replace("sequence(start = 500)", "default = 1");
    text.replace("now()", "CURRENT_TIMESTAMP").replace(" nulls_last", "")
}

#[test]
fn a_new_table_is_made_as_it_is_stated() {
    check_new(
        PG,
        ALL,
        &expect![[r#"
            CREATE TABLE users (
                id bigint GENERATED BY DEFAULT AS IDENTITY,
                email character varying(200) COLLATE "C" NOT NULL,
                age integer NOT NULL DEFAULT 18,
                boss bigint,
                pay numeric(12, 2) NOT NULL DEFAULT 0,
                twice integer GENERATED ALWAYS AS (age * 2) STORED NOT NULL,
                number serial,
                since timestamp without time zone NOT NULL DEFAULT now(),
                CONSTRAINT users_pkey PRIMARY KEY (id),
                CONSTRAINT users_email_age_key UNIQUE (email, age) DEFERRABLE INITIALLY IMMEDIATE,
                CONSTRAINT users_age_check CHECK (age > 0)
            );

            ALTER SEQUENCE users_number_seq START WITH 500 RESTART;

            CREATE INDEX users_age_idx ON users (age);

            CREATE UNIQUE INDEX users_by_mail ON users (lower(email), age DESC NULLS LAST) WHERE age > 3;

            CREATE INDEX users_email_age_idx ON users (email text_pattern_ops) INCLUDE (age);

            ALTER TABLE users ADD CONSTRAINT users_boss_fkey FOREIGN KEY (boss) REFERENCES users (id) ON DELETE SET NULL;

            COMMENT ON TABLE users IS 'People';

            COMMENT ON COLUMN users.email IS 'Where it goes';
        "#]],
    );
    check_new(
        SQLITE,
        &for_sqlite(ALL),
        &expect![[r#"
        CREATE TABLE users (
            id INTEGER NOT NULL PRIMARY KEY,
            email VARCHAR(200) COLLATE NOCASE NOT NULL,
            age INTEGER NOT NULL DEFAULT 18,
            boss BIGINT,
            pay NUMERIC(12, 2) NOT NULL DEFAULT 0,
            twice INTEGER GENERATED ALWAYS AS (age * 2) STORED NOT NULL,
            number INTEGER NOT NULL DEFAULT 1,
            since TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
            UNIQUE (email, age),
            CHECK (age > 0),
            FOREIGN KEY (boss) REFERENCES users (id) ON DELETE SET NULL
        );

        CREATE INDEX users_age_idx ON users (age);

        CREATE UNIQUE INDEX users_by_mail ON users ((lower(email)), age DESC) WHERE age > 3;

        CREATE INDEX users_email_idx ON users (email);
    "#]],
    );
}

#[test]
fn parts_of_an_index_are_seen() {
    for (before, after) in [
        ("index(b, where = \"c > 0\")", "index(b, where = \"c > 1\")"),
        ("index(b, where = \"c > 0\")", "index(b)"),
        ("index(b, method = \"hash\")", "index(b)"),
        ("index(b, include(c))", "index(b, name = \"users_b_c_idx\")"),
        ("index(a class \"text_pattern_ops\")", "index(a)"),
        ("index(b, with = \"fillfactor=70\")", "index(b)"),
        ("index(b desc)", "index(b)"),
        ("index(b nulls_first)", "index(b)"),
        ("index(a collate \"C\")", "index(a)"),
        ("index(\"lower(a)\")", "index(\"upper(a)\")"),
        ("index(b, unique)", "index(b)"),
        ("index(b, unique, nulls_not_distinct)", "index(b, unique)"),
    ] {
        let name = if before.contains("include") { "users_b_c_idx" } else { "" };
        let (one, other) = (format!("#[ops({before})]"), format!("#[ops({after})]"));
        let (one, other) =
            (read(PG, &user(&one, "a: String, b: i32, c: i32")), read(PG, &user(&other, "a: String, b: i32, c: i32")));
        let (one, other) = (one.unwrap(), other.unwrap());
        let draft = drafted(&one, &other, &made(PG, &one));
        let lines: Vec<String> = draft.operations().map(|operation| operation.describe()).collect();
        let (gone, new) = (lines[0].as_str(), lines[1].as_str());
        assert!(gone.starts_with("drop index ") && new.starts_with("create ") && lines.len() == 2, "{lines:?} {name}");
    }
    check_table(
        SQLITE,
        "index(b, where = \"c > 0\")",
        "index(b, where = \"c > 1\")",
        &expect![[r#"
        drop index users_b_idx of users
        create index users_b_idx on users"#]],
    );
    check_table(
        SQLITE,
        "index(a collate \"NOCASE\")",
        "index(a)",
        &expect![[r#"
        drop index users_a_idx of users
        create index users_a_idx on users"#]],
    );
    check_table(
        SQLITE,
        "index(\"lower(a)\")",
        "index(\"upper(a)\")",
        &expect![[r#"
        drop index users_expr_idx of users
        create index users_expr_idx on users"#]],
    );
    check_table(PG, "index(b)", "index(b, name = \"by_b\")", &expect!["rename index users_b_idx of users to by_b"]);
}

#[test]
fn order_timing_and_name_of_a_unique_are_seen() {
    check_table(
        PG,
        "unique(b, c, name = \"u\")",
        "unique(c, b, name = \"u\")",
        &expect![[r#"
        drop unique of users (b, c)
        add unique to users (c, b)"#]],
    );
    check_table(
        PG,
        "unique(b)",
        "unique(b, deferrable)",
        &expect![[r#"
        drop unique of users (b)
        add unique to users (b)"#]],
    );
    check_table(
        PG,
        "unique(b, name = \"u\")",
        "unique(b, c, name = \"u\")",
        &expect![[r#"
        drop unique of users (b)
        add unique to users (b, c)"#]],
    );
    check_table(PG, "unique(b)", "unique(b, name = \"u\")", &expect!["rename constraint users_b_key of users to u"]);
    check_table(
        PG,
        "unique(b)",
        "unique(b, nulls_not_distinct)",
        &expect![[r#"
        drop unique of users (b)
        add unique to users (b)"#]],
    );
    check_table(
        SQLITE,
        "unique(b, c)",
        "unique(c, b)",
        &expect![[r#"
        drop unique of users (b, c)
        add unique to users (c, b)"#]],
    );
    check_table(
        PG,
        "unique(b, c)",
        "index(b, unique, where = \"c = 0\", name = \"one\"), index(b, unique, where = \"c > 0\", name = \"two\")",
        &expect![[r#"
            drop unique of users (b, c)
            create unique index one on users
            create unique index two on users"#]],
    );
}

#[test]
fn a_primary_key_is_seen() {
    check_table(
        PG,
        "primary_key(id)",
        "primary_key(id, b)",
        &expect![[r#"
        drop primary key of users
        change how users.id gets its value
        add primary key of users (id, b)"#]],
    );
    check_table(
        SQLITE,
        "primary_key(id)",
        "primary_key(id, b)",
        &expect![[r#"
        drop primary key of users
        add primary key of users (id, b)"#]],
    );
    check_table(
        PG,
        "primary_key(id, name = \"one\")",
        "primary_key(id)",
        &expect!["rename constraint one of users to users_pkey"],
    );
}

#[test]
fn expressions_of_checks_and_exclusions_are_seen() {
    check_table(
        PG,
        "check(\"b > 0\", name = \"c1\")",
        "check(\"b > 1\", name = \"c1\")",
        &expect![[r#"
        drop check of users: b > 0
        add check to users: b > 1"#]],
    );
    check_table(PG, "check(\"b > 0\")", "", &expect!["drop check of users: b > 0"]);
    check_table(
        SQLITE,
        "check(\"b > 0\", name = \"c1\")",
        "check(\"b > 1\", name = \"c1\")",
        &expect![[r#"
        drop check of users: b > 0
        add check to users: b > 1"#]],
    );
    check_table(
        PG,
        "exclude(\"USING gist (b WITH =)\")",
        "exclude(\"USING gist (c WITH =)\")",
        &expect![[r#"
        drop exclusion constraint of users
        add exclusion constraint to users"#]],
    );
    // The same in other words.
    check_table(PG, "check(\"b > 0 and c > 0\")", "check(\"((b>0) AND (c > 0))\")", &expect![[""]]);
}

#[test]
fn foreign_keys_and_their_actions_are_seen() {
    let to = |action: &str| format!("#[ops(references(users.id{action}))] a: Option<i32>,");
    check_field(
        PG,
        &to(""),
        &to(", on_delete = set_null"),
        &expect![[r#"
        drop foreign key users.(a) to users
        add foreign key users.(a) to users on delete set null"#]],
    );
    check_field(
        PG,
        &to(", on_update = cascade"),
        &to(""),
        &expect![[r#"
        drop foreign key users.(a) to users
        add foreign key users.(a) to users"#]],
    );
    check_field(
        PG,
        &to(""),
        &to(", deferrable"),
        &expect![[r#"
        drop foreign key users.(a) to users
        add foreign key users.(a) to users"#]],
    );
    check_field(
        PG,
        &to(", name = \"old\""),
        &to(", name = \"new\""),
        &expect!["rename constraint old of users to new"],
    );
    check_field(
        SQLITE,
        &to(""),
        &to(", on_delete = set_null"),
        &expect![[r#"
        drop foreign key users.(a) to users
        add foreign key users.(a) to users on delete set null"#]],
    );
}

#[test]
fn how_a_column_gets_its_value_is_seen() {
    check_field(
        PG,
        "#[ops(default = 1)] a: i32,",
        "#[ops(default = 2)] a: i32,",
        &expect!["set default of users.a to 2"],
    );
    check_field(PG, "#[ops(default = 1)] a: i32,", "a: i32,", &expect!["drop default of users.a"]);
    check_field(
        SQLITE,
        "#[ops(default = 1)] a: i32,",
        "#[ops(default = 2)] a: i32,",
        &expect!["set default of users.a to 2"],
    );
    check_field(
        PG,
        "#[ops(identity)] a: i32,",
        "#[ops(identity(always))] a: i32,",
        &expect!["change how users.a gets its value"],
    );
    check_field(
        PG,
        "#[ops(identity)] a: i32,",
        "#[ops(identity(start = 500))] a: i32,",
        &expect!["change how users.a gets its value"],
    );
    check_field(
        PG,
        "#[ops(sequence)] a: i32,",
        "#[ops(sequence(start = 500))] a: i32,",
        &expect!["change sequence users_a_seq"],
    );
    check_field(PG, "a: i32,", "#[ops(sequence)] a: i32,", &expect!["change how users.a gets its value"]);
    check_field(
        PG,
        "#[ops(generated = \"b * 2\")] a: i32,",
        "#[ops(generated = \"b * 3\")] a: i32,",
        &expect!["change how users.a gets its value"],
    );
    check_field(
        SQLITE,
        "#[ops(generated = \"b * 2\")] a: i32,",
        "#[ops(generated = \"b * 3\")] a: i32,",
        &expect!["change how users.a gets its value"],
    );
    check_field(
        PG,
        "#[ops(sequence(name = \"numbers\", start = 5))] a: i32,",
        "#[ops(sequence(name = \"numbers\", start = 7))] a: i32,",
        &expect!["change sequence numbers"],
    );
}

#[test]
fn types_lengths_collations_and_comments_are_seen() {
    check_field(
        PG,
        "#[ops(precision(10, 2))] a: BigDecimal,",
        "a: BigDecimal,",
        &expect!["change type of users.a from numeric(10,2) to numeric"],
    );
    check_field(
        PG,
        "#[ops(max_length = 10)] a: String,",
        "#[ops(max_length = 20)] a: String,",
        &expect!["change type of users.a from character varying(10) to character varying(20)"],
    );
    check_field(PG, "#[ops(collate = \"C\")] a: String,", "a: String,", &expect!["change how users.a gets its value"]);
    check_field(
        SQLITE,
        "#[ops(collate = \"NOCASE\")] a: String,",
        "a: String,",
        &expect!["change how users.a gets its value"],
    );
    check_field(
        PG,
        "#[ops(comment = \"x\")] a: String,",
        "#[ops(comment = \"y\")] a: String,",
        &expect!["comment on users.a"],
    );
    check_field(
        PG,
        "#[ops(sql_type = \"json\")] a: Value,",
        "#[ops(sql_type = \"jsonb\")] a: Value,",
        &expect!["change type of users.a from json to jsonb"],
    );
    check_field(PG, "a: Vec<i32>,", "a: Vec<String>,", &expect!["change type of users.a from integer[] to text[]"]);
    check_field(PG, "a: i32,", "a: Option<i32>,", &expect!["make users.a nullable"]);
    check_table(PG, "", "comment = \"People\"", &expect!["comment on users"]);
    check_table(SQLITE, "", "sqlite(strict)", &expect!["change options of table users"]);
    check_table(PG, "", "postgres(unlogged)", &expect!["change options of table users"]);
}

#[test]
fn columns_come_go_and_get_names() {
    check_field(
        PG,
        "",
        "#[ops(default = 0, index)] a: i32,",
        &expect![[r#"
        add column users.a integer NOT NULL
        create index users_a_idx on users"#]],
    );
    check_field(
        PG,
        "#[ops(index)] a: i32,",
        "",
        &expect![[r#"
        drop index users_a_idx of users
        drop column users.a"#]],
    );
    check_field(
        PG,
        "",
        "a: i32,",
        &expect![[r#"
        Fill { table: Name { schema: None, name: "users" }, column: "a", ty: "integer" }
        add column users.a integer NOT NULL"#]],
    );
    check_field(PG, "", "#[ops(backfill = 7)] a: i32,", &expect!["add column users.a integer NOT NULL"]);
    check_field(
        PG,
        "#[ops(index)] a: i32,",
        "#[ops(renamed_from = \"a\", index(name = \"users_a_idx\"))] z: i32,",
        &expect!["rename column users.a to z"],
    );
    check_field(
        SQLITE,
        "#[ops(default = 1)] a: i32,",
        "#[ops(renamed_from = \"a\", default = 1)] z: i32,",
        &expect!["rename column users.a to z"],
    );
    let people = user("#[ops(renamed_from = \"users\", primary_key(id, name = \"users_pkey\"))]", "    a: i32,")
        .replace("= users", "= people");
    check(PG, &user("", "    a: i32,"), &people, &expect!["rename table users to people"]);
}

const SHARED: &str = r#"
#[derive(OpsModel)]
#[ops(columns, index(created_on desc))]
struct Audit {
    #[ops(references(users.id))]
    created_by: Option<i32>,
    #[ops(default = "now()")]
    created_on: NaiveDateTime,
}
"#;

#[test]
fn shared_columns_bring_keys_and_indexes() {
    let with = SHARED.to_owned() + &user("", "    #[diesel(embed)]\n    audit: Audit,");
    check_new(
        PG,
        &with,
        &expect![[r#"
        CREATE TABLE users (
            id integer GENERATED BY DEFAULT AS IDENTITY,
            created_by integer,
            created_on timestamp without time zone NOT NULL DEFAULT now(),
            CONSTRAINT users_pkey PRIMARY KEY (id)
        );

        CREATE INDEX users_created_on_idx ON users (created_on DESC);

        ALTER TABLE users ADD CONSTRAINT users_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id);
    "#]],
    );
    let models = read(PG, &with).unwrap();
    let required = ["Audit".to_owned(), "Other".to_owned()];
    let without = super::without_shared(&models, &required, &[]);
    assert_eq!(without.iter().map(|(of, table)| format!("{} {of}", table.name)).collect::<Vec<_>>(), ["users Other"]);
    assert_eq!(super::without_shared(&models, &required, &["users".to_owned()]), []);
    check(
        PG,
        &user("", ""),
        &with,
        &expect![[r#"
        add column users.created_by integer
        add column users.created_on timestamp without time zone NOT NULL
        create index users_created_on_idx on users
        add foreign key users.(created_by) to users"#]],
    );
}

#[test]
fn what_means_nothing_is_told_with_its_place() {
    refused(
        PG,
        &user("", "    #[diesel(embed)]\n    audit: Audit,"),
        &expect![[r#"
        src/models.rs:7: Audit does not say which columns it brings
        hint: derive OpsModel for Audit with #[ops(columns)], or skip the field: #[ops(skip)]"#]],
    );
    let circle = "#[derive(OpsModel)] #[ops(columns)] struct A { #[diesel(embed)] b: B }\n\
                  #[derive(OpsModel)] #[ops(columns)] struct B { #[diesel(embed)] a: A }\n";
    refused(
        PG,
        &(circle.to_owned() + &user("", "    #[diesel(embed)]\n    a: A,")),
        &expect![[r#"
        src/models.rs:2: a cycle of embeds: A -> B -> A
        hint: a struct cannot hold itself: take one of the embeds out"#]],
    );
    let shared = SHARED.to_owned() + &user("#[ops(index(createdon))]", "    #[diesel(embed)]\n    audit: Audit,");
    refused(PG, &shared, &expect!["src/models.rs:12: unknown column `createdon`, did you mean `created_on`?"]);
    refused(
        PG,
        &(SHARED.to_owned() + &user("", "    #[diesel(embed)]\n    audit: Audit,\n    created_on: i32,")),
        &expect!["src/models.rs:8: column `created_on` is stated twice (first at src/models.rs:17)"],
    );
    refused(
        PG,
        &user("", "    mood: Mood,"),
        &expect![[r#"
        src/models.rs:6: users.mood: nothing tells which SQL type Mood is
        hint: write it: #[ops(sql_type = "…")], or declare the column in table!"#]],
    );
    refused(
        SQLITE,
        &user("", "    at: Vec<i32>,"),
        &expect![[r#"
        src/models.rs:6: users.at has the type Array<Integer>, which SQLite has no name for
        hint: write it: #[ops(sql_type = "…")]"#]],
    );
    refused(
        PG,
        &user("", "    #[ops(sql_type = \"int)(\")]\n    a: i32,"),
        &expect!["src/models.rs:6: this SQL does not parse: ) has no partner"],
    );
    refused(
        PG,
        &user("", "    #[ops(default = \"1 +\")]\n    a: i32,"),
        &expect!["src/models.rs:6: users: the SQL does not parse: expected an expression, found COMMA"],
    );
    let fields = "    #[ops(\n        default = 3,\n        check(\"a >\"),\n    )]\n    a: i32,\n    b: i32,";
    refused(
        PG,
        &user("#[ops(comment = \"x\")]", fields),
        &expect!["src/models.rs:8: users: the SQL does not parse: expected an expression, found R_PAREN"],
    );
    refused(
        SQLITE,
        &user("", fields),
        &expect![[r#"src/models.rs:8: users: this does not parse as SQLite: near ")": syntax error"#]],
    );
    refused(
        PG,
        &user("#[ops(\n    comment = \"x\",\n    index(id, where = \"id >\"),\n)]", ""),
        &expect!["src/models.rs:5: users: the SQL does not parse: expected an expression, found SEMICOLON"],
    );
    refused(
        PG,
        &user("#[ops(\n    index(id),\n    index(\"lower(\"),\n)]", ""),
        &expect!["src/models.rs:5: this SQL does not parse: ) is missing"],
    );
    refused(
        PG,
        &user("#[ops(\n    index(id),\n    exclude(\"USING (\"),\n)]", ""),
        &expect!["src/models.rs:5: this SQL does not parse: ) is missing"],
    );
    refused(
        PG,
        &user("", "    #[ops(generated = \"id *\")]\n    a: i32,"),
        &expect!["src/models.rs:6: users: the SQL does not parse: expected an expression, found R_PAREN"],
    );
    refused(
        PG,
        &user("", "    #[ops(references(users.idd))]\n    a: i32,"),
        &expect!["src/models.rs:6: unknown column `idd`, did you mean `id`?"],
    );
    refused(
        PG,
        &(user("", "") + &user("", "")),
        &expect![[r#"
        src/models.rs:11: table users is stated by two structs that derive OpsModel (the other is at src/models.rs:4)
        hint: derive it for the one that has every column, and leave it out of the other"#]],
    );
    refused(
        PG,
        &user("", "    key: i32,").replace("    id: i32,\n", ""),
        &expect![[r#"
        src/models.rs:4: users has no primary key
        hint: say it of a field: #[ops(primary_key)]; a table without one: #[ops(primary_key())]"#]],
    );
}

/// What both said before and now: `None` where nothing contradicts.
fn contradiction(before: (&str, &str), now: (&str, &str)) -> Option<String> {
    let models = |(table, fields): (&str, &str)| {
        let table =
            format!("diesel::table! {{\n    users (id) {{\n        id -> Integer,\n        {table}\n    }}\n}}\n");
        read(PG, &(table + &user("", fields))).unwrap()
    };
    super::contradiction(&models(before), &models(now)).map(|error| error.to_string())
}

#[test]
fn a_table_block_that_was_changed_in_another_way_contradicts() {
    let (text, int) = ("a -> Text,", "a -> Integer,");
    // The struct drives, and table! follows.
    assert_eq!(contradiction((text, "a: String,"), (text, "a: i32,")), None);
    assert_eq!(contradiction((text, "a: String,"), (text, "")), None);
    assert_eq!(contradiction((text, "a: String,"), (int, "a: i32,")), None);
    assert_eq!(contradiction((text, "a: String,"), ("", "")), None);
    for now in [
        (int, "a: String,"),
        ("a -> Nullable<Text>,", "a: i32,"),
        ("", "a: String,"),
        ("a -> Text, b -> Text,", "a: String,"),
    ] {
        let error = contradiction((text, "a: String,"), now);
        assert!(error.is_some(), "{now:?}");
    }
    expect!["src/models.rs:4: users.a is Integer in table! and Text in the struct that states the table (it is at src/models.rs:12)"].assert_eq(&contradiction((text, "a: String,"), (int, "a: String,")).unwrap());
    expect!["src/models.rs:12: table! no longer has users.a, and the struct that states the table does (table! is at src/models.rs:2)"].assert_eq(&contradiction((text, "a: String,"), ("", "a: String,")).unwrap());
    expect![
        "src/models.rs:4: table! has users.b, and the struct that states the table has not (it is at src/models.rs:10)"
    ]
    .assert_eq(&contradiction((text, "a: String,"), ("a -> Text, b -> Text,", "a: String,")).unwrap());
}

/// The attributes of every table of a schema, which say all of it.
fn check_printed(dialect: Dialect, sql: &str, blocks: &str, expected: &Expect) {
    let mut catalog = Catalog::empty(dialect);
    replay::apply(&mut catalog, sql, "up.sql").unwrap();
    let file = "src/schema.rs".to_owned();
    let models = assemble(&[(file.clone(), Rc::new(parse_file(&file, blocks).unwrap()))], &[]).unwrap();
    let structs = crate::models::parse_structs("src/models.rs", blocks);
    let known = super::Known { tables: &models.tables, structs: &structs, module: "crate::schema" };
    let text: Vec<String> = catalog.tables.values().map(|table| super::attributes(table, &catalog, &known)).collect();
    expected.assert_eq(&text.join("\n"));
}

#[test]
fn attributes_describe_a_table_that_is_there() {
    let sql = "CREATE TYPE mood AS ENUM ('sad');
        CREATE TABLE users (id serial PRIMARY KEY, email varchar(200) NOT NULL UNIQUE, pay numeric(12,2) DEFAULT 0,
            mood mood NOT NULL DEFAULT 'sad', twice int GENERATED ALWAYS AS (id * 2) STORED, at timestamptz,
            \"type\" text COLLATE \"C\", CHECK (pay > 0), CHECK (pay > id), CONSTRAINT odd UNIQUE (pay, id) DEFERRABLE);
        CREATE INDEX users_low ON users USING btree (lower(email) DESC) INCLUDE (pay) WHERE pay > 3;
        CREATE INDEX users_pay_idx ON users (pay);
        COMMENT ON COLUMN users.pay IS 'in \"$\"';
        CREATE TABLE posts (user_id int NOT NULL REFERENCES users ON DELETE CASCADE, n bigint NOT NULL, words text[],
            PRIMARY KEY (user_id, n));";
    let blocks = "#[derive(SqlType)] #[diesel(postgres_type(name = \"mood\"))] pub struct Mood;
        table! { use super::Mood; users (id) { id -> Int4, email -> Varchar, pay -> Nullable<Numeric>, mood -> Mood, twice -> Nullable<Int4>,
            at -> Nullable<Timestamptz>, #[sql_name = \"type\"] type_ -> Nullable<Text>, } }
        table! { posts (user_id, n) { user_id -> Int4, n -> Int8, words -> Nullable<Array<Nullable<Text>>>, } }
        #[derive(Queryable)] #[diesel(table_name = users)]
        struct User { id: i32, email: String, at: Option<chrono::DateTime<Utc>>, type_: Option<String> }";
    check_printed(
        PG,
        sql,
        blocks,
        &expect![[r##"
        /// The table `posts`.
        #[expect(dead_code, reason = "it states the table")]
        #[derive(OpsModel)]
        #[diesel(table_name = crate::schema::posts)]
        #[ops(
            column(words),
        )]
        pub struct Posts {
            #[ops(references(users.id, on_delete = cascade))]
            pub user_id: i32,
            pub n: i64,
        }

        // src/models.rs:6: derive OpsModel for User, and add these lines.
        #[derive(…, OpsModel)]
        #[ops(
            column(pay, precision(12, 2), default = 0, comment = r#"in "$""#, index),
            column(mood, default = "'sad'"),
            column(twice, generated = "id * 2"),
            unique(pay, id, name = "odd", deferrable),
            index("lower(email)" desc, name = "users_low", include(pay), where = "pay > 3"),
            check("pay > 0"),
            check("pay > id"),
        )]
        pub struct User {
            #[ops(sequence)]
            pub id: i32,
            #[ops(max_length = 200, unique)]
            pub email: String,
            pub at: Option<chrono::DateTime<Utc>>,
            #[ops(collate = "C")]
            pub type_: Option<String>,
        }
    "##]],
    );
    let sql = "CREATE TABLE users (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, email VARCHAR(200) NOT NULL UNIQUE,
            born DATETIME, pay double DEFAULT (1 + 2), CHECK (pay > 0));
        CREATE TABLE posts (id text PRIMARY KEY, user_id int REFERENCES users (id) ON DELETE CASCADE) WITHOUT ROWID;
        CREATE UNIQUE INDEX one ON posts (user_id COLLATE NOCASE) WHERE user_id > 3;";
    let blocks =
        "table! { users { id -> Integer, email -> Text, born -> Nullable<Timestamp>, pay -> Nullable<Double>, } }
        table! { posts { id -> Text, user_id -> Nullable<Integer>, } }";
    check_printed(
        SQLITE,
        sql,
        blocks,
        &expect![[r#"
        /// The table `posts`.
        #[expect(dead_code, reason = "it states the table")]
        #[derive(OpsModel)]
        #[diesel(table_name = crate::schema::posts)]
        #[ops(
            index(user_id collate "NOCASE", name = "one", unique, where = "user_id > 3"),
            sqlite(without_rowid),
        )]
        pub struct Posts {
            pub id: String,
            #[ops(sql_type = "INT", references(users.id, on_delete = cascade))]
            pub user_id: Option<i32>,
        }

        /// The table `users`.
        #[expect(dead_code, reason = "it states the table")]
        #[derive(OpsModel)]
        #[diesel(table_name = crate::schema::users)]
        #[ops(
            column(born, sql_type = "DATETIME"),
            check("pay > 0"),
        )]
        pub struct Users {
            #[ops(identity)]
            pub id: i32,
            #[ops(max_length = 200, unique)]
            pub email: String,
            #[ops(default = "(1 + 2)")]
            pub pay: Option<f64>,
        }
    "#]],
    );
}

#[test]
fn shared_columns_may_stand_beside_fields_of_their_names() {
    let embedded = SHARED.to_owned() + &user("", "    #[diesel(embed)]\n    audit: Audit,");
    let beside = SHARED.to_owned() + &user("#[ops(shared(Audit))]", "    created_by: Option<i32>,");
    check(PG, &embedded, &beside, &expect![[""]]);
    let twice =
        SHARED.to_owned() + &user("#[ops(shared(Audit))]", "    #[ops(default = 1)]\n    created_by: Option<i32>,");
    refused(PG, &twice, &expect!["src/models.rs:6: column `created_by` is stated twice (first at src/models.rs:16)"]);
}
