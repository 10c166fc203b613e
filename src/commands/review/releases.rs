//! What was released together, as the tags of the repository tell: a table that a release brings is new
//! to every revision of that release.

use std::collections::BTreeMap;

use crate::chain::Chain;
use crate::error::Result;
use crate::git::{Repo, Rev, Tag};
use crate::layout::Group;
use crate::tree::Tree as _;

/// Seconds; releases that ended so long before the newest revision tell nothing of it.
const YEAR: i64 = 366 * 24 * 3600;

/// The first release that had each directory of a chain, counted from the first; those that no release
/// has come with the next. The revisions of the very first release are left out: most projects have
/// releases before the first that has the chain where it is now.
///
/// # Errors
/// Where the repository cannot be read.
pub(super) fn releases(repo: &Repo, group: &Group, chain: &Chain) -> Result<BTreeMap<String, usize>> {
    let tags: Vec<Tag> = repo.tags()?.into_iter().filter(|tag| is_release(&tag.name)).collect();
    let (mut first, mut count, mut last) = (BTreeMap::new(), 0, None);
    for tag in tags {
        let directories = repo.tree(Rev::Commit(tag.commit)).directories(&group.directory)?;
        if directories.is_empty() {
            continue;
        }
        count += 1;
        last = Some(tag.time);
        for directory in directories {
            first.entry(directory).or_insert(count);
        }
    }
    let head = repo.head()?.map(|head| repo.time_of(&head)).transpose()?;
    let is_kept_up = last.zip(head).is_some_and(|(last, head)| head - last < YEAR);
    if is_kept_up {
        for revision in chain.revisions() {
            first.entry(revision.directory.clone()).or_insert(count + 1);
        }
    }
    first.retain(|_, release| *release > 1);
    Ok(first)
}

/// Whether a tag's name ends with a version (`v1.2.0`, `server-3`) and says nothing of a release before it
/// (`1.2.0-rc.1`).
fn is_release(name: &str) -> bool {
    const BEFORE: [&str; 10] =
        ["alpha", "beta", "rc", "pre", "preview", "nightly", "dev", "test", "canary", "snapshot"];
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let version = &name[stem.len()..];
    let has_version = stem.bytes().zip(stem.bytes().skip(1)).any(|(a, b)| a.is_ascii_digit() && b == b'.');
    let mut words = stem.split(|c: char| !c.is_ascii_alphabetic());
    version.starts_with(|c: char| c.is_ascii_digit()) && !has_version && !words.any(|word| BEFORE.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::is_release;

    #[test]
    fn versions_are_releases_and_what_comes_before_them_is_not() {
        for name in ["1.2.0", "v1.2.0", "server-v0.19.3", "release-42", "2024-05-01", "r/1.0"] {
            assert!(is_release(name), "{name}");
        }
        for name in ["1.0.0-rc.1", "1.0.0-rc1", "v2-beta", "beta-3", "latest", "1.0.0-test-arm-v1.2", "1.2.0-jemalloc"]
        {
            assert!(!is_release(name), "{name}");
        }
    }
}
