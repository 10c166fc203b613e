//! `review`: explains revisions and says where a human must look.

mod fix;
mod measure;
mod releases;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{project, verdict, view};
use crate::chain::{self, CacheStore, Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::db::rows;
use crate::dialect::Dialect;
use crate::error::{Error, Outcome, Result};
use crate::git::{Repo, Rev};
use crate::layout::{self, Group};
use crate::project::Project;
use crate::review::report::{self, Entry};
use crate::review::{self, Baseline, RULES, Rows, Rule, SMALL, Settings, Severity, Sibling, World};
use crate::snapshot::{self, Parsed};
use crate::tree::Tree;
use crate::ui::{Format, Tone, Ui};
use crate::words::counted;

/// Explain a revision and say where a human must look.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Review {
    /// The revision, or the path of its directory; without it, those that the base branch lacks
    #[arg(allow_hyphen_values = true)]
    pub revision: Option<String>,
    /// The branch or commit that revisions are new to
    #[arg(long, value_name = "REF", conflicts_with = "revision")]
    pub base: Option<String>,
    /// The whole chain
    #[arg(long, conflicts_with_all = ["revision", "base"])]
    pub all: bool,
    /// The severity from which on to end with 1: error (the default), warn, info, or off for never
    #[arg(long, value_name = "LEVEL", value_parser = severity)]
    pub fail_on: Option<Severity>,
    /// How many rows tables have, from a file (TOML, a line `table = rows` for each): of small tables the
    /// locks are notes, and so is what empty ones lose
    #[arg(long, value_name = "FILE")]
    pub stats: Option<PathBuf>,
    /// The same from the database (its own estimates; counted where it has none)
    #[arg(long, conflicts_with = "stats")]
    pub database: bool,
    /// Write how many rows the database's tables have into a file for --stats
    #[arg(long, value_name = "FILE", conflicts_with_all = ["revision", "base", "all", "stats"])]
    pub write_stats: Option<PathBuf>,
    /// Run the revisions on a scratch database, too: the locks really taken, how MySQL and MariaDB change
    /// each table, tables written anew, the time of each statement, and where the review says otherwise
    #[arg(long, conflicts_with = "all")]
    pub measure: bool,
    /// Leave out the findings that this file knows
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the findings into a file, to leave them out from now on
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<PathBuf>,
    /// Mend what is mechanical, review and prove the result (on a scratch database, where there is a server for it),
    /// and write it: all of it, or nothing
    #[arg(long, conflicts_with_all = ["all", "write_baseline"])]
    pub fix: bool,
    /// Show as a diff what --fix would write, and write nothing
    #[arg(long, conflicts_with_all = ["all", "write_baseline", "fix"])]
    pub diff: bool,
    /// With --fix: change revisions, too, that the base branch or the database has
    #[arg(long)]
    pub released: bool,
    /// With --fix: do not run the result on a scratch database
    #[arg(long, requires = "fix")]
    pub no_proof: bool,
    /// List the rules, and which of them --fix mends
    #[arg(long, conflicts_with_all = ["revision", "base", "all"])]
    pub rules: bool,
    /// Explain a rule, by code or name
    #[arg(long, value_name = "CODE", conflicts_with_all = ["revision", "base", "all", "rules"])]
    pub explain: Option<String>,
}

const AFTER_HELP: &str = "\
Formats: --format human, json, sarif, github (annotations), gitlab (code quality), markdown (pull request)

