//! One line out of two: which revisions stand where when those of one branch are put behind another, and
//! whether each still does to the schema what it did. Which of them may be moved is left to the caller.

use std::collections::{BTreeSet, HashSet};

use super::load::version_of;
use super::new::{no_time_after, renamed_after};
use super::{CacheStore, Chain, Revision, catalog_before, metadata};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::explain;
use crate::place::Place;
use crate::tree::{Overlay, Tree};

/// What to say where a chain has several heads and nobody knows which of them others have.
pub const WAY_OUT: &str = "put those that nobody else has behind the others: `cargo ops-migrate rebase`; \
                           where all are published: `cargo ops-migrate merge`";

/// A revision at its new place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// As it is.
    pub revision: Revision,
    /// The directory's new name.
    pub directory: String,
    /// The version that Diesel reads from that name.
    pub version: String,
    /// The identity from then on: of a revision made by Diesel it is the version.
    pub id: String,
    /// The identity of the revision that it follows.
    pub parent: String,
}

impl Moved {
    pub fn is_renamed(&self) -> bool {
        self.directory != self.revision.directory
    }

    pub fn is_changed(&self) -> bool {
        self.is_renamed() || self.is_reparented()
    }

    /// Whether `revises` has to name another parent; Diesel's revisions name none.
    pub fn is_reparented(&self) -> bool {
        self.revision.ours && self.revision.parents != [self.parent.as_str()]
    }
}

/// A chain with some revisions at new places.
pub struct Rebased<'a> {
    /// What they follow.
    pub onto: Revision,
    /// In the new order, with those of which nothing changes.
    pub line: Vec<Moved>,
    /// The tree as it is to be.
    pub tree: Overlay<'a>,
}

impl Rebased<'_> {
    /// Those that get another name or parent.
    pub fn changed(&self) -> impl Iterator<Item = &Moved> {
        self.line.iter().filter(|one| one.is_changed())
    }

    /// Whether there is one head, and each revision does to the schema what it did in `chain`, the others
    /// before it or not.
    ///
    /// # Errors
    /// `Change` where one does not, with what both do; else as for [`Chain::load`].
    pub fn check(&self, chain: &Chain, dialect: Dialect, cache: &mut dyn CacheStore) -> Result<()> {
        let new = Chain::load(&self.tree, &chain.directory)?;
        let _ = new.head()?;
        for one in &self.line {
            let Some(revision) = new.get(&one.id) else { continue };
            let script = new.up(&self.tree, revision)?;
            let was = catalog_before(self.tree.under(), chain, dialect, &one.revision.id, cache)?;
            let found = catalog_before(&self.tree, &new, dialect, &one.id, cache)
                .and_then(|now| otherwise(&was, &now, &script.text, &script.file));
            let why = match found {
                Ok(None) => continue,
                Ok(Some(found)) => self.in_words(&found, chain, dialect, cache)?,
                Err(error) => error.to_string(),
            };
            let message =
                format!("behind {} it would do something else: {why}; nothing was written", self.onto.label());
            return Err(Error::new(Kind::Change, message)
                .at(Place::file(chain.path_of(&one.revision.directory)))
                .hint("both branches changed the same thing: edit its statements, or remove the revision and write it again on top of the other: cargo ops-migrate create"));
        }
        Ok(())
    }

    fn in_words(
        &self,
        found: &Otherwise,
        chain: &Chain,
        dialect: Dialect,
        cache: &mut dyn CacheStore,
    ) -> Result<String> {
        let mut parts = Vec::new();
        for what in &found.no_longer {
            parts.push(match self.who_does(what, chain, dialect, cache)? {
                Some(who) => format!("{what} is done by {who} already"),
                None => format!("it would no longer {what}"),
            });
        }
        parts.extend(found.instead.iter().map(|what| format!("it would {what}")));
        Ok(parts.join("; "))
    }

    /// The revision of the other branch that does the same.
    fn who_does(
        &self,
        what: &str,
        chain: &Chain,
        dialect: Dialect,
        cache: &mut dyn CacheStore,
    ) -> Result<Option<String>> {
        let tree = self.tree.under();
        let own = self.line.iter().flat_map(|one| chain.ancestors(&one.revision.id));
        let common: HashSet<&str> = own.map(|revision| revision.id.as_str()).collect();
        for revision in chain.ancestors(&self.onto.id).into_iter().filter(|r| !common.contains(r.id.as_str())) {
            let before = catalog_before(tree, chain, dialect, &revision.id, cache)?;
            let script = chain.up(tree, revision)?;
            if effects(&before, &script.text, &script.file)?.contains(what) {
                return Ok(Some(revision.label()));
            }
        }
        Ok(None)
    }
}

