//! `repair`: puts a database right that is not what its recorded revisions make: one that was stamped
//! and never ran them, was changed by hand, or lost something.
//!
//! Other databases of the project are right already, and the chain's replay says what every one of
//! them has. So the revision that this command writes does something only where something is wrong:
//! each of its operations asks first (`render::guarded`), its metadata says `repair`, and a replay
//! leaves it out. That it does nothing where all is right is a part of its proof, and so is that it
//! puts a copy of this database right. Its way back does nothing: what it puts right belongs to the
//! revisions before. What has no guard in a dialect (SQLite has them for tables and indexes alone) is
//! for `--apply`: the difference is run on this one database, under the lock, with a row in the ledger.
//! What is left over, rows or not, stays unless it is named.

use clap::Args;
use serde::Serialize;

use super::apply::{self, LockWait};
use super::guard::{Guard, Standing};
use super::view::Consent;
use super::{project, view};
use crate::catalog::Catalog;
use crate::chain::{self, Chain, Metadata};
use crate::cli::Global;
use crate::context::Context;
use crate::db::introspect::introspect;
use crate::db::losses::{Counter, Lost};
use crate::db::scratch::Scratch;
use crate::db::{Database, DatabaseUrl};
use crate::dialect::Dialect;
use crate::diff::{self, Answers};
use crate::error::{Error, Outcome, Result};
use crate::layout::Group;
use crate::operation::Operation;
use crate::project::Project;
use crate::proof::{self, Repaired};
use crate::render::{self, Guarded, Rendered};
use crate::runner;
use crate::store;
use crate::ui::Tone;

/// Put a database right that is not what its recorded revisions make.
///
/// Compares every object, as `status --verify` does, and writes a revision that makes what is missing
/// and changes what is otherwise. It does nothing in databases that are right, which the proof
/// shows; so it can go the way of every other revision: review, commit, upgrade. What cannot be
/// written in that way is run on this database alone, with --apply.
#[derive(Debug, Args)]
pub struct Repair {
    /// Show what is wrong and what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Write no revision: put this one database right now, under the lock; the ledger keeps a row
    #[arg(long, conflicts_with = "message")]
    pub apply: bool,
    /// What the revision is called: it names the directory
    #[arg(long, default_value = "repair")]
    pub message: String,
    /// Something left over that is really dropped: a table, TABLE.COLUMN, or the name of an index or
    /// constraint. All else that is left over stays
    #[arg(long = "drop", value_name = "NAME")]
    pub drops: Vec<String>,
    /// The value of existing rows for a column that is missing, or has NULLs, and is NOT NULL:
    /// TABLE.COLUMN=EXPR
    #[arg(long = "fill", value_name = "COLUMN=EXPR")]
    pub fills: Vec<String>,
    /// How old values become new ones where a type is wrong: TABLE.COLUMN=EXPR
    #[arg(long = "using", value_name = "COLUMN=EXPR")]
    pub using: Vec<String>,
    /// Go on although rows or values are lost
    #[arg(long)]
    pub allow_data_loss: bool,
    /// Ask nothing
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub lock: LockWait,
    #[command(flatten)]
    pub guard: Guard,
}

const CHANGE: Consent =
    Consent { question: "Change this database?", refused: "nothing was changed", why: "this changes the database" };

/// What is wrong, and what is to be done about it.
struct Found {
    repaired: Repaired,
    expected: Catalog,
    operations: Vec<Operation>,
    lost: Vec<Lost>,
}

#[derive(Serialize)]
struct View<'a> {
    schema_version: u32,
    different: &'a [String],
    operations: Vec<String>,
    left: &'a [String],
    losses: &'a [Lost],
    /// What no guard could be written for.
    only_by_apply: &'a [String],
    statements: &'a [String],
    /// The directory of the revision that was written.
    wrote: Option<String>,
    applied: bool,
}

