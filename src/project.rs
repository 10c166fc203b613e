//! The project around the current directory: packages by cargo metadata, the repository, the
//! layout found in the work tree, the database's URL. What cargo said is remembered until a
//! manifest changes, because asking it costs more than everything else that a listing does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::chain::CacheStore;
use crate::compose;
use crate::db::DatabaseUrl;
use crate::error::{Error, Result};
use crate::git::{Repo, WorkTree, without_repository, worktree_tree};
use crate::layout::{self, Choice, Config, Layout, Package};
use crate::place::Place;
use crate::store;
use crate::tree::Memo;

/// What the user said about where to look.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub manifest_path: Option<PathBuf>,
    pub package: Option<String>,
    pub migration_dir: Option<PathBuf>,
    pub database_url: Option<String>,
}

/// A project.
pub struct Project {
    /// The root of the tree that everything is relative to: the git work tree, else the workspace.
    pub root: PathBuf,
    pub repo: Option<Repo>,
    pub tree: Memo<WorkTree>,
    pub packages: Vec<Package>,
    pub layout: Layout,
    pub choice: Choice,
    /// The database's URL and where it was found; `None` where nobody said.
    pub database: Option<(DatabaseUrl, String)>,
    cache: FileCache,
}

/// What `cargo metadata` said, with the stamps of the files that it came from.
#[derive(Serialize, Deserialize)]
struct Remembered {
    tool: String,
    stamps: BTreeMap<PathBuf, String>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<(PathBuf, Package)>,
}

impl Project {
    /// Finds the project around `cwd`.
    ///
    /// # Errors
    /// Without a manifest, with one that cargo refuses, with no or several possible backends, or
    /// with a database URL that is not one; where the rest of an interrupted write cannot be written.
    pub fn discover(cwd: &Path, vars: &BTreeMap<String, String>, options: &Options) -> Result<Self> {
        let manifest = match &options.manifest_path {
            Some(path) => cwd.join(path),
            None => nearest_manifest(cwd)?,
        };
        let repo = Repo::open(manifest.parent().unwrap_or(cwd), vars)?;
        let known = metadata(&manifest, repo.as_ref(), vars)?;
        let root = match repo.as_ref().and_then(Repo::root) {
            Some(root) if known.workspace_root.starts_with(root) => root.to_owned(),
            _ => known.workspace_root.clone(),
        };
        let packages = relative_packages(&known, &root);
        let mut tree = Memo::new(worktree_tree(&root));
        let start = if options.manifest_path.is_some() { manifest.parent().unwrap_or(cwd) } else { cwd };
        let mut choice = choice(cwd, start, &root, &packages, options)?;
        let database = database_url(cwd, &root, vars, options, url_variable(&packages, &choice))?;
        choice.dialect = database.as_ref().map(|(url, _)| url.dialect());
        let mut layout = layout::find(&tree, &packages, &choice)?;
        let mut finished = false;
        for group in &layout.groups {
            finished |= store::finish_interrupted(&root.join(&group.directory))?;
        }
        if finished {
            tree = Memo::new(worktree_tree(&root));
            layout = layout::find(&tree, &packages, &choice)?;
        }
        let cache = match &repo {
            Some(repo) => FileCache::of(repo),
            None => FileCache::of_build(&known.target_directory),
        };
        Ok(Self { root, repo, tree, packages, layout, choice, database, cache })
    }

    /// The place where replays are remembered.
    pub fn cache(&self) -> FileCache {
        self.cache.clone()
    }

    /// A path of the tree on disk.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The database's URL.
    ///
    /// # Errors
    /// Where nobody said it.
    pub fn database_url(&self) -> Result<&DatabaseUrl> {
        match &self.database {
            Some((url, _)) => Ok(url),
            None => Err(Error::undecided("no database is named").hint(
                "give --database-url URL, set DATABASE_URL, or write DATABASE_URL=… into .env; `cargo ops-migrate doctor` shows what was looked at",
            )),
        }
    }

