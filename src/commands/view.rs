//! What several commands show or work out: changes with their places, a draft in words, what the
//! gate found, the course of a proof.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;

use crate::catalog::{Catalog, Expr, Name};
use crate::chain::{self, Chain, Revision, Script, target};
use crate::context::Context;
use crate::db::scratch::Scratch;
use crate::db::{Database, DatabaseUrl};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::gate::Standing;
use crate::git::{Rev, worktree_tree};
use crate::judge;
use crate::layout::{Group, Layout};
use crate::make::Draft;
use crate::models::{Change, Models, drift};
use crate::operation::Operation;
use crate::place::Place;
use crate::project::Project;
use crate::proof::{self, Proof};
use crate::runner::{Direction, Outliner, Step};
use crate::snapshot::{self, Parsed};
use crate::tree::Tree;
use crate::ui::{Tone, Ui};
use crate::words::{counted, first_of, listed};

/// A name that a user typed, with or without a schema.
pub fn table_name(text: &str) -> Name {
    match text.split_once('.') {
        Some((schema, name)) => Name::qualified(schema, name),
        None => Name::new(text),
    }
}

/// `TABLE.COLUMN=EXPR`, by table and column.
///
/// # Errors
/// Where a text is none, with the flag that it was given to.
pub fn assignments(flag: &str, texts: &[String]) -> Result<BTreeMap<(Name, String), Expr>> {
    let mut found = BTreeMap::new();
    for text in texts {
        let parts = text.split_once('=').and_then(|(path, expr)| Some((path.trim().rsplit_once('.')?, expr.trim())));
        let Some(((table, column), expr)) = parts.filter(|(_, expr)| !expr.is_empty()) else {
            let (expected, example) = match flag {
                "--map" => ("ENUM.VALUE=OTHER", "mood.glad=happy"),
                _ => ("TABLE.COLUMN=EXPR", "users.nick_name=\"''\""),
            };
            return Err(Error::undecided(format!("{flag} {text}: expected {expected}"))
                .hint(format!("for instance {flag} {example}")));
        };
        found.insert((table_name(table), column.to_owned()), Expr::new(expr));
    }
    Ok(found)
}

/// The models as of the last commit that touched a chain, as a layout of the project tells them: what
/// everything since then is a change to. `None` without git; no models where no commit has touched it yet.
///
/// # Errors
/// Where the repository cannot be read.
pub fn models_before(project: &Project, layout: &Layout, parsed: &mut Parsed) -> Result<Option<Rc<Models>>> {
    let Some(repo) = &project.repo else { return Ok(None) };
    let Some(head) = repo.head()? else { return Ok(Some(Rc::default())) };
    let paths: Vec<&str> = project.layout.groups.iter().map(|g| g.directory.as_str()).collect();
    match repo.last_commit_touching(&paths, &head)? {
        Some(commit) => judge::models_of(repo, &Rev::Commit(commit), layout, &project.choice, parsed).map(Some),
        None => Ok(Some(Rc::default())),
    }
}

/// Tells which columns structs read and no `table!` has.
///
/// # Errors
/// Where a source cannot be read.
pub fn tell_suggestions(project: &Project, before: Option<&Models>, now: &Models, cx: &mut Context) -> Result<()> {
    let stated = before.iter().flat_map(|before| before.owned.keys()).filter(|name| !now.owned.contains_key(name));
    for table in stated.filter_map(|name| now.tables.get(name)) {
        cx.ui.hint(format!(
            "no struct states {} any more, and its table! keeps it: to drop the table, take the table! out, too ({})",
            table.name, table.at
        ));
    }
    for suggestion in snapshot::suggestions(&project.tree, &project.layout, before, now)? {
        cx.ui.hint(suggestion.describe());
    }
    Ok(())
}

/// The revision that a target names; `None` is before the first one. The database is asked only
/// where the target counts from what is applied.
///
/// # Errors
/// Where the target names nothing, or the database is needed and out of reach.
pub fn revision_at<'a>(project: &Project, chain: &'a Chain, text: &str) -> Result<Option<&'a Revision>> {
    let target = target::parse(text)?;
    let applied = if target.needs_current() { applied_versions(&mut open_for_reading(project)?)? } else { Vec::new() };
    target.resolve(chain, &applied)
}

