//! The index file, read in one pass (gitformat-index(5), versions 2 to 4). libgit2 reads it as well,
//! and makes an object of every entry and a hash of all bytes, which costs more than anything else
//! that a hook does in a large repository; git itself leaves the hash alone here. What is not known
//! (a split or sparse index) is an error, and the caller asks git.

use std::ops::Range;
use std::path::Path;

use git2::{Error, Oid};

use super::Item;

/// Bytes of a SHA-1 id; libgit2 opens no repository with others.
const ID: usize = 20;
/// Where the id, the flags and what follows them stand in an entry.
const ID_AT: usize = 40;
const FLAGS_AT: usize = ID_AT + ID;

/// An index, sorted by path.
#[derive(Debug, Default)]
pub(super) struct IndexFile {
    /// All paths, one after another.
    paths: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    path: Range<usize>,
    mode: u32,
    id: [u8; ID],
    unmerged: bool,
    /// Only meant to be added (`git add -N`): no part of what a commit would record.
    intent_to_add: bool,
}

impl IndexFile {
    /// Reads an index; a file that is not there is an empty one.
    pub(super) fn read(file: &Path) -> Result<Self, Error> {
        match std::fs::read(file) {
            Ok(bytes) => Self::parse(&bytes).ok_or_else(|| Error::from_str("an index of another form")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::from_str(&error.to_string())),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let version = number(bytes, 4)?;
        if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
            return None;
        }
        let count = usize::try_from(number(bytes, 8)?).ok()?;
        // The smallest entry, so that a damaged count reserves nothing.
        if count > bytes.len() / FLAGS_AT {
            return None;
        }
        let mut index = Self { paths: Vec::with_capacity(bytes.len() / 2), entries: Vec::with_capacity(count) };
        let mut at = 12;
        for _ in 0..count {
            at = index.take(bytes, at, version)?;
        }
        // Extensions that may be left out begin with a capital letter; the checksum ends the file.
        while at + ID < bytes.len() {
            if !bytes[at].is_ascii_uppercase() {
                return None;
            }
            at = at.checked_add(8)?.checked_add(usize::try_from(number(bytes, at + 4)?).ok()?)?;
        }
        (at + ID == bytes.len()).then_some(index)
    }

    /// Takes the entry at an offset, and gives that of the next one.
    fn take(&mut self, bytes: &[u8], at: usize, version: u32) -> Option<usize> {
        let flags = u16::from_be_bytes(bytes.get(at + FLAGS_AT..at + FLAGS_AT + 2)?.try_into().ok()?);
        let is_extended = flags & 0x4000 != 0;
        let mut name = at + FLAGS_AT + 2;
        let mut more = 0;
        if is_extended {
            more = u16::from_be_bytes(bytes.get(name..name + 2)?.try_into().ok()?);
            name += 2;
        }
        let start = self.paths.len();
        if version == 4 {
            // As many bytes of the path before are not of this one.
            let (cut, after) = varint(bytes, name)?;
            let before = self.entries.last().map_or(start..start, |entry| entry.path.clone());
            self.paths
                .extend_from_within(before.start..before.end.checked_sub(cut).filter(|end| *end >= before.start)?);
            name = after;
        }
        let length = bytes.get(name..)?.iter().position(|byte| *byte == 0)?;
        self.paths.extend_from_slice(&bytes[name..name + length]);
        self.entries.push(Entry {
            path: start..self.paths.len(),
            mode: number(bytes, at + 24)?,
            id: bytes.get(at + ID_AT..at + FLAGS_AT)?.try_into().ok()?,
            unmerged: flags & 0x3000 != 0,
            intent_to_add: more & 0x2000 != 0,
        });
        let end = name + length;
        // One to eight zeros, to a multiple of eight.
        Some(if version == 4 { end + 1 } else { at + (end - at) / 8 * 8 + 8 })
    }

    fn path(&self, entry: &Entry) -> &[u8] {
        &self.paths[entry.path.clone()]
    }

    fn item(&self, entry: &Entry) -> Option<Item> {
        let id = Oid::from_bytes(&entry.id).ok()?.to_string();
        let (path, mode, unmerged) = (self.path(entry).to_vec(), entry.mode, entry.unmerged);
        (!entry.intent_to_add).then_some(Item { path, mode, id, unmerged })
    }