    /// The chain that belongs to a dialect, or the only one.
    ///
    /// # Errors
    /// Where several chains could be meant and the database does not tell which.
    pub fn group(&self) -> Result<&layout::Group> {
        let groups = &self.layout.groups;
        if let Some((url, _)) = &self.database {
            let mut fitting = groups.iter().filter(|g| g.dialect == url.dialect());
            return match (fitting.next(), fitting.next()) {
                (Some(group), None) => Ok(group),
                (Some(_), Some(_)) => Err(self.ambiguous()),
                (None, _) => Err(Error::undecided(format!(
                    "the database is {}, but {} is for {}",
                    url.dialect(),
                    groups.iter().map(|g| g.directory.as_str()).collect::<Vec<_>>().join(", "),
                    groups.iter().map(|g| g.dialect.display()).collect::<Vec<_>>().join(", ")
                ))
                .hint("name the right database with --database-url, or the right chain with --migration-dir")),
            };
        }
        match groups.as_slice() {
            [group] => Ok(group),
            _ => Err(self.ambiguous()),
        }
    }

    /// The command that starts the database's service, where a compose file defines one.
    pub fn compose_command(&self) -> Option<String> {
        let dialect = self
            .database
            .as_ref()
            .map_or_else(|| self.layout.groups.first().map(|g| g.dialect), |(url, _)| Some(url.dialect()))?;
        let directories = [self.layout.directory.as_str(), ""];
        directories.iter().flat_map(|d| compose::FILE_NAMES.iter().map(move |name| (d, name))).find_map(
            |(directory, name)| {
                let path = self.path(&crate::tree::join(directory, name)?);
                let service = compose::database_service(&std::fs::read_to_string(&path).ok()?, dialect)?;
                let file =
                    if path.parent() == Some(&self.root) { String::new() } else { format!(" -f {}", path.display()) };
                Some(format!("docker compose{file} up -d {service}"))
            },
        )
    }

    fn ambiguous(&self) -> Error {
        let list: Vec<_> = self.layout.groups.iter().map(|g| format!("{} ({})", g.directory, g.dialect)).collect();
        Error::undecided(format!("this backend has several chains: {}", list.join(", ")))
            .hint("say which: --migration-dir DIR, or name its database with --database-url URL")
    }
}

/// The database that a backend names, for a hook: cargo is not asked. `directory` is that of the backend
/// below `root`.
///
/// # Errors
/// Where a URL is none, or `.env` cannot be read.
pub fn named_database(
    root: &Path,
    directory: &str,
    vars: &BTreeMap<String, String>,
    options: &Options,
    packages: &[Package],
) -> Result<Option<DatabaseUrl>> {
    let own = packages.iter().find(|package| package.directory == directory).map(|package| package.name.clone());
    let choice = Choice { package: own, ..Choice::default() };
    let found = database_url(&root.join(directory), root, vars, options, url_variable(packages, &choice))?;
    Ok(found.map(|(url, _)| url))
}

/// The variable that holds the database's URL where the configuration names one: that of the package
/// that is chosen or near, else the first one's.
fn url_variable<'a>(packages: &'a [Package], choice: &Choice) -> Option<&'a str> {
    let is_chosen = |package: &&Package| choice.package.as_ref().or(choice.near.as_ref()) == Some(&package.name);
    let chosen = packages.iter().find(is_chosen);
    let named =
        |p: &'a Package| p.config.database_url_env.as_deref().or(p.workspace_config.database_url_env.as_deref());
    chosen.into_iter().chain(packages).find_map(named)
}

/// The nearest Cargo.toml at or above a directory; below it, where there is just one.
fn nearest_manifest(cwd: &Path) -> Result<PathBuf> {
    if let Some(found) = cwd.ancestors().map(|d| d.join("Cargo.toml")).find(|m| m.is_file()) {
        return Ok(found);
    }
    let mut below: Vec<PathBuf> = fs_err::read_dir(cwd)
        .map(|entries| entries.flatten().map(|e| e.path().join("Cargo.toml")).filter(|m| m.is_file()).collect())
        .unwrap_or_default();
    below.sort();
    match below.len() {
        1 => Ok(below.remove(0)),
        0 => Err(Error::undecided(format!("no Cargo.toml in {} or above it", cwd.display()))
            .hint("run this inside the backend, or give --manifest-path PATH/Cargo.toml")),
        _ => {
            let list: Vec<_> = below.iter().map(|m| m.display().to_string()).collect();
            Err(Error::undecided(format!("several manifests below {}: {}", cwd.display(), list.join(", ")))
                .hint("say which: --manifest-path PATH/Cargo.toml"))
        }
    }
}