/// The schema that a revision builds on.
///
/// # Errors
/// Where a revision before it cannot be read or does not parse.
pub fn catalog_before(project: &Project, group: &Group, chain: &Chain, revision: &Revision) -> Result<Catalog> {
    chain::catalog_before(&project.tree, chain, group.dialect, &revision.id, &mut project.cache())
}

/// A change as a line: what, and where in the models.
pub fn change_line(change: &Change, cx: &Context) -> String {
    let place = cx.ui.tone(&change.place().to_string(), Tone::Faint);
    format!("  {:<48} {place}", change.describe())
}

/// A change as JSON.
#[derive(Debug, Serialize)]
pub struct ChangeView {
    pub change: String,
    pub table: Option<String>,
    pub file: String,
    pub line: u32,
}

impl ChangeView {
    /// The change for JSON output.
    pub fn new(change: &Change) -> Self {
        let place = change.place();
        Self {
            change: change.describe(),
            table: change.table().map(ToString::to_string),
            file: place.file.clone(),
            line: place.line,
        }
    }
}

/// What the project has agreed on, as JSON.
#[derive(Debug, Serialize)]
pub struct AgreedView {
    pub item: String,
    /// `null` for a deferred drop.
    pub reason: Option<String>,
    pub needed: bool,
}

impl AgreedView {
    /// The agreement for JSON output.
    pub fn new(standing: &Standing) -> Self {
        let Standing { agreed, is_needed } = standing;
        Self { item: agreed.item.clone(), reason: agreed.reason.clone(), needed: *is_needed }
    }
}

/// Tells what the models changed, unless all of it was told before.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_changes(draft: &Draft, told: &mut BTreeSet<String>, cx: &mut Context) -> Result<()> {
    let mut news = false;
    for change in &draft.changes {
        news |= told.insert(change.describe());
    }
    if news && !cx.ui.is_json() {
        cx.ui.line(cx.ui.tone("The models changed:", Tone::Strong))?;
        for change in &draft.changes {
            cx.ui.line(change_line(change, cx))?;
        }
    }
    Ok(())
}

/// Tells what was found and what the revision does, operation by operation.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_draft(draft: &Draft, several: bool, group: &Group, cx: &mut Context) -> Result<()> {
    for (change, reason) in &draft.unsure {
        cx.ui.warn(format!("left out, because {reason}: {}", change.describe()));
    }
    tell_inherited(&draft.inherited, cx);
    if draft.parts.is_empty() || cx.ui.is_json() {
        return Ok(());
    }
    let place = if several { format!(" in {}", group.directory) } else { String::new() };
    let count = draft.parts.len();
    let parts = if count > 1 { format!(", in {count} revisions") } else { String::new() };
    let title = format!("Here is what it does{place}{parts}:");
    cx.ui.line(cx.ui.tone(&title, Tone::Strong))?;
    for (number, part) in draft.parts.iter().enumerate() {
        if count > 1 {
            let mode = if part.script.run_in_transaction { "" } else { ", without a transaction" };
            cx.ui.line(format!("{} of {count}, {}{mode}:", number + 1, part.title))?;
        }
        tell_operations(&part.script.operations, cx)?;
    }
    let mut notes = draft.parts.iter().flat_map(|part| &part.script.notes).peekable();
    if notes.peek().is_some() {
        cx.ui.line(cx.ui.tone("Look here:", Tone::Warn))?;
        for note in notes {
            cx.ui.line(format!("  - {}", note.text))?;
        }
    }
    Ok(())
}

/// So many operations of one kind in a row are read one by one.
const ALIKE: usize = 12;

/// Tells operations one by one, of many alike in a row the first ones; all with --verbose.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_operations(operations: &[Operation], cx: &mut Context) -> Result<()> {
    lines_of_operations(operations, &cx.ui).into_iter().try_for_each(|line| cx.ui.line(line))
}

/// The operations as numbered lines.
pub fn lines_of_operations(operations: &[Operation], ui: &Ui<'_>) -> Vec<String> {
    let (mut lines, mut number) = (Vec::new(), 0);
    for alike in operations.chunk_by(Operation::is_like) {
        let most = if ui.verbose || alike.len() <= ALIKE { alike.len() } else { 3 };
        let (shown, rest) = first_of(alike, most);
        for operation in shown {
            number += 1;
            lines.push(format!("  {number}. {}", operation.describe()));
        }
        if rest > 0 {
            number += rest;
            lines.push(ui.tone(&format!("     and {rest} more like these (--verbose)"), Tone::Faint));
        }
    }
    lines
}

