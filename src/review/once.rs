//! What is said once: the same of several statements, several facts of one table that is locked already, two
//! rules about one loss, and nothing of the locks of a table that has no rows.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::finding::Found;
use super::lock::{Lock, LockMode, Work};
use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialect::Dialect;
use crate::replay::action::Action;

/// Takes the findings away that others say as well or better, and gathers what is alike.
pub(super) fn said_once(subject: &Subject<'_>, empty: &BTreeSet<String>, mut found: Vec<Found>) -> Vec<Finding> {
    found.retain(|one| !is_about_empty(subject, one, empty));
    let better: BTreeSet<String> = found
        .iter()
        .filter(|one| matches!(one.finding.code, "OM004" | "OM208") && one.finding.severity > Severity::Info)
        .filter_map(|one| one.about.clone())
        .collect();
    found.retain(|one| one.finding.code != "OM003" || !one.about.as_ref().is_some_and(|about| better.contains(about)));
    let mut found = at_the_longest(subject, found);
    // A rule may have come to them in another order.
    found.sort_by_key(|one| (one.finding.code, one.finding.line));
    gathered(subject, found)
}

/// Tables that have no rows where the script does not fail, since a new column has no value for them.
pub(super) fn without_rows(subject: &Subject<'_>, found: &[Found]) -> BTreeSet<String> {
    let fails = |one: &&Found| one.finding.code == "OM001" && subject.dialect() != Dialect::Mysql;
    let places = found.iter().filter(fails).filter_map(|one| one.range);
    places.flat_map(|(start, _)| subject.tables_at(start)).collect()
}

/// Whether it is about the lock or a value of a table without rows.
fn is_about_empty(subject: &Subject<'_>, one: &Found, empty: &BTreeSet<String>) -> bool {
    if empty.is_empty() || !(one.finding.code.starts_with("OM1") || one.finding.code == "OM002") {
        return false;
    }
    match (&one.finding.lock, one.range) {
        (Some(lock), _) => lock.tables.first().is_some_and(|table| empty.contains(table)),
        (None, Some((start, _))) => {
            let tables = subject.tables_at(start);
            !tables.is_empty() && tables.iter().all(|table| empty.contains(table))
        }
        (None, None) => false,
    }
}

/// A table that is locked against readers and read as a whole is one finding, at the statement that takes
/// longest: a scan adds little to rows written, an index built or a table rewritten under the same lock.
fn at_the_longest(subject: &Subject<'_>, found: Vec<Found>) -> Vec<Found> {
    let long: Vec<(usize, Vec<(String, Work)>)> = found
        .iter()
        .enumerate()
        .filter(|(_, one)| one.finding.code.starts_with("OM1") && part_of(&one.finding) != Some(Part::Scan))
        .filter_map(|(at, one)| Some((at, long_work(subject, one.range?.0))))
        .collect();
    let longest = |one: &Found, part: Part| {
        let table = one.finding.lock.as_ref()?.tables.first()?;
        // A note beside a warning is about something that takes no time.
        let works = long.iter().filter(|(at, _)| {
            let other = &found[*at].finding;
            other.file == one.finding.file && other.severity == one.finding.severity
        });
        let works = works.flat_map(|(at, works)| works.iter().map(move |(name, work)| (*at, name, *work)));
        // Parts of one statement read the table once.
        let rank = |at: usize, work: Work| (found[at].range == one.range, work, Reverse(at));
        let fits = |at: usize, work: Work| match part {
            Part::Scan => true,
            Part::Index => work == Work::Rewrite && found[at].range == one.range,
        };
        works
            .filter(|(at, name, work)| *name == table && fits(*at, *work))
            .max_by_key(|(at, _, work)| rank(*at, *work))
            .map(|(at, ..)| at)
    };
    let takers: Vec<Option<usize>> =
        found.iter().map(|one| part_of(&one.finding).and_then(|part| longest(one, part))).collect();
    let mut kept: Vec<Option<Found>> = found.into_iter().map(Some).collect();
    for (at, taker) in takers.iter().enumerate() {
        let Some(taker) = taker else { continue };
        let Some(part) = kept[at].take() else { continue };
        if let Some(Found { finding, .. }) = &mut kept[*taker] {
            finding.take_part(part.finding);
        }
    }
    kept.into_iter().flatten().collect()
}

/// What may be a part of something longer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Every row is read.
    Scan,
    /// An index is built, which a statement does anyhow that writes the table anew.
    Index,
}

fn part_of(finding: &Finding) -> Option<Part> {
    match finding.code {
        "OM110" | "OM113" => Some(Part::Scan),
        // By itself it locks writers out, and of another table, too.
        "OM112" if finding.lock.as_ref().is_some_and(|l| l.mode == LockMode::AccessExclusive) => Some(Part::Scan),
        "OM116" => Some(Part::Index),
        _ => None,
    }
}

/// The tables that the statement at an offset works on while nobody can read them, where that takes longer
/// than to read them.
fn long_work(subject: &Subject<'_>, offset: usize) -> Vec<(String, Work)> {
    let acts = subject.standing().filter(|(step, _)| step.offset == offset);
    let works = acts.filter_map(|(step, act)| {
        let Lock { tables, work, .. } = subject.lock_of(act)?;
        let table = tables.into_iter().next()?;
        let work = match &act.action {
            Action::Update(_) | Action::Delete(_) => Work::Rewrite,
            _ => work,
        };
        (work > Work::Scan && subject.held(step, &table).is_some()).then_some((table, work))
    });
    works.collect()
}

/// Rules that say of each statement the same, without a lock: what to do is done once for all of them.
fn says_once(code: &str) -> bool {
    matches!(code, "OM001" | "OM002" | "OM003" | "OM106" | "OM202" | "OM206" | "OM209" | "OM211" | "OM215")
        || code.starts_with("OM3")
}

/// What a rule says of several statements of a script in the same words, or of their locks, is said once, as
/// a colleague would: at the first of them, or where the lock of the table is that most others refer to, with
/// the lines of the others.
fn gathered(subject: &Subject<'_>, found: Vec<Found>) -> Vec<Finding> {
    let mut groups: Vec<Vec<Found>> = Vec::new();
    for one in found {
        let finding = &one.finding;
        let is_like = |group: &&mut Vec<Found>| {
            let first = &group[0].finding;
            let modes = [first.lock.as_ref(), finding.lock.as_ref()].map(|lock| lock.map(|lock| lock.mode));
            first.code == finding.code
                && first.file == finding.file
                && first.severity == finding.severity
                && modes[0] == modes[1]
                && (modes[0].is_some() || says_once(first.code))
        };
        match groups.iter_mut().find(is_like) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.into_iter().map(|group| one_of(subject, group)).collect()
}

/// One finding for those that are alike.
fn one_of(subject: &Subject<'_>, mut group: Vec<Found>) -> Finding {
    let users = |one: &Found| {
        let locked = one.finding.lock.as_ref().and_then(|lock| lock.tables.first()).or(one.about.as_ref());
        let locked = locked.filter(|_| one.finding.code.starts_with("OM1"));
        locked.map_or((0, 0), |table| subject.users_of(table))
    };
    let mut most = 0;
    if group.len() > 1 {
        let users: Vec<_> = group.iter().map(users).collect();
        // The first of those that are used alike.
        most = (1..users.len()).fold(0, |most, at| if users[at] > users[most] { at } else { most });
    }
    let mut first = group.remove(most).finding;
    group.into_iter().for_each(|other| first.take_in(other.finding));
    first.name_others();
    first
}
