//! The chain: what a directory of migrations says about the revisions in it, their order, their
//! parents and heads, and which of them a database still lacks.
//!
//! It reads every directory that Diesel reads. What Diesel runs silently in another way than its
//! author meant (a `metadata.toml` that it misreads, two directories with one version) is an
//! error here. How targets are spelled is in [`target`], the schema at a revision in
//! [`replayed`]; where the backends of a project are is left to `layout`, writing to `store`.

pub mod cache;
mod load;
pub mod metadata;
pub mod new;
pub mod rebase;
pub mod replayed;
mod resolve;
pub mod script;
pub mod target;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use self::cache::{CacheStore, NoCache};
pub use self::load::directories;
pub use self::metadata::Metadata;
pub use self::new::{NewName, directory_name, free_id, name_between, new_id, new_name, slug};
pub use self::replayed::{End, catalog_at, catalog_before, catalog_with_cache};
pub(crate) use self::script::hex;
pub use self::script::{Content, Script, checksum, token_checksum};
use crate::error::{Error, Kind, Result};
use crate::place::Place;
use crate::tree::{Names, Tree};

/// The files that tell what a revision is; a directory without the first is none.
pub const REVISION_FILES: Names = &["up.sql", "metadata.toml"];

/// Something worth telling that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub text: String,
    pub place: Place,
}

/// The revisions of one directory.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Where they are, relative to the tree's root.
    pub directory: String,
    pub warnings: Vec<Note>,
    /// In the order in which Diesel applies them: by version, compared as text.
    revisions: Vec<Revision>,
    /// For each revision the positions of those that it follows: what it declares, except that
    /// revisions made by Diesel which sort in between are taken along, since they know no parent and
    /// Diesel runs them there.
    links: Vec<Vec<usize>>,
    /// Positions of the revisions that nothing follows.
    heads: Vec<usize>,
    /// Identity to position.
    index: HashMap<String, usize>,
}

/// One revision: a directory with an `up.sql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The identity: the 12 hex digits of a revision of ours, the version of one made by Diesel.
    pub id: String,
    /// What Diesel keeps in `__diesel_schema_migrations`: the directory's name up to its first
    /// `_`, without dashes.
    pub version: String,
    /// The directory's name.
    pub directory: String,
    /// The directory's name after its first `_`.
    pub slug: String,
    /// As given to `create`; else the slug in words.
    pub message: String,
    /// The identity of the first parent as declared (ours) or of the revision before (Diesel's).
    pub parent: Option<String>,
    /// All parents; two or more for a merge.
    pub parents: Vec<String>,
    /// Whether this tool made it, which its `metadata.toml` tells.
    pub ours: bool,
    /// RFC 3339, from the metadata or the version where that is a time stamp.
    pub created: Option<String>,
    /// Why it cannot be reverted.
    pub irreversible: Option<String>,
    /// What its `up.sql` loses.
    pub lossy: Vec<String>,
    /// What its `down.sql` loses although it brings the schema back.
    pub lossy_down: Vec<String>,
    /// Whether it moves data.
    pub data: bool,
    /// How it goes through a table piece by piece.
    pub batch: Option<metadata::Batch>,
    /// What it puts right elsewhere; it changes nothing where a database is as the revisions before say.
    pub repair: Option<String>,
    /// What Diesel reads from `metadata.toml`; true where there is none.
    pub run_in_transaction: bool,
    /// What the tree tells about the contents of `up.sql`, see [`crate::tree::Entry::stamp`].
    pub up_stamp: Option<String>,
}

/// How a chain and a database stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending<'a> {
    /// Not applied, in the order of application.
    pub pending: Vec<&'a Revision>,
    /// Versions that are applied and have no directory, sorted.
    pub unknown: Vec<String>,
    /// Those of `pending` that sort before one that is applied.
    pub out_of_order: Vec<&'a Revision>,
}

impl Revision {
    /// The revision as sentences name it: identity and message.
    pub fn label(&self) -> String {
        format!("{} ({})", self.id, self.message)
    }
}

impl Chain {
    /// Reads a directory of migrations: one outline, and every `metadata.toml` that it names.
    ///
    /// # Errors
    /// Where Diesel refuses the directory or would silently do something else than it says: a
    /// directory without `up.sql` or without a version, a version that is there twice or longer
    /// than Diesel's column, a `metadata.toml` that Diesel misreads; and where a revision of ours
    /// follows one that is unknown or sorts after it.
    pub fn load(tree: &dyn Tree, directory: &str) -> Result<Self> {
        Self::load_with_cache(tree, directory, &mut NoCache)
    }

