//! Reading a directory of migrations into a [`Chain`]: which directories are revisions, what their
//! metadata says, their order, and who follows whom.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::cache::{self, unpack};
use super::metadata::{self, Metadata, Parsed};
use super::{CacheStore, Chain, Note, REVISION_FILES, Revision, script};
use crate::error::{Error, Result};
use crate::place::Place;
use crate::tree::{Entry, Tree};

/// The width of `version` in Diesel's table (`VARCHAR(50)`).
const MAX_VERSION: usize = 50;

/// A directory in the listing.
struct Folder<'a> {
    name: &'a str,
    up: Option<&'a Entry>,
    metadata: Option<&'a Entry>,
    /// Whether a directory in it holds an `up.sql`: it is a backend's set, not a revision.
    is_group: bool,
}

/// A revision with where its parents are declared.
struct Loaded {
    revision: Revision,
    revises_line: u32,
}

/// What the files said when they were read last, by directory, with their stamps.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    tool: String,
    files: HashMap<String, (String, Parsed)>,
    /// Whether there is more now than was read.
    #[serde(skip)]
    has_news: bool,
}

impl Memory {
    fn recall(cache: &dyn CacheStore, key: &str) -> Self {
        let known = cache.get(key).and_then(|bytes| unpack::<Self>(&bytes));
        known.filter(|known| known.tool == env!("CARGO_PKG_VERSION")).unwrap_or_default()
    }

    /// The metadata of a directory, read where its stamp is not known.
    fn metadata(&mut self, tree: &dyn Tree, name: &str, entry: &Entry) -> Result<Parsed> {
        if let (Some(stamp), Some((known, parsed))) = (&entry.stamp, self.files.get(name))
            && stamp == known
        {
            return Ok(parsed.clone());
        }
        let parsed = read_metadata(tree, &entry.path)?;
        if let Some(stamp) = &entry.stamp {
            self.has_news = true;
            self.files.insert(name.to_owned(), (stamp.clone(), parsed.clone()));
        }
        Ok(parsed)
    }

    /// Keeps what a chain has, so that it never grows beyond it.
    fn keep(mut self, store: &mut dyn CacheStore, key: &str, folders: &[Folder<'_>]) {
        if !self.has_news {
            return;
        }
        let names: HashSet<&str> = folders.iter().map(|folder| folder.name).collect();
        self.files.retain(|name, _| names.contains(name.as_str()));
        env!("CARGO_PKG_VERSION").clone_into(&mut self.tool);
        cache::keep(store, key, &self);
    }
}

pub(super) fn load(tree: &dyn Tree, directory: &str, cache: &mut dyn CacheStore) -> Result<Chain> {
    let entries = tree.outline(directory, REVISION_FILES)?;
    let folders = folders(&entries, directory);
    let key = format!("chain-{}", &script::checksum(directory)[..16]);
    let mut memory = Memory::recall(cache, &key);
    let mut warnings = Vec::new();
    let mut loaded = Vec::with_capacity(folders.len());
    for folder in folders.iter().filter(|folder| !folder.is_group) {
        loaded.push(revision(tree, directory, folder, &mut memory, &mut warnings)?);
    }
    memory.keep(cache, &key, &folders);
    groups(directory, &folders, loaded.is_empty(), &mut warnings)?;
    loaded.sort_by(|a, b| a.revision.version.cmp(&b.revision.version));
    one_of_each_version(directory, &loaded)?;
    link(directory.to_owned(), loaded, warnings)
}

/// The names of the directories that hold an `up.sql`, in the order of their versions.
///
/// # Errors
/// Where the tree cannot be read.
pub fn directories(tree: &dyn Tree, directory: &str) -> Result<Vec<String>> {
    let entries = tree.outline(directory, REVISION_FILES)?;
    let folders = folders(&entries, directory);
    let mut names: Vec<&str> = folders.iter().filter(|folder| folder.up.is_some()).map(|folder| folder.name).collect();
    names.sort_by_key(|name| version_of(directory, name).map(|(version, _)| version).unwrap_or_default());
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// The directories in the listing; plain files and names with a dot in front are none of Diesel's
/// business, nor ours.
fn folders<'a>(entries: &'a [Entry], directory: &str) -> Vec<Folder<'a>> {
    let skip = if directory.is_empty() { 0 } else { directory.len() + 1 };
    let mut folders: Vec<Folder<'a>> = Vec::with_capacity(entries.len() / 2);
    for entry in entries {
        let Some((name, file)) = entry.path.get(skip..).and_then(|rest| rest.split_once('/')) else { continue };
        if name.starts_with('.') {
            continue;
        }
        if folders.last().is_none_or(|last| last.name != name) {
            folders.push(Folder { name, up: None, metadata: None, is_group: false });
        }
        if let Some(folder) = folders.last_mut() {
            match file {
                "up.sql" => folder.up = Some(entry),
                "metadata.toml" => folder.metadata = Some(entry),
                nested => folder.is_group |= nested.ends_with("/up.sql"),
            }
        }
    }
    folders.iter_mut().for_each(|folder| folder.is_group &= folder.up.is_none());
    folders
}

