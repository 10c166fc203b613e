//! The review of a revision: what a careful colleague would point at, worked out from the catalogs
//! before and after it. The rules here are the floor: loss, missing values, reversal, the SQLite
//! rebuild that cascades, and a rename written as drop and add.

use serde::Serialize;

use crate::catalog::{Action, Catalog, Expr, Table};
use crate::chain::{Content, Script};
use crate::dialect::Dialect;
use crate::explain::{self, Effect};
use crate::operation::Operation;
use crate::place::Place;
use crate::sql;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warn,
    Error,
}

/// What a rule reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable: `OM001`.
    pub code: &'static str,
    pub rule: &'static str,
    pub severity: Severity,
    pub file: String,
    pub line: u32,
    /// What is the matter.
    pub text: String,
    /// What to do instead.
    pub safer: String,
}

/// A revision with all that the rules look at.
pub struct Subject<'a> {
    pub before: &'a Catalog,
    pub up: &'a Script,
    pub down: &'a Script,
    pub effect: &'a Effect,
    pub run_in_transaction: bool,
    pub irreversible: Option<&'a str>,
}

/// A rule: its stable code, its name, and what it looks for.
pub struct Rule {
    pub code: &'static str,
    pub name: &'static str,
    check: fn(&Subject<'_>, &mut Vec<Report>),
}

/// A rule's report before it gets the rule's code.
struct Report {
    severity: Severity,
    place: Place,
    text: String,
    safer: String,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule { code: "OM001", name: "required-column-without-value", check: required_column },
    Rule { code: "OM002", name: "not-null-without-backfill", check: not_null },
    Rule { code: "OM003", name: "data-loss", check: data_loss },
    Rule { code: "OM004", name: "rename-as-drop-and-add", check: rename_as_drop_and_add },
    Rule { code: "OM005", name: "missing-down", check: missing_down },
    Rule { code: "OM006", name: "down-not-inverse", check: down_not_inverse },
    Rule { code: "OM007", name: "sqlite-rebuild-cascades", check: sqlite_rebuild_cascades },
    Rule { code: "OM008", name: "not-analysed", check: not_analysed },
];

/// Every finding about a revision, the worst first.
pub fn review(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        let mut reports = Vec::new();
        (rule.check)(subject, &mut reports);
        findings.extend(reports.into_iter().map(|report| Finding {
            code: rule.code,
            rule: rule.name,
            severity: report.severity,
            file: report.place.file,
            line: report.place.line,
            text: report.text,
            safer: report.safer,
        }));
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.code.cmp(b.code)).then(a.line.cmp(&b.line)));
    findings
}

/// The line of the first statement that has all the words, in any letter case; the file where none
/// has.
fn place_of(script: &Script, dialect: Dialect, words: &[&str]) -> Place {
    let statements = sql::statements(dialect, &script.text).unwrap_or_default();
    let found = statements.iter().find(|s| has_words(s.text, words));
    match found {
        Some(statement) => Place::at_offset(&script.file, &script.text, statement.offset),
        None => Place::file(&script.file),
    }
}

/// Whether all the words stand in a text as whole words, in any letter case.
fn has_words(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    words.iter().all(|word| {
        let word = word.to_lowercase();
        text.match_indices(&word)
            .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
    })
}

fn required_column(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in &subject.effect.operations {
        let Operation::AddColumn { table, column, .. } = operation else { continue };
        let filled = updates(subject, &table.name, &column.name);
        if column.fills_itself() || filled {
            continue;
        }
        reports.push(Report {
            severity: Severity::Error,
            place: place_of(subject.up, subject.before.dialect, &[&table.name, &column.name]),
            text: format!("{table}.{} is NOT NULL without a default: this fails where {table} has rows", column.name),
            safer: "add it nullable, fill it, then set NOT NULL; or give it a default".to_owned(),
        });
    }
}

