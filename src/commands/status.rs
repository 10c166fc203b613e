//! `status`: current, head, pending, and whether models, chain and database agree, in one look.

use std::collections::HashSet;

use clap::Args;
use serde::Serialize;

use super::guard::{ProtectedView, Standing};
use super::view::{AgreedView, ChangeView};
use super::{project, published, view};
use crate::catalog::Catalog;
use crate::chain::{self, Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::db::introspect::introspect;
use crate::db::ledger::LEDGER_TABLE;
use crate::db::{Database, ledger, lock};
use crate::error::{Outcome, Result};
use crate::gate::{self, Produced, Verdict};
use crate::git::Rev;
use crate::judge;
use crate::layout::{Group, Layout};
use crate::models::{Change, Models, changes};
use crate::project::Project;
use crate::proof::{self, Agreement};
use crate::runner::{Direction, Prospect, STAMP, prospect};
use crate::schema_file;
use crate::snapshot::{self, Parsed};
use crate::ui::Tone;
use crate::words::{counted, first_of};

/// Current, head, pending, and whether models, chain and database agree.
#[derive(Debug, Args)]
pub struct Status {
    /// Ask no database
    #[arg(long)]
    pub offline: bool,
    /// Compare every object of the database with what the revisions that it has recorded make, and
    /// name all that is not so: what was recorded and never ran, what was changed by hand
    #[arg(long, conflicts_with = "offline")]
    pub verify: bool,
}

/// Everything that `status` shows.
struct Found<'a> {
    group: &'a Group,
    chain: Chain,
    verdict: Verdict,
    since: Option<Since>,
    /// Each schema file of diesel.toml, and where it does not say what the revisions give.
    schema_files: Vec<(String, Vec<String>)>,
    database: Option<DatabaseState>,
}

/// What the models changed since the base branch.
struct Since {
    branch: String,
    changes: Vec<Change>,
}

/// Where the database stands.
struct DatabaseState {
    url: String,
    from: String,
    current: Vec<String>,
    pending: Vec<String>,
    unknown: Vec<String>,
    out_of_order: Vec<String>,
    /// Runs that ended without a word.
    unfinished: Vec<Crashed>,
    /// Who applies or reverts revisions at this moment.
    runner: Option<String>,
    /// What the database has that its revisions do not give, and the other way round.
    differences: Vec<String>,
    /// Objects of which the replay cannot tell whether they are as its revisions give them.
    uncertain: usize,
    /// The mark of a protected database, and how it reads.
    protected: Option<(ProtectedView, String)>,
    /// Why it may be another database than was meant.
    doubts: Vec<String>,
    /// What `--verify` found.
    verified: Option<Verified>,
    /// It is not there yet.
    absent: bool,
}

/// What comparing every object gave.
#[derive(Serialize)]
struct Verified {
    /// Objects that are as the recorded revisions make them.
    equal: usize,
    /// Objects of which a replay cannot tell.
    uncertain: usize,
    /// Recorded revisions of which nothing is there, with who recorded them.
    never_ran: Vec<String>,
    /// Applied versions of the chain of which the ledger knows nothing: another tool applied them.
    external: Vec<String>,
}

/// A run that ended without a word, or failed halfway.
struct Crashed {
    name: String,
    version: String,
    /// Which way it went: `upgrade` or `rollback` goes on with it.
    command: &'static str,
    /// What the next run will do about it.
    prospect: Prospect,
    /// What it failed with, where it failed halfway and told so.
    failure: Option<String>,
}