fn metadata(manifest: &Path, repo: Option<&Repo>, vars: &BTreeMap<String, String>) -> Result<Remembered> {
    let name = format!("project-{}.json", &crate::chain::checksum(&manifest.display().to_string())[..16]);
    if let Some(known) = memories(repo, manifest).find_map(|directory| recall(&directory.join(&name))) {
        return Ok(known);
    }
    let found = ask_cargo(manifest, vars)?;
    let workspace_root = found.workspace_root.clone().into_std_path_buf();
    let workspace_config =
        Config::from_metadata(&found.workspace_metadata, &workspace_root.join("Cargo.toml").display().to_string())?
            .unwrap_or_default();
    let mut packages = Vec::new();
    for package in found.workspace_packages() {
        let path = package.manifest_path.as_std_path();
        let diesel = package
            .dependencies
            .iter()
            .find(|d| d.name == "diesel" && d.kind == cargo_metadata::DependencyKind::Normal);
        packages.push((
            path.to_owned(),
            Package {
                name: package.name.to_string(),
                directory: String::new(),
                uses_diesel: diesel.is_some(),
                diesel_features: diesel.map(|d| d.features.iter().cloned().collect()).unwrap_or_default(),
                config: Config::from_metadata(&package.metadata, &path.display().to_string())?.unwrap_or_default(),
                workspace_directory: None,
                workspace_config: workspace_config.clone(),
            },
        ));
    }
    let stamps = stamps(manifest, &workspace_root, &packages);
    let known = Remembered {
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        stamps,
        workspace_root,
        target_directory: found.target_directory.into_std_path_buf(),
        packages,
    };
    if let Ok(text) = serde_json::to_vec(&known) {
        let cache = repo.map_or_else(|| FileCache::of_build(&known.target_directory), FileCache::of);
        // A memory that cannot be written costs time, nothing else.
        let _ = FileCache::write(&cache.directory.join(name), &text);
    }
    Ok(known)
}

/// `cargo metadata --no-deps`. A project may pin a toolchain that is not installed, which the rustup
/// proxy then refuses to run: from the file system's root no pin applies, and any cargo will do.
fn ask_cargo(manifest: &Path, vars: &BTreeMap<String, String>) -> Result<cargo_metadata::Metadata> {
    let ask = |directory: &Path| {
        let mut command = cargo_metadata::MetadataCommand::new();
        command.manifest_path(manifest).current_dir(directory).no_deps().other_options(vec!["--offline".to_owned()]);
        // In a hook git names its repository in the environment, and cargo would ask that one.
        let kept = without_repository(vars);
        for name in vars.keys().filter(|name| !kept.contains_key(*name)) {
            command.env_remove(name);
        }
        if let Some(cargo) = vars.get("CARGO") {
            command.cargo_path(cargo);
        }
        command.exec()
    };
    let here = manifest.parent().unwrap_or(manifest);
    let root = here.ancestors().last().unwrap_or(here);
    ask(here).or_else(|first| ask(root).map_err(|_| first)).map_err(|error| {
        let reason = match &error {
            cargo_metadata::Error::CargoMetadata { stderr } => {
                let lines = stderr.lines().take_while(|line| !line.is_empty());
                // The rest is a drawing of the line.
                let lines = lines.filter(|line| !line.contains('|')).map(str::trim);
                lines.collect::<Vec<_>>().join(" ").trim_start_matches("error: ").to_owned()
            }
            other => other.to_string(),
        };
        Error::undecided(format!("cargo cannot read {}: {reason}", manifest.display()))
    })
}

/// The manifests, and the directories in which a new member would appear.
fn stamps(manifest: &Path, workspace_root: &Path, packages: &[(PathBuf, Package)]) -> BTreeMap<PathBuf, String> {
    let mut paths = vec![manifest.to_owned(), workspace_root.join("Cargo.toml")];
    for (path, _) in packages {
        paths.push(path.clone());
        // Members are found by globs in the workspace; the root itself changes all the time.
        let above =
            path.parent().and_then(Path::parent).filter(|p| p.starts_with(workspace_root) && *p != workspace_root);
        paths.extend(above.map(Path::to_owned));
    }
    paths.into_iter().map(|path| (path.clone(), stamp(&path))).collect()
}

