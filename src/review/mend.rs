//! What is mechanical about mending a revision: the way back worked out from the schema, a revision
//! split into several, statements replaced. Here are values; whether a fix is wanted, and the files
//! that come of it, are the command's business.

use crate::catalog::{Catalog, Check, Expr, ForeignKey};
use crate::chain::{Content, Script, metadata};
use crate::diff::{self, Answers};
use crate::explain;
use crate::operation::Operation;
use crate::render;
use crate::replay;
use crate::replay::action::{Action, ConstraintKind, NewConstraint, clauses};
use crate::sql;

use super::allow;
use super::finding::{Edit, Fix, Part};
use super::lock::Work;
use super::rule::Rule;
use super::rules::concurrently;
use super::step::{Act, Fresh, Step, Steps};
use super::subject::{Subject, Way};

/// What `--fix` does about the findings of rules, by their ids: whoever asks for the rules reads it, and a
/// test compares it with what happens.
const MENDS: &[(&str, &str)] = &[
    ("rename-as-drop-and-add", "renames instead, in both scripts"),
    ("missing-down", "writes down.sql, where the schema tells what it has to say"),
    ("down-not-inverse", "adds the statements that down.sql lacks"),
    (
        "index-not-concurrent",
        "builds each index CONCURRENTLY in a revision of its own, with its metadata.toml; of a partitioned table those of its partitions",
    ),
    ("drop-index-not-concurrent", "drops each index CONCURRENTLY in a revision of its own, with its metadata.toml"),
    ("set-not-null-scans", "adds a check NOT VALID, and validates it, sets NOT NULL and drops it in a last revision"),
    ("foreign-key-not-valid", "adds the key NOT VALID, and validates it in a last revision"),
    ("check-not-valid", "adds the check NOT VALID, and validates it in a last revision"),
    ("validate-in-same-revision", "validates in the next revision"),
    ("enum-value-used-at-once", "uses the value in the next revision"),
    ("needs-no-transaction", "writes metadata.toml, or gives the statement a revision of its own"),
    ("no-transaction-stands-alone", "gives each such statement a revision of its own"),
    ("transaction-control", "leaves BEGIN and COMMIT out"),
    ("session-setting-leaks", "says SET LOCAL (PostgreSQL)"),
];

/// What `--fix` does about a rule's findings; `None` where that needs a person.
pub fn mends(rule: &Rule) -> Option<&'static str> {
    MENDS.iter().find(|(id, _)| *id == rule.id).map(|(_, what)| *what)
}

/// Where a statement of a revision that is split has to stand.
pub(super) enum Cut {
    /// With those before it.
    With,
    /// With those behind it, in the next revision.
    After,
    /// The same behind statements in these words that stand alone, each in a revision without a transaction.
    Behind(Vec<String>),
    /// In a revision of its own without a transaction, in these words.
    Alone(String),
    /// Where it is, in these words; the rest of it in a last revision.
    Later { now: String, rest: Vec<Later> },
    /// Nowhere.
    Nowhere,
}

/// A clause of an ALTER TABLE in two steps, so that no lock is held while rows are read.
pub(super) struct Later {
    /// The clause that takes its place.
    pub(super) now: String,
    /// What reads the rows, in the last revision.
    pub(super) reads: String,
    /// What that revision does once all is read.
    pub(super) then: Vec<String>,
}

/// Some statements of a revision that is split.
#[derive(Default)]
struct Group {
    text: String,
    alone: bool,
}

/// The revision in several, cut where `cut` says so. `None` where something would be lost: where its
/// scripts cannot be followed, or its way back is more than the schema's.
pub(super) fn split(subject: &Subject<'_>, title: &str, cut: &dyn Fn(&Step) -> Cut) -> Option<Fix> {
    // Of a whole chain nothing is to be changed.
    if !subject.world.unreleased
        || !is_followed(subject.up)
        || !goes_all_the_way_back(subject)
        || subject.revision.batch.is_some()
    {
        return None;
    }
    let mut before = subject.near_before.clone();
    let mut parts: Vec<Part> = Vec::new();
    for group in groups(subject.up, cut) {
        let (part, after) = part(&before, group)?;
        parts.push(part);
        before = after;
    }
    let is_same = |part: &Part| {
        part.up.trim() == subject.up.script.text.trim() && part.run_in_transaction == subject.in_transaction()
    };
    if parts.len() == 1 && parts.iter().all(is_same) {
        return None;
    }
    // In several steps it comes to the same.
    if !diff::diff(&before, subject.near_after, &Answers::default()).is_empty() {
        return None;
    }
    // What the author says at the top of the way back stays there.
    if let (Some(first), Some(step)) = (parts.first_mut(), subject.down.steps.first()) {
        let said = subject.down.script.text.get(..step.offset).unwrap_or_default().trim();
        if !said.is_empty() && !first.down.starts_with(said) {
            first.down.insert_str(0, &format!("{said}\n"));
        }
    }
    Some(Fix { title: title.to_owned(), edits: Vec::new(), parts })
}

