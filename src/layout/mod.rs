//! Where the backend of a tree is: which package, which files hold its models, which directories
//! its migrations, in which dialects. It works on a tree and a list of packages, so the work tree,
//! the index and any commit are searched alike.

mod config;
mod manifest;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::config::{Config, DieselToml, Exception, Mode};
pub use self::manifest::packages_in;
use crate::chain::REVISION_FILES;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::models::{self, Agreed};
use crate::tree::{Entry, Tree, is_below, join, parent};

/// A Cargo package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    /// Relative to the tree's root; empty for the root.
    pub directory: String,
    pub uses_diesel: bool,
    /// The features of diesel that it asks for, those of the workspace included.
    pub diesel_features: BTreeSet<String>,
    pub config: Config,
    pub workspace_directory: Option<String>,
    pub workspace_config: Config,
}

impl Package {
    /// The configuration that says something, the package's own before the workspace's, with the
    /// directory that its paths are relative to and its name.
    pub fn config_with(&self, says: impl Fn(&Config) -> bool) -> (&Config, &str, &'static str) {
        match &self.workspace_directory {
            Some(directory) if !says(&self.config) && says(&self.workspace_config) => {
                (&self.workspace_config, directory, "workspace.metadata.ops-migrate")
            }
            _ => (&self.config, &self.directory, "package.metadata.ops-migrate"),
        }
    }
}

/// What the user said where there is a choice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    pub package: Option<String>,
    /// Relative to the tree's root.
    pub migration_dir: Option<String>,
    /// The package that the current directory lies in: preferred among several candidates.
    pub near: Option<String>,
    /// The dialect of the database URL.
    pub dialect: Option<Dialect>,
}

/// One migrations directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Relative to the tree's root.
    pub directory: String,
    pub dialect: Dialect,
    /// Whether any revision is there yet.
    pub exists: bool,
}

/// Where a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    pub what: &'static str,
    pub value: String,
    pub from: String,
}

/// A backend: its models and its migrations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    pub package: String,
    pub directory: String,
    /// The files that hold the schema by name (diesel.toml or configuration); where this is empty
    /// every source of the package that declares tables does.
    pub schema_files: Vec<String>,
    /// Directories whose `.rs` files are read for models.
    pub sources: Vec<String>,
    pub groups: Vec<Group>,
    /// Dialects that are not spoken of here: sources whose path names one of them are left out. See
    /// [`Layout::of`].
    pub other_dialects: Vec<Dialect>,
    /// The diesel.toml that holds, if there is one.
    pub diesel_toml: Option<String>,
    pub patch_files: Vec<String>,
    pub ignore_tables: Vec<String>,
    /// Shared columns that every table has to embed, and the tables that need not.
    pub shared_columns: Vec<String>,
    pub shared_columns_except: Vec<String>,
    /// `table.column`, by SQL names.
    pub ignore_columns: Vec<String>,
    pub pre_commit: Mode,
    pub pre_push: Mode,
    /// Whether every commit of a push is judged.
    pub each_commit: bool,
    /// Where models and revisions differ on purpose.
    pub agreed: Vec<Agreed>,
    /// For `doctor`.
    pub facts: Vec<Fact>,
    /// What is stale or odd, in words.
    pub notes: Vec<String>,
}

impl Layout {
    /// The backend as one of its chains sees it: a project with a chain for each database may have
    /// models for each, too (`schemas/mysql/schema.rs`), and those of another one say nothing here.
    #[must_use]
    pub fn of(&self, group: &Group) -> Self {
        let others = self.groups.iter().map(|other| other.dialect).filter(|dialect| *dialect != group.dialect);
        Self { groups: vec![group.clone()], other_dialects: others.collect(), ..self.clone() }
    }

    /// Whether a file of `table!` blocks speaks of one chain alone: of several databases none has just
    /// the types that a file for all of them names.
    pub fn is_for(&self, path: &str, group: &Group) -> bool {
        let last = group.directory.rsplit('/').next().unwrap_or_default();
        let is_one_of_several = Dialect::from_name(last).is_some() || self.groups.len() > 1;
        match path.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(Dialect::from_name).next_back() {
            Some(dialect) => dialect == group.dialect,
            None => !is_one_of_several,
        }
    }

