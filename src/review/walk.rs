//! The way along a chain: each script is followed once, the catalogs before and after a revision go
//! along with it, and every rule looks at each revision that is under review.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::ahead::{Ahead, Read, Scripts, ahead};
use super::allow;
use super::finding::{Finding, Found, Severity};
use super::lock::Lock;
use super::near::{Reach, Touched, near};
use super::once::{said_once, without_rows};
use super::past::Past;
use super::rule::{Report, Rule};
use super::rules::{RULES, find};
use super::size::ease;
use super::step::{Fresh, Made, Steps};
use super::subject::{Metadata, Subject, Way, World};
use crate::catalog::Catalog;
use crate::chain::{Content, Revision};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::explain;
use crate::operation::Operation;
use crate::place::{Place, Places, line_at};
use crate::replay;
use crate::tree::Tree;

/// What is to be reviewed, and how.
pub struct Review<'a> {
    pub tree: &'a dyn Tree,
    pub world: &'a World<'a>,
    /// In the order of the chain.
    pub targets: &'a [&'a Revision],
    /// Whether the targets are unreleased together, so that a table which one makes is new to all that
    /// follow; else each is looked at as it was when it was new, and only tables that are younger than
    /// [`YOUNG`] days were so, too.
    pub unreleased: bool,
    /// The releases that first had the revisions, by directory, counted from the first; empty where
    /// nobody knows them. What one release brings together is new to all of it.
    pub releases: &'a BTreeMap<String, usize>,
    /// Whether the locks of every statement are told.
    pub with_locks: bool,
    /// The schema that a revision meets, where it cannot be carried along.
    pub catalog_before: &'a mut dyn FnMut(&Revision) -> Result<Catalog>,
}

/// What was found in a revision.
#[derive(Debug, Clone)]
pub struct Reviewed {
    pub id: String,
    pub directory: String,
    pub operations: Vec<Operation>,
    pub statements: usize,
    /// How many of them nobody looked at, since there are so many before them.
    pub beyond: usize,
    /// Statements that change rows.
    pub data_statements: usize,
    /// The statements that could not be followed, as places and the beginning of their text.
    pub unread: Vec<(Place, String)>,
    /// Why it cannot be taken back, where its metadata says so.
    pub irreversible: Option<String>,
    /// What the statements of up.sql lock on PostgreSQL, with their lines.
    pub locks: Vec<(u32, Lock)>,
    /// Where the review says of statements of up.sql that MySQL or MariaDB lets nobody write to a table
    /// meanwhile, with their lines; false: MySQL alone.
    pub copies: Vec<(u32, String, bool)>,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// How many more a baseline took away.
    pub known: usize,
    /// The texts that the findings are about, by file.
    pub texts: BTreeMap<String, String>,
}

/// Looks at every target.
///
/// # Errors
/// Where a script cannot be read, or the schema before the first target cannot be told.
pub fn review(review: &mut Review<'_>, level: &dyn Fn(&Rule, &str) -> Severity) -> Result<Vec<Reviewed>> {
    let world = review.world;
    ahead(review.tree, world.chain, world.dialect, review.targets, |ahead| walk(review, ahead, level))
}

fn walk(
    review: &mut Review<'_>,
    ahead: &mut Ahead<'_>,
    level: &dyn Fn(&Rule, &str) -> Severity,
) -> Result<Vec<Reviewed>> {
    let mut found = Vec::new();
    let mut carried: Option<(&Revision, Catalog, Catalog)> = None;
    let mut reach = Reach::default();
    let mut fresh = Fresh::default();
    let past = Past::new(review.tree, review.world.chain, review.world.dialect);
    for revision in review.targets {
        let (before, mut after) = match carried.take() {
            Some((last, before, after)) if review.world.chain.follows_directly(revision, last) => (before, after),
            _ => {
                let before = (review.catalog_before)(revision)?;
                reach = Reach::default();
                reach.learn(&Catalog::empty(before.dialect), &before);
                (before.clone(), before)
            }
        };
        fresh.together = review.unreleased;
        fresh.now = Made { day: day(revision), release: review.releases.get(&revision.directory).copied() };
        if !review.unreleased {
            fresh.forget_old(YOUNG);
        }
        let (one, touched) = look(
            review,
            revision,
            &ahead.scripts(revision)?,
            State { before: &before, after: &mut after, fresh: &mut fresh, reach: &mut reach, past: &past },
            level,
        );
        found.push(one);
        let mut before = before;
        touched.carry(&mut before, &after);
        carried = Some((revision, before, after));
    }
    Ok(found)
}

/// Days. Where no tags say what was released together, revisions of two weeks mostly were.
pub const YOUNG: i64 = 14;

