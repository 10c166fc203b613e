//! What the migrations of a real backend did over two years, case by case: models before, models
//! after, and what `create` makes of it. Each case is held to the whole course on the real engine:
//! the first revision applied, rows put in, the second created (and proved by `create` itself), then
//! up, down and up again in the database with these rows; afterwards models, chain and database
//! agree. Engines without the feature are left out of a case.

mod columns;
mod enums;
mod heads;
mod indexes;
#[cfg(feature = "mysql")]
mod mariadb;
mod repair;
mod rows;
mod tables;

use expect_test::Expect;
use ops_migrate::dialect::Dialect;

use crate::runner::Backend;

/// The models before and after a change, and what else the case needs.
#[derive(Default)]
pub(crate) struct Case<'a> {
    pub(crate) before: String,
    /// SQL that fills the tables of before.
    pub(crate) rows: &'a str,
    pub(crate) after: String,
    /// The tables whose `table!` goes with their struct.
    pub(crate) gone: Vec<String>,
    /// What answers the questions of `create`.
    pub(crate) flags: &'a [&'a str],
}

/// A backend behind its change.
pub(crate) struct Done {
    pub(crate) backend: Backend,
    /// How many revisions the first models needed.
    first: usize,
}

/// A struct that states a table; the fields one a line, their type behind the colon.
pub(crate) fn model(table: &str, on_struct: &str, fields: &str) -> String {
    let keys = if on_struct.is_empty() { String::new() } else { format!("#[ops({on_struct})]\n") };
    let name = table[..1].to_uppercase() + &table[1..];
    let fields: String = fields.lines().map(|line| format!("    {}\n", line.trim())).collect();
    format!(
        "\n#[derive(OpsModel)]\n#[diesel(table_name = crate::schema::{table})]\n{keys}pub struct {name} {{\n    pub id: i32,\n{fields}}}\n"
    )
}

/// The same models with a history of a table.
fn with_history(models: &str, table: &str) -> String {
    let struct_of = format!("#[diesel(table_name = crate::schema::{table})]\n");
    models.replace(&struct_of, &format!("{struct_of}#[ops(history)]\n"))
}

/// Teams, which most of the cases have.
pub(crate) fn teams() -> String {
    model("teams", "", "#[ops(max_length = 40)] name: String,")
}

/// A crate whose tables these models state, with a first revision for them, applied and filled.
pub(crate) fn started(backend: Backend, models: &str, rows: &str) -> Backend {
    let sandbox = &backend.sandbox;
    sandbox.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    sandbox.write("src/schema.rs", "");
    sandbox.write("src/lib.rs", "pub mod models;\npub mod schema;\n");
    write(&backend, models);
    let _ = sandbox.run(["create", "first", "--yes"]).exits(0).says(&["Proved on"]);
    let _ = sandbox.run(["upgrade"]).exits(0);
    sandbox.commit("first");
    if !rows.is_empty() {
        backend.database().execute(rows).unwrap();
    }
    backend
}

/// Changes the models.
pub(crate) fn write(backend: &Backend, models: &str) {
    backend.sandbox.write("src/models.rs", format!("use ops_migrate_derive::OpsModel;\n{models}"));
}

/// Up, down and up in the database, which has rows; afterwards everything agrees.
pub(crate) fn there_and_back(backend: &Backend, revisions: usize) {
    let sandbox = &backend.sandbox;
    let back = format!("-{revisions}");
    let _ = sandbox.run(["upgrade"]).exits(0);
    let _ = sandbox.run(["rollback", &back, "--allow-data-loss"]).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(3).says(&["the schema is what its revisions give"]);
    let _ = sandbox.run(["upgrade"]).exits(0);
    agrees(backend);
}

/// Models, chain and database agree.
pub(crate) fn agrees(backend: &Backend) {
    let sandbox = &backend.sandbox;
    sandbox.git(["add", "--all"]);
    let _ = sandbox.run(["check", "--staged"]).exits(0);
    let _ = sandbox.run(["check", "--all"]).exits(0).says(&["Models and revisions agree."]);
    let _ = sandbox.run(["status", "--verify"]).exits(0).says(&["the schema is what its revisions give"]);
    let _ = sandbox.run(["create", "nothing", "--all", "--dry-run"]).exits(0).says(&["No changes"]);
}

impl Case<'_> {
    /// The same with a history of a table, before and after.
    pub(crate) fn with_history_of(self, table: &str) -> Self {
        Self { before: with_history(&self.before, table), after: with_history(&self.after, table), ..self }
    }

    /// The whole course.
    pub(crate) fn on(&self, backend: Backend) -> Done {
        let backend = started(backend, &self.before, self.rows);
        let first = backend.sandbox.revisions_in("migrations").len();
        write(&backend, &self.after);
        if !self.gone.is_empty() {
            let schema = backend.sandbox.read("src/schema.rs");
            let names = |item: &&str| self.gone.iter().any(|name| item.contains(&format!(" {name} (")));
            let mut kept: Vec<&str> = schema.split("diesel::table!").filter(|item| !names(item)).collect();
            kept.retain(|item| !item.trim().is_empty());
            let kept: Vec<&str> = kept.iter().map(|item| item.split("\n\ndiesel::").next().unwrap()).collect();
            backend.sandbox.write("src/schema.rs", format!("diesel::table!{}\n", kept.join("\ndiesel::table!")));
        }
        let create = ["create", "second", "--yes"];
        let output = backend.sandbox.run(create.iter().chain(self.flags).copied());
        let _ = output.exits(0).says(&["Proved on"]);
        let made = backend.sandbox.revisions_in("migrations").len() - first;
        there_and_back(&backend, made);
        Done { backend, first }
    }
}

impl Done {
    /// The SQL of the change, up and down.
    #[track_caller]
    pub(crate) fn gives(&self, up: &Expect, down: &Expect) -> &Self {
        up.assert_eq(&self.up());
        down.assert_eq(&self.texts("down.sql"));
        self
    }

    /// The SQL of the change.
    pub(crate) fn up(&self) -> String {
        self.texts("up.sql")
    }

    fn texts(&self, file: &str) -> String {
        let sandbox = &self.backend.sandbox;
        let made = &sandbox.revisions_in("migrations")[self.first..];
        let texts: Vec<String> = made.iter().map(|name| sandbox.read(&format!("migrations/{name}/{file}"))).collect();
        texts.join("-- the next revision\n")
    }

    /// The rows of a query of one column, one a line.
    #[track_caller]
    pub(crate) fn has_rows(&self, sql: &str, expected: &[&str]) -> &Self {
        has_rows(&self.backend, sql, expected);
        self
    }
}

/// The rows of a query whose column is `line`.
#[track_caller]
pub(crate) fn has_rows(backend: &Backend, sql: &str, expected: &[&str]) {
    let mut database = backend.database();
    let row = database.dialect().quote("row");
    let rows = database
        .texts(
            &format!(
                "SELECT CAST(line AS {}) AS {row} FROM ({sql}) AS found",
                if database.dialect() == Dialect::Mysql { "CHAR" } else { "TEXT" }
            ),
            &[],
        )
        .unwrap();
    let rows: Vec<String> = rows.into_iter().map(|row| row.unwrap_or_else(|| "NULL".to_owned())).collect();
    assert_eq!(rows, expected);
}