    /// Whether a source is another dialect's, as its path says.
    pub fn is_of_another_dialect(&self, path: &str) -> bool {
        let mut words = path.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| Dialect::from_name(word).is_some_and(|dialect| self.other_dialects.contains(&dialect)))
    }
}

/// Finds the backend.
///
/// # Errors
/// Where no package could be one, or several could and nothing decides.
pub fn find(tree: &dyn Tree, packages: &[Package], choice: &Choice) -> Result<Layout> {
    let mut candidates = Vec::new();
    for package in packages.iter().filter(|p| p.uses_diesel || Some(&p.name) == choice.package.as_ref()) {
        candidates.push(candidate(tree, package, choice)?);
    }
    let chosen = choose(candidates, packages, choice)?;
    finish(tree, chosen, packages, choice)
}

/// Every backend of a tree that has a chain: what the gate judges, where nobody can be asked. A
/// tree with models and no chain at all is one backend as well.
///
/// # Errors
/// Where the tree cannot be read, or the user's choice names nothing.
pub fn find_every(tree: &dyn Tree, packages: &[Package], choice: &Choice) -> Result<Vec<Layout>> {
    let configured = packages.iter().any(|p| p.workspace_config.package.is_some());
    if choice.package.is_some() || choice.migration_dir.is_some() || configured {
        return find(tree, packages, choice).map(|layout| vec![layout]);
    }
    let mut candidates = Vec::new();
    for package in packages.iter().filter(|p| p.uses_diesel && !is_aside(&p.directory)) {
        candidates.push(candidate(tree, package, choice)?);
    }
    let with_chain = candidates.iter().any(|c| c.holds_schema() && !c.migrations.is_empty());
    // A chain without models belongs to a backend too: its last model may just have been deleted.
    candidates.retain(|c| !c.migrations.is_empty() || (c.holds_schema() && !with_chain));
    candidates.sort_by_cached_key(|c| (c.migrations.clone(), c.distance()));
    candidates.dedup_by(|a, b| !a.migrations.is_empty() && a.migrations == b.migrations);
    candidates.into_iter().map(|c| finish(tree, c, packages, choice)).collect()
}

/// Whether a package is an example, a fixture or the like, which nobody meant to manage.
fn is_aside(directory: &str) -> bool {
    directory.split('/').any(|part| matches!(part, "tests" | "examples" | "benches" | "fixtures"))
}

/// What one package offers.
#[derive(Debug, Clone)]
struct Candidate {
    package: Package,
    diesel_toml: Option<String>,
    /// Named schema files that exist, wherever they lie.
    schema_files: Vec<String>,
    /// Whether the package itself holds `table!` blocks.
    has_tables: bool,
    /// Directories that hold revisions, or groups of them.
    migrations: Vec<String>,
    patch_files: Vec<String>,
    left_out: Vec<String>,
    facts: Vec<Fact>,
    notes: Vec<String>,
}

impl Candidate {
    fn holds_schema(&self) -> bool {
        let inside = |file: &String| is_below(file, &self.package.directory);
        self.schema_files.iter().any(inside) || (self.schema_files.is_empty() && self.has_tables)
    }

    /// How far it is from being the backend, among packages of one chain: one that is configured is it,
    /// else the package that holds the schema itself, not one above it.
    fn distance(&self) -> impl Ord + use<> {
        let is_unnamed = self.package.config == Config::default();
        (is_unnamed, !self.holds_schema(), self.schema_files.is_empty(), Reverse(self.package.directory.len()))
    }
}

fn candidate(tree: &dyn Tree, package: &Package, choice: &Choice) -> Result<Candidate> {
    let mut found = Candidate {
        package: package.clone(),
        diesel_toml: None,
        schema_files: Vec::new(),
        has_tables: false,
        migrations: Vec::new(),
        patch_files: Vec::new(),
        left_out: Vec::new(),
        facts: Vec::new(),
        notes: Vec::new(),
    };
    let (config, directory, from) = package.config_with(|config| !config.schema_files.is_empty());
    for file in &config.schema_files {
        found.take_schema_file(tree, directory, file, from)?;
    }
    let mut diesel_dir = None;
    for directory in ancestors(&package.directory) {
        let path = join(directory, "diesel.toml").unwrap_or_default();
        if let Some(bytes) = tree.read(&path)? {
            let diesel = DieselToml::parse(&String::from_utf8_lossy(&bytes), &path)?;
            found.take_diesel_toml(tree, directory, &path, &diesel)?;
            diesel_dir = diesel.migrations;
            found.diesel_toml = Some(path);
            break;
        }
    }
    if found.schema_files.is_empty() {
        found.has_tables = declares_tables(tree, &package.directory)?;
    }
    found.migrations = migrations(tree, package, choice, diesel_dir.as_deref(), &mut found)?;
    Ok(found)
}