fn groups(up: &Way<'_>, cut: &dyn Fn(&Step) -> Cut) -> Vec<Group> {
    let text = &up.script.text;
    let mut groups: Vec<Group> = Vec::new();
    let (mut reads, mut then) = (Vec::new(), Vec::new());
    let mut from = 0;
    for step in &up.steps {
        let end = end_of(text, step);
        let before = text.get(from..step.offset).unwrap_or_default();
        let own = text.get(step.offset..end).unwrap_or_default();
        from = end;
        let place = cut(step);
        let own = match &place {
            Cut::Later { now, .. } => format!("{now}{}", text.get(step.end..end).unwrap_or_default()),
            _ => own.to_owned(),
        };
        let alone = |text: String| Group { text, alone: true };
        match place {
            Cut::Alone(words) => groups.push(alone(format!("{before}{words};"))),
            Cut::Nowhere => {}
            place => {
                if let Cut::Behind(words) = &place {
                    groups.extend(words.iter().map(|words| alone(format!("{words};"))));
                }
                let starts = matches!(place, Cut::After) || groups.last().is_none_or(|group| group.alone);
                if starts {
                    groups.push(Group::default());
                }
                if let Some(group) = groups.last_mut() {
                    group.text.push_str(before);
                    group.text.push_str(&own);
                }
                if let Cut::Later { rest, .. } = place {
                    for later in rest {
                        reads.push(later.reads);
                        then.extend(later.then);
                    }
                }
            }
        }
    }
    if let Some(last) = groups.last_mut() {
        last.text.push_str(text.get(from..).unwrap_or_default());
    }
    if !reads.is_empty() {
        let text = reads.into_iter().chain(then).collect::<Vec<_>>().join("\n");
        groups.push(Group { text, alone: false });
    }
    groups
}

fn part(before: &Catalog, group: Group) -> Option<(Part, Catalog)> {
    let mut after = before.clone();
    let mut fresh = Fresh::default();
    let mut steps = Steps::new("up.sql", &mut fresh);
    replay::follow(&mut after, &group.text, "up.sql", &mut steps);
    let actions = steps.found.iter().flat_map(|step| step.acts.iter().map(|act| &act.action));
    let back = way_back(before, &after, actions)?;
    if !back.run_in_transaction && !group.alone {
        return None;
    }
    let makes = back.operations.iter().any(|operation| matches!(operation, Operation::CreateIndex { .. }));
    // What the parts of a whole table's index had been goes on in it.
    let is_helper = |operation: &&Operation| match operation {
        Operation::DropCheck { .. } => true,
        Operation::DropIndex { .. } => makes,
        _ => false,
    };
    let first = back.operations.iter().find(|operation| !is_helper(operation));
    let title = match first.or(back.operations.first()) {
        Some(operation) => operation.describe(),
        None if group.alone => "what stands alone".to_owned(),
        None => "rows".to_owned(),
    };
    let down = if group.alone { alone(&back.down) } else { back.down };
    // Two statements are a transaction, even without one.
    if group.alone && sql::statements(after.dialect, &down).is_ok_and(|statements| statements.len() > 1) {
        return None;
    }
    let up = format!("{}\n", group.text.trim());
    Some((Part { title, up, down, run_in_transaction: !group.alone }, after))
}

/// The scripts that lead from one catalog to the other and back; `None` where there is no SQL for it.
fn way_back<'a>(
    before: &Catalog,
    after: &Catalog,
    steps: impl IntoIterator<Item = &'a Action>,
) -> Option<render::Script> {
    let answers = Answers { renames: explain::renames(before, after, steps), ..Answers::default() };
    render::script(before, after, &answers).ok()
}

