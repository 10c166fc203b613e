//! The replay against a server: whatever a script does there, the replay says the same.

mod postgres {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use crate::catalog::Catalog;
    use crate::db::introspect::introspect;
    use crate::db::testing::{empty, postgres};
    use crate::dialect::Dialect;
    use crate::proof::drift;
    use crate::render::generator::cases;
    use crate::replay::postgres::{apply, tests};
    use crate::replay::server_testing::{self, Case, compared};
    use crate::sql::postgres::statements;

    /// What the replay may be unsure of everything for.
    const OPAQUE: [&str; 2] = ["DO block", "CREATE SCHEMA"];

    fn check_all(cases: &[Case]) {
        server_testing::check_all(postgres(), cases, &OPAQUE);
    }

    #[test]
    fn tables_are_what_the_server_makes() {
        check_all(tests::TABLES);
    }

    #[test]
    fn altered_tables_are_what_the_server_makes() {
        check_all(tests::ALTER);
    }

    #[test]
    fn indexes_are_what_the_server_makes() {
        check_all(tests::INDEXES);
    }

    #[test]
    fn types_are_what_the_server_makes() {
        check_all(tests::TYPES);
    }

    #[test]
    fn views_functions_and_triggers_are_what_the_server_makes() {
        check_all(tests::OBJECTS);
    }

    #[test]
    fn what_is_not_followed_is_doubted() {
        check_all(tests::OPAQUE);
    }