impl Repair {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the database is another one than was meant, is out of reach or refuses a statement, where
    /// a value for rows or an agreement is missing, or where a revision cannot say what is to be done.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let group = project.group()?;
        let chain = Chain::load(&project.tree, &group.directory)?;
        let mut database = view::open_for_reading(&project)?;
        let applied = view::applied_versions(&mut database)?;
        let standing = Standing::read(&project, &chain, &applied, &mut database)?;
        let found = self.find(&project, group, &chain, &applied, &mut database)?;
        if !cx.ui.is_json() {
            tell(&found, cx)?;
        }
        if found.operations.is_empty() {
            return self.json(&found, &[], &[], None, false, cx);
        }
        self.refuse_open(&found, &mut database)?;
        if self.apply {
            return self.run_here(&project, &standing, &found, database, cx);
        }
        let guarded = guarded(&found, &mut database)?;
        drop(database);
        self.write(&project, group, &chain, &found, &guarded, cx)
    }

    fn find(
        &self,
        project: &Project,
        group: &Group,
        chain: &Chain,
        applied: &[String],
        database: &mut Database,
    ) -> Result<Found> {
        let expected = proof::expected(&project.tree, chain, group.dialect, applied)?;
        let actual = introspect(database)?;
        let repaired = proof::repaired(&expected, &actual, &self.drops);
        for name in &self.drops {
            let is_gone = |line: &String| {
                let object = line.strip_suffix(" is left over");
                object.is_some_and(|object| object == name || proof::name_of(object) == name)
            };
            if !repaired.different.iter().any(is_gone) {
                return Err(Error::undecided(format!("--drop {name}: nothing of that name is left over"))
                    .hint("cargo ops-migrate status --verify names what is"));
            }
        }
        let answers = Answers {
            fills: view::assignments("--fill", &self.fills)?,
            using: view::assignments("--using", &self.using)?,
            server_texts: true,
            ..Answers::default()
        };
        let operations = diff::diff(&repaired.actual, &repaired.target, &answers);
        let mut counter = Counter::new(database);
        let lost = operations.iter().filter_map(|operation| counter.loss(operation)).collect();
        drop(counter);
        Ok(Found { repaired, expected, operations, lost })
    }

    /// What needs a word of the user first.
    fn refuse_open(&self, found: &Found, database: &mut Database) -> Result<()> {
        for operation in &found.operations {
            let (table, column, filter) = match operation {
                Operation::AddColumn { table, column, fill: None } if !column.fills_itself() => {
                    (table, column, String::new())
                }
                Operation::SetNotNull { table, column, fill: None } => {
                    let name = database.dialect().quote(&column.name);
                    (table, column, format!(" WHERE {name} IS NULL"))
                }
                _ => continue,
            };
            let from = format!("{}{filter}", table.sql(database.dialect()));
            if database.count(&from)? > 0 {
                let path = format!("{table}.{}", column.name);
                return Err(Error::undecided(format!("{path} is NOT NULL: which value do existing rows get?"))
                    .hint(format!("give them one: --fill {path}=EXPR (an SQL expression, as \"'unknown'\" or 0)")));
            }
        }
        if self.plan || self.allow_data_loss || !found.lost.iter().any(Lost::is_real) {
            return Ok(());
        }
        Err(view::needs_flag("the repair loses data", "--allow-data-loss"))
    }

    /// The difference, run on this database alone.
    fn run_here(
        &self,
        project: &Project,
        standing: &Standing,
        found: &Found,
        database: Database,
        cx: &mut Context,
    ) -> Result<Outcome> {
        let Rendered { statements, needs_no_transaction } = rendered(found)?;
        if self.plan {
            tell_statements(&statements, cx)?;
            return self.json(found, &[], &statements, None, false, cx);
        }
        standing.accept(&self.guard, project, cx)?;
        standing.agree(&self.guard, "this changes its schema", cx)?;
        view::agree(self.yes, &CHANGE, cx)?;
        drop(database);
        let mut database = view::open_for_writing(project)?;
        standing.remember(&mut database, self.lock.duration(), apply::tell_beside, cx)?;
        let what = found.operations.iter().map(Operation::describe).collect::<Vec<_>>().join("; ");
        let repair = runner::Repair { what: &what, statements: &statements, needs_no_transaction };
        apply::telling(cx, apply::tell_beside, |on_event| {
            runner::repair(&mut database, repair, self.lock.duration(), on_event)
        })?;
        let left = wrong(&mut database, found)?;
        if !cx.ui.is_json() {
            cx.ui.line(format!("{} this database.", cx.ui.tone("Repaired", Tone::Good)))?;
        }
        left.iter().for_each(|line| cx.ui.warn(format!("still not as recorded: {line}")));
        self.json(found, &[], &statements, None, true, cx)?;
        Ok(if left.is_empty() { Outcome::Fine } else { Outcome::Change })
    }

    /// The revision that every database of the project runs.
    fn write(
        &self,
        project: &Project,
        group: &Group,
        chain: &Chain,
        found: &Found,
        guarded: &Guarded,
        cx: &mut Context,
    ) -> Result<Outcome> {
        if self.plan {
            tell_statements(&guarded.statements, cx)?;
            for what in &guarded.bare {
                cx.ui.warn(format!("only by --apply, in this database alone: {what}"));
            }
            return self.json(found, &guarded.bare, &guarded.statements, None, false, cx);
        }
        if !guarded.bare.is_empty() {
            let text = guarded.bare.join("; ");
            return Err(Error::undecided(format!(
                "no revision on {} can do this only where it is wrong: {text}",
                group.dialect
            ))
            .hint("put this one database right: cargo ops-migrate repair --apply (--plan shows how)"));
        }
        let (directory, name) = self.directory(project, group, chain, found, guarded, cx)?;
        let proof = view::prove(project, group, chain, std::slice::from_ref(&name), None, cx)?;
        let on_copy = on_a_copy(project, group, found, guarded)?;
        if !cx.ui.is_json() {
            match &on_copy {
                None => {}
                Some(left) if left.is_empty() => {
                    cx.ui.line(format!(
                        "{} on a copy of this database: it is right afterwards",
                        cx.ui.tone("Proved", Tone::Good)
                    ))?;
                }
                Some(left) => {
                    cx.ui.line(format!("{} on a copy of this database:", cx.ui.tone("Not proved", Tone::Bad)))?;
                    left.iter().try_for_each(|line| cx.ui.line(format!("  - {line}")))?;
                }
            }
        }
        cx.ui.status(format!("next: git add {directory}; cargo ops-migrate upgrade"));
        self.json(found, &[], &guarded.statements, Some(directory), false, cx)?;
        let refuted = proof.proved == Some(false) || on_copy.is_some_and(|left| !left.is_empty());
        Ok(if refuted { Outcome::Change } else { Outcome::Fine })
    }

    fn directory(
        &self,
        project: &Project,
        group: &Group,
        chain: &Chain,
        found: &Found,
        guarded: &Guarded,
        cx: &mut Context,
    ) -> Result<(String, String)> {
        let digest = chain::checksum(&format!("{} {}", cx.now.unix_timestamp_nanos(), guarded.statements.concat()));
        let id = chain::free_id(digest.as_bytes(), &[chain]);
        let newest = chain.newest().map(|revision| revision.version.as_str());
        let name = chain::new_name(cx.now, &id, &self.message, newest)?;
        let what = found.operations.iter().map(Operation::describe).collect::<Vec<_>>().join("; ");
        let metadata = Metadata {
            revision: Some(id),
            revises: chain.head()?.map(|head| head.id.clone()).into_iter().collect(),
            message: Some(self.message.clone()),
            created: Some(name.created),
            repair: Some(format!("{what}, where a database lacks it")),
            run_in_transaction: true,
            ..Metadata::default()
        };
        let up = format!(
            "-- Puts databases right that are not what the revisions before this one make; does nothing in others.\n\n{}\n",
            guarded.statements.join("\n\n")
        );
        let down =
            "-- Nothing: what this revision puts right belongs to the revisions before it.\nSELECT 1;\n".to_owned();
        let files = vec![("up.sql", up), ("down.sql", down), ("metadata.toml", metadata.render())];
        store::write_revisions(&project.path(&group.directory), &[(name.directory.clone(), files)])?;
        let directory = format!("{}/{}", group.directory, name.directory);
        if !cx.ui.is_json() {
            cx.ui.line(format!("{} {directory}/", cx.ui.tone("Wrote", Tone::Good)))?;
        }
        Ok((directory, name.directory))
    }

    fn json(
        &self,
        found: &Found,
        only_by_apply: &[String],
        statements: &[String],
        wrote: Option<String>,
        applied: bool,
        cx: &mut Context,
    ) -> Result<Outcome> {
        if cx.ui.is_json() {
            cx.ui.json(&View {
                schema_version: 1,
                different: &found.repaired.different,
                operations: found.operations.iter().map(Operation::describe).collect(),
                left: &found.repaired.left,
                losses: &found.lost,
                only_by_apply,
                statements,
                wrote,
                applied,
            })?;
        }
        Ok(Outcome::Fine)
    }
}

