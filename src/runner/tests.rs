//! What running a plan does, on SQLite; the helpers that take a database are shared with the tests
//! on PostgreSQL.

use std::time::Duration;

use super::testing::{bare, step};
use super::{Direction, Event, Found, Options, Resolution, Step, is_blank, run};
use crate::catalog::Name;
use crate::db::ledger::{self, State};
use crate::db::testing::sqlite;
use crate::db::{Database, DatabaseUrl, with_connection};
use crate::dialect::Dialect;
use crate::error::{Error, Kind};

/// Runs a plan; what it told, one word a step.
pub(super) fn told(db: &mut Database, plan: &[Step]) -> (Vec<String>, Option<Error>) {
    let mut words = Vec::new();
    let mut on_event = |event: Event<'_>| {
        words.push(match event {
            Event::Waits { .. } => return,
            Event::Settled { how, .. } => how.to_owned(),
            Event::Skipped { step, .. } => format!("skipped {}", step.version),
            Event::Resumed { name, done, total } => format!("{name} goes on behind {done} of {total}"),
            Event::Blocked { blockers, .. } => format!("blocked by {}", blockers.join(", ")),
            Event::Reconnected { .. } => "connected again".to_owned(),
            Event::Started { .. } => return,
            Event::GoesOn { rows, .. } => format!("resumed after {rows}"),
            Event::Progress { rows, .. } => format!("{rows} rows"),
            Event::Finished { step, .. } => format!("{} {}", step.direction.as_str(), step.version),
            Event::Failed { step, .. } => format!("failed {}", step.version),
        });
    };
    let options = Options {
        single_transaction: false,
        planned_on: None,
        lock_wait: Duration::from_secs(30),
        table_wait: Some(Duration::from_secs(1)),
        table_retries: 5,
        max_lag: None,
        texts: None,
        catch_signals: false,
        on_event: &mut on_event,
    };
    let error = run(db, plan, options).err();
    (words, error)
}

/// A plan that was made where these versions were applied.
fn planned(db: &mut Database, planned_on: &[&str], plan: &[Step]) -> Option<String> {
    let planned_on: Vec<String> = planned_on.iter().map(ToString::to_string).collect();
    let mut quiet = |_: Event<'_>| ();
    let options = Options { planned_on: Some(&planned_on), ..Options::new(Duration::ZERO, &mut quiet) };
    run(db, plan, options).err().map(|error| error.message)
}

#[test]
fn a_plan_that_another_run_has_overtaken() {
    let (_dir, url) = sqlite();
    let db = &mut Database::connect(&url).unwrap();
    let a = step("1", "CREATE TABLE a (x int)", "DROP TABLE a");
    let b = step("2", "CREATE TABLE b (x int)", "DROP TABLE b");
    assert_eq!(planned(db, &[], &[a.clone(), b.clone()]), None);
    let of = |version: &str, verb: &str| {
        Some(format!("version {version} was {verb} while this run waited, and its plan does not know that"))
    };
    // The way back of the first alone, from before the second was applied.
    assert_eq!(planned(db, &["1"], &[a.reversed()]), of("2", "applied"));
    assert_eq!(versions(db), ["1", "2"]);
    // What the plan itself wants may be done.
    assert_eq!(planned(db, &["1", "2"], &[b.reversed()]), None);
    assert_eq!(planned(db, &["1", "2"], &[b.reversed(), a.reversed()]), None);
    assert_eq!(planned(db, &["1"], std::slice::from_ref(&b)), of("1", "taken back"));
    assert_eq!(planned(db, &[], &[a, b]), None);
}

/// How many messages, or statements that a driver is asked for, each of these revisions costs.
pub(super) fn messages(db: &mut Database, single_transaction: bool, versions: std::ops::Range<usize>) -> usize {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::{Connection, InstrumentationEvent};

    let count = versions.len();
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let count_one = move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    };
    with_connection!(&mut db.handle, c => c.set_instrumentation(count_one));
    let mut total = |from: usize, to: usize| {
        let steps =
            |n: usize| step(&format!("{n}"), &format!("CREATE TABLE t{n} (x int)"), &format!("DROP TABLE t{n}"));
        let plan: Vec<Step> = (from..to).map(steps).collect();
        let before = sent.load(Ordering::SeqCst);
        let mut quiet = |_: Event<'_>| ();
        run(db, &plan, Options { single_transaction, ..Options::new(Duration::ZERO, &mut quiet) }).unwrap();
        sent.load(Ordering::SeqCst) - before
    };
    // What a run costs by itself is in both.
    total(versions.start, versions.start + 1);
    let (one, all) = (total(versions.start + 1, versions.start + 2), total(versions.start + 2, versions.end));
    (all - one) / (count - 3)
}