    /// The sample's own migrations, up and down.
    #[test]
    fn the_sample_is_what_the_server_makes() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/backends/ops/postgres/migrations");
        let mut directories: Vec<_> = fs_err::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
        // As Diesel orders them: by the version, without its dashes.
        directories.sort_by_key(|path| {
            path.file_name().map(|n| n.to_string_lossy().split('_').next().unwrap_or_default().replace('-', ""))
        });
        let mut scratch = postgres();
        let mut catalog = Catalog::empty(Dialect::Postgres);
        let mut step = |directory: &std::path::Path, file: &str| {
            let sql = fs_err::read_to_string(directory.join(file)).unwrap();
            let place = directory.join(file).display().to_string();
            for statement in statements(&sql) {
                scratch.database().execute(statement.text).unwrap_or_else(|error| panic!("{place}: {error:?}"));
            }
            apply(&mut catalog, &sql, file).unwrap();
            assert_eq!(catalog.uncertain, [], "{place}");
            assert_eq!(drift(&catalog, &introspect(scratch.database()).unwrap()).join("\n"), "", "{place}");
        };
        directories.iter().for_each(|directory| step(directory, "up.sql"));
        directories.iter().rev().for_each(|directory| step(directory, "down.sql"));
    }

    /// The statements that keep queries, with what stands for a query's text on the server.
    const QUERIES: &str = "SELECT string_agg(text, E'\\n' ORDER BY text) AS row FROM (
        SELECT c.relname || ': ' || pg_get_viewdef(c.oid) AS text FROM pg_class c
            WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT polname || ': ' || pg_get_expr(polqual, polrelid) FROM pg_policy
        UNION ALL SELECT proname || ': ' || pg_get_functiondef(oid) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND prosqlbody IS NOT NULL) t";

    /// Renames on the server, and the same schema made anew from the replayed texts: the queries
    /// mean the same.
    #[test]
    fn queries_follow_renames_as_on_the_server() {
        let start =
            "CREATE TABLE t (id int PRIMARY KEY, a int, b text); CREATE TABLE u (id int PRIMARY KEY, x int, t int);
            CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql RETURN $1 + 1;";
        let made = [
            "CREATE VIEW v AS SELECT a, b, a::bigint AS d, t.a AS c, count(*) OVER (ORDER BY a) FROM t WHERE a > 0 ORDER BY a",
            "CREATE VIEW v AS SELECT a::text FROM t ORDER BY a",
            "CREATE VIEW v AS SELECT n.a AS x, upper(b) FROM t AS n JOIN u ON u.t = n.a GROUP BY n.a, b",
            "CREATE VIEW v AS WITH c AS (SELECT a FROM t) SELECT a FROM c UNION SELECT x FROM u ORDER BY a",
            "CREATE MATERIALIZED VIEW v AS SELECT b FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = a)",
            "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT v.a FROM v WHERE a > 1",
            "CREATE VIEW v AS SELECT CASE WHEN a > 0 THEN 1 ELSE a END FROM t",
            "CREATE POLICY p ON u USING (id IN (SELECT a FROM t WHERE t.id = u.x))",
            "CREATE POLICY p ON t USING (a > 0 AND EXISTS (SELECT 1 FROM u WHERE u.x = a))",
            "CREATE FUNCTION g() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT sum(a) FROM t; END",
            "CREATE VIEW v AS SELECT f(a) FROM t; CREATE INDEX i ON t (f(a)); ALTER TABLE t ADD CHECK (f(a) > 0)",
            "CREATE VIEW v AS SELECT t FROM u",
        ];
        let renames = [
            "ALTER TABLE t RENAME a TO y",
            "ALTER TABLE t RENAME a TO x",
            "ALTER TABLE t RENAME TO n; ALTER TABLE u RENAME TO \"Us\"",
            "ALTER TABLE t RENAME a TO y; ALTER TABLE t RENAME y TO a",
            "ALTER FUNCTION f RENAME TO h",
        ];
        let mut scratch = postgres();
        let mut texts = |sql: &str| {
            let server = scratch.database();
            empty(server);
            server.execute(sql).unwrap_or_else(|error| panic!("{sql}\n{error:?}"));
            let catalog = introspect(server).unwrap();
            (server.text(QUERIES, &[]).unwrap().unwrap_or_default(), catalog)
        };
        for (made, rename) in made.iter().flat_map(|made| renames.iter().map(move |rename| (made, rename))) {
            let sql = format!("{start} {made}; {rename};");
            let mut catalog = Catalog::empty(Dialect::Postgres);
            apply(&mut catalog, &sql, "up.sql").unwrap();
            assert_eq!(catalog.uncertain, [], "{sql}");
            let (expected, server) = texts(&sql);
            // The server prints a policy's subquery its own way; its text is compared below.
            let drift: Vec<_> =
                drift(&catalog, &server).into_iter().filter(|line| !line.starts_with("policy")).collect();
            assert_eq!(drift.join("\n"), "", "{sql}");
            let again = crate::render::schema_sql(&catalog);
            assert_eq!(texts(&again).0, expected, "{sql}\n== again\n{again}");
        }
    }

    #[test]
    fn queries_that_cannot_follow_are_doubted() {
        for made in ["SELECT * FROM t", "SELECT n.id FROM t n NATURAL JOIN u", "SELECT t.id FROM t JOIN z USING (a)"] {
            let sql = format!(
                "CREATE TABLE t (id int, a int); CREATE TABLE u (id int); CREATE TABLE z (a int); CREATE VIEW v AS {made}; ALTER TABLE t RENAME a TO y;"
            );
            let mut catalog = Catalog::empty(Dialect::Postgres);
            apply(&mut catalog, &sql, "up.sql").unwrap();
            assert!(catalog.doubt(&crate::catalog::Name::new("v")).is_some(), "{made}");
        }
    }

    fn any(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
        prop::sample::select(texts)
    }

    fn table() -> impl Strategy<Value = &'static str> {
        any(&["t", "u", "v", "\"W w\""])
    }

    fn column() -> impl Strategy<Value = &'static str> {
        any(&["a", "b", "c", "id", "\"X y\""])
    }

    /// A column definition behind its name.
    fn definition() -> impl Strategy<Value = &'static str> {
        any(&[
            "int",
            "text NOT NULL",
            "varchar(20) DEFAULT 'x' UNIQUE",
            "serial",
            "int GENERATED BY DEFAULT AS IDENTITY",
            "int PRIMARY KEY",
            "numeric(5,2) DEFAULT 0 CHECK (true)",
            "mood DEFAULT 'ok'",
            "int REFERENCES t",
            "timestamptz NOT NULL DEFAULT now()",
            "text[] DEFAULT '{}'",
        ])
    }

    fn condition() -> impl Strategy<Value = &'static str> {
        any(&[
            "a > 0",
            "a IN (1, 2) OR b IS NULL",
            "length(b) BETWEEN 1 AND 9",
            "c <> id",
            "\"X y\" LIKE 'x%'",
            "a IS NOT NULL",
        ])
    }

    fn table_action() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => (column(), definition()).prop_map(|(c, d)| format!("ADD COLUMN {c} {d}")),
            2 => (column(), any(&["", " CASCADE"])).prop_map(|(c, how)| format!("DROP COLUMN IF EXISTS {c}{how}")),
            2 => (column(), any(&["bigint", "text", "varchar(9)"])).prop_map(|(c, ty)| format!("ALTER {c} TYPE {ty} USING {c}::{ty}")),
            2 => (column(), any(&["SET NOT NULL", "DROP NOT NULL", "SET DEFAULT 7", "DROP DEFAULT", "DROP IDENTITY IF EXISTS"]))
                .prop_map(|(c, what)| format!("ALTER COLUMN {c} {what}")),
            1 => condition().prop_map(|condition| format!("ADD CHECK ({condition})")),
            1 => (column(), column()).prop_map(|(a, b)| format!("ADD UNIQUE ({a}, {b})")),
            1 => column().prop_map(|c| format!("ADD PRIMARY KEY ({c})")),
            1 => (column(), table(), any(&["", " ON DELETE CASCADE", " DEFERRABLE", " NOT VALID"]))
                .prop_map(|(c, t, more)| format!("ADD FOREIGN KEY ({c}) REFERENCES {t}{more}")),
            1 => any(&["t_pkey", "u_pkey", "t_a_key", "t_check", "u_a_check", "t_a_fkey"])
                .prop_map(|name| format!("DROP CONSTRAINT IF EXISTS {name} CASCADE")),
        ]
    }

    fn statement() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => (table(), definition(), definition(), any(&["", ", CHECK (a > b)", ", UNIQUE (b, a)", ", PRIMARY KEY (b)"]))
                .prop_map(|(t, a, b, more)| format!("CREATE TABLE {t} (a {a}, b {b}{more})")),
            8 => (table(), prop::collection::vec(table_action(), 1..3)).prop_map(|(t, actions)| format!("ALTER TABLE {t} {}", actions.join(", "))),
            2 => (table(), column(), column()).prop_map(|(t, a, b)| format!("ALTER TABLE {t} RENAME {a} TO {b}")),
            1 => (table(), table()).prop_map(|(a, b)| format!("ALTER TABLE {a} RENAME TO {b}")),
            1 => (table(), any(&["", " CASCADE"])).prop_map(|(t, how)| format!("DROP TABLE IF EXISTS {t}{how}")),
            3 => (any(&["", "UNIQUE "]), table(), column(), any(&["", " DESC", " NULLS FIRST"]), condition()).prop_map(
                |(unique, t, c, order, condition)| format!("CREATE {unique}INDEX ON {t} ({c}{order}, (a IS NULL)) WHERE {condition}")
            ),
            1 => any(&["t_a_expr_idx", "u_a_expr_idx", "t_pkey"]).prop_map(|name| format!("ALTER INDEX IF EXISTS {name} RENAME TO renamed")),
            1 => (table(), column()).prop_map(|(t, c)| format!("CREATE VIEW w AS SELECT {c} FROM {t}")),
            1 => Just("DROP VIEW IF EXISTS w".to_owned()),
            1 => (table(), column()).prop_map(|(t, c)| format!("COMMENT ON COLUMN {t}.{c} IS 'note'")),
            1 => Just("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'meh' BEFORE 'ok'".to_owned()),
            1 => Just("ALTER TYPE mood RENAME TO temper".to_owned()),
        ]
    }

    const START: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE TABLE t (a int, b text, c int, id serial PRIMARY KEY);
        CREATE TABLE u (a int REFERENCES t, b text UNIQUE, c mood, \"X y\" varchar(9), CHECK (a > length(b)));";

    #[test]
    fn any_statements_that_the_server_takes_are_followed() {
        let scratch = std::cell::RefCell::new(postgres());
        let statements = prop::collection::vec(statement(), 4..24);
        let outcome = TestRunner::new(cases(64, 400)).run(&statements, |statements| {
            let mut scratch = scratch.borrow_mut();
            let server = scratch.database();
            empty(server);
            let mut taken = format!("{START}\n");
            server.execute(&taken).unwrap();
            for statement in statements {
                if server.execute(&statement).is_ok() {
                    taken.push_str(&statement);
                    taken.push_str(";\n");
                }
            }
            prop_assert_eq!(compared(server, &taken, &OPAQUE), "", "\n{}", taken);
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}
