//! A revision under review in tests: a released schema, then the scripts.

use std::collections::BTreeSet;

use super::ahead::Scripts;
use super::near::Reach;
use super::past::Past;
use super::rule::Rule;
use super::step::Fresh;
use super::subject::{Sibling, Subject, World};
use super::walk::{Review, Reviewed, State, review, with_subject};
use super::{Example, Finding, Severity};
use crate::catalog::Catalog;
use crate::chain::{self, Chain};
use crate::dialect::Dialect;
use crate::tree::MemTree;

/// The findings of some rules about an example, in one dialect.
pub(in crate::review) fn findings(example: &Example, dialect: Dialect, wanted: &dyn Fn(&Rule) -> bool) -> Vec<Finding> {
    reviewed(example, dialect, wanted).findings
}

/// The review of an example by some rules, those that are off by default included.
pub(in crate::review) fn reviewed(example: &Example, dialect: Dialect, wanted: &dyn Fn(&Rule) -> bool) -> Reviewed {
    let level = |rule: &Rule, _: &str| match (wanted(rule), rule.severity) {
        (false, _) => Severity::Off,
        (true, Severity::Off) => Severity::Warn,
        (true, own) => own,
    };
    in_review(example, dialect, |ready| review(ready, &level).unwrap().remove(0))
}

/// Shows what the rules get to see of an example.
pub(in crate::review) fn subject_of(example: &Example, dialect: Dialect, show: &mut dyn FnMut(&Subject<'_>)) {
    in_review(example, dialect, |ready| {
        let newest = ready.targets[0];
        let before = (ready.catalog_before)(newest).unwrap();
        let mut reach = Reach::default();
        reach.learn(&Catalog::empty(before.dialect), &before);
        let (mut after, mut fresh) = (before.clone(), Fresh::default());
        let past = Past::new(ready.tree, ready.world.chain, dialect);
        let state = State { before: &before, after: &mut after, fresh: &mut fresh, reach: &mut reach, past: &past };
        let scripts = Scripts::read(ready.tree, ready.world.chain, dialect, newest).unwrap();
        with_subject(ready, newest, &scripts, state, show);
    });
}

fn in_review<T>(example: &Example, dialect: Dialect, run: impl FnOnce(&mut Review<'_>) -> T) -> T {
    const BASE: &str = "migrations/2024-01-01-000000_base";
    const NEW: &str = "migrations/2024-02-01-000000_new";
    let mut tree = MemTree::new([(format!("{BASE}/up.sql"), example.before), (format!("{NEW}/up.sql"), example.up)]);
    for (file, text) in [("down.sql", example.down), ("metadata.toml", example.metadata)] {
        if let Some(text) = text {
            tree.files.insert(format!("{NEW}/{file}"), text.as_bytes().to_vec());
        }
    }
    const LATER: &str = "migrations/2024-03-01-000000_later";
    if example.is_late {
        tree.files.insert(format!("{LATER}/up.sql"), b"SELECT 1;".to_vec());
    }
    let chain = Chain::load(&tree, "migrations").unwrap();
    let sibling = |before| {
        let tree = MemTree::new([("other/migrations/2024-01-01-000000_base/up.sql", before)]);
        let chain = Chain::load(&tree, "other/migrations").unwrap();
        Sibling { last: chain::catalog_at(&tree, &chain, dialect, None).ok(), chain }
    };
    let siblings: Vec<Sibling> = example.sibling.map(sibling).into_iter().collect();
    let released = [BASE, LATER].map(|path| path["migrations/".len()..].to_owned()).into();
    let last = chain::catalog_at(&tree, &chain, dialect, None).ok();
    let mut models = (!example.models.is_empty()).then(|| crate::models::testing::models(example.models));
    if let Some(models) = models.as_mut().filter(|_| example.history) {
        crate::history_tables::take_rules(models, Some(&Default::default()), dialect).unwrap();
    }
    let edited = example.is_edited.then(|| NEW["migrations/".len()..].to_owned()).into_iter().collect();
    let required_columns: Vec<String> = example.required_columns.iter().map(|&name| name.to_owned()).collect();
    let name_pattern = example.name_pattern.map(|pattern| regex::Regex::new(pattern).unwrap());
    let world = World {
        edited: &edited,
        required_columns: &required_columns,
        name_pattern: name_pattern.as_ref(),
        chain: &chain,
        dialect,
        models: models.as_ref(),
        last: last.as_ref(),
        server_version: None,
        siblings: &siblings,
        released: Some(&released),
        unreleased: true,
        rows: None,
    };
    let mut catalog_before =
        |of: &chain::Revision| chain::catalog_before(&tree, &chain, dialect, &of.id, &mut chain::NoCache);
    let newest = chain.revisions().iter().find(|revision| NEW.ends_with(&revision.directory)).unwrap();
    run(&mut Review {
        tree: &tree,
        world: &world,
        targets: &[newest],
        unreleased: true,
        releases: &std::collections::BTreeMap::new(),
        with_locks: true,
        catalog_before: &mut catalog_before,
    })
}

/// `file:line text`, where `up.sql:` is left out.
pub(in crate::review) fn line(finding: &Finding) -> String {
    let file = finding.file.rsplit('/').next().unwrap_or_default();
    let place = match (file, finding.line) {
        ("up.sql", line) if line > 0 => line.to_string(),
        (file, 0) => file.to_owned(),
        (file, line) => format!("{file}:{line}"),
    };
    format!("{place} {}", finding.text)
}

/// A chain of which nothing else is known: no models, no releases, no rows.
pub(super) fn plain_world(chain: &Chain, dialect: Dialect) -> World<'_> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    World {
        chain,
        dialect,
        models: None,
        last: None,
        server_version: None,
        siblings: &[],
        released: None,
        edited: &NONE,
        required_columns: &[],
        name_pattern: None,
        unreleased: false,
        rows: None,
    }
}
