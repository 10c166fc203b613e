//! The story of a user, end to end, on PostgreSQL: the sample backend in a git repository of its
//! own, with a database of its own. The same on SQLite is what `cargo xtask demo` plays.

mod postgres_tests {
    use expect_test::expect;
    use ops_migrate::db::Database;
    use ops_migrate::db::scratch::Scratch;
    use ops_migrate::dialect::Dialect;

    use crate::common::{Sandbox, scratch};

    /// The last revision of the sample's chain.
    const LAST: &str = "90cdf114f888";
    const ADD: [&str; 6] = [
        "create",
        "add nick name",
        "--rename",
        "documents.storage_key:object_key",
        "--fill",
        "services_components.description='none'",
    ];

    /// The sample backend with its database, which goes with it.
    struct Backend {
        sandbox: Sandbox,
        scratch: Scratch,
    }

    impl Backend {
        /// The backend as it is, committed; nothing is applied.
        fn new() -> Self {
            let scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
            let sandbox = Sandbox::empty();
            sandbox.git(["init", "--quiet", "--initial-branch=main"]);
            sandbox.copy(&format!("{}/tests/backends/ops/postgres", env!("CARGO_MANIFEST_DIR")));
            let mut backend = Self { sandbox, scratch };
            let url = backend.scratch.database().url().clone();
            // The server trusts local users: there is no password to be hidden.
            backend.sandbox.write(".env", format!("DATABASE_URL={url}\n"));
            backend.sandbox.write(".gitignore", ".env\n/target\n");
            backend.sandbox.commit("the sample");
            backend
        }

        /// The same with the whole chain applied and a row in some tables.
        fn applied() -> Self {
            let mut backend = Self::new();
            let _ = backend.sandbox.run(["upgrade", "--quiet"]).exits(0);
            backend.execute(
                "INSERT INTO users (email) VALUES ('a@example.org');
                 INSERT INTO agreements (kind, name) VALUES ('contract', 'A');
                 INSERT INTO services_components (agreement_id, number) VALUES (1, 1);
                 INSERT INTO documents (agreement_id, name, type, storage_key) VALUES (1, 'd', 'pdf', 'k');
                 INSERT INTO direct_agreements VALUES (1, '17');
                 INSERT INTO procurement_trackers (agreement_id, status) VALUES (1, 'active');",
            );
            backend
        }

        /// Changes the models: a column and a table come, a column is renamed, one becomes NOT NULL.
        fn edit_models(&self) {
            let edit = |from: &str, to: &str| self.sandbox.edit("src/schema.rs", from, to);
            edit(
                "first_name -> Nullable<Text>,",
                "first_name -> Nullable<Text>,\n        nick_name -> Nullable<Text>,",
            );
            edit("storage_key -> Text", "object_key -> Text");
            let models =
                |file: &str, from: &str, to: &str| self.sandbox.edit(&format!("src/models/{file}.rs"), from, to);
            models(
                "people",
                "pub first_name: Option<String>,",
                "pub first_name: Option<String>,\n    pub nick_name: Option<String>,",
            );
            models(
                "agreements",
                "#[ops(unique)]\n    pub storage_key: String,",
                "#[ops(unique(name = \"documents_storage_key_key\"))]\n    pub object_key: String,",
            );
            models(
                "agreements",
                "pub optional: bool,\n    pub description: Option<String>,",
                "pub optional: bool,\n    pub description: String,",
            );
            edit(
                "optional -> Bool,\n        description -> Nullable<Text>",
                "optional -> Bool,\n        description -> Text",
            );
            edit(
                "diesel::joinable!(agreement_history -> agreements (agreement_id));\n",
                "diesel::table! {\n    agreement_notes (id) {\n        id -> Int4,\n        agreement_id -> Int4,\n        body -> Text,\n    }\n}\n\ndiesel::joinable!(agreement_history -> agreements (agreement_id));\ndiesel::joinable!(agreement_notes -> agreements (agreement_id));\n",
            );
        }

