//! What one tree says: its models, read once per file however many trees share the file, and the
//! catalog that its chain gives.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;
use crate::chain::cache::{self, unpack};
use crate::chain::{self, CacheStore, Chain};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history_tables::{self, ProjectRule};
use crate::layout::{Group, Layout};
use crate::models::{self, Declarations, Models, ReadStruct, Suggestion};
use crate::place::Place;
use crate::tree::{Entry, Tree};

/// Parsed files, shared by the trees that are compared.
#[derive(Default)]
pub struct Parsed {
    /// By path and stamp, so that a file that is known is not even read.
    by_stamp: HashMap<(String, String), Option<Rc<Declarations>>>,
    /// The models of whole commits, by commit, package and the dialects that are left out.
    commits: HashMap<(String, String, Vec<Dialect>), Rc<Models>>,
    /// By path and contents: the stamps of two kinds of tree differ where the file does not.
    by_contents: HashMap<(String, Vec<u8>), Option<Rc<Declarations>>>,
    /// Tables that structs state.
    owned: models::owned::Cache,
    /// The models of the newest tree, where they come from its files alone: most trees that are compared
    /// have the same ones.
    newest: Option<Assembled>,
    /// What was asked for since it was recalled, by path and stamp.
    asked: HashSet<(String, String)>,
    /// Whether anything of that had to be parsed.
    has_news: bool,
}

/// Models, and what they were made from.
struct Assembled {
    layout: Layout,
    files: Vec<(String, Rc<Declarations>)>,
    /// The project's rule of histories, which is a tree's own.
    rule: Option<ProjectRule>,
    models: Models,
}

impl Assembled {
    /// Whether these files, seen so, give the same.
    fn is_of(&self, layout: &Layout, files: &[(String, Rc<Declarations>)], rule: Option<&ProjectRule>) -> bool {
        let dialect = |layout: &Layout| layout.groups.first().map(|group| group.dialect);
        let own = &self.layout;
        dialect(own) == dialect(layout)
            && layout.patch_files.is_empty()
            && (&own.schema_files, &own.ignore_tables, &own.ignore_columns)
                == (&layout.schema_files, &layout.ignore_tables, &layout.ignore_columns)
            && own.other_dialects == layout.other_dialects
            && self.rule.as_ref() == rule
            && self.files.len() == files.len()
            && self.files.iter().zip(files).all(|(a, b)| a.0 == b.0 && Rc::ptr_eq(&a.1, &b.1))
    }
}

/// The names under which parsed files are kept, and tables that structs state.
const KEPT: &str = "models";
const STATED: &str = "stated";

/// Part of what is kept: raised when the same text is read otherwise.
const FORMAT: u32 = 2;

/// A parsed file as it is kept: path, stamp, what the file declares.
type KeptFile<'a> = (Cow<'a, str>, Cow<'a, str>, Option<Cow<'a, Declarations>>);

/// Parsed files as they are kept.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    tool: Cow<'a, str>,
    files: Vec<KeptFile<'a>>,
}

/// Whether what a file declares can be kept: structs that state tables are read anew.
fn is_kept(declarations: &Option<Rc<Declarations>>) -> bool {
    declarations.as_ref().is_none_or(|found| found.owners.is_empty())
}

fn kept_file<'a>(((path, stamp), found): (&'a (String, String), &'a Option<Rc<Declarations>>)) -> KeptFile<'a> {
    (path.into(), stamp.into(), found.as_deref().map(Cow::Borrowed))
}

fn tool() -> String {
    format!("{FORMAT} {}", env!("CARGO_PKG_VERSION"))
}

/// The models of a tree: the named schema files, and whatever else in the sources declares
/// tables, SQL types or enums.
///
/// # Errors
/// Where a file cannot be read, is not UTF-8 or does not parse, or where two declarations
/// contradict each other.
pub fn models(tree: &dyn Tree, layout: &Layout, parsed: &mut Parsed) -> Result<Models> {
    let mut entries = sources(tree, layout)?;
    for file in &layout.schema_files {
        if !entries.iter().any(|e| &e.path == file) {
            entries.push(Entry { path: file.clone(), stamp: None });
        }
    }
    entries.retain(|entry| !layout.is_of_another_dialect(&entry.path));
    entries.sort();
    entries.dedup();
    let (mut files, mut texts) = (Vec::new(), HashMap::new());
    for entry in entries {
        let Some(declarations) = parsed.file(tree, &entry)? else { continue };
        if layout.schema_files.contains(&entry.path) || !is_for_tests(tree, &entry.path, &mut texts)? {
            files.push((entry.path, declarations));
        }
    }
    let rule = history_tables::project_rule(tree, &layout.directory);
    if let Some(known) = parsed.newest.as_ref().filter(|known| known.is_of(layout, &files, rule.as_ref())) {
        return Ok(Models { agreed: layout.agreed.clone(), ..known.models.clone() });
    }
    let mut models = models::assemble(&files, &layout.schema_files)?;
    if let Some(group) = layout.groups.first() {
        models::owned::own(&mut models, &files, group.dialect, &mut parsed.owned)?;
    }
    models.tables.retain(|name, _| !layout.ignore_tables.contains(&name.to_string()));
    models.owned.retain(|name, _| !layout.ignore_tables.contains(&name.to_string()));
    models.ignore_columns(&layout.ignore_columns);
    if let Some(group) = layout.groups.first() {
        history_tables::take_rules(&mut models, rule.as_ref(), group.dialect)?;
    }
    models.agreed.clone_from(&layout.agreed);
    for file in &layout.patch_files {
        if let Some(patch) = tree.read(file)? {
            models.hidden_columns.extend(hidden_columns(&String::from_utf8_lossy(&patch)));
        }
    }
    if layout.patch_files.is_empty() && !models.owned.is_empty() {
        parsed.newest = Some(Assembled { layout: layout.clone(), files, rule, models: models.clone() });
    }
    Ok(models)
}