/// Whether a statement writes values into a column: an UPDATE of it, or the copy of a rebuild.
fn updates(subject: &Subject<'_>, table: &str, column: &str) -> bool {
    let statements = sql::statements(subject.before.dialect, &subject.up.text).unwrap_or_default();
    statements.iter().any(|s| {
        let text = s.text.to_lowercase();
        let writes = text.starts_with("update")
            || (text.starts_with("insert") && text.contains("select"))
            || text.starts_with("with");
        writes && has_words(&text, &[table, column])
    })
}

fn not_null(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in &subject.effect.operations {
        let Operation::SetNotNull { table, column, .. } = operation else { continue };
        if updates(subject, &table.name, &column.name) || is_checked(subject.before.table(table), &column.name) {
            continue;
        }
        reports.push(Report {
            severity: Severity::Warn,
            place: place_of(subject.up, subject.before.dialect, &[&table.name, &column.name]),
            text: format!("{table}.{} becomes NOT NULL, and nothing fills the rows where it is NULL", column.name),
            safer: format!("first: UPDATE {table} SET {0} = … WHERE {0} IS NULL", column.name),
        });
    }
}

/// Whether a check that all rows have passed says that the column is not NULL.
fn is_checked(table: Option<&Table>, column: &str) -> bool {
    let says = |name: &str| Expr::new(format!("{name} IS NOT NULL"));
    let said = [says(column), says(&Dialect::Postgres.quote(column))];
    table.is_some_and(|table| table.checks.iter().any(|check| check.valid && said.contains(&check.expr)))
}

fn data_loss(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in &subject.effect.operations {
        let Some(loss) = operation.loss() else { continue };
        let words: Vec<&str> = match operation {
            Operation::DropTable { table } => vec!["drop", &table.name.name],
            Operation::DropColumn { table, column } => vec![&table.name, &column.name],
            Operation::AlterType { table, to, .. } => vec![&table.name, &to.name],
            _ => Vec::new(),
        };
        reports.push(Report {
            severity: Severity::Warn,
            place: place_of(subject.up, subject.before.dialect, &words),
            text: format!("{}: loses {}", operation.describe(), loss.what),
            safer: "deploy code that stopped using it first, and keep a backup of what still matters".to_owned(),
        });
    }
}

fn rename_as_drop_and_add(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in &subject.effect.operations {
        let Operation::DropColumn { table, column } = operation else { continue };
        let twin = subject.effect.operations.iter().find_map(|other| match other {
            Operation::AddColumn { table: t, column: c, .. } if t == table && c.ty == column.ty => Some(c),
            _ => None,
        });
        let Some(twin) = twin else { continue };
        if strsim::jaro_winkler(&column.name, &twin.name) < 0.7 || updates(subject, &table.name, &twin.name) {
            continue;
        }
        reports.push(Report {
            severity: Severity::Warn,
            place: place_of(subject.up, subject.before.dialect, &[&table.name, &column.name]),
            text: format!(
                "{table}.{} is dropped and {} added with the same type: was it renamed?",
                column.name, twin.name
            ),
            safer: format!("ALTER TABLE {table} RENAME COLUMN {} TO {};", column.name, twin.name),
        });
    }
}

fn missing_down(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if subject.irreversible.is_some() || subject.down.content == Content::Statements {
        return;
    }
    let (severity, text) = match subject.down.content {
        Content::Missing => (Severity::Warn, "there is no down.sql: the revision cannot be taken back"),
        Content::Empty => (Severity::Warn, "down.sql is empty: Diesel refuses to run it"),
        _ if subject.effect.operations.is_empty() => return,
        _ => (Severity::Warn, "down.sql has only comments: it takes nothing back"),
    };
    reports.push(Report {
        severity,
        place: Place::file(&subject.down.file),
        text: text.to_owned(),
        safer: "write it, or say in metadata.toml: [ops-migrate] irreversible = \"why\"".to_owned(),
    });
}