impl Status {
    /// Runs the command; it writes nothing, not even a table of its own.
    ///
    /// # Errors
    /// Where the project, the models, the chain or the database cannot be read.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut parsed = Parsed::default();
        let now = snapshot::models(&project.tree, &project.layout, &mut parsed)?;
        let before = view::models_before(&project, &project.layout, &mut parsed)?;
        let groups: Vec<&Group> = match project.group() {
            Ok(group) => vec![group],
            Err(_) if self.offline => project.layout.groups.iter().collect(),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for group in groups {
            found.push(self.look(&project, group, &mut parsed)?);
        }
        let outcome = found.iter().map(outcome).find(|o| *o != Outcome::Fine).unwrap_or_default();
        if cx.ui.is_json() {
            let views: Vec<_> = found.iter().map(View::new).collect();
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "chains": views }))?;
            return Ok(outcome);
        }
        for one in &found {
            tell(&project, one, self.offline, cx)?;
        }
        view::tell_suggestions(&project, before.as_deref(), &now, cx)?;
        Ok(outcome)
    }

    fn look<'a>(&self, project: &Project, group: &'a Group, parsed: &mut Parsed) -> Result<Found<'a>> {
        let layout = project.layout.of(group);
        let now = snapshot::models(&project.tree, &layout, parsed)?;
        let before = view::models_before(project, &layout, parsed)?;
        let own = before.map(|before| changes(&before, &now)).unwrap_or_default();
        let since = since(project, &layout, &now, parsed)?;
        let (chain, catalog) = snapshot::baseline(&project.tree, group, &mut project.cache())?;
        let verdict = gate::verdict(&now, &own, &[Produced { directory: &group.directory, catalog: &catalog }]);
        let schema_files = schema_files(project, group, &catalog)?;
        let database =
            if self.offline { None } else { Some(look_at_database(project, group, &chain, catalog, self.verify)?) };
        Ok(Found { group, chain, verdict, since, schema_files, database })
    }
}

/// A diesel.toml that cannot be followed is a matter of `schema`, and no reason to show nothing.
fn schema_files(project: &Project, group: &Group, catalog: &Catalog) -> Result<Vec<(String, Vec<String>)>> {
    let mut found = Vec::new();
    for file in schema_file::of(project, group).unwrap_or_default() {
        if let Some(path) = file.path.clone() {
            found.push((path, file.differences(project, catalog)?));
        }
    }
    Ok(found)
}

/// What the models changed since the base branch; `None` on the base branch itself.
fn since(project: &Project, layout: &Layout, now: &Models, parsed: &mut Parsed) -> Result<Option<Since>> {
    let Some(repo) = &project.repo else { return Ok(None) };
    let (Some((branch, oid)), Some(head)) = (repo.base_branch()?, repo.head()?) else { return Ok(None) };
    let Some(base) = repo.merge_base(&oid, &head)? else { return Ok(None) };
    let then = judge::models_of(repo, &Rev::Commit(base), layout, &project.choice, parsed)?;
    Ok(Some(Since { branch, changes: changes(&then, now) }))
}

fn look_at_database(
    project: &Project,
    group: &Group,
    chain: &Chain,
    baseline: Catalog,
    verify: bool,
) -> Result<DatabaseState> {
    let url = project
        .database_url()
        .map_err(|error| error.hint("or leave the database out: cargo ops-migrate status --offline"))?;
    let from = project.database.as_ref().map(|(_, from)| from.clone()).unwrap_or_default();
    if !Database::exists(url) {
        return Ok(DatabaseState {
            url: url.to_string(),
            from,
            current: Vec::new(),
            pending: chain.revisions().iter().map(Revision::label).collect(),
            unknown: Vec::new(),
            out_of_order: Vec::new(),
            unfinished: Vec::new(),
            runner: None,
            differences: Vec::new(),
            uncertain: 0,
            protected: None,
            doubts: Vec::new(),
            verified: None,
            absent: true,
        });
    }
    let mut database = view::open_for_reading(project)?;
    let applied = view::applied_versions(&mut database)?;
    let stand = chain.pending(&applied);
    let (unfinished, runner) = crashed(project, chain, &mut database, &applied)?;
    let standing = Standing::read(project, chain, &applied, &mut database)?;
    let (agreement, verified) = if verify {
        let actual = introspect(&mut database)?;
        let found = proof::recorded(&project.tree, chain, group.dialect, &applied, &actual)?;
        let entries = ledger::entries(&mut database)?;
        let never_ran = name_never_ran(&found.never_ran, chain, &entries);
        let external = match database.has_table(LEDGER_TABLE)? {
            true => name_external(&applied, chain, &entries),
            false => Vec::new(),
        };
        let Agreement { equal, uncertain, .. } = found.agreement;
        (found.agreement, Some(Verified { equal, uncertain, never_ran, external }))
    } else {
        let agreement = match expected(project, group, chain, baseline, &applied)? {
            Some(expected) if stand.unknown.is_empty() => {
                let actual = introspect(&mut database)?;
                proof::agreement(&expected, &actual)
            }
            _ => Agreement::default(),
        };
        (agreement, None)
    };
    Ok(DatabaseState {
        url: url.to_string(),
        from,
        current: chain.current(&applied).iter().map(|r| r.label()).collect(),
        pending: stand.pending.iter().map(|r| r.label()).collect(),
        unknown: stand.unknown.clone(),
        out_of_order: stand.out_of_order.iter().map(|r| r.label()).collect(),
        unfinished,
        runner,
        differences: agreement.different,
        uncertain: agreement.uncertain,
        doubts: standing.doubts(),
        protected: standing.protected.as_ref().map(|mark| (ProtectedView::new(mark), standing.protected_words(mark))),
        verified,
        absent: false,
    })
}