fn stamp(path: &Path) -> String {
    let Ok(data) = std::fs::metadata(path) else { return "absent".to_owned() };
    let changed = data.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{}-{}", data.len(), changed.as_nanos())
}

fn recall(path: &Path) -> Option<Remembered> {
    let known: Remembered = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let fresh = known.tool == env!("CARGO_PKG_VERSION") && known.stamps.iter().all(|(path, old)| stamp(path) == *old);
    fresh.then_some(known)
}

/// Where it may be remembered what cargo said of a manifest: in the repository; without one in the
/// directory into which the package is built, which is known where it is that of a package or a
/// workspace at or above the manifest.
fn memories(repo: Option<&Repo>, manifest: &Path) -> impl Iterator<Item = PathBuf> {
    let builds = manifest.ancestors().skip(1).filter(move |_| repo.is_none());
    let builds = builds.filter(|directory| directory.join("Cargo.toml").is_file());
    let caches = builds.map(|directory| FileCache::of_build(&directory.join("target")));
    repo.map(FileCache::of).into_iter().chain(caches).map(|cache| cache.directory)
}

/// The packages with directories relative to the root of the tree; those outside are left out.
fn relative_packages(known: &Remembered, root: &Path) -> Vec<Package> {
    let workspace = tree_path(&known.workspace_root, root);
    known
        .packages
        .iter()
        .filter_map(|(manifest, package)| {
            let directory = tree_path(manifest.parent()?, root)?;
            Some(Package { directory, workspace_directory: workspace.clone(), ..package.clone() })
        })
        .collect()
}