impl Candidate {
    fn take_schema_file(&mut self, tree: &dyn Tree, directory: &str, file: &str, from: &str) -> Result<()> {
        let path = manifest::relative(directory, file);
        match path {
            Some(path) if tree.read(&path)?.is_some() => {
                self.facts.push(Fact { what: "schema file", value: path.clone(), from: from.to_owned() });
                self.schema_files.push(path);
            }
            _ => self.notes.push(format!("{from} names the schema file {file}, which is not there: ignored")),
        }
        Ok(())
    }

    fn take_diesel_toml(&mut self, tree: &dyn Tree, directory: &str, path: &str, diesel: &DieselToml) -> Result<()> {
        self.facts.push(Fact { what: "diesel.toml", value: path.to_owned(), from: "the tree".to_owned() });
        if self.schema_files.is_empty() {
            for file in &diesel.schema_files {
                self.take_schema_file(tree, directory, file, path)?;
            }
        }
        self.left_out.clone_from(&diesel.left_out);
        self.patch_files = diesel.patch_files.iter().filter_map(|file| manifest::relative(directory, file)).collect();
        Ok(())
    }
}

/// The migrations directories of a package, by the order in which Diesel and users name them.
fn migrations(
    tree: &dyn Tree,
    package: &Package,
    choice: &Choice,
    diesel_dir: Option<&str>,
    found: &mut Candidate,
) -> Result<Vec<String>> {
    if let Some(directory) = &choice.migration_dir {
        found.facts.push(fact("migrations", directory, "--migration-dir"));
        return Ok(vec![directory.clone()]);
    }
    let (config, base, from) = package.config_with(|config| config.migrations.is_some());
    if let Some(directory) = &config.migrations {
        let path = manifest::relative(base, directory).ok_or_else(|| {
            Error::undecided(format!("the migrations directory {directory} lies outside of the repository"))
        })?;
        found.facts.push(fact("migrations", &path, from));
        return Ok(vec![path]);
    }
    if let (Some(directory), Some(diesel_toml)) = (diesel_dir, found.diesel_toml.clone()) {
        let path = manifest::relative(parent(&diesel_toml), directory);
        match path {
            Some(path) if holds_revisions(tree, &path)? => {
                found.facts.push(fact("migrations", &path, &diesel_toml));
                return Ok(vec![path]);
            }
            _ => found
                .notes
                .push(format!("{diesel_toml} names the migrations directory {directory}, which is stale: ignored")),
        }
    }
    for directory in ancestors(&package.directory) {
        let path = join(directory, "migrations").unwrap_or_default();
        if holds_revisions(tree, &path)? {
            found.facts.push(fact("migrations", &path, "the tree"));
            return Ok(vec![path]);
        }
    }
    let embedded = embedded_migrations(tree, &package.directory)?;
    for path in &embedded {
        found.facts.push(fact("migrations", path, "embed_migrations!"));
    }
    Ok(embedded)
}

