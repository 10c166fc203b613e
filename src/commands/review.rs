//! `review`: explains revisions and says where a human must look.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use super::{project, view};
use crate::chain::{self, Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::git::Rev;
use crate::layout::Group;
use crate::project::Project;
use crate::review::{self, Finding, Severity, World};
use crate::snapshot::{self, Parsed};
use crate::ui::Tone;

/// Explain a revision and say where a human must look.
#[derive(Debug, Args)]
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
}

#[derive(Serialize)]
struct Shown {
    directory: String,
    operations: Vec<String>,
    data_statements: usize,
    findings: Vec<Finding>,
}

impl Review {
    /// Runs the command; no database is asked.
    ///
    /// # Errors
    /// Where the project or the chain cannot be read, or there is no such revision.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut reviewed = Vec::new();
        for group in &project.layout.groups {
            let chain = Chain::load(&project.tree, &group.directory)?;
            let chosen = self.chosen(&project, group, &chain, cx)?;
            reviewed.extend(self.review(&project, group, &chain, &chosen)?);
        }
        if reviewed.is_empty() && self.revision.is_some() {
            return Err(Error::undecided(format!("no revision {}", self.revision.as_deref().unwrap_or_default()))
                .hint("cargo ops-migrate history lists them"));
        }
        let worst = reviewed.iter().flat_map(|r| &r.findings).map(|f| f.severity).max();
        if cx.ui.is_json() {
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "revisions": reviewed }))?;
        } else {
            for one in &reviewed {
                tell(one, cx)?;
            }
        }
        Ok(if worst == Some(Severity::Error) { Outcome::Change } else { Outcome::Fine })
    }

    fn review(&self, project: &Project, group: &Group, chain: &Chain, chosen: &[&Revision]) -> Result<Vec<Shown>> {
        let layout = project.layout.of(group);
        // Models that cannot be read are the gate's business.
        let models = snapshot::models(&project.tree, &layout, &mut Parsed::default()).ok();
        let last = chain::catalog_with_cache(&project.tree, chain, group.dialect, None, &mut project.cache()).ok();
        let world =
            World { chain, dialect: group.dialect, models: models.as_ref(), last: last.as_ref(), server_version: None };
        let mut catalog_before = |revision: &Revision| view::catalog_before(project, group, chain, revision);
        let found = review::review(
            &mut review::Review {
                tree: &project.tree,
                world: &world,
                targets: chosen,
                unreleased: !self.all,
                catalog_before: &mut catalog_before,
            },
            &|rule, _| rule.severity,
        )?;
        Ok(found.into_iter().map(|one| shown(group, one)).collect())
    }

    fn chosen<'a>(
        &self,
        project: &Project,
        group: &Group,
        chain: &'a Chain,
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
        let new: Vec<_> = match &known {
            Some(known) => chain.revisions().iter().filter(|r| !known.contains(&r.directory)).collect(),
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
        let Some(base) = base else { return Ok(None) };
        let chain = Chain::load(&repo.tree(Rev::Commit(base)), &group.directory);
        Ok(chain.ok().map(|c| c.revisions().iter().map(|r| r.directory.clone()).collect()))
    }
}

fn shown(group: &Group, found: review::Reviewed) -> Shown {
    Shown {
        directory: format!("{}/{}", group.directory, found.directory),
        operations: found.operations.iter().map(|o| o.describe()).collect(),
        data_statements: found.data_statements,
        findings: found.findings,
    }
}

fn tell(reviewed: &Shown, cx: &mut Context) -> Result<()> {
    cx.ui.line(cx.ui.tone(&reviewed.directory, Tone::Strong))?;
    cx.ui.line("Here is what it does:")?;
    if reviewed.operations.is_empty() && reviewed.data_statements == 0 {
        cx.ui.line("  - nothing that changes tables, columns, keys or indexes")?;
    }
    for (number, operation) in reviewed.operations.iter().enumerate() {
        cx.ui.line(format!("  {}. {operation}", number + 1))?;
    }
    if reviewed.data_statements > 0 {
        cx.ui.line(view::data_line(reviewed.data_statements))?;
    }
    for finding in &reviewed.findings {
        let tone = match finding.severity {
            Severity::Error => Tone::Bad,
            Severity::Warn => Tone::Warn,
            Severity::Info | Severity::Off => Tone::Note,
        };
        let label = cx.ui.tone(finding.severity.name(), tone);
        let line = if finding.line > 0 { format!(":{}", finding.line) } else { String::new() };
        cx.ui.line(format!("{label} {} {}: {}", finding.code, finding.rule, finding.text))?;
        cx.ui.line(format!("    at {}{line}", finding.file))?;
        cx.ui.line(format!("    {}", finding.safer))?;
    }
    if reviewed.findings.is_empty() {
        cx.ui.line(cx.ui.tone("No findings.", Tone::Good))?;
    }
    Ok(())
}