/// Names the drift that was there before, on stderr.
pub fn tell_inherited(inherited: &[Change], cx: &mut Context) {
    if inherited.is_empty() {
        return;
    }
    let names: Vec<_> = inherited.iter().map(Change::describe).collect();
    cx.ui.status(format!(
        "left out, because it was there before (inherited drift, --all writes it): {}",
        abridged(&names, "; ", cx)
    ));
}

/// Words in a row, of many the first ones; all with --verbose.
pub fn abridged(words: &[String], between: &str, cx: &Context) -> String {
    listed(words, between, if cx.ui.verbose { usize::MAX } else { 5 })
}

/// A revision as one line: identity, message, directory.
pub fn revision_line(revision: &Revision, cx: &Context) -> String {
    format!(
        "{}  {}  {}",
        cx.ui.tone(&revision.id, Tone::Note),
        revision.message,
        cx.ui.tone(&revision.directory, Tone::Faint)
    )
}

/// How many statements of a revision change rows.
pub fn data_line(statements: usize) -> String {
    let verb = if statements == 1 { "changes" } else { "change" };
    format!("  - {} {verb} rows", counted(statements, "statement"))
}

/// A duration for people.
pub fn duration_text(duration: Duration) -> String {
    match duration.as_millis() {
        millis if millis < 10_000 => format!("{millis} ms"),
        millis => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    }
}

/// The steps that apply or take back revisions, in the order given.
///
/// # Errors
/// Where a file is missing, empty or not UTF-8.
pub fn steps(tree: &dyn Tree, chain: &Chain, revisions: &[&Revision], direction: Direction) -> Result<Vec<Step>> {
    revisions.iter().map(|revision| step(tree, chain, revision, direction)).collect()
}

/// The same for a run, which reads the texts of a large plan again when their turn comes: [`reader`].
///
/// # Errors
/// As for [`steps`], and where a text cannot be run.
pub fn outlines(
    tree: &dyn Tree,
    chain: &Chain,
    revisions: &[&Revision],
    direction: Direction,
    dialect: Dialect,
) -> Result<Vec<Step>> {
    let mut outliner = Outliner::default();
    revisions.iter().map(|revision| outliner.outlined(step(tree, chain, revision, direction)?, dialect)).collect()
}

/// Reads the texts of outlines; they have to be what they were.
pub fn reader(tree: &dyn Tree, chain: &Chain) -> impl Fn(&Step) -> Result<Step> {
    move |outline| {
        let Some(revision) = chain.by_version(&outline.version) else { return Ok(outline.clone()) };
        let step = step(tree, chain, revision, outline.direction)?;
        if (&step.checksum_up, &step.checksum_down) == (&outline.checksum_up, &outline.checksum_down) {
            return Ok(step);
        }
        Err(Error::new(Kind::Edited, format!("{} was edited while this run was at work", revision.label()))
            .at(Place::file(&outline.file))
            .hint("nothing of it was run; to go on with the text as it is now: run the same command again"))
    }
}

/// The same for what is only recorded: files that could not be run are as good as others.
///
/// # Errors
/// Where a file cannot be read or is not UTF-8.
pub fn records(tree: &dyn Tree, chain: &Chain, revisions: &[&Revision], direction: Direction) -> Result<Vec<Step>> {
    revisions.iter().map(|revision| record(tree, chain, revision, direction).map(|(step, _)| step)).collect()
}

fn step(tree: &dyn Tree, chain: &Chain, revision: &Revision, direction: Direction) -> Result<Step> {
    let (mut step, script) = record(tree, chain, revision, direction)?;
    step.sql = script.runnable()?;
    step.batch = revision.batch.clone().filter(|_| direction == Direction::Up);
    Ok(step)
}