Levels, in Cargo.toml:
  [package.metadata.ops-migrate.review]         fail-on = \"warn\"; server-version = 15; baseline = \"review.json\";
                                                stats = \"rows.toml\"; small-table = 10000;
                                                required-columns = [\"created_at\"]; name-pattern = \"^[a-z0-9_]+$\"
  [package.metadata.ops-migrate.review.rules]   data-loss = \"error\"; index-not-concurrent = \"off\"
  [[package.metadata.ops-migrate.review.paths]] path = \"migrations/2019*\"; rules = { all = \"off\" }

Comments, before a statement or behind it:
  -- ops-migrate: allow data-loss nobody has read it since May
  -- ops-migrate: allow-file index-not-concurrent the tables are small
  squawk-ignore, squawk-ignore-file, diesel-guard:disable and safety-assured comments hold as well.

A table that an unreleased revision makes is new: nothing is said about its locks. With --all, tables,
views and columns are new to the revisions that the same release brings, as the tags of the repository tell
(v1.2.0, not v1.2.0-rc.1), and for two weeks where they do not.";

/// What is known beside a chain.
struct Given<'a> {
    settings: &'a Settings,
    rows: Option<&'a Rows>,
    /// The revisions whose up.sql the base branch has otherwise.
    edited: &'a BTreeSet<String>,
}

/// The chains of the same project for other databases, with the schemas that they come to where these are wanted.
fn siblings(
    tree: &dyn Tree,
    cache: &mut dyn CacheStore,
    project: &Project,
    group: &Group,
    with_schema: bool,
) -> Vec<Sibling> {
    let others = project.layout.groups.iter().filter(|other| other.directory != group.directory);
    // A chain that cannot be read is told of where it is reviewed itself.
    let sibling = |other: &Group| {
        let chain = Chain::load(tree, &other.directory).ok()?;
        let mut last = || chain::catalog_with_cache(tree, &chain, other.dialect, None, cache).ok();
        Some(Sibling { last: with_schema.then(&mut last).flatten(), chain })
    };
    others.filter_map(sibling).collect()
}

/// A severity by its name.
fn severity(text: &str) -> Result<Severity, String> {
    [Severity::Off, Severity::Info, Severity::Warn, Severity::Error]
        .into_iter()
        .find(|severity| severity.name() == text)
        .ok_or_else(|| "one of error, warn, info, off".to_owned())
}