/// Diesel's own are BEGIN, the text, its row and COMMIT. Ours has the ledger's row besides, begun and ended with
/// those of others; SQLite has no messages, and these two are compiled once for many.
#[test]
fn a_revision_costs_few_statements() {
    let (_dir, url) = sqlite();
    let db = &mut Database::connect(&url).unwrap();
    assert_eq!(messages(db, false, 100..200), 4);
    assert_eq!(messages(db, true, 200..300), 1);
}

pub(super) fn versions(db: &mut Database) -> Vec<String> {
    db.applied().unwrap().into_iter().map(|row| row.version).collect()
}

pub(super) fn up_and_down_with_a_trace(db: &mut Database) {
    let a = step("1", "CREATE TABLE a (x int)", "DROP TABLE a");
    let b = step("2", "CREATE TABLE b (x int)", "DROP TABLE b");
    let (words, error) = told(db, &[a.clone(), b.clone()]);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(words, ["up 1", "up 2"]);
    assert_eq!(told(db, &[a.clone(), b.clone()]).0, ["skipped 1", "skipped 2"]);
    assert_eq!(versions(db), ["1", "2"]);
    assert_eq!(told(db, &[b.reversed()]).0, ["down 2"]);
    assert_eq!(versions(db), ["1"]);
    let states: Vec<State> = ledger::entries(db).unwrap().into_iter().map(|e| e.state).collect();
    assert_eq!(states, [State::Applied, State::Applied, State::Reverted]);
    assert!(db.has_table("a").unwrap() && !db.has_table("b").unwrap());
}

pub(super) fn a_failure_leaves_the_state_before(db: &mut Database) {
    let good = step("1", "CREATE TABLE a (x int);", "DROP TABLE a");
    let bad = step("2", "CREATE TABLE b (x int);\n\nCREATE TABEL c (x int);", "DROP TABLE b");
    let (words, error) = told(db, &[good, bad]);
    let error = error.unwrap();
    assert_eq!(words, ["up 1", "failed 2"]);
    assert_eq!(error.kind, Kind::Change);
    assert!(error.to_string().starts_with("migrations/2_step/up.sql:3: cannot apply 2_step:"), "{error}");
    assert!(db.has_table("a").unwrap() && !db.has_table("b").unwrap());
    assert_eq!(versions(db), ["1"]);
    let last = ledger::entries(db).unwrap().pop().unwrap();
    assert_eq!(last.state, State::Failed);
    assert!(last.error.unwrap().contains("TABEL"));
}

pub(super) fn texts_that_touch_the_transaction_are_refused(db: &mut Database) {
    let (_, error) = told(db, &[step("1", "CREATE TABLE a (x int); COMMIT;", "")]);
    assert!(error.unwrap().message.contains("ends the transaction"));
    let (_, error) = told(db, &[bare("2", "BEGIN; CREATE TABLE b (x int);", "")]);
    assert!(error.unwrap().message.contains("leaves a transaction open"));
    assert!(versions(db).is_empty() && !db.has_table("b").unwrap());
    assert_eq!(told(db, &[step("3", "CREATE TABLE c (x int)", "")]).0, ["up 3"]);
}

pub(super) fn crashes_are_settled_or_named(db: &mut Database) {
    assert_eq!(told(db, &[step("1", "CREATE TABLE a (x int)", "")]).0, ["up 1"]);
    let start = |version, in_transaction| ledger::Start {
        version,
        revision: None,
        name: "crashed",
        direction: Direction::Up,
        in_transaction,
        checksum_up: "",
        checksum_down: "",
        down_sql: "",
        tokens_up: None,
        run_id: "",
        units: None,
    };
    ledger::start(db, &start("1", false)).unwrap();
    ledger::start(db, &start("2", true)).unwrap();
    let next = step("2", "CREATE TABLE b (x int)", "");
    assert_eq!(told(db, std::slice::from_ref(&next)).0, ["it was applied", "it was rolled back", "up 2"]);
    let id = ledger::start(db, &start("3", false)).unwrap();
    let (words, error) = told(db, &[step("3", "CREATE TABLE c (x int)", "")]);
    assert!(words.is_empty());
    assert_eq!(error.unwrap().kind, Kind::NeedsResolve);
    assert_eq!(ledger::unfinished(db).unwrap()[0].id, id);
    resolve(db, Found::RolledBack);
    assert_eq!(told(db, &[step("3", "CREATE TABLE c (x int)", "")]).0, ["up 3"]);
    ledger::start(db, &start("4", false)).unwrap();
    resolve(db, Found::Applied);
    assert_eq!(versions(db), ["1", "2", "3", "4"]);
    ledger::start(db, &ledger::Start { direction: Direction::Down, ..start("4", false) }).unwrap();
    resolve(db, Found::RolledBack);
    assert_eq!(versions(db), ["1", "2", "3"]);
    let states: Vec<State> = ledger::entries(db).unwrap().into_iter().rev().take(2).map(|e| e.state).collect();
    assert_eq!(states, [State::Reverted, State::Applied]);
}

