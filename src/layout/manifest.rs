//! Packages of a tree, read from its Cargo.toml files: what the gate uses, where no cargo may run.

use std::collections::BTreeSet;

use super::Package;
use super::config::Config;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::tree::{Tree, join, parent};

/// Every package of the tree, by directory; manifests below `target` or of test fixtures that no
/// workspace names are packages too, and sorted out by who depends on diesel.
///
/// # Errors
/// Where the tree cannot be read or a manifest is not TOML.
pub fn packages_in(tree: &dyn Tree, below: &str) -> Result<Vec<Package>> {
    let mut parsed = Vec::new();
    for path in tree.named(below, "Cargo.toml")? {
        let Some(bytes) = tree.read(&path)? else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let value: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let offset = error.span().map_or(0, |span| span.start);
            Error::undecided(format!("this is not TOML: {}", error.message()))
                .at(Place::at_offset(&path, &text, offset))
        })?;
        parsed.push((path, value));
    }
    let workspaces: Vec<_> = parsed.iter().filter(|(_, value)| value.contains_key("workspace")).collect();
    let mut packages = Vec::new();
    for (path, value) in &parsed {
        // Cargo's older word for it is still to be met.
        let package = value.get("package").or_else(|| value.get("project"));
        let Some(name) = package.and_then(|p| p.get("name")).and_then(toml::Value::as_str) else {
            continue;
        };
        let directory = parent(path).to_owned();
        let workspace = workspaces
            .iter()
            .filter(|(root, _)| {
                parent(root).is_empty() || directory == parent(root) || crate::tree::is_below(&directory, parent(root))
            })
            .max_by_key(|(root, _)| root.len());
        let workspace_diesel = workspace.and_then(|(_, w)| w.get("workspace")?.get("dependencies")?.get("diesel"));
        let diesel = dependency(value, "diesel");
        let config = match package.and_then(|p| p.get("metadata")) {
            Some(metadata) => Config::from_metadata(metadata, path)?,
            None => None,
        };
        let workspace_config = match workspace.and_then(|(root, w)| Some((root, w.get("workspace")?.get("metadata")?)))
        {
            Some((root, metadata)) => Config::from_metadata(metadata, root)?,
            None => None,
        };
        packages.push(Package {
            name: name.to_owned(),
            directory,
            uses_diesel: diesel.is_some(),
            diesel_features: diesel.map(|d| features(d, workspace_diesel)).unwrap_or_default(),
            config: config.unwrap_or_default(),
            workspace_directory: workspace.map(|(root, _)| parent(root).to_owned()),
            workspace_config: workspace_config.unwrap_or_default(),
        });
    }
    packages.sort_by(|a, b| a.directory.cmp(&b.directory));
    Ok(packages)
}

fn dependency<'a>(manifest: &'a toml::Table, name: &str) -> Option<&'a toml::Value> {
    let direct = manifest.get("dependencies").and_then(|d| d.get(name));
    direct.or_else(|| {
        let targets = manifest.get("target")?.as_table()?;
        targets.values().find_map(|target| target.get("dependencies")?.get(name))
    })
}

fn features(diesel: &toml::Value, workspace: Option<&toml::Value>) -> BTreeSet<String> {
    let inherited = diesel.get("workspace").and_then(toml::Value::as_bool).unwrap_or(false);
    [Some(diesel), workspace.filter(|_| inherited)]
        .into_iter()
        .flatten()
        .filter_map(|d| d.get("features")?.as_array())
        .flatten()
        .filter_map(|f| f.as_str().map(ToOwned::to_owned))
        .collect()
}

/// A path that a manifest or diesel.toml gives, relative to the tree; `None` where it is absolute
/// or leads out of the tree.
pub(super) fn relative(directory: &str, path: &str) -> Option<String> {
    let absolute = path.starts_with('/') || path.starts_with('\\') || path.get(1..2) == Some(":");
    if absolute { None } else { join(directory, path) }
}
