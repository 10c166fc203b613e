//! Which tables have a history: those whose struct says so, and where a project has one rule for all,
//! every table that it does not except.

use std::collections::BTreeMap;

use ops_migrate_grammar::{HISTORY_COLUMNS, HISTORY_SUFFIX, called_like_history, column_of_history};
use serde::{Deserialize, Serialize};

use super::{History, has_shape};
use crate::catalog::Name;
use crate::dialect::{Dialect, POSTGRES_NAME};
use crate::error::{Error, Result};
use crate::models::{ModelTable, Models, is_internal};
use crate::tree::{Tree, join};

/// `[package.metadata.ops-migrate.history]`: every table has a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ProjectRule {
    /// What stands behind a table's name in that of its history.
    pub suffix: String,
    /// Whether a history outlives its table.
    pub keep: bool,
    /// The tables without one, by SQL name.
    pub except: Vec<String>,
}

impl Default for ProjectRule {
    fn default() -> Self {
        Self { suffix: HISTORY_SUFFIX.to_owned(), keep: true, except: Vec::new() }
    }
}

/// The rule of a package as the manifests of a tree say it: what a commit of the past says of itself.
/// What cannot be read says nothing: whoever reads the configuration of today reports it.
pub fn project_rule(tree: &dyn Tree, directory: &str) -> Option<ProjectRule> {
    let read = |directory: &str, table: &str| rule_in(&tree.read(&join(directory, "Cargo.toml")?).ok()??, table);
    read(directory, "package").or_else(|| read("", "workspace"))
}

/// The rule in the metadata of a manifest's table, `package` or `workspace`.
pub fn rule_in(manifest: &[u8], table: &str) -> Option<ProjectRule> {
    let text = String::from_utf8_lossy(manifest);
    // Nearly no manifest has it.
    let text = (text.contains("ops-migrate") && text.contains("history")).then_some(text)?;
    let manifest: toml::Table = text.parse().ok()?;
    let rule = manifest.get(table)?.get("metadata")?.get("ops-migrate")?.get("history")?;
    rule.clone().try_into().ok()
}

/// Takes in which tables have a history. The histories themselves are no models: the rule states them.
///
/// # Errors
/// Where a history could not be told from another table or from its own columns.
pub fn take_rules(models: &mut Models, project: Option<&ProjectRule>, dialect: Dialect) -> Result<()> {
    let rules = rules(models, project);
    let mut mirrors: BTreeMap<Name, &Name> = BTreeMap::new();
    for (base, history) in &rules {
        check(models, base, history, project)?;
        check_length(base, history, dialect)?;
        if let Some(other) = mirrors.insert(history.of(base), base) {
            let text = format!("the histories of {other} and {base} would both be {}", history.of(base));
            return Err(Error::undecided(text).at(history.at.clone()).hint("give one of them another suffix"));
        }
    }
    for mirror in mirrors.keys() {
        models.tables.remove(mirror);
    }
    models.history = rules;
    Ok(())
}

fn rules(models: &Models, project: Option<&ProjectRule>) -> BTreeMap<Name, History> {
    let suffix = project.map_or(HISTORY_SUFFIX, |project| &project.suffix);
    let stated = models.owned.iter().filter_map(|(name, owned)| {
        let stated = owned.history.as_ref()?;
        let suffix = stated.suffix.clone().unwrap_or_else(|| suffix.to_owned());
        Some((name.clone(), History { suffix, keep: stated.keep, at: stated.at.clone() }))
    });
    let mut found: BTreeMap<Name, History> = stated.collect();
    let Some(project) = project else { return found };
    let is_wanted = |table: &&ModelTable| {
        !table.is_view
            && !is_internal(&table.name)
            && !project.except.contains(&table.name.to_string())
            && !has_shape(table.columns.iter().map(|column| column.name.as_str()))
    };
    for table in models.tables.values().filter(is_wanted) {
        let history = || History { suffix: project.suffix.clone(), keep: project.keep, at: table.at.clone() };
        found.entry(table.name.clone()).or_insert_with(history);
    }
    found
}

/// A name that the server cuts is that of another table, or of none.
fn check_length(base: &Name, history: &History, dialect: Dialect) -> Result<()> {
    let name = history.of(base).name;
    if dialect == Dialect::Sqlite || name.len() <= POSTGRES_NAME {
        return Ok(());
    }
    Err(Error::undecided(format!("the history of {base} would be called {name}: {POSTGRES_NAME} bytes are the most"))
        .at(history.at.clone())
        .hint("a shorter suffix, or a shorter name of the table"))
}

fn check(models: &Models, base: &Name, history: &History, project: Option<&ProjectRule>) -> Result<()> {
    let is_stated = models.owned.get(base).is_some_and(|owned| owned.history.is_some());
    let way_out = |error: Error| match project {
        Some(_) if !is_stated => error
            .hint("choose another suffix in [package.metadata.ops-migrate.history], or name the table in its except"),
        _ => error.hint("say another one: history(suffix = \"_version\")"),
    };
    let wrong = |text: String| way_out(Error::undecided(text).at(history.at.clone()));
    if base.name.ends_with(&history.suffix) {
        return Err(wrong(called_like_history(&base.name, &history.suffix)));
    }
    let columns = models.tables.get(base).map(|table| table.columns.as_slice()).unwrap_or_default();
    if let Some(column) = columns.iter().find(|column| HISTORY_COLUMNS.contains(&column.name.as_str())) {
        return Err(Error::undecided(column_of_history(&column.name)).at(column.at.clone()));
    }
    let mirror = history.of(base);
    let Some(other) = models.tables.get(&mirror) else { return Ok(()) };
    let is_mirror = !models.owned.contains_key(&mirror)
        && !other.is_view
        && has_shape(other.columns.iter().map(|column| column.name.as_str()));
    if is_mirror {
        return Ok(());
    }
    Err(wrong(format!("the history of {base} would be {mirror}, which is a table of its own (at {})", other.at)))
}