fn tell(found: &Found, cx: &mut Context) -> Result<()> {
    let Found { repaired, operations, lost, .. } = found;
    if repaired.different.is_empty() {
        return cx.ui.line("Nothing to repair: the schema is what its revisions give.");
    }
    cx.ui.line(cx.ui.tone("The schema is not what its revisions give:", Tone::Strong))?;
    repaired.different.iter().try_for_each(|line| cx.ui.line(format!("  {line}")))?;
    if !operations.is_empty() {
        cx.ui.line(cx.ui.tone("Here is what puts it right:", Tone::Strong))?;
    }
    view::tell_operations(operations, cx)?;
    for object in &repaired.left {
        cx.ui.hint(format!("{object} stays; to drop it: --drop {}", shown(object)));
    }
    for lost in lost.iter().filter(|lost| lost.is_real()) {
        cx.ui.warn(format!("this loses {}", lost.describe()));
    }
    Ok(())
}

/// The shortest words that name an object.
fn shown(object: &str) -> String {
    let name = proof::name_of(object);
    if name.contains(')') { format!("{object:?}") } else { name.to_owned() }
}

fn tell_statements(statements: &[String], cx: &mut Context) -> Result<()> {
    if cx.ui.is_json() {
        return Ok(());
    }
    statements.iter().try_for_each(|statement| cx.ui.line(format!("\n{statement}")))
}

