//! The schema files that diesel.toml names: what `diesel print-schema` would write into them, what
//! a revision edits in them, and writing that whole or not at all.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use crate::catalog::{Catalog, Name};
use crate::chain::{Chain, Revision};
use crate::error::{Error, Result};
use crate::git::Rev;
use crate::layout::Group;
use crate::models::ModelTable;
use crate::place::Place;
use crate::project::Project;
use crate::schema_rs::{self, Merged, Printed, Section, Shape, Sides};
use crate::snapshot::{self, Parsed};
use crate::tree::{Tree as _, join, parent};

/// A section of diesel.toml with the files that it names.
#[derive(Debug, Clone)]
pub struct SchemaFile {
    pub section: Section,
    /// The file, relative to the root, where it exists.
    pub path: Option<String>,
    /// The patch file's name and text.
    patch: Option<(String, String)>,
}

/// The sections of the project's diesel.toml; one with Diesel's defaults where there is none.
///
/// # Errors
/// Where it cannot be read, or a value in it is none that Diesel would take.
pub fn all(project: &Project) -> Result<Vec<SchemaFile>> {
    let Some(config) = &project.layout.diesel_toml else {
        let section = Section { key: "default".to_owned(), ..Section::default() };
        return Ok(vec![SchemaFile { section, path: None, patch: None }]);
    };
    let text = read(project, config)?.unwrap_or_default();
    let shape = shape(project, parent(config))?;
    let mut found = Vec::new();
    for mut section in schema_rs::sections(&text, config)? {
        let beside = |file: &String| join(parent(config), file);
        let path = section.file.as_ref().and_then(beside).filter(|path| project.path(path).is_file());
        let patch_path = section.patch_file.as_ref().and_then(beside);
        let patch = match &patch_path {
            Some(path) => read(project, path)?.map(|text| (path.clone(), text)),
            None => None,
        };
        if let (Some(file), None) = (&section.patch_file, &patch) {
            section.notes.push(format!("{config}: the patch_file {file} is not there, and not applied"));
        }
        section.settings.shape = shape;
        found.push(SchemaFile { section, path, patch });
    }
    Ok(found)
}

/// The sections whose files are there and go with one chain.
///
/// # Errors
/// As [`all`].
pub fn of(project: &Project, group: &Group) -> Result<Vec<SchemaFile>> {
    let mut found = all(project)?;
    let goes_with = |path: &String| project.layout.is_for(path, group);
    found.retain(|file| file.path.as_ref().is_some_and(goes_with));
    Ok(found)
}

/// The rustfmt.toml that holds in a directory.
fn shape(project: &Project, directory: &str) -> Result<Shape> {
    let above = std::iter::successors(Some(directory), |at| (!at.is_empty()).then(|| parent(at)));
    for (directory, name) in above.flat_map(|at| [(at, "rustfmt.toml"), (at, ".rustfmt.toml")]) {
        let path = join(directory, name).unwrap_or_default();
        if let Some(text) = read(project, &path)? {
            return Ok(Shape::parse(&text));
        }
    }
    Ok(Shape::default())
}

fn read(project: &Project, path: &str) -> Result<Option<String>> {
    let Some(bytes) = project.tree.read(path)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| Error::undecided("this file is not UTF-8").at(Place::file(path)))
}

/// A change of the schema.
#[derive(Debug, Clone)]
pub struct Stretch {
    pub before: Catalog,
    pub after: Catalog,
}

/// What a change of the schema edits in a file.
#[derive(Debug, Clone)]
pub struct Edited {
    pub path: String,
    pub merged: Merged,
    /// What of the settings could not be followed.
    pub notes: Vec<String>,
    is_changed: bool,
}

impl SchemaFile {
    /// What `diesel print-schema` would print for the schema.
    pub fn print(&self, catalog: &Catalog) -> Printed {
        let patch = self.patch.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
        schema_rs::print(catalog, &self.section.settings, patch)
    }

    /// The same for several schemas, with the patch in all of them or in none: what a patch does is
    /// no change of the schema.
    fn print_alike(&self, catalogs: [&Catalog; 3]) -> [Printed; 3] {
        let mut printed = catalogs.map(|catalog| self.print(catalog));
        if printed.iter().any(|printed| printed.is_unpatched) {
            let notes: Vec<_> = printed.iter_mut().map(|printed| std::mem::take(&mut printed.notes)).collect();
            printed = catalogs.map(|catalog| schema_rs::print(catalog, &self.section.settings, None));
            printed.iter_mut().zip(notes).for_each(|(printed, notes)| printed.notes = notes);
        }
        printed
    }

    /// Where the file does not say what the schema is; nothing where there is no file.
    ///
    /// # Errors
    /// Where the file cannot be read or does not parse.
    pub fn differences(&self, project: &Project, catalog: &Catalog) -> Result<Vec<String>> {
        let Some(path) = &self.path else { return Ok(Vec::new()) };
        let text = read(project, path)?.unwrap_or_default();
        let printed = self.print(catalog);
        let mut found = schema_rs::differences(path, &text, &printed.text)?;
        if printed.is_unpatched {
            found.splice(0..0, printed.notes);
        }
        Ok(found)
    }