/// The revisions with who recorded them, where the ledger knows.
fn name_never_ran(versions: &[String], chain: &Chain, entries: &[ledger::Entry]) -> Vec<String> {
    let name = |version: &String| {
        let label = chain.by_version(version).map_or_else(|| version.clone(), Revision::label);
        match entries.iter().rfind(|entry| entry.version == *version) {
            Some(entry) => {
                let verb = if entry.run_id.starts_with(STAMP) { "stamped" } else { "recorded" };
                format!("{label}, {verb} at {} by {} on {}", entry.started_at, entry.user_name, entry.host)
            }
            None => format!("{label}, recorded by another tool or by hand"),
        }
    };
    versions.iter().map(name).collect()
}

/// Revisions that Diesel has recorded and the ledger does not know.
fn name_external(applied: &[String], chain: &Chain, entries: &[ledger::Entry]) -> Vec<String> {
    let known: HashSet<&str> = entries.iter().map(|entry| entry.version.as_str()).collect();
    let external = chain.revisions().iter().filter(|r| applied.contains(&r.version) && !known.contains(&*r.version));
    external.map(Revision::label).collect()
}

/// Runs that never ended, or who holds the lock: while somebody does, an open run may be theirs.
fn crashed(
    project: &Project,
    chain: &Chain,
    database: &mut Database,
    applied: &[String],
) -> Result<(Vec<Crashed>, Option<String>)> {
    let open = ledger::unfinished(database)?;
    let runner = lock::holder(database)?;
    if open.is_empty() || runner.is_some() {
        return Ok((Vec::new(), runner));
    }
    let mut crashed = Vec::new();
    let open: Vec<ledger::Entry> = ledger::of_ends(&open, &|version| applied.iter().any(|applied| applied == version))
        .into_iter()
        .cloned()
        .collect();
    for entry in open {
        let revision = chain.revisions().iter().find(|revision| revision.version == entry.version);
        let steps = revision.map(|revision| view::steps(&project.tree, chain, &[revision], entry.direction));
        // A file that cannot be read any more is none that a run could go on with.
        let step = steps.and_then(Result::ok).and_then(|mut steps| steps.pop());
        let prospect = prospect(database, &entry, applied.contains(&entry.version), step.as_ref())?;
        let failure = entry.error.filter(|_| entry.state == ledger::State::Halfway);
        let command = if entry.direction == Direction::Up { "upgrade" } else { "rollback" };
        crashed.push(Crashed { name: entry.name, version: entry.version, command, prospect, failure });
    }
    Ok((crashed, None))
}

/// The catalog that the applied revisions give; `None` where they are no prefix of the chain.
fn expected(
    project: &Project,
    group: &Group,
    chain: &Chain,
    baseline: Catalog,
    applied: &[String],
) -> Result<Option<Catalog>> {
    let known: HashSet<&String> = applied.iter().collect();
    let count = chain.revisions().iter().take_while(|r| known.contains(&r.version)).count();
    if count < applied.len() {
        return Ok(None);
    }
    if count == chain.revisions().len() {
        return Ok(Some(baseline));
    }
    let Some(last) = count.checked_sub(1) else { return Ok(Some(Catalog::empty(group.dialect))) };
    let id = &chain.revisions()[last].id;
    let catalog = chain::catalog_with_cache(&project.tree, chain, group.dialect, Some(id), &mut project.cache())?;
    Ok(Some(catalog))
}

