//! Faults that public backends shipped, each cut down to what makes it one, and near misses that are
//! none: what the default rules say of them.

use expect_test::{Expect, expect};

use super::testing::{findings, line};
use super::{Example, Severity};
use crate::dialect::Dialect::{self, Mysql, Postgres, Sqlite};

/// `CODE file:line text` of what the rules say that are on by default, locks left out.
fn check(example: Example, dialect: Dialect, expected: Expect) {
    let on = |rule: &super::Rule| rule.severity > Severity::Info && !rule.code.starts_with("OM1");
    let found = findings(&example, dialect, &on);
    let lines: Vec<String> = found.iter().map(|f| format!("{} {}", f.code, line(f))).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_semicolon_is_missing_in_down() {
    let example = Example::new("ALTER TABLE d DROP COLUMN id;", &[])
        .on("CREATE TABLE d (id integer, day date);")
        .down("ALTER TABLE d ADD COLUMN id integer\nALTER TABLE d ADD PRIMARY KEY (id);");
    check(
        example,
        Postgres,
        expect![[r#"
        OM006 down.sql:1 the SQL does not parse: missing comma
        OM003 1 drop column d.id: loses the values of d.id"#]],
    );
    let rebuild = Example::new("DROP TABLE b;", &[])
        .on("CREATE TABLE a (x integer); CREATE TABLE b (x integer);")
        .down("CREATE TABLE b (x integer)\nINSERT INTO b SELECT x FROM a;");
    check(
        rebuild,
        Sqlite,
        expect![[r#"
        OM006 down.sql:2 this does not parse as SQLite: near "INSERT": syntax error
        OM003 1 drop table b: loses the rows of b"#]],
    );
}

#[test]
fn down_makes_indexes_concurrently_in_a_transaction() {
    let example = Example::new("ALTER TABLE crates DROP COLUMN n;", &[])
        .on("CREATE TABLE crates (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0); CREATE INDEX by_n ON crates (n);")
        .down("ALTER TABLE crates ADD COLUMN n integer NOT NULL DEFAULT 0;\nCREATE INDEX CONCURRENTLY by_n ON crates (n);");
    check(
        example,
        Postgres,
        expect![[r#"
        OM701 down.sql:2 CREATE INDEX CONCURRENTLY is refused: Diesel runs down.sql in a transaction
        OM003 1 drop column crates.n: loses the values of crates.n"#]],
    );
}

#[test]
fn down_drops_an_index_as_a_constraint() {
    let example = Example::new("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS v_num ON v (num);", &[])
        .on("CREATE TABLE v (id integer PRIMARY KEY, num text);")
        .down("ALTER TABLE v DROP CONSTRAINT v_num;")
        .no_transaction();
    check(
        example,
        Postgres,
        expect!["OM601 down.sql:1 down.sql does not run: v_num is an index of v, not a constraint"],
    );
}

#[test]
fn down_forgets_a_function_and_its_trigger() {
    let example =
        Example::new("DROP TRIGGER t ON v;\nDROP FUNCTION f();", &[]).on("CREATE TABLE v (id integer PRIMARY KEY);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER t BEFORE INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();");
    check(
        example,
        Postgres,
        expect![
            "OM006 down.sql down.sql does not restore the schema; missing: create function f(); create trigger t on v"
        ],
    );
}

#[test]
fn down_forgets_a_foreign_key() {
    let example = Example::new("ALTER TABLE authors DROP COLUMN user_id;", &[])
        .on("CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE authors (id integer PRIMARY KEY, user_id integer REFERENCES users (id));")
        .down("ALTER TABLE authors ADD COLUMN user_id integer;");
    check(
        example,
        Postgres,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: add foreign key authors.(user_id) to users
        OM003 1 drop column authors.user_id: loses the values of authors.user_id"#]],
    );
}

#[test]
fn down_forgets_an_index() {
    let example = Example::new("ALTER TABLE v DROP COLUMN sem;", &[])
        .on("CREATE TABLE v (id integer PRIMARY KEY, sem integer); CREATE INDEX v_sem ON v (id, sem);")
        .down("ALTER TABLE v ADD COLUMN sem integer;");
    check(
        example,
        Postgres,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: create index v_sem on v
        OM003 1 drop column v.sem: loses the values of v.sem"#]],
    );
}

#[test]
fn down_leaves_an_extension() {
    let example = Example::new("CREATE EXTENSION pgcrypto;", &[]);
    check(
        example,
        Postgres,
        expect!["OM006 down.sql down.sql does not restore the schema; missing: drop extension pgcrypto"],
    );
}

#[test]
fn down_gives_a_default_that_was_none() {
    let example = Example::new("ALTER TABLE users DROP COLUMN token;", &[])
        .on("CREATE TABLE users (id integer PRIMARY KEY, token varchar NOT NULL);")
        .down("ALTER TABLE users ADD COLUMN token varchar NOT NULL DEFAULT '';");
    check(
        example,
        Postgres,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: drop default of users.token
        OM003 1 drop column users.token: loses the values of users.token"#]],
    );
}

#[test]
fn down_leaves_a_check() {
    let example = Example::new("ALTER TABLE v ADD CONSTRAINT c CHECK (sum IS NOT NULL) NOT VALID;", &[])
        .on("CREATE TABLE v (id integer PRIMARY KEY, sum text);");
    check(
        example,
        Postgres,
        expect!["OM006 down.sql down.sql does not restore the schema; missing: drop check of v: sum IS NOT NULL"],
    );
}

#[test]
fn a_comment_that_comes_back_is_no_fault() {
    let comment = "COMMENT ON COLUMN u.name IS 'as shown';";
    let before = format!("CREATE TABLE u (id integer PRIMARY KEY, name text, last text); {comment}");
    let down = format!("ALTER TABLE u ADD COLUMN name text;\n{comment}");
    let example = Example::new("ALTER TABLE u DROP COLUMN name;", &[]).on(before.leak()).down(down.leak());
    check(example, Postgres, expect!["OM003 1 drop column u.name: loses the values of u.name"]);
}

#[test]
fn down_makes_only_a_part_again() {
    let example = Example::new("DROP VIEW v;\nDROP VIEW w;\nDROP TABLE fast;", &[])
        .on("CREATE TABLE t (id integer PRIMARY KEY); CREATE TABLE fast (id integer PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT id FROM fast;")
        .down("CREATE VIEW v AS SELECT id FROM t;");
    check(
        example,
        Postgres,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: create table fast (1 column); create view w
        OM003 3 drop table fast: loses the rows of fast"#]],
    );
}

#[test]
fn down_forgets_that_a_column_was_unique() {
    let before = "CREATE TABLE m (id integer PRIMARY KEY, url text NOT NULL UNIQUE);";
    let down = "ALTER TABLE m ADD COLUMN url text NOT NULL DEFAULT '';\nALTER TABLE m ALTER COLUMN url DROP DEFAULT;";
    check(
        Example::new("ALTER TABLE m DROP COLUMN url;", &[]).on(before).down(down),
        Postgres,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: add unique to m (url)
        OM003 1 drop column m.url: loses the values of m.url"#]],
    );
    let rebuild = "CREATE TABLE m2 (id integer PRIMARY KEY);
INSERT INTO m2 SELECT id FROM m;
DROP TABLE m;
ALTER TABLE m2 RENAME TO m;";
    let back = "CREATE TABLE m2 (id integer PRIMARY KEY, url text NOT NULL);
INSERT INTO m2 SELECT id, '' FROM m;
DROP TABLE m;
ALTER TABLE m2 RENAME TO m;";
    check(
        Example::new(rebuild, &[]).on(before).down(back),
        Sqlite,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: add unique to m (url)
        OM003 up.sql drop column m.url: loses the values of m.url"#]],
    );
}

#[test]
fn down_is_blank() {
    let up = "ALTER TABLE users ADD COLUMN deleted_at timestamp;";
    for dialect in [Postgres, Sqlite, Mysql] {
        check(
            Example::new(up, &[]).down(""),
            dialect,
            expect!["OM005 down.sql down.sql is empty: Diesel refuses to run it"],
        );
    }
}

#[test]
fn down_drops_the_parent_first() {
    let example = Example::new(
        "CREATE TABLE g (id integer PRIMARY KEY);\nCREATE TABLE gu (g_id integer REFERENCES g (id), PRIMARY KEY (g_id));",
        &[],
    )
    .down("DROP TABLE g;\nDROP TABLE gu;");
    check(
        example,
        Postgres,
        expect!["OM601 down.sql:1 down.sql does not run: drops table g, which gu references, without CASCADE"],
    );
}

#[test]
fn down_names_a_column_otherwise() {
    let example = Example::new("DROP TABLE answers;", &[])
        .on("CREATE TABLE answers (id integer PRIMARY KEY, published_at timestamptz);")
        .down("CREATE TABLE answers (id integer PRIMARY KEY, published timestamptz);");
    check(
        example,
        Postgres,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: add column answers.published_at timestamp with time zone; drop column answers.published
        OM003 1 drop table answers: loses the rows of answers"#]],
    );
}

#[test]
fn a_rename_is_written_as_drop_and_add() {
    let example = Example::new("ALTER TABLE post ADD COLUMN embed_video_url text, DROP COLUMN embed_html;", &[])
        .on("CREATE TABLE post (id integer PRIMARY KEY, embed_html text);")
        .down("ALTER TABLE post ADD COLUMN embed_html text, DROP COLUMN embed_video_url;");
    check(
        example,
        Postgres,
        expect![
            "OM004 1 post.embed_html is dropped and embed_video_url added with the same type: was it renamed? Its values are lost"
        ],
    );
}

#[test]
fn a_rebuild_empties_what_references_the_table() {
    let example = Example::new(
        "CREATE TABLE users2 (id integer PRIMARY KEY, role integer NOT NULL DEFAULT 2);
INSERT INTO users2 (id) SELECT id FROM users;
DROP TABLE users;
ALTER TABLE users2 RENAME TO users;",
        &[],
    )
    .on("CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE tokens (id integer PRIMARY KEY, user_id integer REFERENCES users (id) ON DELETE CASCADE);")
    .down(
        "CREATE TABLE users2 (id integer PRIMARY KEY);
INSERT INTO users2 SELECT id FROM users;
DROP TABLE users;
ALTER TABLE users2 RENAME TO users;",
    );
    check(
        example,
        Sqlite,
        expect!["OM007 3 rebuilding users inside of a transaction deletes or changes rows of tokens"],
    );
}

#[test]
fn a_table_is_renamed_before_it_is_rebuilt() {
    let example = Example::new(
        "ALTER TABLE ciphers RENAME TO old;
CREATE TABLE ciphers (id integer PRIMARY KEY, user_id integer);
INSERT INTO ciphers SELECT id, user_id FROM old;
DROP TABLE old;",
        &[],
    )
    .on("CREATE TABLE ciphers (id integer PRIMARY KEY, user_id integer NOT NULL);
CREATE TABLE attachments (id integer PRIMARY KEY, cipher_id integer REFERENCES ciphers (id));")
    .down("");
    check(
        example,
        Sqlite,
        expect![[r#"
        OM501 4 attachments (cipher_id) references old, which is gone
        OM005 down.sql down.sql is empty: Diesel refuses to run it"#]],
    );
}

#[test]
fn a_key_in_the_columns_own_clause() {
    let example = Example::new(
        "CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users (id));",
        &[],
    )
    .down("DROP TABLE posts;");
    check(
        example,
        Mysql,
        expect![
            "OM403 1 posts (user_id) references users in the column's own clause: MySQL before 9.0 makes no key of it"
        ],
    );
}

/// A way back that makes a table with an old name of a column and renames it then: where the chain has
/// renamed it before, nothing is lost (pg_dump says the same); where it has not, the column stays renamed.
#[test]
fn down_renames_a_column_again() {
    let example = |column: &str| {
        let before =
            format!("CREATE TABLE captcha (id uuid PRIMARY KEY, {column} timestamptz NOT NULL DEFAULT now());");
        Example::new("DROP TABLE captcha;", &[]).on(before.leak()).down(
            "CREATE TABLE captcha (id uuid PRIMARY KEY, published timestamptz NOT NULL DEFAULT now());
ALTER TABLE captcha RENAME COLUMN published TO published_at;",
        )
    };
    check(example("published_at"), Postgres, expect!["OM003 1 drop table captcha: loses the rows of captcha"]);
    check(
        example("published"),
        Postgres,
        expect![[r#"
        OM006 down.sql down.sql does not restore the schema; missing: add column captcha.published timestamp with time zone NOT NULL; drop column captcha.published_at
        OM003 1 drop table captcha: loses the rows of captcha"#]],
    );
}