        /// With these changes in a committed revision, whose id it gives.
        fn with_revision() -> (Self, String) {
            let backend = Self::applied();
            backend.edit_models();
            let _ = backend.sandbox.run(ADD).exits(0);
            backend.sandbox.commit("nick names");
            let id = backend.sandbox.newest().split('-').nth(4).unwrap()[..12].to_owned();
            (backend, id)
        }

        fn execute(&mut self, sql: &str) {
            self.scratch.database().execute(sql).unwrap();
        }

        /// The text of a query of one column and one row; its column is `row`.
        fn text(&mut self, sql: &str) -> String {
            self.scratch.database().text(sql, &[]).unwrap().unwrap_or_else(|| "NULL".to_owned())
        }

        fn count(&mut self) -> usize {
            self.scratch.database().applied().unwrap().len()
        }

        /// Everything that the server says of the columns, keys, indexes and enums of the database.
        fn structure(&mut self) -> String {
            self.text(
                "SELECT string_agg(line, E'\\n' ORDER BY line) AS row FROM (
                     SELECT format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                         a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line
                     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
                     WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '%ops\\_migrate%'
                     UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                     FROM pg_constraint
                     WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '%ops\\_migrate%'
                     UNION ALL SELECT indexdef FROM pg_indexes
                     WHERE schemaname = 'public' AND tablename NOT LIKE '%ops\\_migrate%'
                     UNION ALL SELECT enumtypid::regtype || ' ' || enumlabel || ' ' || enumsortorder FROM pg_enum
                 ) AS every",
            )
        }
    }

    #[test]
    fn from_the_models_to_a_commit() {
        let backend = Backend::applied();
        let sandbox = &backend.sandbox;
        let _ = sandbox.run(["init"]).exits(0).says(&["revisions are there", "next: cargo ops-migrate hooks install"]);
        let _ = sandbox.run(["hooks", "install"]).exits(0);
        backend.edit_models();
        sandbox.git(["add", "--all"]);
        sandbox.run(["check", "--staged"]).check(expect![[r#"
            exit 1
            --- stderr
            ops-migrate: table agreement_notes added in src/schema.rs:609 has no migration
              + agreement_notes (3 columns)                    src/schema.rs:609
              + documents.object_key Text                      src/models/agreements.rs:286
              - documents.storage_key                          src/models/agreements.rs:275
              + add unique to documents (object_key)           src/models/agreements.rs:285
              ~ make services_components.description NOT NULL  src/models/agreements.rs:195
              and 1 more
            write it:  cargo ops-migrate create "table agreement_notes added" && git add migrations
            skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
        "#]]);
        let asked = sandbox.run(["create", "add nick name"]).exits(2);
        let _ = asked.says(&[
            "if it is a rename: --rename documents.storage_key:object_key; if not: --drop documents.storage_key",
            "--fill services_components.description=EXPR",
        ]);
        sandbox.run(ADD).check(expect![[r#"
            exit 0
            --- stdout
            The models changed:
              + agreement_notes (3 columns)                    src/schema.rs:609
              ~ make services_components.description NOT NULL  src/models/agreements.rs:195
              + users.nick_name Nullable<Text>                 src/models/people.rs:18
            Here is what it does:
              1. rename column documents.storage_key to object_key
              2. rename column documents_version.storage_key to object_key
              3. create table agreement_notes (3 columns)
              4. create table agreement_notes_version (8 columns)
              5. add column users.nick_name text
              6. add column users_version.nick_name text
              7. make services_components.description NOT NULL
              8. create index agreement_notes_version_id_history_at_idx on agreement_notes_version
              9. add foreign key agreement_notes.(agreement_id) to agreements
              10. create function agreement_notes_version_write()
              11. change function documents_version_write()
              12. change function users_version_write()
              13. create trigger agreement_notes_version_insert on agreement_notes
              14. create trigger agreement_notes_version_update on agreement_notes
              15. create trigger agreement_notes_version_delete on agreement_notes
            Wrote migrations/<time>-<id>_add_nick_name/
            Edited src/schema.rs: the tables that may appear in one query
            Proved on PostgreSQL: up, down, up again; 80 tables with rows; the schema is what it should be each time (<took>)
            --- stderr
            next: git add migrations/<time>-<id>_add_nick_name; cargo ops-migrate upgrade
        "#]]);
        let directory = sandbox.newest();
        let files = ["up.sql", "down.sql", "metadata.toml"].map(|file| sandbox.read(&format!("{directory}/{file}")));
        expect![[r#"
            ALTER TABLE documents RENAME COLUMN storage_key TO object_key;

            ALTER TABLE documents_version RENAME COLUMN storage_key TO object_key;

            CREATE TABLE agreement_notes (
                id integer GENERATED BY DEFAULT AS IDENTITY,
                agreement_id integer NOT NULL,
                body text NOT NULL,
                CONSTRAINT agreement_notes_pkey PRIMARY KEY (id)
            );

            CREATE TABLE agreement_notes_version (
                history_id bigint GENERATED BY DEFAULT AS IDENTITY,
                history_operation text NOT NULL,
                history_at timestamp with time zone NOT NULL,
                history_by text,
                history_transaction bigint NOT NULL,
                id integer NOT NULL,
                agreement_id integer,
                body text,
                CONSTRAINT agreement_notes_version_pkey PRIMARY KEY (history_id)
            );

            ALTER TABLE users ADD COLUMN nick_name text;

            ALTER TABLE users_version ADD COLUMN nick_name text;

            UPDATE services_components SET description = 'none' WHERE description IS NULL;

            ALTER TABLE services_components ALTER COLUMN description SET NOT NULL;

            CREATE INDEX agreement_notes_version_id_history_at_idx ON agreement_notes_version (id, history_at);

            ALTER TABLE agreement_notes
                ADD CONSTRAINT agreement_notes_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES agreements (id);

            CREATE FUNCTION agreement_notes_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, agreement_id integer, body text
            BEGIN
              INSERT INTO agreement_notes_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, body)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.agreement_id, changed.body
              FROM changed;
              RETURN NULL;
            END
            $$;

            CREATE OR REPLACE FUNCTION documents_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, agreement_id integer, name text, type text, size_bytes bigint, object_key text, created_by integer, created_on timestamp without time zone
            BEGIN
              INSERT INTO documents_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, name, type, size_bytes, object_key, created_by, created_on)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.agreement_id, changed.name, changed.type, changed.size_bytes, changed.object_key, changed.created_by, changed.created_on
              FROM changed;
              RETURN NULL;
            END
            $$;

            CREATE OR REPLACE FUNCTION users_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, email text, first_name text, last_name text, created_on timestamp without time zone, division_id integer, updated_on timestamp without time zone, status user_status, oidc_id uuid, nick_name text
            BEGIN
              INSERT INTO users_version (history_operation, history_at, history_by, history_transaction, id, email, first_name, last_name, created_on, division_id, updated_on, status, oidc_id, nick_name)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.email, changed.first_name, changed.last_name, changed.created_on, changed.division_id, changed.updated_on, changed.status, changed.oidc_id, changed.nick_name
              FROM changed;
              RETURN NULL;
            END
            $$;

            CREATE TRIGGER agreement_notes_version_insert AFTER INSERT ON agreement_notes
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION agreement_notes_version_write();

            CREATE TRIGGER agreement_notes_version_update AFTER UPDATE ON agreement_notes
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION agreement_notes_version_write();

            CREATE TRIGGER agreement_notes_version_delete AFTER DELETE ON agreement_notes
            REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION agreement_notes_version_write();
            ---
            ALTER TABLE documents RENAME COLUMN object_key TO storage_key;

            ALTER TABLE documents_version RENAME COLUMN object_key TO storage_key;

            DROP TRIGGER agreement_notes_version_insert ON agreement_notes;

            DROP TRIGGER agreement_notes_version_update ON agreement_notes;

            DROP TRIGGER agreement_notes_version_delete ON agreement_notes;

            DROP FUNCTION agreement_notes_version_write();

            ALTER TABLE services_components ALTER COLUMN description DROP NOT NULL;

            CREATE OR REPLACE FUNCTION documents_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, agreement_id integer, name text, type text, size_bytes bigint, storage_key text, created_by integer, created_on timestamp without time zone
            BEGIN
              INSERT INTO documents_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, name, type, size_bytes, storage_key, created_by, created_on)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.agreement_id, changed.name, changed.type, changed.size_bytes, changed.storage_key, changed.created_by, changed.created_on
              FROM changed;
              RETURN NULL;
            END
            $$;

            CREATE OR REPLACE FUNCTION users_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, email text, first_name text, last_name text, created_on timestamp without time zone, division_id integer, updated_on timestamp without time zone, status user_status, oidc_id uuid
            BEGIN
              INSERT INTO users_version (history_operation, history_at, history_by, history_transaction, id, email, first_name, last_name, created_on, division_id, updated_on, status, oidc_id)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.email, changed.first_name, changed.last_name, changed.created_on, changed.division_id, changed.updated_on, changed.status, changed.oidc_id
              FROM changed;
              RETURN NULL;
            END
            $$;

            ALTER TABLE users DROP COLUMN nick_name;

            ALTER TABLE users_version DROP COLUMN nick_name;

            DROP TABLE agreement_notes;

            DROP TABLE agreement_notes_version;
            ---
            run_in_transaction = true

            [ops-migrate]
            revision = "<id>"
            revises = "<id>"
            message = "add nick name"
            created = "<time>"
        "#]]
        .assert_eq(&sandbox.normal(&files.join("---\n")));
        sandbox.run(["review"]).check(expect![[r#"
            exit 0
            --- stdout
            migrations/<time>-<id>_add_nick_name
            Here is what it does:
              1. rename column documents.storage_key to object_key
              2. rename column documents_version.storage_key to object_key
              3. create table agreement_notes (3 columns)
              4. create table agreement_notes_version (8 columns)
              5. add column users.nick_name text
              6. add column users_version.nick_name text
              7. make services_components.description NOT NULL
              8. create index agreement_notes_version_id_history_at_idx on agreement_notes_version
              9. add foreign key agreement_notes.(agreement_id) to agreements
              10. create function agreement_notes_version_write()
              11. change function documents_version_write()
              12. change function users_version_write()
              13. create trigger agreement_notes_version_insert on agreement_notes
              14. create trigger agreement_notes_version_update on agreement_notes
              15. create trigger agreement_notes_version_delete on agreement_notes
              - 1 statement changes rows
            warn OM106 slow-after-exclusive-lock: users is locked against readers while rows of services_components are written
                at migrations/<time>-<id>_add_nick_name/up.sql:28
                28 | UPDATE services_components SET description = 'none' WHERE description IS NULL;
                move the rows in a revision of their own
            warn OM110 set-not-null-scans: every row of services_components is read while nobody else can, to see that description is never NULL
                at migrations/<time>-<id>_add_nick_name/up.sql:30
                30 | ALTER TABLE services_components ALTER COLUMN description SET NOT NULL;
                lock: ACCESS EXCLUSIVE on services_components: blocks reads and writes while every row is read
                a check first, added NOT VALID and validated in the next revision
                  ALTER TABLE services_components ADD CONSTRAINT services_components_description_not_null CHECK (description IS NOT NULL) NOT VALID;
                  -- in the next revision:
                  ALTER TABLE services_components VALIDATE CONSTRAINT services_components_description_not_null;
                  ALTER TABLE services_components ALTER COLUMN description SET NOT NULL;
                  ALTER TABLE services_components DROP CONSTRAINT services_components_description_not_null;
                --fix: read the rows in a revision of their own
            info OM202 rename-breaks-running-code: documents.storage_key becomes documents.object_key: code that runs still asks for storage_key
                at migrations/<time>-<id>_add_nick_name/up.sql:1
                1 | ALTER TABLE documents RENAME COLUMN storage_key TO object_key;
                rename in Rust only, with #[sql_name = "old"] in `table!`; or leave a view of the old name (tables), or add the new column, write both, and drop the old one a release later
        "#]]);
        let forgotten = sandbox.run(["check", "--staged"]).exits(1);
        let _ = forgotten.says(&["it is written, but not staged"]);
        sandbox.git(["add", "--all"]);
        let _ = sandbox.run(["check", "--staged"]).exits(0);
        sandbox.git(["commit", "--quiet", "--no-verify", "--message", "nick names"]);
        sandbox.run(["check"]).check(expect![[r#"
            exit 0
            --- stdout
            Models and revisions agree.
        "#]]);
    }

    #[test]
    fn up_and_what_is_seen_of_it() {
        let (mut backend, id) = Backend::with_revision();
        let sandbox = &backend.sandbox;
        let _ = sandbox.run(["status"]).exits(3).says(&["pending   1\n", "add nick name"]);
        sandbox.run(["upgrade"]).check(expect![[r#"
            exit 0
            --- stdout
            1 revision to apply:
              <id>  add nick name  <time>-<id>_add_nick_name
            applied <time>-<id>_add_nick_name (<took>)
        "#]]);
        let status = sandbox.run(["status"]).exits(0);
        let _ = status.says(&[
            "pending   none",
            "the schema is what its revisions give",
            "models    agree with the revisions",
        ]);
        sandbox.run(["current"]).check(expect![[r#"
            exit 0
            --- stdout
            <id>  add nick name  <time>-<id>_add_nick_name (head)
        "#]]);
        sandbox.run(["heads"]).check(expect![[r#"
            exit 0
            --- stdout
            <id>  add nick name  <time>-<id>_add_nick_name
        "#]]);
        sandbox.run(["history", "-r", "-10:current"]).check(expect![[r#"
            exit 0
            --- stdout
            <id>  add nick name  <time>-<id>_add_nick_name (head, current)
            <id>  keep every version of every row  <time>-<id>_keep_every_version_of_every_row
            <id>  describe finance tables  <time>-<id>_describe_finance_tables
            <id>  create grants  <time>-<id>_create_grants
            <id>  create tags and comments  <time>-<id>_create_tags_and_comments
            <id>  validate budget amounts  <time>-<id>_validate_budget_amounts
            <id>  check budget amounts  <time>-<id>_check_budget_amounts
            <id>  widen budget amounts  <time>-<id>_widen_budget_amounts
            <id>  move portfolio urls into portfolios  <time>-<id>_move_portfolio_urls_into_portfolios
            <id>  create project history  <time>-<id>_create_project_history
            <id>  create portfolio line totals  <time>-<id>_create_portfolio_line_totals
        "#]]);
        let show = sandbox.run(["show", &id]).exits(0);
        let _ = show.says(&["revises  <id>", "rename column documents.storage_key to object_key", "DROP TABLE"]);
        let rows = backend.text("SELECT object_key || ' ' || description AS row FROM documents, services_components");
        assert_eq!(rows, "k none");
    }

    #[test]
    fn back_and_what_that_loses() {
        let (mut backend, id) = Backend::with_revision();
        let before = backend.structure();
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        let after = backend.structure();
        // Without rows nothing is lost.
        let _ = backend.sandbox.run(["rollback"]).exits(0).says_nothing_of(&["loses"]);
        assert_eq!(backend.structure(), before);
        let _ = backend.sandbox.run(["upgrade", "+1"]).exits(0).says(&["1 revision to apply"]);
        assert_eq!(backend.structure(), after);
        backend.execute(
            "UPDATE users SET nick_name = 'n';
             INSERT INTO agreement_notes (agreement_id, body) VALUES (1, 'a'), (1, 'b')",
        );
        backend.sandbox.run(["rollback"]).check(expect![[r#"
            exit 2
            --- stdout
            1 revision to take back:
              <id>  add nick name  <time>-<id>_add_nick_name
            --- stderr
            warning: this loses the values of users.nick_name (1 row)
            warning: this loses the values of users_version.nick_name (1 row)
            warning: this loses the rows of agreement_notes (2 rows)
            warning: this loses the rows of agreement_notes_version (2 rows)
            error: the rollback loses data, and nobody is there to ask
            hint: say so beforehand: --allow-data-loss
        "#]]);
        assert_eq!(backend.structure(), after);
        let _ = backend.sandbox.run(["rollback", "--allow-data-loss"]).exits(0).says(&["agreement_notes (2 rows)"]);
        assert_eq!(backend.structure(), before);
        let _ = backend.sandbox.run(["upgrade", &id]).exits(0);
        let _ = backend.sandbox.run(["rollback", LAST]).exits(0).says(&["1 revision to take back"]);
        assert_eq!(backend.structure(), before);
    }

    #[test]
    fn a_target_far_back() {
        let mut backend = Backend::new();
        let _ = backend.sandbox.run(["upgrade", "f13498624c9b"]).exits(0);
        let there = backend.structure();
        assert_eq!(backend.count(), 30);
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        // Amounts lose their precision on the way, but there are none.
        let _ = backend.sandbox.run(["rollback", "f13498624c9b"]).exits(0).says(&["11 revisions to take back"]);
        assert_eq!(backend.structure(), there);
        assert_eq!(backend.count(), 30);
        let _ = backend.sandbox.run(["upgrade"]).exits(0).says(&["11 revisions to apply"]);
        assert_eq!(backend.count(), 41);
    }

    #[test]
    fn the_script_does_what_upgrade_does() {
        let (mut backend, _) = Backend::with_revision();
        let pending = backend.sandbox.run(["upgrade", "--sql"]).exits(0).stdout;
        backend.execute(&pending);
        assert_eq!(backend.count(), 42);
        let by_script = backend.structure();
        let status = backend.sandbox.run(["status"]).exits(0);
        let _ = status.says(&["pending   none", "the schema is what its revisions give"]);
        let back = backend.sandbox.run(["rollback", "--sql"]).exits(0).stdout;
        backend.execute(&back);
        assert_eq!(backend.count(), 41);
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        assert_eq!(backend.structure(), by_script);
    }

    #[test]
    fn an_enum_comes_and_goes_with_its_column() {
        let backend = Backend::new();
        let (schema, enums) = (backend.sandbox.read("src/schema.rs"), backend.sandbox.read("src/enums.rs"));
        backend.sandbox.edit(
            "src/schema.rs",
            "first_name -> Nullable<Text>,",
            "first_name -> Nullable<Text>,\n        mood -> Nullable<crate::enums::MoodMapping>,",
        );
        let people = backend.sandbox.read("src/models/people.rs");
        backend.sandbox.edit(
            "src/models/people.rs",
            "pub first_name: Option<String>,",
            "pub first_name: Option<String>,\n    pub mood: Option<crate::enums::Mood>,",
        );
        let mood = "#[derive(diesel_derive_enum::DbEnum)]\n#[DbValueStyle = \"UPPERCASE\"]\nenum Mood { Good, Bad }\n";
        backend.sandbox.write("src/enums.rs", format!("{enums}{mood}"));
        let _ = backend.sandbox.run(["create", "moods"]).exits(0).says(&["Proved on PostgreSQL"]);
        backend.sandbox.commit("moods");
        let up = |sandbox: &Sandbox| sandbox.read(&format!("{}/up.sql", sandbox.newest()));
        expect![[r#"
            CREATE TYPE mood AS ENUM ('GOOD', 'BAD');

            ALTER TABLE users ADD COLUMN mood mood;

            ALTER TABLE users_version ADD COLUMN mood mood;

            CREATE OR REPLACE FUNCTION users_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, email text, first_name text, last_name text, created_on timestamp without time zone, division_id integer, updated_on timestamp without time zone, status user_status, oidc_id uuid, mood mood
            BEGIN
              INSERT INTO users_version (history_operation, history_at, history_by, history_transaction, id, email, first_name, last_name, created_on, division_id, updated_on, status, oidc_id, mood)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.email, changed.first_name, changed.last_name, changed.created_on, changed.division_id, changed.updated_on, changed.status, changed.oidc_id, changed.mood
              FROM changed;
              RETURN NULL;
            END
            $$;
        "#]]
        .assert_eq(&up(&backend.sandbox));
        backend.sandbox.write("src/schema.rs", schema);
        backend.sandbox.write("src/models/people.rs", people);
        backend.sandbox.write("src/enums.rs", enums);
        let _ = backend.sandbox.run(["create", "no moods"]).exits(0).says(&["- enum mood", "Proved on PostgreSQL"]);
        expect![[r#"
            CREATE OR REPLACE FUNCTION users_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, email text, first_name text, last_name text, created_on timestamp without time zone, division_id integer, updated_on timestamp without time zone, status user_status, oidc_id uuid
            BEGIN
              INSERT INTO users_version (history_operation, history_at, history_by, history_transaction, id, email, first_name, last_name, created_on, division_id, updated_on, status, oidc_id)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.email, changed.first_name, changed.last_name, changed.created_on, changed.division_id, changed.updated_on, changed.status, changed.oidc_id
              FROM changed;
              RETURN NULL;
            END
            $$;

            -- loses the values of users.mood
            ALTER TABLE users DROP COLUMN mood;

            -- loses the values of users_version.mood
            ALTER TABLE users_version DROP COLUMN mood;

            DROP TYPE mood;
        "#]]
        .assert_eq(&up(&backend.sandbox));
        let _ = backend.sandbox.run(["create", "again"]).exits(0).says(&["No changes"]);
    }

    #[test]
    fn an_enum_grows_and_a_type_changes() {
        let mut backend = Backend::applied();
        let before = backend.structure();
        let mut enums = backend.sandbox.read("src/enums.rs");
        enums.push_str(
            "\n#[derive(diesel_derive_enum::DbEnum)]\n#[db_enum(existing_type_path = \"crate::schema::sql_types::TrackerStatus\")]\npub enum Tracker {\n    Pending,\n    Active,\n    OnHold,\n    Completed,\n    Skipped,\n}\n",
        );
        backend.sandbox.write("src/enums.rs", enums);
        backend.sandbox.edit("src/schema.rs", "payee -> Text", "payee -> Int4");
        backend.sandbox.edit("src/models/agreements.rs", "pub payee: String", "pub payee: i32");
        backend.sandbox.run(["check"]).check(expect![[r#"
            exit 1
            --- stdout
            Models without a revision:
              ~ change type of direct_agreements.payee from text to integer src/models/agreements.rs:128
              + enum tracker_status (pending, active, on_hold, completed, skipped) src/enums.rs:324
            --- stderr
            hint: write it: cargo ops-migrate create "what changed"
        "#]]);
        let create = ["create", "hold trackers", "--using", "direct_agreements.payee=payee::integer"];
        backend.sandbox.run(create).check(expect![[r#"
            exit 0
            --- stdout
            The models changed:
              ~ change type of direct_agreements.payee from text to integer src/models/agreements.rs:128
              + enum tracker_status (pending, active, on_hold, completed, skipped) src/enums.rs:324
            Here is what it does:
              1. add value 'on_hold' to enum tracker_status, before 'completed'
              2. change type of direct_agreements.payee from text to integer
              3. change type of direct_agreements_version.payee from text to integer
              4. change function direct_agreements_version_write()
            Look here:
              - loses what of direct_agreements.payee does not fit integer
              - loses what of direct_agreements_version.payee does not fit integer
              - down removes 'on_hold' (rows get 'active') of enum tracker_status
            Wrote migrations/<time>-<id>_hold_trackers/
            Proved on PostgreSQL: up, down, up again; 80 tables with rows; the schema is what it should be each time (<took>)
            --- stderr
            next: git add migrations/<time>-<id>_hold_trackers; cargo ops-migrate upgrade
        "#]]);
        let directory = backend.sandbox.newest();
        expect![[r#"
            ALTER TYPE tracker_status ADD VALUE 'on_hold' BEFORE 'completed';

            -- loses what of direct_agreements.payee does not fit integer
            ALTER TABLE direct_agreements ALTER COLUMN payee TYPE integer USING payee::integer;

            -- loses what of direct_agreements_version.payee does not fit integer
            ALTER TABLE direct_agreements_version ALTER COLUMN payee TYPE integer USING payee::integer;

            CREATE OR REPLACE FUNCTION direct_agreements_version_write() RETURNS trigger LANGUAGE plpgsql AS $$
            -- id integer, payee integer
            BEGIN
              INSERT INTO direct_agreements_version (history_operation, history_at, history_by, history_transaction, id, payee)
              SELECT lower(tg_op), now(), coalesce(nullif(current_setting('ops.user', true), ''), session_user), txid_current(), changed.id, changed.payee
              FROM changed;
              RETURN NULL;
            END
            $$;
        "#]]
        .assert_eq(&backend.sandbox.read(&format!("{directory}/up.sql")));
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        let _ = backend.sandbox.run(["status"]).says(&["the schema is what its revisions give"]);
        assert_eq!(backend.text("SELECT (payee + 1)::text AS row FROM direct_agreements"), "18");
        let values = backend.text("SELECT enum_range(NULL::tracker_status)::text AS row");
        assert_eq!(values, "{pending,active,on_hold,completed,skipped}");
        backend.execute("UPDATE procurement_trackers SET status = 'on_hold'");
        backend.sandbox.run(["rollback"]).check(expect![[r#"
            exit 2
            --- stdout
            1 revision to take back:
              <id>  hold trackers  <time>-<id>_hold_trackers
                  loses which rows had 'on_hold' of enum tracker_status: they get 'active'
            --- stderr
            warning: this loses 'on_hold' of enum tracker_status (2 rows)
            error: the rollback loses data, and nobody is there to ask
            hint: say so beforehand: --allow-data-loss
        "#]]);
        backend.execute("UPDATE procurement_trackers SET status = 'active'");
        let told = backend.sandbox.run(["rollback"]).exits(2);
        let _ = told.says(&["this loses 'on_hold' of enum tracker_status (1 row)"]);
        // What the history remembers would be lost as well.
        backend.execute("DELETE FROM procurement_trackers_version WHERE status = 'on_hold'");
        // A number has a text, and no row has the value: nothing is lost but what the plan says could be.
        let _ = backend.sandbox.run(["rollback"]).exits(0).says_nothing_of(&["this loses", "payee"]);
        assert_eq!(backend.structure(), before);
        assert_eq!(backend.text("SELECT payee AS row FROM direct_agreements"), "17");
    }

    #[test]
    fn a_database_that_is_ahead() {
        let (mut backend, _) = Backend::with_revision();
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        // Another terminal, on another branch: this work tree lacks what the database has.
        backend.sandbox.git(["checkout", "--quiet", "HEAD~1"]);
        let status = backend.sandbox.run(["status"]).exits(1);
        let _ = status.says(&[
            "pending   none",
            "warning: the database has version",
            "not in this chain (another branch?)",
        ]);
        let _ = backend.sandbox.run(["upgrade"]).exits(0).says(&["Nothing to apply.", "which is not in this chain"]);
        assert_eq!(backend.count(), 42);
        backend.sandbox.git(["checkout", "--quiet", "main"]);
        let _ = backend.sandbox.run(["status"]).exits(0).says(&["pending   none"]);
        let mut other = Database::connect(backend.scratch.database().url()).unwrap();
        assert_eq!(other.applied().unwrap().len(), 42);
    }
}