/// An index of a revision of its own goes as it came.
fn alone(down: &str) -> String {
    let lines = down.lines().map(|line| {
        let is_index = line.contains(" INDEX ") && (line.starts_with("CREATE ") || line.starts_with("DROP "));
        if is_index { concurrently(line) } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Statements of a rule in two steps each: where they are, and what reads the rows in a last revision.
pub(super) fn read_later(
    subject: &Subject<'_>,
    rule: &str,
    in_two: &dyn Fn(&Step, &Act) -> Option<Later>,
) -> Option<Fix> {
    // There, locks end with each statement.
    if !subject.in_transaction() {
        return None;
    }
    split(subject, "read the rows in a revision of their own", &|step| {
        let (now, rest) = in_clauses(subject, step, in_two);
        let stays = rest.is_empty() || is_allowed(subject, step, rule);
        if stays { Cut::With } else { Cut::Later { now, rest } }
    })
}

/// A statement whose clauses take no longer than a moment, as far as they can be taken in two steps; the
/// others stay what they are, so that the order in which the server does them stays, too.
fn in_clauses(
    subject: &Subject<'_>,
    step: &Step,
    in_two: &dyn Fn(&Step, &Act) -> Option<Later>,
) -> (String, Vec<Later>) {
    let (mut now, mut rest) = (step.text.clone(), Vec::new());
    // From the last one, so that the places of those before it hold.
    for clause in clauses(subject.dialect(), &step.text).into_iter().rev() {
        // What a new column brings along stays at it.
        let [action] = clause.actions.as_slice() else { continue };
        let own = step.acts.iter().find(|act| act.action == *action && !act.is_new);
        if let Some(later) = own.and_then(|act| in_two(step, act)) {
            now.replace_range(clause.range, &later.now);
            rest.push(later);
        }
    }
    rest.reverse();
    (now, rest)
}

/// The words of the clause that does something, in an ALTER TABLE.
pub(super) fn clause_of<'a>(subject: &Subject<'_>, step: &'a Step, action: &Action) -> Option<&'a str> {
    let found = clauses(subject.dialect(), &step.text).into_iter().find(|clause| clause.actions == [action.clone()])?;
    step.text.get(found.range)
}

/// Whether a statement writes a table anew: what else it has to know of the rows, it sees then.
pub(super) fn rewrites(subject: &Subject<'_>, step: &Step) -> bool {
    step.acts.iter().filter_map(|act| subject.lock_of(act)).any(|lock| lock.work == Work::Rewrite)
}

/// A constraint that is there for new rows first, and then for those that are there.
pub(super) fn constraint_later(subject: &Subject<'_>, step: &Step, act: &Act, new: &NewConstraint) -> Option<Later> {
    // A partitioned table has no such keys.
    let partitioned = act.before.as_ref().is_none_or(|table| table.options.partition_by.is_some());
    if partitioned || (new.kind == ConstraintKind::Check && rewrites(subject, step)) {
        return None;
    }
    let name = subject.quote(&new.name.clone().or_else(|| name_of(act, new))?);
    Some(Later {
        now: format!("{} NOT VALID", clause_of(subject, step, &act.action)?),
        reads: format!("ALTER TABLE {} VALIDATE CONSTRAINT {name};", subject.sql(&new.table)),
        then: Vec::new(),
    })
}

/// The name that the server gives a constraint without one.
pub(super) fn name_of(act: &Act, new: &NewConstraint) -> Option<String> {
    let (before, after) = (act.before.as_ref()?, act.after.as_ref()?);
    if new.kind == ConstraintKind::ForeignKey {
        let is_it = |key: &&ForeignKey| key.columns == new.columns && !before.foreign_keys.contains(key);
        return after.foreign_keys.iter().find(is_it)?.name.clone();
    }
    let is_it = |check: &&Check| !before.checks.contains(check) && check.expr == Expr::new(new.text.as_str());
    after.checks.iter().find(is_it)?.name.clone()
}

/// Whether a comment says that a statement is to stay as it is.
pub(super) fn is_allowed(subject: &Subject<'_>, step: &Step, rule: &str) -> bool {
    allow::is_allowed(&subject.up.script.text, &subject.up.steps, step, rule)
}

/// The whole way back where there is none yet: nothing of the author's is replaced.
pub(super) fn written_down(subject: &Subject<'_>) -> Option<Fix> {
    let is_known = subject.world.unreleased
        && is_followed(subject.up)
        && subject.near_after.uncertain.len() == subject.near_before.uncertain.len()
        && !subject.operations.is_empty();
    let actions = subject.up.acts().map(|(_, act)| &act.action);
    let back = way_back(subject.near_before, subject.near_after, actions).filter(|_| is_known)?;
    let fits = back.run_in_transaction || !subject.in_transaction();
    let down = &subject.down.script;
    let start = if down.content == Content::Comment { down.text.len() } else { 0 };
    let edit =
        Edit { file: down.file.clone(), start, end: down.text.len(), text: on_own_line(down, start, &back.down) };
    fits.then(|| Fix::edits("write the way back", vec![edit]))
}

/// Statements behind the last one of a script.
pub(super) fn appended(script: &Script, title: &str, statements: &str) -> Fix {
    let end = script.text.len();
    let edit = Edit { file: script.file.clone(), start: end, end, text: on_own_line(script, end, statements) };
    Fix::edits(title, vec![edit])
}

fn on_own_line(script: &Script, at: usize, text: &str) -> String {
    let before = script.text.get(..at).unwrap_or_default();
    let line = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    format!("{line}{}\n", text.trim_end())
}

/// Another text for a statement; none at all takes its semicolon and its line along.
pub(super) fn instead(way: &Way<'_>, step: &Step, words: &str) -> Edit {
    let text = &way.script.text;
    if !words.is_empty() {
        return Edit { file: way.script.file.clone(), start: step.offset, end: step.end, text: words.to_owned() };
    }
    let end = end_of(text, step);
    let blank = text[end..].find('\n').filter(|at| text[end..end + at].trim().is_empty());
    let end = blank.map_or(end, |at| end + at + 1);
    Edit { file: way.script.file.clone(), start: step.offset, end, text: String::new() }
}

/// `run_in_transaction` of the revision as it should be; the rest of metadata.toml stays.
pub(super) fn transaction(subject: &Subject<'_>, value: bool) -> Edit {
    let text = subject.metadata.text().unwrap_or_default();
    let new = with_transaction(text, value);
    Edit { file: subject.metadata_file.to_owned(), start: 0, end: text.len(), text: new }
}

/// A metadata.toml with another `run_in_transaction`, which stands first where it is new.
pub fn with_transaction(text: &str, value: bool) -> String {
    let own = format!("run_in_transaction = {value}");
    let is_key = |line: &str| line.split('=').next().is_some_and(|key| key.trim() == "run_in_transaction");
    let above = text.lines().position(|line| line.trim_start().starts_with('[')).unwrap_or(usize::MAX);
    match text.lines().position(is_key).filter(|at| *at < above) {
        Some(at) => {
            let lines = text.lines().enumerate().map(|(n, line)| if n == at { own.as_str() } else { line });
            lines.collect::<Vec<_>>().join("\n") + "\n"
        }
        None if text.trim().is_empty() => own + "\n",
        None if above == 0 => format!("{own}\n\n{text}"),
        None => format!("{own}\n{text}"),
    }
}

/// A metadata.toml that Diesel misreads, as it was meant; `None` where that cannot be told.
pub fn mended_metadata(text: &str) -> Option<String> {
    let value = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let near = strsim::jaro_winkler(&key.trim().to_lowercase().replace('-', "_"), "run_in_transaction") > 0.9;
        let value = value.split('#').next().unwrap_or_default();
        let word = value.trim().trim_matches(['"', '\'']).to_lowercase();
        word.parse::<bool>().ok().filter(|_| near)
    };
    let meant = text.lines().find_map(value).unwrap_or(true);
    let rest: Vec<&str> = text.lines().filter(|line| value(line).is_none()).collect();
    let rest = if rest.is_empty() { String::new() } else { rest.join("\n") + "\n" };
    let new = with_transaction(&rest, meant);
    metadata::parse(&new, "metadata.toml").is_ok().then_some(new)
}

/// A text with the edits of a file done; `None` where they do not fit it or meet each other.
pub fn edited(text: &str, edits: &[&Edit]) -> Option<String> {
    let mut sorted = edits.to_vec();
    sorted.sort_by_key(|edit| (edit.start, edit.end));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for edit in sorted {
        out.push_str(text.get(from..edit.start).filter(|_| edit.start <= edit.end)?);
        out.push_str(&edit.text);
        from = edit.end;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

fn is_followed(way: &Way<'_>) -> bool {
    way.errors.is_empty() && way.steps.iter().all(|step| !step.unread)
}

/// Whether down.sql restores the schema, and does nothing beside.
fn goes_all_the_way_back(subject: &Subject<'_>) -> bool {
    let changes_rows = subject.down.acts().any(|(_, act)| act.action.is_data());
    subject.goes_back()
        && is_followed(subject.down)
        && !changes_rows
        && subject.near_back.uncertain.len() == subject.near_before.uncertain.len()
        && diff::diff(subject.near_back, subject.near_before, &Answers::default()).is_empty()
}

/// Where a statement ends, its semicolon and a comment behind it on the line included.
fn end_of(text: &str, step: &Step) -> usize {
    let rest = &text[step.end..];
    let blank = rest.len() - rest.trim_start().len();
    let end = if rest[blank..].starts_with(';') { step.end + blank + 1 } else { step.end };
    let line = text[end..].lines().next().unwrap_or_default();
    if line.trim_start().starts_with("--") { end + line.len() } else { end }
}