    /// The revisions that the file does not know yet: those that are not in the commit that touched
    /// it last. Whoever committed both decided what of them the file says.
    ///
    /// # Errors
    /// Where the repository cannot be read.
    pub fn unsettled<'a>(
        &self,
        project: &Project,
        chain: &Chain,
        revisions: &[&'a Revision],
    ) -> Result<Vec<&'a Revision>> {
        let (Some(path), Some(repo)) = (&self.path, &project.repo) else { return Ok(revisions.to_vec()) };
        let Some(head) = repo.head()? else { return Ok(revisions.to_vec()) };
        let Some(commit) = repo.last_commit_touching(&[path], &head)? else { return Ok(revisions.to_vec()) };
        let then = repo.tree(Rev::Commit(commit));
        let mut found = Vec::new();
        for revision in revisions {
            let up = chain.path(revision, "up.sql");
            if then.read(&up)? != project.tree.read(&up)? {
                found.push(*revision);
            }
        }
        Ok(found)
    }

    /// The file after changes of the schema, of which it says what `target` makes of them; `None`
    /// where there is no file.
    ///
    /// # Errors
    /// Where the file or the models cannot be read.
    pub fn follow(&self, project: &Project, stretches: &[Stretch], target: Option<&Catalog>) -> Result<Option<Edited>> {
        let Some(path) = self.path.clone() else { return Ok(None) };
        let old = read(project, &path)?.unwrap_or_default();
        let elsewhere = elsewhere(project, &path)?;
        let mut unsure = Vec::new();
        let mut notes = Vec::new();
        let mut merged = Merged { text: old.clone(), edits: Vec::new(), kept: Vec::new() };
        for stretch in stretches {
            let doubts = doubts(stretch);
            let aside = elsewhere.iter().chain(doubts.iter().map(|(name, _)| name)).cloned().collect();
            unsure.extend(doubts.iter().map(|(name, why)| format!("{path}: table {name} is not certain: {why}")));
            let catalogs = [&stretch.before, &stretch.after, target.unwrap_or(&stretch.after)];
            let [before, after, target] = self.print_alike(catalogs);
            let sides = Sides {
                before: &before.text,
                after: &after.text,
                target: &target.text,
                aside: &aside,
                shape: self.section.settings.shape,
            };
            let next = schema_rs::merge(&path, &merged.text, &sides)?;
            merged.text = next.text;
            merged.edits.extend(next.edits);
            merged.kept.extend(next.kept);
            notes = target.notes;
        }
        merged.kept.extend(unsure);
        let is_changed = merged.text != old;
        Ok(Some(Edited { path, merged, notes, is_changed }))
    }
}

/// Tables that the change may have touched in a way that the replay could not follow.
fn doubts(stretch: &Stretch) -> Vec<(Name, String)> {
    let Stretch { before, after } = stretch;
    let names: BTreeSet<&Name> = before.tables.keys().chain(after.tables.keys()).collect();
    let is_touched = |name: &&&Name| before.tables.get(**name) != after.tables.get(**name);
    names
        .iter()
        .filter(is_touched)
        .filter_map(|name| Some(((*name).clone(), after.doubt(name).or_else(|| before.doubt(name))?.reason.clone())))
        .collect()
}

/// Tables that another file declares, or that the project leaves alone.
fn elsewhere(project: &Project, path: &str) -> Result<BTreeSet<Name>> {
    let models = snapshot::models(&project.tree, &project.layout, &mut Parsed::default())?;
    // A struct that states a table stands anywhere; its `table!` follows where it is, or comes to be here.
    let block = |table: &&ModelTable| match models.owned.get(&table.name) {
        Some(owned) => owned.declared.as_ref().is_some_and(|declared| declared.at.file != path),
        None => table.at.file != path,
    };
    let mut found: BTreeSet<Name> = models.tables.values().filter(block).map(|table| table.name.clone()).collect();
    let ignored = project.layout.ignore_tables.iter();
    found.extend(ignored.map(|name| match name.split_once('.') {
        Some((schema, name)) => Name::qualified(schema, name),
        None => Name::new(name),
    }));
    Ok(found)
}

impl Edited {
    /// Whether the file would be another one.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written; it is as it was then.
    pub fn write(&self, project: &Project) -> Result<()> {
        if !self.is_changed {
            return Ok(());
        }
        // The file itself, where its path is a link.
        let path = fs_err::canonicalize(project.path(&self.path))?;
        replace(&path, &self.merged.text)
            .map_err(|error| Error::undecided(format!("it cannot be written: {error}")).at(Place::file(&self.path)))
    }
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs_err::metadata(path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