impl Chain {
    /// Of some revisions those that no other of them builds on, in the order of application.
    pub fn heads_among(&self, is_one: &dyn Fn(&Revision) -> bool) -> Vec<&Revision> {
        self.heads_at(is_one).into_iter().map(|at| &self.revisions[at]).collect()
    }

    fn heads_at(&self, is_one: &dyn Fn(&Revision) -> bool) -> Vec<usize> {
        self.current_positions(&self.revisions.iter().map(is_one).collect::<Vec<_>>())
    }

    /// The identities of a revision and of all that name it, or one that does, as a parent.
    pub fn and_after(&self, id: &str) -> HashSet<String> {
        let mut found = HashSet::from([id.to_owned()]);
        for revision in &self.revisions {
            if revision.parents.iter().any(|parent| found.contains(parent)) {
                found.insert(revision.id.clone());
            }
        }
        found
    }

    /// The revisions of `moving` in one line behind `onto`, branch after branch. A directory keeps its
    /// name where that sorts right already; else it is dated a second after what it follows.
    ///
    /// # Errors
    /// Where no time stamp sorts after the revisions that stay, or a file cannot be read.
    pub fn rebased<'a>(&self, tree: &'a dyn Tree, moving: &HashSet<String>, onto: &Revision) -> Result<Rebased<'a>> {
        let line = self.line_behind(moving, onto)?;
        let mut overlay = Overlay::new(tree);
        for one in line.iter().filter(|one| one.is_changed()) {
            let (from, to) = (self.path_of(&one.revision.directory), self.path_of(&one.directory));
            for entry in tree.files(&from)?.iter() {
                let mut bytes = tree.read(&entry.path)?.unwrap_or_default();
                let name = entry.path.strip_prefix(&from).unwrap_or_default();
                if name == "/metadata.toml" && one.is_reparented() {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    bytes = metadata::with_parent(&text, &entry.path, &one.parent)?.into_bytes();
                }
                overlay.over.insert(format!("{to}{name}"), bytes);
            }
            overlay.gone.insert(from);
        }
        Ok(Rebased { onto: onto.clone(), line, tree: overlay })
    }

    fn line_behind(&self, moving: &HashSet<String>, onto: &Revision) -> Result<Vec<Moved>> {
        let staying = self.revisions.iter().filter(|revision| !moving.contains(&revision.id));
        let mut newest = staying.map(|revision| revision.version.clone()).max().unwrap_or_default();
        let mut parent = onto.id.clone();
        let mut line = Vec::new();
        for revision in self.in_line(moving) {
            let directory = if revision.version > newest {
                revision.directory.clone()
            } else {
                renamed_after(revision, &newest).ok_or_else(|| no_time_after(&newest))?
            };
            let (version, _) = version_of(&self.directory, &directory)?;
            let id = if revision.ours { revision.id.clone() } else { version.clone() };
            newest.clone_from(&version);
            let follows = std::mem::replace(&mut parent, id.clone());
            line.push(Moved { revision: revision.clone(), directory, version, id, parent: follows });
        }
        Ok(line)
    }

    /// Branch after branch, each in the order of application.
    fn in_line(&self, moving: &HashSet<String>) -> Vec<&Revision> {
        let is_moving = |revision: &Revision| moving.contains(&revision.id);
        let mut placed = vec![false; self.revisions.len()];
        let mut line = Vec::new();
        for head in self.heads_at(&is_moving) {
            let marks = self.ancestor_marks(&[head]);
            for at in (0..marks.len()).filter(|&at| marks[at] && is_moving(&self.revisions[at])) {
                if !std::mem::replace(&mut placed[at], true) {
                    line.push(&self.revisions[at]);
                }
            }
        }
        line
    }
}