fn down_not_inverse(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if subject.irreversible.is_some() || subject.down.content != Content::Statements {
        return;
    }
    let back = match explain::effect(&subject.effect.after, &subject.down.text, &subject.down.file) {
        Ok(back) => back,
        Err(error) => {
            reports.push(Report {
                severity: Severity::Error,
                place: error.place.clone().unwrap_or_else(|| Place::file(&subject.down.file)),
                text: error.message.clone(),
                safer: "mend it; `cargo ops-migrate test` runs it".to_owned(),
            });
            return;
        }
    };
    if back.after.uncertain.len() > subject.before.uncertain.len() {
        return;
    }
    let left = crate::diff::diff(&back.after, subject.before, &crate::diff::Answers::default());
    for operation in left {
        reports.push(Report {
            severity: Severity::Error,
            place: Place::file(&subject.down.file),
            text: format!("down.sql does not restore the schema; missing: {}", operation.describe()),
            safer: "add the statement to down.sql; `cargo ops-migrate test` proves it".to_owned(),
        });
    }
}

/// `DROP TABLE` deletes the rows first, and inside of a transaction foreign keys cannot be switched
/// off: children that cascade lose theirs (sqlite.org/lang_altertable.html section 7).
fn sqlite_rebuild_cascades(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if subject.before.dialect != Dialect::Sqlite || !subject.run_in_transaction {
        return;
    }
    for table in subject.before.tables.values() {
        let survives = subject.effect.after.table(&table.name).is_some();
        let place = place_of(subject.up, Dialect::Sqlite, &["drop table", &table.name.name]);
        if !survives || place.line == 0 {
            continue;
        }
        let hit: Vec<_> = subject
            .before
            .referencing(&table.name)
            .filter(|(_, key)| matches!(key.on_delete, Action::Cascade | Action::SetNull | Action::SetDefault))
            .map(|(child, _)| child.name.to_string())
            .collect();
        if !hit.is_empty() {
            reports.push(Report {
                severity: Severity::Error,
                place,
                text: format!(
                    "rebuilding {} inside of a transaction deletes or changes rows of {}",
                    table.name,
                    hit.join(", ")
                ),
                safer: "run_in_transaction = false in metadata.toml, and PRAGMA foreign_keys=OFF before BEGIN"
                    .to_owned(),
            });
        }
    }
}