/// The day of a revision, counted from some day in the past; `None` where its name does not tell.
fn day(revision: &Revision) -> Option<i64> {
    // A version need not be a real time to tell the day: `20140929103760`.
    let text = revision.created.as_deref().unwrap_or(&revision.version);
    let digits: String = text.chars().filter(char::is_ascii_digit).take(8).collect();
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    // Months of 31 days: a few days too many between two of them do no harm here.
    Some(year * 372 + month * 31 + day)
}

/// What goes along the chain.
pub(super) struct State<'a> {
    /// The schema that a revision meets.
    pub(super) before: &'a Catalog,
    /// The same, to be changed by it.
    pub(super) after: &'a mut Catalog,
    pub(super) fresh: &'a mut Fresh,
    pub(super) reach: &'a mut Reach,
    pub(super) past: &'a Past<'a>,
}

fn look(
    review: &Review<'_>,
    revision: &Revision,
    scripts: &Scripts,
    state: State<'_>,
    level: &dyn Fn(&Rule, &str) -> Severity,
) -> (Reviewed, Touched) {
    with_subject(review, revision, scripts, state, |subject| {
        let up = subject.up;
        let reviewed = Reviewed {
            id: revision.id.clone(),
            directory: revision.directory.clone(),
            statements: up.steps.len() + up.alike + up.beyond.map_or(0, |(_, count)| count),
            beyond: up.beyond.map_or(0, |(_, count)| count),
            data_statements: up.steps.iter().filter(|s| s.acts.iter().any(|act| act.action.is_data())).count()
                + up.alike,
            unread: unread(up),
            irreversible: revision.irreversible.clone(),
            locks: if review.with_locks { locks(subject) } else { Vec::new() },
            copies: if review.with_locks { copies(subject) } else { Vec::new() },
            findings: findings(subject, level),
            texts: texts_of(subject),
            known: 0,
            operations: subject.operations.to_vec(),
        };
        (reviewed, Touched::of(subject.near_before, subject.near_after))
    })
}

/// Follows both scripts of a revision, and shows what they come to.
pub(super) fn with_subject<T>(
    review: &Review<'_>,
    revision: &Revision,
    scripts: &Scripts,
    state: State<'_>,
    show: impl FnOnce(&Subject<'_>) -> T,
) -> T {
    let chain = review.world.chain;
    let Scripts { up, down } = scripts;
    let texts = [up.script.text.as_str(), down.script.text.as_str()];
    let State { before, after, fresh, reach, past } = state;
    let up = match &revision.repair {
        Some(_) => Way { script: &up.script, steps: Vec::new(), alike: 0, beyond: None, errors: Vec::new() },
        None => way(up, after, fresh),
    };
    let (near_before, near_after) = near(reach, before, after, &up.steps, &texts);
    reach.learn(&near_before, &near_after);
    past.learn(revision, &up.steps, &up.script.text);
    let mut near_back = near_after.clone();
    let down = way(down, &mut near_back, &mut Fresh::default());
    let operations = explain::between(&near_before, &near_after, up.acts().map(|(_, act)| &act.action));
    let metadata_file = chain.path(revision, "metadata.toml");
    show(&Subject {
        world: review.world,
        revision,
        up: &up,
        down: &down,
        metadata_file: &metadata_file,
        metadata: Metadata::new(review.tree, &metadata_file),
        before,
        after,
        near_before: &near_before,
        near_after: &near_after,
        near_back: &near_back,
        operations: &operations,
        past,
        exclusive: OnceCell::new(),
    })
}

fn way<'a>(read: &'a Read, catalog: &mut Catalog, fresh: &mut Fresh) -> Way<'a> {
    let Read { script, prepared } = read;
    let mut steps = Steps::new(&script.file, fresh);
    let errors = match script.content {
        Content::Statements => replay::follow_prepared(catalog, &script.text, &script.file, prepared, &mut steps),
        _ => Vec::new(),
    };
    Way { script, steps: steps.found, alike: steps.alike, beyond: steps.beyond, errors }
}

fn locks(subject: &Subject<'_>) -> Vec<(u32, Lock)> {
    let text = &subject.up.script.text;
    let is_there = |lock: &Lock| !lock.tables.is_empty();
    let own = subject.standing().filter(|_| subject.dialect() == Dialect::Postgres);
    own.filter_map(|(step, act)| Some((line_at(text, step.offset), subject.lock_of(act).filter(is_there)?))).collect()
}

fn copies(subject: &Subject<'_>) -> Vec<(u32, String, bool)> {
    let mut reports = Vec::new();
    if subject.dialect() == Dialect::Mysql {
        super::rules::copies(subject, &mut reports);
    }
    let place = |report: &Report| Some(line_at(&subject.up.script.text, report.range?.0));
    reports.iter().filter_map(|r| Some((place(r)?, r.text.clone(), r.severity != Some(Severity::Info)))).collect()
}