impl Review {
    /// Runs the command; no database is asked.
    ///
    /// # Errors
    /// Where the project or the chain cannot be read, or there is no such revision or rule.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        if self.rules {
            return list_rules(cx);
        }
        if let Some(name) = &self.explain {
            return explain_rule(name, cx);
        }
        let project = project(cx, global)?;
        let mut settings = settings(&project);
        settings.check()?;
        settings.fail_on = self.fail_on.or(settings.fail_on);
        if let Some(file) = &self.write_stats {
            return write_stats(&project, &cx.cwd.join(file), cx);
        }
        if self.fix || self.diff {
            return self.run_fix(&project, &settings, cx);
        }
        let rows = self.rows(&project, &settings, cx)?;
        let (mut entries, mut measured) = (Vec::new(), Vec::new());
        for group in &project.layout.groups {
            let chain = Chain::load(&project.tree, &group.directory)?;
            let edited = self.edited(&project, group, &chain)?;
            let chosen = self.chosen(&project, group, &chain, &edited, cx)?;
            let mut cache = project.cache();
            let given = Given { settings: &settings, rows: rows.as_ref(), edited: &edited };
            let found = self.review(&project.tree, &mut cache, &project, group, &chain, &chosen, &given)?;
            if self.measure {
                measured.extend(measure::measure(&project, group, &chain, &found, cx)?);
            }
            entries.extend(found);
        }
        if entries.is_empty() && self.revision.is_some() {
            return Err(Error::undecided(format!("no revision {}", self.revision.as_deref().unwrap_or_default()))
                .hint("cargo ops-migrate history lists them"));
        }
        if let Some(file) = &self.write_baseline {
            return write_baseline(&cx.cwd.join(file), &entries, cx);
        }
        self.leave_out_known(&project, &settings, &mut entries, cx)?;
        if cx.ui.format == Format::Json && self.measure {
            let mut view = serde_json::to_value(report::json(&entries)).map_err(|e| Error::undecided(e.to_string()))?;
            view["measured"] = serde_json::to_value(&measured).map_err(|e| Error::undecided(e.to_string()))?;
            cx.ui.json(&view)?;
        } else {
            show(&entries, cx)?;
            measure::tell(&measured, cx)?;
        }
        let worst = entries.iter().flat_map(|entry| &entry.reviewed.findings).map(|f| f.severity).max();
        Ok(if worst.is_some_and(|worst| settings.fails(worst)) { Outcome::Change } else { Outcome::Fine })
    }

    #[expect(clippy::too_many_arguments, reason = "a tree and its cache, and what is to be looked at")]
    fn review(
        &self,
        tree: &dyn Tree,
        cache: &mut dyn CacheStore,
        project: &Project,
        group: &Group,
        chain: &Chain,
        chosen: &[&Revision],
        given: &Given<'_>,
    ) -> Result<Vec<Entry>> {
        let Given { settings, rows, edited } = *given;
        let layout = project.layout.of(group);
        // Models that cannot be read are the gate's business.
        let models = snapshot::models(tree, &layout, &mut Parsed::default()).ok();
        let last = chain::catalog_with_cache(tree, chain, group.dialect, None, cache).ok();
        let released = if self.all { None } else { self.known_to_base(project, group)? };
        let is_to_its_end = chain.newest().is_some_and(|newest| chosen.iter().any(|chosen| chosen.id == newest.id));
        let siblings = siblings(tree, cache, project, group, is_to_its_end);
        let name_pattern = settings.name_pattern()?;
        let world = World {
            edited,
            required_columns: &settings.required_columns,
            name_pattern: name_pattern.as_ref(),
            siblings: &siblings,
            released: released.as_ref(),
            unreleased: !self.all,
            rows: rows.map(|rows| (rows, settings.small_table.unwrap_or(SMALL))),
            chain,
            dialect: group.dialect,
            models: models.as_ref(),
            last: last.as_ref(),
            server_version: settings.server_version,
        };
        let releases = match &project.repo {
            Some(repo) if self.all => releases::releases(repo, group, chain)?,
            _ => BTreeMap::new(),
        };
        let mut catalog_before = |of: &Revision| chain::catalog_before(tree, chain, group.dialect, &of.id, cache);
        let found = review::review(
            &mut review::Review {
                tree,
                world: &world,
                targets: chosen,
                unreleased: !self.all,
                releases: &releases,
                with_locks: self.measure,
                catalog_before: &mut catalog_before,
            },
            &|rule, file| settings.level(rule, file),
        )?;
        let entry = |reviewed: review::Reviewed| Entry {
            directory: format!("{}/{}", group.directory, reviewed.directory),
            dialect: group.dialect,
            reviewed,
        };
        Ok(found.into_iter().map(entry).collect())
    }

    /// How many rows tables have, where somebody says so.
    fn rows(&self, project: &Project, settings: &Settings, cx: &Context) -> Result<Option<Rows>> {
        if self.database {
            return Ok(Some(Rows { tables: rows::estimated(&mut view::open_for_reading(project)?)? }));
        }
        let configured = || settings.stats.as_ref().map(|file| project.path(&project.layout.directory).join(file));
        let Some(path) = self.stats.as_ref().map(|file| cx.cwd.join(file)).or_else(configured) else {
            return Ok(None);
        };
        Rows::parse(&fs_err::read_to_string(&path)?, &path.display().to_string()).map(Some)
    }

    /// Takes what the baseline knows out of the findings.
    fn leave_out_known(
        &self,
        project: &Project,
        settings: &Settings,
        entries: &mut [Entry],
        cx: &Context,
    ) -> Result<()> {
        let configured = || settings.baseline.as_ref().map(|file| project.path(&project.layout.directory).join(file));
        let Some(path) = self.baseline.as_ref().map(|file| cx.cwd.join(file)).or_else(configured) else {
            return Ok(());
        };
        let baseline = Baseline::parse(&fs_err::read_to_string(&path)?, &path.display().to_string())?;
        for entry in entries {
            entry.reviewed.known = baseline.leave_out(&mut entry.reviewed.findings);
        }
        Ok(())
    }

    fn chosen<'a>(
        &self,
        project: &Project,
        group: &Group,
        chain: &'a Chain,
        edited: &BTreeSet<String>,
        cx: &mut Context,
    ) -> Result<Vec<&'a Revision>> {
        if self.all {
            return Ok(chain.revisions().iter().collect());
        }
        if let Some(text) = &self.revision {
            // The path of its directory, or of a file in it.
            if let Some(found) = chain.revisions().iter().find(|r| text.split(['/', '\\']).any(|p| p == r.directory)) {
                return Ok(vec![found]);
            }
            let several = project.layout.groups.len() > 1;
            return match view::revision_at(project, chain, text) {
                Ok(found) => Ok(found.into_iter().collect()),
                Err(_) if several => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        }
        let known = self.known_to_base(project, group)?;
        let is_new =
            |known: &BTreeSet<String>, r: &Revision| !known.contains(&r.directory) || edited.contains(&r.directory);
        let new: Vec<_> = match &known {
            Some(known) => chain.revisions().iter().filter(|r| is_new(known, r)).collect(),
            None => Vec::new(),
        };
        if !new.is_empty() {
            return Ok(new);
        }
        cx.ui.status("no revision is new to the base branch: this is the head");
        Ok(chain.heads())
    }

    /// The directories of the base's chain; `None` where there is no base.
    fn known_to_base(&self, project: &Project, group: &Group) -> Result<Option<BTreeSet<String>>> {
        let Some((repo, base)) = self.base_commit(project)? else { return Ok(None) };
        let chain = Chain::load(&repo.tree(Rev::Commit(base)), &group.directory);
        Ok(chain.ok().map(|c| c.revisions().iter().map(|r| r.directory.clone()).collect()))
    }

    /// The directories of revisions whose up.sql the base has otherwise. What is only written in another
    /// way, blanks and line ends, is the same.
    fn edited(&self, project: &Project, group: &Group, chain: &Chain) -> Result<BTreeSet<String>> {
        if self.all {
            return Ok(BTreeSet::new());
        }
        let Some((repo, base)) = self.base_commit(project)? else { return Ok(BTreeSet::new()) };
        let tree = repo.tree(Rev::Commit(base));
        let words = |text: &[u8]| -> Vec<String> {
            String::from_utf8_lossy(text).split_whitespace().map(str::to_owned).collect()
        };
        let mut edited = BTreeSet::new();
        for revision in chain.revisions() {
            let file = format!("{}/{}/up.sql", group.directory, revision.directory);
            let (Some(there), Some(here)) = (tree.read(&file)?, project.tree.read(&file)?) else { continue };
            if there != here && words(&there) != words(&here) {
                edited.insert(revision.directory.clone());
            }
        }
        Ok(edited)
    }

    /// The commit that revisions are new to.
    fn base_commit<'p>(&self, project: &'p Project) -> Result<Option<(&'p Repo, String)>> {
        let Some(repo) = &project.repo else { return Ok(None) };
        let base = match &self.base {
            Some(base) => Some(repo.resolve(base)?),
            None => match (repo.base_branch()?, repo.head()?) {
                // On the base branch itself what is not committed is new.
                (Some((_, oid)), Some(head)) => repo.merge_base(&oid, &head)?,
                (None, head) => head,
                (_, None) => None,
            },
        };
        Ok(base.map(|base| (repo, base)))
    }
}