/// A step whose text is not looked at yet, and that text.
fn record(tree: &dyn Tree, chain: &Chain, revision: &Revision, direction: Direction) -> Result<(Step, Script)> {
    let up = chain.up(tree, revision)?;
    let down = chain.down(tree, revision)?;
    let script = match direction {
        Direction::Up => up.clone(),
        Direction::Down => down.clone(),
    };
    let step = Step {
        version: revision.version.clone(),
        name: revision.directory.clone(),
        revision: revision.ours.then(|| revision.id.clone()),
        direction,
        sql: script.text.clone(),
        file: script.file.clone(),
        checksum_up: chain::checksum(&up.text),
        checksum_down: chain::checksum(&down.text),
        down_sql: down.text,
        in_transaction: revision.run_in_transaction,
        batch: None,
        is_outline: false,
    };
    Ok((step, script))
}

/// A change of a file as a unified diff; `None` before: there is no such file yet.
pub fn unified(path: &str, before: Option<&str>, after: &str) -> String {
    let mut options = diffy::DiffOptions::new();
    let (from, to) = (format!("a/{path}"), format!("b/{path}"));
    let from = if before.is_some() { from } else { "/dev/null".to_owned() };
    options.set_original_filename(from).set_modified_filename(to);
    options.create_patch(before.unwrap_or_default(), after).to_string()
}

/// How the proof of a revision ended.
#[derive(Debug, Clone, Serialize)]
pub struct ProofView {
    /// The directories that were proved, with their migrations directory.
    pub revisions: Vec<String>,
    /// `None` where there was no server to prove it on.
    pub proved: Option<bool>,
    /// What was wrong.
    pub findings: Vec<String>,
}

/// Proves revisions of a chain on a scratch database and tells the course. Without a database
/// server at hand it says so: that is no failure of the revision.
///
/// # Errors
/// Where the chain cannot be read or the scratch database breaks down.
pub fn prove(
    project: &Project,
    group: &Group,
    chain: &Chain,
    names: &[String],
    expected: Option<&Expected<'_>>,
    cx: &mut Context,
) -> Result<ProofView> {
    // Written since the chain was read: read it again.
    let tree = worktree_tree(&project.root);
    let fresh = Chain::load(&tree, &group.directory).unwrap_or_else(|_| chain.clone());
    prove_and_tell(&tree, project, group, &fresh, names, expected, cx)
}

fn prove_and_tell(
    tree: &dyn Tree,
    project: &Project,
    group: &Group,
    chain: &Chain,
    names: &[String],
    expected: Option<&Expected<'_>>,
    cx: &mut Context,
) -> Result<ProofView> {
    let url = project.database.as_ref().map(|(url, _)| url);
    let (view, proof) = prove_in(tree, url, group, chain, names, expected, cx)?;
    if let Some(proof) = proof.filter(|_| !cx.ui.is_json()) {
        tell_proof(&proof, group, &view.findings, cx)?;
    }
    Ok(view)
}

/// Proves each revision by itself, since each can be the last that is applied, and then all of
/// them with the same rows; `expected` is asked of them together. It ends where there is no server.
///
/// # Errors
/// As for [`prove`].
pub fn prove_each(
    tree: &dyn Tree,
    project: &Project,
    group: &Group,
    chain: &Chain,
    names: &[String],
    expected: Option<&Expected<'_>>,
    cx: &mut Context,
) -> Result<Vec<ProofView>> {
    let mut proofs = Vec::new();
    for one in names.iter().filter(|_| names.len() > 1) {
        cx.ui.status(format!("{}/{one}", group.directory));
        let proof = prove_and_tell(tree, project, group, chain, std::slice::from_ref(one), None, cx)?;
        let is_possible = proof.proved.is_some();
        proofs.push(proof);
        if !is_possible {
            return Ok(proofs);
        }
    }
    if names.len() > 1 {
        cx.ui.status(format!("all {} of them, with the same rows", names.len()));
    }
    proofs.push(prove_and_tell(tree, project, group, chain, names, expected, cx)?);
    Ok(proofs)
}