fn outcome(found: &Found<'_>) -> Outcome {
    let database = found.database.as_ref();
    if found.chain.heads().len() > 1 {
        Outcome::SeveralHeads
    } else if database.is_some_and(|d| !d.unfinished.is_empty()) {
        Outcome::NeedsResolve
    } else if found.verdict.blocks() || database.is_some_and(|d| !d.differences.is_empty() || !d.unknown.is_empty()) {
        Outcome::Change
    } else if database.is_some_and(|d| !d.pending.is_empty()) {
        Outcome::Pending
    } else {
        Outcome::Fine
    }
}

fn tell(project: &Project, found: &Found<'_>, offline: bool, cx: &mut Context) -> Result<()> {
    let heads = found.chain.heads();
    let count = found.chain.revisions().len();
    let count = counted(count, "revision");
    cx.ui.line(format!("chain     {} ({}, {count})", found.group.directory, found.group.dialect))?;
    match heads.as_slice() {
        [] => cx.ui.line("head      none yet")?,
        [head] => cx.ui.line(format!("head      {}", head.label()))?,
        _ => {
            for head in &heads {
                cx.ui.line(format!("{}     {}", cx.ui.tone("head!", Tone::Bad), head.label()))?;
            }
            published::hint(project, found.group, &found.chain)?.into_iter().for_each(|hint| cx.ui.hint(hint));
        }
    }
    match &found.database {
        Some(database) => tell_database(database, cx)?,
        None if offline => cx.ui.line("database  not asked (--offline)")?,
        None => {}
    }
    tell_models(found, cx)?;
    for (path, differences) in &found.schema_files {
        tell_schema_file(path, differences, cx)?;
    }
    for warning in &found.chain.warnings {
        cx.ui.warn(format!("{}: {}", warning.place, warning.text));
    }
    Ok(())
}

fn tell_database(database: &DatabaseState, cx: &mut Context) -> Result<()> {
    cx.ui.line(format!("database  {} (from {})", database.url, database.from))?;
    if database.absent {
        cx.ui.line("          not there yet: cargo ops-migrate upgrade makes it")?;
    }
    let current =
        if database.current.is_empty() { "base (nothing is applied)".to_owned() } else { database.current.join(", ") };
    cx.ui.line(format!("current   {current}"))?;
    match database.pending.len() {
        0 => cx.ui.line(format!("pending   {}", cx.ui.tone("none", Tone::Good)))?,
        count => {
            cx.ui.line(format!("pending   {}", cx.ui.tone(&count.to_string(), Tone::Warn)))?;
            tell_some(&database.pending, 10, "          ", cx)?;
        }
    }
    if let Some((_, words)) = &database.protected {
        cx.ui.line(format!("protected {}", cx.ui.tone(words, Tone::Note)))?;
    }
    for doubt in &database.doubts {
        cx.ui.warn(doubt);
    }
    view::warn_unknown(&database.unknown, cx);
    for label in &database.out_of_order {
        cx.ui.warn(format!("{label} is older than what is applied already"));
    }
    if let Some(runner) = &database.runner {
        cx.ui.warn(format!("a runner is at work now: {runner}"));
    }
    for crashed in &database.unfinished {
        tell_crashed(crashed, cx);
    }
    let verified = database.verified.as_ref();
    if let Some(verified) = verified {
        tell_verified(verified, database.differences.len(), cx)?;
    }
    if database.differences.is_empty() {
        if database.unknown.is_empty() && !database.absent {
            let text = match database.uncertain {
                0 => "the schema is what its revisions give".to_owned(),
                1 => "the schema is what its revisions give, but for one object of which their SQL does not tell"
                    .to_owned(),
                many => format!(
                    "the schema is what its revisions give, but for {many} objects of which their SQL does not tell"
                ),
            };
            cx.ui.line(format!("          {}", cx.ui.tone(&text, Tone::Good)))?;
        }
    } else {
        cx.ui.line(format!("          {}", cx.ui.tone("the schema is not what its revisions give:", Tone::Bad)))?;
        let shown = if verified.is_some() { usize::MAX } else { 10 };
        tell_some(&database.differences, shown, "            ", cx)?;
        if database.differences.len() > shown {
            cx.ui.hint("cargo ops-migrate status --verify names them all");
        }
    }
    Ok(())
}