/// Sets of other backends are left alone, but a directory with nothing else is a wrong question.
fn groups(directory: &str, folders: &[Folder<'_>], no_revisions: bool, warnings: &mut Vec<Note>) -> Result<()> {
    let names: Vec<&str> = folders.iter().filter(|folder| folder.is_group).map(|folder| folder.name).collect();
    let Some(first) = names.first() else { return Ok(()) };
    if no_revisions {
        let message = format!("the directory holds sets of migrations, not migrations: {}", names.join(", "));
        let path = path(directory, first);
        return Err(Error::undecided(message)
            .at(Place::file(directory))
            .hint(format!("name one: `--migration-dir {path}`")));
    }
    warnings.extend(names.iter().map(|name| {
        Note {
            text: "the directory has no up.sql but migrations of its own, which are not part of this chain; \
               Diesel refuses a directory like that"
                .to_owned(),
            place: Place::file(path(directory, name)),
        }
    }));
    Ok(())
}

fn revision(
    tree: &dyn Tree,
    directory: &str,
    folder: &Folder<'_>,
    memory: &mut Memory,
    warnings: &mut Vec<Note>,
) -> Result<Loaded> {
    let Some(up) = folder.up else { return Err(no_up(directory, folder.name)) };
    let (version, slug) = version_of(directory, folder.name)?;
    let parsed =
        folder.metadata.map(|entry| memory.metadata(tree, folder.name, entry)).transpose()?.unwrap_or_default();
    let Parsed { metadata, revision_line, revises_line, warnings: notes } = parsed;
    warnings.extend(notes);
    if let Some(id) = &metadata.revision
        && !version.ends_with(id.as_str())
    {
        warnings.push(Note {
            text: format!("the revision calls itself {id}, and its directory is named `{}`", folder.name),
            place: Place::new(path(directory, folder.name) + "/metadata.toml", revision_line, 1),
        });
    }
    let mut revision = from_metadata(metadata, version, slug, folder);
    revision.up_stamp = up.stamp.clone();
    Ok(Loaded { revision, revises_line })
}

fn from_metadata(metadata: Metadata, version: String, slug: &str, folder: &Folder<'_>) -> Revision {
    let words = || match slug {
        "" => folder.name.to_owned(),
        slug => slug.replace('_', " "),
    };
    Revision {
        ours: metadata.revision.is_some(),
        id: metadata.revision.unwrap_or_else(|| version.clone()),
        created: metadata.created.or_else(|| time_of(&version)),
        version,
        directory: folder.name.to_owned(),
        slug: slug.to_owned(),
        message: metadata.message.unwrap_or_else(words),
        parent: metadata.revises.first().cloned(),
        parents: metadata.revises,
        irreversible: metadata.irreversible,
        lossy: metadata.lossy,
        lossy_down: metadata.lossy_down,
        data: metadata.data,
        batch: metadata.batch,
        repair: metadata.repair,
        run_in_transaction: metadata.run_in_transaction,
        up_stamp: None,
    }
}

fn read_metadata(tree: &dyn Tree, file: &str) -> Result<Parsed> {
    let bytes = tree.read(file)?.unwrap_or_default();
    metadata::parse(&script::utf8(bytes, file)?, file)
}

fn no_up(directory: &str, name: &str) -> Error {
    Error::undecided("the directory has no up.sql; Diesel refuses all migrations because of it")
        .at(Place::file(path(directory, name)))
        .hint("add an up.sql, move the directory elsewhere, or put a dot in front of its name")
}

/// Version and slug of a directory's name, cut as Diesel does (`migrations_internals`).
pub(super) fn version_of<'a>(directory: &str, name: &'a str) -> Result<(String, &'a str)> {
    let (dashed, slug) = name.split_once('_').unwrap_or((name, ""));
    let mut version = String::with_capacity(dashed.len());
    version.extend(dashed.chars().filter(|c| *c != '-'));
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Error::undecided("the directory's name has no version: it does not begin with a digit")
            .at(Place::file(path(directory, name)))
            .hint("name it `<version>_<words>`, such as `2026-01-31-120000_add_users`"));
    }
    let length = version.chars().count();
    if length > MAX_VERSION {
        return Err(Error::undecided(format!(
            "the version is {length} characters long, and Diesel's table has room for {MAX_VERSION}"
        ))
        .at(Place::file(path(directory, name)))
        .hint("the version goes up to the first `_` of the directory's name"));
    }
    Ok((version, slug))
}