pub(super) fn resolve(db: &mut Database, found: Found) {
    let entry = ledger::unfinished(db).unwrap().remove(0);
    let applied = versions(db).contains(&entry.version);
    Resolution::new(entry, found, applied).unwrap().write(db, Duration::ZERO, &mut |_| ()).unwrap();
}

/// With nothing to do, a crash is settled all the same; what the database proves is believed.
pub(super) fn crashes_are_settled_at_head(db: &mut Database) {
    let plan = [step("1", "CREATE TABLE a (x int)", "")];
    assert_eq!(told(db, &plan).0, ["up 1"]);
    let row = ledger::Start {
        version: "1",
        revision: None,
        name: "crashed",
        direction: Direction::Up,
        in_transaction: false,
        checksum_up: "",
        checksum_down: "",
        down_sql: "",
        tokens_up: None,
        run_id: "",
        units: None,
    };
    ledger::start(db, &row).unwrap();
    let entry = ledger::unfinished(db).unwrap().remove(0);
    let refused = Resolution::new(entry, Found::RolledBack, true).unwrap_err();
    assert!(refused.message.contains("it was applied"), "{refused}");
    assert_eq!(told(db, &[]).0, ["it was applied"]);
    assert!(ledger::unfinished(db).unwrap().is_empty());
}