/// What the package, or else the workspace, says of the rules.
fn settings(project: &Project) -> Settings {
    let package = project.packages.iter().find(|package| package.name == project.layout.package);
    let says = |config: &layout::Config| config.review != Settings::default();
    package.map(|package| package.config_with(says).0.review.clone()).unwrap_or_default()
}

fn write_baseline(path: &Path, entries: &[Entry], cx: &mut Context) -> Result<Outcome> {
    let baseline = Baseline::of(entries.iter().flat_map(|entry| &entry.reviewed.findings));
    fs_err::write(path, baseline.render())?;
    let findings = counted(baseline.len(), "finding");
    cx.ui.status(format!("{findings} written to {}; --baseline leaves them out", path.display()));
    Ok(Outcome::Fine)
}

fn write_stats(project: &Project, path: &Path, cx: &mut Context) -> Result<Outcome> {
    let rows = Rows { tables: rows::estimated(&mut view::open_for_reading(project)?)? };
    fs_err::write(path, rows.render())?;
    let tables = counted(rows.tables.len(), "table");
    cx.ui.status(format!("the rows of {tables} written to {}; --stats reads them", path.display()));
    Ok(Outcome::Fine)
}

/// A rule in JSON.
#[derive(Serialize)]
struct RuleView {
    code: &'static str,
    rule: &'static str,
    severity: Severity,
    dialects: &'static [Dialect],
    summary: &'static str,
    help: &'static str,
    safer: &'static str,
    links: &'static [&'static str],
    /// What --fix does; null where that needs a person.
    fix: Option<&'static str>,
}

