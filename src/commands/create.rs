//! `create`: a revision from what the models changed: found, explained, written, proved.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::Serialize;

use super::{in_step, project, view};
use crate::catalog::{Catalog, Expr, Name};
use crate::chain::{self, Chain, Metadata};
use crate::cli::Global;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Outcome, Result};
use crate::layout::Group;
use crate::make::{self, Draft, Question, Wishes};
use crate::models::{Models, Rename};
use crate::project::Project;
use crate::snapshot::{self, Parsed};
use crate::store;
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
    /// A column or table that was renamed, not dropped and added: TABLE.OLD:NEW or OLD:NEW
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

/// A chain to write for, and the schema that its revisions give.
struct Base<'a> {
    group: &'a Group,
    chain: Chain,
    baseline: Catalog,
}

/// A revision that is ready to be written.
struct Ready<'a> {
    group: &'a Group,
    chain: Chain,
    /// The schema before it.
    baseline: Catalog,
    draft: Option<Draft>,
    /// The new directory's name.
    name: String,
    metadata: Metadata,
}

impl Ready<'_> {
    /// The new directory, as git names it.
    fn path(&self) -> String {
        format!("{}/{}", self.group.directory, self.name)
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
        let mut parsed = Parsed::default();
        let now = snapshot::models(&project.tree, &project.layout, &mut parsed)?;
        let before = view::models_before(&project, &project.layout, &mut parsed)?;
        let mut wishes = self.wishes()?;
        let mut bases = Vec::new();
        for group in &project.layout.groups {
            let (chain, baseline) = snapshot::baseline(&project.tree, group, &mut project.cache())?;
            bases.push(Base { group, chain, baseline });
        }
        let id = new_id(&now, &bases, cx);
        let several = project.layout.groups.len() > 1;
        let (mut ready, mut told) = (Vec::new(), BTreeSet::new());
        for base in bases {
            ready.extend(self.prepare(base, before.as_deref(), &now, &mut wishes, &mut told, &id, several, cx)?);
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
        self.write(&project, &ready, &now, cx)
    }

    #[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
    fn prepare<'a>(
        &self,
        base: Base<'a>,
        before: Option<&Models>,
        now: &Models,
        wishes: &mut Wishes,
        told: &mut BTreeSet<String>,
        id: &str,
        several: bool,
        cx: &mut Context,
    ) -> Result<Option<Ready<'a>>> {
        let Base { group, chain, baseline } = base;
        let parent = chain.head()?.map(|head| head.id.clone());
        let draft = if self.empty {
            None
        } else {
            let draft = self.settled(before, now, &baseline, wishes, told, cx)?;
            view::tell_changes(&draft, told, cx)?;
            view::tell_draft(&draft, several, group, cx)?;
            if draft.script.operations.is_empty() {
                return Ok(None);
            }
            Some(draft)
        };
        let newest = chain.newest().map(|r| r.version.as_str());
        let name = chain::new_name(cx.now, id, &self.message, newest)?;
        if let Some(note) = &name.note {
            cx.ui.status(note);
        }
        let metadata = Metadata {
            run_in_transaction: draft.as_ref().is_none_or(|d| d.script.run_in_transaction),
            revision: Some(id.to_owned()),
            revises: parent.into_iter().collect(),
            message: Some(self.message.clone()),
            created: Some(name.created.clone()),
            lossy: draft.as_ref().map(lossy).unwrap_or_default(),
            ..Metadata::default()
        };
        Ok(Some(Ready { group, chain, baseline, draft, name: name.directory, metadata }))
    }

    /// The draft once every question has its answer.
    fn settled(
        &self,
        before: Option<&Models>,
        now: &Models,
        baseline: &Catalog,
        wishes: &mut Wishes,
        told: &mut BTreeSet<String>,
        cx: &mut Context,
    ) -> Result<Draft> {
        loop {
            let draft = make::draft(before, now, baseline, wishes)?;
            let Some(question) = draft.questions.first() else { return Ok(draft) };
            view::tell_changes(&draft, told, cx)?;
            if !cx.ui.interactive || self.yes {
                return Err(unanswered(&draft.questions));
            }
            answer(question, wishes, cx)?;
        }
    }

    fn show_dry_run(&self, ready: &[Ready<'_>], cx: &mut Context) -> Result<Outcome> {
        for one in ready {
            for (file, text) in files(one) {
                let title = format!("-- {}/{}/{file}", one.group.directory, one.name);
                let title = cx.ui.tone(&title, Tone::Faint);
                cx.ui.line(format!("\n{title}\n{}", text.trim_end()))?;
            }
        }
        cx.ui.status("dry run: nothing was written");
        Ok(Outcome::Fine)
    }

    fn write(&self, project: &Project, ready: &[Ready<'_>], now: &Models, cx: &mut Context) -> Result<Outcome> {
        let mut proofs = Vec::new();
        for one in ready {
            let directory = project.path(&one.group.directory);
            store::write_revision(&directory, &one.name, &files(one))?;
            if !cx.ui.is_json() {
                cx.ui.line(format!("{} {}/", cx.ui.tone("Wrote", Tone::Good), one.path()))?;
            }
            if let Some(draft) = one.draft.as_ref().filter(|_| !self.no_schema) {
                in_step::write_or_warn(project, in_step::after_create(project, &one.baseline, &draft.desired), cx);
            }
            if self.no_proof || self.empty {
                continue;
            }
            let expected = one.draft.as_ref().map(|draft| view::Expected { models: now, inherited: &draft.inherited });
            let names = [one.name.clone()];
            proofs.push(view::prove(project, one.group, &one.chain, &names, expected.as_ref(), cx)?);
        }
        let paths: Vec<_> = ready.iter().map(Ready::path).collect();
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
            fills: assignments("--fill", &self.fills)?,
            using: assignments("--using", &self.using)?,
        })
    }
}

