//! A clean project has no findings: expressions that the server stores in another form than they were
//! written are no difference, for the sample backend and for a large one whose structs use what
//! Alembic's comparison does not see (parts of indexes, checks, generation, sequences, defaults,
//! exclusions, timing).

use std::fmt::Write as _;

use crate::common::Sandbox;
use crate::runner::Backend;

/// What the large backend has.
const TABLES: usize = 136;
const COLUMNS: usize = 1_483;
const INDEXES: usize = 412;
const FOREIGN_KEYS: usize = 216;

/// Keys and types of columns whose names are `c0` to `c9`, for PostgreSQL.
const FIELDS: [(&str, &str); 10] = [
    ("default = 7, check(\"c0 BETWEEN 1 AND 99\")", "i32"),
    ("default = \"now()\"", "chrono::DateTime<Utc>"),
    ("default = \"CURRENT_TIMESTAMP\"", "chrono::NaiveDateTime"),
    ("max_length = 40, default = \"'it''s'\", collate = \"C\", comment = \"it's\"", "String"),
    ("precision(12, 2), default = 0, check(\"c4 >= 0 AND c4 < 1000000\", name = \"c4_is_small_{t}\")", "BigDecimal"),
    ("generated = \"upper(c3) || '!'\"", "String"),
    ("default = \"'{}'\"", "serde_json::Value"),
    ("default = \"ARRAY[]::text[]\"", "Vec<String>"),
    ("default = \"gen_random_uuid()\"", "uuid::Uuid"),
    ("default = true", "bool"),
];

/// Indexes, each of which says something else; `{t}` is the table's number.
const KINDS: [&str; 12] = [
    "index(c1 desc)",
    "index(\"lower(c3)\", c0, unique, name = \"i_lower_{t}\", where = \"c0 > 0 AND c2 IS NOT NULL\")",
    "index(c3 class \"text_pattern_ops\", include(c0), name = \"i_pattern_{t}\")",
    "index(c6, method = \"gin\")",
    "index(c2 nulls_first, c1 desc nulls_last, name = \"i_order_{t}\")",
    "index(c8, method = \"hash\")",
    "index(\"coalesce(c4, 0)\", where = \"c3 IN ('a', 'b')\")",
    "index(\"date_trunc('day', c2)\", name = \"i_day_{t}\")",
    "index(c3 collate \"POSIX\", where = \"c3 LIKE 'a%' OR c4 BETWEEN 1 AND 5\", name = \"i_like_{t}\")",
    "index(c7, method = \"gin\", with = \"fastupdate=off\")",
    "index(\"(c6 ->> 'name')\", name = \"i_json_{t}\")",
    "index(c0, with = \"fillfactor=70\", name = \"i_fill_{t}\")",
];

/// What else a table says, in turn.
const PARTS: [&str; 5] = [
    "unique(c0, c1, deferrable)",
    "unique(c8, name = \"u_{t}\", initially_deferred)",
    "check(\"c3 <> '' OR NOT (c0 = 3)\", name = \"k_{t}\")",
    "exclude(\"USING btree (c8 WITH =) WHERE (c0 > 3)\", name = \"x_{t}\")",
    "comment = \"What is kept in {t}\"",
];

/// How a table numbers its rows, in turn.
const NUMBERS: [&str; 4] =
    ["identity", "identity(always, start = 500)", "sequence", "sequence(start = 1000, cache = 5)"];

