//! The review as a whole: every rule's examples, and what the first rules say in each dialect.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::testing::{findings, line, plain_world, subject_of};
use super::{ALL, Example, RULES, Review, Rule, Severity, find, mends, nearest};
use crate::chain::{Chain, NoCache, Revision, catalog_before};
use crate::dialect::Dialect::{self, Postgres, Sqlite};
use crate::diff::{Answers, diff};
use crate::explain::between;
use crate::replay::{Unwatched, follow};
use crate::sql::postgres;
use crate::tree::MemTree;

#[test]
fn examples_find_what_they_say() {
    let mut wrong = String::new();
    for rule in RULES {
        for example in rule.examples {
            for dialect in dialects(rule, example) {
                let found: Vec<String> =
                    findings(example, *dialect, &|r| r.code == rule.code).iter().map(line).collect();
                if found != example.finds {
                    let (code, up, finds) = (rule.code, example.up, example.finds);
                    wrong.push_str(&format!("{code}, {dialect}: {up}\n  expected {finds:?}\n  found    {found:?}\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The dialects that an example is about.
fn dialects(rule: &Rule, example: &Example) -> &'static [Dialect] {
    if example.dialects.is_empty() { rule.dialects } else { example.dialects }
}

/// What a person is told to write instead can be written: `…` stands for what only they know.
#[test]
fn the_sql_that_is_advised_parses() {
    let mut wrong = String::new();
    for rule in RULES {
        for example in rule.examples.iter().filter(|example| dialects(rule, example).contains(&Postgres)) {
            for finding in findings(example, Postgres, &|r| r.code == rule.code) {
                let sql = finding.sql.unwrap_or_default().replace('…', "1");
                // Where that is another file, it says so.
                let sql = if sql.starts_with("-- metadata.toml\n") { String::new() } else { sql };
                if let Err(error) = postgres::parse(&sql, "advice") {
                    wrong.push_str(&format!("{}, {}: {error}\n{sql}\n", rule.code, example.up));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The SQL that is advised about the last statement, in short.
fn check_advice(before: &'static str, up: &'static str, code: &str, advised: &[&str]) {
    let found = findings(&Example { up, ..Example::new("", &[]).on(before) }, Postgres, &|rule| rule.code == code);
    let sql = found.last().and_then(|finding| finding.sql.clone()).unwrap_or_default();
    let lines: Vec<&str> =
        sql.lines().filter(|line| !line.starts_with("-- in") && !line.contains("metadata")).collect();
    assert_eq!(lines, advised, "{up}");
}

#[test]
fn what_is_advised_fits_the_schema_at_that_line() {
    const USERS: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);";
    check_advice(USERS, "REINDEX TABLE users;", "OM103", &["REINDEX TABLE CONCURRENTLY users;"]);
    check_advice(USERS, "reindex index users_pkey;", "OM103", &["reindex index CONCURRENTLY users_pkey;"]);
    // The old key has the name, and the server renames the index.
    check_advice(
        USERS,
        "ALTER TABLE users DROP CONSTRAINT users_pkey;\nALTER TABLE users ADD PRIMARY KEY (nick);",
        "OM116",
        &[
            "CREATE UNIQUE INDEX CONCURRENTLY users_pkey_new ON users (nick);",
            "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_pkey_new;",
        ],
    );
    check_advice(
        USERS,
        "ALTER TABLE users ADD COLUMN org integer DEFAULT 1;\nALTER TABLE users ADD CONSTRAINT k UNIQUE (nick, org);",
        "OM116",
        &[
            "-- add org in a revision before, and fill the rows in batches",
            "CREATE UNIQUE INDEX CONCURRENTLY k ON users (nick, org);",
            "ALTER TABLE users ADD CONSTRAINT k UNIQUE USING INDEX k;",
        ],
    );
    check_advice(
        USERS,
        "ALTER TABLE users ALTER nick SET NOT NULL;\nALTER TABLE users RENAME TO people;",
        "OM002",
        &["UPDATE users SET nick = … WHERE nick IS NULL;"],
    );
    // No default can be set, nor rows filled.
    check_advice(USERS, "ALTER TABLE users ADD n integer GENERATED ALWAYS AS (id * 2) STORED;", "OM109", &[]);
}

#[test]
fn only_what_is_surely_a_rename_is_mended_as_one() {
    let cases = [("nick", "nick_name", true), ("nick_name", "nick", true), ("colour", "color", true)];
    for (old, new, is_mended) in cases.into_iter().chain([("embed_html", "embed_video_url", false)]) {
        let before = format!("CREATE TABLE users (id integer PRIMARY KEY, {old} text);").leak();
        let up = format!("ALTER TABLE users ADD COLUMN {new} text;\nALTER TABLE users DROP COLUMN {old};").leak();
        let down = format!("ALTER TABLE users ADD COLUMN {old} text;\nALTER TABLE users DROP COLUMN {new};").leak();
        let example = Example { up, down: Some(down), ..Example::new("", &[]).on(before) };
        let found = findings(&example, Postgres, &|rule| rule.code == "OM004");
        assert_eq!(found.iter().map(|f| f.fix.is_some()).collect::<Vec<_>>(), [is_mended], "{old}, {new}");
    }
}

#[test]
fn only_rules_that_say_so_have_a_fix() {
    for rule in RULES.iter().filter(|rule| mends(rule).is_none()) {
        for (example, dialect) in rule.examples.iter().flat_map(|e| dialects(rule, e).iter().map(move |d| (e, *d))) {
            let found = findings(example, dialect, &|r| r.code == rule.code);
            assert!(found.iter().all(|finding| finding.fix.is_none()), "{}: {}", rule.code, example.up);
        }
    }
}

#[test]
fn the_table_is_whole() {
    for (at, rule) in RULES.iter().enumerate() {
        assert!(RULES[..at].iter().all(|other| other.code < rule.code && other.id != rule.id), "{}", rule.code);
        assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit()), "{}", rule.id);
        let says = |example: &Example| !example.finds.is_empty();
        assert!(rule.examples.iter().any(says), "{} has no example that it finds something in", rule.code);
        assert!(!rule.examples.iter().all(says), "{} has no example that it leaves alone", rule.code);
        assert!(rule.dialects.iter().all(|dialect| ALL.contains(dialect)));
        assert!(!rule.summary.is_empty() && !rule.help.is_empty() && !rule.safer.is_empty(), "{}", rule.code);
        assert!(rule.links.iter().all(|link| link.starts_with("https://")), "{}", rule.code);
    }
}

#[test]
fn rules_are_found_by_code_and_id() {
    assert_eq!(find("om003").map(|rule| rule.id), Some("data-loss"));
    assert_eq!(find("Data-Loss").map(|rule| rule.code), Some("OM003"));
    assert_eq!(nearest("dataloss"), "data-loss");
    assert_eq!(nearest("not-null-without-back-fill"), "not-null-without-backfill");
}

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
        let mut metadata = format!("run_in_transaction = {}\n", self.run_in_transaction);
        if let Some(why) = self.irreversible {
            metadata.push_str(&format!("[ops-migrate]\nirreversible = \"{why}\"\n"));
        }
        let example = Example {
            before: self.before.to_owned().leak(),
            up: self.up.to_owned().leak(),
            down: self.down.map(|down| &*down.to_owned().leak()),
            metadata: Some(metadata.leak()),
            ..Example::new("", &[])
        };
        let found = findings(&example, dialect, &|rule| rule.code < "OM009");
        let file = |file: &str| file.rsplit('/').next().unwrap_or_default().to_owned();
        let lines =
            found.iter().map(|f| format!("{:?} {} {}:{} {}", f.severity, f.code, file(&f.file), f.line, f.text));
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
        &expect!["Warn OM004 up.sql:2 users.nick is dropped and nick_name added with the same type: was it renamed? Its values are lost"],
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

fn allowed(up: &'static str) -> Vec<String> {
    let example = Example { up, ..Example::new("", &[]).down(USERS) };
    findings(&example, Postgres, &|_| true).iter().map(|f| format!("{} {}", f.code, line(f))).collect()
}

#[test]
fn comments_allow_the_next_statement() {
    let drop = "OM003 2 drop table users: loses the rows of users";
    for comment in [
        "-- ops-migrate: allow data-loss unused since May",
        "/* ops-migrate: allow OM003 unused */",
        "-- ops-migrate: allow-file data-loss unused",
        "-- squawk-ignore ban-drop-table",
        "-- squawk-ignore adding-required-field, ban-drop-table -- why",
        "-- squawk-ignore-file",
        "-- safety-assured:start",
        "-- diesel-guard:disable DropTableCheck",
    ] {
        let up = format!("{comment}\nDROP TABLE users;").leak();
        assert!(!allowed(up).iter().any(|found| found.starts_with("OM003")), "{comment}");
    }
    assert_eq!(allowed("-- squawk-ignore\nDROP TABLE users;")[0], drop);
    assert_eq!(allowed("SELECT '-- ops-migrate: allow data-loss x';\nDROP TABLE users;")[0], drop);
    let found = allowed("SELECT 1; -- ops-migrate: allow data-loss x\nDROP TABLE users;");
    let idle = "OM010 1 nothing here is a case of data-loss: this comment allows nothing";
    assert!(found.contains(&drop.to_owned()) && found.contains(&idle.to_owned()), "{found:#?}");
    let same_line = "DROP TABLE users; -- ops-migrate: allow data-loss unused";
    assert!(!allowed(same_line).iter().any(|found| found.starts_with("OM0")), "{:#?}", allowed(same_line));
}

/// Operations and way back are the same on the part of the schema that the scripts speak of, whatever
/// else there is.
#[test]
fn the_near_part_is_enough() {
    const OTHERS: &str = "CREATE TABLE far (id integer PRIMARY KEY, a integer);
        CREATE TABLE farther (id integer PRIMARY KEY, far_id integer REFERENCES far (id));
        CREATE VIEW seen AS SELECT id FROM far;";
    const COMMENTS: &str = "COMMENT ON VIEW seen IS 'far'; COMMENT ON CONSTRAINT far_pkey ON far IS 'key';";
    for (rule, example) in RULES.iter().flat_map(|rule| rule.examples.iter().map(move |example| (rule, example))) {
        let dialects = if example.dialects.is_empty() { rule.dialects } else { example.dialects };
        for dialect in dialects {
            let comments = if *dialect == Postgres { COMMENTS } else { "" };
            let before = format!("{OTHERS}{comments}{}", example.before).leak();
            subject_of(&Example { before, ..*example }, *dialect, &mut |subject| {
                let steps = subject.acts().map(|(_, act)| &act.action);
                assert_eq!(between(subject.before, subject.after, steps), subject.operations, "{}", example.up);
                let mut back = subject.after.clone();
                follow(&mut back, &subject.down.script.text, "down.sql", &mut Unwatched);
                let whole = diff(&back, subject.before, &Answers::default());
                let near = diff(subject.near_back, subject.near_before, &Answers::default());
                assert_eq!(near, whole, "{}: {}", rule.code, example.up);
            });
        }
    }
}

#[test]
fn in_a_whole_chain_tables_are_new_for_a_while() {
    let revision = |day: &str, name: &str, up: &str| {
        [
            (format!("migrations/2024-{day}-000000_{name}/up.sql"), up.to_owned()),
            (format!("migrations/2024-{day}-000000_{name}/down.sql"), "SELECT 1;".to_owned()),
        ]
    };
    let index = |column: &str| format!("CREATE INDEX ON users ({column});");
    let tree = MemTree::new(
        [
            revision("01-01", "base", USERS),
            revision("01-10", "soon", &index("nick")),
            revision("03-01", "late", &index("id")),
            revision("03-02", "other", "CREATE TABLE t (id integer);"),
            revision("03-03", "new", "CREATE INDEX ON t (id);"),
        ]
        .concat(),
    );
    let chain = Chain::load(&tree, "migrations").unwrap();
    let targets: Vec<_> = chain.revisions().iter().collect();
    let world = plain_world(&chain, Postgres);
    let found = |targets: &[&Revision], unreleased| -> String {
        let mut review = Review {
            tree: &tree,
            world: &world,
            targets,
            unreleased,
            releases: &BTreeMap::new(),
            with_locks: false,
            catalog_before: &mut |of| catalog_before(&tree, &chain, Postgres, &of.id, &mut NoCache),
        };
        let only = |rule: &Rule, _: &str| if rule.code == "OM101" { rule.severity } else { Severity::Off };
        let reviewed = super::review(&mut review, &only).unwrap();
        let names = reviewed.iter().filter(|one| !one.findings.is_empty()).map(|one| one.directory.rsplit('_').next());
        names.flatten().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(&targets, false), "late");
    assert_eq!(found(&targets, true), "");
    assert_eq!(found(&targets[1..], true), "soon late");
    assert_eq!(found(&[targets[1], targets[4]], true), "soon new");
}