impl RuleView {
    fn new(rule: &Rule) -> Self {
        Self {
            code: rule.code,
            rule: rule.id,
            severity: rule.severity,
            dialects: rule.dialects,
            summary: rule.summary,
            help: rule.help,
            safer: rule.safer,
            links: rule.links,
            fix: review::mends(rule),
        }
    }
}

fn list_rules(cx: &mut Context) -> Result<Outcome> {
    match cx.ui.format {
        Format::Json => {
            let rules: Vec<RuleView> = RULES.iter().map(RuleView::new).collect();
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "rules": rules }))?;
        }
        Format::Markdown => cx.ui.line(report::manual().trim_end())?,
        _ => report::rules().into_iter().try_for_each(|line| cx.ui.line(line))?,
    }
    Ok(Outcome::Fine)
}

fn explain_rule(name: &str, cx: &mut Context) -> Result<Outcome> {
    let Some(rule) = review::find(name) else {
        return Err(Error::undecided(format!("there is no rule `{name}`"))
            .hint(format!("did you mean `{}`? `cargo ops-migrate review --rules` lists them", review::nearest(name))));
    };
    match cx.ui.format {
        Format::Json => cx.ui.json(&RuleView::new(rule))?,
        Format::Markdown => cx.ui.line(report::page(rule).trim_end())?,
        _ => report::explained(rule).into_iter().try_for_each(|line| cx.ui.line(line))?,
    }
    Ok(Outcome::Fine)
}

fn show(entries: &[Entry], cx: &mut Context) -> Result<()> {
    if let Some(service) = cx.ui.format.report() {
        return verdict::tell_report(service, &report::for_services(entries), cx);
    }
    match cx.ui.format {
        Format::Json => cx.ui.json(&report::json(entries)),
        Format::Markdown => cx.ui.line(report::markdown(entries).trim_end()),
        _ => {
            let mut lines: Vec<String> = entries.iter().flat_map(|entry| lines_of(entry, &cx.ui)).collect();
            let sum = report::summary(entries);
            if entries.len() > 1 || sum.analysed < sum.statements || sum.known > 0 {
                lines.push(sum.line());
            }
            // A write for each line would be as dear as reading the files.
            if lines.is_empty() { Ok(()) } else { cx.ui.line(lines.join("\n")) }
        }
    }
}

fn lines_of(entry: &Entry, ui: &Ui<'_>) -> Vec<String> {
    let reviewed = &entry.reviewed;
    let mut lines = vec![ui.tone(&entry.directory, Tone::Strong), "Here is what it does:".to_owned()];
    if reviewed.operations.is_empty() && reviewed.data_statements == 0 {
        lines.push("  - nothing that changes tables, columns, keys or indexes".to_owned());
    }
    lines.extend(view::lines_of_operations(&reviewed.operations, ui));
    if reviewed.data_statements > 0 {
        lines.push(view::data_line(reviewed.data_statements));
    }
    let tone = |severity| match severity {
        None => Tone::Faint,
        Some(Severity::Error) => Tone::Bad,
        Some(Severity::Warn) => Tone::Warn,
        Some(Severity::Info | Severity::Off) => Tone::Note,
    };
    lines.extend(report::human(entry, &|text, severity| ui.tone(text, tone(severity))));
    if reviewed.findings.is_empty() {
        lines.push(ui.tone("No findings.", Tone::Good));
    }
    lines
}