fn choose(candidates: Vec<Candidate>, packages: &[Package], choice: &Choice) -> Result<Candidate> {
    let named = choice.package.clone().or_else(|| packages.iter().find_map(|p| p.workspace_config.package.clone()));
    if let Some(name) = named {
        return candidates.into_iter().find(|c| c.package.name == name).ok_or_else(|| {
            let names: Vec<_> = packages.iter().filter(|p| p.uses_diesel).map(|p| p.name.as_str()).collect();
            Error::undecided(format!("no package {name} here that depends on diesel"))
                .hint(format!("packages that depend on diesel: {}", or_none(&names)))
        });
    }
    let rank = |c: &Candidate| match (c.holds_schema(), c.migrations.is_empty()) {
        _ if c.package.config != Config::default() => 4,
        (true, false) => 3,
        (false, false) => 1,
        (true, true) => 2,
        (false, true) => 0,
    };
    let best = candidates.iter().map(rank).max();
    let mut leaders: Vec<Candidate> = candidates.into_iter().filter(|c| Some(rank(c)) == best).collect();
    // One chain with its models in several packages is one backend.
    if best.is_some_and(|b| b > 0) && leaders.len() > 1 && leaders.iter().all(|c| c.migrations == leaders[0].migrations)
    {
        leaders.sort_by_cached_key(Candidate::distance);
        leaders.truncate(1);
    }
    if leaders.len() > 1 {
        if let Some(at) = leaders.iter().position(|c| Some(&c.package.name) == choice.near.as_ref()) {
            return Ok(leaders.swap_remove(at));
        }
        let list: Vec<_> = leaders
            .iter()
            .map(|c| {
                format!(
                    "{} ({})",
                    c.package.name,
                    if c.package.directory.is_empty() { "." } else { &c.package.directory }
                )
            })
            .collect();
        return Err(Error::undecided(format!("several packages could be the backend: {}", list.join(", ")))
            .hint("say which: --package NAME, or `package = \"NAME\"` under [workspace.metadata.ops-migrate]"));
    }
    leaders.pop().ok_or_else(|| {
        Error::undecided("no package here depends on diesel")
            .hint("run this in a Diesel backend, or name its manifest: --manifest-path PATH/Cargo.toml")
    })
}

fn finish(tree: &dyn Tree, mut chosen: Candidate, packages: &[Package], choice: &Choice) -> Result<Layout> {
    let package = chosen.package.clone();
    let mut notes = std::mem::take(&mut chosen.notes);
    let mut groups = Vec::new();
    for directory in &chosen.migrations {
        groups.extend(groups_in(tree, directory, &package, choice, packages)?);
    }
    if groups.is_empty() {
        let base = chosen.diesel_toml.as_deref().map_or(package.directory.as_str(), parent);
        let directory = join(base, "migrations").unwrap_or_default();
        notes.push(format!("no revision yet: the first one makes {directory}/"));
        groups.push(Group {
            dialect: dialect_of(tree, &directory, &package, choice, packages)?,
            directory,
            exists: false,
        });
    }
    let mut sources = vec![join(&package.directory, "src").unwrap_or_default()];
    for file in &chosen.schema_files {
        let holder = packages.iter().filter(|p| is_below(file, &p.directory)).max_by_key(|p| p.directory.len());
        let source = holder.map(|p| join(&p.directory, "src").unwrap_or_default());
        sources.extend(source.filter(|s| !sources.contains(s)));
    }
    chosen.facts.insert(0, fact("backend", &package.name, "cargo metadata"));
    let (own, shared) = (package.config, package.workspace_config);
    let exceptions = own.exceptions.into_iter().chain(shared.exceptions);
    let deferred = own.deferred_drops.into_iter().chain(shared.deferred_drops);
    Ok(Layout {
        package: package.name,
        directory: package.directory,
        schema_files: chosen.schema_files,
        sources,
        groups,
        other_dialects: Vec::new(),
        diesel_toml: chosen.diesel_toml,
        patch_files: chosen.patch_files,
        ignore_tables: [own.ignore_tables, shared.ignore_tables, chosen.left_out].concat(),
        ignore_columns: [own.ignore_columns, shared.ignore_columns].concat(),
        pre_commit: own.pre_commit.or(shared.pre_commit).unwrap_or_default(),
        pre_push: own.pre_push.or(shared.pre_push).unwrap_or_default(),
        each_commit: own.each_commit.or(shared.each_commit).unwrap_or_default(),
        agreed: deferred
            .map(Agreed::deferred_drop)
            .chain(exceptions.map(|exception| Agreed { item: exception.item, reason: Some(exception.reason) }))
            .collect(),
        shared_columns: [own.shared_columns, shared.shared_columns].concat(),
        shared_columns_except: [own.shared_columns_except, shared.shared_columns_except].concat(),
        facts: chosen.facts,
        notes,
    })
}