/// The Rust sources of a package.
fn sources(tree: &dyn Tree, layout: &Layout) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for directory in &layout.sources {
        entries.extend(tree.files(directory)?.iter().filter(|e| e.path.ends_with(".rs")).cloned());
    }
    Ok(entries)
}

/// That the Rust sources of a package are there to be read, whatever they say.
///
/// # Errors
/// Where one is not.
pub fn check_readable(tree: &dyn Tree, layout: &Layout) -> Result<()> {
    sources(tree, layout)?.iter().try_for_each(|entry| tree.read(&entry.path).map(drop))
}

/// Whether a module on the way to a file is compiled for tests alone, as the file that declares it
/// says (doc.rust-lang.org/reference/items/modules.html, module source filenames). `texts` are those
/// files as far as they were read.
fn is_for_tests(tree: &dyn Tree, path: &str, texts: &mut HashMap<String, Option<String>>) -> Result<bool> {
    let mut file = path.to_owned();
    while let Some((scope, module)) = module_of(&file) {
        let mut parent = None;
        for declaring in ["{}/mod.rs", "{}.rs", "{}/lib.rs", "{}/main.rs"].map(|form| form.replace("{}", scope)) {
            if !texts.contains_key(&declaring) {
                let text = tree.read(&declaring)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                texts.insert(declaring.clone(), text);
            }
            let Some(Some(text)) = texts.get(&declaring) else { continue };
            if models::declares_for_tests(text, module) {
                return Ok(true);
            }
            parent = parent.or(Some(declaring));
        }
        let Some(parent) = parent else { break };
        file = parent;
    }
    Ok(false)
}

/// The directory whose module declares the module of a file, and that module's name; `None` for the
/// root of a crate.
fn module_of(file: &str) -> Option<(&str, &str)> {
    let (directory, name) = file.rsplit_once('/')?;
    match name {
        "lib.rs" | "main.rs" => None,
        "mod.rs" => directory.rsplit_once('/'),
        name => Some((directory, name.trim_end_matches(".rs"))),
    }
}

/// The columns that structs of a tree read and its tables do not have, nor had `before`. A file that
/// does not parse suggests nothing.
///
/// # Errors
/// Where a file cannot be read.
pub fn suggestions(
    tree: &dyn Tree,
    layout: &Layout,
    before: Option<&Models>,
    models: &Models,
) -> Result<Vec<Suggestion>> {
    let structs = structs(tree, layout)?;
    let dialects: Vec<_> = layout.groups.iter().map(|group| group.dialect).collect();
    Ok(models::suggestions(&structs, before, models, &dialects))
}

/// The structs of a tree that rows are read into.
///
/// # Errors
/// Where a file cannot be read.
pub fn structs(tree: &dyn Tree, layout: &Layout) -> Result<Vec<ReadStruct>> {
    let mut structs = Vec::new();
    for entry in sources(tree, layout)? {
        let Some(bytes) = tree.read(&entry.path)?.filter(|bytes| models::mentions_structs(bytes)) else { continue };
        structs.extend(models::parse_structs(&entry.path, &String::from_utf8_lossy(&bytes)));
    }
    Ok(structs)
}

/// Columns that a patch of the generated schema takes out and does not put back in another form.
fn hidden_columns(patch: &str) -> BTreeSet<String> {
    let columns = |sign: char| -> BTreeSet<String> {
        let lines = patch.lines().filter_map(|line| line.strip_prefix(sign));
        lines.filter_map(|line| Some(line.split_once("->")?.0.trim().trim_start_matches("r#").to_owned())).collect()
    };
    let (removed, added) = (columns('-'), columns('+'));
    removed.difference(&added).cloned().collect()
}