fn rendered(found: &Found) -> Result<Rendered> {
    render::render(&found.operations, &found.repaired.actual, &found.repaired.target)
}

/// The statements of a revision. PostgreSQL tells how it words what is to go, since what has that
/// name elsewhere is right.
fn guarded(found: &Found, database: &mut Database) -> Result<Guarded> {
    let is_mariadb = database.dialect() == Dialect::Mysql
        && database.server_version().is_ok_and(|version| version.to_lowercase().contains("mariadb"));
    let database = std::cell::RefCell::new(database);
    let defined = |operation: &Operation| definition(operation, &mut database.borrow_mut());
    let Repaired { actual, target, .. } = &found.repaired;
    render::guarded(&found.operations, actual, target, is_mariadb, &defined)
}

fn definition(operation: &Operation, database: &mut Database) -> Option<String> {
    let (table, name) = match operation {
        Operation::DropIndex { table, index } => {
            let name = table.with_name(&index.name).sql(Dialect::Postgres);
            let sql = "SELECT pg_get_indexdef(to_regclass($1)) AS row";
            return database.text(sql, &[Some(&name)]).ok().flatten();
        }
        Operation::DropPrimaryKey { table, key } => (table, key.name.as_ref()?),
        Operation::DropUnique { table, unique } => (table, unique.name.as_ref()?),
        Operation::DropCheck { table, check } => (table, check.name.as_ref()?),
        Operation::DropExclude { table, exclude } => (table, exclude.name.as_ref()?),
        Operation::DropForeignKey { table, key } => (table, key.name.as_ref()?),
        _ => return None,
    };
    let sql = "SELECT pg_get_constraintdef(oid) AS row FROM pg_constraint
        WHERE conrelid = to_regclass($1) AND conname = $2";
    database.text(sql, &[Some(&table.sql(Dialect::Postgres)), Some(name)]).ok().flatten()
}

/// What is wrong still, but for what was to stay.
fn wrong(database: &mut Database, found: &Found) -> Result<Vec<String>> {
    let now = introspect(database)?;
    let stays = |line: &String| {
        line.strip_suffix(" is left over").is_some_and(|object| found.repaired.left.iter().any(|left| left == object))
    };
    let mut lines = proof::drift(&found.expected, &now);
    lines.retain(|line| !stays(line));
    Ok(lines)
}

/// The revision on a scratch database with this one's schema: what is wrong afterwards. `None` where
/// no scratch database can have that schema.
fn on_a_copy(project: &Project, group: &Group, found: &Found, guarded: &Guarded) -> Result<Option<Vec<String>>> {
    let url: Option<&DatabaseUrl> = project.database.as_ref().map(|(url, _)| url);
    let Ok(mut scratch) = Scratch::create(url, group.dialect) else { return Ok(None) };
    let copy = scratch.database();
    if copy.batch(&render::schema_sql(&found.repaired.actual)).is_err() {
        return Ok(None);
    }
    for statement in &guarded.statements {
        if let Err(error) = copy.batch(statement) {
            return Ok(Some(vec![copy.words(&error)]));
        }
    }
    wrong(copy, found).map(Some)
}