/// Several runners with one plan of five steps, each of which may only run once.
pub(super) fn exactly_once(url: &DatabaseUrl) {
    let plan: Vec<Step> = (1..=5)
        .map(|n| step(&n.to_string(), &format!("CREATE TABLE t{n} (x int); INSERT INTO t{n} VALUES ({n});"), ""))
        .collect();
    let runs: Vec<Vec<String>> = std::thread::scope(|scope| {
        let runner = || {
            let mut db = Database::connect(url).unwrap();
            let (words, error) = told(&mut db, &plan);
            assert!(error.is_none(), "{error:?}");
            words
        };
        let handles: Vec<_> = (0..4).map(|_| scope.spawn(runner)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    let all: Vec<&String> = runs.iter().flatten().collect();
    for n in 1..=5 {
        assert_eq!(all.iter().filter(|word| ***word == format!("up {n}")).count(), 1, "{all:?}");
    }
    let mut db = Database::connect(url).unwrap();
    assert_eq!(versions(&mut db).len(), 5);
    assert_eq!(ledger::entries(&mut db).unwrap().len(), 5);
}

fn fresh(test: fn(&mut Database)) {
    let (_dir, url) = sqlite();
    test(&mut Database::connect(&url).unwrap());
}

#[test]
fn steps_go_up_and_down() {
    fresh(up_and_down_with_a_trace);
}

#[test]
fn a_failed_step_is_rolled_back() {
    fresh(a_failure_leaves_the_state_before);
}

#[test]
fn transactions_belong_to_the_runner() {
    fresh(texts_that_touch_the_transaction_are_refused);
}

#[test]
fn a_crashed_run_is_found() {
    fresh(crashes_are_settled_or_named);
}

#[test]
fn a_crash_is_settled_where_nothing_is_left_to_do() {
    fresh(crashes_are_settled_at_head);
}

#[test]
fn concurrent_runners_apply_each_step_once() {
    let (_dir, url) = sqlite();
    exactly_once(&url);
}

#[test]
fn a_failed_text_without_transaction_leaves_a_usable_connection() {
    fresh(|db| {
        let text = "PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE b (x int); nonsense;";
        let (_, error) = told(db, &[bare("1", text, "")]);
        assert!(error.is_some());
        assert_eq!(
            db.text("SELECT CAST(foreign_keys AS text) AS row FROM pragma_foreign_keys", &[]).unwrap().unwrap(),
            "1"
        );
        assert!(!db.has_table("b").unwrap());
        assert_eq!(told(db, &[step("2", "CREATE TABLE b (x int)", "")]).0, ["up 2"]);
        assert_eq!(db.count_rows(&Name::new("b")).unwrap(), 0);
    });
}

/// Row 63: the textbook rebuild of a table, inside of the default transaction, keeps the rows that
/// refer to it; one that breaks them is refused.
#[test]
fn row_63_a_rebuild_with_foreign_keys_off_keeps_the_children() {
    fresh(|db| {
        let tables = "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
            CREATE TABLE c (p INT REFERENCES p (id) ON DELETE CASCADE); INSERT INTO c VALUES (1);";
        let rebuild = "PRAGMA foreign_keys = OFF; CREATE TABLE new_p (id INTEGER PRIMARY KEY, x INT);
            INSERT INTO new_p (id) SELECT id FROM p; DROP TABLE p; ALTER TABLE new_p RENAME TO p;
            PRAGMA foreign_keys = ON;";
        assert_eq!(told(db, &[step("1", tables, ""), step("2", rebuild, "")]).0, ["up 1", "up 2"]);
        assert_eq!(db.count_rows(&Name::new("c")).unwrap(), 1);
        let (_, error) = told(db, &[step("3", "PRAGMA foreign_keys = OFF; DELETE FROM p;", "")]);
        assert!(error.unwrap().message.contains("1 row refers to nothing"));
        assert_eq!((versions(db).len(), db.count_rows(&Name::new("p")).unwrap()), (2, 1));
        assert_eq!(
            db.text("SELECT CAST(foreign_keys AS text) AS row FROM pragma_foreign_keys", &[]).unwrap().unwrap(),
            "1"
        );
    });
}

#[test]
fn blank_texts_are_refused_before_anything_runs() {
    fresh(|db| {
        let (words, error) = told(db, &[step("1", "CREATE TABLE a (x int)", ""), step("2", " \n", "")]);
        assert!(words.is_empty());
        assert_eq!(error.unwrap().kind, Kind::Undecided);
        assert!(!db.has_table("a").unwrap());
    });
    let cases = [("", true, true), ("-- x\n/* a /* b */ c */;\n", true, false), ("SELECT 1", false, false)];
    for (sql, postgres, sqlite) in cases {
        assert_eq!((is_blank(sql, Dialect::Postgres), is_blank(sql, Dialect::Sqlite)), (postgres, sqlite), "{sql}");
    }
}

/// Runs a plan of forty texts of 200 KB as outlines; what was told, the error, the most bytes that were read
/// and whose step had not ended, and those that the plan kept. The text of `edited` is another by then.
fn outlined(single_transaction: bool, edited: Option<&str>) -> (usize, Option<Error>, usize, usize, Vec<State>) {
    use std::cell::RefCell;

    let (_dir, url) = sqlite();
    let db = &mut Database::connect(&url).unwrap();
    let text =
        |n: usize| step(&format!("{n}"), &format!("CREATE TABLE t{n} (x int);\n--{}", "x".repeat(200_000)), "SELECT 1");
    let all: Vec<Step> = (10..50).map(text).collect();
    let mut outliner = super::Outliner::default();
    let plan: Vec<Step> = all.iter().map(|step| outliner.outlined(step.clone(), Dialect::Sqlite).unwrap()).collect();
    let kept = plan.iter().map(|step| step.sql.len()).sum();
    let (reads, most) = (RefCell::new(Vec::new()), RefCell::new(0));
    let read = |outline: &Step| {
        if Some(outline.version.as_str()) == edited {
            return Err(Error::new(Kind::Edited, "edited"));
        }
        reads.borrow_mut().push(outline.version.clone());
        let open = reads.borrow().len() * 200_000;
        most.replace_with(|most| open.max(*most));
        Ok(all.iter().find(|step| step.version == outline.version).unwrap().clone())
    };
    let mut finished = 0;
    let mut on_event = |event: Event<'_>| {
        if let Event::Finished { step, .. } = event {
            finished += 1;
            reads.borrow_mut().retain(|version| *version != step.version);
        }
    };
    let options = Options { single_transaction, texts: Some(&read), ..Options::new(Duration::ZERO, &mut on_event) };
    let error = run(db, &plan, options).err();
    assert_eq!(versions(db).len(), finished);
    let states = ledger::entries(db).unwrap().into_iter().map(|entry| entry.state).collect();
    (finished, error, most.into_inner(), kept, states)
}

/// What is in memory of the texts of a plan has a bound: those that it keeps, and those that are next.
#[test]
fn texts_are_read_when_their_turn_comes() {
    let (finished, error, most, kept, states) = outlined(false, None);
    assert!(error.is_none() && kept <= 2 << 20 && most <= (2 << 20) + 400_000, "{error:?} {kept} {most}");
    assert_eq!((finished, states), (40, vec![State::Applied; 40]));
    assert_eq!(outlined(true, None).0, 40);
}

/// What runs is what was looked at: an edit in between ends the run in front of it.
#[test]
fn a_text_that_was_edited_meanwhile_does_not_run() {
    let (finished, error, .., states) = outlined(false, Some("45"));
    assert_eq!(error.map(|error| error.kind), Some(Kind::Edited));
    assert_eq!(finished, 35);
    assert_eq!(states, vec![State::Applied; finished]);
    let (finished, error, ..) = outlined(true, Some("45"));
    assert!(error.is_some() && finished == 0, "{error:?} {finished}");
}