impl Parsed {
    /// What earlier runs have parsed and kept.
    pub fn recall(cache: &dyn CacheStore) -> Self {
        let bytes = cache.get(KEPT);
        let kept = bytes.as_deref().and_then(unpack::<Kept<'_>>);
        let files = kept.filter(|kept| kept.tool == tool()).map(|kept| kept.files).unwrap_or_default();
        let one = |(path, stamp, declarations): KeptFile<'_>| {
            ((path.into_owned(), stamp.into_owned()), declarations.map(|found| Rc::new(found.into_owned())))
        };
        let stated = cache.get(STATED);
        let stated = stated.as_deref().and_then(unpack::<(String, Vec<_>)>).filter(|(of, _)| *of == tool());
        let owned = stated.map(|(_, stated)| models::owned::Cache::recall(stated)).unwrap_or_default();
        Self { by_stamp: files.into_iter().map(one).collect(), owned, ..Self::default() }
    }

    /// Keeps what was asked for, and nothing else, where some of it is new.
    pub fn keep(&self, store: &mut dyn CacheStore) {
        if let Some(stated) = self.owned.kept() {
            cache::keep(store, STATED, &(tool(), stated));
        }
        if !self.has_news {
            return;
        }
        let mut files: Vec<_> =
            self.by_stamp.iter().filter(|(key, found)| self.asked.contains(key) && is_kept(found)).collect();
        files.sort_by_key(|(key, _)| *key);
        let kept = Kept { tool: tool().into(), files: files.into_iter().map(kept_file).collect() };
        cache::keep(store, KEPT, &kept);
    }

    /// The models of a commit for a backend as its layout tells it, read only once.
    ///
    /// # Errors
    /// Whatever `read` could not do.
    pub fn commit(
        &mut self,
        id: &str,
        layout: &Layout,
        read: impl FnOnce(&mut Self) -> Result<Models>,
    ) -> Result<Rc<Models>> {
        let key = (id.to_owned(), layout.package.clone(), layout.other_dialects.clone());
        if let Some(known) = self.commits.get(&key) {
            return Ok(Rc::clone(known));
        }
        let models = Rc::new(read(self)?);
        self.commits.insert(key, Rc::clone(&models));
        Ok(models)
    }

    /// The declarations of a file; `None` where there are none to read.
    fn file(&mut self, tree: &dyn Tree, entry: &Entry) -> Result<Option<Rc<Declarations>>> {
        let stamp = tree.stamp(entry).map(|stamp| (entry.path.clone(), stamp));
        self.asked.extend(stamp.clone());
        if let Some(known) = stamp.as_ref().and_then(|key| self.by_stamp.get(key)) {
            return Ok(known.clone());
        }
        let declarations = match tree.read(&entry.path)? {
            Some(bytes) if models::interesting(&bytes) => self.parsed(&entry.path, bytes)?,
            _ => None,
        };
        if let Some(key) = stamp {
            self.has_news |= is_kept(&declarations);
            self.by_stamp.insert(key, declarations.clone());
        }
        Ok(declarations)
    }

    fn parsed(&mut self, path: &str, bytes: Vec<u8>) -> Result<Option<Rc<Declarations>>> {
        let key = (path.to_owned(), bytes);
        if let Some(known) = self.by_contents.get(&key) {
            return Ok(known.clone());
        }
        let text = std::str::from_utf8(&key.1).map_err(|error| not_utf8(path, &key.1, error))?;
        let declarations = Some(Rc::new(models::parse_file(path, text)?));
        self.by_contents.insert(key, declarations.clone());
        Ok(declarations)
    }
}

fn not_utf8(path: &str, bytes: &[u8], error: std::str::Utf8Error) -> Error {
    let text = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
    Error::undecided("this file is not UTF-8").at(Place::at_offset(path, &text, text.len()))
}

/// The chain of a group and the catalog at its end.
///
/// # Errors
/// Where the chain cannot be read or its SQL does not parse.
pub fn baseline(tree: &dyn Tree, group: &Group, cache: &mut dyn CacheStore) -> Result<(Chain, Catalog)> {
    let chain = Chain::load_with_cache(tree, &group.directory, cache)?;
    let catalog = chain::catalog_with_cache(tree, &chain, group.dialect, None, cache)?;
    Ok((chain, catalog))
}

#[cfg(test)]
mod tests {
    use super::hidden_columns;

    #[test]
    fn a_patch_hides_the_columns_that_it_only_removes() {
        let patch = "--- a/schema.rs\n+++ b/schema.rs\n@@ -1,3 +1,3 @@\n-        path -> Ltree,\n-        tags -> Array<Nullable<Text>>,\n+        tags -> Array<Text>,\n         id -> Int4,\n";
        assert_eq!(hidden_columns(patch), ["path".to_owned()].into());
    }
}