/// Proves revisions of a chain as a tree holds it, and tells only where there is no server for it.
///
/// # Errors
/// As for [`prove`].
pub fn prove_in(
    tree: &dyn Tree,
    url: Option<&DatabaseUrl>,
    group: &Group,
    chain: &Chain,
    names: &[String],
    expected: Option<&Expected<'_>>,
    cx: &mut Context,
) -> Result<(ProofView, Option<Proof>)> {
    let revisions = names.iter().map(|name| format!("{}/{name}", group.directory)).collect();
    let mut view = ProofView { revisions, proved: None, findings: Vec::new() };
    let url = url.filter(|url| url.dialect() == group.dialect);
    if group.dialect != Dialect::Sqlite && url.is_none() {
        cx.ui.warn(format!("not proved: no {} server is named (--database-url, DATABASE_URL or .env)", group.dialect));
        cx.ui.hint("once a server runs: cargo ops-migrate test");
        return Ok((view, None));
    }
    let (subject, before): (Vec<&Revision>, Vec<&Revision>) =
        chain.revisions().iter().partition(|r| names.contains(&r.directory));
    let before =
        before.into_iter().filter(|r| subject.first().is_some_and(|s| r.version < s.version)).collect::<Vec<_>>();
    let before = steps(tree, chain, &before, Direction::Up)?;
    let is_repair = subject.iter().all(|revision| revision.repair.is_some());
    let irreversible: Vec<bool> = subject.iter().map(|r| r.irreversible.is_some()).collect();
    let mut subject = steps(tree, chain, &subject, Direction::Up)?;
    for (step, _) in subject.iter_mut().zip(irreversible).filter(|(_, irreversible)| *irreversible) {
        step.down_sql.clear();
    }
    let mut scratch = match Scratch::create(url, group.dialect) {
        Ok(scratch) => scratch,
        Err(error) => {
            cx.ui.warn(format!("not proved: {error}"));
            error.hints.iter().for_each(|hint| cx.ui.hint(hint));
            cx.ui.hint("once a server runs: cargo ops-migrate test");
            return Ok((view, None));
        }
    };
    let mut progress = cx.ui.progress(before.len() as u64 + 3);
    let proof = proof::prove(scratch.database(), &before, &subject, &mut |event| progress.step(&event.to_string()));
    progress.finish();
    drop(progress);
    let proof = proof?;
    view.findings = findings(&proof, expected);
    if is_repair {
        let changed = proof::difference(&proof.before, &proof.after);
        let told = |line| format!("a database that is right would be changed: {line}");
        view.findings.extend(changed.into_iter().map(told));
    }
    view.proved = Some(view.findings.is_empty());
    Ok((view, Some(proof)))
}

/// What the database has to agree with after `up`.
pub struct Expected<'a> {
    pub models: &'a Models,
    /// What the revisions are for: it has to be there.
    pub changes: &'a [Change],
    /// Differences that were there before and are left alone.
    pub inherited: &'a [Change],
}

/// What the proof found, and where the database is not what the models say.
fn findings(proof: &Proof, expected: Option<&Expected<'_>>) -> Vec<String> {
    let mut wrong = proof.findings();
    if let (Some(expected), None) = (expected, &proof.failure) {
        // The engine knows of some that no replay tells.
        let mut inherited = drift(expected.models, &proof.before);
        inherited.retain(|change| !expected.changes.iter().any(|own| own.covers(change)));
        let known = |change: &Change| {
            let mut inherited = inherited.iter().chain(expected.inherited);
            change.is_new_view() || inherited.any(|inherited| inherited.key() == change.key())
        };
        let found = drift(expected.models, &proof.after).into_iter().filter(|change| !known(change));
        wrong.extend(
            found.map(|change| format!("after up, the database is not what the models say: {}", change.describe())),
        );
    }
    wrong
}

fn tell_proof(proof: &Proof, group: &Group, wrong: &[String], cx: &mut Context) -> Result<()> {
    if wrong.is_empty() {
        let nulls = match proof.without_nulls.len() {
            0 => String::new(),
            count => format!(" ({count} of them without NULLs)"),
        };
        let rows = match proof.seeded_tables.len() {
            1 => format!("1 table with rows{nulls}"),
            count => format!("{count} tables with rows{nulls}"),
        };
        let ways = if proof.irreversible.is_empty() { "up, down, up again" } else { "up" };
        let text = format!(
            "{} on {}: {ways}; {rows}; the schema is what it should be each time ({})",
            cx.ui.tone("Proved", Tone::Good),
            group.dialect,
            duration_text(proof.duration)
        );
        cx.ui.line(text)?;
        for name in &proof.irreversible {
            cx.ui.warn(format!("{name} has no way back: down was not tried"));
        }
    } else {
        cx.ui.line(format!("{} on {}:", cx.ui.tone("Not proved", Tone::Bad), group.dialect))?;
        for line in wrong {
            cx.ui.line(format!("  - {line}"))?;
        }
        cx.ui.hint("edit the files, then: cargo ops-migrate test");
    }
    if cx.ui.verbose {
        for (table, reason) in &proof.not_seeded {
            cx.ui.status(format!("no row for {table}: {reason}"));
        }
        for (table, reason) in &proof.without_nulls {
            cx.ui.status(format!("no row with NULLs for {table}: {reason}"));
        }
    }
    Ok(())
}