fn unread(up: &Way<'_>) -> Vec<(Place, String)> {
    let head = |text: &str| text.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    let mut places = Places::of(&up.script.file, &up.script.text);
    let steps = up.steps.iter().filter(|step| step.unread);
    let mut found: Vec<_> = steps.map(|step| (places.at(step.offset), head(&step.text))).collect();
    found.extend(up.beyond.map(|(offset, count)| (places.at(offset), format!("{count} statements from here on"))));
    found
}

fn texts_of(subject: &Subject<'_>) -> BTreeMap<String, String> {
    let scripts = [subject.up.script, subject.down.script].map(|script| (script.file.clone(), script.text.clone()));
    let metadata = subject.metadata.known().map(|text| (subject.metadata_file.to_owned(), text.to_owned()));
    scripts.into_iter().chain(metadata).collect()
}

/// What every rule that is on says and no comment allows, the worst first.
fn findings(subject: &Subject<'_>, level: &dyn Fn(&Rule, &str) -> Severity) -> Vec<Finding> {
    let file = &subject.up.script.file;
    let on = |rule: &&Rule| rule.dialects.contains(&subject.dialect()) && level(rule, file) != Severity::Off;
    let mut found = Vec::new();
    for rule in RULES.iter().filter(on) {
        let mut reports = Vec::new();
        (rule.check)(subject, &mut reports);
        found.extend(reports.into_iter().map(|report| one_found(subject, rule, level(rule, file), report)));
    }
    let empty = without_rows(subject, &found);
    let comments = find("allow-comment").filter(on);
    let is_on = |id: &str| find(id).as_ref().is_some_and(on);
    for way in [subject.up, subject.down] {
        let reports = allow::apply(&way.script.file, &way.script.text, &way.steps, &mut found, &is_on);
        if let Some(rule) = comments {
            found.extend(reports.into_iter().map(|report| {
                let range = None;
                Found { range, ..one_found(subject, rule, level(rule, file), report) }
            }));
        }
    }
    let mut findings = said_once(subject, &empty, found);
    number_copies(&mut findings);
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.code.cmp(b.code)).then(a.line.cmp(&b.line)));
    findings
}

/// The same words about two equal statements are two findings.
fn number_copies(findings: &mut [Finding]) {
    let mut seen = BTreeSet::new();
    for finding in findings {
        let mut copy = 0;
        while !seen.insert(finding.fingerprint.clone()) {
            copy += 1;
            finding.fingerprint = fingerprint(finding, &format!("{copy}"));
        }
    }
}

fn one_found(subject: &Subject<'_>, rule: &Rule, level: Severity, mut report: Report) -> Found {
    let (range, about) = (report.range, report.about.take());
    Found { finding: finding(subject, rule, level, report), range, about }
}

fn finding(subject: &Subject<'_>, rule: &Rule, level: Severity, report: Report) -> Finding {
    let text = [subject.up.script, subject.down.script].into_iter().find(|script| script.file == report.file);
    let text = match text {
        Some(script) => script.text.as_str(),
        None => subject.metadata.text().unwrap_or_default(),
    };
    let (start, end) = match report.range {
        Some((start, end)) => (Place::at_offset(&report.file, text, start), Place::at_offset(&report.file, text, end)),
        None => (Place::file(&report.file), Place::file(&report.file)),
    };
    // A rule may say that one case matters less or more than its default; a level that somebody chose
    // stands.
    let severity = match report.severity {
        Some(own) if level == rule.severity => own,
        _ => level,
    };
    let mut finding = Finding {
        code: rule.code,
        rule: rule.id,
        severity,
        file: report.file,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: report.text,
        safer: report.safer.unwrap_or_else(|| rule.safer.to_owned()),
        sql: report.sql,
        lock: report.lock,
        rows: None,
        fix: report.fix,
        mends: rule.code,
        also: Vec::new(),
        scans: Vec::new(),
        fingerprint: String::new(),
    };
    let (from, to) = report.range.unwrap_or((0, 0));
    let is_up = finding.file == subject.up.script.file && report.range.is_some();
    if level == rule.severity {
        if let Some((rows, small)) = subject.world.rows {
            let about = || if is_up { subject.tables_at(from) } else { Vec::new() };
            rows.weigh(&mut finding, &about, small, &|table| subject.small(table, from)?.rows);
        }
        if is_up {
            ease(subject, &mut finding, from);
        }
    }
    finding.fingerprint = fingerprint(&finding, text.get(from..to).unwrap_or_default());
    finding
}

/// White space and place do not count.
fn fingerprint(finding: &Finding, statement: &str) -> String {
    let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = format!("{}\0{}\0{}\0{statement}", finding.code, finding.file, finding.text);
    Sha256::digest(text.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