fn not_analysed(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for doubt in subject.effect.after.uncertain.iter().skip(subject.before.uncertain.len()) {
        reports.push(Report {
            severity: Severity::Info,
            place: doubt.at.clone(),
            text: format!("not followed: {}", doubt.reason),
            safer: "`cargo ops-migrate test` runs it on a real database".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Subject, review};
    use crate::catalog::Catalog;
    use crate::chain::Script;
    use crate::dialect::Dialect::{self, Postgres, Sqlite};
    use crate::tree::MemTree;
    use crate::{explain, replay};

    const USERS: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);";

    /// A revision: the schema before it, and its files.
    struct Case<'a> {
        before: &'a str,
        up: &'a str,
        /// `None`: there is no such file.
        down: Option<&'a str>,
        run_in_transaction: bool,
        irreversible: Option<&'a str>,
    }

    impl<'a> Case<'a> {
        fn new(up: &'a str, down: &'a str) -> Self {
            Self { before: USERS, up, down: Some(down), run_in_transaction: true, irreversible: None }
        }

        fn check(&self, dialects: &[Dialect], expected: &Expect) {
            let found: Vec<String> = dialects.iter().map(|dialect| self.found(*dialect)).collect();
            assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "the dialects differ: {found:#?}");
            expected.assert_eq(&found[0]);
        }

        fn found(&self, dialect: Dialect) -> String {
            let mut before = Catalog::empty(dialect);
            replay::apply(&mut before, self.before, "before.sql").unwrap();
            let files = [("up.sql", Some(self.up)), ("down.sql", self.down)];
            let tree = MemTree::new(files.into_iter().filter_map(|(file, text)| Some((file, text?))));
            let [up, down] = ["up.sql", "down.sql"].map(|file| Script::read(&tree, file.to_owned()).unwrap());
            let effect = explain::effect(&before, &up.text, &up.file).unwrap();
            let findings = review(&Subject {
                before: &before,
                up: &up,
                down: &down,
                effect: &effect,
                run_in_transaction: self.run_in_transaction,
                irreversible: self.irreversible,
            });
            let lines =
                findings.iter().map(|f| format!("{:?} {} {}:{} {}", f.severity, f.code, f.file, f.line, f.text));
            lines.collect::<Vec<_>>().join("\n")
        }
    }

    #[test]
    fn om001_a_required_column_needs_a_value() {
        let down = "ALTER TABLE users DROP COLUMN age;";
        // SQLite refuses the statement itself, so only PostgreSQL can be given it.
        Case::new("ALTER TABLE users ADD COLUMN age integer NOT NULL;", down).check(
            &[Postgres],
            &expect!["Error OM001 up.sql:1 users.age is NOT NULL without a default: this fails where users has rows"],
        );
        let fine = "ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0;";
        Case::new(fine, down).check(&[Postgres, Sqlite], &expect![[""]]);
        Case::new("ALTER TABLE users ADD COLUMN age integer;", down).check(&[Postgres, Sqlite], &expect![[""]]);
    }

    const REBUILD: &str = "CREATE TABLE new_users (id integer PRIMARY KEY, nick text NOT NULL);
INSERT INTO new_users (id, nick) SELECT id, coalesce(nick, '') FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;";
    const REBUILD_BACK: &str = "CREATE TABLE new_users (id integer PRIMARY KEY, nick text);