fn tell_verified(verified: &Verified, different: usize, cx: &mut Context) -> Result<()> {
    let Verified { equal, uncertain, never_ran, external } = verified;
    let doubt = if *uncertain == 0 { String::new() } else { format!(", {uncertain} cannot be told") };
    cx.ui.line(format!("verified  {} as recorded, {different} not{doubt}", counted(*equal, "object")))?;
    if !external.is_empty() {
        let count = counted(external.len(), "revision");
        cx.ui.line(format!("external  {count} not in the ledger, applied by another tool: {}", external.join(", ")))?;
        cx.ui.hint("the ledger can know them too: cargo ops-migrate stamp --rebuild-ledger");
    }
    for revision in never_ran {
        let text = format!("recorded, but nothing of it is there: {revision}");
        cx.ui.line(format!("          {}", cx.ui.tone(&text, Tone::Bad)))?;
    }
    if !never_ran.is_empty() {
        cx.ui.hint("record what is true with `cargo ops-migrate stamp`, then `upgrade` runs what is missing");
    }
    if different > 0 {
        cx.ui.hint("put the schema right: cargo ops-migrate repair (--plan shows how)");
    }
    Ok(())
}

fn tell_crashed(crashed: &Crashed, cx: &mut Context) {
    let Crashed { name, version, command, prospect, failure } = crashed;
    let how = match failure {
        Some(error) => format!("failed halfway ({error})"),
        None => "crashed without a transaction".to_owned(),
    };
    let resolve = format!("cargo ops-migrate resolve {version} --applied or --rolled-back");
    match prospect {
        Prospect::Certain(_) => {
            cx.ui.warn(format!("a run of {name} crashed; the database has kept or undone all of it"));
            cx.ui.hint("cargo ops-migrate upgrade records that, and goes on");
        }
        Prospect::Resumes(progress) => {
            let (done, total) = (progress.done, progress.total);
            cx.ui.warn(format!("a run of {name} {how}: {done} of {total} statements are in place"));
            match &progress.next {
                Some(next) => cx.ui.hint(format!("cargo ops-migrate {command} goes on with `{next}`")),
                None => cx.ui.hint(format!("cargo ops-migrate {command} records it")),
            }
            cx.ui.hint(format!("or undo or complete it by hand, then: {resolve}"));
        }
        Prospect::Doubt(progress) => {
            let doubt = progress.as_ref().and_then(|p| p.doubt.as_ref()).map(|d| format!(" ({d})"));
            cx.ui.warn(format!("a run of {name} {how}: parts of it may be in place{}", doubt.unwrap_or_default()));
            cx.ui.hint(format!("look at the database, mend it, then: {resolve}"));
        }
    }
}

fn tell_models(found: &Found<'_>, cx: &mut Context) -> Result<()> {
    if found.verdict.blocks() {
        cx.ui.line(format!("models    {}", cx.ui.tone("changed without a revision:", Tone::Bad)))?;
        for missing in &found.verdict.missing {
            cx.ui.line(format!("        {}", view::change_line(&missing.change, cx)))?;
        }
        cx.ui.hint("write it: cargo ops-migrate create \"what changed\"");
    } else {
        cx.ui
            .line(format!("models    {} (table! and the chain)", cx.ui.tone("agree with the revisions", Tone::Good)))?;
    }
    if let Some(since) = found.since.as_ref().filter(|s| !s.changes.is_empty()) {
        cx.ui.line(format!("          changed since {}:", since.branch))?;
        let lines = since.changes.iter().map(|change| {
            let carried = !found.verdict.missing.iter().any(|m| m.change.key() == change.key());
            let word = if carried { "carried" } else { "not carried" };
            format!("{} ({word})", view::change_line(change, cx))
        });
        let lines: Vec<_> = lines.collect();
        tell_some(&lines, 10, "        ", cx)?;
    }
    if !found.verdict.inherited.is_empty() {
        cx.ui.line(format!("          inherited drift: {}", found.verdict.inherited.len()))?;
        let lines: Vec<_> = found.verdict.inherited.iter().map(|change| view::change_line(change, cx)).collect();
        tell_some(&lines, 10, "        ", cx)?;
    }
    for (change, reason) in &found.verdict.unsure {
        cx.ui.warn(format!("not decided ({reason}): {}", change.describe()));
    }
    for standing in &found.verdict.standing {
        cx.ui.line(format!("          {}", standing.describe()))?;
    }
    Ok(())
}

