//! `create`: a revision from what the models changed: found, explained, written, proved.

mod data;

use std::collections::BTreeSet;
use std::rc::Rc;

use clap::Args;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::{in_step, project, view};
use crate::catalog::{Catalog, Expr, Name};
use crate::chain::metadata::DEFAULT_SIZE;
use crate::chain::{self, Chain, Metadata};
use crate::cli::Global;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::diff::Parts;
use crate::error::{Error, Outcome, Result};
use crate::git::worktree_tree;
use crate::layout::Group;
use crate::make::{self, Draft, Question, Wishes};
use crate::models::{Models, Rename};
use crate::project::Project;
use crate::render::{Script, Ways};
use crate::schema_file;
use crate::snapshot::{self, Parsed};
use crate::store::{self, NewRevision};
use crate::ui::Tone;

/// Write a revision from what the models changed, and prove it.
#[derive(Debug, Args)]
pub struct Create {
    /// What the change is, in a few words: it names the directory
    pub message: String,
    /// Write inherited drift too, not only what changed since the chain was last touched
    #[arg(long)]
    pub all: bool,
    /// A revision without operations, for hand-written SQL
    #[arg(long)]
    pub empty: bool,
    /// A data step for hand-written SQL that goes through a table in batches, each a transaction,
    /// and goes on where it stopped: TABLE or TABLE.KEY (else its primary key says the order)
    #[arg(long, value_name = "TABLE[.KEY]", conflicts_with = "empty")]
    pub data: Option<String>,
    /// How many rows of the table are in a batch
    #[arg(long, value_name = "ROWS", default_value_t = DEFAULT_SIZE, requires = "data",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub batch_size: u32,
    /// A column, table or value of an enum that was renamed, not dropped and added: TABLE.OLD:NEW,
    /// OLD:NEW or ENUM.OLD:NEW (MySQL: TABLE.COLUMN.OLD:NEW for a value)
    #[arg(long = "rename", value_name = "OLD:NEW")]
    pub renames: Vec<String>,
    /// A column or table that is really dropped: TABLE.COLUMN or TABLE
    #[arg(long = "drop", value_name = "NAME")]
    pub drops: Vec<String>,
    /// The value of existing rows for a column that is or becomes NOT NULL: TABLE.COLUMN=EXPR
    #[arg(long = "fill", value_name = "COLUMN=EXPR")]
    pub fills: Vec<String>,
    /// How old values become new ones where a type changes: TABLE.COLUMN=EXPR
    #[arg(long = "using", value_name = "COLUMN=EXPR")]
    pub using: Vec<String>,
    /// How new values become old ones again on the way back, by the names of before:
    /// TABLE.COLUMN=EXPR
    #[arg(long = "using-back", value_name = "COLUMN=EXPR")]
    pub using_back: Vec<String>,
    /// The value that rows get where one of an enum goes, on the way there or back:
    /// ENUM.VALUE=OTHER (MySQL: TABLE.COLUMN.VALUE=OTHER, on the way back); else, on the way back,
    /// the nearest before it
    #[arg(long = "map", value_name = "VALUE=OTHER")]
    pub maps: Vec<String>,
    /// PostgreSQL: make and drop indexes of tables that are there while others write to them; each
    /// is a revision of its own, without a transaction
    #[arg(long)]
    pub concurrently: bool,
    /// PostgreSQL: make columns NOT NULL in steps that do not keep others from the table: a check
    /// for new rows, values and a look at the rows that exist, NOT NULL
    #[arg(long)]
    pub in_steps: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Ask nothing: a question that stays open ends with the flag that answers it
    #[arg(short, long)]
    pub yes: bool,
    /// Do not run the revision on a scratch database
    #[arg(long)]
    pub no_proof: bool,
    /// Leave the schema files of diesel.toml as they are
    #[arg(long)]
    pub no_schema: bool,
}

/// A chain to write for, the schema that its revisions give, and what the models say to it.
struct Base<'a> {
    group: &'a Group,
    chain: Chain,
    baseline: Catalog,
    before: Option<Rc<Models>>,
    now: Models,
}

/// What is ready to be written for a chain.
struct Ready<'a> {
    group: &'a Group,
    chain: Chain,
    /// The schema before it.
    baseline: Catalog,
    now: Models,
    draft: Option<Draft>,
    /// In the order in which they run.
    revisions: Vec<Fresh>,
}