/// `TABLE.COLUMN=EXPR`, by table and column.
fn assignments(flag: &str, texts: &[String]) -> Result<BTreeMap<(Name, String), Expr>> {
    let mut found = BTreeMap::new();
    for text in texts {
        let parts = text.split_once('=').and_then(|(path, expr)| Some((path.trim().rsplit_once('.')?, expr.trim())));
        let Some(((table, column), expr)) = parts.filter(|(_, expr)| !expr.is_empty()) else {
            return Err(Error::undecided(format!("{flag} {text}: expected TABLE.COLUMN=EXPR"))
                .hint(format!("for instance {flag} users.nick_name=\"''\"")));
        };
        found.insert((view::table_name(table), column.to_owned()), Expr::new(expr));
    }
    Ok(found)
}

fn lossy(draft: &Draft) -> Vec<String> {
    draft.script.operations.iter().filter_map(|operation| operation.loss().map(|loss| loss.what)).collect()
}

/// The files of a revision.
fn files(ready: &Ready<'_>) -> Vec<(&'static str, String)> {
    const EMPTY: &str = "-- Write the SQL of this revision here.\nSELECT 1;\n";
    let (up, down) = match &ready.draft {
        Some(draft) => (draft.script.up.clone(), draft.script.down.clone()),
        None => (EMPTY.to_owned(), EMPTY.replace("of this revision", "that takes this revision back")),
    };
    vec![("up.sql", up), ("down.sql", down), ("metadata.toml", ready.metadata.render())]
}

/// Twelve hex digits from the clock, the process and the models, which no revision has.
fn new_id(models: &Models, bases: &[Base<'_>], cx: &Context) -> String {
    let seed = format!("{} {} {}", cx.now.unix_timestamp_nanos(), std::process::id(), models.tables.len());
    let digest = chain::checksum(&seed);
    let chains: Vec<&Chain> = bases.iter().map(|base| &base.chain).collect();
    chain::free_id(digest.as_bytes(), &chains)
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
    let plans: Vec<_> = ready.iter().map(|one| Plan::new(one, proofs)).collect();
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
    fn new(ready: &'a Ready<'_>, proofs: &'a [view::ProofView]) -> Self {
        let script = ready.draft.as_ref().map(|d| &d.script);
        Self {
            proof: proofs.iter().find(|proof| proof.revisions.contains(&ready.path())),
            directory: ready.path(),
            dialect: ready.group.dialect,
            operations: script.map(|s| s.operations.iter().map(|o| o.describe()).collect()).unwrap_or_default(),
            up: script.map_or("", |s| &s.up),
            down: script.map_or("", |s| &s.down),
            run_in_transaction: ready.metadata.run_in_transaction,
        }
    }
}