/// A path on disk as a path of the tree.
fn tree_path(path: &Path, root: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<_>> = inside.components().map(|c| c.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// What the user said. `start` is where the project was looked for: a manifest that was named means
/// its package.
fn choice(cwd: &Path, start: &Path, root: &Path, packages: &[Package], options: &Options) -> Result<Choice> {
    let migration_dir = match &options.migration_dir {
        None => None,
        Some(directory) => {
            let absolute = cwd.join(directory);
            let clean = absolute.canonicalize().unwrap_or_else(|_| without_dots(&absolute));
            let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
            Some(tree_path(&clean, &root).ok_or_else(|| {
                Error::undecided(format!("{} lies outside of {}", directory.display(), root.display()))
            })?)
        }
    };
    let here = tree_path(start, root);
    let near = here.and_then(|here| {
        let holds = |p: &&Package| here == p.directory || crate::tree::is_below(&here, &p.directory);
        packages
            .iter()
            .filter(|p| !p.directory.is_empty())
            .filter(holds)
            .max_by_key(|p| p.directory.len())
            .map(|p| p.name.clone())
    });
    Ok(Choice { package: options.package.clone(), migration_dir, near, dialect: None })
}

/// A path with `.` and `..` resolved by its text, for one that is not there yet.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

/// The database's URL: the flag, the environment, the nearest `.env` within the project.
fn database_url(
    cwd: &Path,
    root: &Path,
    vars: &BTreeMap<String, String>,
    options: &Options,
    env_name: Option<&str>,
) -> Result<Option<(DatabaseUrl, String)>> {
    let name = env_name.unwrap_or("DATABASE_URL");
    let from_env = vars.get(name).filter(|v| !v.is_empty());
    let (text, from) = if let Some(url) = &options.database_url {
        (url.clone(), "--database-url".to_owned())
    } else if let Some(url) = from_env {
        (url.clone(), format!("the environment ({name})"))
    } else if let Some((url, file)) = from_dotenv(cwd, root, name)? {
        (url, file)
    } else {
        return Ok(None);
    };
    let url = DatabaseUrl::parse(&text).map_err(|error| error.hint(format!("it came from {from}")))?.resolved(cwd);
    Ok(Some((url, from)))
}

fn from_dotenv(cwd: &Path, root: &Path, name: &str) -> Result<Option<(String, String)>> {
    for directory in cwd.ancestors().take_while(|d| d.starts_with(root)) {
        let path = directory.join(".env");
        if !path.is_file() {
            continue;
        }
        let wrong = |error: dotenvy::Error| not_dotenv(&path, &error);
        for pair in dotenvy::from_path_iter(&path).map_err(wrong)? {
            let (key, value) = pair.map_err(wrong)?;
            if key == name && !value.is_empty() {
                return Ok(Some((value, path.display().to_string())));
            }
        }
    }
    Ok(None)
}

/// The parser's own text repeats the line, and a line may hold a password: only its number is told.
fn not_dotenv(path: &Path, error: &dotenvy::Error) -> Error {
    let file = path.display().to_string();
    match error {
        dotenvy::Error::LineParse(line, _) => {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let place = Place::new(&file, line_number(&text, line).unwrap_or(0), 0);
            Error::undecided("this line cannot be read")
                .at(place)
                .hint("write it as NAME=value, with quotes around a value that has spaces or # in it")
        }
        dotenvy::Error::Io(error) => Error::undecided(format!("{file} cannot be read: {error}")),
        _ => Error::undecided(format!("{file} cannot be read")),
    }
}

/// Where a line stands in a text, from 1; one with open quotes goes on over the next ones. The
/// parser names the whole line, or the value alone, and neither with the comment behind it.
fn line_number(text: &str, line: &str) -> Option<u32> {
    let line = line.trim_end();
    let ends =
        |rest: &str| rest.lines().next().is_none_or(|end| matches!(end.trim_start().chars().next(), None | Some('#')));
    let found = |head: fn(&str) -> bool| {
        text.match_indices(line).map(|(at, _)| at).find(|at| {
            let before = &text[..*at];
            head(before.rsplit('\n').next().unwrap_or(before).trim()) && ends(&text[at + line.len()..])
        })
    };
    let at = found(str::is_empty).or_else(|| found(|head| head.ends_with('=')))?;
    Some(Place::at_offset("", text, at).line)
}

/// A cache in a directory, one file for each key.
#[derive(Debug, Clone)]
pub struct FileCache {
    directory: PathBuf,
}

impl FileCache {
    /// The cache of a repository, shared by its work trees; it is made when something is put.
    pub fn of(repo: &Repo) -> Self {
        Self { directory: repo.common_dir().join("ops-migrate").join("cache") }
    }

    /// The cache of a project without one, beside what cargo builds.
    fn of_build(target_directory: &Path) -> Self {
        Self { directory: target_directory.join("ops-migrate") }
    }

    fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        std::io::Write::write_all(&mut file, bytes)?;
        file.persist(path).map(|_| ()).map_err(|error| error.error)
    }
}

impl CacheStore for FileCache {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        std::fs::read(self.directory.join(key)).ok()
    }

    fn put(&mut self, key: &str, bytes: &[u8]) {
        // A cache that cannot be written costs time, nothing else.
        let _ = Self::write(&self.directory.join(key), bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Options, Project};

    /// Also without a repository: that of a deployment has none.
    #[test]
    fn cargo_is_asked_once_until_a_manifest_changes() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let manifest = |name: &str| {
            let text = format!("[package]\nname = \"{name}\"\n\n[dependencies]\n");
            fs_err::write(root.join("Cargo.toml"), text + "diesel = { version = \"2\", features = [\"sqlite\"] }\n")
                .unwrap();
        };
        manifest("app");
        for file in ["src/lib.rs", "migrations/1_a/up.sql"] {
            fs_err::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs_err::write(root.join(file), "").unwrap();
        }
        let found = |cargo: &str| {
            let vars = BTreeMap::from([("CARGO".to_owned(), cargo.to_owned())]);
            Project::discover(root, &vars, &Options::default()).map(|project| project.packages[0].name.clone())
        };
        assert_eq!(found(env!("CARGO")).unwrap(), "app");
        assert_eq!(found("/nowhere/cargo").unwrap(), "app");
        manifest("other");
        assert!(found("/nowhere/cargo").is_err());
        assert_eq!(found(env!("CARGO")).unwrap(), "other");
    }
}