/// A revision to be written.
struct Fresh {
    /// The directory's name.
    name: String,
    metadata: Metadata,
    /// `None` where the SQL is to be written by hand.
    script: Option<Script>,
}

impl Ready<'_> {
    /// The new directories, as git names them.
    fn paths(&self) -> impl Iterator<Item = String> {
        self.revisions.iter().map(|fresh| self.path(fresh))
    }

    fn path(&self, fresh: &Fresh) -> String {
        format!("{}/{}", self.group.directory, fresh.name)
    }
}

impl Create {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the project, models or chain cannot be read, a question stays open, or writing fails.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        chain::slug(&self.message)?;
        self.refuse_ways(&project)?;
        let mut parsed = Parsed::default();
        let now = snapshot::models(&project.tree, &project.layout, &mut parsed)?;
        let before = view::models_before(&project, &project.layout, &mut parsed)?;
        let mut wishes = self.wishes()?;
        let mut bases = Vec::new();
        for group in &project.layout.groups {
            let (chain, baseline) = snapshot::baseline(&project.tree, group, &mut project.cache())?;
            let layout = project.layout.of(group);
            let now = snapshot::models(&project.tree, &layout, &mut parsed)?;
            let before = view::models_before(&project, &layout, &mut parsed)?;
            bases.push(Base { group, chain, baseline, before, now });
        }
        let chains: Vec<&Chain> = bases.iter().map(|base| &base.chain).collect();
        let id = view::new_id(&chains, cx);
        let several = project.layout.groups.len() > 1;
        let (mut ready, mut told) = (Vec::new(), BTreeSet::new());
        for base in bases {
            ready.extend(self.prepare(base, &mut wishes, &mut told, &id, several, cx)?);
        }
        view::tell_suggestions(&project, before.as_deref(), &now, cx)?;
        if cx.ui.is_json() && (ready.is_empty() || self.dry_run) {
            return json(&ready, &[], cx);
        }
        if ready.is_empty() {
            cx.ui.line("No changes: the revisions produce what the models say.")?;
            return Ok(Outcome::Fine);
        }
        if self.dry_run {
            return self.show_dry_run(&ready, cx);
        }
        self.write(&project, &ready, cx)
    }

    /// What only PostgreSQL can do is refused where no chain is its.
    fn refuse_ways(&self, project: &Project) -> Result<()> {
        let flag = match (self.concurrently, self.in_steps) {
            (true, _) => "--concurrently",
            (_, true) => "--in-steps",
            _ => return Ok(()),
        };
        let groups = &project.layout.groups;
        if groups.iter().any(|group| group.dialect == Dialect::Postgres) {
            return Ok(());
        }
        let dialects: BTreeSet<String> = groups.iter().map(|group| group.dialect.to_string()).collect();
        let dialects: Vec<String> = dialects.into_iter().collect();
        Err(Error::undecided(format!(
            "{flag} is for PostgreSQL, and the revisions here are for {}",
            dialects.join(", ")
        ))
        .hint(format!("leave {flag} out")))
    }

    fn prepare<'a>(
        &self,
        base: Base<'a>,
        wishes: &mut Wishes,
        told: &mut BTreeSet<String>,
        id: &str,
        several: bool,
        cx: &mut Context,
    ) -> Result<Option<Ready<'a>>> {
        // Two heads are refused before any question is asked.
        let _ = base.chain.head()?;
        let batch = self.data.as_deref().map(|text| data::batch(text, self.batch_size, &base.baseline)).transpose()?;
        let draft = if self.empty || batch.is_some() {
            None
        } else {
            let draft = self.settled(&base, wishes, told, cx)?;
            view::tell_changes(&draft, told, cx)?;
            view::tell_draft(&draft, several, base.group, cx)?;
            if draft.parts.is_empty() {
                return Ok(None);
            }
            Some(draft)
        };
        let mut revisions = self.revisions(&base.chain, draft.as_ref(), id, cx)?;
        if batch.is_some() {
            revisions.iter_mut().for_each(|fresh| (fresh.metadata.data, fresh.metadata.batch) = (true, batch.clone()));
        }
        let Base { group, chain, baseline, now, .. } = base;
        Ok(Some(Ready { group, chain, baseline, now, draft, revisions }))
    }

    /// The revisions of a draft, each on top of the one before.
    fn revisions(&self, chain: &Chain, draft: Option<&Draft>, id: &str, cx: &mut Context) -> Result<Vec<Fresh>> {
        let parts = draft.map(|draft| draft.parts.as_slice()).unwrap_or_default();
        let count = parts.len().max(1);
        let mut newest = chain.newest().map(|r| r.version.clone());
        let mut revises = chain.head()?.map(|head| head.id.clone());
        let mut revisions: Vec<Fresh> = Vec::new();
        for (number, now) in (0..count).zip(seconds_from(cx.now)) {
            let part = parts.get(number);
            let id = match &revises {
                Some(before) if number > 0 => chain::free_id(before.as_bytes(), &[chain]),
                _ => id.to_owned(),
            };
            let (message, for_name) = match part {
                Some(part) if count > 1 => self.titled(&format!("({} of {count}: {})", number + 1, part.title))?,
                _ => (self.message.clone(), self.message.clone()),
            };
            let name = chain::new_name(now, &id, &for_name, newest.as_deref())?;
            if let Some(note) = name.note.as_ref().filter(|_| number == 0) {
                cx.ui.status(note);
            }
            let script = part.map(|part| part.script.clone());
            let metadata = Metadata {
                revision: Some(id.clone()),
                revises: revises.into_iter().collect(),
                message: Some(message),
                created: Some(name.created),
                ..metadata_of(script.as_ref())
            };
            (newest, revises) = (Some(name.version), Some(id));
            revisions.push(Fresh { name: name.directory, metadata, script });
        }
        Ok(revisions)
    }

    /// The message of one of several revisions, and what its directory is named after.
    fn titled(&self, title: &str) -> Result<(String, String)> {
        Ok((format!("{} {title}", self.message), shortened(&self.message, title)?))
    }

    /// The draft once every question has its answer.
    fn settled(
        &self,
        base: &Base<'_>,
        wishes: &mut Wishes,
        told: &mut BTreeSet<String>,
        cx: &mut Context,
    ) -> Result<Draft> {
        loop {
            let draft = make::draft(base.before.as_deref(), &base.now, &base.baseline, wishes)?;
            let Some(question) = draft.questions.first() else { return Ok(draft) };
            view::tell_changes(&draft, told, cx)?;
            if !cx.ui.interactive || self.yes {
                return Err(unanswered(&draft.questions));
            }
            answer(question, wishes, cx)?;
        }
    }

    fn show_dry_run(&self, ready: &[Ready<'_>], cx: &mut Context) -> Result<Outcome> {
        for (one, fresh) in ready.iter().flat_map(|one| one.revisions.iter().map(move |fresh| (one, fresh))) {
            for (file, text) in files(fresh) {
                let title = format!("-- {}/{file}", one.path(fresh));
                let title = cx.ui.tone(&title, Tone::Faint);
                cx.ui.line(format!("\n{title}\n{}", text.trim_end()))?;
            }
        }
        cx.ui.status("dry run: nothing was written");
        Ok(Outcome::Fine)
    }

    fn write(&self, project: &Project, ready: &[Ready<'_>], cx: &mut Context) -> Result<Outcome> {
        let mut proofs = Vec::new();
        for one in ready {
            let directory = project.path(&one.group.directory);
            let revisions: Vec<NewRevision> = one.revisions.iter().map(|f| (f.name.clone(), files(f))).collect();
            store::write_revisions(&directory, &revisions)?;
            if !cx.ui.is_json() {
                let wrote = cx.ui.tone("Wrote", Tone::Good);
                one.paths().try_for_each(|path| cx.ui.line(format!("{wrote} {path}/")))?;
            }
            if let Some(draft) = one.draft.as_ref().filter(|_| !self.no_schema) {
                in_step::write_or_warn(
                    project,
                    in_step::after_create(project, one.group, &one.baseline, &draft.desired),
                    cx,
                );
            }
            tell_lagging(project, one, cx)?;
            // What is written by hand is proved when it is written: `test`.
            if self.no_proof || one.draft.is_none() {
                continue;
            }
            proofs.extend(prove(project, one, cx)?);
        }
        let paths: Vec<_> = ready.iter().flat_map(Ready::paths).collect();
        cx.ui.status(format!("next: git add {}; cargo ops-migrate upgrade", paths.join(" ")));
        if cx.ui.is_json() {
            json(ready, &proofs, cx)?;
        }
        let refuted = proofs.iter().any(|proof| proof.proved == Some(false));
        Ok(if refuted { Outcome::Change } else { Outcome::Fine })
    }

    fn wishes(&self) -> Result<Wishes> {
        Ok(Wishes {
            all: self.all,
            renames: self.renames.iter().map(|text| Rename::parse(text)).collect::<Result<_>>()?,
            drops: self.drops.clone(),
            fills: view::assignments("--fill", &self.fills)?,
            using: view::assignments("--using", &self.using)?,
            using_back: view::assignments("--using-back", &self.using_back)?,
            maps: self.maps()?,
            ways: Ways { concurrently: self.concurrently, in_steps: self.in_steps },
        })
    }

    /// Values by the enum that they are of, quotes or none.
    fn maps(&self) -> Result<Parts> {
        let bare = |text: &str| text.trim().trim_matches('\'').to_owned();
        let value = |((of, value), other): ((Name, String), Expr)| ((of, bare(&value)), bare(&other.sql));
        Ok(view::assignments("--map", &self.maps)?.into_iter().map(value).collect())
    }
}

/// Tells which `table!` blocks lag behind their structs, where nothing names the file to edit.
fn tell_lagging(project: &Project, ready: &Ready<'_>, cx: &mut Context) -> Result<()> {
    if !schema_file::of(project, ready.group)?.is_empty() {
        return Ok(());
    }
    let mut files = BTreeSet::new();
    for (name, declared) in ready.now.owned.iter().filter_map(|(name, owned)| Some((name, owned.lagging()?))) {
        cx.ui.warn(format!("{}: table! of {name} lags behind the struct that states the table", declared.at));
        files.insert(declared.at.file.clone());
    }
    for file in files {
        cx.ui.hint(format!("edit it by hand, or name the file in diesel.toml: [print_schema] file = {file:?}"));
    }
    Ok(())
}

/// Moments a second apart, so that revisions made at once sort in their order.
fn seconds_from(now: OffsetDateTime) -> impl Iterator<Item = OffsetDateTime> {
    (0..).map_while(move |seconds| now.checked_add(Duration::seconds(seconds)))
}

/// The message without as many of its last words as keep the title of a part from the directory's
/// name.
fn shortened(message: &str, title: &str) -> Result<String> {
    let end = chain::slug(title)?;
    let mut words: Vec<&str> = message.split_whitespace().collect();
    loop {
        let text = format!("{} {title}", words.join(" "));
        if words.pop().is_none() || chain::slug(&text)?.ends_with(&end) {
            return Ok(text);
        }
    }
}

/// Proves what was written.
fn prove(project: &Project, ready: &Ready<'_>, cx: &mut Context) -> Result<Vec<view::ProofView>> {
    let all: Vec<String> = ready.revisions.iter().map(|fresh| fresh.name.clone()).collect();
    let expected = ready.draft.as_ref().map(|draft| view::Expected {
        models: &ready.now,
        changes: &draft.changes,
        inherited: &draft.inherited,
    });
    // Written since the chain was read: read it again.
    let tree = worktree_tree(&project.root);
    let chain = Chain::load(&tree, &ready.group.directory).unwrap_or_else(|_| ready.chain.clone());
    view::prove_each(&tree, project, ready.group, &chain, &all, expected.as_ref(), cx)
}

/// How a script has to be run, and what it loses.
fn metadata_of(script: Option<&Script>) -> Metadata {
    Metadata {
        run_in_transaction: script.is_none_or(|script| script.run_in_transaction),
        lossy: script.map(lossy).unwrap_or_default(),
        lossy_down: script.map(|script| script.lossy_down.clone()).unwrap_or_default(),
        ..Metadata::default()
    }
}

fn lossy(script: &Script) -> Vec<String> {
    script.operations.iter().filter_map(|operation| operation.loss().map(|loss| loss.what)).collect()
}

/// The files of a revision.
fn files(fresh: &Fresh) -> Vec<(&'static str, String)> {
    const EMPTY: &str = "-- Write the SQL of this revision here.\nSELECT 1;\n";
    let (up, down) = match (&fresh.script, &fresh.metadata.batch) {
        (Some(script), _) => (script.up.clone(), script.down.clone()),
        (None, Some(batch)) => data::scripts(batch),
        (None, None) => (EMPTY.to_owned(), EMPTY.replace("of this revision", "that takes this revision back")),
    };
    vec![("up.sql", up), ("down.sql", down), ("metadata.toml", fresh.metadata.render())]
}

/// The error for questions that nobody can answer here: what each asks and its flags.
fn unanswered(questions: &[Question]) -> Error {
    let text = match questions {
        [one] => ask_text(one),
        many => {
            format!("{} questions are open: {}", many.len(), many.iter().map(ask_text).collect::<Vec<_>>().join("; "))
        }
    };
    let mut error = Error::undecided(text);
    for question in questions {
        error = error.hint(match question {
            Question::Rename(candidate) => format!(
                "if it is a rename: --rename {}:{}; if not: --drop {}",
                candidate.old_path(),
                candidate.to,
                candidate.old_path()
            ),
            Question::Fill { table, column, .. } => {
                format!("give existing rows a value: --fill {table}.{column}=EXPR (an SQL expression, as \"'unknown'\" or 0)")
            }
            Question::Drop { what } => format!("if it is really to go: --drop {what}"),
        });
    }
    error
}

fn ask_text(question: &Question) -> String {
    match question {
        Question::Rename(candidate) => {
            format!("{} is gone and {} is new: was it renamed?", candidate.old_path(), candidate.new_path())
        }
        Question::Fill { table, column, ty } => {
            format!("{table}.{column} ({ty}) is NOT NULL: which value do existing rows get?")
        }
        Question::Drop { what } => format!("{what} is in the schema, but not in the models: drop it?"),
    }
}

fn answer(question: &Question, wishes: &mut Wishes, cx: &mut Context) -> Result<()> {
    match question {
        Question::Rename(candidate) => {
            if cx.ui.confirm(&ask_text(question))? == Some(true) {
                wishes.renames.push(candidate.rename());
            } else {
                wishes.drops.push(candidate.old_path());
            }
        }
        Question::Fill { table, column, .. } => {
            let text = cx.ui.ask(&format!("{} (SQL expression)", ask_text(question)))?.filter(|text| !text.is_empty());
            let Some(text) = text else {
                return Err(Error::undecided(format!("{table}.{column} stays without a value for existing rows"))
                    .hint(format!("make the column nullable, or give --fill {table}.{column}=EXPR")));
            };
            wishes.fills.insert((table.clone(), column.clone()), Expr::new(text));
        }
        Question::Drop { what } => {
            if cx.ui.confirm(&ask_text(question))? != Some(true) {
                return Err(Error::undecided(format!("{what} is neither kept nor dropped"))
                    .hint("declare it in a table!, or confirm the drop"));
            }
            wishes.drops.push(what.clone());
        }
    }
    Ok(())
}

fn json(ready: &[Ready<'_>], proofs: &[view::ProofView], cx: &mut Context) -> Result<Outcome> {
    let plans: Vec<_> =
        ready.iter().flat_map(|one| one.revisions.iter().map(move |fresh| Plan::new(one, fresh, proofs))).collect();
    cx.ui.json(&serde_json::json!({ "schema_version": 1, "revisions": plans }))?;
    Ok(Outcome::Fine)
}

/// A revision as JSON.
#[derive(Serialize)]
struct Plan<'a> {
    directory: String,
    dialect: Dialect,
    operations: Vec<String>,
    up: &'a str,
    down: &'a str,
    run_in_transaction: bool,
    /// `None` where it was not tried.
    proof: Option<&'a view::ProofView>,
}

impl<'a> Plan<'a> {
    fn new(ready: &Ready<'_>, fresh: &'a Fresh, proofs: &'a [view::ProofView]) -> Self {
        let script = fresh.script.as_ref();
        let directory = ready.path(fresh);
        let of_it = proofs.iter().filter(|proof| proof.revisions.contains(&directory));
        Self {
            // The one that failed, where one did.
            proof: of_it.min_by_key(|proof| proof.proved != Some(false)),
            directory,
            dialect: ready.group.dialect,
            operations: script.map(|s| s.operations.iter().map(|o| o.describe()).collect()).unwrap_or_default(),
            up: script.map_or("", |s| &s.up),
            down: script.map_or("", |s| &s.down),
            run_in_transaction: fresh.metadata.run_in_transaction,
        }
    }
}