fn tell_schema_file(path: &str, differences: &[String], cx: &mut Context) -> Result<()> {
    if differences.is_empty() {
        let text = cx.ui.tone("is what print-schema gives for the revisions", Tone::Good);
        return cx.ui.line(format!("schema    {path} {text}"));
    }
    let text = cx.ui.tone("is not what print-schema gives for the revisions:", Tone::Warn);
    cx.ui.line(format!("schema    {path} {text}"))?;
    tell_some(differences, 5, "          ", cx)
}

/// Some of many lines, the first ones; all with --verbose.
fn tell_some(lines: &[String], most: usize, indent: &str, cx: &mut Context) -> Result<()> {
    let (shown, more) = first_of(lines, if cx.ui.verbose { lines.len() } else { most });
    shown.iter().try_for_each(|line| cx.ui.line(format!("{indent}{line}")))?;
    if more == 0 { Ok(()) } else { cx.ui.line(format!("{indent}and {more} more")) }
}

#[derive(Serialize)]
struct View<'a> {
    directory: String,
    dialect: crate::dialect::Dialect,
    revisions: usize,
    heads: Vec<String>,
    missing: Vec<ChangeView>,
    inherited: Vec<ChangeView>,
    undecided: Vec<ChangeView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agreed: Vec<AgreedView>,
    changed_since_base: Vec<ChangeView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    schema_files: Vec<SchemaFileView>,
    database: Option<DatabaseView<'a>>,
}

#[derive(Serialize)]
struct SchemaFileView {
    path: String,
    differences: Vec<String>,
}

#[derive(Serialize)]
struct DatabaseView<'a> {
    url: String,
    exists: bool,
    current: Vec<String>,
    pending: Vec<String>,
    unknown: Vec<String>,
    out_of_order: Vec<String>,
    unfinished: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runner: Option<String>,
    differences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protected: Option<&'a ProtectedView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'a Verified>,
}

impl<'a> View<'a> {
    fn new(found: &'a Found<'_>) -> Self {
        Self {
            directory: found.group.directory.clone(),
            dialect: found.group.dialect,
            revisions: found.chain.revisions().len(),
            heads: found.chain.heads().iter().map(|h| h.id.clone()).collect(),
            missing: found.verdict.missing.iter().map(|m| ChangeView::new(&m.change)).collect(),
            inherited: found.verdict.inherited.iter().map(ChangeView::new).collect(),
            undecided: found.verdict.unsure.iter().map(|(c, _)| ChangeView::new(c)).collect(),
            agreed: found.verdict.standing.iter().map(AgreedView::new).collect(),
            changed_since_base: found.since.iter().flat_map(|s| &s.changes).map(ChangeView::new).collect(),
            schema_files: found
                .schema_files
                .iter()
                .map(|(path, differences)| SchemaFileView { path: path.clone(), differences: differences.clone() })
                .collect(),
            database: found.database.as_ref().map(|d| DatabaseView {
                url: d.url.clone(),
                exists: !d.absent,
                current: d.current.clone(),
                pending: d.pending.clone(),
                unknown: d.unknown.clone(),
                out_of_order: d.out_of_order.clone(),
                unfinished: d.unfinished.iter().map(|crashed| crashed.name.clone()).collect(),
                runner: d.runner.clone(),
                differences: d.differences.clone(),
                protected: d.protected.as_ref().map(|(mark, _)| mark),
                doubts: d.doubts.clone(),
                verified: d.verified.as_ref(),
            }),
        }
    }
}