/// The chains in a directory: itself, or one for each backend below it.
fn groups_in(
    tree: &dyn Tree,
    directory: &str,
    package: &Package,
    choice: &Choice,
    packages: &[Package],
) -> Result<Vec<Group>> {
    let files = tree.outline(directory, REVISION_FILES)?;
    let mut names = BTreeSet::new();
    let mut flat = false;
    for (group, _) in files.iter().filter_map(|entry| revision_of(entry, directory)) {
        match group {
            None => flat = true,
            Some(group) => {
                names.insert(group.to_owned());
            }
        }
    }
    if flat || names.is_empty() {
        let dialect = dialect_of(tree, directory, package, choice, packages)?;
        return Ok(vec![Group { directory: directory.to_owned(), dialect, exists: flat }]);
    }
    let mut groups = Vec::new();
    for name in names {
        let path = format!("{directory}/{name}");
        let dialect = match Dialect::from_name(&name) {
            Some(dialect) => dialect,
            None => dialect_of(tree, &path, package, choice, packages)?,
        };
        groups.push(Group { directory: path, dialect, exists: true });
    }
    Ok(groups)
}

/// The group (where there is one) and the name of the revision that an `up.sql` belongs to.
fn revision_of<'a>(entry: &'a Entry, directory: &str) -> Option<(Option<&'a str>, &'a str)> {
    let rest = entry.path.strip_suffix("/up.sql")?.strip_prefix(directory)?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    match rest.split_once('/') {
        None => Some((None, rest)),
        Some((group, revision)) if !revision.contains('/') => Some((Some(group), revision)),
        Some(_) => None,
    }
}

fn holds_revisions(tree: &dyn Tree, directory: &str) -> Result<bool> {
    Ok(tree.outline(directory, REVISION_FILES)?.iter().any(|entry| revision_of(entry, directory).is_some()))
}

/// The dialect of a chain: the directory's own name, the configuration, diesel's features (the
/// package's own, then those of all packages), the database URL, and last what its SQL looks like.
fn dialect_of(
    tree: &dyn Tree,
    directory: &str,
    package: &Package,
    choice: &Choice,
    packages: &[Package],
) -> Result<Dialect> {
    let last = directory.rsplit('/').next().unwrap_or(directory);
    if let Some(dialect) = Dialect::from_name(last) {
        return Ok(dialect);
    }
    let configured = package.config.dialect.or(package.workspace_config.dialect);
    let of_all = || one_dialect(packages.iter().flat_map(|p| &p.diesel_features));
    if let Some(dialect) =
        configured.or_else(|| one_dialect(&package.diesel_features)).or_else(of_all).or(choice.dialect)
    {
        return Ok(dialect);
    }
    look_of(tree, directory)?.ok_or_else(|| {
        Error::undecided(format!("cannot tell which database {directory}/ is for"))
            .hint("say so: cargo ops-migrate init --dialect postgres (or sqlite, mysql) writes it into Cargo.toml")
    })
}

/// The dialect that diesel's features name, where they name just one.
fn one_dialect<'a>(features: impl IntoIterator<Item = &'a String>) -> Option<Dialect> {
    let dialects: BTreeSet<_> =
        features.into_iter().filter_map(|f| Dialect::from_name(f.trim_end_matches("_backend"))).collect();
    if dialects.len() == 1 { dialects.into_iter().next() } else { None }
}

/// The dialect whose own words occur most in the statements.
fn look_of(tree: &dyn Tree, directory: &str) -> Result<Option<Dialect>> {
    let signs = [
        (Dialect::Sqlite, &["autoincrement", "pragma ", "without rowid", "strftime("][..]),
        (Dialect::Mysql, &["auto_increment", "engine=", "`", "unsigned", "mediumtext", "modify column"][..]),
        (
            Dialect::Postgres,
            &["serial", "timestamptz", "jsonb", "plpgsql", "create extension", "::", "as identity", "$$"][..],
        ),
    ];
    let mut counts = [0_usize; 3];
    let files = tree.outline(directory, REVISION_FILES)?;
    for entry in files.iter().filter(|entry| revision_of(entry, directory).is_some()) {
        let text = tree.read(&entry.path)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text).to_lowercase();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("--")) {
            for (count, (_, words)) in counts.iter_mut().zip(&signs) {
                *count += words.iter().filter(|word| line.contains(**word)).count();
            }
        }
    }
    let best = counts.iter().max().copied().unwrap_or_default();
    let leader = counts.iter().zip(&signs).find(|(count, _)| **count == best).map(|(_, (dialect, _))| *dialect);
    Ok(leader.filter(|_| best > 0))
}

