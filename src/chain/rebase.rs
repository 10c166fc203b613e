//! One line out of two: which revisions stand where when those of one branch are put behind another.
//! Which of them may be moved, and whether the result holds, is left to the caller.

use std::collections::{BTreeSet, HashSet};

use super::load::version_of;
use super::new::{no_time_after, renamed_after};
use super::{Chain, Revision};
use crate::catalog::Catalog;
use crate::error::Result;
use crate::explain;

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

    /// Whether `revises` has to name another parent; Diesel's revisions name none.
    pub fn is_reparented(&self) -> bool {
        self.revision.ours && self.revision.parents != [self.parent.as_str()]
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
    /// Where no time stamp sorts after the revisions that stay.
    pub fn rebased(&self, moving: &HashSet<String>, onto: &Revision) -> Result<Vec<Moved>> {
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
pub struct Otherwise {
    pub no_longer: Vec<String>,
    pub instead: Vec<String>,
}

/// How the effect of a script differs where another catalog is before it; `None` where it does not.
///
/// # Errors
/// Where it cannot be followed from there.
pub fn otherwise(before: &Catalog, now: &Catalog, script: &str, file: &str) -> Result<Option<Otherwise>> {
    let (was, is) = (effects(before, script, file)?, effects(now, script, file)?);
    let only = |of: &BTreeSet<String>, other: &BTreeSet<String>| of.difference(other).cloned().collect::<Vec<_>>();
    let found = Otherwise { no_longer: only(&was, &is), instead: only(&is, &was) };
    Ok(Some(found).filter(|found| *found != Otherwise::default()))
}

/// What a script does from a catalog on, in words.
///
/// # Errors
/// Where it cannot be followed.
pub fn effects(before: &Catalog, script: &str, file: &str) -> Result<BTreeSet<String>> {
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
        let found = match chain.rebased(&ids, onto) {
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