/// The moment that a version of 14 digits or more stands for.
fn time_of(version: &str) -> Option<String> {
    let digits = version.get(..14).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let part = |from: usize, to: usize| &digits[from..to];
    let within = |text: &str, low: u8, high: u8| text.parse().is_ok_and(|n: u8| (low..=high).contains(&n));
    let plausible = within(part(4, 6), 1, 12)
        && within(part(6, 8), 1, 31)
        && within(part(8, 10), 0, 23)
        && within(part(10, 12), 0, 59)
        && within(part(12, 14), 0, 59);
    plausible.then(|| {
        let (date, clock) = ([part(0, 4), part(4, 6), part(6, 8)], [part(8, 10), part(10, 12), part(12, 14)]);
        format!("{}T{}Z", date.join("-"), clock.join(":"))
    })
}

/// Diesel keeps only one of two directories with one version and never runs the other
/// (diesel issues 3698 and 4750).
fn one_of_each_version(directory: &str, loaded: &[Loaded]) -> Result<()> {
    for pair in loaded.windows(2) {
        let [a, b] = [&pair[0].revision, &pair[1].revision];
        if a.version == b.version {
            let message = format!(
                "`{}` and `{}` have one version, {}: Diesel would silently run only one of them",
                a.directory, b.directory, a.version
            );
            return Err(Error::undecided(message)
                .at(Place::file(path(directory, &b.directory)))
                .hint("rename the one that no database has yet; the version goes up to the first `_`"));
        }
    }
    Ok(())
}

/// Parents, positions and heads of the sorted revisions.
fn link(directory: String, loaded: Vec<Loaded>, warnings: Vec<Note>) -> Result<Chain> {
    let (mut revisions, lines): (Vec<Revision>, Vec<u32>) =
        loaded.into_iter().map(|loaded| (loaded.revision, loaded.revises_line)).unzip();
    let index = index(&directory, &revisions)?;
    let mut linker = Linker { directory: &directory, revisions: &revisions, index: &index, warnings };
    let mut links: Vec<Vec<usize>> = Vec::with_capacity(revisions.len());
    for (at, line) in lines.iter().enumerate() {
        let follows = match linker.revisions[at].ours {
            false => at.checked_sub(1).into_iter().collect(),
            true => linker.declared(at, *line)?,
        };
        links.push(follows);
    }
    let warnings = linker.warnings;
    for at in 1..revisions.len() {
        if !revisions[at].ours {
            let before = revisions[at - 1].id.clone();
            revisions[at].parents = vec![before.clone()];
            revisions[at].parent = Some(before);
        }
    }
    let mut followed = vec![false; revisions.len()];
    links.iter().flatten().for_each(|&parent| followed[parent] = true);
    let heads = (0..revisions.len()).filter(|&at| !followed[at]).collect();
    Ok(Chain { directory, warnings, revisions, links, heads, index })
}