fn declares_tables(tree: &dyn Tree, package: &str) -> Result<bool> {
    for entry in rust_sources(tree, package)? {
        if tree.read(&entry.path)?.is_some_and(|text| models::mentions_tables(&text)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The `.rs` files of a package's `src`.
///
/// # Errors
/// Where the tree cannot be read.
pub fn rust_sources(tree: &dyn Tree, package: &str) -> Result<Vec<Entry>> {
    let source = join(package, "src").unwrap_or_default();
    Ok(tree.files(&source)?.iter().filter(|entry| entry.path.ends_with(".rs")).cloned().collect())
}

/// Directories that `embed_migrations!("…")` names, relative to the package.
fn embedded_migrations(tree: &dyn Tree, package: &str) -> Result<Vec<String>> {
    let mut found = BTreeSet::new();
    for entry in rust_sources(tree, package)? {
        let Some(bytes) = tree.read(&entry.path)? else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for rest in text.split("embed_migrations!").skip(1) {
            let literal = rest.trim_start().strip_prefix('(').map(str::trim_start).and_then(|r| r.strip_prefix('"'));
            let path = literal.and_then(|r| r.split('"').next()).and_then(|p| manifest::relative(package, p));
            if let Some(path) = path
                && holds_revisions(tree, &path)?
            {
                found.insert(path);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// A directory and all above it, innermost first, the root last.
fn ancestors(directory: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(directory);
    std::iter::from_fn(move || {
        let current = next?;
        next = (!current.is_empty()).then(|| parent(current));
        Some(current)
    })
}

fn fact(what: &'static str, value: &str, from: &str) -> Fact {
    Fact { what, value: value.to_owned(), from: from.to_owned() }
}

fn or_none(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{Choice, find, find_every, packages_in};
    use crate::tree::MemTree;

    const DIESEL: &str =
        "[package]\nname = \"NAME\"\n[dependencies]\ndiesel = { version = \"2\", features = [\"FEATURES\"] }\n";
    const TABLE: &str = "diesel::table! { users { id -> Integer, } }";

    fn manifest(name: &str, features: &str) -> String {
        DIESEL.replace("NAME", name).replace("FEATURES", features)
    }

    /// The layout in one line: package, schema files, groups. The gate, which asks nobody, takes the same
    /// package for that chain.
    fn check(files: &[(&str, &str)], choice: &Choice, expected: &str) {
        let tree = MemTree::new(files.iter().map(|(path, text)| (*path, *text)));
        let packages = packages_in(&tree, "").unwrap();
        let found = match find(&tree, &packages, choice) {
            Ok(layout) => {
                let every = find_every(&tree, &packages, choice).unwrap();
                let same = every.iter().find(|other| other.groups == layout.groups);
                assert_eq!(same.map(|same| &same.package), Some(&layout.package));
                let groups: Vec<_> = layout
                    .groups
                    .iter()
                    .map(|g| format!("{}={}{}", g.directory, g.dialect, if g.exists { "" } else { " (new)" }))
                    .collect();
                format!("{} [{}] {}", layout.package, layout.schema_files.join(","), groups.join(" "))
            }
            Err(error) => format!("{error} | {}", error.hints.join(" | ")),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn single_crate() {
        let cargo = manifest("app", "sqlite");
        let files = [("Cargo.toml", cargo.as_str()), ("src/schema.rs", TABLE), ("migrations/1_a/up.sql", "")];
        check(&files, &Choice::default(), "app [] migrations=SQLite");
        let older = cargo.replace("[package]", "[project]");
        let files = [("Cargo.toml", older.as_str()), files[1], files[2]];
        check(&files, &Choice::default(), "app [] migrations=SQLite");
    }

    #[test]
    fn backend_in_a_member_with_everything_at_the_root() {
        let (db, web) = (manifest("db", "postgres"), manifest("web", "postgres"));
        let files = [
            ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]"),
            ("diesel.toml", "[print_schema]\nfile = \"crates/db/src/schema.rs\""),
            ("crates/db/Cargo.toml", db.as_str()),
            ("crates/db/src/schema.rs", TABLE),
            ("crates/web/Cargo.toml", web.as_str()),
            ("crates/web/src/lib.rs", TABLE),
            ("migrations/2020_a/up.sql", ""),
        ];
        check(&files, &Choice::default(), "db [crates/db/src/schema.rs] migrations=PostgreSQL");
    }

    /// The root depends on diesel as well, and diesel.toml lies there: the schema file is in the member.
    #[test]
    fn a_member_below_a_package_at_the_root() {
        let (root, db) = (manifest("app", "postgres"), manifest("db", "postgres"));
        let (root, named) = (
            format!("{root}[workspace]\n"),
            format!("{root}[workspace]\n[package.metadata.ops-migrate]\neach-commit = true\n"),
        );
        let mut files = [
            ("Cargo.toml", root.as_str()),
            ("diesel.toml", "[print_schema]\nfile = \"crates/db/src/schema.rs\""),
            ("src/main.rs", "fn main() {}"),
            ("crates/db/Cargo.toml", db.as_str()),
            ("crates/db/src/schema.rs", TABLE),
            ("migrations/2020_a/up.sql", ""),
        ];
        check(&files, &Choice::default(), "db [crates/db/src/schema.rs] migrations=PostgreSQL");
        files[0].1 = &named;
        check(&files, &Choice::default(), "app [crates/db/src/schema.rs] migrations=PostgreSQL");
    }

    #[test]
    fn several_backends_need_a_word_from_the_user() {
        let (a, b) = (manifest("a", "postgres"), manifest("b", "sqlite"));
        let files = [
            ("Cargo.toml", "[workspace]"),
            ("a/Cargo.toml", a.as_str()),
            ("a/src/schema.rs", TABLE),
            ("a/migrations/1_a/up.sql", ""),
            ("b/Cargo.toml", b.as_str()),
            ("b/src/schema.rs", TABLE),
            ("b/migrations/1_a/up.sql", ""),
        ];
        check(
            &files,
            &Choice::default(),
            "several packages could be the backend: a (a), b (b) | say which: --package NAME, or `package = \"NAME\"` under [workspace.metadata.ops-migrate]",
        );
        let choice = Choice { package: Some("b".to_owned()), ..Choice::default() };
        check(&files, &choice, "b [] b/migrations=SQLite");
        let near = Choice { near: Some("a".to_owned()), ..Choice::default() };
        check(&files, &near, "a [] a/migrations=PostgreSQL");
    }

    #[test]
    fn nested_groups_and_stale_diesel_toml() {
        let cargo = manifest("app", "r2d2");
        let files = [
            ("Cargo.toml", cargo.as_str()),
            (
                "diesel.toml",
                "[print_schema]\nfile = \"src/gone.rs\"\n[migrations_directory]\ndir = \"/home/x/migrations\"",
            ),
            ("src/schema.rs", TABLE),
            ("migrations/postgresql/1_a/up.sql", ""),
            ("migrations/sqlite/1_a/up.sql", ""),
        ];
        check(&files, &Choice::default(), "app [] migrations/postgresql=PostgreSQL migrations/sqlite=SQLite");
    }

    #[test]
    fn the_workspace_may_say_it_for_the_package() {
        let (db, web) = (manifest("db", "postgres"), manifest("web", "postgres"));
        let own = db.clone() + "[package.metadata.ops-migrate]\nmigrations = \"own\"\n";
        let workspace = "[workspace]\n[workspace.metadata.ops-migrate]\npackage = \"db\"\nmigrations = \"sql/all\"\nschema-files = [\"db/src/tables.rs\"]\n";
        let mut files = [
            ("Cargo.toml", workspace),
            ("db/Cargo.toml", db.as_str()),
            ("db/src/tables.rs", TABLE),
            ("web/Cargo.toml", web.as_str()),
            ("sql/all/1_a/up.sql", ""),
            ("db/own/1_a/up.sql", ""),
        ];
        check(&files, &Choice::default(), "db [db/src/tables.rs] sql/all=PostgreSQL");
        files[1].1 = &own;
        check(&files, &Choice::default(), "db [db/src/tables.rs] db/own=PostgreSQL");
    }

    #[test]
    fn nothing_to_manage() {
        check(
            &[("Cargo.toml", "[package]\nname = \"x\"")],
            &Choice::default(),
            "no package here depends on diesel | run this in a Diesel backend, or name its manifest: --manifest-path PATH/Cargo.toml",
        );
    }

    #[test]
    fn the_dialect_may_have_to_be_asked_for() {
        let cargo = manifest("app", "r2d2");
        let files = [
            ("Cargo.toml", cargo.as_str()),
            ("src/schema.rs", TABLE),
            ("migrations/1_a/up.sql", "CREATE TABLE a (id SERIAL)"),
        ];
        check(&files, &Choice::default(), "app [] migrations=PostgreSQL");
    }
}
