//! Rendered scripts on a server: from a schema with rows to another, back, and there again, each
//! time compared with a database that was made the straight way.

mod postgres {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use crate::catalog::{Catalog, Expr, Name};
    use crate::db::Database;
    use crate::db::introspect::introspect;
    use crate::db::scratch::Scratch;
    use crate::db::seed::seed;
    use crate::db::testing::{empty, postgres};
    use crate::dialect::Dialect;
    use crate::diff::Answers;
    use crate::proof::difference;
    use crate::render::generator::{Tape, cases, pair};
    use crate::render::{Ways, parts, schema_sql, script};
    use crate::replay;

    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::new(postgres());
    }

    fn replayed(sql: &str) -> Catalog {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        replay::apply(&mut catalog, sql, "up.sql").unwrap();
        assert_eq!(catalog.uncertain, [], "{sql}");
        catalog
    }

    fn run(db: &mut Database, what: &str, sql: &str) {
        db.execute(sql).unwrap_or_else(|error| panic!("{what}: {error:?}\n{sql}"));
    }

    /// What the server has after a script on an empty database.
    fn made_by(db: &mut Database, sql: &str) -> Catalog {
        empty(db);
        run(db, "the schema", sql);
        introspect(db).unwrap()
    }

    fn check_with(a: &str, b: &str, answers: &Answers) {
        check_rows(a, b, answers, true);
    }

    /// The way there, back and there again, with rows or without.
    fn check_rows(a: &str, b: &str, answers: &Answers, rows: bool) {
        let script = script(&replayed(a), &replayed(b), answers).unwrap();
        SCRATCH.with_borrow_mut(|scratch| {
            let db = scratch.database();
            let there = made_by(db, b);
            let here = made_by(db, a);
            if rows {
                seed(db, &here).unwrap();
            }
            for (what, sql, expected) in
                [("up", &script.up, &there), ("down", &script.down, &here), ("up again", &script.up, &there)]
            {
                run(db, what, sql);
                let found = difference(expected, &introspect(db).unwrap());
                assert!(found.is_empty(), "{}\n== {what}\n{sql}\n== from\n{a}\n== to\n{b}", found.join("\n"));
            }
        });
    }

    /// The way in parts, each from the schema that the one before left, and back by each.
    fn check_parts(a: &str, b: &str, answers: &Answers, rows: bool) {
        let ways = Ways { concurrently: true, in_steps: true };
        let parts = parts(&replayed(a), &replayed(b), answers, ways).unwrap();
        SCRATCH.with_borrow_mut(|scratch| {
            let db = scratch.database();
            let there = made_by(db, b);
            let mut before = vec![made_by(db, a)];
            if rows {
                seed(db, &before[0]).unwrap();
            }
            for part in &parts {
                run(db, &part.title, &part.script.up);
                before.push(introspect(db).unwrap());
            }
            assert_eq!(difference(&there, before.last().unwrap()), Vec::<String>::new(), "{a}\n== to\n{b}");
            for (part, before) in parts.iter().zip(&before).rev() {
                run(db, &part.title, &part.script.down);
                let found = difference(before, &introspect(db).unwrap());
                assert!(found.is_empty(), "{}\n== {}\n{a}\n== to\n{b}", found.join("\n"), part.title);
            }
        });
    }

    /// Both ways round.
    fn check(a: &str, b: &str) {
        check_with(a, b, &Answers::default());
        check_with(b, a, &Answers::default());
    }

    /// `table.column = expression` for values of rows that are there.
    fn fills(list: &[(&str, &str, &str)]) -> Answers {
        let fill =
            |(table, column, sql): &(&str, &str, &str)| ((Name::new(*table), (*column).to_owned()), Expr::new(*sql));
        Answers { fills: list.iter().map(fill).collect(), ..Answers::default() }
    }

    const USERS: &str =
        "CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, age int, nick varchar(20) DEFAULT 'x');";

    fn with(more: &str) -> String {
        format!("{USERS} {more}")
    }

    /// The users with other columns behind the id.
    fn users(columns: &str) -> String {
        format!("CREATE TABLE users (id serial PRIMARY KEY, {columns});")
    }

    #[test]
    fn tables_come_and_go() {
        check(
            USERS,
            &with(
                "CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 7) PRIMARY KEY, author int NOT NULL REFERENCES users ON DELETE CASCADE, parent bigint REFERENCES posts, \"order\" int UNIQUE CHECK (\"order\" > 0)); CREATE INDEX posts_author ON posts (author DESC) WHERE author > 0; COMMENT ON TABLE posts IS 'it''s'; COMMENT ON COLUMN posts.author IS 'who';",
            ),
        );
        check(
            "SELECT 1",
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (a mood DEFAULT 'ok', b mood[], PRIMARY KEY (a)); CREATE TABLE u (a mood REFERENCES t DEFERRABLE INITIALLY DEFERRED);",
        );
        check(
            "SELECT 1",
            "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;",
        );
    }

    #[test]
    fn columns_come_and_go() {
        let more = users(
            "email text NOT NULL, age int, nick varchar(20) DEFAULT 'x', bio text, score numeric(5,2) NOT NULL DEFAULT 0, tags text[] DEFAULT '{}', twice int GENERATED ALWAYS AS (age * 2) STORED, no int GENERATED BY DEFAULT AS IDENTITY, counter serial, \"Odd name\" timestamptz(3) DEFAULT now()",
        );
        check(USERS, &more);
        let token = users(
            "email text NOT NULL, age int, nick varchar(20) DEFAULT 'x', token uuid NOT NULL, code int NOT NULL DEFAULT 5",
        );
        let answers = fills(&[("users", "token", "gen_random_uuid()"), ("users", "code", "id")]);
        check_with(USERS, &token, &answers);
    }

    #[test]
    fn columns_change_their_type() {
        check(
            &users("a int, b varchar(10) DEFAULT 'x', c timestamp"),
            &users("a bigint, b text DEFAULT 'x', c timestamptz"),
        );
        check(&users("a text DEFAULT '5', b int[]"), &users("a integer DEFAULT 5, b bigint[]"));
        check(
            &users("a int CHECK (a > 0), b int UNIQUE, c int"),
            &users("a bigint CHECK (a > 0), b numeric UNIQUE, c real"),
        );
        let mut answers = Answers::default();
        answers.using.insert((Name::new("users"), "a".to_owned()), Expr::new("length(a)"));
        check_with(&users("a text"), &users("a integer"), &answers);
        check_with(
            "CREATE TYPE mood AS ENUM ('sad', 'x'); CREATE TABLE t (a text DEFAULT 'x' CHECK (a = 'x'))",
            "CREATE TYPE mood AS ENUM ('sad', 'x'); CREATE TABLE t (a mood DEFAULT 'x')",
            &Answers::default(),
        );
    }

    #[test]
    fn columns_change_null_default_generation_and_collation() {
        check_with(
            &users("a text, b int"),
            &users("a text NOT NULL, b int NOT NULL DEFAULT 7"),
            &fills(&[("users", "a", "'none'"), ("users", "b", "0")]),
        );
        check(
            &users("a text DEFAULT 'x', b int DEFAULT 1, c boolean DEFAULT false"),
            &users("a text DEFAULT 'y', b int, c boolean DEFAULT true"),
        );
        check_with(
            &users("a int NOT NULL, b int GENERATED ALWAYS AS IDENTITY"),
            &users("a int GENERATED BY DEFAULT AS IDENTITY, b int NOT NULL"),
            &Answers::default(),
        );
        check(&users("a int GENERATED ALWAYS AS IDENTITY"), &users("a int GENERATED BY DEFAULT AS IDENTITY"));
        check("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE t (id serial PRIMARY KEY)");
        check(
            "CREATE TABLE t (id serial PRIMARY KEY)",
            "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)",
        );
        check(
            &users("a int, b int GENERATED ALWAYS AS (a + 1) STORED UNIQUE"),
            &users("a int, b int GENERATED ALWAYS AS (a + 2) STORED UNIQUE"),
        );
        check(&users("a int, b int GENERATED ALWAYS AS (a + 1) STORED"), &users("a int, b int"));
        check(&users("a text"), &users("a text COLLATE \"C\""));
    }

    #[test]
    fn keys_and_constraints_come_and_go() {
        check(
            "CREATE TABLE t (a int NOT NULL, b int NOT NULL)",
            "CREATE TABLE t (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b))",
        );
        check(
            "CREATE TABLE t (a int NOT NULL PRIMARY KEY, b int NOT NULL)",
            "CREATE TABLE t (a int NOT NULL, b int NOT NULL PRIMARY KEY)",
        );
        check(USERS, &with("ALTER TABLE users ADD UNIQUE (email), ADD CONSTRAINT pair UNIQUE NULLS NOT DISTINCT (nick, age) DEFERRABLE;").replace(" DEFERRABLE", ""));
        check(USERS, &with("ALTER TABLE users ADD UNIQUE (email) DEFERRABLE INITIALLY DEFERRED;"));
        check(
            USERS,
            &with(
                "ALTER TABLE users ADD CHECK (age > 0 AND age < 200), ADD CONSTRAINT odd CHECK (nick IN ('x', 'y') OR nick IS NULL) NOT VALID;",
            ),
        );
        check(
            &with("ALTER TABLE users ADD CONSTRAINT c CHECK (age <> -5);"),
            &with("ALTER TABLE users ADD CONSTRAINT c CHECK (age <> -6);"),
        );
        check(USERS, &with("ALTER TABLE users ADD EXCLUDE USING btree (email WITH =) WHERE (age > 0);"));
        let posts = "CREATE TABLE posts (id serial PRIMARY KEY, author int);";
        check(&with(posts), &with(&posts.replace("author int", "author int REFERENCES users ON DELETE SET NULL")));
        check(
            &with(&posts.replace("author int", "author int REFERENCES users")),
            &with(
                &posts.replace(
                    "author int",
                    "author int REFERENCES users ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE",
                ),
            ),
        );
        check(
            &with(posts),
            &with(&format!("{posts} ALTER TABLE posts ADD FOREIGN KEY (author) REFERENCES users NOT VALID;")),
        );
    }

    #[test]
    fn indexes_come_and_go() {
        check(
            USERS,
            &with(
                "CREATE INDEX ON users (age DESC NULLS LAST, email); CREATE UNIQUE INDEX u ON users (lower(email)) WHERE age > 0; CREATE INDEX i ON users USING hash (nick); CREATE INDEX j ON users (nick text_pattern_ops) INCLUDE (age) WITH (fillfactor = 70);",
            ),
        );
        check(&with("CREATE INDEX i ON users (age);"), &with("CREATE UNIQUE INDEX i ON users (age);"));
        check(&with("CREATE INDEX i ON users (age, nick);"), &with("CREATE INDEX i ON users (nick, age);"));
    }

    #[test]
    fn enums_gain_lose_and_move_values() {
        let with = |values: &str, default: &str| {
            format!(
                "CREATE TYPE mood AS ENUM ({values}); CREATE TABLE t (id serial PRIMARY KEY, a mood {default}, b mood[]); CREATE INDEX t_sad ON t (id) WHERE a = 'sad';"
            )
        };
        check(&with("'sad', 'ok'", "DEFAULT 'ok'"), &with("'sad', 'meh', 'ok', 'fine'", "DEFAULT 'ok'"));
        let fine = with("'sad', 'ok', 'fine'", "NOT NULL DEFAULT 'fine'");
        check_with(&with("'sad', 'ok'", "DEFAULT 'ok'"), &fine, &fills(&[("t", "a", "'sad'")]));
        check(&with("'sad', 'ok'", "CHECK (a <> 'ok')"), &with("'sad', 'ok', 'fine'", "CHECK (a <> 'fine')"));
        check(
            "CREATE TYPE mood AS ENUM ('a')",
            "CREATE TYPE size AS ENUM ('a', 'b'); COMMENT ON TYPE size IS 'how big'",
        );
    }

    #[test]
    fn comments_on_parts_come_go_and_stay() {
        let schema = |ty: &str, more: &str| {
            format!(
                "CREATE DOMAIN d AS int; COMMENT ON DOMAIN d IS 'd'; CREATE FUNCTION f({ty}) RETURNS {ty} LANGUAGE sql AS 'SELECT $1'; COMMENT ON FUNCTION f IS 'f';
                 CREATE TABLE t (id int CONSTRAINT pk PRIMARY KEY, a {ty} CONSTRAINT c CHECK (a > 7)); CREATE INDEX i ON t (id) WHERE a > 1;
                 COMMENT ON CONSTRAINT c ON t IS 'c'; COMMENT ON CONSTRAINT pk ON t IS 'pk'; COMMENT ON INDEX i IS 'i'; {more}"
            )
        };
        check(
            &schema("int", ""),
            &schema(
                "int",
                "COMMENT ON DOMAIN d IS NULL; COMMENT ON INDEX i IS 'other'; CREATE SEQUENCE s; COMMENT ON SEQUENCE s IS 's';",
            ),
        );
        // What is made anew for a new type has its comment again.
        check_rows(&schema("int", ""), &schema("double precision", ""), &Answers::default(), false);
        check(
            &schema("int", ""),
            &schema("int", "ALTER INDEX i RENAME TO j; ALTER TABLE t RENAME CONSTRAINT c TO cc;"),
        );
    }

    /// An interrupted CREATE INDEX CONCURRENTLY leaves an index that no query uses.
    #[test]
    fn an_invalid_index_is_a_difference_and_built_again() {
        let schema = "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a);";
        SCRATCH.with_borrow_mut(|scratch| {
            let db = scratch.database();
            let good = made_by(db, schema);
            run(db, "rows", "DROP INDEX i; INSERT INTO t VALUES (1, 1), (2, 1);");
            assert!(db.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)").is_err());
            let broken = introspect(db).unwrap();
            assert_eq!(difference(&good, &broken), ["index i of t is `INVALID unique (a)` and was `(a)`"]);
            let script = script(&broken, &good, &Answers::default()).unwrap();
            assert_eq!(script.operations[0].describe(), "drop invalid index i of t");
            run(db, "repair", &script.up);
            assert_eq!(difference(&good, &introspect(db).unwrap()), Vec::<String>::new());
        });
    }

    #[test]
    fn partitions_come_go_and_are_attached() {
        let whole = "CREATE TABLE logs (at date NOT NULL, id int NOT NULL, PRIMARY KEY (at, id)) PARTITION BY RANGE (at); CREATE INDEX logs_id ON logs (id);";
        let with = |more: &str| format!("{whole} {more}");
        let part = "CREATE TABLE a_1 PARTITION OF logs (CONSTRAINT own CHECK (id > -9)) FOR VALUES FROM ('1970-01-01') TO ('2100-01-01');";
        check_rows(whole, &with(part), &Answers::default(), false);
        check_rows(&with(part), whole, &Answers::default(), false);
        check_rows(
            "SELECT 1",
            &with(&format!("{part} CREATE TABLE b_1 PARTITION OF logs DEFAULT;")),
            &Answers::default(),
            false,
        );
        // A change of the whole table reaches its partitions by itself.
        let wider = with(part).replace("id int NOT NULL", "id bigint NOT NULL, note text");
        check_rows(&with(part), &wider, &Answers::default(), false);
        let alone = with("CREATE TABLE a_1 (at date NOT NULL, id int NOT NULL);");
        let attached =
            format!("{alone} ALTER TABLE logs ATTACH PARTITION a_1 FOR VALUES FROM ('1970-01-01') TO ('2100-01-01');");
        let script = script(&replayed(&alone), &replayed(&attached), &Answers::default()).unwrap();
        assert_eq!(script.operations[0].describe(), "attach partition a_1 to logs");
        SCRATCH.with_borrow_mut(|scratch| {
            let db = scratch.database();
            let there = made_by(db, &attached);
            made_by(db, &alone);
            run(db, "up", &script.up);
            assert_eq!(difference(&there, &introspect(db).unwrap()), Vec::<String>::new());
            run(db, "down", &script.down);
            assert_eq!(introspect(db).unwrap().tables[&Name::new("a_1")].options.partition_of, None);
        });
        let other = whole.replace("RANGE (at)", "LIST (at)");
        let error = crate::render::script(&replayed(whole), &replayed(&other), &Answers::default()).unwrap_err();
        assert!(
            error.to_string().starts_with("the partition key of logs changes from RANGE (at) to LIST (at)"),
            "{error}"
        );
    }

    #[test]
    fn comments_change() {
        check(USERS, &with("COMMENT ON TABLE users IS 'people'; COMMENT ON COLUMN users.email IS 'where';"));
        check(&with("COMMENT ON TABLE users IS 'a';"), &with("COMMENT ON TABLE users IS 'b''s';"));
    }

    #[test]
    fn renames_keep_what_depends() {
        let mut answers = Answers::default();
        answers.renames.tables.insert(Name::new("users"), Name::new("people"));
        answers.fills.insert((Name::new("people"), "Nick name".to_owned()), Expr::new("'none'"));
        answers.renames.columns.insert((Name::new("people"), "nick".to_owned()), "Nick name".to_owned());
        check_with(
            "CREATE TABLE users (id int CONSTRAINT pk PRIMARY KEY, nick text CONSTRAINT ck CHECK (nick <> ''), email text);
             CREATE INDEX i ON users (lower(nick)) WHERE nick IS NOT NULL;
             CREATE TABLE posts (author int CONSTRAINT fk REFERENCES users);",
            "CREATE TABLE people (id int CONSTRAINT pk PRIMARY KEY, \"Nick name\" varchar(9) NOT NULL CONSTRAINT ck CHECK (\"Nick name\" <> ''), bio text);
             CREATE INDEX i ON people (lower(\"Nick name\")) WHERE \"Nick name\" IS NOT NULL;
             CREATE TABLE posts (author int CONSTRAINT fk REFERENCES people ON DELETE CASCADE);",
            &answers,
        );
    }

    #[test]
    fn a_column_is_renamed_and_changed_under_a_view() {
        let mut answers = Answers::default();
        answers.renames.columns.insert((Name::new("users"), "years".to_owned()), "age".to_owned());
        let schema = |column: &str, ty: &str, results: &str| {
            format!(
                "CREATE TABLE users (id serial PRIMARY KEY, {column} {ty}, email text, CHECK ({column} > 0));
                 CREATE INDEX i ON users (id) WHERE {column} > 7;
                 CREATE VIEW v AS SELECT id, {results}, u.{column} + 1 AS next FROM users u WHERE {column} > 1;
                 CREATE MATERIALIZED VIEW m AS SELECT years FROM v; CREATE INDEX m_i ON m (years);
                 CREATE POLICY p ON users USING ({column} > 3);"
            )
        };
        check_with(&schema("years", "int", "years"), &schema("age", "bigint", "age AS years"), &answers);
        check_with(&schema("years", "int", "years"), &schema("age", "int", "age AS years"), &answers);
    }

    #[test]
    fn a_view_of_everything_is_not_remade_by_a_guess() {
        let mut answers = Answers::default();
        answers.renames.columns.insert((Name::new("t"), "a".to_owned()), "b".to_owned());
        let schema = |column: &str, ty: &str| {
            format!("CREATE TABLE t (id int, {column} {ty}); CREATE VIEW v AS SELECT * FROM t;")
        };
        let error = script(&replayed(&schema("a", "int")), &replayed(&schema("b", "bigint")), &answers).unwrap_err();
        assert!(error.to_string().starts_with("view v has to be dropped and made again"), "{error}");
    }

    #[test]
    fn views_and_triggers_step_aside() {
        let view = "CREATE VIEW v AS SELECT id, age FROM users; CREATE MATERIALIZED VIEW m AS SELECT age FROM v; CREATE INDEX m_i ON m (age);";
        check(&with(view), &format!("{} {view}", USERS.replace("age int", "age bigint")));
        let function = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";
        check(
            &with(function),
            &with(&format!(
                "{function} CREATE TRIGGER x BEFORE UPDATE OF email ON users FOR EACH ROW EXECUTE FUNCTION f();"
            )),
        );
    }

    #[test]
    fn objects_come_go_and_change() {
        let with = |sql: &str| format!("{USERS} {sql}");
        check(
            USERS,
            &with(
                "CREATE VIEW v AS SELECT id FROM users; CREATE VIEW w AS SELECT id FROM v; COMMENT ON VIEW w IS 'x';",
            ),
        );
        check(
            &with("CREATE VIEW v AS SELECT id, age FROM users; CREATE VIEW w AS SELECT id FROM v;"),
            &with("CREATE VIEW v AS SELECT id FROM users WHERE age > 1; CREATE VIEW w AS SELECT id FROM v;"),
        );
        let matview = "CREATE MATERIALIZED VIEW m AS SELECT id, age FROM users;";
        check(
            &with(matview),
            &with(&format!("{matview} CREATE UNIQUE INDEX m_id ON m (id); COMMENT ON MATERIALIZED VIEW m IS 'x';")),
        );
        let function = |result: &str, body: &str| {
            format!("CREATE FUNCTION f(a integer) RETURNS {result} LANGUAGE sql AS '{body}';")
        };
        check(&function("integer", "SELECT 1"), &function("integer", "SELECT a"));
        check(&function("integer", "SELECT 1"), &function("bigint", "SELECT 1::bigint"));
        check(
            "SELECT 1",
            "CREATE SCHEMA app; CREATE EXTENSION citext; CREATE TABLE app.t (id int PRIMARY KEY, a citext);",
        );
        check(
            "CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (id int PRIMARY KEY, a d DEFAULT 3);",
            "CREATE DOMAIN d AS bigint DEFAULT 5 CHECK (VALUE > -1); CREATE TABLE t (id int PRIMARY KEY, a d DEFAULT 3);",
        );
        check("CREATE DOMAIN d AS int;", "CREATE DOMAIN d AS int DEFAULT 5 CONSTRAINT c CHECK (VALUE > 1);");
        check("CREATE SEQUENCE s;", "CREATE SEQUENCE s INCREMENT BY -2 START WITH -5 CACHE 4 CYCLE;");
        check(
            "CREATE SEQUENCE s AS smallint MINVALUE 4;",
            "CREATE SEQUENCE r; CREATE TABLE t (id int DEFAULT nextval('r')); ALTER SEQUENCE r START 9;",
        );
    }

    #[test]
    fn parts_get_other_names_and_are_validated() {
        let table = |name: &str, valid: &str| {
            format!(
                "CREATE TABLE a (id int CONSTRAINT {name}_pk PRIMARY KEY, b int CONSTRAINT {name}_uq UNIQUE);
                 CREATE TABLE t (id int, b int); CREATE INDEX {name}_ix ON t (b);
                 ALTER TABLE t ADD CONSTRAINT {name}_ck CHECK (b > 0){valid}, ADD CONSTRAINT {name}_fk FOREIGN KEY (b) REFERENCES a{valid};"
            )
        };
        check(&table("old", ""), &table("new", ""));
        check(&table("one", " NOT VALID"), &table("one", ""));
        check(&table("old", ""), &table("new", " NOT VALID"));
    }

    #[test]
    fn row_security_comes_goes_and_changes() {
        let with = |sql: &str| format!("{USERS} {sql}");
        let policy =
            "CREATE POLICY own ON users AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (age > 1) WITH CHECK (nick <> 'y');";
        check(
            USERS,
            &with(&format!("ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; {policy}")),
        );
        check(&with(policy), &with("CREATE POLICY own ON users USING (age > 2);"));
        check(&with(policy), &format!("{} {policy}", USERS.replace("age int", "age bigint")));
    }

    #[test]
    fn what_uses_a_column_steps_aside() {
        let function = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";
        let with = |ty: &str, value: &str| {
            format!(
                "{function} CREATE TABLE t (id int PRIMARY KEY, a {ty} UNIQUE DEFAULT {value}, b boolean GENERATED ALWAYS AS (a = {value}) STORED UNIQUE,
                    CONSTRAINT c CHECK (a <> {value} OR b));
                 COMMENT ON COLUMN t.b IS 'x'; CREATE INDEX i ON t (id) WHERE a > {value}; CREATE INDEX j ON t (b) WHERE b;
                 CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (NEW.a <> {value}) EXECUTE FUNCTION f();
                 CREATE TABLE u (a {ty} REFERENCES t (a)); CREATE VIEW v AS SELECT a, b FROM t;"
            )
        };
        check_rows(&with("int", "7"), &with("text", "'7'"), &Answers::default(), false);
        check_rows(&with("text", "'7'"), &with("int", "7"), &Answers::default(), false);
        check(&with("int", "7"), &with("bigint", "7"));
        let enums = |values: &str, value: &str| format!("CREATE TYPE mood AS ENUM ({values}); {}", with("mood", value));
        check_rows(&enums("'sad', 'ok', 'meh'", "'ok'"), &enums("'ok', 'sad'", "'ok'"), &Answers::default(), false);
        check_rows(&with("int", "7"), "SELECT 1", &Answers::default(), false);
    }

    /// The way back takes the rows along that have a value which goes: nearest before, or as said.
    #[test]
    fn rows_with_a_new_value_find_the_way_back() {
        let schema = |values: &str| {
            format!(
                "CREATE TYPE mood AS ENUM ({values}); CREATE TABLE t (id int PRIMARY KEY, a mood NOT NULL DEFAULT 'ok', b mood[]);"
            )
        };
        let (few, many) = (schema("'sad', 'ok'"), schema("'low', 'sad', 'ok', 'glad', 'fine'"));
        let back_values = [((Name::new("mood"), "fine".to_owned()), "sad".to_owned())].into();
        let answers = Answers { back_values, ..Answers::default() };
        let script = script(&replayed(&few), &replayed(&many), &answers).unwrap();
        SCRATCH.with_borrow_mut(|scratch| {
            let db = scratch.database();
            let before = made_by(db, &few);
            run(db, "up", &script.up);
            run(db, "rows", "INSERT INTO t VALUES (1, 'ok', '{ok,glad}'), (2, 'glad', NULL), (3, 'fine', '{fine,low}'), (4, 'low', '{}');");
            run(db, "down", &script.down);
            assert_eq!(difference(&before, &introspect(db).unwrap()), Vec::<String>::new());
            let rows = "SELECT string_agg(id || ' ' || a || ' ' || coalesce(b::text, '-'), ', ' ORDER BY id) AS row FROM t";
            assert_eq!(db.text(rows, &[]).unwrap().as_deref(), Some("1 ok {ok,ok}, 2 ok -, 3 sad {sad,sad}, 4 sad {}"));
        });
        assert_eq!(script.lossy_down.len(), 3);
        assert!(script.down.contains("-- loses which rows had 'fine' of enum mood: they get 'sad'"), "{}", script.down);
    }

    #[test]
    fn enums_and_values_keep_their_rows() {
        let with = |ty: &str, values: &str, value: &str| {
            format!(
                "CREATE TYPE {ty} AS ENUM ({values}); CREATE TABLE t (id serial PRIMARY KEY, a {ty} DEFAULT '{value}' CHECK (a <> '{value}' OR a = '{value}'), b {ty}[]);"
            )
        };
        let mut answers = Answers::default();
        answers.renames.enums.insert(Name::new("mood"), Name::new("feeling"));
        answers.renames.values.insert((Name::new("feeling"), "ok".to_owned()), "fine".to_owned());
        check_with(&with("mood", "'sad', 'ok'", "ok"), &with("feeling", "'sad', 'fine', 'glad'", "fine"), &answers);
        let mut answers = Answers::default();
        for gone in ["meh", "low"] {
            answers.values.insert((Name::new("mood"), gone.to_owned()), "sad".to_owned());
        }
        check_with(&with("mood", "'meh', 'low', 'sad'", "sad"), &with("mood", "'sad', 'ok'", "sad"), &answers);
    }

    #[test]
    fn parts_keep_their_rows() {
        let with = |values: &str, columns: &str, index: &str| {
            format!(
                "CREATE TYPE mood AS ENUM ({values}); CREATE TABLE t (id serial PRIMARY KEY, {columns}); CREATE INDEX i ON t ({index});"
            )
        };
        let fills = fills(&[("t", "a", "'ok'"), ("t", "b", "'{ok}'"), ("t", "c", "'meh'"), ("t", "n", "id * 2")]);
        check_parts(
            &with("'sad', 'ok'", "a mood, b mood[]", "a"),
            &with(
                "'sad', 'meh', 'ok'",
                "a mood NOT NULL, b mood[] NOT NULL, c mood NOT NULL, n bigint NOT NULL",
                "b, n",
            ),
            &fills,
            true,
        );
    }

    #[test]
    fn other_schemas() {
        check(
            "CREATE SCHEMA app",
            "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('a'); CREATE TABLE app.t (id serial PRIMARY KEY, a app.mood, b int REFERENCES app.t)",
        );
    }

    proptest! {
        #![proptest_config(cases(24, 60))]

        /// Any two schemas, in parts.
        #[test]
        fn any_change_can_be_made_in_parts((a, b) in pair()) {
            let sql = |tape: &Tape| schema_sql(&tape.replayed(Dialect::Postgres));
            check_parts(&sql(&a), &sql(&b), &Answers::default(), false);
        }
    }

    /// A whole schema as SQL makes that schema.
    #[test]
    fn a_schema_as_sql_is_that_schema() {
        let scripts = [
            with("CREATE VIEW v AS SELECT id FROM users; CREATE VIEW a AS SELECT id FROM v; COMMENT ON VIEW a IS 'x';"),
            "CREATE EXTENSION citext; CREATE SCHEMA app; CREATE SEQUENCE app.s AS integer START WITH 5; CREATE DOMAIN d AS int NOT NULL DEFAULT 5 CHECK (VALUE > 0); CREATE TYPE mood AS ENUM ('a'); CREATE TABLE app.t (id serial PRIMARY KEY, a d, b mood DEFAULT 'a', c citext, e int DEFAULT nextval('app.s'), f bigserial, CHECK (e > f) NOT VALID)".to_owned().replace(" NOT VALID", ""),
            "CREATE TABLE t (id serial); ALTER TABLE t RENAME TO u".to_owned(),
            "CREATE TABLE t (a int, b date NOT NULL) PARTITION BY RANGE (b); CREATE UNLOGGED TABLE u (a int UNIQUE, EXCLUDE USING btree (a WITH =))".to_owned(),
            "CREATE TABLE u (a int); CREATE FUNCTION g() RETURNS SETOF int LANGUAGE sql AS 'SELECT a FROM u'; CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE TABLE t (a int CHECK (f(a) > 0), b int GENERATED ALWAYS AS (f(a)) STORED); CREATE INDEX i ON t (f(a))".to_owned(),
        ];
        for sql in scripts {
            let again = schema_sql(&replayed(&sql));
            SCRATCH.with_borrow_mut(|scratch| {
                let db = scratch.database();
                let expected = made_by(db, &sql);
                let found = difference(&expected, &made_by(db, &again));
                assert!(found.is_empty(), "{sql}\n==\n{again}\n{}", found.join("\n"));
            });
        }
    }
}
