//! `init`: sets a project up: finds the backend, makes the migrations directory, and writes down
//! what cannot be told from the project itself.

use clap::Args;

use super::project;
use crate::cli::Global;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Outcome, Result};
use crate::layout::Group;
use crate::project::Project;

/// Set a project up.
#[derive(Debug, Args)]
pub struct Init {
    /// The database that the backend is for, where the project does not tell: sqlite, postgres
    #[arg(long, value_name = "NAME", value_parser = parse_dialect)]
    pub dialect: Option<Dialect>,
}

fn parse_dialect(text: &str) -> Result<Dialect, String> {
    Dialect::from_name(text).ok_or_else(|| format!("no dialect {text} (sqlite, postgres, mysql)"))
}

impl Init {
    /// Runs the command; running it again changes nothing.
    ///
    /// # Errors
    /// Where no backend is found or a file cannot be written.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        if let Some(dialect) = self.dialect {
            self.configure(global, dialect, cx)?;
        }
        let project = project(cx, global)?;
        cx.ui.line(format!("backend     {} ({})", project.layout.package, shown(&project.layout.directory)))?;
        for group in &project.layout.groups {
            prepare(&project, group, cx)?;
        }
        // That there is no revision yet was said of the directory.
        for note in project.layout.notes.iter().filter(|note| !note.starts_with("no revision yet")) {
            cx.ui.status(format!("note: {note}"));
        }
        cx.ui.status("next: cargo ops-migrate hooks install; edit a table!; cargo ops-migrate create \"what changed\"");
        Ok(Outcome::Fine)
    }

    /// Writes the dialect into the manifest around the current directory.
    fn configure(&self, global: &Global, dialect: Dialect, cx: &mut Context) -> Result<()> {
        let manifest = match &global.manifest_path {
            Some(path) => cx.absolute(path),
            None => cx
                .cwd
                .ancestors()
                .map(|directory| directory.join("Cargo.toml"))
                .find(|path| path.is_file())
                .ok_or_else(|| Error::undecided("no Cargo.toml here or above"))?,
        };
        let text = fs_err::read_to_string(&manifest)?;
        let changed = with_dialect(&text, dialect)
            .map_err(|message| Error::undecided(format!("{}: {message}", manifest.display())))?;
        if changed != text {
            fs_err::write(&manifest, changed)?;
            cx.ui.line(format!("wrote       dialect = \"{}\" into {}", name_of(dialect), manifest.display()))?;
        }
        Ok(())
    }
}

/// The manifest with the dialect under `[package.metadata.ops-migrate]` (or the workspace's);
/// everything else keeps its bytes.
fn with_dialect(manifest: &str, dialect: Dialect) -> Result<String, String> {
    let mut document: toml_edit::DocumentMut =
        manifest.parse().map_err(|e: toml_edit::TomlError| e.message().to_owned())?;
    let holder = if document.contains_key("package") { "package" } else { "workspace" };
    let mut table = document.as_table_mut() as &mut dyn toml_edit::TableLike;
    for key in [holder, "metadata", "ops-migrate"] {
        let implicit = key == "metadata";
        let entry = table.entry(key).or_insert_with(|| {
            let mut new = toml_edit::Table::new();
            new.set_implicit(implicit);
            toml_edit::Item::Table(new)
        });
        table = entry.as_table_like_mut().ok_or_else(|| format!("`{key}` is not a table"))?;
    }
    table.insert("dialect", toml_edit::value(name_of(dialect)));
    Ok(document.to_string())
}

fn name_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
        Dialect::Mysql => "mysql",
    }
}

fn shown(directory: &str) -> &str {
    if directory.is_empty() { "." } else { directory }
}

fn prepare(project: &Project, group: &Group, cx: &mut Context) -> Result<()> {
    let path = project.path(&group.directory);
    if path.is_dir() {
        let word = if group.exists { "revisions are there" } else { "no revision yet" };
        return cx.ui.line(format!("migrations  {} ({}, {word})", group.directory, group.dialect));
    }
    fs_err::create_dir_all(&path)?;
    // Git keeps no empty directory, and Diesel ignores plain files in it.
    fs_err::write(path.join(".keep"), "")?;
    cx.ui.line(format!("migrations  {} ({}, made)", group.directory, group.dialect))
}

#[cfg(test)]
mod tests {
    use super::with_dialect;
    use crate::dialect::Dialect;

    #[test]
    fn the_manifest_keeps_everything_else() {
        let before = "[package]\nname = \"x\" # keep me\n\n[dependencies]\n";
        let after = "[package]\nname = \"x\" # keep me\n\n[package.metadata.ops-migrate]\ndialect = \"sqlite\"\n\n[dependencies]\n";
        assert_eq!(with_dialect(before, Dialect::Sqlite).unwrap(), after);
        assert_eq!(with_dialect(after, Dialect::Sqlite).unwrap(), after);
    }
}