/// The structs of the large backend; counts what they state.
fn large() -> String {
    let mut text = "use ops_migrate_derive::OpsModel;\n".to_owned();
    let (mut columns, mut indexes, mut keys) = (0, 0, 0);
    for table in 0..TABLES {
        let wanted = INDEXES * (table + 1) / TABLES - indexes;
        let own: Vec<&str> = (0..wanted).map(|at| KINDS[(table + at * 5) % KINDS.len()]).collect();
        indexes += wanted;
        let keys_of_table = [own.join(", "), PARTS[table % PARTS.len()].to_owned()].join(",\n    ");
        let mut fields = format!("    #[ops({})]\n    pub id: i32,\n", NUMBERS[table % NUMBERS.len()]);
        columns += 1;
        for (at, (keys_of, ty)) in FIELDS.iter().enumerate().take(if table < 123 { 10 } else { 9 }) {
            columns += 1;
            // References take the places of what nothing else names.
            let is_key = table > 0 && at >= 8 - usize::from(table % 2 == 0) && keys < FOREIGN_KEYS;
            let is_used = keys_of_table.contains(&format!("c{at}"));
            if is_key && !is_used {
                keys += 1;
                let action = ["cascade", "set_null", "restrict"][table % 3];
                let parent = (table * 7 + at) % table;
                let _ = writeln!(
                    fields,
                    "    #[ops(references(t{parent}.id, on_delete = {action}))]\n    pub c{at}: Option<i32>,"
                );
            } else {
                let _ = writeln!(fields, "    #[ops({keys_of})]\n    pub c{at}: {ty},");
            }
        }
        let of_table = format!("#[ops(\n    {keys_of_table}\n)]");
        let one = format!(
            "\n#[derive(OpsModel)]\n#[diesel(table_name = crate::schema::t{table})]\n{of_table}\npub struct T{table} {{\n{fields}}}\n"
        );
        text += &one.replace("{t}", &format!("t{table}"));
    }
    assert_eq!((columns, indexes, keys), (COLUMNS, INDEXES, FOREIGN_KEYS));
    text
}

/// Nothing is found, neither without a database nor in it.
fn has_no_findings(sandbox: &Sandbox, url: &str) {
    let _ = sandbox.run(["check"]).exits(0);
    let _ = sandbox.run(["check", "--all"]).exits(0).says(&["Models and revisions agree."]);
    let _ = sandbox.run(["create", "nothing", "--all", "--dry-run"]).exits(0).says(&["No changes"]);
    let _ = sandbox.run(["status", "--verify"]).exits(0).says(&["objects as recorded, 0 not\n"]);
    let _ = sandbox.run(["repair"]).exits(0).says(&["Nothing to repair"]);
    for (from, to) in [("head", "models"), ("models", url), (url, "head")] {
        let _ = sandbox.run(["diff", "--from", from, "--to", to]).exits(0).says(&["No differences."]);
    }
}

#[test]
fn the_sample_on_sqlite() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "--quiet", "--initial-branch=main"]);
    sandbox.copy(&format!("{}/tests/backends/ops/sqlite", env!("CARGO_MANIFEST_DIR")));
    sandbox.write(".env", "DATABASE_URL=app.db\n");
    sandbox.commit("the sample");
    let _ = sandbox.run(["upgrade", "--quiet"]).exits(0);
    has_no_findings(&sandbox, &format!("sqlite://{}", sandbox.path("app.db").display()));
}

mod postgres_tests {
    use super::*;

    #[test]
    fn the_sample() {
        let backend = Backend::postgres();
        let sandbox = &backend.sandbox;
        for file in ["src/schema.rs", "src/lib.rs", "Cargo.toml"] {
            fs_err::remove_file(sandbox.path(file)).unwrap();
        }
        sandbox.copy(&format!("{}/tests/backends/ops/postgres", env!("CARGO_MANIFEST_DIR")));
        sandbox.commit("the sample");
        let _ = sandbox.run(["upgrade", "--quiet"]).exits(0);
        has_no_findings(sandbox, &backend.url.to_string());
    }

    #[test]
    fn a_hundred_and_thirty_six_tables() {
        let backend = Backend::postgres();
        let sandbox = &backend.sandbox;
        sandbox.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
        sandbox.write("src/schema.rs", "");
        sandbox.write("src/lib.rs", "pub mod models;\npub mod schema;\n");
        sandbox.write("src/models.rs", large());
        let _ = sandbox.run(["create", "all of it", "--no-proof", "--yes"]).exits(0);
        sandbox.commit("all of it");
        let _ = sandbox.run(["upgrade", "--quiet"]).exits(0);
        has_no_findings(sandbox, &backend.url.to_string());
        let _ = sandbox.run(["rollback", "--yes", "--quiet"]).exits(0);
        let left = backend.database().text(
            "SELECT count(*)::text AS row FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relname NOT LIKE '\\_\\_%'",
            &[],
        );
        assert_eq!(left.unwrap().as_deref(), Some("0"));
    }
}