fn index(directory: &str, revisions: &[Revision]) -> Result<HashMap<String, usize>> {
    let mut index = HashMap::with_capacity(revisions.len());
    for (at, revision) in revisions.iter().enumerate() {
        if let Some(before) = index.insert(revision.id.clone(), at) {
            let message = format!(
                "`{}` and `{}` are both revision {}",
                revisions[before].directory, revision.directory, revision.id
            );
            return Err(Error::undecided(message)
                .at(Place::file(path(directory, &revision.directory) + "/metadata.toml"))
                .hint("a copied directory needs a `revision` and a name of its own"));
        }
    }
    Ok(index)
}

struct Linker<'a> {
    directory: &'a str,
    revisions: &'a [Revision],
    index: &'a HashMap<String, usize>,
    warnings: Vec<Note>,
}

impl Linker<'_> {
    /// Where a revision of ours says whom it follows.
    fn place(&self, at: usize, line: u32) -> Place {
        Place::new(path(self.directory, &self.revisions[at].directory) + "/metadata.toml", line, 1)
    }

    /// The positions that a revision of ours follows.
    fn declared(&mut self, at: usize, line: u32) -> Result<Vec<usize>> {
        let parents = &self.revisions[at].parents;
        let mut follows = Vec::with_capacity(1);
        for parent in parents {
            let Some(&position) = self.index.get(parent) else {
                return Err(self.unknown(parent, self.place(at, line)));
            };
            if position >= at {
                return Err(self.sorts_after(at, position, self.place(at, line)));
            }
            follows.push(self.past_strangers(Some(position), at, line));
        }
        if parents.is_empty() {
            follows.push(self.past_strangers(None, at, line));
        }
        let mut follows: Vec<usize> = follows.into_iter().flatten().collect();
        follows.sort_unstable();
        follows.dedup();
        Ok(follows)
    }

    /// From the parent on over the revisions made by Diesel that follow it at once: they came
    /// later or from another branch, and run in between.
    fn past_strangers(&mut self, parent: Option<usize>, at: usize, line: u32) -> Option<usize> {
        let from = parent.map_or(0, |parent| parent + 1);
        let strangers = self.revisions[from..at].iter().take_while(|revision| !revision.ours).count();
        if strangers == 0 {
            return parent;
        }
        let last = from + strangers - 1;
        let who = match strangers {
            1 => format!("`{}` sorts", self.revisions[from].directory),
            n => format!("{n} revisions made by Diesel (the last is `{}`) sort", self.revisions[last].directory),
        };
        let (id, behind) = (&self.revisions[at].id, parent.map(|parent| self.revisions[parent].id.as_str()));
        let text = match behind {
            Some(parent) => {
                format!("{who} between {id} and its parent {parent}: it runs before {id}, which does not know it")
            }
            None => format!("{who} before {id}, which names no parent (`revises`)"),
        };
        let place = self.place(at, line);
        self.warnings.push(Note { text, place });
        Some(last)
    }

    fn unknown(&self, parent: &str, place: Place) -> Error {
        let error = Error::undecided(format!("`revises` names {parent}, and there is no such revision")).at(place);
        let nearest = super::resolve::nearest(self.revisions, parent);
        match nearest {
            Some(revision) => error.hint(format!("is it {}?", revision.label())),
            None => {
                error.hint("it may be on a branch that is not merged yet; else name the revision that this one follows")
            }
        }
    }

    /// Diesel runs by version, so the order of the graph has to be the order of the names.
    fn sorts_after(&self, at: usize, parent: usize, place: Place) -> Error {
        let (child, parent) = (&self.revisions[at], &self.revisions[parent]);
        if child.id == parent.id {
            return Error::undecided(format!("revision {} names itself as its parent", child.id)).at(place);
        }
        let message = format!(
            "`{}` follows `{}` and sorts before it, so Diesel would run it first",
            child.directory, parent.directory
        );
        let error = Error::undecided(message).at(place);
        match super::new::renamed_after(child, &parent.version) {
            Some(name) => error.hint(format!(
                "if no database has it yet, rename it: `git mv \"{}\" \"{}\"`",
                path(self.directory, &child.directory),
                path(self.directory, &name)
            )),
            None => error.hint(format!("rename it so that its name sorts after `{}`", parent.directory)),
        }
    }
}