    /// The entries whose path begins so.
    pub(super) fn below(&self, prefix: &[u8]) -> Vec<Item> {
        let first = self.entries.partition_point(|entry| self.path(entry) < prefix);
        let inside = self.entries[first..].iter().take_while(|entry| self.path(entry).starts_with(prefix));
        inside.filter_map(|entry| self.item(entry)).collect()
    }

    /// The entries of files of a name.
    pub(super) fn named(&self, name: &[u8]) -> Vec<Item> {
        let is_named = |path: &[u8]| {
            path.strip_suffix(name).is_some_and(|directory| directory.last().is_none_or(|byte| *byte == b'/'))
        };
        let named = self.entries.iter().filter(|entry| is_named(self.path(entry)));
        named.filter_map(|entry| self.item(entry)).collect()
    }

    /// The entry at a path.
    pub(super) fn at(&self, path: &[u8]) -> Option<Item> {
        let found = self.entries.partition_point(|entry| self.path(entry) < path);
        self.entries.get(found).filter(|entry| self.path(entry) == path).and_then(|entry| self.item(entry))
    }

    /// The path of a conflict.
    pub(super) fn conflict(&self) -> Option<&[u8]> {
        self.entries.iter().find(|entry| entry.unmerged).map(|entry| self.path(entry))
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// A number of seven bits a byte, as in the offsets of packs (gitformat-pack(5)), and where it ends.
fn varint(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = usize::from(*bytes.get(at)? & 0x7f);
    while bytes.get(at)? & 0x80 != 0 {
        at += 1;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(bytes.get(at)? & 0x7f))?;
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use tempfile::TempDir;

    use super::IndexFile;

    /// The index of some files, in a format, as git writes it.
    fn index(version: &str, paths: &[&str]) -> Vec<u8> {
        let dir = TempDir::new().unwrap();
        let git = |args: &[&str]| {
            let mut command = Command::new("git");
            let done =
                command.args(args).current_dir(dir.path()).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
            assert!(done.output().unwrap().status.success(), "{args:?}");
        };
        git(&["init", "-q"]);
        for path in paths {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "text").unwrap();
        }
        git(&["add", "-A"]);
        git(&["update-index", "--index-version", version]);
        std::fs::write(dir.path().join("later"), "text").unwrap();
        git(&["add", "-N", "later"]);
        std::fs::read(dir.path().join(".git/index")).unwrap()
    }

    const PATHS: [&str; 6] = ["Cargo.toml", "a/Cargo.toml", "a/b/c", "a/b/cc", "a/xCargo.toml", "z"];

    #[test]
    fn every_version_is_read() {
        // A file that is meant to be added needs version 3.
        for version in ["2", "4"] {
            let index = IndexFile::parse(&index(version, &PATHS)).unwrap();
            let paths = |items: Vec<super::Item>| -> Vec<String> {
                items.into_iter().map(|item| String::from_utf8(item.path).unwrap()).collect()
            };
            assert_eq!(paths(index.below(b"")), PATHS, "{version}");
            assert_eq!(paths(index.below(b"a/b/")), ["a/b/c", "a/b/cc"], "{version}");
            assert_eq!(paths(index.named(b"Cargo.toml")), ["Cargo.toml", "a/Cargo.toml"], "{version}");
            let found = index.at(b"a/b/c").unwrap();
            // What `git hash-object` says of "text".
            let id = "f3a34851d44d6b97c90fbb99dd3d18c261b9a237";
            assert_eq!((found.mode, found.unmerged, found.id.as_str()), (0o100_644, false, id), "{version}");
            assert!(index.at(b"a/b").is_none() && index.at(b"later").is_none() && index.conflict().is_none());
        }
    }

    #[test]
    fn what_is_cut_off_or_of_another_form_is_refused() {
        for version in ["2", "4"] {
            let whole = index(version, &PATHS);
            for length in 0..whole.len() {
                assert!(IndexFile::parse(&whole[..length]).is_none(), "{version} {length}");
            }
            for (at, byte) in [(0, b'X'), (7, 9), (8, 0xff), (11, 0xff)] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                assert!(IndexFile::parse(&damaged).is_none(), "{version} {at}");
            }
            // Whatever a byte becomes, there is an answer or none.
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] ^= 0xff;
                let _whatever = IndexFile::parse(&damaged).map(|index| index.below(b"").len());
            }
            let mut split = whole.clone();
            split.splice(whole.len() - 20..whole.len() - 20, *b"link\0\0\0\x04abcd");
            assert!(IndexFile::parse(&split).is_none());
        }
    }
}
