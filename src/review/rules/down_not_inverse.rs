//! A way back that leads elsewhere.

use super::models_ahead_of_chain::few;
use crate::catalog::Name;
use crate::dialect::Dialect::{Postgres, Sqlite};
use crate::diff::{self, Answers};
use crate::operation::Operation;
use crate::render;
use crate::review::mend;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM006",
    id: "down-not-inverse",
    severity: Severity::Error,
    dialects: ALL,
    summary: "down.sql leaves another schema than up.sql met",
    help: "The next upgrade runs up.sql on that schema: it fails, or what was lost stays lost.",
    safer: "add the statement to down.sql; `cargo ops-migrate test` proves it",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["down.sql down.sql does not restore the schema; missing: drop column users.age"],
        ),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[]).down("ALTER TABLE users DROP COLUMN age;"),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["down.sql:1 the SQL does not parse: expected command, found ALTER_KW"],
        )
        .down("ALTER TABEL users;")
        .only(&[Postgres]),
        Example::new("DROP TABLE users;", &[]).down(Example::USERS).only(&[Postgres, Sqlite]),
        Example::new("DROP FUNCTION one;", &[])
            .on("CREATE FUNCTION one(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';")
            .down("create function one(a integer)\n  returns INTEGER language SQL as 'SELECT 1';")
            .only(&[Postgres]),
        Example::new(
            "DROP FUNCTION one;",
            &["down.sql down.sql does not restore the schema; missing: drop function one(integer); create function one(integer)"],
        )
        .on("CREATE FUNCTION one(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';")
        .down("CREATE FUNCTION one(a int) RETURNS bigint LANGUAGE sql AS 'SELECT 1';")
        .only(&[Postgres]),
        Example::new("DROP TRIGGER t ON users;", &[])
            .on(TRIGGER)
            .down("CREATE OR REPLACE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();")
            .only(&[Postgres]),
    ],
    check,
};

const TRIGGER: &str = "CREATE TABLE users (id integer PRIMARY KEY);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.goes_back() {
        return;
    }
    let down = subject.down;
    if let Some(error) = down.errors.first() {
        let line = error.place.as_ref().map_or(0, |place| place.line);
        let mut report = Report::file(&down.script.file, error.message.clone());
        report.range = super::sql_does_not_parse::line_range(&down.script.text, line);
        reports.push(report.safer("mend it; `cargo ops-migrate test` runs it"));
        return;
    }
    // Where the schema after down.sql is not known, it cannot be said to differ.
    if !subject.up.errors.is_empty() || subject.near_back.uncertain.len() > subject.near_before.uncertain.len() {
        return;
    }
    let mut missing = diff::diff(subject.near_back, subject.near_before, &Answers::default());
    // A table whose columns are those of a query, for one.
    let doubted = |table: &Name| [subject.near_before, subject.near_back].iter().any(|c| c.doubt(table).is_some());
    missing.retain(|operation| !operation.table().is_some_and(doubted));
    if missing.is_empty() {
        return;
    }
    let words: Vec<String> = missing.iter().map(Operation::describe).collect();
    let text = format!("down.sql does not restore the schema; missing: {}", few(&words));
    let report = Report::file(&down.script.file, text);
    // Where no SQL can be written, the words have to do.
    reports.push(match render::render(&missing, subject.near_back, subject.near_before) {
        Ok(rendered) if !rendered.statements.is_empty() => {
            let sql = rendered.statements.join("\n");
            let fits = !rendered.needs_no_transaction || !subject.in_transaction();
            let fix = fits.then(|| mend::appended(down.script, "add what down.sql leaves out", &sql));
            report.sql(sql).fix(fix)
        }
        _ => report,
    });
}