/// The database, opened for reading: nothing is made or changed.
///
/// # Errors
/// Where nobody named it or it is out of reach.
pub fn open_for_reading(project: &Project) -> Result<Database> {
    with_start_command(Database::connect_read_only(project.database_url()?), project)
}

/// The database, opened for writing.
///
/// # Errors
/// Where nobody named it or it is out of reach.
pub fn open_for_writing(project: &Project) -> Result<Database> {
    with_start_command(Database::connect(project.database_url()?), project)
}

/// Adds the command that starts the server to the error of one that is down.
///
/// # Errors
/// The error that came in.
pub fn with_start_command<T>(result: Result<T>, project: &Project) -> Result<T> {
    result.map_err(|error| match (error.kind, project.compose_command()) {
        (Kind::Database, Some(command)) => error.hint(command),
        _ => error,
    })
}

/// Versions that the database has applied.
///
/// # Errors
/// Where it cannot be read.
pub fn applied_versions(database: &mut Database) -> Result<Vec<String>> {
    Ok(database.applied()?.into_iter().map(|a| a.version).collect())
}

/// The versions that the database at hand has; `None` where there is none for this chain.
///
/// # Errors
/// Where it cannot be asked.
pub fn applied_at_hand(project: &Project, group: &Group) -> Result<Option<Vec<String>>> {
    let fits = |url: &DatabaseUrl| url.dialect() == group.dialect && Database::exists(url);
    if !project.database.as_ref().is_some_and(|(url, _)| fits(url)) {
        return Ok(None);
    }
    applied_versions(&mut open_for_reading(project)?).map(Some)
}

/// An identity from the clock and the process that no revision of these chains has.
pub fn new_id(chains: &[&Chain], cx: &Context) -> String {
    let seed = format!("{} {}", cx.now.unix_timestamp_nanos(), std::process::id());
    chain::free_id(chain::checksum(&seed).as_bytes(), chains)
}

/// Tells of applied versions that no revision here has, and how to leave them.
pub fn warn_unknown(versions: &[String], cx: &mut Context) {
    for version in versions {
        cx.ui.warn(format!("the database has version {version}, which is not in this chain (another branch?)"));
    }
    if !versions.is_empty() {
        cx.ui.hint("cargo ops-migrate rollback --unknown takes it back, by the down.sql that the ledger keeps");
    }
}

/// What a person is asked before a database is written to.
pub struct Consent {
    pub question: &'static str,
    /// What is said to a no.
    pub refused: &'static str,
    /// Why it takes `--yes` where nobody is there to ask.
    pub why: &'static str,
}

/// Before something is recorded that nobody but the person can know.
pub const RECORD: Consent = Consent {
    question: "Record this?",
    refused: "nothing was recorded",
    why: "what is recorded here is believed from now on",
};

/// Asks, unless it was agreed to beforehand.
///
/// # Errors
/// `Change` where the answer is no; `Undecided` with the flag's name where nobody is there to ask.
pub fn agree(agreed: bool, to: &Consent, cx: &mut Context) -> Result<()> {
    if agreed {
        return Ok(());
    }
    match cx.ui.confirm(to.question)? {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Kind::Change, to.refused)),
        None => Err(needs_flag(to.why, "--yes")),
    }
}

/// Refuses where a choice needs a terminal.
pub fn needs_flag(what: &str, flag: &str) -> Error {
    Error::undecided(format!("{what}, and nobody is there to ask")).hint(format!("say so beforehand: {flag}"))
}