/// What a script does to one catalog and not to another, and the other way round, in words.
#[derive(Debug, Default, PartialEq, Eq)]
struct Otherwise {
    no_longer: Vec<String>,
    instead: Vec<String>,
}

/// How the effect of a script differs where another catalog is before it; `None` where it does not.
fn otherwise(before: &Catalog, now: &Catalog, script: &str, file: &str) -> Result<Option<Otherwise>> {
    let (was, is) = (effects(before, script, file)?, effects(now, script, file)?);
    let only = |of: &BTreeSet<String>, other: &BTreeSet<String>| of.difference(other).cloned().collect::<Vec<_>>();
    let found = Otherwise { no_longer: only(&was, &is), instead: only(&is, &was) };
    Ok(Some(found).filter(|found| *found != Otherwise::default()))
}

/// What a script does from a catalog on, in words.
fn effects(before: &Catalog, script: &str, file: &str) -> Result<BTreeSet<String>> {
    let effect = explain::effect(before, script, file)?;
    Ok(effect.operations.iter().map(|operation| operation.describe()).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use expect_test::{Expect, expect};

    use crate::chain::Chain;
    use crate::chain::tests::sketch;

    /// Moves the revisions that begin with these letters behind the last head of all others.
    fn check(lines: &[&str], moving: &str, expected: Expect) {
        let chain = Chain::load(&sketch(lines), "migrations").unwrap();
        let moving: Vec<&str> = moving.split(' ').collect();
        let is_one = |id: &str| moving.iter().any(|start| id.starts_with(start));
        let ids: HashSet<String> = chain.revisions().iter().map(|r| r.id.clone()).filter(|id| is_one(id)).collect();
        let onto = chain.heads_among(&|r| !ids.contains(&r.id)).pop().unwrap();
        let found = match chain.line_behind(&ids, onto) {
            Err(error) => format!("{error}\n"),
            Ok(line) => line
                .iter()
                .map(|one| {
                    let name = if one.is_renamed() { one.directory.as_str() } else { "its name" };
                    let again = if one.is_reparented() { "now follows" } else { "follows" };
                    format!("{}: {name}, {again} {}\n", one.revision.slug, one.parent)
                })
                .collect(),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn branches_become_one_line() {
        let fork = &["a after base", "b after a", "c after a", "d after b"];
        check(
            fork,
            "b d",
            expect![[r#"
                step_b: 2026-01-01-120003-bbbbbbbbbbbb_step_b, now follows cccccccccccc
                step_d: its name, follows bbbbbbbbbbbb
            "#]],
        );
        check(
            fork,
            "c",
            expect![[r#"
            step_c: 2026-01-01-120004-cccccccccccc_step_c, now follows dddddddddddd
        "#]],
        );
        check(
            &["a after base", "b after a", "c after a", "d after a"],
            "c d",
            expect![[r#"
            step_c: its name, now follows bbbbbbbbbbbb
            step_d: its name, now follows cccccccccccc
        "#]],
        );
        check(
            &["a after base", "b after a", "c after a", "d after b,c"],
            "b d",
            expect![[r#"
                step_b: 2026-01-01-120003-bbbbbbbbbbbb_step_b, now follows cccccccccccc
                step_d: its name, now follows bbbbbbbbbbbb
            "#]],
        );
    }

    #[test]
    fn revisions_of_diesel_change_their_identity_with_their_name() {
        check(
            &["a after base", "2026-01-01-120001_late", "b after 20260101120001", "c after a"],
            "2026 b",
            expect![[r#"
                late: 2026-01-01-120004_late, follows cccccccccccc
                step_b: 2026-01-01-120005-bbbbbbbbbbbb_step_b, now follows 20260101120004
            "#]],
        );
        check(
            &["a after base", "b after a", "99999999999999_end"],
            "b",
            expect![[r#"
            the newest version of the chain, 99999999999999, sorts after every time stamp
        "#]],
        );
    }
}