    /// The same; of a tree whose listing has stamps, only what is new since the last time is read.
    ///
    /// # Errors
    /// As for [`Chain::load`].
    pub fn load_with_cache(tree: &dyn Tree, directory: &str, cache: &mut dyn CacheStore) -> Result<Self> {
        load::load(tree, directory, cache)
    }

    /// Every revision in the order of application.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// The last revision in the order of application; what a new one has to sort after.
    pub fn newest(&self) -> Option<&Revision> {
        self.revisions.last()
    }

    /// The revisions that nothing follows, in the order of application.
    pub fn heads(&self) -> Vec<&Revision> {
        self.heads.iter().map(|&at| &self.revisions[at]).collect()
    }

    /// The one head; `None` for an empty chain.
    ///
    /// # Errors
    /// Where there are several, with their names.
    pub fn head(&self) -> Result<Option<&Revision>> {
        match self.heads.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(&self.revisions[*one])),
            _ => Err(self.several_heads(None)),
        }
    }

    /// The revision of that identity.
    pub fn get(&self, id: &str) -> Option<&Revision> {
        self.position(id).map(|at| &self.revisions[at])
    }

    /// The place in the order of application, from 0.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// Whether a revision builds on another and on nothing else, but for what that one builds on.
    pub fn follows_directly(&self, revision: &Revision, other: &Revision) -> bool {
        let (at, before) = (self.position(&revision.id), self.position(&other.id));
        at.zip(before).is_some_and(|(at, before)| self.links[at] == [before])
    }

    /// The revision of that version.
    pub fn by_version(&self, version: &str) -> Option<&Revision> {
        let found = self.revisions.binary_search_by(|revision| revision.version.as_str().cmp(version));
        found.ok().map(|at| &self.revisions[at])
    }

    /// The revision and everything that it builds on, in the order of application; empty for an
    /// unknown identity.
    pub fn ancestors(&self, id: &str) -> Vec<&Revision> {
        let Some(position) = self.position(id) else { return Vec::new() };
        let marks = self.ancestor_marks(&[position]);
        self.revisions.iter().zip(marks).filter_map(|(revision, marked)| marked.then_some(revision)).collect()
    }

    /// The identities of all that a revision does not build on, but for itself.
    pub fn beside(&self, id: &str) -> HashSet<String> {
        let Some(position) = self.position(id) else { return self.revisions.iter().map(|r| r.id.clone()).collect() };
        let marks = self.ancestor_marks(&[position]);
        self.revisions.iter().zip(marks).filter(|(_, marked)| !marked).map(|(r, _)| r.id.clone()).collect()
    }

    /// What of the chain is not in a database that has `applied` versions.
    pub fn pending(&self, applied: &[String]) -> Pending<'_> {
        let known: HashSet<&str> = applied.iter().map(String::as_str).collect();
        let newest = self.revisions.iter().rposition(|revision| known.contains(revision.version.as_str()));
        let mut found = Pending { pending: Vec::new(), unknown: self.unknown(applied), out_of_order: Vec::new() };
        for (at, revision) in self.revisions.iter().enumerate() {
            if !known.contains(revision.version.as_str()) {
                found.pending.push(revision);
                if newest.is_some_and(|newest| at < newest) {
                    found.out_of_order.push(revision);
                }
            }
        }
        found
    }

    /// The applied revisions that no other applied one builds on: where the database stands.
    pub fn current(&self, applied: &[String]) -> Vec<&Revision> {
        self.current_positions(&self.applied_marks(applied)).into_iter().map(|at| &self.revisions[at]).collect()
    }

    /// The path of a file of a revision.
    pub fn path(&self, revision: &Revision, file: &str) -> String {
        self.path_of(&[&revision.directory, "/", file].concat())
    }

    /// The path of what is in the directory of migrations.
    pub fn path_of(&self, name: &str) -> String {
        match self.directory.as_str() {
            "" => name.to_owned(),
            directory => [directory, "/", name].concat(),
        }
    }

    /// The text of `up.sql` as it can be run.
    ///
    /// # Errors
    /// Where it is missing, not UTF-8, or says nothing: Diesel refuses an empty one.
    pub fn up_sql(&self, tree: &dyn Tree, revision: &Revision) -> Result<String> {
        self.up(tree, revision)?.runnable()
    }

    /// The text of `down.sql` as it can be run.
    ///
    /// # Errors
    /// Where it is missing, not UTF-8, or says nothing: Diesel refuses an empty one.
    pub fn down_sql(&self, tree: &dyn Tree, revision: &Revision) -> Result<String> {
        self.down(tree, revision)?.runnable()
    }

    /// `up.sql` whatever state it is in.
    ///
    /// # Errors
    /// Where it cannot be read or is not UTF-8.
    pub fn up(&self, tree: &dyn Tree, revision: &Revision) -> Result<Script> {
        Script::read(tree, self.path(revision, "up.sql"))
    }

    /// `down.sql` whatever state it is in.
    ///
    /// # Errors
    /// Where it cannot be read or is not UTF-8.
    pub fn down(&self, tree: &dyn Tree, revision: &Revision) -> Result<Script> {
        Script::read(tree, self.path(revision, "down.sql"))
    }

    /// The error for a question that needs one head, with the way out.
    /// `choice`: what else than one line of revisions would help here.
    fn several_heads(&self, choice: Option<&str>) -> Error {
        let labels: Vec<String> = self.heads().into_iter().map(Revision::label).collect();
        let error =
            Error::new(Kind::SeveralHeads, format!("the chain has {} heads: {}", labels.len(), labels.join(", ")))
                .at(Place::file(&self.directory));
        let error = choice.into_iter().fold(error, Error::hint);
        error.hint(rebase::WAY_OUT)
    }

    fn unknown(&self, applied: &[String]) -> Vec<String> {
        let mut unknown: Vec<String> =
            applied.iter().filter(|version| self.by_version(version).is_none()).cloned().collect();
        unknown.sort();
        unknown.dedup();
        unknown
    }

    fn applied_marks(&self, applied: &[String]) -> Vec<bool> {
        let known: HashSet<&str> = applied.iter().map(String::as_str).collect();
        self.revisions.iter().map(|revision| known.contains(revision.version.as_str())).collect()
    }

    fn current_positions(&self, applied: &[bool]) -> Vec<usize> {
        let mut covered = vec![false; applied.len()];
        let mut current = Vec::new();
        for at in (0..applied.len()).rev() {
            if applied[at] && !covered[at] {
                current.push(at);
            }
            if applied[at] || covered[at] {
                self.links[at].iter().for_each(|&parent| covered[parent] = true);
            }
        }
        current.reverse();
        current
    }

    /// Marks `from` and everything that they build on. Parents sort before their children, so one
    /// pass is enough.
    fn ancestor_marks(&self, from: &[usize]) -> Vec<bool> {
        let mut marks = vec![false; self.revisions.len()];
        from.iter().for_each(|&at| marks[at] = true);
        for at in (0..marks.len()).rev() {
            if marks[at] {
                self.links[at].iter().for_each(|&parent| marks[parent] = true);
            }
        }
        marks
    }

    /// Marks `from` and everything that builds on them.
    fn descendant_marks(&self, from: &[usize]) -> Vec<bool> {
        let mut marks = vec![false; self.revisions.len()];
        from.iter().for_each(|&at| marks[at] = true);
        for at in 0..marks.len() {
            marks[at] |= self.links[at].iter().any(|&parent| marks[parent]);
        }
        marks
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Chain, Revision};
    use crate::tree::MemTree;

    /// A tree with a chain in `migrations`: each line is a directory, or for a revision of ours
    /// `id after parent,parent` with the id twelve times repeated from its one letter; versions
    /// count up with the lines.
    pub(crate) fn sketch(lines: &[&str]) -> MemTree {
        let mut tree = MemTree::default();
        for (number, line) in lines.iter().enumerate() {
            let (directory, metadata) = match line.split_once(" after ") {
                None => ((*line).to_owned(), None),
                Some((id, parents)) => ours(number, id, parents),
            };
            let base = format!("migrations/{directory}");
            tree.files.insert(format!("{base}/up.sql"), format!("CREATE TABLE t{number} (id INTEGER);\n").into_bytes());
            tree.files.insert(format!("{base}/down.sql"), format!("DROP TABLE t{number};\n").into_bytes());
            if let Some(metadata) = metadata {
                tree.files.insert(format!("{base}/metadata.toml"), metadata.into_bytes());
            }
        }
        tree
    }

    fn ours(number: usize, id: &str, parents: &str) -> (String, Option<String>) {
        let full = |letter: &str| if letter.len() == 1 { letter.repeat(12) } else { letter.to_owned() };
        let parents: Vec<String> =
            parents.split(',').filter(|p| *p != "base").map(|p| format!("\"{}\"", full(p))).collect();
        let revises = match parents.as_slice() {
            [] => String::new(),
            [one] => format!("revises = {one}\n"),
            several => format!("revises = [{}]\n", several.join(", ")),
        };
        let text = format!("run_in_transaction = true\n\n[ops-migrate]\nrevision = \"{}\"\n{revises}", full(id));
        (format!("2026-01-01-1200{number:02}-{}_step_{id}", full(id)), Some(text))
    }

    fn ids<'a>(revisions: impl IntoIterator<Item = &'a Revision>) -> String {
        let short = |r: &'a Revision| if r.ours { &r.id[..1] } else { &r.id };
        revisions.into_iter().map(short).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn heads_follow_the_parents() {
        let cases: &[(&[&str], &str)] = &[
            (&[], ""),
            (&["2024-01-01-000000_one", "2024-01-02-000000_two"], "20240102000000"),
            (&["a after base", "b after a", "c after b"], "c"),
            (&["a after base", "b after a", "c after a"], "b c"),
            (&["a after base", "b after base"], "a b"),
            (&["a after base", "b after a", "c after a", "d after b,c"], "d"),
            (&["2024-01-01-000000_one", "a after 20240101000000", "b after a"], "b"),
            // Diesel's own revision between two of ours is on the line, not a second head.
            (&["a after base", "2026-01-01-120001_late", "c after a"], "c"),
            (&["a after base", "2026-01-01-120001_late", "c after a", "d after a"], "c d"),
            (&["a after base", "b after a", "c after a", "2026-01-01-120009_late"], "b 20260101120009"),
        ];
        for (lines, expected) in cases {
            let chain = Chain::load(&sketch(lines), "migrations").unwrap();
            assert_eq!(ids(chain.heads()), *expected, "{lines:?}");
            assert_eq!(chain.head().is_err(), expected.contains(' '), "{lines:?}");
        }
    }

    #[test]
    fn ancestors_leave_the_other_branch_out() {
        let tree = sketch(&["a after base", "b after a", "c after a", "d after b", "e after c,d", "f after e"]);
        let chain = Chain::load(&tree, "migrations").unwrap();
        for (id, expected) in [("b", "a b"), ("d", "a b d"), ("c", "a c"), ("f", "a b c d e f")] {
            assert_eq!(ids(chain.ancestors(&id.repeat(12))), expected);
        }
    }

    #[test]
    fn pending_tells_gaps_and_strangers() {
        let tree = sketch(&["10_a", "11_b", "12_c", "13_d"]);
        let chain = Chain::load(&tree, "migrations").unwrap();
        let cases = [
            ("", "10 11 12 13", "", "", ""),
            ("10 11", "12 13", "", "", "11"),
            ("10 12", "11 13", "11", "", "12"),
            ("10 99 98 99", "11 12 13", "", "98 99", "10"),
            ("13 12 11 10", "", "", "", "13"),
        ];
        for (applied, pending, out_of_order, unknown, current) in cases {
            let applied: Vec<String> = applied.split_whitespace().map(str::to_owned).collect();
            let found = chain.pending(&applied);
            assert_eq!(ids(found.pending), pending);
            assert_eq!(ids(found.out_of_order), out_of_order);
            assert_eq!(found.unknown.join(" "), unknown);
            assert_eq!(ids(chain.current(&applied)), current);
        }
    }

    #[test]
    fn several_heads_are_named_with_a_way_out() {
        let chain = Chain::load(&sketch(&["a after base", "b after a", "c after a"]), "migrations").unwrap();
        let error = chain.head().unwrap_err();
        expect_test::expect![[r#"migrations: the chain has 2 heads: bbbbbbbbbbbb (step b), cccccccccccc (step c) (SeveralHeads; hints: ["put those that nobody else has behind the others: `cargo ops-migrate rebase`; where all are published: `cargo ops-migrate merge`"])"#]]
        .assert_eq(&format!("{error:?}"));
    }
}