fn path(directory: &str, name: &str) -> String {
    match directory {
        "" => name.to_owned(),
        directory => format!("{directory}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::chain::tests::sketch;
    use crate::chain::{Chain, Content};
    use crate::tree::MemTree;

    fn describe(tree: &MemTree, directory: &str) -> String {
        let chain = match Chain::load(tree, directory) {
            Ok(chain) => chain,
            Err(error) => return format!("{error:?}"),
        };
        let mut out = String::new();
        for r in chain.revisions() {
            let parents = r.parents.join(",");
            out += &format!("{} version {} parents [{parents}] \"{}\"", r.id, r.version, r.message);
            out += if r.ours { " ours" } else { "" };
            let down = chain.down(tree, r).unwrap();
            out += if down.content == Content::Missing { " no down" } else { "" };
            out += if r.run_in_transaction { "" } else { " no transaction" };
            out += &r.created.as_ref().map_or(String::new(), |time| format!(" {time}"));
            out.push('\n');
        }
        chain.warnings.iter().for_each(|note| out += &format!("{}: {}\n", note.place, note.text));
        out
    }

    fn check(files: &[(&str, &str)], expected: Expect) {
        let tree = MemTree::new(files.iter().map(|(path, text)| (*path, *text)));
        expected.assert_eq(&describe(&tree, "migrations"));
    }

    #[test]
    fn any_directory_of_diesel_is_read() {
        check(
            &[
                ("migrations/README.md", ""),
                ("migrations/.diesel_lock", ""),
                ("migrations/.hidden/x", ""),
                ("migrations/00000000000000_diesel_initial_setup/up.sql", ""),
                ("migrations/00000000000000_diesel_initial_setup/down.sql", ""),
                ("migrations/2019-11-15-182353_Add email notifications/up.sql", ""),
                ("migrations/2024-03-13_170000_sso/up.sql", ""),
                ("migrations/2024-03-14-170000/up.sql", ""),
                ("migrations/2024-03-14-170000/extra/notes.txt", ""),
                ("migrations/2025-01-01-000000-0001_x/up.sql", ""),
                ("migrations/2025-01-01-000000-0001_x/metadata.toml", "run_in_transaction = false"),
                ("elsewhere/up.sql", ""),
            ],
            expect![[r#"
                00000000000000 version 00000000000000 parents [] "diesel initial setup"
                20191115182353 version 20191115182353 parents [00000000000000] "Add email notifications" no down 2019-11-15T18:23:53Z
                20240313 version 20240313 parents [20191115182353] "170000 sso" no down
                20240314170000 version 20240314170000 parents [20240313] "2024-03-14-170000" no down 2024-03-14T17:00:00Z
                202501010000000001 version 202501010000000001 parents [20240314170000] "x" no down no transaction 2025-01-01T00:00:00Z
            "#]],
        );
        check(&[], expect![]);
        check(
            &[("migrations/10_a/up.sql", ""), ("migrations/9_b/up.sql", "")],
            expect![[r#"
            10 version 10 parents [] "a" no down
            9 version 9 parents [10] "b" no down
        "#]],
        );
    }

    #[test]
    fn the_root_of_the_tree_may_be_the_directory() {
        let tree = MemTree::new([("1_a/up.sql", "x"), ("2_b/up.sql", "y")]);
        expect![[r#"
            1 version 1 parents [] "a" no down
            2 version 2 parents [1] "b" no down
        "#]]
        .assert_eq(&describe(&tree, ""));
        let chain = Chain::load(&tree, "").unwrap();
        assert_eq!(chain.up_sql(&tree, &chain.revisions()[1]).unwrap(), "y");
    }

    #[test]
    fn what_diesel_refuses_or_would_do_in_silence() {
        check(
            &[("migrations/2024-01-01-000000_a/.gitkeep", "")],
            expect![[
                r#"migrations/2024-01-01-000000_a: the directory has no up.sql; Diesel refuses all migrations because of it (Undecided; hints: ["add an up.sql, move the directory elsewhere, or put a dot in front of its name"])"#
            ]],
        );
        check(
            &[("migrations/initial/up.sql", "")],
            expect![[
                r#"migrations/initial: the directory's name has no version: it does not begin with a digit (Undecided; hints: ["name it `<version>_<words>`, such as `2026-01-31-120000_add_users`"])"#
            ]],
        );
        check(
            &[("migrations/_x/up.sql", "")],
            expect![[
                r#"migrations/_x: the directory's name has no version: it does not begin with a digit (Undecided; hints: ["name it `<version>_<words>`, such as `2026-01-31-120000_add_users`"])"#
            ]],
        );
        check(
            &[("migrations/2020-01-01-000001_a/up.sql", ""), ("migrations/20200101000001_b/up.sql", "")],
            expect![[
                r#"migrations/20200101000001_b: `2020-01-01-000001_a` and `20200101000001_b` have one version, 20200101000001: Diesel would silently run only one of them (Undecided; hints: ["rename the one that no database has yet; the version goes up to the first `_`"])"#
            ]],
        );
        check(
            &[("migrations/123456789012345678901234567890123456789012345678901_a/up.sql", "")],
            expect![[
                r#"migrations/123456789012345678901234567890123456789012345678901_a: the version is 51 characters long, and Diesel's table has room for 50 (Undecided; hints: ["the version goes up to the first `_` of the directory's name"])"#
            ]],
        );
        check(
            &[("migrations/1_a/up.sql", ""), ("migrations/1_a/metadata.toml", "")],
            expect![[
                r#"migrations/1_a/metadata.toml:1: `run_in_transaction` is missing: Diesel reads that as false (Undecided; hints: ["add `run_in_transaction = true` as the first line (or `= false`, if that is meant)"])"#
            ]],
        );
    }

    #[test]
    fn sets_of_other_backends() {
        check(
            &[("migrations/mysql/1_a/up.sql", ""), ("migrations/sqlite/1_a/up.sql", "")],
            expect![[
                r#"migrations: the directory holds sets of migrations, not migrations: mysql, sqlite (Undecided; hints: ["name one: `--migration-dir migrations/mysql`"])"#
            ]],
        );
        check(
            &[("migrations/1_a/up.sql", ""), ("migrations/sqlite/1_a/up.sql", "")],
            expect![[r#"
            1 version 1 parents [] "a" no down
            migrations/sqlite: the directory has no up.sql but migrations of its own, which are not part of this chain; Diesel refuses a directory like that
        "#]],
        );
    }

    fn check_sketch(lines: &[&str], expected: Expect) {
        expected.assert_eq(&describe(&sketch(lines), "migrations"));
    }

    #[test]
    fn parents_of_ours() {
        check_sketch(
            &["2024-01-01-000000_one", "a after 20240101000000", "b after a", "c after a", "d after b,c"],
            expect![[r#"
                20240101000000 version 20240101000000 parents [] "one" 2024-01-01T00:00:00Z
                aaaaaaaaaaaa version 20260101120001aaaaaaaaaaaa parents [20240101000000] "step a" ours 2026-01-01T12:00:01Z
                bbbbbbbbbbbb version 20260101120002bbbbbbbbbbbb parents [aaaaaaaaaaaa] "step b" ours 2026-01-01T12:00:02Z
                cccccccccccc version 20260101120003cccccccccccc parents [aaaaaaaaaaaa] "step c" ours 2026-01-01T12:00:03Z
                dddddddddddd version 20260101120004dddddddddddd parents [bbbbbbbbbbbb,cccccccccccc] "step d" ours 2026-01-01T12:00:04Z
            "#]],
        );
        check_sketch(
            &["a after base", "2026-01-01-120001_late", "c after a"],
            expect![[r#"
            aaaaaaaaaaaa version 20260101120000aaaaaaaaaaaa parents [] "step a" ours 2026-01-01T12:00:00Z
            20260101120001 version 20260101120001 parents [aaaaaaaaaaaa] "late" 2026-01-01T12:00:01Z
            cccccccccccc version 20260101120002cccccccccccc parents [aaaaaaaaaaaa] "step c" ours 2026-01-01T12:00:02Z
            migrations/2026-01-01-120002-cccccccccccc_step_c/metadata.toml:5: `2026-01-01-120001_late` sorts between cccccccccccc and its parent aaaaaaaaaaaa: it runs before cccccccccccc, which does not know it
        "#]],
        );
        check_sketch(
            &["2024-01-01-000000_one", "a after base"],
            expect![[r#"
            20240101000000 version 20240101000000 parents [] "one" 2024-01-01T00:00:00Z
            aaaaaaaaaaaa version 20260101120001aaaaaaaaaaaa parents [] "step a" ours 2026-01-01T12:00:01Z
            migrations/2026-01-01-120001-aaaaaaaaaaaa_step_a/metadata.toml:4: `2024-01-01-000000_one` sorts before aaaaaaaaaaaa, which names no parent (`revises`)
        "#]],
        );
    }

    #[test]
    fn parents_that_cannot_be() {
        check_sketch(
            &["a after base", "b after aaaaaaaaaaac"],
            expect![[
                r#"migrations/2026-01-01-120001-bbbbbbbbbbbb_step_b/metadata.toml:5: `revises` names aaaaaaaaaaac, and there is no such revision (Undecided; hints: ["is it aaaaaaaaaaaa (step a)?"])"#
            ]],
        );
        check_sketch(
            &["a after base", "b after 0123"],
            expect![[
                r#"migrations/2026-01-01-120001-bbbbbbbbbbbb_step_b/metadata.toml:5: `revises` names 0123, and there is no such revision (Undecided; hints: ["it may be on a branch that is not merged yet; else name the revision that this one follows"])"#
            ]],
        );
        check_sketch(
            &["b after a", "a after base"],
            expect![[
                r#"migrations/2026-01-01-120000-bbbbbbbbbbbb_step_b/metadata.toml:5: `2026-01-01-120000-bbbbbbbbbbbb_step_b` follows `2026-01-01-120001-aaaaaaaaaaaa_step_a` and sorts before it, so Diesel would run it first (Undecided; hints: ["if no database has it yet, rename it: `git mv \"migrations/2026-01-01-120000-bbbbbbbbbbbb_step_b\" \"migrations/2026-01-01-120002-bbbbbbbbbbbb_step_b\"`"])"#
            ]],
        );
        check_sketch(
            &["a after a"],
            expect![
                "migrations/2026-01-01-120000-aaaaaaaaaaaa_step_a/metadata.toml:5: revision aaaaaaaaaaaa names itself as its parent (Undecided; hints: [])"
            ],
        );
        check_sketch(
            &["a after base", "a after base"],
            expect![[
                r#"migrations/2026-01-01-120001-aaaaaaaaaaaa_step_a/metadata.toml: `2026-01-01-120000-aaaaaaaaaaaa_step_a` and `2026-01-01-120001-aaaaaaaaaaaa_step_a` are both revision aaaaaaaaaaaa (Undecided; hints: ["a copied directory needs a `revision` and a name of its own"])"#
            ]],
        );
    }
}