INSERT INTO new_users (id, nick) SELECT id, nick FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;";

    #[test]
    fn om002_not_null_needs_a_backfill() {
        let (up, down) = ("ALTER TABLE users ALTER nick SET NOT NULL;", "ALTER TABLE users ALTER nick DROP NOT NULL;");
        Case::new(up, down).check(
            &[Postgres],
            &expect!["Warn OM002 up.sql:1 users.nick becomes NOT NULL, and nothing fills the rows where it is NULL"],
        );
        let filled = format!("UPDATE users SET nick = '' WHERE nick IS NULL; {up}");
        Case::new(&filled, down).check(&[Postgres], &expect![[""]]);
        Case::new(REBUILD, REBUILD_BACK).check(&[Sqlite], &expect![[""]]);
        let validated = "CREATE TABLE users (id integer PRIMARY KEY, nick text, CHECK (nick IS NOT NULL));";
        Case { before: validated, ..Case::new(up, down) }.check(&[Postgres], &expect![[""]]);
        let not_yet = format!("{USERS} ALTER TABLE users ADD CONSTRAINT filled CHECK (nick IS NOT NULL) NOT VALID;");
        Case { before: &not_yet, ..Case::new(up, down) }.check(
            &[Postgres],
            &expect!["Warn OM002 up.sql:1 users.nick becomes NOT NULL, and nothing fills the rows where it is NULL"],
        );
    }

    #[test]
    fn a_backfill_of_a_column_with_a_longer_name_is_none() {
        let up = "UPDATE users SET nick_name = '';\nALTER TABLE users ALTER nick SET NOT NULL;";
        let case = Case {
            before: "CREATE TABLE users (id integer PRIMARY KEY, nick text, nick_name text);",
            ..Case::new(up, "ALTER TABLE users ALTER nick DROP NOT NULL;")
        };
        case.check(
            &[Postgres],
            &expect!["Warn OM002 up.sql:2 users.nick becomes NOT NULL, and nothing fills the rows where it is NULL"],
        );
    }

    #[test]
    fn om003_loss_is_named() {
        let column = Case::new("ALTER TABLE users DROP COLUMN nick;", "ALTER TABLE users ADD COLUMN nick text;");
        column.check(
            &[Postgres, Sqlite],
            &expect!["Warn OM003 up.sql:1 drop column users.nick: loses the values of users.nick"],
        );
        Case::new("-- gone\nDROP TABLE users;", USERS)
            .check(&[Postgres, Sqlite], &expect!["Warn OM003 up.sql:2 drop table users: loses the rows of users"]);
    }

    #[test]
    fn om004_a_rename_is_not_a_drop_and_an_add() {
        let up = "ALTER TABLE users ADD COLUMN nick_name text;\nALTER TABLE users DROP COLUMN nick;";
        let down = "ALTER TABLE users ADD COLUMN nick text;\nALTER TABLE users DROP COLUMN nick_name;";
        Case::new(up, down).check(
            &[Postgres, Sqlite],
            &expect![[r#"
            Warn OM003 up.sql:2 drop column users.nick: loses the values of users.nick
            Warn OM004 up.sql:2 users.nick is dropped and nick_name added with the same type: was it renamed?"#]],
        );
        let (up, down) = ("ALTER TABLE users RENAME nick TO nick_name;", "ALTER TABLE users RENAME nick_name TO nick;");
        Case::new(up, down).check(&[Postgres, Sqlite], &expect![[""]]);
    }

    #[test]
    fn om005_a_way_back_is_written_or_denied() {
        let up = "CREATE TABLE tags (id integer PRIMARY KEY);";
        let case = |down| Case { down, ..Case::new(up, "") };
        case(None).check(
            &[Postgres, Sqlite],
            &expect!["Warn OM005 down.sql:0 there is no down.sql: the revision cannot be taken back"],
        );
        case(Some(""))
            .check(&[Postgres, Sqlite], &expect!["Warn OM005 down.sql:0 down.sql is empty: Diesel refuses to run it"]);
        case(Some("-- nothing\n")).check(
            &[Postgres, Sqlite],
            &expect!["Warn OM005 down.sql:0 down.sql has only comments: it takes nothing back"],
        );
        let denied = Case { irreversible: Some("the rows are gone"), ..case(None) };
        denied.check(&[Postgres, Sqlite], &expect![[""]]);
    }

    #[test]
    fn om006_down_restores_the_schema() {
        let up = "ALTER TABLE users ADD COLUMN age integer;";
        Case::new(up, "SELECT 1;").check(
            &[Postgres, Sqlite],
            &expect!["Error OM006 down.sql:0 down.sql does not restore the schema; missing: drop column users.age"],
        );
        Case::new(up, "ALTER TABEL users;").check(
            &[Postgres],
            &expect!["Error OM006 down.sql:1 the SQL does not parse: expected command, found ALTER_KW"],
        );
    }

    #[test]
    fn om007_a_rebuild_in_a_transaction_empties_children_that_cascade() {
        let posts = "CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id)";
        let (cascades, restricts) = (format!("{USERS}\n{posts} ON DELETE CASCADE);"), format!("{USERS}\n{posts});"));
        let case = |before| Case { before, ..Case::new(REBUILD, REBUILD_BACK) };
        case(&cascades).check(
            &[Sqlite],
            &expect!["Error OM007 up.sql:3 rebuilding users inside of a transaction deletes or changes rows of posts"],
        );
        case(&restricts).check(&[Sqlite], &expect![[""]]);
        Case { run_in_transaction: false, ..case(&cascades) }.check(&[Sqlite], &expect![[""]]);
    }

    #[test]
    fn om008_what_was_not_followed_is_said() {
        Case::new("ALTER TABLE ghosts ADD COLUMN a integer;", "SELECT 1;").check(
            &[Postgres],
            &expect!["Info OM008 up.sql:1 not followed: alters table ghosts, which no earlier revision creates"],
        );
    }
}
